#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An HTTP server on loopback for the tests of fetch. Prints its port, serves until its standard input ends.

    tools/test_server.py

    /hello                    "hello"
    /module?t=T&type=M        the text T; M is text/javascript unless told
    /echo                     JSON: method, path, headers (a list of pairs, as received), body as Latin-1 text
    /body                     the request's body, with its Content-Type
    /bytes?n=N                N bytes, byte i is i % 251
    /drip?n=N&ms=M            N chunks "chunk I\\n", M ms apart, chunked
    /endless                  chunks of 64 KiB until the client hangs up
    /slow?ms=M                "slow", after M ms
    /hang                     no answer, until the client hangs up
    /half                     a head that promises 1,000 bytes, 10 bytes, then nothing until the client hangs up
    /short                    the same, but the server hangs up
    /reset                    the server hangs up without an answer
    /garbage                  an answer that is not HTTP
    /redirect?to=URL&status=N a redirect; with n=N, N of them to itself first
    /status?code=N&text=T     that status line
    /gzip                     "hello gzip", Content-Encoding: gzip
    /bomb                     64 MiB of zeros as gzip
    /headers                  several Set-Cookie, a repeated field, a byte over 127
    /json                     {"a":[1,2,{"b":null}]}
    /utf8                     a byte order mark, two-, three- and four-byte characters, a malformed byte
    /early                    answers before it has read the request's body
    /count?key=K              how often this key was asked for
    /sent?key=K               how many bytes /endless has sent to the client with this key
    /gone?key=K               how many clients of /endless, /hang and /half with this key have hung up
"""
import collections
import gzip
import http.server
import json
import socket
import sys
import threading
import time
import urllib.parse

CHUNK = bytes(i % 251 for i in range(251 * 64))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.gone = collections.Counter()

    def handle_error(self, request, client_address):
        """Clients that hang up are what many tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True

    def log_message(self, format, *args):
        pass

    # ---- what came ----

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def number(self, name, default=0):
        return int(self.query.get(name, [default])[0])

    def text(self, name, default=""):
        return self.query.get(name, [default])[0]

    # ---- what goes ----

    def answer(self, body, kind="text/plain", status=200, headers=(), reason=None):
        self.send_response(status, reason)
        if status not in (204, 304):
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)
        self.wfile.flush()

    def begin_chunked(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def wait_for_hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        try:
            self.connection.settimeout(30)
            while self.connection.recv(4096):
                pass
        except OSError:
            pass
        self.note_gone()

    def note_gone(self):
        with self.server.lock:
            self.server.gone[self.text("key")] += 1

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def dispatch(self):
        path, _, query = self.path.partition("?")
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True)
        route = getattr(self, "at_" + path.strip("/"), None)
        if route is None:
            self.read_body()
            self.answer(b"not found", status=404)
            return
        if path != "/early":
            self.body = self.read_body()
        route()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = dispatch

    # ---- the routes ----

    def at_hello(self):
        self.answer(b"hello")

    def at_module(self):
        self.answer(self.text("t").encode(), self.text("type", "text/javascript"))

    def at_echo(self):
        value = {
            "method": self.command,
            "path": self.path,
            "headers": [[name, value] for name, value in self.headers.items()],
            "body": self.body.decode("latin-1"),
        }
        self.answer(json.dumps(value).encode(), "application/json")

    def at_body(self):
        self.answer(self.body, self.headers.get("Content-Type", "application/octet-stream"))

    def at_bytes(self):
        left = self.number("n")
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(left))
        self.end_headers()
        while left:
            part = CHUNK[:left]
            self.wfile.write(part)
            left -= len(part)
        self.wfile.flush()

    def at_drip(self):
        self.begin_chunked()
        for i in range(self.number("n")):
            if i:
                time.sleep(self.number("ms") / 1000)
            self.chunk(b"chunk %d\n" % i)
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def at_endless(self):
        self.begin_chunked()
        self.close_connection = True
        sent = 0
        try:
            while True:
                self.chunk(bytes(65536))
                sent += 65536
                with self.server.lock:
                    self.server.counts["sent" + self.text("key")] = sent
        except OSError:
            self.note_gone()

    def at_slow(self):
        time.sleep(self.number("ms") / 1000)
        self.answer(b"slow")

    def at_hang(self):
        self.wait_for_hang_up()

    def at_half(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"0123456789")
        self.wait_for_hang_up()

    def at_short(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"0123456789")
        self.wfile.flush()
        self.close_connection = True

    def at_reset(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def at_garbage(self):
        self.wfile.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
        self.wfile.flush()
        self.close_connection = True

    def at_redirect(self):
        left = self.number("n")
        to = self.text("to", "/hello")
        if left:
            to = "/redirect?" + urllib.parse.urlencode({"n": left - 1, "to": to})
        self.answer(b"elsewhere", status=self.number("status", 302), headers=[("Location", to)])

    def at_status(self):
        self.answer(b"body", status=self.number("code", 200), reason=self.text("text", None))

    def at_gzip(self):
        self.answer(gzip.compress(b"hello gzip"), headers=[("Content-Encoding", "gzip")])

    def at_bomb(self):
        self.answer(gzip.compress(bytes(64 << 20)), headers=[("Content-Encoding", "gzip")])

    def at_headers(self):
        self.answer(b"headers", headers=[
            ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"), ("X-Twice", "one"), ("X-Twice", "two"),
            ("X-Latin", "caf\xe9"), ("X-Empty", ""),
        ])

    def at_json(self):
        self.answer(b'{"a":[1,2,{"b":null}]}', "application/json; charset=utf-8")

    def at_utf8(self):
        self.answer(b"\xef\xbb\xbfa\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff", "text/plain; charset=utf-8")

    def at_count(self):
        with self.server.lock:
            self.server.counts[self.text("key")] += 1
            count = self.server.counts[self.text("key")]
        self.answer(str(count).encode())

    def at_sent(self):
        with self.server.lock:
            count = self.server.counts["sent" + self.text("key")]
        self.answer(str(count).encode())

    def at_gone(self):
        with self.server.lock:
            count = self.server.gone[self.text("key")]
        self.answer(str(count).encode())

    def at_early(self):
        """Answers before the request's body has come."""
        self.answer(b"early", headers=[("Connection", "close")])
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_WR)
        try:
            self.connection.settimeout(5)
            while self.connection.recv(65536):
                pass
        except OSError:
            pass


def main():
    server = Server()
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()  # whoever started this keeps the other end open
    sys.stdout.close()


if __name__ == "__main__":
    main()
