#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests of all kinds over HTTP/1.1 and HTTP/2, cut anywhere, and whether
each response that arrived is whole and the one that was asked for, and the
log has each request and each connection once.
httptorture.py serve CERT KEY            origin: plain on port 8000, TLS on 8443
httptorture.py run FILE CAFILE ORIGIN PROXY SECONDS FIRST WAY...
                                         one thread for each way (tls, plain,
                                         proxy, connect, h2), with 2,000 ports
                                         each from FIRST on; what happened goes
                                         to FILE
httptorture.py check calm|kills LOG FILE...
                                         compares; calm: nothing was killed
A path is /KIND/ID/SIZE, and ID says what the body is."""
import hashlib
import itertools
import random
import re
import select
import socket
import ssl
import struct
import sys
import threading
import time

NAME = "github.com"
LINGER0 = struct.pack("ii", 1, 0)
# what the origin does, by kind; those with an s- break off
WHOLE = ["len", "chunk", "none", "echo", "hints", "slow", "bad", "flip"]
BROKEN = ["s-fin", "s-rst", "s-head", "s-mess", "s-stall"]
PORTS = {"plain": 8000, "tls": 8443, "h2": 8443}


def body_of(number, size):
    return (b"%d." % number * (size // 2 + 1))[:size]


def digest(data):
    return hashlib.sha256(data).hexdigest().encode()


def rst(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)


# ---- the origin -------------------------------------------------------------

class Cut(Exception):
    """The origin ends the connection here; True: by a reset."""


def answer(kind, number, size, send):
    """HTTP/1: everything but echo."""
    data = body_of(number, size)
    head = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\n" % number
    length = b"Content-Length: %d\r\n\r\n" % size
    if kind in ("len", "flip", "bad"):
        send(head + length + data)
    elif kind == "chunk":
        send(head + b"Transfer-Encoding: chunked\r\n\r\n")
        step = size // 5 + 1
        for at in range(0, size, step):
            piece = data[at:at + step]
            send(b"%x\r\n%s\r\n" % (len(piece), piece))
        send(b"0\r\nX-Sum: %d\r\n\r\n" % size)
    elif kind == "none":
        send(head.replace(b"200 OK", b"204 No Content") + b"\r\n")
    elif kind == "hints":
        send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        send(head + length + data)
    elif kind == "slow":
        for piece in head[:9], head[9:], length, data[:size // 2], \
                data[size // 2:]:
            time.sleep(0.01)
            send(piece)
    elif kind in ("s-fin", "s-rst"):
        if number % 2:
            send(head + length + data[:size // 2])
        else:
            send(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size +
                 data[:size // 2])
        raise Cut(kind == "s-rst")
    elif kind == "s-head":
        send(head[:20])
        raise Cut(number % 2)
    elif kind == "s-mess":
        send(b"\x00\xffHTTP? no\r\n\r\n" + data[:100])
        raise Cut(False)
    elif kind == "s-stall":
        send(head + length)
        raise TimeoutError


def request_of(path):
    _, kind, number, size = path.split("/")
    return kind, int(number), int(size)


def serve_h1(s):
    f = s.makefile("rb")
    while line := f.readline():
        head, path = {}, line.split()[1].decode()
        while (row := f.readline()) not in (b"\r\n", b""):
            k, v = row.split(b":", 1)
            head[k.lower()] = v.strip()
        data = b""
        if b"transfer-encoding" in head:
            while (n := int(f.readline(), 16)) > 0:
                data += f.read(n)
                f.readline()
            while f.readline().strip():
                pass
        elif b"content-length" in head:
            n = int(head[b"content-length"])
            data = f.read(n)
            if len(data) < n:
                raise OSError("cut")
        kind, number, size = request_of(path[path.index("/", 7):] if
                                        path.startswith("http") else path)
        if kind == "echo":
            data = digest(data)
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" %
                      (len(data), data))
        else:
            answer(kind, number, size, s.sendall)


def serve_h2(s, raw):
    c = h2.connection.H2Connection(h2.config.H2Configuration(
        client_side=False, header_encoding="utf-8"))
    c.initiate_connection()
    left, sums, asked, late = {}, {}, {}, []

    def begin(stream):
        kind, number, size = asked[stream]
        data = body_of(number, size)
        if kind == "s-head":
            c.reset_stream(stream, 2)
            return
        if kind == "s-mess":
            s.sendall(c.data_to_send() + b"\x00\x10\x00\x00\x00" +
                      struct.pack(">I", stream) + b"cut in a frame")
            raise Cut(number % 2)
        if kind == "hints":
            c.send_headers(stream, [(":status", "103"), ("link", "</a>")])
        if kind == "echo":
            data = sums[stream].hexdigest().encode()
        c.send_headers(stream, [(":status", "204" if kind == "none" else
                                 "200"), ("x-id", str(number))],
                       end_stream=kind == "none")
        if kind == "s-stall" or kind == "none":
            return
        if kind in ("s-fin", "s-rst"):
            data = data[:size // 2]
        left[stream] = data

    def more():
        for stream, data in list(left.items()):
            kind = asked[stream][0]
            while data and (n := min(len(data), 16384,
                            c.local_flow_control_window(stream))) > 0:
                c.send_data(stream, data[:n])
                data = data[n:]
            left[stream] = data
            if data:
                continue
            del left[stream]
            if kind in ("s-fin", "s-rst"):
                c.reset_stream(stream, 2)
            elif kind == "chunk":
                c.send_headers(stream, [("x-sum", "1")], end_stream=True)
            else:
                c.end_stream(stream)

    while True:
        more()
        s.sendall(c.data_to_send())
        if not s.pending() and late:
            select.select([raw], [], [], 0.02)
        data = b""
        if s.pending() or not late or select.select([raw], [], [], 0)[0]:
            data = s.recv(65536)
            if not data:
                return
        for e in c.receive_data(data):
            if isinstance(e, h2.events.RequestReceived):
                asked[e.stream_id] = request_of(dict(e.headers)[":path"])
                sums[e.stream_id] = hashlib.sha256()
            elif isinstance(e, h2.events.DataReceived):
                sums[e.stream_id].update(e.data)
                if e.flow_controlled_length:
                    c.acknowledge_received_data(e.flow_controlled_length,
                                                e.stream_id)
            elif isinstance(e, h2.events.StreamEnded):
                if asked[e.stream_id][0] == "slow":
                    late.append((time.monotonic() + 0.05, e.stream_id))
                else:
                    begin(e.stream_id)
            elif isinstance(e, h2.events.StreamReset):
                left.pop(e.stream_id, None)
                late = [x for x in late if x[1] != e.stream_id]
        while late and late[0][0] <= time.monotonic():
            begin(late.pop(0)[1])


def serve_one(raw, ctx):
    try:
        raw.settimeout(20)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s = ctx.wrap_socket(raw, server_side=True) if ctx else raw
        if ctx and s.selected_alpn_protocol() == "h2":
            serve_h2(s, s)
        else:
            serve_h1(s)
        if ctx:
            s.unwrap()
    except Cut as e:
        if e.args[0]:
            rst(s)
    except TimeoutError:
        try:
            while s.recv(65536):
                pass
        except (OSError, ValueError):
            pass
    except (OSError, ValueError, IndexError, h2.exceptions.H2Error):
        pass
    finally:
        try:
            s.close()
        except (OSError, UnboundLocalError):
            raw.close()


def serve(cert, key):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(cert, key)
    ctx.set_alpn_protocols(["h2", "http/1.1"])

    def listen(port, with_tls):
        with socket.create_server(("::", port), family=socket.AF_INET6,
                                  dualstack_ipv6=True, backlog=500) as one:
            while True:
                threading.Thread(target=serve_one, args=(
                    one.accept()[0], with_tls), daemon=True).start()

    threading.Thread(target=listen, args=(8443, ctx), daemon=True).start()
    listen(8000, None)


# ---- clients ----------------------------------------------------------------

class Ended(Exception):
    """The server's end, said so."""


