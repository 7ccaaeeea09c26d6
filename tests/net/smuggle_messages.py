# SPDX-License-Identifier: Apache-2.0
"""The messages of p020-smuggling.sh: each is one that two readers could take
for different things.  @@@@ is the number of the message, {T} what comes before
its path (a proxy: http://host), {H} the host.  The same seed, the same
messages."""
import random

SECRET = b"c2VjcmV0"            # in no record
INNER = b"GET /smuggled/@@@@ HTTP/1.1\r\nHost: s\r\n\r\n"
LINE = b"POST {T}/m/@@@@ HTTP/1.1\r\n"
GET = b"GET {T}/m/@@@@ HTTP/1.1\r\n"
HOST = b"Host: {H}\r\n"
# one reader: an empty body, and another request; the other one: all of it
BOTH = b"0\r\n\r\n" + INNER
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"
ODD = (b"\0", b"\x01", b"\t", b"\n", b"\x0b", b"\x0c", b"\r", b"\x1b", b" ",
       b"\"", b",", b";", b":", b"=", b"\\", b"/", b"#", b"%", b"_", b"+",
       b"-", b"0", b"9", b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff",
       b"\xc2\xa0", b"\r\n", b"\n\n", b"\r\n ", b"\r\n\t", b"\r\r\n")


def post(fields, body, line=LINE, host=HOST):
    return line + host + fields + b"\r\n" + body


def cl():
    n = len(BOTH)
    values = [f % n for f in (
        b"%d", b"+%d", b"-%d", b"0%d", b"0000000000000000000000%d", b"%d ",
        b"\t%d\t", b"%d.0", b"%de0", b"0x%x", b"%xh", b"%d;", b"%d,",
        b",%d", b"\"%d\"", b"'%d'", b"(%d)", b"%d\x0b", b"\x0b%d",
        b"\x0c%d", b"%d\0", b"\0%d", b"%d\xa0", b"\xc2\xa0%d", b"%d\r",
        b"%d\n", b"%d a", b"%d:", b"%d_0", b"%d/1")]
    values += [b"%d, %d" % (n, n), b"%d,%d" % (n, n), b"%d %d" % (n, n),
               b"5, %d" % n, b"%d, 5" % n, b"%d" % (2 ** 64 + n),
               b"%d" % (2 ** 32 + n), b"%d" % (2 ** 63), b"9" * 40, b"",
               b" ", b"abc", b"-0", b"\xd9\xa3\xd9\xa9", b"1_0", b"0x0"]
    good = b"Content-Length: %d\r\n" % n
    for v in values:
        f = b"Content-Length: " + v + b"\r\n"
        yield post(f, BOTH)
        yield post(f + good, BOTH)
        yield post(b"Content-Length: 5\r\n" + f, BOTH)
        yield post(f, BOTH, GET)
    yield post(b"Content-Length: 5\r\n" * 2, b"hello")
    yield post(b"Content-Length: 0\r\nContent-Length: 5\r\n", b"hello")
    for line in GET, LINE:
        for v in b"HTTP/1.0", b"HTTP/1.1":
            yield post(good, BOTH, line.replace(b"HTTP/1.1", v))
            yield post(b"", BOTH, line.replace(b"HTTP/1.1", v))


def te():
    n = b"Content-Length: %d\r\n" % len(BOTH)
    for v in (b"chunked", b"Chunked", b"CHUNKED", b"\tchunked", b"chunked ",
              b"chunked\t", b"chunked,", b",chunked", b", chunked",
              b"chunked, chunked", b"chunked,identity", b"identity, chunked",
              b"identity", b"gzip, chunked", b"chunked, gzip", b"gzip",
              b"deflate", b"xchunked", b"chunkedx", b"x chunked",
              b"chunked x", b"\"chunked\"", b"'chunked'", b"chunked;q=1",
              b"chunked; a=b", b"chunked\x0b", b"\x0bchunked",
              b"\x0cchunked", b"chunked\0", b"\0chunked", b"chunk\xe9d",
              b"chun\tked", b"chunk", b"", b" ", b"cow", b"trailers",
              b"chunked\r", b"chunked\xa0", b"\xc2\xa0chunked",
              b"(chunked)", b"chunked()", b"a, b, c, chunked",
              b"\r\n chunked", b"\r\n\tchunked", b"x\r\n chunked"):
        f = b"Transfer-Encoding: " + v + b"\r\n"
        yield post(f, BOTH)
        yield post(n + f, BOTH)
        yield post(f + b"Content-Length: 5\r\n", BOTH)
        yield post(f, BOTH, LINE.replace(b"/1.1", b"/1.0"))
    two = b"Transfer-Encoding: chunked\r\n"
    for v in b"identity", b"chunked", b"x", b"":
        g = b"Transfer-Encoding: " + v + b"\r\n"
        for f in two + g, g + two, two + g + n:
            yield post(f, BOTH)


