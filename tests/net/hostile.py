#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that means harm: hostile.py ADDRESS PORT LOG.

What it does depends on the path; every request is a line of LOG.
"""
import socket
import socketserver
import sys
import time
import zlib


def gzip(parts):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    out = [b"\x1f\x8b\x08\0\0\0\0\0\2\3"]
    out += [c.compress(p) for p in parts]
    return b"".join(out) + c.flush()


def nothing():
    """Gzip of many megabytes that holds not one byte."""
    yield b"\x1f\x8b\x08\0\0\0\0\0\2\3"
    for _ in range(64):
        yield b"\0\0\0\xff\xff" * 200000


def zeros():
    for _ in range(200):
        yield bytes(1 << 20)


EMPTY = gzip([gzip(nothing())])
BOMB = gzip(zeros())


class One(socketserver.BaseRequestHandler):
    def head(self, *lines):
        self.request.sendall("\r\n".join(
            ("HTTP/1.1 200 OK",) + lines + ("", "")).encode())

    def handle(self):
        s = self.request
        s.settimeout(60)
        got = b""
        while b"\r\n\r\n" not in got:
            more = s.recv(65536)
            if not more:
                return
            got += more
        path = got.split()[1].decode()
        with open(sys.argv[3], "a", encoding="ascii") as f:
            print(path, file=f)
        try:
            self.answer(path.strip("/"))
        except (ConnectionError, socket.timeout):
            pass

    def answer(self, what):
        s = self.request
        if what == "drip":
            self.head("Content-Length: 1000")
            for _ in range(100):
                s.sendall(b"x")
                time.sleep(0.3)
        elif what == "ready":
            self.head("Content-Length: 0")
        elif what == "drip-head":
            s.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                s.sendall(b"H")
                time.sleep(0.3)
        elif what == "endless":
            self.head()
            while True:
                s.sendall(bytes(65536))
        elif what == "chunks":
            self.head("Transfer-Encoding: chunked")
            while True:
                s.sendall(b"8000\r\n" + bytes(32768) + b"\r\n")
        elif what == "claim":
            self.head("Content-Length: 10737418240")
            s.sendall(bytes(65536))
            time.sleep(30)
        elif what == "empty":
            self.head("Transfer-Encoding: gzip, gzip, gzip")
            s.sendall(EMPTY)
        elif what == "bomb":
            self.head("Content-Encoding: gzip", f"Content-Length: {len(BOMB)}")
            s.sendall(BOMB)
        elif what == "heads":
            s.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                s.sendall(b"X-Y: " + b"z" * 1000 + b"\r\n")
        elif what == "continue":
            while True:
                s.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif what.startswith("turn"):
            n = int(what[4:] or 0) + 1
            s.sendall(f"HTTP/1.1 302 X\r\nLocation: /turn{n}\r\n"
                      "Content-Length: 0\r\n\r\n".encode())
        elif what == "inward":
            s.sendall(b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:2570/x"
                      b"\r\nContent-Length: 0\r\n\r\n")
        elif what == "list":
            n = 16 * 1024 * 1024 + 1
            self.head(f"Content-Length: {n}")
            s.sendall(bytes(n))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server((sys.argv[1], int(sys.argv[2])), One).serve_forever()
