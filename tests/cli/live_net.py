# SPDX-License-Identifier: MIT
"""Tests of the command that need a server: what is fetched, imported, kept. Every server is on loopback and ends with
its test."""
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import threading


class Skip(Exception):
    """Set by the runner to its own."""


EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/js/fetch-validate"


class Server:
    """Gives texts by path, and remembers what it was asked and how often somebody connected."""

    def __init__(self, routes, context=None):
        self.routes = routes  # path -> text, or (content type, text)
        self.asked = []
        self.connections = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                server.connections += 1
                super().setup()

            def do_GET(self):
                server.asked.append(self.path)
                answer = server.routes.get(self.path)
                kind, text = answer if isinstance(answer, tuple) else ("text/javascript", answer or "")
                body = text.encode()
                self.send_response(404 if answer is None else 200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that goes away, or does not trust us, is what some tests want

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.at = f"127.0.0.1:{self.port}"
        if context:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True,
                                                   do_handshake_on_connect=False)
        self.url = f"http{'s' if context else ''}://{self.at}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@contextlib.contextmanager
def serving(routes, context=None):
    server = Server(routes, context)
    try:
        yield server
    finally:
        server.close()


def ok(done, out):
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (0, out, ""), done


# ---- the example that fetches, validates and writes ----

GOOD = [{"id": "lamp", "name": "A lamp", "price": 40}, {"id": "chair-2", "name": "Ein Stuhl \u2603", "price": 85.5}]
HOSTILE = [
    {"id": "../../escape", "name": "up and away", "price": 1},
    {"id": "x", "name": "n", "price": "1; rm -rf"},
    {"id": "y", "name": "n" * 101, "price": 1},
    {"id": "a" * 100000, "name": "long", "price": 1},
    {"id": "z", "name": "n", "price": 1, "constructor": {"prototype": {"polluted": True}}},
    None, 7, [], "text",
]
# JSON.parse makes an own member of it; an assignment would not.
PROTO = '{"__proto__": {"id": "p", "name": "n", "price": 1}}'


def records_json():
    return json.dumps(GOOD + HOSTILE)[:-1] + "," + PROTO + "]"


def validate(cay, server, *flags, more=()):
    (cay.dir / "out").mkdir(exist_ok=True)
    return cay.run("run", *flags, str(EXAMPLE / "main.js"), f"{server.url}/records.json", str(cay.dir / "out"), *more)


def test_fetched_records_are_validated_and_written(cay):
    with serving({"/records.json": ("application/json", records_json())}) as server:
        done = validate(cay, server, f"--allow-net={server.at}", "--allow-write=out")
    assert done.returncode == 0 and done.stderr == b"", done
    assert json.loads((cay.dir / "out/records.json").read_text()) == GOOD
    lines = done.stdout.decode().splitlines()
    assert lines[-1] == "2 of 12 records kept", lines
    assert {int(line.split()[1][:-1]) for line in lines[:-1]} == set(range(2, 12)), lines
    assert "record 2: id is not as it should be" in lines, lines
    assert 'record 6: has "constructor", which nobody asked for' in lines, lines
    assert 'record 11: has "__proto__", which nobody asked for' in lines, lines
    assert os.listdir(cay.dir) == ["out"] and os.listdir(cay.dir / "out") == ["records.json"]
    assert server.asked == ["/records.json"], server.asked


def test_without_the_net_flag_nobody_is_asked(cay):
    with serving({"/records.json": "[]"}) as server:
        done = validate(cay, server, "--allow-write=out")
        assert server.connections == 0, server.asked
    assert done.returncode == 1 and done.stdout == b"", done
    assert f"--allow-net={server.at}" in done.stderr.decode(), done.stderr
    assert os.listdir(cay.dir / "out") == []


def test_without_the_write_flag_nothing_is_written(cay):
    with serving({"/records.json": json.dumps(GOOD)}) as server:
        done = validate(cay, server, f"--allow-net={server.at}")
    assert done.returncode == 1 and done.stdout == b"", done
    assert f"--allow-write={cay.dir}/out/records.json" in done.stderr.decode(), done.stderr
    assert os.listdir(cay.dir / "out") == []


