# SPDX-License-Identifier: MIT
"""Limits: tests that read lines of JSON, or the same thing for each option."""
import json
import os
import signal

class Skip(Exception):
    """Set by the runner to its own."""


LIMIT = 20
NAMES = ["memory", "heap", "cpu", "turn-cpu", "wall", "idle", "startup", "stack", "queue", "queue-bytes", "ports",
         "timers", "ops", "workers", "depth", "output"]
SIZES = ["memory", "heap", "stack", "queue-bytes", "output"]
TIMES = ["cpu", "turn-cpu", "wall", "idle", "startup", "grace"]
COUNTS = ["queue", "ports", "timers", "ops", "workers", "depth"]
BOUNDED = ["stack", "depth", "grace"]  # which cannot be unlimited

MIB = 1 << 20
USUAL = {"memory": 64 * MIB, "heap": 64 * MIB, "cpu": None, "turnCpu": 1000, "wall": None, "idle": None,
         "startup": 30000, "stack": MIB, "queue": 10000, "queueBytes": 16 * MIB, "ports": 1000, "timers": 10000,
         "ops": 10000, "workers": 16, "depth": 16, "output": None}
USAGE = {"cpuNs", "treeCpuNs", "wallNs", "memory", "peakMemory", "heap", "peakHeap", "buffers", "wasm", "messages",
         "host", "native", "messagesIn", "messagesOut", "queued", "slices", "ops", "ports", "timers", "workers",
         "output", "outputDropped"}


def option_of(name):
    return {"soft": "--soft-limit", "grace": "--grace"}.get(name, "--max-" + name)


def refused(cay, option, value, why):
    done = cay.run("eval", f"{option}={value}", "console.log('ran')")
    expected = f"cay: {option}: {why}\n".encode()
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", expected), (option, value, done)


def unlike(cay, name, expected, values):
    also = "" if name in BOUNDED else " or \"unlimited\""
    for value in values:
        refused(cay, option_of(name), value, f"\"{value}\" is not {expected}{also}")


def test_sizes_that_are_none(cay):
    for name in SIZES:
        unlike(cay, name, "a size such as 64M", ["", "64Q", "-1M", "M"])
    unlike(cay, "memory", "a size such as 64M",
           [" 64M", "64M ", "64 M", "64m", "0x40", "1e9", "1.5", "1..5M", ".5M", "64MM", "Unlimited", "17179869184G"])


def test_times_that_are_none(cay):
    for name in TIMES:
        unlike(cay, name, "a duration such as 200ms, 2s or 1m", ["", "100", "1d", "-1s", "s"])
    unlike(cay, "wall", "a duration such as 200ms, 2s or 1m", ["1S", "1s ", "0.5ms", "1s500ms", "99999999999999999999s"])


def test_counts_that_are_none(cay):
    for name in COUNTS:
        unlike(cay, name, "a number", ["", "x", "-1", "10K", "1.5"])


def test_percentages_that_are_none(cay):
    unlike(cay, "soft", "a percentage from 1 to 100", ["", "x", "-1", "50%%"])


def test_unlimited_where_it_cannot_be(cay):
    unlike(cay, "stack", "a size such as 64M", ["unlimited"])
    unlike(cay, "depth", "a number", ["unlimited"])
    unlike(cay, "grace", "a duration such as 200ms, 2s or 1m", ["unlimited"])


def test_values_that_leave_nothing(cay):
    for name in SIZES + COUNTS + ["soft"]:
        if name != "workers":
            refused(cay, option_of(name), "0", "\"0\" leaves nothing")
    for name in TIMES:
        refused(cay, option_of(name), "0s", "\"0s\" leaves nothing")


def test_values_out_of_range(cay):
    for name, value, why in [
            ("memory", "4095K", "3.99 MiB is too little, at least 4 MiB"),
            ("heap", "1", "1 byte is too little, at least 4 MiB"),
            ("cpu", "4ms", "4 ms is too little, at least 5 ms"),
            ("turn-cpu", "1ms", "1 ms is too little, at least 5 ms"),
            ("stack", "63K", "63 KiB is too little, at least 64 KiB"),
            ("stack", "2M", "2 MiB is too much, at most 1.5 MiB"),
            ("queue-bytes", "1023", "1023 bytes is too little, at least 1 KiB"),
            ("depth", "65", "65 is too much, at most 64"),
            ("soft", "101%", "101 is too much, at most 100"),
            ("grace", "1001ms", "1 s is too much, at most 1 s")]:
        refused(cay, option_of(name), value, why)


def limits_of(cay, *options):
    """As --stats tells them."""
    done = cay.run("eval", "--events=json", "--stats", *options, "1")
    assert done.returncode == 0, done
    return [e for e in map(json.loads, done.stderr.splitlines()) if e["event"] == "stats"][0]["limits"]


