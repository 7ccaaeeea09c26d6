#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests that two parsers could read differently: each gets a 4xx or 5xx
and the connection ends.  badreq.py ADDRESS PORT"""
import socket
import sys

HOST = b"Host: plain.example\r\n"
URI = b"http://plain.example/"
BAD = {
    "no version": b"GET " + URI + b"\r\n\r\n",
    "two lengths": b"POST " + URI + b" HTTP/1.1\r\n" + HOST +
        b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunked": b"POST " + URI + b" HTTP/1.1\r\n" + HOST +
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST " + URI + b" HTTP/1.1\r\n" + HOST +
        b"Content-Length: -3\r\n\r\n",
    "space before colon": b"GET " + URI + b" HTTP/1.1\r\nHost : a\r\n\r\n",
    "folded header": b"GET " + URI + b" HTTP/1.1\r\n" + HOST +
        b"X: a\r\n b\r\n\r\n",
    "nul in header": b"GET " + URI + b" HTTP/1.1\r\n" + HOST +
        b"X: a\0b\r\n\r\n",
    "bare CR": b"GET " + URI + b" HTTP/1.1\r\n" + HOST + b"X: a\rY: b\r\n\r\n",
    "unknown coding": b"POST " + URI + b" HTTP/1.1\r\n" + HOST +
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "origin form": b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    "connect without port": b"CONNECT plain.example HTTP/1.1\r\n" + HOST +
        b"\r\n",
    "connect port 0": b"CONNECT plain.example:0 HTTP/1.1\r\n" + HOST +
        b"\r\n",
    "connect port 99999": b"CONNECT plain.example:99999 HTTP/1.1\r\n" + HOST +
        b"\r\n",
    "user in uri": b"GET http://a@b@plain.example/ HTTP/1.1\r\n" + HOST +
        b"\r\n",
    "two hosts": b"GET " + URI + b" HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "long line": b"GET " + URI + b"a" * 100000 + b" HTTP/1.1\r\n" + HOST +
        b"\r\n",
    "many headers": b"GET " + URI + b" HTTP/1.1\r\n" + HOST +
        b"".join(b"X%d: 1\r\n" % i for i in range(300)) + b"\r\n",
    "tls to the proxy": b"\x16\x03\x01\x00\x05hello\r\n\r\n",
}
addr, port = sys.argv[1], int(sys.argv[2])
wrong = []
for name, data in BAD.items():
    s = socket.create_connection((addr, port), timeout=15)
    got = b""
    try:
        s.sendall(data)
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
    except (ConnectionResetError, BrokenPipeError):
        pass
    except socket.timeout:
        wrong.append("%s: no end (%r)" % (name, got[:60]))
        continue
    s.close()
    if not (got.startswith(b"HTTP/1.1 4") or got.startswith(b"HTTP/1.1 5")
            or (name == "long line" and got == b"")):
        wrong.append("%s: %r" % (name, got[:60]))
    if got.count(b"HTTP/1.1 ") > 1:
        wrong.append("%s: two answers" % name)
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
