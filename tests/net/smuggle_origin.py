#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python origin of p020-smuggling.sh: http.server, which reads a head with
the parser for mails, and python3-h2.  A line for each request that it read:
what it takes for method, target, host and body.  On two more ports a server
that answers /r/NUMBER with the bytes of smuggle_messages.py.
smuggle_origin.py ADDRESS CERT KEY LOG"""
import http.server
import json
import posixpath
import re
import socket
import socketserver
import ssl
import sys
import threading
import urllib.parse

import smuggle_messages

addr, cert, key, log = sys.argv[1:5]
out = open(log, "w", encoding="latin-1", buffering=1)


def note(method, target, host, body, proto, ident=None):
    path = urllib.parse.unquote(target.split("?")[0], "latin-1")
    out.write(json.dumps({
        "m": method, "u": target, "h": host or "", "p": proto,
        "i": ident or "",
        "d": posixpath.normpath(path.replace("\\", "/")),
        "b": body.decode("latin-1")}, ensure_ascii=False) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 20

    def __getattr__(self, name):
        if re.fullmatch("do_[A-Z-]+", name) and name != "do_CONNECT":
            return self.any
        raise AttributeError(name)

    def chunks(self):
        body = b""
        while True:
            line = self.rfile.readline(65536)
            size = int(line.split(b";")[0].strip(), 16)
            if size == 0:
                break
            data = self.rfile.read(size)
            if len(data) < size:
                raise EOFError
            body += data
            self.rfile.readline(3)
        while True:
            line = self.rfile.readline(65536)
            if not line:
                raise EOFError
            if not line.strip():
                return body

    def any(self):
        try:
            if "chunked" in self.headers.get("transfer-encoding", "").lower():
                body = self.chunks()
            else:
                n = int(self.headers.get("content-length", "0"))
                body = self.rfile.read(n)
                if len(body) < n:
                    raise EOFError
        except (ValueError, EOFError):
            self.close_connection = True
            return
        note(self.command, self.requestline.split(" ")[1],
             self.headers.get("host"), body, "1", self.headers.get("x-id"))
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.send_header("X-Read", self.requestline.split(" ")[1])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"ok\n")
        self.wfile.flush()

    def log_message(self, *_):
        pass


def h2_serve(s):
    import h2.config
    import h2.connection
    import h2.events
    import h2.exceptions
    c = h2.connection.H2Connection(h2.config.H2Configuration(
        client_side=False, header_encoding="latin-1"))
    c.initiate_connection()
    s.sendall(c.data_to_send())
    heads, bodies = {}, {}
    while True:
        data = s.recv(65536)
        if not data:
            return
        try:
            events = c.receive_data(data)
        except h2.exceptions.ProtocolError:
            events = []
            data = None
        for e in events:
            if isinstance(e, h2.events.RequestReceived):
                heads[e.stream_id], bodies[e.stream_id] = e.headers, b""
            elif isinstance(e, h2.events.DataReceived):
                bodies[e.stream_id] += e.data
                c.acknowledge_received_data(e.flow_controlled_length,
                                            e.stream_id)
            elif isinstance(e, h2.events.StreamEnded):
                h = dict(reversed(heads[e.stream_id]))
                note(h[":method"], h[":path"],
                     h.get(":authority", h.get("host")), bodies[e.stream_id],
                     "2", h.get("x-id"))
                c.send_headers(e.stream_id, [
                    (":status", "200"), ("x-read", h[":path"])])
                c.send_data(e.stream_id, b"ok\n", end_stream=True)
        s.sendall(c.data_to_send())
        if data is None:
            return


def bad_serve(s):
    """Each head that comes is answered, and nothing is said about what is
    wrong with that."""
    bad = list(smuggle_messages.responses())
    s.settimeout(2)
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = s.recv(65536)
            if not more:
                return
            data += more
        head, data = data.split(b"\r\n\r\n", 1)
        path = head.split(b" ")[1].split(b"/", 3)[-1] \
            if b"://" in head.split(b" ")[1] else head.split(b" ")[1][1:]
        kind, number = path.split(b"/")
        if kind == b"r":
            s.sendall(bad[int(number)])
        else:
            s.sendall(b"HTTP/1.1 200 OK\r\nX-Read: /%s\r\n"
                      b"Content-Length: 3\r\n\r\nok\n" % path)


def h2_answer(bad, path, sid):
    frame, head = smuggle_messages.frame, smuggle_messages.head
    kind, number = path[1:].split("/")
    if kind == "after":
        return head([(b":status", b"200"), (b"x-read", path.encode())],
                    sid, 1)
    heads, body, trailers, more = bad[int(number)]
    out = b"".join(head(h, sid, 0) for h in heads)
    out += frame(0, trailers is None, sid, body)
    return out + (head(trailers, sid, 1) if trailers else b"") + more


def bad_h2_serve(s):
    """The same over HTTP/2."""
    import hpack
    bad = list(smuggle_messages.h2_responses())
    decoder = hpack.Decoder()
    data, skip = b"", 24                # the preface's line
    s.settimeout(2)
    s.sendall(smuggle_messages.frame(4, 0, 0))
    while True:
        more = s.recv(65536)
        if not more:
            return
        data += more
        if len(data) < skip:
            continue
        data, skip = data[skip:], 0
        while len(data) >= 9 and len(data) >= 9 + (
                n := int.from_bytes(data[:3], "big")):
            f, data = data[:9 + n], data[9 + n:]
            if f[3] == 4 and not f[4] & 1:
                s.sendall(smuggle_messages.frame(4, 1, 0))
            if f[3] == 1:
                path = dict(decoder.decode(f[9:]))[":path"]
                s.sendall(h2_answer(bad, path, int.from_bytes(f[5:9],
                                                              "big")))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 500

    def __init__(self, port, alpn=None, bad=False):
        self.ctx = None
        self.bad = bad
        if alpn is not None:
            self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.ctx.load_cert_chain(cert, key)
            self.ctx.set_alpn_protocols([alpn])
        super().__init__((addr, port), Handler)

    def finish_request(self, request, client_address):
        request.settimeout(20)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.ctx is not None:
                request = self.ctx.wrap_socket(request, server_side=True)
                if request.selected_alpn_protocol() == "h2":
                    (bad_h2_serve if self.bad else h2_serve)(request)
                    return
            if self.bad:
                bad_serve(request)
                return
            Handler(request, client_address, self)
            if self.ctx is not None:
                request.unwrap()
        except (OSError, ValueError):
            pass
        finally:
            request.close()

    def handle_error(self, *_):
        pass


for args in ((8003,), (8445, "http/1.1"), (8004, None, True),
             (8446, "http/1.1", True), (9446, "h2", True)):
    threading.Thread(target=Server(*args).serve_forever, daemon=True).start()
Server(9445, "h2").serve_forever()
