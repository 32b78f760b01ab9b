# SPDX-License-Identifier: MIT
"""What is measured: how each case is started, and how numbers are taken from the running process.

A case takes a function start(script, *args) -> Child and returns {metric: number}; what a fixture
gives is added by start. Stop, raised inside, is the answer "no number" together with the reason.
"""

import json
import statistics
import time
from dataclasses import dataclass
from typing import Callable, Optional

from child import Stop, cpu_seconds, memory, threads

# How long a script may take to end by itself after its result.
LINGER_SECONDS = 3
HELLO_TIMES = 4
SETTLE_SECONDS = 0.7
SETTLE_MANY_SECONDS = 2.0
WATCH_SECONDS = 1.0


@dataclass(frozen=True)
class Metric:
    """One row of the table. `scale` turns the measured number into the unit shown."""

    key: str
    label: str
    unit: str
    scale: float = 1.0
    higher_is_better: bool = False
    ratio: bool = True


@dataclass(frozen=True)
class Case:
    """One kind of run.

    repeat: runs in each round, more than one where the result differs most between processes.
    max_rounds: bounds what is long, or needs no repetition.
    fixture: what of fixtures.py must be there; its arguments come after those of the script.
    tool: a program of the build, started by its name in place of a script, as cay and alone.
    """

    name: str
    metrics: tuple
    run: Callable
    timeout: float = 30
    repeat: int = 1
    max_rounds: Optional[int] = None
    fixture: Optional[str] = None
    tool: Optional[str] = None


def parse_answer(text):
    """The fields of a RESULT line; Stop when it is not one that a script of ours prints."""
    try:
        answer = json.loads(text)
        # Only a mean of rounded latencies ("each") can rightly be 0.
        least = 0 if "each" in answer else 1e-9
        if answer["samples"] and all(value >= least for value in answer["samples"]):
            return answer
    except (ValueError, KeyError, TypeError):
        pass
    raise Stop("failed (no usable result)")


def script(name, *args, convert=lambda value: value):
    """A case of one script that prints RESULT: the median of its samples is the run's number."""

    def run(start, metric):
        with start(name, *args) as child:
            answer = parse_answer(child.expect("RESULT"))
            code = child.finish(LINGER_SECONDS)
            raw = {"samples": answer["samples"], "n": answer["n"], "exit": code}
            if "each" in answer:
                raw["each"] = answer["each"]
            return {metric: convert(statistics.median(answer["samples"]))}, raw

    return run


def hello(start, metric):
    """From the start of the process until its first line has been read, and until it is gone."""
    first, whole = [], []
    for _ in range(HELLO_TIMES):
        with start("hello.mjs") as child:
            at, text = child.line()
            if text != "hello":
                raise Stop("failed (wrong output)")
            first.append((at - child.started) * 1000)
            code = child.finish(LINGER_SECONDS)
            if code != 0:
                raise Stop("failed (does not end)" if code is None else f"failed (exit {code})")
            whole.append((time.perf_counter() - child.started) * 1000)
    return {metric: statistics.median(first)}, {"first_line_ms": first, "exit_ms": whole}


def look_at_idle(start, count, settle, watch):
    """Memory of idle.mjs with that many workers; with `watch` also threads and CPU per second."""
    with start("idle.mjs", str(count)) as child:
        if child.expect("READY") != str(count):
            raise Stop("failed (wrong count)")
        time.sleep(settle)
        seen = memory(child.pid)
        if watch:
            before = cpu_seconds(child.pid)
            time.sleep(WATCH_SECONDS)
            seen["cpu"] = (cpu_seconds(child.pid) - before) / WATCH_SECONDS
            seen["threads"] = threads(child.pid)
        return seen


def idle(count, watch):
    """Growth of the whole process over the same script with no worker, shared out per worker."""

    def run(start, metric):
        base = look_at_idle(start, 0, SETTLE_SECONDS, False)
        settle = SETTLE_MANY_SECONDS if watch else SETTLE_SECONDS
        full = look_at_idle(start, count, settle, watch)
        numbers = {metric: (full["rss"] - base["rss"]) / count}
        if full["pss"] is not None and base["pss"] is not None:
            numbers[f"pss{count}"] = (full["pss"] - base["pss"]) / count
        if watch:
            numbers[f"threads{count}"] = full["threads"]
            numbers[f"cpu{count}"] = full["cpu"] * 1000
        return numbers, {"base": base, "full": full}

    return run


