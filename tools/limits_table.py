#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table of docs/limits.md from what the hostile suite measured.

    build/tests/hostile --json FILE tests/hostile && tools/limits_table.py FILE

Rows are the attacks on memory and those on built-ins that look at no request to end.
"""
import json
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs/limits.md"
WANTED = re.compile(r"^(memory|stuck|wasm|json|buffer)_")
BEGIN, END = "<!-- table -->\n", "<!-- end -->"


def limit_of(text):
    """The memory limit of an attack, as its head says it."""
    match = re.search(r"memory=([0-9.]+)([KMG])", text)
    return f"{match.group(1)} {match.group(2)}iB" if match else "64 MiB"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows = ["| attack | memory limit | ends as | peak of the process | neighbour | threads lost |\n", "|---|---|---|---|---|---|\n"]
    for one in json.loads(pathlib.Path(sys.argv[1]).read_text()):
        if WANTED.match(one["attack"]):
            name = one["attack"].replace("_", " ")
            rows.append(f"| {name} | {limit_of(one['limits'])} | {one['got']} | +{one['peak_mb']:.0f} MiB | "
                        f"{one['neighbour_ms']:.0f} ms | {one['lost']} |\n")
    text = PAGE.read_text()
    head, rest = text.split(BEGIN, 1)
    PAGE.write_text(head + BEGIN + "".join(rows) + END + rest.split(END, 1)[1])


if __name__ == "__main__":
    main()
