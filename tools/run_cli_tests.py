#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the suite of the command: the tables of a directory, and its live tests.

    tools/run_cli_tests.py build/cay tests/cli [NAME...]

Each *.toml file there is a table of cases. A case is run in an empty directory of its own:

    [[case]]
    name = "what it shows"
    args = ["run", "main.js"]        $DIR stands for the directory here and in what is expected
    files = { "main.js" = "..." }    written before; "name" = "DIR" makes a directory
    raw = { "main.js" = "ff fe" }    the same, bytes in hexadecimal
    stdin = "..."                    default: empty
    env = { NO_COLOR = "1" }
    exit = 0                         default: 0
    stdout = "..."                   exact; default: empty
    stderr = "..."                   exact; default: empty
    stdout_re = ['...']              or expressions that must all be found (MULTILINE)
    stderr_re = ['...']
    not_re = ['...']                 expressions that must be found in neither

The live*.py there have the tests that need more than that (signals, pipes, terminals, servers): functions named
test_*, which take a Cay of this file and raise AssertionError or Skip.

A run that is killed by a signal, or is still there after the time limit, has failed. So has one that
says nothing at all about a failure.
"""
import concurrent.futures
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback

TIMEOUT = float(os.environ.get("CAY_TEST_TIMEOUT", "20"))
PARALLEL = int(os.environ.get("CAY_TEST_PARALLEL", "2"))
KEYS = {"name", "args", "files", "raw", "stdin", "env", "exit", "stdout", "stderr", "stdout_re",
        "stderr_re", "not_re"}


class Skip(Exception):
    """This machine cannot show it."""


class Cay:
    """The command under test, with a directory to run it in."""

    def __init__(self, binary, directory):
        self.binary = binary
        self.dir = pathlib.Path(directory)

    def environment(self, more=None):
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        env.update(more or {})
        return env

    def run(self, *args, stdin=b"", env=None, timeout=TIMEOUT, **how):
        """The completed process, its output as bytes."""
        how.setdefault("stdout", subprocess.PIPE)
        how.setdefault("stderr", subprocess.PIPE)
        if "stdin" not in how:
            how["input"] = stdin
        return subprocess.run([self.binary, *args], cwd=self.dir, env=self.environment(env),
                              timeout=timeout, check=False, **how)

    def start(self, *args, **how):
        """A running process with pipes, which the caller waits for."""
        for stream in ("stdin", "stdout", "stderr"):
            how.setdefault(stream, subprocess.PIPE)
        return subprocess.Popen([self.binary, *args], cwd=self.dir, env=self.environment(), **how)

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def check_equal(what, got, expected):
    assert got == expected, f"{what}: expected {expected!r}\n      got {got!r}"


class Case:
    """One row of a table."""

    def __init__(self, table, row):
        unknown = set(row) - KEYS
        if unknown:
            raise ValueError(f"{table}: unknown keys {unknown} in {row.get('name')}")
        self.name = f"{table.stem}: {row['name']}"
        self.row = row

    def prepare(self, cay):
        for name, text in self.row.get("files", {}).items():
            if text == "DIR":
                (cay.dir / name).mkdir(parents=True)
            else:
                cay.write(name, text)
        for name, text in self.row.get("raw", {}).items():
            cay.write(name, bytes.fromhex(text))

    def check_stream(self, cay, name, got):
        patterns = self.row.get(name + "_re")
        if patterns is None:
            expected = self.row.get(name, "").replace("$DIR", str(cay.dir))
            check_equal(name, got, expected)
        for pattern in patterns or []:
            pattern = pattern.replace("$DIR", re.escape(str(cay.dir)))
            assert re.search(pattern, got, re.MULTILINE), f"{name}: no {pattern!r} in {got!r}"

    def run(self, cay):
        self.prepare(cay)
        args = [a.replace("$DIR", str(cay.dir)) for a in self.row["args"]]
        done = cay.run(*args, stdin=self.row.get("stdin", "").encode(), env=self.row.get("env"))
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == self.row.get("exit", 0), \
            f"exit code {done.returncode}, stdout {out[:500]!r}, stderr {err[:500]!r}"
        self.check_stream(cay, "stdout", out)
        self.check_stream(cay, "stderr", err)
        for pattern in self.row.get("not_re", []):
            assert not re.search(pattern, out + err, re.MULTILINE), f"{pattern!r} in {out + err!r}"


class Live:
    """One function of a live*.py."""

    def __init__(self, module, name, function):
        self.name = f"{module}: " + name[5:].replace("_", " ")
        self.run = function


def collect(directory):
    tests = []
    for table in sorted(directory.glob("*.toml")):
        with open(table, "rb") as file:
            tests += [Case(table, row) for row in tomllib.load(file)["case"]]
    for path in sorted(directory.glob("live*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        live = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(live)
        live.Skip = Skip
        tests += [Live(path.stem, name, function) for name, function in vars(live).items()
                  if name.startswith("test_")]
    names = [test.name for test in tests]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"names used twice: {twice}")
    return tests


def run_one(binary, test):
    """(outcome, detail)"""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cay-cli-") as directory:
        try:
            test.run(Cay(binary, os.path.realpath(directory)))
        except Skip as why:
            return "skip", str(why)
        except subprocess.TimeoutExpired:
            return "FAIL", f"still running after {time.monotonic() - started:.0f} s"
        except AssertionError as why:
            return "FAIL", str(why) or traceback.format_exc(limit=-1)
        except Exception:  # the test itself is wrong: its failure, not the end of the suite
            return "FAIL", traceback.format_exc(limit=-2)
    return "ok", f"{(time.monotonic() - started) * 1000:.0f} ms"


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    sys.dont_write_bytecode = True
    binary = os.path.abspath(sys.argv[1])
    if not os.access(binary, os.X_OK):
        print(f"{binary} cannot be run\n0 passed, 1 failed")
        return 1
    tests = collect(pathlib.Path(sys.argv[2]))
    if sys.argv[3:]:
        tests = [t for t in tests if any(word in t.name for word in sys.argv[3:])]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for test, (outcome, detail) in zip(tests, pool.map(lambda t: run_one(binary, t), tests)):
            failed += outcome == "FAIL"
            if outcome != "ok" or os.environ.get("CAY_TEST_VERBOSE"):
                print(f"{outcome}  {test.name}: {detail}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