def name():
    for word, value in ((b"Content-Length", b"%d" % len(BOTH)),
                        (b"Transfer-Encoding", b"chunked"),
                        (b"Host", b"other")):
        for bad in (word + b" ", word + b"\t", b" " + word, b"\t" + word,
                    word.replace(b"-", b"_"), word.replace(b"-", b" "),
                    word.replace(b"-", b""), word.replace(b"-", b"--"),
                    word + b"\0", b"\0" + word, word + b"\x0b",
                    b"\x0b" + word, b"\xef\xbb\xbf" + word, word + b"\xa0",
                    word + b"\r", b"\r" + word, b"\n" + word,
                    b"X: y\n" + word, b"X: y\r" + word,
                    b"X: y\0" + word, b"X:\n" + word, b":" + word,
                    word + b":", b"\"" + word + b"\"", b"X-" + word,
                    word.lower(), word.upper(), word + b";",
                    word.replace(b"e", b"\xc3\xa9"), word + b"=",
                    word[:4] + b"\r\n" + word[4:]):
            f = bad + b": " + value + b"\r\n"
            yield post(f + b"Content-Length: 5\r\n", b"hello")
            yield post(f, BOTH)


def fold():
    for gap in b"\r\n ", b"\r\n\t", b"\n ", b"\r ", b"\r\n  \t ", \
            b"\r\n \r\n ":
        yield post(b"Content-Length:" + gap + b"5\r\n", b"hello")
        yield post(b"Transfer-Encoding:" + gap + b"chunked\r\n", BOTH)
        yield post(b"X: y" + gap + b"Content-Length: 5\r\n", b"hello")
        yield post(b"X: y" + gap + b"Transfer-Encoding: chunked\r\n", BOTH)
        yield post(b"Content-Length: 5" + gap + b"0\r\n", b"hello" + INNER)
        yield post(b"X" + gap + b": y\r\n", b"")
        yield post(b"", b"", GET, b"Host: {H}" + gap + b"other\r\n")
        yield post(b"", b"", GET + gap[-1:] + b"X: y\r\n")


def line():
    for n in (b"get", b"GeT", b"GETT", b"G ET", b"GET\0", b"\0GET", b"G\tET",
              b"\xffGET", b"PRI", b"X", b"\"GET\"", b"POST ", b"GET:",
              b"TRACE", b"TRACK", b"DEBUG", b"BREW", b"M-SEARCH", b"QUERY",
              b"GET,POST", b"G" * 100, b"OPTIONS", b"DELETE", b"HEAD"):
        yield post(b"", b"", n + b" {T}/m/@@@@ HTTP/1.1\r\n")
    for gap in b"  ", b"\t", b" \t", b"\x0b", b"\x0c", b"\xa0", b"\r", \
            b"\0", b"\r\n ", b"\x85", b"":
        yield post(b"", b"", b"GET" + gap + b"{T}/m/@@@@ HTTP/1.1\r\n")
        yield post(b"", b"", b"GET {T}/m/@@@@" + gap + b"HTTP/1.1\r\n")
        yield post(b"", b"", b"GET {T}/m/@@@@ HTTP/1.1" + gap + b"\r\n")
        yield post(b"", b"", b"GET {T}/m/@@@@" + gap + b"x HTTP/1.1\r\n")
        yield post(b"", b"", gap + b"GET {T}/m/@@@@ HTTP/1.1\r\n")
    for v in (b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1",
              b"HTTP/1.", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1.01",
              b"HTTP/1,1", b"http/1.1", b"Http/1.1", b"HTTP/-1.1",
              b"HTTP/+1.1", b"HTTP /1.1", b"HTTP/1 .1", b"HTTPS/1.1",
              b"HTTP/1.1 HTTP/1.1", b"HTTP/1.1x", b"HTTP1.1", b"RTSP/1.0",
              b"ICAP/1.0", b"HTTP/1.0", b"HTTP/3.0", b"HTTP/9.9"):
        yield post(b"", b"", b"GET {T}/m/@@@@ " + v + b"\r\n")
        yield post(b"Content-Length: 5\r\n", b"hello",
                   b"POST {T}/m/@@@@ " + v + b"\r\n")
    for p in (b"?a=/../b", b"//x", b"/%2e%2e/x", b"/a\\b", b"#x", b"?#x",
              b"/\xc3\xa9", b"/%zz", b"/%", b"/%00", b"/a;b", b"/\x7f",
              b"/\"", b"/<x>", b"/{x}", b"/|", b"/^", b"/`", b"?",
              b"/@", b"/:", b"/http://x/", b"/" + b"a" * 9000):
        yield post(b"", b"", b"GET {T}/m/@@@@" + p + b" HTTP/1.1\r\n")
    for t in (b"*", b"m/@@@@", b"http:/m/@@@@", b"http:///m/@@@@",
              b"http://{H}/m/@@@@", b"HTTP://{H}/m/@@@@",
              b"http://{H}", b"http://{H}?/m/@@@@", b"http://u@{H}/m/@@@@",
              b"http://u:p@{H}/m/@@@@", b"http://{H}:0/m/@@@@",
              b"http://{H}:99999/m/@@@@", b"http://other/m/@@@@",
              b"//{H}/m/@@@@", b"\\\\{H}\\m", b"ftp://{H}/m/@@@@",
              b"https://{H}/m/@@@@", b"{H}:80", b"file:///m/@@@@",
              b"http://{H}\\m/@@@@", b"http://{H}#@other/m/@@@@",
              b"http://{H}/m/@@@@#x", b"http://[::1]/m/@@@@",
              b"http://%67ithub.com/m/@@@@", b"javascript:@@@@"):
        for m in b"GET ", b"OPTIONS ", b"CONNECT ":
            yield post(b"X-Id: @@@@\r\n", b"", m + t + b" HTTP/1.1\r\n")