def test_another_port_is_another_grant(cay):
    with serving({"/records.json": "[]"}) as server, serving({}) as other:
        done = validate(cay, server, f"--allow-net={other.at}", "--allow-write=out")
        assert server.connections == 0 and other.connections == 0
    assert done.returncode == 1 and f"--allow-net={server.at}" in done.stderr.decode(), done


def test_a_name_and_all_names_do_not_reach_loopback(cay):
    with serving({"/records.json": "[]"}) as server:
        for grant in ("--allow-net=*", "--allow-net=example.com,*.org"):
            done = validate(cay, server, grant, "--allow-write=out")
            assert done.returncode == 1 and f"--allow-net={server.at}" in done.stderr.decode(), done
        assert server.connections == 0


EVIL = """
const attempts = [
    () => fetch("$URL/taken"),
    () => import("$URL/taken"),
    () => import("./secret.js"),
    () => cay.readTextFile("$DIR/out/secret.js"),
    () => cay.writeTextFile("$DIR/out/evil.txt", ""),
    async () => new Worker("data:text/javascript,", { cay: { permissions: { write: true } } }),
    async () => new Worker("data:text/javascript,", { cay: { permissions: "inherit" } }),
    async () => cay.env.get("HOME"),
    async () => new Function("return 1")(),
];
onmessage = async ({ data }) => {
    const names = [];
    for (const attempt of attempts) {
        names.push(await attempt().then(() => "done", (error) => error.name));
    }
    postMessage(data.map(() => names));
};
"""


def test_a_hostile_validator_gets_nowhere(cay):
    with serving({"/records.json": json.dumps(GOOD), "/taken": ""}) as server:
        cay.write("out/secret.js", "export default 1")
        cay.write("out/evil.js", EVIL.replace("$URL", server.url).replace("$DIR", str(cay.dir)))
        done = validate(cay, server, f"--allow-net={server.at}", f"--allow-import={server.at}", "--allow-read=out",
                        "--allow-write=out", "--allow-env", more=[f"file://{cay.dir}/out/evil.js"])
        assert server.asked == ["/records.json"], server.asked
    assert done.returncode == 0 and done.stderr == b"", done
    lines = done.stdout.decode().splitlines()
    assert [line.split(": ")[1] for line in lines[:9]] == \
        ["NotCapable", "TypeError", "TypeError", "NotCapable", "NotCapable", "NotCapable", "done", "NotCapable",
         "EvalError"], lines
    assert lines[-1] == "0 of 2 records kept", lines
    assert sorted(os.listdir(cay.dir / "out")) == ["evil.js", "records.json", "secret.js"]


REACH = "await fetch(cay.args[0]).then(async (r) => console.log(await r.text()), (e) => console.log(e.name))"


def test_which_grants_reach_loopback(cay):
    with serving({"/": "reached"}) as server:
        named = f"http://localhost:{server.port}/"
        table = [
            (["--allow-net"], server.url, False),
            (["--allow-net"], named, False),
            (["--allow-net=0.0.0.0/0"], server.url, True),
            (["-A"], server.url, True),
            (["-A"], named, True),
            (["--allow-net=127.0.0.1"], server.url, True),
            (["--allow-net=127.0.0.0/8"], server.url, True),
            ([f"--allow-net=localhost:{server.port}"], named, True),
            (["--allow-net=*"], server.url, False),
            (["--allow-net=*"], named, False),
            ([f"--allow-net=127.0.0.1:{server.port ^ 1}"], server.url, False),
            (["--allow-net=10.0.0.0/8"], server.url, False),
            (["-A", "--deny-net=127.0.0.0/8"], server.url, False),
            (["-A", "--deny-net=127.0.0.0/8,::1"], named, False),
            (["-A", f"--deny-net=localhost:{server.port}"], named, False),
            (["--permissions=net=127.0.0.1;deny-net=127.0.0.1"], server.url, False),
            (["--allow-net=127.0.0.1"], f"http://0x7f.1:{server.port}/", True),
            (["-A"], f"http://[::ffff:127.0.0.1]:{server.port}/", None),
            (["--allow-net=*"], f"http://[::ffff:127.0.0.1]:{server.port}/", False),
            (["--allow-net=*"], f"http://2130706433:{server.port}/", False),
        ]
        for flags, url, is_reached in table:
            before = server.connections
            done = cay.run("eval", *flags, REACH, url)
            assert done.returncode == 0 and done.stderr == b"", (flags, url, done)
            if is_reached is not None:
                assert (done.stdout, server.connections > before) == \
                    ((b"reached\n", True) if is_reached else (b"NotCapable\n", False)), (flags, url, done)