def test_values_arrive(cay):
    assert limits_of(cay) == USUAL, limits_of(cay)
    for name, value, expected in [
            ("memory", "128M", 128 * MIB), ("memory", "0.5GiB", 512 * MIB), ("memory", "8388608", 8 * MIB),
            ("heap", "8MB", 8 * MIB), ("cpu", "2s", 2000), ("turn-cpu", "2m", 120000), ("wall", "1.5s", 1500),
            ("idle", "0.25h", 900000), ("startup", "5000ms", 5000), ("stack", "1.5M", 3 * MIB // 2), ("queue", "7", 7),
            ("queue-bytes", "64K", 65536), ("ports", "8", 8), ("timers", "9", 9), ("ops", "10", 10), ("workers", "0", 0),
            ("workers", "11", 11), ("depth", "64", 64), ("output", "100B", 100), ("output", "unlimited", None)]:
        first, *rest = name.split("-")
        key = first + "".join(word.capitalize() for word in rest)
        got = limits_of(cay, f"{option_of(name)}={value}")
        assert got[key] == expected, (name, value, got)


def test_defaults_give_way(cay):
    got = limits_of(cay, "--max-memory=16M", "--max-cpu=200ms", "--max-wall=10s")
    want = dict(USUAL, memory=16 * MIB, heap=16 * MIB, queueBytes=4 * MIB, cpu=200, turnCpu=None, wall=10000, startup=None)
    assert got == want, got


def test_info_tells_the_defaults(cay):
    assert json.loads(cay.run("info", "--json").stdout)["limits"] == USUAL


def test_every_limit_is_in_the_help(cay):
    text = cay.run("help", "eval").stdout.decode()
    for name in NAMES + ["soft", "grace"]:
        assert f"      {option_of(name)}=" in text, name


def test_a_smaller_stack_holds_less(cay):
    code = "let n = 0; function f() { n++; f() } try { f() } catch {} console.log(n)"
    small, large = (int(cay.run("eval", f"--max-stack={s}", code).stdout) for s in ("64K", "1M"))
    assert 100 < small < large / 4, (small, large)


# ---- events ----

def events_of(done):
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[-1]["event"] in ("close", "terminal_error"), events
    return events


def ended_by(cay, reason, name, value, *args):
    done = cay.run("eval", "--events=json", *args)
    events = events_of(done)
    final = events[-1]
    assert (done.returncode, final["event"], final["reason"]) == (3, "terminal_error", reason), final
    assert set(final["usage"]) == USAGE and final["exitCode"] == 1, final
    limit = final["limit"]
    assert set(limit) == {"name", "value", "used"} and (limit["name"], limit["value"]) == (name, value), limit
    assert limit["used"] >= limit["value"] * 0.9, limit
    near = [e for e in events if e["event"] == "limit" and not e["over"]]
    assert all(e["used"] < e["value"] * 1.2 for e in near), events
    return events


def test_events_of_each_reason(cay):
    loop = "for (;;) {}"
    later = "setTimeout(() => {}, 1e7)"
    ended_by(cay, "cpu", "cpu", 100, "--max-cpu=100ms", f"setTimeout(() => {{ {loop} }}, 1)")
    ended_by(cay, "turn_cpu", "turn-cpu", 100, "--max-turn-cpu=100ms", loop)
    ended_by(cay, "wall", "wall", 200, "--max-wall=200ms", later)
    ended_by(cay, "idle", "idle", 100, "--max-idle=100ms", later)
    ended_by(cay, "startup", "startup", 100, "--max-startup=100ms", f"{later}; await new Promise(() => {{}})")


def test_events_of_memory(cay):
    code = "const a = []; setInterval(() => { for (let i = 0; i < 100; i++) a.push(new Array(1000).fill(i)) }, 1)"
    events = ended_by(cay, "memory", "memory", 24 * MIB, "--max-memory=24M", code)
    near = [e for e in events if e["event"] == "limit"]
    assert [(e["limit"], e["value"], e["over"]) for e in near] == [("memory", 24 * MIB, False)], events
    assert events[-1]["usage"]["peakMemory"] > 20 * MIB, events[-1]


def test_the_cpu_of_workers_below(cay):
    cay.write("w.js", "setInterval(() => { const t = Date.now(); while (Date.now() - t < 10) {} }, 0)")
    done = cay.run("eval", "--events=json", "--max-cpu=400ms", "for (let i = 0; i < 4; i++) new Worker('./w.js')")
    final = events_of(done)[-1]
    # Who runs when it is used up ends: a worker below, of which the script hears, or the script itself.
    assert (done.returncode, final["reason"]) in ((1, "uncaught"), (3, "cpu")), final
    assert final["error"]["message"].startswith("the cpu limit of 400 ms was reached"), final
    assert 360e6 < final["usage"]["treeCpuNs"] < 1200e6 and final["usage"]["cpuNs"] < 360e6, final


def test_a_limit_that_comes_near(cay):
    events = ended_by(cay, "wall", "wall", 500, "--max-wall=500ms", "--soft-limit=50", "setTimeout(() => {}, 1e7)")
    near = [e for e in events if e["event"] == "limit" and not e["over"]]
    assert [(e["limit"], e["value"]) for e in near] == [("wall", 500)] and 250 <= near[0]["used"] < 500, events
    assert events.index(near[0]) < len(events) - 1, events


def test_a_limit_that_comes_near_untold(cay):
    events = ended_by(cay, "wall", "wall", 300, "--max-wall=300ms", "--soft-limit=unlimited", "setTimeout(() => {}, 1e7)")
    assert all(e["over"] for e in events if e["event"] == "limit"), events


def test_people_are_not_told_what_comes_near(cay):
    done = cay.run("eval", "--max-wall=10s", "--soft-limit=1", "setTimeout(() => console.log('on'), 500)")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"on\n", b""), done