def host():
    for v in (b"", b" ", b"{H},{H}", b"{H} other", b"other {H}", b"{H}/x",
              b"{H}?x", b"{H}#x", b"{H}@other", b"u@{H}", b"{H}:", b"{H}:x",
              b"{H}:0", b"{H}:99999", b"{H}:80:80", b"{H}:+80", b"{H}:080",
              b"{H}: 80", b"{H}\0", b"{H}\0.other", b"{H}\t", b"{H}\tx",
              b"{H}\x0b", b"\xff", b"{H}\xa0", b"\"{H}\"", b"[{H}]", b"[::1",
              b"[::1]x", b"::1", b"127.1", b"0x7f.1", b"2130706433",
              b"..", b".", b"{H}..", b"a..b", b".{H}", b"-a", b"a_b",
              b"http://{H}", b"{H};", b"{H}|x", b"{H}\\x", b"{H}\\@other",
              b"{H}%00", b"%67ithub.com", b"*", b"{H}&x", b"other"):
        yield post(b"", b"", GET, b"Host: " + v + b"\r\n")
    for h in (b"", HOST * 2, HOST + b"Host: other\r\n",
              b"Host: other\r\n" + HOST, b"host: {H}\r\nHOST: {H}\r\n",
              b"Host: {H}\r\nhost: other\r\n", b"Host:{H}\r\n",
              b"Host:\t{H}\r\n", b"Host: {H}\r\nX-Host: other\r\n",
              b"Host: {H}\r\nX-Forwarded-Host: other\r\n",
              b"Host: {H}\r\nHost :other\r\n", b"Host\r\n", b"Host {H}\r\n",
              b"Host: {H}\r\n\tother\r\n", b"X: y\r\nHost: {H}\r\n"):
        for one in GET, GET.replace(b"/1.1", b"/1.0"), LINE:
            yield post(b"", b"", one, h)


def ends():
    """Line ends that are none, one after the other."""
    whole = post(b"X: y\r\nContent-Length: 5\r\n", b"hello")
    at = -1
    while (at := whole.find(b"\r\n", at + 1)) >= 0:
        for end in (b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n ", b"\r\n\r\n",
                    b"\x0b", b"\x85", b"\r\0\n", b"\0\r\n", b" \r\n",
                    b"\xe2\x80\xa8"):
            yield whole[:at] + end + whole[at + 2:]
    for first in b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\0", b"\t", \
            b"\xef\xbb\xbf", b"\x16\x03\x01", b"\r\n\n", b"HTTP/1.1 ":
        yield first + whole


