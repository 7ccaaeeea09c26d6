#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends the messages of smuggle_messages.py through the gateway and judges
what became of them.  Each goes to three origins, which log what they read; the
gateway logs what it read.  Behind each message comes a good one, /end/NUMBER:
who loses its place in the stream reads that one wrong.
smuggle.py ORIGIN OWN PROXY CAFILE DIRECTORY SEED TIMES"""
import collections
import concurrent.futures
import http.client
import io
import itertools
import json
import random
import re
import socket
import ssl
import sys
import time
import urllib.parse

import hpack

import smuggle_messages as messages

origin, own, proxy, cafile, lab, seed, times = sys.argv[1:8]
ORIGINS = "nginx", "node", "python"
PORTS = {"plain": (8001, 8002, 8003), "proxy": (8001, 8002, 8003),
         "tls": (8443, 8444, 8445), "h2": (9443, 9444, 9445)}
H1 = "plain", "tls", "proxy"
BAD = "0313013568"              # the record of what is malformed
ports = itertools.count(10000)  # each connection has its own
failures = []


def fail(*what):
    failures.append(" ".join(str(w) for w in what))


# ---- connections ------------------------------------------------------------

def connect(where, port):
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    me = next(ports)
    s.bind((own, me))
    s.settimeout(20)
    s.connect((where, port))
    return s, me


def receive(s):
    try:
        return s.recv(65536)
    except ConnectionError:
        return b""


def send(s, data):
    try:
        s.sendall(data)
    except ConnectionError:
        pass


class Tls:
    """Over a socket; one way can end without the other."""

    def __init__(self, s, alpn):
        ctx = contexts[alpn]
        self.s, self.into, self.out = s, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.o = ctx.wrap_bio(self.into, self.out,
                              server_hostname="github.com")
        self.run(self.o.do_handshake)

    def run(self, f, *args, wait=True):
        while True:
            done, r = not wait, b""
            try:
                done, r = True, f(*args)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return b""
            if self.out.pending:
                send(self.s, self.out.read())
            if done:
                return r
            data = receive(self.s)
            if not data:
                return b""
            self.into.write(data)

    def sendall(self, data):
        self.run(self.o.write, data)

    def recv(self, n):
        return self.run(self.o.read, n)

    def shutdown(self, _):
        self.run(self.o.unwrap, wait=False)

    def close(self):
        self.s.close()


def context(alpn):
    ctx = ssl.create_default_context(cafile=cafile)
    ctx.set_alpn_protocols([alpn])
    return ctx


BAD_ONES = list(messages.responses())
BAD_ONES2 = list(messages.h2_responses())
HOPS = "connection", "keep-alive", "proxy-connection", "transfer-encoding", \
    "upgrade", "te"
contexts = {a: context(a) for a in ("http/1.1", "h2")}


def opened(channel, port):
    s, me = connect(proxy if channel == "proxy" else origin,
                    8080 if channel == "proxy" else port)
    if channel in ("tls", "h2"):
        s = Tls(s, "h2" if channel == "h2" else "http/1.1")
    return s, me


def filled(m, channel, number, port):
    host = b"github.com"
    if channel == "proxy":
        host += b":%d" % port
    return (m.replace(b"@@@@", number.encode())
            .replace(b"{T}", b"http://" + host if channel == "proxy" else b"")
            .replace(b"{H}", host))


END = (b"GET {T}/end/@@@@ HTTP/1.1\r\nHost: {H}\r\nConnection: close\r\n"
       b"\r\n")


def talk1(channel, port, data):
    s, me = opened(channel, port)
    got = b""
    try:
        send(s, data)
        try:
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        while True:
            more = receive(s)
            if not more:
                return me, got
            got += more
    except TimeoutError:
        return me, got + b"TIMEOUT"
    finally:
        s.close()


# ---- HTTP/2 -----------------------------------------------------------------

class Streams:
    """What came on a connection: heads, bytes and ends of its streams."""

    def __init__(self, port):
        self.s, self.me = opened("h2", port)
        self.heads = collections.defaultdict(list)
        self.bytes = collections.Counter()
        self.over, self.reset, self.gone = set(), set(), False
        self.got, self.decoder = b"", hpack.Decoder()
        send(self.s, messages.PREFACE)

    def take(self, kind, flags, sid, body):
        if kind == 1:
            self.heads[sid].append([
                (k.decode("latin-1"), v.decode("latin-1"))
                for k, v in self.decoder.decode(body, raw=True)])
        if kind == 0:
            self.bytes[sid] += len(body)
        if (kind in (0, 1) and flags & 1) or kind == 3:
            self.over.add(sid)
        if kind == 3:
            self.reset.add(sid)
        if kind == 4 and not flags & 1:
            send(self.s, messages.frame(4, 1, 0))
        self.gone |= kind == 7 and body[4:8] != b"\0\0\0\0"

    def until(self, streams):
        """They are over, or all is."""
        while not self.gone and not streams <= self.over:
            more = receive(self.s)
            self.gone |= not more
            self.got += more
            while len(self.got) >= 9 and len(self.got) >= 9 + (
                    n := int.from_bytes(self.got[:3], "big")):
                f, self.got = self.got[:9 + n], self.got[9 + n:]
                self.take(f[3], f[4], int.from_bytes(f[5:9], "big"), f[9:])

    def final(self, sid):
        """The fields of the response."""
        for h in self.heads[sid]:
            if not dict(h).get(":status", "").startswith("1"):
                return h
        return []


def get2(path, stream):
    return messages.head([(b":method", b"GET"), (b":scheme", b"https"),
                          (b":authority", b"github.com"), (b":path", path)],
                         stream, 1)


def talk2(port, fields, trailers, number):
    """{stream: the response's fields}"""
    def fill(list_):
        return [(filled(n, "h2", number, port), filled(v, "h2", number, port))
                for n, v in list_]
    c = Streams(port)
    data = messages.head(fill(fields), 1, 0)
    data += messages.frame(0, 0 if trailers else 1, 1, b"hello")
    if trailers:
        data += messages.head(fill(trailers), 1, 1)
    try:
        send(c.s, data + get2(b"/end/" + number.encode(), 3))
        c.until({1, 3})
    except TimeoutError:
        return c.me, {"timeout": {}}
    finally:
        c.s.close()
    return c.me, {sid: dict(c.final(sid)) for sid in (1, 3)}


# ---- responses --------------------------------------------------------------

class Wrong(Exception):
    pass


TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*)\Z")
STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d) [^\0-\x08\x0a-\x1f\x7f]*\Z")
TRAILER_NEVER = "content-length", "transfer-encoding", "host", "set-cookie", \
    "connection"


