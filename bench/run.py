#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the same JavaScript on cay and on every other runtime found, and compares.

The runs are interleaved: in each round every case is run once on every runtime, in an order that
rotates, so that a machine that grows slower or noisier for a while does so for all of them. See
README.md beside this file for what each case measures.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import datetime
import json
import os
import pathlib
import shlex
import shutil
import time

import cases
import machine
import report
from child import Child, Stop
from fixtures import Fixture, Fixtures

HERE = pathlib.Path(__file__).resolve().parent
BASE = "cay"
DEFAULT_ROUNDS = 4
RSS_CAP = 12 * 1024**3
# Load for each CPU above which the numbers are not worth much.
BUSY = 0.4

# How each of the others is told to run a file, with nothing asked and nothing looked up.
PEERS = {
    "deno": ["run", "-A", "--quiet", "--no-config", "--no-lock"],
    "node": [],
    "bun": [],
}

# Variables that change what a runtime does; the comparison is of defaults.
CLEARED = ("NODE_OPTIONS", "NODE_PATH", "BUN_OPTIONS", "DENO_V8_FLAGS", "UV_THREADPOOL_SIZE")


def parse_arguments():
    names = [c.name for c in cases.CASES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cay", required=True, metavar="FILE", help="the cay command to measure")
    parser.add_argument("--json", metavar="FILE", help="also write everything that was measured")
    parser.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, metavar="N")
    parser.add_argument("--case", action="append", choices=names, help="only this one; repeatable")
    parser.add_argument("--runtime", action="append", choices=list(PEERS), default=None,
                        help="only this one besides cay; repeatable")
    parser.add_argument("--cay-flags", default="", metavar="FLAGS", help="more flags for `cay run`")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.json and not pathlib.Path(options.json).resolve().parent.is_dir():
        parser.error(f"--json: no folder to write {options.json} in")
    if not os.path.isfile(options.cay) or not os.access(options.cay, os.X_OK):
        print(f"bench: no cay command at {options.cay}: build it first (`make`)", file=sys.stderr)
        sys.exit(2)
    return options


def find_runtimes(options):
    """{name: {"argv", "flags", "version"}} in the order of the table."""
    # Peers have no such limits, and some cases hold a thousand workers.
    flags = ["run", "--max-memory=unlimited", "--max-turn-cpu=unlimited", "--max-workers=unlimited",
             *shlex.split(options.cay_flags)]
    cay = os.path.abspath(options.cay)
    found = {BASE: {"argv": [cay, *flags], "flags": flags}}
    for name, peer_flags in PEERS.items():
        path = shutil.which(name)
        if path and (options.runtime is None or name in options.runtime):
            found[name] = {"argv": [path, *peer_flags], "flags": peer_flags}
    for name, runtime in list(found.items()):
        runtime["version"] = machine.first_line([runtime["argv"][0], "--version"])
        if runtime["version"] is None and name != BASE:
            print(f"bench: {name} is on PATH but does not run; left out", file=sys.stderr)
            del found[name]
    return found


def environment():
    env = {k: v for k, v in os.environ.items() if k not in CLEARED}
    return env | {"NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"}


def rss_cap():
    """Never so much that the machine itself would be in need."""
    available = machine.memory_bytes("MemAvailable")
    return min(RSS_CAP, int(available * 0.6)) if available else RSS_CAP


class Bench:
    """The runs and what came of them."""

    def __init__(self, options, runtimes, fixtures):
        self.fixtures = fixtures
        self.rounds = options.rounds
        wanted = [c for c in cases.CASES if not options.case or c.name in options.case]
        self.missing = {c.name: tool for c in wanted if (tool := fixtures.lacks(c))}
        self.cases = [c for c in wanted if c.name not in self.missing]
        self.runtimes = runtimes
        self.env = environment()
        self.runs = {c.name: [] for c in self.cases}

    def starter(self, name, case, opened):
        """The function a case starts its processes with. Makes what the case needs, before."""
        fixture = self.fixtures.get(case.fixture) if case.fixture else Fixture((), ())
        flags = fixture.cay_flags if name == BASE else ()

        def start(script, *args):
            argv = [*self.runtimes[name]["argv"], *flags, str(HERE / "js" / script)]
            if case.tool:
                argv = [self.fixtures.tool(script)]
            opened.append(
                Child([*argv, *args, *fixture.args], self.env, case.timeout, rss_cap())
            )
            return opened[-1]

        return start

    def run_one(self, name, case, number):
        """One run of one case on one runtime, appended to the raw results whatever it gave."""
        opened = []
        run = {"runtime": name, "round": number, "status": "ok", "numbers": {}}
        began = time.perf_counter()
        try:
            start = self.starter(name, case, opened)
            run["numbers"], run["raw"] = case.run(start, case.metrics[0].key)
        except Stop as stop:
            run["status"] = str(stop)
        finally:
            for child in opened:
                child.close()
        if run["status"] != "ok" and opened:
            run["stderr"] = opened[-1].said
        run["seconds"] = round(time.perf_counter() - began, 3)
        self.runs[case.name].append(run)

    def hopeless(self, name, case):
        """Whether a run would only wait again for what this runtime does not have."""
        mine = [r["status"] for r in self.runs[case.name] if r["runtime"] == name]
        return bool(mine) and (mine[-1] == "no event" or mine[-1].startswith("n.a."))

    def run_round(self, number):
        names = list(self.runtimes)
        for index, case in enumerate(self.cases):
            if case.max_rounds is not None and number >= case.max_rounds:
                continue
            for again in range(case.repeat):
                turn = (number + index + again) % len(names)
                for name in [BASE] if case.tool else names[turn:] + names[:turn]:
                    progress(f"round {number + 1} of {self.rounds}: {case.name} on {name}")
                    if not self.hopeless(name, case):
                        self.run_one(name, case, number)

    def results(self):
        names = list(self.runtimes)
        out = []
        for case in self.cases:
            for metric in case.metrics:
                rows = report.summarise(metric, self.runs[case.name], names, BASE)
                out.append({"case": case.name, "metric": metric, "rows": rows})
        return out