def chunk():
    te_line = b"Transfer-Encoding: chunked\r\n"

    def one(body, more=b""):
        return post(te_line + more, body)
    end = b"0\r\n\r\n"
    for size in (b"5", b"05", b"0000005", b"00000000000000005", b"0x5",
                 b"+5", b"-5", b" 5", b"5 ", b"5\t", b"\t5", b"5\r", b"5\n",
                 b"5\0", b"5\x0b", b"5_0", b"5.0", b"5,", b"5h", b"A",
                 b"FFFFFFFFFFFFFFFF", b"10000000000000005", b"100000005",
                 b"7FFFFFFFFFFFFFFF", b"", b" ", b"G", b"5 5", b"5;5",
                 b"5;", b"5 ;x", b"5; x", b"5;x=y", b"5;x=\"y\"",
                 b"5;x=\"\r\n\"", b"5;x\n", b"5;x\r", b"5;\n", b"5;\0",
                 b"5;" + b"x" * 900, b"5;" + b"x" * 5000, b"5;x\xe9",
                 b"5;" + b"a=b;" * 200, b"5\r\n", b"\r\n5", b"'5'",
                 b"\xd9\xa5", b"5e0", b"0X5", b"5\xa0"):
        yield one(size + b"\r\nhello\r\n" + end)
        yield one(b"1\r\nx\r\n" + size + b"\r\nhello\r\n" + end + INNER)
    for tail in b"", b"\n", b"\r", b"x\r\n", b"\r\n\r\n", b" \r\n", \
            b"\0\0", b"\n\n", b"\r\r\n", b"xx":
        yield one(b"5\r\nhello" + tail + end)
        yield one(b"5\nhello" + tail + end)
    for last in (b"0\r\n\r\n", b"0\n\n", b"0\r\r", b"00\r\n\r\n",
                 b"0000000000000000000\r\n\r\n", b"0 \r\n\r\n", b"0;x\r\n\r\n",
                 b"0;x\n\r\n", b"-0\r\n\r\n", b"+0\r\n\r\n", b"0x0\r\n\r\n",
                 b"0\r\n\n", b"0\n\r\n", b"0\r\n\r", b"0\r\n", b"0",
                 b"\r\n\r\n", b"0\r\n\r\r\n", b"0\r\n\0\r\n"):
        yield one(b"5\r\nhello\r\n" + last)
        yield one(b"5\r\nhello\r\n" + last + INNER)
    for t in (b"Content-Length: 50", b"Transfer-Encoding: chunked",
              b"Host: other", b"X: y", b"X : y", b" X: y", b"X", b":",
              b"X: y\r\n z", b"X: y\n", b"X\0: y", b"X: \0", b"X: y\rz",
              b"Connection: close", b"Content-Type: a/b", b"Trailer: X",
              b"Authorization: Basic eDp5", b"Cookie: a=b", b"Te: x",
              b"Content-Length : 5", b"Content_Length: 5", b"\r\nX: y",
              b"GET /smuggled/@@@@ HTTP/1.1", b"X: y\r\nX: y",
              b"X: " + b"y" * 70000):
        yield one(b"5\r\nhello\r\n0\r\n" + t + b"\r\n\r\n")
        yield one(b"0\r\n" + t + b"\r\n\r\n" + INNER,
                  b"Trailer: X, Content-Length\r\n")


def hop():
    c = b"Content-Length: 5\r\n"
    for f in (b"Connection: content-length", b"Connection: Host",
              b"Connection: close, content-length", b"Connection: x, ,y",
              b"Connection: close\r\nConnection: keep-alive",
              b"Connection: keep-alive", b"Connection: CLOSE", b"Connection:",
              b"Connection: closex", b"Connection: \"close\"",
              b"Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA",
              b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c, x\r\n"
              b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
              b"Connection: Upgrade\r\nUpgrade: websocket",
              b"Connection: Upgrade\r\nUpgrade: TLS/1.0",
              b"Upgrade: h2c", b"Proxy-Connection: close", b"Keep-Alive: x",
              b"Expect: 100-continue", b"Expect: 100-Continue",
              b"Expect: 100-continue, x", b"Expect: x", b"Expect:",
              b"Expect: 100-continue\r\nExpect: 100-continue",
              b"Expect : 100-continue", b"Expect: 200-ok", b"TE: trailers",
              b"TE: chunked", b"Trailer: Content-Length", b"Range: bytes=0-",
              b"X-HTTP-Method-Override: DELETE", b"Proxy: x", b"Via: 1.1 x",
              b"Content-Encoding: chunked", b"Content-Encoding: gzip",
              b"Content-Range: bytes 0-1/5", b"Max-Forwards: 0",
              b"Content-Type: multipart/byteranges; boundary=x",
              b"X: " + b"y" * 70000, b"\r\n".join([b"X: y"] * 300)):
        yield post(f + b"\r\n" + c, b"hello")
        yield post(f + b"\r\nTransfer-Encoding: chunked\r\n", CHUNKS)
        yield post(f + b"\r\n", b"", GET)
    for body in b"", b"hello", BOTH:    # of what needs none
        yield post(b"Content-Length: %d\r\n" % len(body), body,
                   b"CONNECT {H}:80 HTTP/1.1\r\n")
        for m in b"HEAD", b"OPTIONS", b"DELETE":
            yield post(b"Content-Length: %d\r\n" % len(body), body,
                       m + b" {T}/m/@@@@ HTTP/1.1\r\n")
            yield post(b"Transfer-Encoding: chunked\r\n", CHUNKS,
                       m + b" {T}/m/@@@@ HTTP/1.1\r\n")


def random_bytes(rng, n):
    """One to three odd bytes somewhere in a good message."""
    good = (post(b"Content-Length: 5\r\n", b"hello"),
            post(b"Transfer-Encoding: chunked\r\n", CHUNKS),
            post(b"Transfer-Encoding: chunked\r\nTrailer: X\r\n",
                 b"3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n"),
            post(b"X: y\r\nContent-Length: %d\r\n" % len(BOTH), BOTH),
            post(b"Accept: a/b, c/d;q=1\r\n", b"", GET))
    for _ in range(n):
        m = rng.choice(good)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            at = rng.randrange(len(m))
            cut = at + rng.choice((0, 1, 1, 2))
            piece = rng.choice(ODD)
            # the marks stay whole
            if b"@" in m[at - 3:cut + 4] or b"{" in m[at - 3:cut + 1] or \
                    b"}" in m[at:cut + 3]:
                continue
            m = m[:at] + piece + m[cut:]
        yield m