def fields_of(lines):
    out = []
    for line in lines:
        m = FIELD.match(line)
        if not m:
            raise Wrong("field %r" % line[:80])
        out.append((m[1].decode().lower(), m[2].decode("latin-1").strip()))
    return out


def chunked(data):
    body = b""
    while True:
        m = re.match(rb"([0-9A-Fa-f]{1,15})\r\n", data)
        if not m:
            if re.match(rb"[0-9A-Fa-f]*\r?\Z", data):
                return None, b"", True
            raise Wrong("chunk %r" % data[:40])
        n = int(m[1], 16)
        data = data[m.end():]
        if n == 0:
            break
        if len(data) < n + 2:
            return body, b"", True
        if data[n:n + 2] != b"\r\n":
            raise Wrong("after a chunk %r" % data[n:n + 10])
        body, data = body + data[:n], data[n + 2:]
    if data.startswith(b"\r\n"):
        return body, data[2:], False
    trailers, sep, data = data.partition(b"\r\n\r\n")
    for name, _ in fields_of(trailers.split(b"\r\n") if sep else []):
        if name in TRAILER_NEVER:
            raise Wrong("trailer %s" % name)
    return body, data, not sep


def responses(data, methods=()):
    """[(status, fields, body, cut short)], read strictly."""
    out, methods = [], list(methods)
    while data:
        top, sep, rest = data.partition(b"\r\n\r\n")
        if not sep:
            raise Wrong("rest %r" % data[:80])
        lines = top.split(b"\r\n")
        m = STATUS.match(lines[0])
        if not m:
            raise Wrong("status line %r" % lines[0][:80])
        f = fields_of(lines[1:])
        status, cut = int(m[2]), False
        lengths = [v for n, v in f if n == "content-length"]
        codings = [v.lower() for n, v in f if n == "transfer-encoding"]
        if len(lengths) + len(codings) > 1 or \
                codings not in ([], ["chunked"]) or \
                any(not v.isdecimal() for v in lengths):
            raise Wrong("length %r" % f)
        if status < 200:
            data = rest
            continue
        method = methods.pop(0) if methods else "GET"
        if status in (204, 304) or method == "HEAD":
            body = b""
        elif codings:
            body, rest, cut = chunked(rest)
        elif lengths:
            n = int(lengths[0])
            body, cut, rest = rest[:n], len(rest) < n, rest[n:]
        else:
            body, rest = rest, b""
        out.append((status, dict(f), body, cut))
        data = rest
    return out


