#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks to h1origin.py and prints what came, byte for byte.
h1client.py ADDRESS plain|CAFILE WHAT"""
import hashlib
import socket
import ssl
import sys
import time

addr, ca, what = sys.argv[1:4]


def connect():
    s = socket.create_connection((addr, 8000 if ca == "plain" else 8443),
                                 timeout=20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if ca != "plain":
        ctx = ssl.create_default_context(cafile=ca)
        if what != "noalpn":
            ctx.set_alpn_protocols(["http/1.1"])
        s = ctx.wrap_socket(s, server_hostname="github.com")
    return s


def until(s, n=0, end=b""):
    """n bytes, or up to that text, or the end."""
    data = b""
    while (n and len(data) < n) or (end and not data.endswith(end)) or \
            not (n or end):
        more = s.recv(n - len(data) if n else 65536)
        if not more:
            break
        data += more
    return data


def get(path, method=b"GET", more=b"", body=b"", minor=1):
    return (b"%s %s HTTP/1.%d\r\nHost: github.com\r\n%s\r\n%s" %
            (method, path, minor, more, body))


def response(s):
    """One response with a length or chunks."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(1)
        if not more:
            return data
        data += more
    low = data.lower()
    if b"transfer-encoding" in low:
        return data + until(s, end=b"X-Sum: 7\r\n\r\n")
    if b" 1" in data[8:10] or b" 204" in data or b" 304" in data:
        return data
    if b"content-length:" not in low:
        return data + until(s)
    n = int(low.split(b"content-length:")[1].split(b"\r\n")[0])
    return data + (until(s, n) if n else b"")


# Everything that must look the same with and without the gateway.
SAME = [
    get(b"/echo?a=b&c=%20d", more=b"accept: */*\r\nX-ODD-Case: v\r\n"
        b"Cookie: a=b\r\nCookie: c=d\r\nConnection: keep-alive\r\n"
        b"Keep-Alive: 5\r\nTE: trailers\r\n"),
    get(b"/echo", b"POST", b"Content-Length: 5\r\n", b"hello"),
    get(b"/echo", b"PUT", b"Transfer-Encoding: chunked\r\n",
        b"5\r\nhello\r\n00b\r\nhello world\r\n0\r\nX-T: 1\r\n\r\n"),
    get(b"/chunked"), get(b"/hints"), get(b"/none"), get(b"/same"),
    get(b"/hints", b"POST", b"Expect: 100-continue\r\n"
        b"Content-Length: 2\r\n", b"ab"),
    get(b"http://github.com/echo") if ca == "plain" else get(b"/echo"),
    get(b"/echo", minor=0, more=b"Connection: keep-alive\r\n"),
    get(b"/nothing"),
]


def same():
    s = connect()
    for r in SAME:
        s.sendall(r)
        while True:
            data = response(s)
            print(data.decode("latin-1"))
            if not data.startswith(b"HTTP/1.1 1"):
                break
    s.sendall(get(b"/close"))
    print(until(s))
    s.close()
    s = connect()
    s.sendall(get(b"/cut"))
    print(until(s))
    s.close()
    s = connect()       # an answer before the upload is over
    s.sendall(get(b"/early", b"POST", b"Content-Length: 100000\r\n",
                  b"x" * 1000))
    print(until(s))


def pipeline():
    s = connect()
    s.sendall(get(b"/count") * 50)
    data = b""
    while data.count(b"HTTP/1.1 200") < 50 or not data.endswith(b"50"):
        more = s.recv(65536)
        if not more:
            break
        data += more
    print(data.decode())
    # more behind a request than the gateway reads ahead
    s.sendall(get(b"/count") + get(b"/sum", b"POST", b"Content-Length: 45000"
                                   b"\r\n", b"x" * 45000))
    print(response(s).decode(), len(response(s)))


def keepalive():
    s = connect()
    t = time.time()
    for i in range(1000):
        s.sendall(get(b"/count"))
        data = response(s)
        assert data.endswith(b"%d" % (i + 1)), data
    print("1000 in one connection")
    print("%.0f us each" % ((time.time() - t) * 1000), file=sys.stderr)


def websocket():
    s = connect()
    s.sendall(get(b"/ws", more=b"Upgrade: websocket\r\nConnection: "
                  b"keep-alive, Upgrade\r\n"))
    print(until(s, end=b"\r\n\r\n"))
    for i in range(100):
        s.sendall(b"message %d" % i)
        data = until(s, end=b">")
        assert data == b"<message %d>" % i, data
    print("100 messages")


def big():
    s = connect()
    s.sendall(get(b"/big"))
    data = b""
    while b"\r\n\r\n" not in data:
        data += s.recv(65536)
    data = data.split(b"\r\n\r\n", 1)[1]
    h, n = hashlib.sha256(data), len(data)
    while n < 100 << 20:
        data = s.recv(65536)
        assert data
        n += len(data)
        h.update(data)
    print("down", h.hexdigest())
    s.sendall(get(b"/sum", b"POST", b"Content-Length: %d\r\n" % (100 << 20)))
    piece = bytes(reversed(range(256))) * 4096
    h = hashlib.sha256()
    for _ in range(100):
        s.sendall(piece)
        h.update(piece)
    data = response(s)
    assert data.endswith(h.hexdigest().encode()), data
    print("up", h.hexdigest())


def half():
    """The client's end does not cost it its answers."""
    s = connect()
    s.sendall(get(b"/count") + get(b"/chunked"))
    s.shutdown(socket.SHUT_WR)
    print(until(s).decode())


def loris():
    s = connect()
    s.sendall(b"GET / HTTP/1.1\r\nHost: github.com\r\n")
    t = time.time()
    data = until(s)
    print(data.decode("latin-1").split("\r\n")[0],
          "%d s" % (time.time() - t))


def bad():
    for r in (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
              b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n",
              b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
              b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
              b"get / HTTP/1.1\r\nHost: a\r\n\r\n"):
        s = connect()
        s.sendall(r)
        print(until(s).decode("latin-1").split("\r\n")[0])
        s.close()
    s = connect()
    s.sendall(get(b"/bad"))
    print(until(s).decode("latin-1").split("\r\n")[0])


def raw():
    s = connect()
    for i in range(10):
        s.sendall(b"RAW %d\n" % i)
        assert until(s, end=b"\n") == b"RAW %d\n" % i
    s.shutdown(socket.SHUT_WR)
    print("raw", until(s))


{"same": same, "pipeline": pipeline, "keepalive": keepalive, "noalpn": same,
 "websocket": websocket, "big": big, "half": half, "loris": loris,
 "bad": bad, "raw": raw}[what]()