def requests(seed):
    """(class, bytes) of each."""
    for f in cl, te, name, fold, line, host, ends, chunk, hop:
        for m in f():
            yield f.__name__, m
    for m in random_bytes(random.Random(seed), 250):
        yield "random", m


# ---- HTTP/2 -----------------------------------------------------------------

PSEUDO = ((b":method", b"POST"), (b":scheme", b"https"),
          (b":authority", b"{H}"), (b":path", b"/m/@@@@"),
          (b"x-id", b"@@@@"))


def with_pseudo(which, value):
    return [(n, value if n == which else v) for n, v in PSEUDO
            if not (n == which and value is None)]


def h2_heads():
    """Lists of fields; a body "hello" follows."""
    good = list(PSEUDO)
    for v in (None, b"", b"get", b"GET ", b" GET", b"G ET", b"GET\r\n", b"G\0",
              b"G\tT", b"GET /x HTTP/1.1\r\nX: y", b"TRACE", b"CONNECT",
              b"BREW", b"G:", b"\xff", b"A" * 300):
        yield with_pseudo(b":method", v)
    for v in (None, b"", b"http", b"HTTPS", b"https ", b"ftp", b"https:",
              b"https://other/x?", b"h\0", b"https\r\nX: y"):
        yield with_pseudo(b":scheme", v)
    for v in (None, b"", b" ", b"{H} ", b" {H}", b"{H},other", b"u@{H}",
              b"{H}/x", b"{H}?x", b"{H}#x", b"{H}:", b"{H}:x", b"{H}:0",
              b"{H}:99999", b"{H}\0", b"{H}\r\nX: y", b"{H}\\x", b"other",
              b"[::1", b"a..b", b"\xc3\xa9", b"{H}\tx", b"{H}:443:443",
              b"http://{H}", b"{H}%00", b".", b"{H}:080"):
        yield with_pseudo(b":authority", v)
    for v in (None, b"", b"m/@@@@", b"*", b"/m/@@@@ HTTP/1.1",
              b"/m/@@@@\r\nX: y", b"/m/@@@@\n", b"/m/@@@@\0", b"/m/@@@@\tx",
              b"/m/@@@@ x", b" /m/@@@@", b"/m/@@@@#x", b"/#/../m/@@@@",
              b"http://other/m/@@@@", b"//other/m/@@@@", b"/m/@@@@\\..\\x",
              b"/m/@@@@\xc3\xa9", b"/m/@@@@\xff", b"/m/@@@@?\x7f",
              b"/m/@@@@%00", b"/m/@@@@?a b", b"/m/@@@@" + b"a" * 9000,
              b"?/m/@@@@", b"\\m\\@@@@"):
        yield with_pseudo(b":path", v)
    for f in PSEUDO:
        yield good + [f]
        yield [f] + good
        yield [x for x in good if x != f] + [(b"x", b"y"), f]
        yield [x for x in good if x != f] + [(f[0].upper(), f[1])]
        yield [x for x in good if x != f] + [(f[0][1:], f[1])]
        yield good + [(f[0], b"other")]
    for n in (b":status", b":protocol", b":x", b":", b"::method", b":Method",
              b":method ", b":authority\0"):
        yield [(n, b"x")] + good
    for n, v in ((b"connection", b"close"), (b"connection", b"x"),
                 (b"keep-alive", b"x"), (b"proxy-connection", b"close"),
                 (b"transfer-encoding", b"chunked"),
                 (b"transfer-encoding", b"identity"),
                 (b"transfer-encoding", b""), (b"upgrade", b"h2c"),
                 (b"te", b"gzip"), (b"te", b"trailers"),
                 (b"te", b"trailers, gzip"), (b"TE", b"trailers"),
                 (b"http2-settings", b"AAAA"), (b"Transfer-Encoding", b"x"),
                 (b"transfer-encoding ", b"chunked"),
                 (b" transfer-encoding", b"chunked"),
                 (b"transfer_encoding", b"chunked"),
                 (b"transfer-encoding:", b"chunked"),
                 (b"transfer-encoding\0", b"chunked"),
                 (b"transfer-encoding: chunked\r\nx", b"y"),
                 (b"foo: bar\r\nhost", b"other"), (b"content length", b"5"),
                 (b"x", b"y\r\ntransfer-encoding: chunked"), (b"x", b"y\n"),
                 (b"x", b"y\r"), (b"x", b"y\0z"), (b"x", b" y"), (b"x", b"y "),
                 (b"x", b"\ty"), (b"x", b"y\r\n\r\n" + INNER), (b"x", b"\x01"),
                 (b"x", b"\x7f"), (b"x", b"\xff"), (b"X", b"y"), (b"", b"y"),
                 (b"x\ty", b"y"), (b"x:y", b"y"), (b"\xc3\xa9", b"y"),
                 (b"x\"", b"y"), (b"x\xa0", b"y"), (b"host", b"{H}"),
                 (b"host", b"other"), (b"host", b""), (b"host", b"{H} "),
                 (b"host", b"{H}:443"), (b"host", b"{H},other"),
                 (b"Host", b"other"), (b"host ", b"other"),
                 (b"expect", b"100-continue"), (b"expect", b"x"),
                 (b"trailer", b"content-length"), (b"cookie", b"a=b"),
                 (b"x", b"y" * 70000), (b"x-http-method-override", b"X"),
                 (b"x-forwarded-host", b"other"), (b"forwarded", b"host=o"),
                 (b"Authorization", b"Basic " + SECRET),
                 (b"cookie", SECRET + b"\x01"), (b"cookie", SECRET + b" ")):
        yield good + [(n, v)]
    yield good + [(b"host", b"{H}"), (b"host", b"other")]
    yield good + [(b"host", b"{H}"), (b"host", b"{H}")]
    yield good + [(b"x", b"y")] * 300
    for v in (b"4", b"6", b"0", b"05", b"+5", b"-5", b" 5", b"5 ", b"5,5",
              b"0x5", b"5\0", b"", b"x", b"5;", b"5_", b"18446744073709551621",
              b"99999999999999999999999", b"4294967301", b"5\r\n", b"5.0"):
        yield good + [(b"content-length", v)]
        yield good + [(b"content-length", b"5"), (b"content-length", v)]