def test_output_that_is_dropped_is_told_once(cay):
    done = cay.run("eval", "--events=json", "--max-output=100",
                   "for (let i = 0; i < 100; i++) console.log('x'.repeat(9))")
    events = events_of(done)
    told = [e for e in events if e["event"] == "limit" and e["over"]]
    assert [(e["limit"], e["value"]) for e in told] == [("output", 100)], events
    assert (done.returncode, done.stdout) == (0, b"xxxxxxxxx\n" * 10), done
    final = events[-1]
    assert (final["reason"], final["limit"], final["usage"]["outputDropped"]) == ("closed", None, 900), final


def test_an_end_by_a_limit_with_events_beside_it(cay):
    reader, writer = os.pipe()
    done = cay.run("eval", f"--events=json:{writer}", "--max-turn-cpu=50ms", "--stats", "for (;;) {}",
                   pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        events = [json.loads(line) for line in stream]
    assert done.stderr.startswith(b"error: the script was ended by its turn-cpu limit: 50 ms allowed"), done.stderr
    assert done.stderr.count(b"\n") == 1, done.stderr
    assert [e["event"] for e in events][-2:] == ["stats", "terminal_error"], events


def test_the_line_of_figures(cay):
    done = cay.run("eval", "--events=json", "--stats", "--name=n", "new Worker('data:text/javascript,'); console.log('a')")
    events = events_of(done)
    assert [e["event"] for e in events if e["event"] != "limit"] == ["online", "stats", "close"], events
    stats = events[-2]
    assert set(stats) == {"event", "worker", "usage", "limits", "runtime"} and stats["worker"] == "n", stats
    assert stats["usage"] == events[-1]["usage"] and set(stats["usage"]) == USAGE, stats
    usage = stats["usage"]
    assert usage["output"] == 2 and usage["outputDropped"] == 0, usage
    assert 0 < usage["cpuNs"] < usage["treeCpuNs"] and usage["wallNs"] > 0, usage
    assert usage["peakMemory"] >= usage["peakHeap"] > 0 and usage["slices"] > 0, usage
    runtime = stats["runtime"]
    assert set(runtime) == {"spawned", "threads", "hogs", "handoffs", "lost", "lostMemory", "endedByLimit", "overdue",
                            "slices"}, runtime
    assert (runtime["spawned"], runtime["endedByLimit"], runtime["lost"]) == (2, 0, 0), runtime


def test_figures_of_a_script_that_a_signal_ended(cay):
    process = cay.start("eval", "--stats", "console.log('up'); setTimeout(() => {}, 1e7)")
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 143 and err.startswith(b"the script  "), (process.returncode, err)


# ---- what cannot be stopped ----

def test_a_script_that_cannot_be_stopped(cay):
    # The engine does not see a termination inside this built-in.
    done = cay.run("eval", "--max-turn-cpu=500ms", "console.log('up'); new Array(2 ** 32 - 1).indexOf(1)", timeout=60)
    assert (done.returncode, done.stdout) == (4, b"up\n"), done
    assert done.stderr.startswith(b"error: the script could not be stopped, and its thread was given up: "
                                  b"500 ms allowed (--max-turn-cpu), "), done.stderr
    assert done.stderr.count(b"\n") == 1, done.stderr


def test_the_memory_shared_with_a_worker_that_cannot_be_stopped(cay):
    # Until that one is given up, after 10 s, the others are held to the memory that they share all the same.
    grow = ("const kept = []; setInterval(() => { "
            "for (let i = 0; i < 20 && kept.length < 3000; i++) kept.push(new Array(1000).fill(kept.length)) }, 1)")
    main = ("function start(name, text, limits) {"
            "  const w = new Worker(`data:text/javascript,${encodeURIComponent(text)}`, { cay: { limits } });"
            "  w.onerror = (e) => e.preventDefault();"
            "  w.onclose = (e) => { console.log(name, e.reason); cay.exit(0) };"
            "}"
            "start('stuck', 'new Array(2 ** 32 - 1).indexOf(1)', { turnCpu: 50 });"
            f"setTimeout(() => {{ for (let i = 0; i < 4; i++) start('grows', `{grow}`) }}, 500)")
    done = cay.run("eval", "--max-memory=48M", main, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"grows memory limit\n", b""), done