def progress(text):
    """A line that is written over, where there is someone to see it."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def ended_well(run):
    """Whether a run gave its number and its process then ended by itself without an error."""
    return run["status"] == "ok" and run["raw"].get("exit", 0) == 0


def notes(bench, record):
    """What a reader of the table has to know beside the numbers."""
    out = []
    warning = machine.build_warning(record["build"])
    if warning:
        out.append(warning)
    load, cpus = record["load"][0], record["machine"]["cpus"]
    if load > cpus * BUSY:
        out.append(f"The machine was busy before the start (load {load:.1f} on {cpus} CPUs).")
    if len(bench.runtimes) == 1:
        out.append("No deno, node or bun on PATH: there is nothing to compare with.")
    for name, tool in bench.missing.items():
        out.append(f"{name} was left out: no {tool} in the folder bench beside the command.")
    for name, runs in bench.runs.items():
        for who in bench.runtimes:
            mine = [r for r in runs if r["runtime"] == who]
            bad = [r for r in mine if r["status"] == "ok" and not ended_well(r)]
            if bad:
                code = bad[0]["raw"]["exit"]
                how = "had to be killed" if code is None else f"ended with {code}"
                out.append(f"{who} {how} after its result in {name} ({len(bad)} of {len(mine)}).")
            failed = next((r for r in mine if r["status"].startswith("failed")), None)
            if failed:
                said = (failed.get("stderr") or "nothing on stderr").splitlines()[0]
                out.append(f"{who} in {name}: {failed['status']}: {said}")
    return out


def heading(record):
    """The lines above the table: where and with what."""
    m = record["machine"]
    gib = (m["memory_bytes"] or 0) / 1024**3
    tree = (record["commit"] or "unknown")[:12] + (" with changes" if record["changed"] else "")
    load = " → ".join(f"{one:.2f}" for one in record["load"])
    lines = [
        f"{record['date']} · {m['cpu']}, {m['cpus']} CPUs, {gib:.0f} GiB, Linux {m['kernel']}",
        f"commit {tree} · {record['rounds']} rounds · load {load} · {record['seconds']:.0f} s",
    ]
    for name, one in record["runtimes"].items():
        flags = " ".join(one["flags"])
        lines.append(f"{name}: {one['version'] or 'unknown version'}, flags `{flags or 'none'}`")
    return lines


def make_record(options, bench, started, load):
    commit, changed = machine.commit(HERE)
    runtimes = {
        name: {"version": one["version"], "flags": one["flags"]}
        for name, one in bench.runtimes.items()
    }
    results = [
        {"case": one["case"], **vars(one["metric"]), "runtimes": one["rows"]}
        for one in bench.results()
    ]
    return {
        "schema": 1,
        "date": started.isoformat(timespec="seconds"),
        "seconds": (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds(),
        "machine": machine.describe(),
        "load": [load, os.getloadavg()[0]],
        "commit": commit,
        "changed": changed,
        "build": machine.build_options(options.cay),
        "rounds": options.rounds,
        "runtimes": runtimes,
        "results": results,
        "runs": bench.runs,
    }


def main():
    options = parse_arguments()
    started = datetime.datetime.now(datetime.timezone.utc)
    load = os.getloadavg()[0]
    # meson puts the tools of the bench beside the command, in a folder of their own.
    tools = pathlib.Path(options.cay).resolve().parent / "bench"
    with Fixtures(tools) as fixtures:
        bench = Bench(options, find_runtimes(options), fixtures)
        for number in range(options.rounds):
            bench.run_round(number)
    progress("")

    record = make_record(options, bench, started, load)
    print("\n".join(heading(record)), end="\n\n")
    print(report.table(bench.results(), list(bench.runtimes)))
    print("\nMedian of the runs (least–most). **n×**: cay is better by n; below 1 it is worse.")
    print("~n×: the runs of the two overlap, so the ratio is not one to rely on.")
    for note in notes(bench, record):
        print(f"- {note}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(record, f, indent=1, ensure_ascii=False)
            f.write("\n")
    ours = [r for runs in bench.runs.values() for r in runs if r["runtime"] == BASE]
    return 0 if all(ended_well(r) for r in ours) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