class Conn:
    """A connection that counts its bytes on the wire."""

    def __init__(self, addr, port, own):
        self.own, self.sent, self.got, self.tls = own, 0, 0, None
        self.sock = socket.socket()
        self.sock.settimeout(8)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.bind(("", own))
        self.sock.connect((addr, port))
        self.buf = b""

    def flush(self):
        if self.out.pending:
            data = self.out.read()
            self.sent += len(data)  # at most, when it fails
            self.sock.sendall(data)

    def fill(self):
        data = self.sock.recv(65536)
        self.got += len(data)
        if not data:
            raise OSError("cut")
        self.inc.write(data)

    def start_tls(self, ctx):
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ctx.wrap_bio(self.inc, self.out, server_hostname=NAME)
        while True:
            try:
                self.tls.do_handshake()
                self.flush()
                return
            except ssl.SSLWantReadError:
                self.flush()
                self.fill()

    def send(self, data):
        if self.tls:
            self.tls.write(data)
            self.flush()
        else:
            self.sent += len(data)  # at most, when it fails
            self.sock.sendall(data)

    def recv(self):
        """Some bytes, or Ended, or OSError for an end that was none."""
        if not self.tls:
            data = self.sock.recv(65536)
            self.got += len(data)
            if not data:
                raise Ended
            return data
        while True:
            try:
                data = self.tls.read(65536)
                if not data:
                    raise Ended
                return data
            except ssl.SSLWantReadError:
                self.flush()
                self.fill()
            except ssl.SSLZeroReturnError:
                raise Ended from None

    def more(self):
        self.buf += self.recv()

    def line(self):
        while b"\n" not in self.buf:
            self.more()
        line, self.buf = self.buf.split(b"\n", 1)
        return line + b"\n"

    def take(self, n):
        while len(self.buf) < n:
            self.more()
        data, self.buf = self.buf[:n], self.buf[n:]
        return data

    def end(self, how):
        """fin: everything is read; then the counts are exact."""
        try:
            if how == "fin":
                if self.tls:
                    try:
                        self.tls.unwrap()
                    except ssl.SSLError:
                        pass
                    self.flush()
                self.sock.shutdown(socket.SHUT_WR)
                while data := self.sock.recv(65536):
                    self.got += len(data)
            elif how == "rst":
                rst(self.sock)
        except OSError:
            how = "broken"
        self.sock.close()
        return how


