#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of threat feeds: ADDRESS FOLDER [CERT KEY].  HTTP on port 8081,
with a certificate HTTPS on port 8444.  /NAME is the file FOLDER/NAME with an
ETag; how it is sent stands in FOLDER/NAME.mode:
  ok 500 html empty cut huge slow gzip bomb layers redirect loop away auth
What was asked goes to FOLDER/log: name, status, client, a few fields."""
import gzip
import hashlib
import http.server
import os
import socketserver
import ssl
import sys
import threading
import time

addr, folder = sys.argv[1:3]
lock = threading.Lock()


class Feed(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, name, status):
        with lock, open(os.path.join(folder, "log"), "a") as f:
            print(name, status, "from=" + self.client_address[0],
                  "match=" + self.headers.get("If-None-Match", "-"),
                  "since=" + self.headers.get("If-Modified-Since", "-"),
                  "auth=" + self.headers.get("Authorization", "-"),
                  "agent=" + self.headers.get("User-Agent", "-"),
                  "encoding=" + self.headers.get("Accept-Encoding", "-"),
                  file=f)

    def answer(self, name, status, body=b"", fields=(), length=None):
        self.note(name, status)
        self.send_response(status)
        for k, v in fields:
            self.send_header(k, v)
        self.send_header("Content-Length", str(
            len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = os.path.basename(self.path.split("?")[0])
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as f:
                body = f.read()
        except OSError:
            self.answer(name, 404)
            return
        try:
            with open(path + ".mode") as f:
                mode = f.read().strip()
        except OSError:
            mode = "ok"
        tag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        fields = [("ETag", tag)]
        if mode == "500":
            self.answer(name, 500, b"sorry\n")
        elif mode == "html":
            self.answer(name, 200, b"<!doctype html>\n<p>Log in first\n",
                        [("Content-Type", "text/html")])
        elif mode == "empty":
            self.answer(name, 200)
        elif mode == "cut":
            self.answer(name, 200, body, length=len(body) + 1000)
            self.close_connection = True
        elif mode == "huge":
            self.note(name, 200)
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            line = (b"a" * 60 + b".example\n") * 16384
            try:
                while True:
                    self.wfile.write(line)
            except OSError:
                pass
        elif mode == "slow":
            self.note(name, 200)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                for c in body:
                    self.wfile.write(bytes([c]))
                    time.sleep(0.2)
            except OSError:
                pass
        elif mode == "gzip":
            self.answer(name, 200, gzip.compress(body),
                        fields + [("Content-Encoding", "gzip")])
        elif mode == "bomb":
            self.answer(name, 200, gzip.compress(b"\n" * (136 << 20), 1),
                        [("Content-Encoding", "gzip")])
        elif mode == "layers":
            self.answer(name, 200, gzip.compress(gzip.compress(body)),
                        [("Content-Encoding", "gzip, gzip")])
        elif mode == "redirect":
            self.answer(name, 302, b"<html>moved",
                        [("Location", "/target")])
        elif mode == "loop":
            self.answer(name, 302, fields=[("Location", self.path)])
        elif mode == "away":
            self.answer(name, 302, fields=[
                ("Location", "http://127.0.0.1:8081/target")])
        elif mode == "auth" and "Authorization" not in self.headers:
            self.answer(name, 401, fields=[
                ("WWW-Authenticate", "Basic realm=x")])
        elif self.headers.get("If-None-Match") == tag:
            self.answer(name, 304, fields=fields)
        else:
            self.answer(name, 200, body, fields)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self):      # the one of http.server asks for its name
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address

    def handle_error(self, request, client_address):
        pass                    # who hangs up early


def serve(port, cert=None):
    s = Server((addr, port), Feed)
    if cert is not None:
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*cert)
        s.socket = ctx.wrap_socket(s.socket, server_side=True)
    threading.Thread(target=s.serve_forever, daemon=True).start()


serve(8081)
if len(sys.argv) > 4:
    serve(8444, sys.argv[3:5])
print("ready", flush=True)
threading.Event().wait()