def h2_trailers():
    """Fields after the body."""
    for f in PSEUDO + ((b":status", b"200"), (b"content-length", b"9"),
                       (b"transfer-encoding", b"chunked"), (b"host", b"o"),
                       (b"connection", b"x"), (b"te", b"x"), (b"x", b"y"),
                       (b"X", b"y"), (b"x", b"y\r\n"), (b"x ", b"y"),
                       (b":path", b"/smuggled/@@@@"), (b"", b"x")):
        yield [f]


def h2_requests():
    """(class, fields, trailers or None)"""
    for m in h2_heads():
        yield "h2", m, None
    for t in h2_trailers():
        yield "h2", list(PSEUDO), t


def integer(n, bits):
    """RFC 7541 section 5.1"""
    most = (1 << bits) - 1
    if n < most:
        return bytes([n])
    out, n = bytes([most]), n - most
    while n >= 128:
        out, n = out + bytes([n % 128 + 128]), n // 128
    return out + bytes([n])


def block(fields):
    """Each as it is, whatever it is."""
    return b"".join(b"\0" + integer(len(n), 7) + n + integer(len(v), 7) + v
                    for n, v in fields)


def frame(kind, flags, stream, data=b""):
    return (len(data).to_bytes(3, "big") + bytes([kind, flags]) +
            stream.to_bytes(4, "big") + data)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)


def head(fields, stream, flags):
    data = block(fields)
    pieces = [data[i:i + 16384] for i in range(0, len(data), 16384)] or [b""]
    return b"".join(
        frame(9 if i else 1, (0 if i else flags) |
              (4 if i == len(pieces) - 1 else 0), stream, p)
        for i, p in enumerate(pieces))


# ---- responses --------------------------------------------------------------

POISON = (b"HTTP/1.1 200 OK\r\nX-Poison: 1\r\nContent-Length: 6\r\n\r\n"
          b"poison")


