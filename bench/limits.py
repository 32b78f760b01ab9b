#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What limits cost: the same scripts with every limit set and with none, interleaved.

    bench/limits.py --cay build/cay [--rounds 15] [--json FILE]

Prints the median of each, the spread, and the median of the ratios of neighbouring runs (with / without). The
order within a pair alternates, so that what drifts on a shared machine falls on both.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "js")
NAMES = ["memory", "heap", "cpu", "turn-cpu", "wall", "idle", "startup", "queue", "queue-bytes", "ports", "timers",
         "ops", "workers", "output"]
OFF = [f"--max-{name}=unlimited" for name in NAMES] + ["--soft-limit=unlimited"]
ON = ["--max-memory=1G", "--max-heap=512M", "--max-cpu=10m", "--max-turn-cpu=1m", "--max-wall=1h", "--max-idle=10m",
      "--max-startup=1m", "--max-queue=10000", "--max-queue-bytes=16M", "--max-ports=1000", "--max-timers=10000",
      "--max-ops=10000", "--max-workers=16", "--max-output=64M", "--soft-limit=80"]
CASES = [("round trip parent-child", ["roundtrip.mjs", "object"], "µs", 1000),
         ("round trip worker-worker", ["ports.mjs"], "µs", 1000),
         ("flood child to parent", ["flood.mjs"], "µs a message", 1000),
         ("CPU-bound script", ["compute.mjs"], "ms", 1)]


def measure(cay, flags, script):
    """The median of the script's samples in milliseconds."""
    command = [cay, "run", *flags, os.path.join(HERE, script[0]), *script[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT"):
            return statistics.median(json.loads(line[len("RESULT"):])["samples"])
    sys.exit(f"limits: {script[0]} gave no result (exit {done.returncode}): {done.stderr.strip()[:500]}")


def compare(cay, script, rounds):
    """[(with, without)] of each round."""
    pairs = []
    for i in range(rounds + 1):
        order = [ON, OFF] if i % 2 else [OFF, ON]
        got = {id(flags): measure(cay, flags, script) for flags in order}
        if i:  # the first is the warm-up
            pairs.append((got[id(ON)], got[id(OFF)]))
    return pairs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cay", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    options = parser.parse_args()
    history = {}
    print(f"{options.rounds} rounds, load {os.getloadavg()[0]:.1f}; limits on / off")
    for label, script, unit, scale in CASES:
        pairs = compare(os.path.abspath(options.cay), script, options.rounds)
        on = [a * scale for a, _ in pairs]
        off = [b * scale for _, b in pairs]
        ratios = [a / b for a, b in pairs]
        history[label] = {"on": on, "off": off, "unit": unit}
        print(f"{label:26} {statistics.median(on):8.3f} ({min(on):.3f}-{max(on):.3f}) / {statistics.median(off):8.3f} "
              f"({min(off):.3f}-{max(off):.3f}) {unit}: {100 * (statistics.median(ratios) - 1):+.1f} %", flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(history, file, indent=1)


if __name__ == "__main__":
    main()