# ---- modules over http ----

def modules():
    return {"/main.js": "import { b } from './b.js'; console.log('main', b);", "/b.js": "export const b = 1;",
            "/late.js": "const { b } = await import('./b.js'); console.log('late', b);"}


def test_a_url_that_is_named_is_run_and_what_it_imports_is_not(cay):
    with serving({"/alone.js": "console.log('alone', import.meta.url)", **modules()}) as server:
        ok(cay.run("run", "--no-cache", f"{server.url}/alone.js"), f"alone {server.url}/alone.js\n")
        for name in ("main", "late"):
            server.asked.clear()
            done = cay.run("run", "--no-cache", f"{server.url}/{name}.js")
            assert done.returncode == 1 and done.stdout == b"" and server.asked == [f"/{name}.js"], (done, server.asked)
            assert f"--allow-import={server.at}" in done.stderr.decode(), done
            ok(cay.run("run", "--no-cache", f"--allow-import={server.at}", f"{server.url}/{name}.js"), f"{name} 1\n")
            done = cay.run("run", "--no-cache", "-A", "--deny-import=127.0.0.1", f"{server.url}/{name}.js")
            assert done.returncode == 1 and done.stdout == b"" and b"deny-import=127.0.0.1" in done.stderr, done


def test_code_over_http_imports_no_files(cay):
    cay.write("x.js", "console.log('file')")
    with serving({"/main.js": f"import 'file://{cay.dir}/x.js'"}) as server:
        done = cay.run("run", "--no-cache", "--allow-read", "--allow-import", f"{server.url}/main.js")
    assert done.returncode == 1 and done.stdout == b"" and b"may not import files" in done.stderr, done


def run_main(cay, server, *flags, env=None):
    return cay.run("run", f"--allow-import={server.at}", *flags, f"{server.url}/main.js", env=env)


def test_code_is_kept_and_taken_from_the_cache(cay):
    with serving(modules()) as server:
        done = run_main(cay, server, "--cached-only", "--cache-dir=cache")
        assert done.returncode == 1 and server.connections == 0, done
        ok(run_main(cay, server, "--cache-dir=cache"), "main 1\n")
        server.routes["/b.js"] = "export const b = 2;"
        server.asked.clear()
        ok(run_main(cay, server, "--cache-dir=cache"), "main 1\n")
        assert server.asked == [], server.asked
        ok(run_main(cay, server, "--cache-dir=cache", "--reload"), "main 2\n")
    ok(run_main(cay, server, "--cached-only", "--cache-dir=cache"), "main 2\n")


def test_the_cache_lies_where_the_environment_says(cay):
    with serving(modules()) as server:
        home = {"HOME": str(cay.dir / "home")}
        ok(run_main(cay, server, env={**home, "XDG_CACHE_HOME": str(cay.dir / "xdg")}), "main 1\n")
        assert (cay.dir / "xdg/cay").is_dir() and not (cay.dir / "home").exists()
        ok(run_main(cay, server, env={**home, "XDG_CACHE_HOME": "relative"}), "main 1\n")
        assert (cay.dir / "home/.cache/cay").is_dir() and not (cay.dir / "relative").exists()
        server.asked.clear()
        ok(run_main(cay, server, "--no-cache", env={"HOME": str(cay.dir / "none"), "XDG_CACHE_HOME": ""}), "main 1\n")
        assert sorted(server.asked) == ["/b.js", "/main.js"] and not (cay.dir / "none").exists()


def test_a_lock_file_is_written_and_holds(cay):
    with serving(modules()) as server:
        done = run_main(cay, server, "--no-cache", "--lock=lock.json")
        assert (done.returncode, done.stderr) == \
            (2, b'cay: --lock: cannot read "lock.json": there is no such file; --lock-write makes it\n'), done
        ok(run_main(cay, server, "--no-cache", "--lock=lock.json", "--lock-write"), "main 1\n")
        assert set(json.loads((cay.dir / "lock.json").read_text())["remote"]) == \
            {f"{server.url}/main.js", f"{server.url}/b.js"}
        ok(run_main(cay, server, "--no-cache", "--lock=lock.json"), "main 1\n")
        server.routes["/b.js"] = "export const b = 'evil';"
        for flags in ([], ["--lock-write"]):
            done = run_main(cay, server, "--no-cache", "--lock=lock.json", *flags)
            assert done.returncode == 1 and done.stdout == b"" and b"sha256-" in done.stderr, done
        cay.write("empty.json", '{"version": 1, "remote": {}, "redirects": {}}')
        done = run_main(cay, server, "--no-cache", "--lock=empty.json")
        assert done.returncode == 1 and done.stdout == b"" and b"lock" in done.stderr, done


