# SPDX-License-Identifier: MIT
"""Tests of the command that need more than arguments and texts: signals, pipes, terminals, descriptors."""
import ctypes
import json
import os
import pty
import select
import signal
import subprocess
import time

class Skip(Exception):
    """Set by the runner to its own."""


LIMIT = 20


def read_line(process):
    """The first line on standard output, at most LIMIT seconds away."""
    ready, _, _ = select.select([process.stdout], [], [], LIMIT)
    assert ready, "no output"
    return process.stdout.readline()


def events_of(text):
    events = [json.loads(line) for line in text.splitlines()]
    final = [e for e in events if e["event"] in ("close", "terminal_error")]
    assert len(final) == 1 and events[-1] is final[0], events
    return events


def loop_then_signal(cay, sig, code):
    process = cay.start("eval", "console.log('up'); for (;;) {}")
    assert read_line(process) == b"up\n"
    started = time.monotonic()
    process.send_signal(sig)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (code, b"", b""), (process.returncode, out, err)
    assert time.monotonic() - started < 1.5, "it took the grace period"


def test_an_endless_loop_ends_by_sigint(cay):
    loop_then_signal(cay, signal.SIGINT, 130)


def test_an_endless_loop_ends_by_sigterm(cay):
    loop_then_signal(cay, signal.SIGTERM, 143)


def test_a_signal_ends_a_script_that_waits(cay):
    process = cay.start("eval", "setTimeout(() => {}, 1e9); console.log('up')")
    assert read_line(process) == b"up\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130, process.returncode


def test_a_signal_is_told_as_an_event(cay):
    process = cay.start("eval", "--events=json", "console.log('up'); for (;;) {}")
    assert read_line(process) == b"up\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LIMIT)
    final = events_of(err.decode())[-1]
    assert (final["event"], final["reason"]) == ("close", "terminated"), final


# The engine does not see a termination inside this built-in.
DEAF = "console.log('up'); new Array(2 ** 32 - 1).indexOf(1)"


def test_a_script_that_does_not_obey_ends_after_the_grace_period(cay):
    process = cay.start("eval", DEAF)
    assert read_line(process) == b"up\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130, process.returncode


def test_a_second_signal_ends_at_once(cay):
    process = cay.start("eval", DEAF)
    assert read_line(process) == b"up\n"
    started = time.monotonic()
    while process.poll() is None and time.monotonic() - started < LIMIT:
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 130, process.returncode
    assert time.monotonic() - started < 1.5, "it waited for the grace period"


def test_a_reader_that_never_reads_does_not_hold_a_signal(cay):
    process = cay.start("eval", "console.error('up'); for (;;) console.log('x'.repeat(1000))")
    assert process.stderr.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=LIMIT) == 130
    process.stdout.close()
    process.stderr.close()


def test_a_hangup_that_is_ignored_stays_ignored(cay):
    process = cay.start("eval", "console.log('up'); setTimeout(() => console.log('on'), 300)",
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert read_line(process) == b"up\n"
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, out, err) == (0, b"on\n", b""), (process.returncode, out, err)


def test_a_closed_pipe_ends_quietly(cay):
    process = cay.start("eval", "for (let i = 0; ; i++) console.log(i)")
    assert read_line(process) == b"0\n"
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=LIMIT) == 1, process.returncode
    assert err == b"", err


def test_a_closed_pipe_ends_a_script_that_waits(cay):
    process = cay.start("eval", "console.log('up'); setInterval(() => console.log('x'), 5)")
    assert read_line(process) == b"up\n"
    process.stdout.close()
    assert process.wait(timeout=LIMIT) == 1, process.returncode
    process.stderr.close()


def test_a_full_device_is_told_once(cay):
    with open("/dev/full", "wb") as full:
        done = cay.run("eval", "for (let i = 0; i < 1000; i++) console.log(i)", stdout=full)
    assert done.returncode == 1, done.returncode
    assert done.stderr == b"cay: cannot write to standard output: No space left on device\n", done.stderr


def test_standard_error_gone_changes_nothing(cay):
    with open("/dev/full", "wb") as full:
        done = cay.run("eval", "console.error('x'); console.log('y'); throw 1", stderr=full)
    assert (done.returncode, done.stdout) == (1, b"y\n"), done


def test_standard_streams_closed_from_the_start(cay):
    def close_all():
        for fd in (0, 1, 2):
            os.close(fd)
    process = subprocess.Popen([cay.binary, "eval", "console.log('x'); console.error('y'); cay.exit(6)"],
                               cwd=cay.dir, preexec_fn=close_all)
    assert process.wait(timeout=LIMIT) == 6, process.returncode


def test_huge_output_arrives_whole(cay):
    code = "for (let i = 0; i < 50000; i++) console.log(i, 'x'.repeat(100)); console.log('y'.repeat(8 << 20))"
    done = cay.run("eval", code, timeout=60)
    expected = b"".join(b"%d %s\n" % (i, b"x" * 100) for i in range(50000)) + b"y" * (8 << 20) + b"\n"
    assert done.returncode == 0 and done.stdout == expected, (done.returncode, len(done.stdout))