class Client:
    def __init__(self, way, ca, origin, proxy, first):
        self.way, self.lines = way, []
        self.origin, self.proxy = origin, proxy
        self.rand = random.Random(first)
        self.ids = itertools.count(first * 1000)
        self.ports = iter(range(first, first + 2000))
        self.ctx = ssl.create_default_context(cafile=ca)
        self.ctx.set_alpn_protocols(["h2"] if way == "h2" else ["http/1.1"])

    def say(self, *words):
        self.lines.append(" ".join(str(w) for w in words))

    def wrong(self, number, kind, why):
        self.say("wrong", number, kind, why)

    def request(self):
        kind = self.rand.choice(WHOLE if self.rand.random() < 0.9 else BROKEN)
        size = self.rand.choice((0, 1, 700, 5000, 40000, 200000)) if \
            self.rand.random() < 0.5 else self.rand.randrange(9000)
        return kind, next(self.ids), max(size, 2) if kind in BROKEN else size

    def arrived(self, kind, number, size, status, data):
        """A response whose end came."""
        right = {"none": b"", "echo": digest(body_of(number, size))}.get(
            kind, body_of(number, size))
        if kind in ("bad", "flip") and status == 403:
            if b"blocked" not in data:
                self.wrong(number, kind, "no page")
        elif status in (502, 504):
            pass                # the check knows where that is right
        elif kind == "bad" or kind in BROKEN or data != right or \
                status != (204 if kind == "none" else 200):
            self.wrong(number, kind, "%d, %d bytes instead of %d: %r" % (
                status, len(data), len(right), data[:80]))
        self.say("got", number, kind, status)

    # ---- HTTP/1

    def head(self, kind, number, size):
        target = "/%s/%d/%d" % (kind, number, size)
        if self.way == "proxy":
            target = "http://%s:8000%s" % (NAME, target)
        method = "POST" if kind == "echo" else \
            "HEAD" if kind == "len" and number % 4 == 0 else "GET"
        text = "%s %s HTTP/1.1\r\nHost: %s\r\n" % (
            method, target, NAME + (":8000" if self.way in
                                    ("plain", "proxy") else ":8443"))
        data = b""
        if kind == "echo":
            data = body_of(number, size)
            if number % 2:
                text += "Transfer-Encoding: chunked\r\n"
                cut = size // 3
                data = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in
                                (data[:cut], data[cut:]) if p) + b"0\r\n\r\n"
            else:
                text += "Content-Length: %d\r\n" % size
        return method, text.encode() + b"\r\n" + data

    def response(self, c, kind, number, size, method):
        status = 100
        while status < 200:
            status = int(c.line().split()[1])
            head = {}
            while (row := c.line()) != b"\r\n":
                k, v = row.decode("latin-1").split(":", 1)
                head[k.lower()] = v.strip()
        self.say("head", number, kind, status)
        data = b""
        if method == "HEAD" or status == 204:
            if method == "HEAD":
                data = body_of(number, size)
        elif "transfer-encoding" in head:
            while (n := int(c.line(), 16)) > 0:
                data += c.take(n)
                c.take(2)
            while c.line() != b"\r\n":
                pass
        elif "content-length" in head:
            data = c.take(int(head["content-length"]))
        else:
            try:
                while True:
                    c.more()
            except Ended:
                data = c.buf
        self.arrived(kind, number, size, status, data)
        return head.get("connection", "").lower() != "close"

    def http1(self, c):
        for _ in range(self.rand.choice((1, 3, 10, 40))):
            todo = [self.request() for _ in
                    range(self.rand.choice((1, 1, 1, 3)))]
            out, methods = b"", []
            for one in todo:
                method, text = self.head(*one)
                methods.append(method)
                out += text
                self.say("ask", one[1], one[0], method, c.own)
            if self.rand.random() < 0.04:      # cut anywhere
                c.send(out[:self.rand.randrange(len(out))])
                return self.rand.choice(("close", "rst"))
            c.send(out)
            for one, method in zip(todo, methods):
                if one[0] == "s-stall" or self.rand.random() < 0.01:
                    return self.rand.choice(("close", "rst"))
                if not self.response(c, *one, method):
                    return "fin"
        return "fin"

    # ---- HTTP/2

    def http2(self, c):
        h = h2.connection.H2Connection(h2.config.H2Configuration(
            header_encoding="utf-8"))
        h.initiate_connection()
        open_, left, got, status = {}, {}, {}, {}
        todo = self.rand.choice((1, 8, 30, 80))
        cut = self.rand.random() < 0.2
        while todo or open_:
            while todo and len(open_) < 8:
                todo -= 1
                kind, number, size = one = self.request()
                sid = h.get_next_available_stream_id()
                method = "POST" if kind == "echo" else "GET"
                self.say("ask", number, kind, method, c.own)
                h.send_headers(sid, [
                    (":method", method), (":scheme", "https"),
                    (":authority", NAME + ":8443"),
                    (":path", "/%s/%d/%d" % one)],
                    end_stream=kind != "echo")
                open_[sid], got[sid] = one, []
                if kind == "echo":
                    left[sid] = body_of(number, size)
                if kind == "s-stall" or self.rand.random() < 0.03:
                    h.reset_stream(sid, 8)
                    del open_[sid]
                    left.pop(sid, None)
            for sid, data in list(left.items()):
                while data and (n := min(len(data), 16384,
                                h.local_flow_control_window(sid))) > 0:
                    h.send_data(sid, data[:n])
                    data = data[n:]
                left[sid] = data
                if not data:
                    h.end_stream(sid)
                    del left[sid]
            out = h.data_to_send()
            if cut and self.rand.random() < 0.1:
                c.send(out[:self.rand.randrange(len(out) + 1)])
                return self.rand.choice(("close", "rst"))
            if out:
                c.send(out)
            if not todo and not open_:
                break
            for e in h.receive_data(c.recv()):
                sid = getattr(e, "stream_id", None)
                if isinstance(e, h2.events.ConnectionTerminated):
                    todo = 0
                if sid not in open_:
                    continue
                kind, number, size = open_[sid]
                if isinstance(e, h2.events.ResponseReceived):
                    status[sid] = int(dict(e.headers)[":status"])
                    self.say("head", number, kind, status[sid])
                elif isinstance(e, h2.events.DataReceived):
                    got[sid].append(e.data)
                    if e.flow_controlled_length:
                        h.acknowledge_received_data(
                            e.flow_controlled_length, sid)
                elif isinstance(e, h2.events.StreamEnded):
                    self.arrived(kind, number, size, status[sid],
                                 b"".join(got[sid]))
                elif isinstance(e, h2.events.StreamReset):
                    left.pop(sid, None)
                if isinstance(e, (h2.events.StreamEnded,
                                  h2.events.StreamReset)):
                    del open_[sid]
        return "fin"

    # ---- all

    def once(self, own):
        way, how, c = self.way, "broken", None
        try:
            c = Conn(self.proxy if way in ("proxy", "connect") else
                     self.origin, 8080 if way in ("proxy", "connect") else
                     PORTS[way], own)
            if way == "connect":
                c.send(b"CONNECT %s:8443 HTTP/1.1\r\nHost: %s:8443\r\n\r\n" %
                       ((NAME.encode(),) * 2))
                if b" 200" not in c.line():
                    raise OSError("refused")
                while c.line() != b"\r\n":
                    pass
            if way not in ("plain", "proxy"):
                c.start_tls(self.ctx)
            how = self.http2(c) if way == "h2" else self.http1(c)
        except Ended:
            how = "fin"
        except socket.timeout:
            how = "timeout"
        except (OSError, ssl.SSLError, h2.exceptions.H2Error, ValueError,
                IndexError) as e:
            if not isinstance(e, OSError):
                self.wrong(own, way, repr(e))
            how = "broken"
        if c:
            how = c.end(how)
            self.say("conn", own, way, c.sent, c.got, how)
        else:
            time.sleep(0.05)    # nobody listens just now

    def run(self, end):
        for own in self.ports:
            if time.monotonic() > end:
                break
            self.once(own)


