#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small rules of the house: SPDX line, file sizes (a tracked file of any kind has at most 512 KiB: no crash dump),
no markers of unfinished work, comments that cite a document of ours cite one that exists, functions under 100
lines. Exit 1 when one is broken."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CEILING = 1000
FUNCTION_CEILING = 100
BYTES_CEILING = 512 * 1024
GENERATED = {"tests/unit/codec/golden.h"}


def functions(text: str):
    """(line, length) of each function body: from a line that is '... {' at depth 0 to its '}'."""
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        if start is None and line.endswith("{") and re.match(r"^[A-Za-z_].*\)", line):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start + 1
            start = None


def main() -> int:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    bad = []
    for name in files.stdout.split():
        path = ROOT / name
        if path.exists() and path.stat().st_size > BYTES_CEILING:
            bad.append(f"{name}: {path.stat().st_size} bytes, the ceiling is {BYTES_CEILING}")
        if path.suffix not in (".c", ".h", ".cc", ".js", ".py", ".sh", ".def") or not path.exists():
            continue
        text = path.read_text()
        generated = name in GENERATED
        if "SPDX-License-Identifier: MIT" not in "\n".join(text.splitlines()[:3]):
            if not name.startswith(("tests/js/", "tests/cli/", "tests/fuzz/corpus")):
                bad.append(f"{name}:1: no SPDX line")
        if len(text.splitlines()) > CEILING and not generated:
            bad.append(f"{name}: {len(text.splitlines())} lines, the ceiling is {CEILING}")
        if re.search(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b", text):
            bad.append(f"{name}: marker of unfinished work")
        if name.startswith("src/"):
            for match in re.finditer(r"\b((?:docs|src|include|tests|tools)/[\w./-]+\.(?:md|c|h|js|py|sh))\b", text):
                if not (ROOT / match.group(1)).exists():
                    bad.append(f"{name}: cites {match.group(1)}, which does not exist")
        if path.suffix in (".c", ".cc") and not generated:
            for line, length in functions(text):
                if length > FUNCTION_CEILING:
                    bad.append(f"{name}:{line}: a function of {length} lines")
    print("\n".join(bad) if bad else "text: all rules hold")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