def test_a_pipe_that_does_not_block_gets_all(cay):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    process = subprocess.Popen([cay.binary, "eval", "console.log('x'.repeat(4 << 20)); console.log('end')"],
                               cwd=cay.dir, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        got = stream.read()
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0 and err == b"", (process.returncode, err)
    assert got == b"x" * (4 << 20) + b"\nend\n", len(got)


def test_output_before_an_error_comes_before_its_report(cay):
    code = "for (let i = 0; i < 1000; i++) console.log(i); new Worker('data:text/javascript,'); throw 1"
    done = cay.run("eval", code, stderr=subprocess.STDOUT)
    lines = done.stdout.decode().splitlines()
    assert lines[:1000] == [str(i) for i in range(1000)], lines[:3]
    assert lines[1000] == "error: Uncaught 1", lines[1000]


def test_lines_of_many_workers_do_not_mix(cay):
    cay.write("w.js", "for (let i = 0; i < 200; i++) console.log(name.repeat(300));")
    code = "for (let i = 0; i < 8; i++) new Worker('./w.js', { name: 'abcdefgh'[i] })"
    done = cay.run("eval", code)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert sorted(lines) == sorted(c * 300 for c in "abcdefgh" for _ in range(200)), len(lines)


# ---- events ----

def test_events_of_a_good_end(cay):
    done = cay.run("eval", "--events=json", "--name=n\u00e9", "console.log(1); cay.exit(4)")
    events = events_of(done.stderr.decode())
    assert [e["event"] for e in events] == ["online", "close"], events
    final = events[-1]
    assert (final["worker"], final["reason"], final["exitCode"], final["error"]) == \
        ("n\u00e9", "closed", 4, None), final
    assert final["usage"]["cpuNs"] > 0 and final["usage"]["peakHeap"] > 0, final
    assert (done.returncode, done.stdout) == (4, b"1\n"), done


def test_events_of_an_error(cay):
    done = cay.run("eval", "--events=json", "function f() { throw new TypeError('a\"\\\\\\n\\u001b\\u2028') }\nf()")
    error = events_of(done.stderr.decode())[-1]["error"]
    assert done.returncode == 1, done
    assert (error["name"], error["message"]) == ("TypeError", "a\"\\\n\x1b\u2028"), error
    assert (error["line"], error["column"]) == (1, 22) and error["stack"].count("\n    at ") == 2, error
    assert b"\x1b" not in done.stderr, done.stderr


def test_events_of_a_script_that_goes_on(cay):
    code = "setTimeout(() => { throw 1 }, 1); setTimeout(() => { throw new Error('two') }, 2)"
    done = cay.run("eval", "--events=json", "--uncaught=report", code)
    events = events_of(done.stderr.decode())
    assert [e["event"] for e in events] == ["online", "error", "error", "close"], events
    assert [e["error"]["message"] for e in events[1:3]] == ["1", "two"], events


def test_events_of_a_script_that_does_not_load(cay):
    cay.write("main.js", "import './none.js'")
    done = cay.run("run", "--events=json", "main.js")
    events = events_of(done.stderr.decode())
    assert [(e["event"], e.get("reason")) for e in events] == [("terminal_error", "main_module")], events
    assert done.returncode == 1, done


def test_events_on_a_descriptor_of_their_own(cay):
    reader, writer = os.pipe()
    done = cay.run("eval", f"--events=json:{writer}", "throw new Error('x')", pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        events = events_of(stream.read().decode())
    assert [e["event"] for e in events] == ["online", "terminal_error"], events
    assert done.stderr.startswith(b"error: Uncaught Error: x\n"), done.stderr


# ---- the rest ----

def on_terminal(cay, env, *args):
    """What the command writes to standard error when that is a terminal of 80 columns."""
    master, slave = pty.openpty()
    try:
        os.set_inheritable(slave, True)
        import fcntl
        import struct
        import termios
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen([cay.binary, *args], cwd=cay.dir, env=cay.environment(env),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        got = b""
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # the last writer is gone
                break
            if not chunk:
                break
            got += chunk
        process.wait(timeout=LIMIT)
    finally:
        os.close(master)
    return got.decode().replace("\r\n", "\n")


def test_colours_on_a_terminal(cay):
    text = on_terminal(cay, {}, "eval", "throw new Error('a')")
    assert text.startswith("\x1b[31merror:\x1b[0m Uncaught Error: a\n"), text


def test_no_colours_on_a_terminal_with_no_color(cay):
    text = on_terminal(cay, {"NO_COLOR": "1"}, "eval", "throw new Error('a')")
    assert text.startswith("error: Uncaught Error: a\n") and "\x1b" not in text, text


def test_a_long_line_fits_the_terminal(cay):
    text = on_terminal(cay, {"NO_COLOR": "1"}, "eval", f"'{'a' * 500}'; null.x; '{'b' * 500}'")
    shown = text.splitlines()[2]
    assert len(shown) <= 80 and "null.x" in shown, text
    assert text.splitlines()[3].index("^") == shown.index("null.x") + 5, text


def test_info_as_json(cay):
    done = cay.run("info", "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 0 and done.stderr == b"", done
    assert facts["walls"] == {"isolate": True, "process": False}, facts
    assert facts["permissions"] == ["read", "write", "net", "env", "import", "sys", "eval", "wasm", "shared-memory",
                                    "fine-clock"], facts
    assert facts["openat2"] in (True, False), facts
    assert facts["cpus"] >= 1 and facts["maxWorkers"] >= 1, facts
    with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
        assert facts["maxMapCount"] == int(file.read()), facts


def test_info_warns_of_an_old_engine(cay):
    engine = json.loads(cay.run("info", "--json").stdout)["engine"]
    text = cay.run("info").stdout.decode()
    if engine["ageDays"] is None:
        assert "its age is not known" in text, text
        return
    released = time.mktime(time.strptime(engine["released"], "%Y-%m-%d"))
    assert abs((time.time() - released) / 86400 - engine["ageDays"]) < 2, engine
    assert f"this V8 is {engine['ageDays']} days old and gets no security fixes" in text, text


def drop_reading_rights():
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_file_that_may_not_be_read(cay):
    cay.write("main.js", "")
    os.chmod(cay.dir / "main.js", 0)
    # Root reads everything by two capabilities; without them its own file of mode 0 is refused like anybody's.
    how = {"preexec_fn": drop_reading_rights} if os.geteuid() == 0 else {}
    done = cay.run("run", "main.js", **how)
    assert done.returncode == 1, done
    assert done.stderr == b"cay: cannot run \"main.js\": it may not be read\n", done.stderr


def test_a_fifo_is_refused_and_not_waited_for(cay):
    os.mkfifo(cay.dir / "pipe")
    done = cay.run("run", "pipe")
    assert done.returncode == 1, done
    assert done.stderr.startswith(b"cay: cannot run \"pipe\": it is not a regular file"), done.stderr


def test_a_working_directory_that_is_gone(cay):
    (cay.dir / "gone").mkdir()
    script = 'cd gone && rmdir ../gone && exec "$0" eval 1'
    done = subprocess.run(["sh", "-c", script, cay.binary], cwd=cay.dir, capture_output=True, check=False,
                          timeout=LIMIT)
    assert done.returncode == 1, done
    assert done.stderr == b"cay: cannot tell the working directory: No such file or directory\n", done.stderr


def test_a_name_that_is_not_utf8(cay):
    done = cay.run("eval", b"--name=\xff", "1")
    assert done.returncode == 2, done
    assert done.stderr.startswith(b"cay: cannot start the script: ") and b"UTF-8" in done.stderr, done.stderr


def test_an_argument_that_is_not_utf8(cay):
    done = cay.run("eval", "1", b"\xff")
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1, done


def test_standard_input_that_is_not_utf8(cay):
    done = cay.run("run", "-", stdin=b"'\xff'")
    assert done.returncode in (1, 2), done
    assert b"UTF-8" in done.stderr and done.stderr.count(b"\n") == 1, done.stderr


def test_a_zero_byte_in_standard_input(cay):
    done = cay.run("run", "-", stdin=b"console.log('a');\n\x00\nconsole.log('b')")
    assert done.returncode == 1 and done.stdout == b"", done
    assert done.stderr.startswith(b"error: SyntaxError: "), done.stderr
    assert b"\x00" not in done.stderr, done.stderr


def test_standard_input_past_its_bound(cay):
    process = cay.start("run", "-")
    block = b"/" * (1 << 20)
    sent = 0
    try:
        while sent < 80:
            process.stdin.write(block)
            sent += 1
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.stdin = None
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 1 and 64 <= sent < 80, (process.returncode, sent)
    assert err == b"cay: cannot run \"-\": standard input gives more than 64 MB\n", err


def test_a_directory_as_standard_input(cay):
    fd = os.open(cay.dir, os.O_RDONLY)
    done = subprocess.run(
        [cay.binary, "run", "-"], stdin=fd, capture_output=True, check=False, timeout=LIMIT)
    os.close(fd)
    assert done.returncode == 1, done
    assert done.stderr == b"cay: cannot run \"-\": Is a directory\n", done.stderr


def test_a_line_of_a_megabyte_is_not_shown(cay):
    cay.write("main.js", f"'{'a' * (1 << 20)}'; null.x")
    done = cay.run("run", "main.js")
    assert done.returncode == 1 and done.stderr.startswith(b"error: Uncaught TypeError: "), done.stderr[:200]
    assert len(done.stderr) < 1000, len(done.stderr)


def test_a_name_of_four_kilobytes(cay):
    done = cay.run("run", "x" * 4095)
    assert done.returncode == 1, done
    assert done.stderr.endswith(b"File name too long\n") and done.stderr.count(b"\n") == 1, done.stderr[-80:]


def test_quiescence_is_quick(cay):
    started = time.monotonic()
    done = cay.run("eval", "for (let i = 0; i < 16; i++) new Worker('data:text/javascript,onmessage=()=>{}')")
    assert done.returncode == 0, done
    assert time.monotonic() - started < 5, "idle workers held the command"
