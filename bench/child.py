# SPDX-License-Identifier: MIT
"""One benchmark process: start it, read its lines, watch its memory, end it.

Every process is the leader of a session of its own, so that ending it also ends what it started,
and nothing else. The only way out of Child is through close(), which leaves no process behind.
"""

import os
import queue
import signal
import subprocess
import tempfile
import threading
import time

POLL_SECONDS = 0.25
STDERR_KEPT = 2000


class Stop(Exception):
    """The process gave no usable answer; the text is what the table shows."""


def descendants(pid):
    """pid and every process below it, from one pass over /proc."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = stat_fields(int(entry))
            if fields:
                parents[int(entry)] = int(fields[1])
    found = [pid]
    for one in found:
        found.extend(p for p, parent in parents.items() if parent == one)
    return found


def stat_fields(pid):
    """The fields of /proc/PID/stat after the name, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()
    except OSError:
        return None


def rss_bytes(pid):
    """Resident size of one process, cheap enough to be read while something is timed."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def memory(pid):
    """{"rss", "pss"} in bytes, summed over pid and what it started; pss is None if not readable."""
    total = {"rss": 0, "pss": 0}
    for one in descendants(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup", encoding="ascii") as f:
                rows = dict(line.split(":", 1) for line in f if ":" in line[:20])
            total["rss"] += int(rows["Rss"].split()[0]) * 1024
            if total["pss"] is not None:
                total["pss"] += int(rows["Pss"].split()[0]) * 1024
        except (OSError, KeyError, ValueError):
            total["rss"] += rss_bytes(one)
            total["pss"] = None
    return total


def cpu_seconds(pid):
    """User and system time of pid and what it started."""
    ticks = 0
    for one in descendants(pid):
        fields = stat_fields(one)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def threads(pid):
    """Threads of pid and what it started."""
    return sum(int(f[17]) for f in map(stat_fields, descendants(pid)) if f)


class Child:
    """A running process. Use as a context manager."""

    def __init__(self, argv, env, timeout, rss_cap):
        self._errors = tempfile.TemporaryFile()
        self._lines = queue.SimpleQueue()
        self._rss_cap = rss_cap
        self.said = None
        self.started = time.perf_counter()
        self._deadline = self.started + timeout
        self._process = subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put((time.perf_counter(), line.decode("utf-8", "replace").strip()))
        self._lines.put((time.perf_counter(), None))

    def line(self, last=False):
        """(time, text) of the next line that is not empty; Stop when none will come, or, when the one
        before may have been the last, None as the text."""
        while True:
            try:
                at, text = self._lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                self._check()
                continue
            if text is None and last:
                return at, None
            if text is None:
                raise Stop(self._ended())
            if text.startswith("FAIL "):
                raise Stop(text[5:])
            if text:
                return at, text

    def expect(self, word):
        """The rest of the next line that begins with word."""
        while True:
            _, text = self.line()
            first, _, rest = text.partition(" ")
            if first == word:
                return rest

    def _check(self):
        if rss_bytes(self.pid) > self._rss_cap:
            raise Stop("n.a. (memory)")
        if time.perf_counter() > self._deadline:
            raise Stop("n.a. (timeout)")

    def _ended(self):
        code = self._wait(1)
        if code is None:
            return "n.a. (closed its output)"
        if code < 0:
            return f"failed ({signal.Signals(-code).name})"
        return f"failed (exit {code})"

    def _wait(self, seconds):
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def finish(self, seconds):
        """Exit code of a process that should end by itself, or None when it did not."""
        return self._wait(seconds)

    def close(self):
        """End the process if it still runs, and keep the end of its stderr in `said`.

        The group is ours alone: the process leads its session. Until wait() has returned, its id
        cannot belong to anyone else.
        """
        if self.said is not None:
            return
        if self._process.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(5)
        self._process.stdout.close()
        with self._errors as errors:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - STDERR_KEPT))
            self.said = errors.read().decode("utf-8", "replace").strip()