def run(path, ca, origin, proxy, seconds, first, *ways):
    end = time.monotonic() + float(seconds)
    clients = [Client(way, ca, origin, proxy, int(first) + 2000 * i)
               for i, way in enumerate(ways)]
    threads = [threading.Thread(target=c.run, args=(end,)) for c in clients]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with open(path, "w") as f:
        for c in clients:
            f.writelines(line + "\n" for line in c.lines)


# ---- the log ----------------------------------------------------------------

def fields(line):
    return {k: q if q else v for k, q, v in
            re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line)}


def check(mood, log, paths):
    errors, utm, bad, traffic, lost = [], {}, {}, {}, 0
    with open(log, errors="replace") as f:
        for line in f:
            if m := re.search(r"(\d+) log records lost", line):
                lost += int(m.group(1))
            r = fields(line)
            if r.get("type") == "traffic":
                traffic.setdefault(int(r["srcport"]), []).append(r)
            elif r.get("subtype") == "webfilter" and "url" in r:
                m = re.fullmatch(r"(?:https?://[^/]*)?/[a-z-]+/(\d+)/\d+",
                                 r["url"])
                # malformed: another one
                if m:
                    (bad if r["logid"].endswith("13568") else utm).setdefault(
                        int(m.group(1)), []).append(r)
    asked, heads, got, conns = {}, {}, {}, []
    for path in paths:
        with open(path) as f:
            for word, *rest in (line.split(None, 4) for line in f):
                if word == "ask":
                    asked[int(rest[0])] = rest[1], rest[2], int(rest[3])
                elif word == "head":
                    heads[int(rest[0])] = int(rest[2])
                elif word == "got":
                    got[int(rest[0])] = int(rest[2])
                elif word == "conn":
                    conns.append(rest[:3] + rest[3].split())
                else:
                    errors.append("%s %s" % (word, " ".join(rest)))
    missing, count = [], {}
    for number, (kind, method, port) in asked.items():
        found, status = utm.pop(number, []), heads.get(number)
        what = "%s %s/%d from port %d (status %s)" % (
            method, kind, number, port, status)
        if mood == "calm" and status in (502, 504) and kind in WHOLE:
            errors.append(what + ": without a reason")
        if len(found) > 1:
            errors.append("%s: %d records" % (what, len(found)))
        if status is None:
            continue
        if not found:
            missing.append(what)
            continue
        r = found[0]
        if (r["action"] == "blocked") != (status == 403) or \
                int(r["statuscode"]) != status or \
                r["httpmethod"] != method or int(r["srcport"]) != port:
            errors.append("%s: %s" % (what, r))
    errors += ["a record of nobody: %s" % r for r in utm.values()]
    errors += ["called malformed: %s" % r for n, r in bad.items() if
               len(r) != 1 or n not in asked or asked[n][0] not in BROKEN]
    died = exact = 0
    for own, way, sent, received, how in conns:
        own, sent, received = int(own), int(sent), int(received)
        found = traffic.pop(own, [])
        what = "%s from port %d (%s)" % (way, own, how)
        count[way] = count.get(way, 0) + 1
        if len(found) > 1:
            errors.append("%s: %d traffic records" % (what, len(found)))
        if how == "timeout" and mood == "calm":
            errors.append(what)
        if not found:
            if received > 0:
                missing.append(what)
            continue
        r = found[0]
        if r["reason"] == "worker-died":
            died += 1
            continue
        counted = int(r["sentbyte"]), int(r["rcvdbyte"])
        exact += how == "fin"
        if counted != (sent, received) if how == "fin" else \
                counted[0] > sent or counted[1] < received:
            errors.append("%s: sentbyte, rcvdbyte %s, counted %s: %s" % (
                what, counted, (sent, received), r["reason"]))
    if len(missing) > lost:
        errors.append("%d lost by the log, missing: %s" % (
            lost, missing[:5]))
    for e in errors[:20]:
        print(e)
    print("%s; %d requests, %d answered, %d whole; connections: %d exact, %d "
          "of a dead worker; %d errors" % (count, len(asked), len(heads),
                                           len(got), exact, died, len(errors)))
    return 1 if errors or min(count.values(), default=0) < 3 or \
        len(got) < 100 else 0


what, args = sys.argv[1], sys.argv[2:]
if what in ("serve", "run"):
    import h2.config
    import h2.connection
    import h2.events
    import h2.exceptions
    # after a GOAWAY the open streams go on (RFC 9113 section 6.8); h2 itself
    # takes nothing more
    still = h2.connection.ConnectionState.CLIENT_OPEN
    h2.connection.H2ConnectionStateMachine._transitions[
        still, h2.connection.ConnectionInputs.RECV_GOAWAY] = (None, still)
if what == "serve":
    serve(*args)
elif what == "run":
    run(*args)
else:
    sys.exit(check(args[0], args[1], args[2:]))
