#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the JavaScript suite: each file of a directory as `cay run FILE` in a process of its own.

    tools/run_js_tests.py build/cay tests/js [NAME...]

A file passes when it exits with code 0 and its last line of output is "ok". Head comments change that:

    // expect: exit=1 stderr~REGEX      the exit code, and what stderr must match
    // expect: stdout~REGEX             what stdout must match (DOTALL, MULTILINE)
    // args: one two                    arguments after FILE
    // flags: --allow-read={tmp}        flags before FILE
    // env: NAME=value OTHER=value      added to the environment
    // before: ln -s /etc etc           a shell command, run in {tmp} beforehand
    // server: http                     runs tools/test_server.py for the test; {port} is its port

{tmp} in any of these is a fresh directory, removed afterwards.

A process that is killed by a signal, or that is still there after the time limit, has failed.
"""
import concurrent.futures
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TIMEOUT = float(os.environ.get("CAY_TEST_TIMEOUT", "10"))
PARALLEL = int(os.environ.get("CAY_TEST_PARALLEL", "2"))
REGEX_FLAGS = re.MULTILINE | re.DOTALL


class Expectation:
    """What the head of a test file asks for."""

    def __init__(self, path):
        self.code = 0
        self.patterns = []
        self.args = []
        self.flags = []
        self.env = {}
        self.before = []
        self.needs_server = False
        self.is_plain = True
        with open(path, encoding="utf-8") as file:
            for line in file:
                if not line.startswith("//"):
                    break
                self.read(line[2:].strip())

    def read(self, text):
        if text.startswith("args:"):
            self.args = text[5:].split()
        if text.startswith("flags:"):
            self.flags += text[6:].split()
        if text.startswith("env:"):
            self.env.update(word.split("=", 1) for word in text[4:].split())
        if text == "server: http":
            self.needs_server = True
        if text.startswith("before:"):
            self.before.append(text[7:].strip())
        if not text.startswith("expect:"):
            return
        rest = text[7:].strip()
        match = re.match(r"exit=(\d+)\s*", rest)
        if match:
            self.code = int(match.group(1))
            self.is_plain = False
            rest = rest[match.end():]
        match = re.match(r"(stderr|stdout)~(.*)$", rest)
        if match:
            self.patterns.append((match.group(1), match.group(2)))
        elif rest:
            raise ValueError(f"cannot read the expectation: {text}")


def last_lines(text, count=8):
    return "\n".join("      " + line for line in text.rstrip().splitlines()[-count:])


def judge(want, code, out, err):
    """The reason why a run failed, or None."""
    if code < 0:
        return f"killed by signal {-code}"
    if code != want.code:
        return f"exit code {code}, expected {want.code}"
    for stream, pattern in want.patterns:
        if not re.search(pattern, err if stream == "stderr" else out, REGEX_FLAGS):
            return f"{stream} does not match /{pattern}/"
    lines = out.rstrip("\n").split("\n")
    if want.is_plain and lines[-1] != "ok":
        return f"last line is {lines[-1]!r}, expected 'ok'"
    return None


@contextlib.contextmanager
def server(wanted):
    """The port of a server that ends with the test, "" when none is wanted."""
    if not wanted:
        yield ""
        return
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_server.py")
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.kill()


def run(cay, path):
    want = Expectation(path)
    tmp = os.path.realpath(tempfile.mkdtemp(prefix="cay-js-"))
    try:
        with server(want.needs_server) as port:
            return run_in(cay, path, want, tmp, port)
    finally:
        shutil.rmtree(tmp, ignore_errors=True)


def run_in(cay, path, want, tmp, port):
    def fill(text):
        return text.replace("{tmp}", tmp).replace("{port}", port)

    for text in want.before:
        subprocess.run(["sh", "-euc", fill(text)], cwd=tmp, check=True)
    # A turn of a test may take long on a busy machine, and under sanitizers.
    command = [cay, "run", "--max-turn-cpu=unlimited", *map(fill, want.flags), path, *map(fill, want.args)]
    env = dict(os.environ, **{name: fill(value) for name, value in want.env.items()})
    begin = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=env,
                              timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as stopped:
        out = (stopped.stdout or b"").decode("utf-8", "replace")
        err = (stopped.stderr or b"").decode("utf-8", "replace")
        return path, f"still running after {TIMEOUT:g} s", out, err, TIMEOUT
    out = done.stdout.decode("utf-8", "replace")
    err = done.stderr.decode("utf-8", "replace")
    return path, judge(want, done.returncode, out, err), out, err, time.monotonic() - begin


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    cay, folder, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    names = sorted(name for name in os.listdir(folder) if name.endswith(".js"))
    if wanted:
        names = [name for name in names if name in wanted or name[:-3] in wanted]
    paths = [os.path.join(folder, name) for name in names]
    if not paths:
        sys.exit(f"run_js_tests: no tests in {folder}")
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for path, reason, out, err, seconds in pool.map(lambda p: run(cay, p), paths):
            if reason is None:
                passed += 1
                continue
            failed += 1
            print(f"FAIL {os.path.basename(path)}: {reason} ({seconds:.1f} s)")
            for text in (out, err):
                if text.strip():
                    print(last_lines(text))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