def stop(start, metric):
    """CPU that a process uses after it terminated its only worker, which was in an endless loop."""
    with start("stop.mjs") as child:
        child.expect("READY")
        before = cpu_seconds(child.pid)
        time.sleep(WATCH_SECONDS)
        used = (cpu_seconds(child.pid) - before) / WATCH_SECONDS
        return {metric: used * 100}, {"cpu": used}


def permission_check(start, metric):
    """The slowest of all kinds of checks in a set of 100 rules."""
    with start("perm-check") as child:
        raw, line = {}, child.line()[1]
        while line is not None:
            one = json.loads(line)
            raw[one["name"]] = one["median_ns"]
            line = child.line(last=True)[1]
        if not raw or child.finish(LINGER_SECONDS) != 0:
            raise Stop("failed (no usable result)")
        return {metric: max(raw.values())}, raw


KIB = 1 / 1024
US = 1000

CASES = (
    Case("hello", (Metric("hello", "process start to hello", "ms"),), hello),
    Case("spawn", (Metric("spawn", "spawn to first message", "ms"),), script("spawn.mjs")),
    Case("spawn100", (Metric("spawn100", "100 spawns at once", "ms"),), script("spawn-many.mjs")),
    Case(
        "parent-child",
        (Metric("parent-child", "round trip parent-child", "µs", US),),
        script("roundtrip.mjs", "object"),
        repeat=3,
    ),
    Case(
        "worker-worker",
        (Metric("worker-worker", "round trip worker-worker", "µs", US),),
        script("ports.mjs"),
        repeat=3,
    ),
    Case(
        "flood",
        (Metric("flood", "flood child to parent", "1000/s", 1, higher_is_better=True),),
        # Milliseconds per message, turned over, are thousands of messages a second.
        script("flood.mjs", convert=lambda ms: 1 / ms),
    ),
    Case(
        "copy",
        (Metric("copy", "round trip 1 MB copy", "µs", US),),
        script("roundtrip.mjs", "copy"),
    ),
    Case(
        "transfer",
        (Metric("transfer", "round trip 1 MB transfer", "µs", US),),
        script("roundtrip.mjs", "transfer"),
        repeat=2,
    ),
    Case(
        "terminate",
        (Metric("terminate", "terminate endless loop", "ms"),),
        script("terminate.mjs"),
    ),
    Case(
        "read-files",
        (Metric("read-files", "read 1,000 files of 64 KB", "ms"),),
        script("read-files.mjs", "serial"),
        fixture="files",
    ),
    Case(
        "read-files-together",
        (Metric("read-files-together", "the same, all at once", "ms"),),
        script("read-files.mjs", "together"),
        fixture="files",
    ),
    Case(
        "read-file",
        (Metric("read-file", "read a file of 256 MB", "ms"),),
        script("read-files.mjs", "serial"),
        repeat=2,
        fixture="file",
    ),
    Case(
        "fetch",
        (Metric("fetch", "10,000 fetches, one by one", "ms"),),
        script("fetches.mjs", "1"),
        fixture="server",
    ),
    Case(
        "fetch50",
        (Metric("fetch50", "10,000 fetches, 50 at a time", "ms"),),
        script("fetches.mjs", "50"),
        repeat=2,
        fixture="server",
    ),
    Case(
        "permission-check",
        (Metric("permission-check", "permission check, 100 rules", "ns", ratio=False),),
        permission_check,
        max_rounds=1,
        tool="perm-check",
    ),
    Case(
        "stop",
        (Metric("stop", "CPU after terminate", "% of a core", ratio=False),),
        stop,
        max_rounds=1,
    ),
    Case(
        "idle100",
        (
            Metric("idle100", "RSS per worker, 100 idle", "KiB", KIB),
            Metric("pss100", "PSS per worker, 100 idle", "KiB", KIB),
        ),
        idle(100, watch=False),
        timeout=60,
        max_rounds=2,
    ),
    Case(
        "idle1000",
        (
            Metric("idle1000", "RSS per worker, 1,000 idle", "KiB", KIB),
            Metric("pss1000", "PSS per worker, 1,000 idle", "KiB", KIB),
            Metric("threads1000", "threads, 1,000 idle", "", ratio=False),
            Metric("cpu1000", "CPU used by 1,000 idle", "ms/s", ratio=False),
        ),
        idle(1000, watch=True),
        timeout=90,
        max_rounds=1,
    ),
)