# ---- TLS ----

def certificate(directory):
    """A context for a server at 127.0.0.1 and the path of its certificate."""
    if not shutil.which("openssl"):
        raise Skip("openssl is not there to make a certificate")
    key, cert = directory / "key.pem", directory / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def test_servers_are_verified_with_the_given_certificates(cay):
    context, cert = certificate(cay.dir)
    with serving({"/": "secret"}, context) as server:
        code = f"console.log(await (await fetch('{server.url}/')).text())"
        done = cay.run("eval", f"--allow-net={server.at}", code)
        assert done.returncode == 1 and done.stdout == b"" and server.asked == [], done
        ok(cay.run("eval", f"--allow-net={server.at}", f"--ca-file={cert}", code), "secret\n")


# ---- the audit file ----

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def audit_of(text):
    records = [json.loads(line) for line in text.splitlines()]
    for record in records:
        assert list(record) == ["time", "worker", "kind", "value", "outcome", "rule"], record
        assert list(record["worker"]) == ["id", "name"] and TIME.fullmatch(record["time"]), record
        assert record["outcome"] in ("granted", "denied"), record
    return records


AUDITED = """
await cay.readTextFile('data/x');
await cay.readTextFile('data/../other').catch(() => {});
cay.env.get('A');
"""


def test_decisions_are_appended_to_a_file(cay):
    cay.write("data/x", "x")
    for i in (1, 2):
        ok(cay.run("eval", "--name=m\"\n", "--allow-read=data", "--allow-env=A*", "--audit=audit.jsonl", AUDITED,
                   env={"A": "1"}), "")
        records = audit_of((cay.dir / "audit.jsonl").read_text())
        told = [(r["worker"]["name"], r["kind"], r["value"], r["outcome"], r["rule"]) for r in records]
        assert told == i * [
            ("m\"\n", "read", f"{cay.dir}/data/x", "granted", f"read={cay.dir}/data"),
            ("m\"\n", "read", f"{cay.dir}/other", "denied", None),
            ("m\"\n", "env", "A", "granted", "env=A*"),
        ], told
    assert os.stat(cay.dir / "audit.jsonl").st_mode & 0o777 == 0o600


def test_decisions_on_standard_error(cay):
    done = cay.run("eval", "--allow-env=A", "--audit=-", "cay.env.get('A'); console.error('mine')")
    assert done.returncode == 0, done
    lines = done.stderr.decode().splitlines()
    assert lines[1:] == ["mine"] and audit_of(lines[0])[0]["rule"] == "env=A", lines


def test_decisions_of_workers_are_told_with_their_names(cay):
    code = """new Worker('data:text/javascript,try { cay.env.get("A") } catch {}', { name: 'below' })"""
    ok(cay.run("eval", "--allow-env", "--audit=audit.jsonl", code), "")
    records = audit_of((cay.dir / "audit.jsonl").read_text())
    assert [(r["worker"]["name"], r["outcome"]) for r in records] == [("below", "denied")], records


def test_many_decisions_at_once_are_whole_lines(cay):
    code = """for (let i = 0; i < 8; i++) {
        new Worker('data:text/javascript,for (let i = 0; i < 500; i++) try { cay.env.get("A" + i) } catch {}');
    }"""
    ok(cay.run("eval", "--threads=4", "--audit=audit.jsonl", code), "")
    assert len(audit_of((cay.dir / "audit.jsonl").read_text())) == 4000


def test_a_lost_decision_ends_the_script(cay):
    done = cay.run("eval", "--audit=/dev/full", "try { cay.env.get('A') } catch {} for (;;) {}")
    assert done.returncode == 1 and done.stdout == b"", done
    assert done.stderr == b'cay: --audit: cannot write to "/dev/full": No space left on device\n', done.stderr
