#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conformance of a server of HTTP/2, frame by frame: what RFC 9113 and RFC
7541 demand of the receiver of each malformed thing, and that the well formed
ones are answered.  One connection for each case.

h2spec.py ADDRESS PORT NAME CAFILE [CASE]; the server answers GET /small (more
than 10 bytes), HEAD and POST."""
import socket
import ssl
import struct
import sys

import hpack

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONT = \
    range(10)
END_STREAM, END_HEADERS, PADDED, ACK = 1, 4, 8, 1
PROTOCOL, INTERNAL, FLOW, STREAM_CLOSED, SIZE, REFUSED, COMPRESSION, CALM = \
    1, 2, 3, 5, 6, 7, 9, 11

addr, port, name, ca = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2"])


class Wrong(Exception):
    pass


class Conn:
    def __init__(self, preface=True, settings=b""):
        self.s = ctx.wrap_socket(socket.create_connection((addr, port), 10),
                                 server_hostname=name)
        self.s.settimeout(4)
        self.buf, self.out, self.seen, self.closed = b"", b"", [], False
        self.enc, self.dec = hpack.Encoder(), hpack.Decoder()
        self.dec.max_header_list_size = 1 << 20
        if preface:
            self.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            self.send(SETTINGS, 0, 0, settings)
            self.wait(lambda f: f[0] == SETTINGS and not f[1] & ACK)
            self.send(SETTINGS, ACK, 0, b"")

    def raw(self, data):
        """Sent before something is read: what stands together comes together,
        so that no answer to the first frame overtakes the second."""
        self.out += data

    def flush(self):
        data, self.out = self.out, b""
        try:
            if data:
                self.s.sendall(data)
        except OSError:
            self.closed = True

    def send(self, kind, flags, stream, data=b"", length=None):
        n = len(data) if length is None else length
        self.raw(struct.pack(">I", n)[1:] +
                 struct.pack(">BBI", kind, flags, stream) + data)

    def frame(self):
        """The next frame, or None at the end."""
        self.flush()
        while True:
            if len(self.buf) >= 9:
                n = int.from_bytes(self.buf[:3], "big")
                if len(self.buf) >= 9 + n:
                    f = (self.buf[3], self.buf[4],
                         int.from_bytes(self.buf[5:9], "big") & 0x7fffffff,
                         self.buf[9:9 + n])
                    self.buf = self.buf[9 + n:]
                    if f[0] == HEADERS:
                        f += (dict(self.dec.decode(f[3])),)
                    self.seen.append(f)
                    return f
            try:
                data = self.s.recv(65536)
            except socket.timeout:
                raise Wrong("nothing came; before: %s" % self.said())
            except OSError:
                data = b""
            if not data:
                self.closed = True
                return None
            self.buf += data

    def said(self):
        return [(f[0], f[1], f[2], f[3][:12].hex()) for f in self.seen[-6:]]

    def wait(self, want):
        while True:
            f = self.frame()
            if f is None:
                raise Wrong("the connection ended; before: %s" % self.said())
            if want(f):
                return f

    # ---- what is expected ------------------------------------------------
    def conn_error(self, *codes):
        while True:
            f = self.frame()
            if f is None:
                return
            if f[0] == GOAWAY:
                code = struct.unpack(">I", f[3][4:8])[0]
                if code not in codes:
                    raise Wrong("GOAWAY %d" % code)
                return

    def stream_error(self, stream, *codes):
        while True:
            f = self.frame()
            if f is None:
                return
            if f[0] == GOAWAY:
                code = struct.unpack(">I", f[3][4:8])[0]
            elif f[0] == RST and f[2] == stream:
                code = struct.unpack(">I", f[3])[0]
            elif f[0] == HEADERS and f[2] == stream:
                raise Wrong("it was answered")
            else:
                continue
            if code not in codes:
                raise Wrong("code %d" % code)
            return

    def alive(self):
        self.send(PING, 0, 0, b"\x01\x02\x03\x04\x05\x06\x07\x08")
        self.wait(lambda f: f[0] == PING and f[1] & ACK and
                  f[3] == b"\x01\x02\x03\x04\x05\x06\x07\x08")

    def answered(self, stream, status="200"):
        f = self.wait(lambda f: f[2] == stream and f[0] in (HEADERS, RST)
                      or f[0] == GOAWAY)
        if f[0] != HEADERS:
            raise Wrong("instead of an answer: %s" % (f,))
        if f[4].get(":status") != status:
            raise Wrong("status %s" % f[4].get(":status"))
        while not f[1] & END_STREAM:
            f = self.wait(lambda f: f[2] == stream)
            if f[0] == RST:
                raise Wrong("reset after the head")

    # ---- what is sent ----------------------------------------------------
    def head(self, method="GET", path="/small", more=(), drop=(), **kw):
        h = [(":method", method), (":scheme", "https"), (":path", path),
             (":authority", name)]
        return self.enc.encode([x for x in h if x[0] not in drop] +
                               list(more), **kw)

    def get(self, stream=1, flags=END_STREAM | END_HEADERS, **kw):
        self.send(HEADERS, flags, stream, self.head(**kw))

    def post(self, stream=1, **kw):
        self.send(HEADERS, END_HEADERS, stream, self.head("POST", **kw))


CASES = []


def case(where, what):
    def add(fn):
        CASES.append((where, what, fn))
        return fn
    return add


def conn_case(where, what, send, *codes):
    def run():
        c = Conn()
        send(c)
        c.conn_error(*codes)
    CASES.append((where, what, run))


def stream_case(where, what, send, *codes):
    def run():
        c = Conn()
        send(c)
        c.stream_error(1, *codes)
        if not c.closed and not any(f[0] == GOAWAY for f in c.seen):
            c.alive()
    CASES.append((where, what, run))


def ok_case(where, what, send, status="200", stream=1):
    def run():
        c = Conn()
        send(c)
        if stream:
            c.answered(stream, status)
        c.alive()
    CASES.append((where, what, run))


def lit(k, v):
    return bytes([0, len(k)]) + k + bytes([len(v)]) + v


# ---- generic: what a server must answer ------------------------------------
ok_case("generic 1", "GET", lambda c: c.get())
ok_case("generic 2", "HEAD", lambda c: c.get(method="HEAD"))
ok_case("generic 3", "POST with DATA", lambda c: (
    c.post(), c.send(DATA, END_STREAM, 1, b"test")))
ok_case("generic 4", "POST with trailers", lambda c: (
    c.post(), c.send(DATA, 0, 1, b"test"),
    c.send(HEADERS, 5, 1, c.enc.encode([("x-test", "ok")]))))
ok_case("generic 5", "padded DATA", lambda c: (
    c.post(), c.send(DATA, END_STREAM | PADDED, 1, b"\x05test" + bytes(5))))
ok_case("generic 6", "padded HEADERS", lambda c: c.send(
    HEADERS, 5 | PADDED, 1, b"\x05" + c.head() + bytes(5)))
ok_case("generic 7", "HEADERS with priority", lambda c: c.send(
    HEADERS, 5 | 0x20, 1, b"\0\0\0\0\xff" + c.head()))
ok_case("generic 8", "CONTINUATION", lambda c: (
    lambda h: (c.send(HEADERS, 1, 1, h[:3]), c.send(CONT, 4, 1, h[3:])))(
        c.head()))
ok_case("generic 9", "many CONTINUATIONs", lambda c: (
    lambda h: (c.send(HEADERS, 1, 1, h[:3]), c.send(CONT, 0, 1, h[3:5]),
               c.send(CONT, 0, 1, h[5:6]), c.send(CONT, 4, 1, h[6:])))(
        c.head()))
ok_case("generic 10", "PRIORITY", lambda c: (
    c.send(PRIORITY, 0, 1, b"\0\0\0\0\x10"), c.get()))
ok_case("generic 11", "PRIORITY of an idle stream", lambda c: c.send(
    PRIORITY, 0, 5, b"\0\0\0\0\x10"), stream=0)
ok_case("generic 12", "SETTINGS", lambda c: c.send(
    SETTINGS, 0, 0, struct.pack(">HI", 3, 100)), stream=0)
conn_case("generic 13", "GOAWAY", lambda c: c.send(
    GOAWAY, 0, 0, bytes(8)), 0)
ok_case("generic 14", "WINDOW_UPDATE of the connection", lambda c: (
    c.send(WINDOW, 0, 0, struct.pack(">I", 1)), c.get()))
ok_case("generic 15", "WINDOW_UPDATE of a stream", lambda c: (
    c.post(), c.send(WINDOW, 0, 1, struct.pack(">I", 1)),
    c.send(DATA, 1, 1, b"x")))
ok_case("generic 16", "RST_STREAM", lambda c: (
    c.post(), c.send(RST, 0, 1, struct.pack(">I", 8))), stream=0)
ok_case("generic 17", "empty DATA at the end", lambda c: (
    c.post(), c.send(DATA, 0, 1, b"x"), c.send(DATA, 1, 1, b"")))
ok_case("generic 18", "two streams", lambda c: (c.get(), c.get(3)), stream=3)

# ---- HPACK, RFC 7541 --------------------------------------------------------
for n, (what, block) in enumerate({
        "indexed field": b"",
        "literal with indexing, indexed name": b"\x4f\x01a",
        "literal with indexing, new name": b"\x40\x01x\x01y",
        "literal without indexing, indexed name": b"\x0f\x00\x01a",
        "literal without indexing, new name": b"\x00\x01x\x01y",
        "literal never indexed, indexed name": b"\x1f\x00\x01a",
        "literal never indexed, new name": b"\x10\x01x\x01y",
        "Huffman": b"\x00\x01x\x82\x4c\xb1"[:-2] + b"\x1c\x64",
}.items()):
    ok_case("hpack 6.%d" % n, what, lambda c, b=block: c.send(
        HEADERS, 5, 1, b"\x82\x87\x04\x06/small" + bytes([0x41, len(name)]) +
        name.encode() + b))
ok_case("hpack 6.3.1", "table size update", lambda c: c.send(
    HEADERS, 5, 1, b"\x20" + c.head()))
ok_case("hpack 6.3.2", "two table size updates", lambda c: c.send(
    HEADERS, 5, 1, b"\x20\x3f\xe1\x1f" + c.head()))
for where, what, block in (
        ("2.3.3", "index beyond the table", b"\xc6"),
        ("4.2", "table size update at the end", b"\x20"),
        ("5.2.1", "padding of more than 7 bits",
         b"\x00\x85\xf2\xb2\x4a\x84\xff\x84\x49\x50\x9f\xff"),
        ("5.2.2", "padding with zeros",
         b"\x00\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x90"),
        ("5.2.3", "EOS in a string",
         b"\x00\x85\xf2\xb2\x4a\x84\xff\x87\x49\x51\xff\xff\xff\xfa\x7f"),
        ("6.1", "index 0", b"\x80"),
        ("6.3", "table larger than allowed", b"\x3f\xe1\xff\x03"),
        ("5.1", "integer that never ends",
         b"\x00\xff" + b"\xff" * 12),
        ("6.2", "string longer than the block", b"\x00\x7fx")):
    conn_case("hpack " + where, what, lambda c, b=block: c.send(
        HEADERS, 5, 1, (b if b == b"\x3f\xe1\xff\x03" else b"") + c.head() +
        (b"" if b == b"\x3f\xe1\xff\x03" else b)), COMPRESSION)

# ---- 3.4 and 4: frames ------------------------------------------------------


@case("3.4", "a wrong preface")
def _():
    c = Conn(preface=False)
    c.raw(b"INVALID CONNECTION PREFACE\r\n\r\n")
    c.conn_error(PROTOCOL)


@case("3.4", "the server speaks first with SETTINGS")
def _():
    c = Conn()
    if c.seen[0][0] != SETTINGS:
        raise Wrong("%s" % (c.seen[0],))


conn_case("3.4", "no SETTINGS first", lambda c: c.send(
    SETTINGS, 0, 1, b""), PROTOCOL)
ok_case("4.1", "unknown type", lambda c: c.send(0x16, 0, 0, b"x"), stream=0)
ok_case("4.1", "unknown flags", lambda c: c.send(PING, 0x16, 0, bytes(8)),
        stream=0)
ok_case("4.1", "reserved bit", lambda c: c.send(
    PING, 0, 0x80000000, bytes(8)), stream=0)
ok_case("4.2", "DATA of 2^14", lambda c: (
    c.post(), c.send(DATA, 1, 1, bytes(16384))))
stream_case("4.2", "DATA of more", lambda c: (
    c.post(), c.send(DATA, 1, 1, bytes(16385))), SIZE)
conn_case("4.2", "HEADERS of more", lambda c: c.send(
    HEADERS, 5, 1, c.head() + lit(b"x", b"y" * 100) * 170), SIZE)
conn_case("4.3", "PRIORITY in a header block", lambda c: (
    c.send(HEADERS, 0, 1, c.head()),
    c.send(PRIORITY, 0, 1, b"\0\0\0\0\x10")), PROTOCOL)
conn_case("4.3", "HEADERS of another stream in a block", lambda c: (
    c.send(HEADERS, 0, 1, c.head()), c.get(3)), PROTOCOL)
conn_case("4.3", "DATA in a block", lambda c: (
    c.send(HEADERS, 0, 1, c.head()), c.send(DATA, 0, 1, b"x")), PROTOCOL)
# no rule of the standard's: openwad gives a head as long as a ClientHello
conn_case("4.3", "a header block without its end", lambda c: (
    c.get(1), c.answered(1, "200"), c.send(HEADERS, 0, 3, c.head())), CALM)

# ---- 5: streams -------------------------------------------------------------
for kind, data in ((DATA, b"x"), (RST, struct.pack(">I", 8)),
                   (WINDOW, struct.pack(">I", 1)), (CONT, b"")):
    conn_case("5.1", "idle: frame %d" % kind, lambda c, k=kind, d=data:
              c.send(k, 1, 1, d), PROTOCOL)
    if kind != RST and kind != WINDOW:
        stream_case("5.1", "half-closed (remote): frame %d" % kind,
                    lambda c, k=kind, d=data: (
                        c.get(path="/hold"), c.send(k, 0, 1, d)),
                    STREAM_CLOSED, PROTOCOL)
        stream_case("5.1", "closed by RST_STREAM: frame %d" % kind,
                    lambda c, k=kind, d=data: (
                        c.post(), c.send(RST, 0, 1, struct.pack(">I", 8)),
                        c.send(k, 0, 1, d), c.send(CONT, 4, 9, b"")),
                    STREAM_CLOSED, PROTOCOL)
stream_case("5.1", "half-closed (remote): HEADERS", lambda c: (
    c.get(path="/hold"), c.send(HEADERS, 5, 1, c.enc.encode([("x", "y")]))),
    STREAM_CLOSED, PROTOCOL)
conn_case("5.1.1", "even stream", lambda c: c.get(2), PROTOCOL)
conn_case("5.1.1", "stream 0", lambda c: c.get(0), PROTOCOL)


@case("5.1.1", "a smaller number")
def _():
    c = Conn()
    # A connection error by the letter.  nghttp2 cannot tell it from trailers
    # that cross a reset, and takes it as those: nothing is done.
    c.get(5)
    c.answered(5)
    c.get(3)
    c.alive()
    if any(f[2] == 3 for f in c.seen):
        raise Wrong("it was answered")


@case("5.1.2", "more streams than allowed")
def _():
    c = Conn()
    f = [f for f in c.seen if f[0] == SETTINGS and not f[1] & ACK]
    most = [struct.unpack(">HI", f[0][3][i:i + 6])
            for i in range(0, len(f[0][3]), 6)]
    most = dict(most)[3]
    for i in range(most + 1):
        c.send(HEADERS, END_HEADERS, i * 2 + 1, c.head("POST"))
    c.stream_error(most * 2 + 1, PROTOCOL, REFUSED)


@case("5.4.1", "the connection ends after a GOAWAY with an error")
def _():
    c = Conn()
    c.send(PING, 0, 1, bytes(8))
    c.conn_error(PROTOCOL)
    while not c.closed:
        c.frame()


conn_case("5.5", "an unknown frame in a header block", lambda c: (
    c.send(HEADERS, 0, 1, c.head()), c.send(0x16, 0, 1, b"x")), PROTOCOL)

# ---- 6: each frame ----------------------------------------------------------
conn_case("6.1", "DATA, stream 0", lambda c: c.send(DATA, 0, 0, b"x"),
          PROTOCOL)
conn_case("6.1", "DATA, padding too long", lambda c: (
    c.post(), c.send(DATA, PADDED, 1, b"\x09test")), PROTOCOL)
conn_case("6.1", "DATA, padded and empty", lambda c: (
    c.post(), c.send(DATA, PADDED, 1, b"")), SIZE, PROTOCOL)
conn_case("6.2", "HEADERS, padding too long", lambda c: c.send(
    HEADERS, 5 | PADDED, 1, b"\xff" + c.head()), PROTOCOL)
conn_case("6.3", "PRIORITY, stream 0", lambda c: c.send(
    PRIORITY, 0, 0, b"\0\0\0\0\x10"), PROTOCOL)
stream_case("6.3", "PRIORITY, 4 bytes", lambda c: c.send(
    PRIORITY, 0, 1, bytes(4)), SIZE)
conn_case("6.4", "RST_STREAM, stream 0", lambda c: c.send(
    RST, 0, 0, bytes(4)), PROTOCOL)
conn_case("6.4", "RST_STREAM, 3 bytes", lambda c: (
    c.post(), c.send(RST, 0, 1, bytes(3))), SIZE)
conn_case("6.5", "SETTINGS, ACK with a body", lambda c: c.send(
    SETTINGS, ACK, 0, bytes(6)), SIZE)
conn_case("6.5", "SETTINGS, stream 1", lambda c: c.send(
    SETTINGS, 0, 1, bytes(6)), PROTOCOL)
conn_case("6.5", "SETTINGS, 3 bytes", lambda c: c.send(
    SETTINGS, 0, 0, bytes(3)), SIZE)
for k, v, code in ((2, 2, PROTOCOL), (4, 0x80000000, FLOW), (5, 16383,
                   PROTOCOL), (5, 1 << 24, PROTOCOL), (8, 2, PROTOCOL)):
    conn_case("6.5.2", "SETTINGS, %d is %d" % (k, v), lambda c, k=k, v=v:
              c.send(SETTINGS, 0, 0, struct.pack(">HI", k, v)), code)
ok_case("6.5.2", "SETTINGS, an unknown one", lambda c: c.send(
    SETTINGS, 0, 0, struct.pack(">HI", 0xff, 1)), stream=0)


@case("6.5.3", "SETTINGS are acknowledged")
def _():
    c = Conn()
    c.send(SETTINGS, 0, 0, struct.pack(">HI", 3, 10))
    c.alive()
    if sum(f[0] == SETTINGS and f[1] & ACK for f in c.seen) != 2:
        raise Wrong("%s" % c.said())


@case("6.5.3", "the last of two values counts")
def _():
    c = Conn()
    c.send(SETTINGS, 0, 0, struct.pack(">HIHI", 4, 100, 4, 1))
    c.get()
    f = c.wait(lambda f: f[0] == DATA and f[2] == 1)
    if len(f[3]) != 1:
        raise Wrong("%d bytes" % len(f[3]))


conn_case("6.6", "PUSH_PROMISE of a client", lambda c: c.send(
    PUSH, 4, 1, struct.pack(">I", 2) + c.head()), PROTOCOL)
ok_case("6.7", "PING is answered", lambda c: None, stream=0)


@case("6.7", "PING with ACK is not answered")
def _():
    c = Conn()
    c.send(PING, ACK, 0, b"12345678")
    c.alive()
    if any(f[0] == PING and f[3] == b"12345678" for f in c.seen):
        raise Wrong("it was")


conn_case("6.7", "PING, stream 1", lambda c: c.send(PING, 0, 1, bytes(8)),
          PROTOCOL)
conn_case("6.7", "PING, 6 bytes", lambda c: c.send(PING, 0, 0, bytes(6)),
          SIZE)
conn_case("6.8", "GOAWAY, stream 1", lambda c: c.send(
    GOAWAY, 0, 1, bytes(8)), PROTOCOL)
conn_case("6.8", "GOAWAY, 4 bytes", lambda c: c.send(
    GOAWAY, 0, 0, bytes(4)), SIZE)
conn_case("6.9", "WINDOW_UPDATE of 0", lambda c: c.send(
    WINDOW, 0, 0, bytes(4)), PROTOCOL)
stream_case("6.9", "WINDOW_UPDATE of 0, a stream", lambda c: (
    c.post(), c.send(WINDOW, 0, 1, bytes(4))), PROTOCOL)
conn_case("6.9", "WINDOW_UPDATE, 3 bytes", lambda c: c.send(
    WINDOW, 0, 0, bytes(3)), SIZE)
conn_case("6.9.1", "window of the connection too large", lambda c: (
    c.send(WINDOW, 0, 0, struct.pack(">I", 0x7fffffff)),
    c.send(WINDOW, 0, 0, struct.pack(">I", 0x7fffffff))), FLOW)
stream_case("6.9.1", "window of a stream too large", lambda c: (
    c.post(), c.send(WINDOW, 0, 1, struct.pack(">I", 0x7fffffff)),
    c.send(WINDOW, 0, 1, struct.pack(">I", 0x7fffffff))), FLOW)


@case("6.9.2", "a window of 0 grows with SETTINGS")
def _():
    c = Conn(settings=struct.pack(">HI", 4, 0))
    c.get()
    c.wait(lambda f: f[0] == HEADERS)
    c.alive()
    if any(f[0] == DATA and f[3] for f in c.seen):
        raise Wrong("DATA without a window")
    c.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 1))
    f = c.wait(lambda f: f[0] == DATA)
    if len(f[3]) != 1:
        raise Wrong("%d bytes" % len(f[3]))


@case("6.9.2", "a negative window")
def _():
    c = Conn(settings=struct.pack(">HI", 4, 3))
    c.get()
    c.wait(lambda f: f[0] == DATA and len(f[3]) == 3)
    c.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 2))
    c.send(WINDOW, 0, 1, struct.pack(">I", 2))
    f = c.wait(lambda f: f[0] == DATA)
    if len(f[3]) != 1:
        raise Wrong("%d bytes" % len(f[3]))


# A connection error by the letter; nghttp2 ends the stream.
stream_case("6.9.2", "windows of streams beyond the largest", lambda c: (
    c.post(), c.send(WINDOW, 0, 1, struct.pack(">I", 0x7fffffff - 65535)),
    c.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 65536))), FLOW)
for what, send in {
        "after END_HEADERS": lambda c: (
            c.post(), c.send(CONT, 4, 1, c.enc.encode([("x", "y")]))),
        "stream 0": lambda c: (
            c.send(HEADERS, 1, 1, c.head()), c.send(CONT, 4, 0, b"")),
        "another stream": lambda c: (
            c.send(HEADERS, 1, 1, c.head()), c.send(CONT, 4, 3, b"")),
        "after DATA": lambda c: (
            c.post(), c.send(DATA, 0, 1, b"x"), c.send(CONT, 4, 1, b"")),
}.items():
    conn_case("6.10", "CONTINUATION " + what, send, PROTOCOL)

# ---- 7 and 8 ----------------------------------------------------------------
ok_case("7", "an unknown code in RST_STREAM", lambda c: (
    c.post(), c.send(RST, 0, 1, struct.pack(">I", 0xff))), stream=0)
conn_case("7", "an unknown code in GOAWAY", lambda c: c.send(
    GOAWAY, 0, 0, struct.pack(">II", 0, 0xff)), 0)
stream_case("8.1", "a second HEADERS without END_STREAM", lambda c: (
    c.post(), c.send(HEADERS, 4, 1, c.enc.encode([("x", "y")]))), PROTOCOL)
for what, more in {
        "an upper case name": [("X-TEST", "ok")],
        "an unknown pseudo-header field": [(":test", "ok")],
        ":status in a request": [(":status", "200")],
        "Connection": [("connection", "keep-alive")],
        "Transfer-Encoding": [("transfer-encoding", "chunked")],
        "Keep-Alive": [("keep-alive", "1")],
        "Proxy-Connection": [("proxy-connection", "close")],
        "Upgrade": [("upgrade", "h2c")],
        "TE: gzip": [("te", "trailers, deflate")],
        "a second :method": [(":method", "GET")],
        "a second :scheme": [(":scheme", "https")],
        "a second :path": [(":path", "/")],
        "a second :authority": [(":authority", "x")],
        "a pseudo-header field after others": [("x", "y"), (":path", "/")],
        "a blank in a name": [("x y", "1")],
        "a colon in a name": [("x:y", "1")],
        "CR in a value": [("x", "a\rb")],
        "LF in a value": [("x", "a\nb")],
        "NUL in a value": [("x", "a\0b")],
        "a blank before a value": [("x", " a")],
        "a blank after a value": [("x", "a ")],
        "two Content-Lengths": [("content-length", "0"),
                                ("content-length", "0")],
        "Content-Length is no number": [("content-length", "1x")],
        "Content-Length of a request without DATA": [
            ("content-length", "5")],
}.items():
    stream_case("8.2", what, lambda c, m=more: c.get(more=m), PROTOCOL)
for drop in (":method", ":scheme", ":path"):
    stream_case("8.3.1", "no " + drop, lambda c, d=drop: c.get(drop=(d,)),
                PROTOCOL)
stream_case("8.3.1", "an empty :path", lambda c: c.get(path=""), PROTOCOL)
stream_case("8.3.1", ":path without /", lambda c: c.get(path="x"), PROTOCOL)
stream_case("8.1", "a pseudo-header field in trailers", lambda c: (
    c.post(), c.send(HEADERS, 5, 1, c.enc.encode([(":path", "/")]))),
    PROTOCOL)
stream_case("8.1.1", "Content-Length and one DATA differ", lambda c: (
    c.post(more=[("content-length", "1")]), c.send(DATA, 1, 1, b"test")),
    PROTOCOL)
stream_case("8.1.1", "Content-Length and two DATA differ", lambda c: (
    c.post(more=[("content-length", "5")]), c.send(DATA, 0, 1, b"te"),
    c.send(DATA, 1, 1, b"st")), PROTOCOL)
ok_case("8.3.1", "Host names another server", lambda c: c.get(
    more=[("host", "other.example")]), status="400")
ok_case("8.3.1", ":scheme http over TLS", lambda c: c.send(
    HEADERS, 5, 1, c.enc.encode([
        (":method", "GET"), (":scheme", "http"), (":path", "/"),
        (":authority", name)])), status="400")
ok_case("8.5", "CONNECT", lambda c: c.send(HEADERS, 4, 1, c.enc.encode([
    (":method", "CONNECT"), (":authority", name + ":443")])), status="405")

only = sys.argv[5] if len(sys.argv) > 5 else ""
bad = 0
for where, what, fn in CASES:
    if only not in where + " " + what:
        continue
    try:
        fn()
    except Wrong as e:
        print("BAD: %s, %s: %s" % (where, what, e))
        bad += 1
    except (OSError, hpack.HPACKError) as e:
        print("BAD: %s, %s: %r" % (where, what, e))
        bad += 1
print("%d cases, %d wrong" % (len(CASES), bad))
sys.exit(bad != 0)