def responses():
    """What a bad server says to GET /r/@@@@."""
    ok = b"HTTP/1.1 200 OK\r\n"
    both = b"0\r\n\r\n" + POISON
    n = len(both)
    for v in (b"%d", b"+%d", b"-%d", b"%d ", b"0%d", b"%d,", b"%d, %d",
              b"%d;", b"0x%x", b"%d\0", b"%d\x0b", b"\x0c%d", b"", b"x",
              b"%d\n", b"%d\r", b"%d %d", b"999999999999999999999"):
        f = b"Content-Length: " + (v % ((n,) * v.count(b"%"))) + b"\r\n"
        yield ok + f + b"\r\n" + both
        yield ok + f + b"Content-Length: 5\r\n\r\n" + both
        yield ok + f + b"Transfer-Encoding: chunked\r\n\r\n" + both
    for v in (b"chunked", b"Chunked", b"xchunked", b"chunked, identity",
              b"identity", b"gzip", b"gzip, chunked", b"chunked\0",
              b"\x0bchunked", b"", b"chunked\r\nTransfer-Encoding: x",
              b"\r\n chunked", b"chunked,chunked", b"\"chunked\""):
        f = b"Transfer-Encoding: " + v + b"\r\n"
        yield ok + f + b"\r\n" + both
        yield ok + b"Content-Length: %d\r\n" % n + f + b"\r\n" + both
        yield ok.replace(b"/1.1", b"/1.0") + f + b"\r\n" + both
    for w in (b"Content-Length : 5", b"Content-Length\t: 5",
              b" Content-Length: 5", b"Content_Length: 5",
              b"Content-Length\0: 5", b"X: y\n Content-Length: 5", b"X",
              b": x", b"X: y\r\n folded", b"X: y\r\n\tContent-Length: 5",
              b"X: y\nContent-Length: 5", b"X: y\rContent-Length: 5",
              b"X: \0", b"X: \x01", b"X\xe9: y", b"X Y: z",
              b"Location: /\r\n\r\n" + POISON, b"X: " + b"y" * 100000,
              b"\r\n".join([b"X: y"] * 1000)):
        yield ok + w + b"\r\nContent-Length: %d\r\n\r\n" % n + both
    for s in (b"HTTP/1.1 200\r\n", b"HTTP/1.1  200 OK\r\n", b"HTTP/1.1\r\n",
              b"HTTP/1.1 20 OK\r\n", b"HTTP/1.1 2000 OK\r\n",
              b"HTTP/1.1 099 OK\r\n", b"HTTP/1.1 +20 OK\r\n",
              b"HTTP/1.1 200 O\0K\r\n", b"HTTP/1.1 200 OK\n",
              b"HTTP/1.1\t200 OK\r\n", b"HTTP/2.0 200 OK\r\n",
              b"HTTP/1.2 200 OK\r\n", b"http/1.1 200 OK\r\n", b"200 OK\r\n",
              b"ICY 200 OK\r\n", b"\r\nHTTP/1.1 200 OK\r\n",
              b"HTTP/1.1 200 OK\rX: y\r\n", b"HTTP/1.1 000 OK\r\n",
              b"HTTP/1.1 600 OK\r\n", b"HTTP/1.1 999 OK\r\n"):
        yield s + b"Content-Length: 5\r\n\r\nhello" + POISON
    for code in b"100", b"101", b"103", b"199", b"204", b"304", b"205":
        one = b"HTTP/1.1 " + code + b" X\r\n"
        yield one + b"\r\n" + POISON * 2
        yield one + b"Content-Length: %d\r\n\r\n" % n + both
        yield one + b"Transfer-Encoding: chunked\r\n\r\n" + both
        yield (one + b"\r\n") * 20 + POISON
    head = ok + b"Transfer-Encoding: chunked\r\n\r\n"
    for size in (b"5 ", b"+5", b"0x5", b"-5", b"5\n", b"5;" + b"x" * 5000,
                 b"5;x\n", b"FFFFFFFFFFFFFFFFF", b"", b"5\r", b"5;" * 900):
        yield head + size + b"\r\nhello\r\n0\r\n\r\n" + POISON
    yield head + b"5\r\nhelloX\r\n0\r\n\r\n" + POISON
    yield head + b"1;" + b"\r\nx\r\n1;".join([b"x" * 500] * 200) + \
        b"\r\nx\r\n0\r\n\r\n" + POISON
    for t in (b"Content-Length: 5", b"Transfer-Encoding: chunked", b"X",
              b"Set-Cookie: a=b", b"X : y", b" X: y", b"X: y\nZ: a",
              b"Connection: close", b"HTTP/1.1 200 OK", b"X: y"):
        yield head + b"5\r\nhello\r\n0\r\n" + t + b"\r\n\r\n" + POISON
    for many in 1, 2, 50:
        yield ok + b"Content-Length: 5\r\n\r\nhello" + POISON * many
        yield ok + b"Content-Length: 5\r\n\r\nhello" + b"\r\n" + POISON
        yield ok + b"Content-Length: 5\r\n\r\nhello" + b"x" * many
    yield POISON[:20]
    yield b"X" * 100000