# ---- what was read ----------------------------------------------------------

def settled(path):
    """The file's text when it grows no more."""
    size = -1
    for _ in range(100):
        text = open(path, encoding="latin-1").read()
        if len(text) == size:
            break
        size = len(text)
        time.sleep(0.15)
    return text


def host_of(h):
    return re.sub(r":(800\d|[89]44\d)\Z", "", h.lower())


def target_of(u):
    return re.sub(r"^[A-Za-z]+://[^/?]*", "", u) or "/"


def reads(name):
    """{number: [(method, target, host, body, path as it is understood)]}"""
    out = collections.defaultdict(list)
    for text in settled("%s/%s.log" % (lab, name)).split("\n"):
        if not text:
            continue
        r = json.loads(text, strict=False)
        if r["b"] == "-":
            r["b"] = ""
        m = re.search(r"(?:/(?:m|end|smuggled)/|id=)(\w{4})", r["u"])
        out[m[1] if m else r["i"]].append(
            (r["m"], target_of(r["u"]), host_of(r["h"]), r["b"], r["d"]))
    return out


def records():
    """{client's port: ([URLs that were read], [what was malformed])}"""
    out = collections.defaultdict(lambda: ([], []))
    for text in settled(lab + "/run/log/openwad.log").split("\n"):
        if 'subtype="webfilter"' not in text:
            continue
        r = {k: a or b for k, a, b in re.findall(
            r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', text)}
        if r["logid"] == BAD:
            out[int(r["srcport"])][1].append(r.get("msg", ""))
        else:
            out[int(r["srcport"])][0].append(re.sub(
                r"\\x(..)", lambda m: chr(int(m[1], 16)), r.get("url", "")))
    return out


# ---- requests ---------------------------------------------------------------

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def number(n):
    return "".join(DIGITS[n // 36 ** i % 36] for i in (3, 2, 1, 0))


def all_cases():
    """(number, class, channel, what is sent)"""
    n = itertools.count(36 ** 3)
    rng = random.Random(int(seed))
    for again in range(int(times)):
        for kind, m in messages.requests(int(seed) + again):
            if again and kind != "random":
                continue
            one = rng.choice(H1)
            for channel in H1 if int(times) > 1 else (one,):
                yield number(next(n)), kind, channel, m + END
    for kind, fields, trailers in messages.h2_requests():
        yield number(next(n)), kind, "h2", (fields, trailers)
    for u in messages.urls():
        u = u.encode("latin-1")
        mark = (b"&" if b"?" in u else b"?") + b"id=@@@@"
        for channel in H1:
            yield number(next(n)), "url", channel, \
                b"GET {T}" + u + mark + b" HTTP/1.1\r\nHost: {H}\r\n\r\n" + END
        yield number(next(n)), "url", "h2", (messages.with_pseudo(
            b":path", u + mark), None)


def run(case):
    ident, _, channel, m = case
    out = {}
    for name, port in zip(ORIGINS, PORTS[channel]):
        if channel == "h2":
            out[name] = talk2(port, m[0], m[1], ident)
        else:
            out[name] = talk1(channel, port, filled(m, channel, ident, port))
    return case, out


def answered(channel, got, methods):
    """What the origins said that they read, as the client sees it."""
    if channel == "h2":
        return sorted(h["x-read"] for sid, h in got.items() if "x-read" in h)
    return [target_of(f["x-read"]) for _, f, _, _ in responses(got, methods)
            if "x-read" in f]


def show(case):
    m = case[3] if case[2] == "h2" else case[3][:-len(END)]
    return "%s %s %s %.300r" % (case[0], case[1], case[2], m)


def part_of(one, all_, same=lambda x, y: x == y):
    """In this order, perhaps with others between."""
    rest = iter(all_)
    return all(any(same(x, y) for y in rest) for x in one)


def recorded(path, url):
    """Long ones are cut in a record; "*" of a whole URI has no path."""
    return url == path or (len(url) > 200 and path.startswith(url)) or \
        (url, path) == ("*", "/")


def judge(case, out, read, wad):
    """refused: with a record of each; same: read by all, and the same in it;
    partly: an origin leaves something out (it refuses it, or ends sooner);
    ended: nobody has read all of it, or it is no HTTP to anybody."""
    ident, kind, channel, _ = case
    lists, bad = {}, 0
    for name in ORIGINS:
        me, got = out[name]
        one = read[name].get(ident, [])
        if channel == "h2":
            one = sorted(one, key=lambda r: r[1])
        if "timeout" in got if channel == "h2" else got.endswith(b"TIMEOUT"):
            fail("no end:", name, show(case))
            return "FAIL"
        if channel == "plain" and not (one or wad[me][0] or wad[me][1]):
            lists[name] = []    # no HTTP to anybody
            continue
        try:
            seen = answered(channel, got, [r[0] for r in one])
        except Wrong as e:
            fail("response:", e, name, show(case))
            return "FAIL"
        want = [r[1] for r in one]
        if channel == "h2":     # an origin may end all of it at once
            seen = [t for t in want if t in seen] or want
        if seen != want:
            fail("responses", seen, "to", want, name, show(case))
            return "FAIL"
        mine = wad[me][0]
        if channel in ("tls", "h2") and not mine and not wad[me][1]:
            fail("no record:", name, show(case))
            return "FAIL"
        if not part_of([t.split("?")[0] for t in want], mine, recorded) and \
                not (channel == "h2" and all(
                    any(recorded(t.split("?")[0], u) for u in mine)
                    for t in want) and len(want) <= len(mine)):
            fail(name, "read", want, "the gateway", mine, show(case))
            return "FAIL"
        if kind == "url" and any(
                ("/" + r[4].lstrip("/") + "/").startswith("/blocked/page/")
                for r in one if not r[1].startswith("/end/")):
            fail(name, "was asked for what is blocked:", one, show(case))
            return "FAIL"
        bad += bool(wad[me][1] and all(wad[me][1]))
        lists[name] = [r[:4] for r in one]
    longest = max(lists.values(), key=len)
    if any(not part_of(one, longest) for one in lists.values()):
        fail("different readings:", lists, show(case))
        return "FAIL"
    if bad == 3:
        return "refused"
    if all(one == longest for one in lists.values()) and longest:
        return "same" if kind != "url" or len(longest) > 1 else "refused"
    if kind == "url" and channel == "h2":
        return "refused"
    return "partly" if longest else "ended"


# ---- bad responses ----------------------------------------------------------

def ask_bad(i):
    """Asks for a bad response, and then for a good one."""
    channel = H1[i % 3]
    port = 8446 if channel == "tls" else 8004
    s, me = opened(channel, port)
    got = b""
    try:
        for j, path in enumerate((b"/r/%d" % i, b"/after/%d" % i)):
            send(s, filled(b"GET {T}" + path + b" HTTP/1.1\r\nHost: {H}\r\n"
                           b"\r\n", channel, "", port))
            if j:
                break
            s2 = s.s if isinstance(s, Tls) else s
            s2.settimeout(0.3)
            try:                # the first answer, whatever it is
                more = receive(s)
                got += more
            except TimeoutError:
                pass
            s2.settimeout(20)
        try:
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        while more := receive(s):
            got += more
    except TimeoutError:
        got += b"TIMEOUT"
    finally:
        s.close()
    return i, channel, me, got


def same_in_library(data, status, body):
    while re.match(rb"HTTP/1.1 1", data):
        data = data.split(b"\r\n\r\n", 1)[1]

    class Fake:
        def makefile(self, _):
            return io.BytesIO(data)
    r = http.client.HTTPResponse(Fake())
    try:
        r.begin()
        return r.status == status and r.read() == body
    except (http.client.HTTPException, ValueError):
        return False


def judge_response(i, channel, me, got, wad):
    what = "%d %s %.300r: %.500r" % (
        i, channel, BAD_ONES[i], got)
    try:
        list_ = responses(got)
    except Wrong as e:
        fail("response:", e, what)
        return "FAIL"
    first = b" 1" in BAD_ONES[i][8:10]
    if b"TIMEOUT" in got or any("x-poison" in f for _, f, _, _ in
                                list_[first:]):
        fail("poison or no end:", what)
        return "FAIL"
    after = [f for _, f, _, _ in list_[1:] if f.get("x-read")]
    if len(list_) > 2 or any(f["x-read"] != "/after/%d" % i for f in after):
        fail("answer to another request:", what)
        return "FAIL"
    if list_ and not list_[0][3] and not same_in_library(
            got, list_[0][0], list_[0][2]):
        fail("http.client reads something else:", what)
        return "FAIL"
    if wad[me][1]:
        return "refused"
    if list_ and list_[0][0] == 502:
        fail("no record:", what)
        return "FAIL"
    return "same" if after else "ended"


def ask_bad2(i):
    c = Streams(9446)
    try:
        send(c.s, get2(b"/r/%d" % i, 1))
        c.until({1})
        send(c.s, get2(b"/after/%d" % i, 3))
        c.until({1, 3})
    except TimeoutError:
        c.heads["timeout"] = []
    finally:
        c.s.close()
    return i, c


def judge_response2(i, c, wad):
    what = "%d %.300r: %.500r" % (i, BAD_ONES2[i], dict(c.heads))
    if "timeout" in c.heads:
        fail("no end:", what)
        return "FAIL"
    for name, value in sum(c.heads[1], []):
        if name in HOPS or not re.fullmatch(r":?[!#$%&'*+.^_`|~0-9a-z-]+",
                                            name) or \
                re.search(r"[\0\r\n]", value):
            fail("field %r: %r" % (name, value), what)
            return "FAIL"
    first, second = dict(c.final(1)), dict(c.final(3))
    whole = 1 in c.over - c.reset
    if whole and first.get(":status") != "304" and \
            int(first.get("content-length", c.bytes[1])) != c.bytes[1]:
        fail("length:", what)
        return "FAIL"
    if "x-poison" in first or second.get(
            "x-read", "/after/%d" % i) != "/after/%d" % i or \
            "x-poison" in second:
        fail("answer to another request:", what)
        return "FAIL"
    if wad[c.me][1]:
        return "refused"
    if 1 in c.reset or first.get(":status") == "502":
        fail("no record:", what)
        return "FAIL"
    return "same" if whole and "x-read" in second else "ended"


# ---- hosts ------------------------------------------------------------------

def canonical(h):
    h = h.strip(" \t").split("@")[-1]
    h = urllib.parse.unquote(re.split(r"[/?#\\]", h)[0])
    return re.sub(r":\d*\Z", "", h).rstrip(".").lower()


def ask_host(job):
    channel, h, form = job
    raw = h.encode("latin-1")
    port = PORTS[channel][0]
    if channel == "h2":
        me, heads = talk2(port, messages.with_pseudo(b":authority", raw) +
                          ([(b"host", raw)] if form else []), None, "hhhh")
        return job, [int(f.get(":status", 0)) for sid, f in heads.items()
                     if sid == 1]
    scheme = b"https://" if channel == "tls" else b"http://"
    target = scheme + raw + b"/h" if form else b"/h"
    me, got = talk1(channel, port, b"GET " + target + b" HTTP/1.1\r\nHost: " +
                    raw + b"\r\nConnection: close\r\n\r\n")
    try:
        return job, [r[0] for r in responses(got)]
    except Wrong:
        return job, [0]


# ---- all of it --------------------------------------------------------------

def table(title, rows):
    columns = "refused", "same", "partly", "ended", "FAIL"
    print("%-10s %7s" % (title, "sent") + "".join("%9s" % c for c in columns))
    for kind, n in rows.items():
        print("%-10s %7d" % (kind, sum(n.values())) +
              "".join("%9d" % n[c] for c in columns))


def main():
    begun = time.time()
    cases = list(all_cases())
    jobs = [(c, h, form) for h in messages.hosts()
            for c, forms in (("plain", (0, 1)), ("tls", (0, 1)),
                             ("proxy", (1,)), ("h2", (0, 1)))
            for form in forms]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(run, cases))
        bad = list(pool.map(ask_bad, range(len(BAD_ONES))))
        bad2 = list(pool.map(ask_bad2, range(len(BAD_ONES2))))
        hosts = list(pool.map(ask_host, jobs))
    sent = time.time()
    wad = records()
    if messages.SECRET.decode() in settled(lab + "/run/log/openwad.log"):
        fail("a secret is in a record")
    read = {name: reads(name) for name in ORIGINS}
    rows = collections.defaultdict(collections.Counter)
    for case, out in done:
        verdict = judge(case, out, read, wad)
        rows[case[1]][verdict] += 1
        rows[case[2]][verdict] += 1
        if verdict in ("partly", "ended") and "-v" in sys.argv:
            print(verdict, show(case), {k: len(read[k].get(case[0], []))
                                        for k in ORIGINS},
                  {k: wad[out[k][0]] for k in ORIGINS})
    for one in bad:
        verdict = judge_response(*one, wad)
        rows["response"][verdict] += 1
        if verdict == "ended" and "-v" in sys.argv:
            print("ended", one, BAD_ONES[one[0]][:200])
    for i, c in bad2:
        verdict = judge_response2(i, c, wad)
        rows["h2 answer"][verdict] += 1
        if verdict == "ended" and "-v" in sys.argv:
            print("ended", BAD_ONES2[i], dict(c.heads), c.reset)
    for (channel, h, form), codes in hosts:
        blocked = canonical(h) == "bet.example"
        rows["host name"]["refused" if 200 not in codes else
                          "FAIL" if blocked else "same"] += 1
        if blocked and 200 in codes:
            fail("a blocked host answered:", channel, repr(h), form, codes)
    for job, codes in hosts:
        if job[1] == "github.com" and 200 not in codes:
            fail("a host that is allowed did not answer:", job, codes)
    table("class", rows)
    print("%d connections, %.1f s, judged in %.1f s" %
          (next(ports) - 10000, sent - begun, time.time() - sent))
    seen = collections.Counter(re.sub(r"\d+|0x\w+|\b[GP]\S+ is|\".*\"", "*",
                               m)
                               for r in wad.values() for m in r[1])
    if "-v" in sys.argv:
        for m, k in seen.most_common():
            print("%6d %s" % (k, m))
    kinds = collections.Counter(f.split(" ")[0] for f in failures)
    for f in failures[:400 if "-v" in sys.argv else 20]:
        print("FAIL:", f[:1200])
    if len(failures) > 20:
        print(len(failures), "failures", dict(kinds))
    return 1 if failures or len(cases) < 1000 else 0


sys.exit(main())