def h2_responses():
    """(heads, body, trailers or None, what a server says besides)"""
    ok = [(b":status", b"200")]
    poison = ok + [(b"x-poison", b"1")]
    for n, v in ((b"connection", b"close"), (b"transfer-encoding", b"chunked"),
                 (b"keep-alive", b"x"), (b"upgrade", b"h2c"), (b"te", b"x"),
                 (b"proxy-connection", b"close"), (b"X", b"y"), (b"x ", b"y"),
                 (b" x", b"y"), (b"x:", b"y"), (b"", b"y"), (b"x\0", b"y"),
                 (b"x: y\r\nz", b"y"), (b"x", b"y\r\nz: a"), (b"x", b"\0"),
                 (b"x", b"\n"), (b"x", b"\r"), (b"x", b" y"), (b"x", b"y "),
                 (b"x", b"\x7f"), (b"x", b"\xff"), (b"x", b"y" * 70000),
                 (b":status", b"200"), (b":status", b"404"), (b":path", b"/"),
                 (b":x", b"y"), (b"content-length", b"4"),
                 (b"content-length", b"6"), (b"content-length", b"+5"),
                 (b"content-length", b"5,5"), (b"content-length", b""),
                 (b"content-length", b"x"), (b"content-length", b"05"),
                 (b"content-length", b"99999999999999999999"),
                 (b"x", b"y\r\n\r\n" + POISON), (b"set-cookie", b"a\r\nb")):
        yield [ok + [(n, v)]], b"hello", None, b""
        yield [[(n, v)] + ok], b"hello", None, b""
        yield [ok], b"hello", [(n, v)], b""
    yield [ok + [(b"content-length", b"5")] * 2], b"hello", None, b""
    yield [ok + [(b"x", b"y")] * 300], b"hello", None, b""
    yield [[(b"x", b"y")]], b"hello", None, b""
    for v in (b"", b"2", b"20", b"099", b"000", b"1000", b"2x0", b"+20",
              b" 200", b"200 ", b"200 OK", b"-1", b"600", b"999"):
        yield [[(b":status", v)]], b"hello", None, b""
    for v in b"100", b"101", b"103", b"199":
        for n in 1, 8, 9, 100:
            yield [[(b":status", v)]] * n + [ok], b"hello", None, b""
        yield [[(b":status", v)]], b"hello", None, b""
    for v in b"204", b"205", b"304":
        yield [[(b":status", v)]], b"hello", None, b""
        yield [[(b":status", v), (b"content-length", b"9")]], b"", None, b""
    # answers to what was not asked, on this stream and on the next one
    for sid in 1, 2, 3:
        yield [ok], b"hello", None, head(poison, sid, 1)
        yield [ok], b"hello", None, frame(0, 1, sid, b"poison")
        yield [ok], b"hello", None, frame(5, 4, sid, b"\0\0\0\2" +
                                          block(PSEUDO))
        yield [ok], b"hello", None, frame(9, 4, sid, block(poison))


# ---- URLs -------------------------------------------------------------------

def urls():
    """Targets that an origin could read as /blocked/page."""
    for p in ("/blocked/page", "//blocked/page", "/blocked//page",
              "/./blocked/page", "/blocked/./page", "/x/../blocked/page",
              "/blocked/x/../page", "/%62locked/page", "/blocked%2fpage",
              "/blocked%2Fpage", "/%2fblocked/page", "/%2Fblocked%2fpage",
              "/x/%2e%2e/blocked/page", "/x/.%2e/blocked/page",
              "/x%2f..%2fblocked/page", "/x%2f%2e%2e%2fblocked%2fpage",
              "/%2e/blocked/page", "/..%2fblocked/page", "/../blocked/page",
              "/blocked\\page", "\\blocked\\page", "/blocked%5cpage",
              "/x\\..\\blocked\\page", "/blocked/page?", "/blocked/page?x",
              "/blocked/page#x", "/blocked/page/", "/blocked/page/.",
              "/%62%6c%6f%63%6b%65%64/%70%61%67%65", "///blocked///page",
              "/blocked/page%00", "/blocked%00/page", "/blocked/pa%09ge",
              "/blocked/page%20", "/blocked/page;x=y", "/blocked;x/page",
              "/blocked/page?a#b", "/x/y/../../blocked/page",
              "/allowed/..%2fblocked%2fpage", "/blocked/%70age?x=%2f..",
              "/?/../blocked/page", "/x?/blocked/page", "/#/../blocked/page",
              "/blocked/page/x/..", "/blocked/page%2f", "/blocked/./%70age",
              "/%c0%af../blocked/page", "/blocked%c0%afpage",
              "/blocked%252fpage", "/blocked/%u0070age", "/Blocked/Page",
              "/%2562locked/page", "/blocked/\u00fe/../page",
              "/blocked/page.", "/blocked/page..", "/..;/blocked/page",
              "/blocked/..;/blocked/page", "/.%2f/blocked/page",
              "/./././blocked/./page", "/%2e%2e/%2e%2e/blocked/page",
              "/caf%c3%a9/../blocked/page", "/a%5c..%5cblocked%5cpage"):
        yield p


def hosts():
    """Ways to name bet.example, which is blocked; github.com is not."""
    for h in ("github.com", "bet.example", "BET.EXAMPLE", "Bet.Example", "bet.example.",
              "bet.example:80", "bet.example.:80", "bet.example:",
              "bet.example:0080", "u@bet.example", "u:p@bet.example",
              "bet.example:443", "bet.example ", "bet.example\t",
              "bet%2eexample", "b%65t.example", "bet.example..",
              "github.com, bet.example", "bet.example, github.com",
              "www.bet.example", "bet\uff0eexample".encode().decode("latin-1"),
              "bet.example/x", "bet.example#x", "bet.example?x",
              "bet.example\\x", "bet.example%00", "github.com@bet.example",
              "bet.example:80@github.com"):
        yield h
