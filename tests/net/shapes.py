#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ClientHellos of every shape, one table.
shapes.py ADDRESS LOG shapes|nottls|blocked|cuts [SEED]
Each row: what is sent, how it may end, and what the traffic log must say of
that connection (a pattern).  nottls: what is not TLS where the profile allows
it, blocked: where it does not.  cuts: 1,000 random segmentations of good
hellos, each with a name of its own, which the log must know."""
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tlsraw import (AEAD12, AEAD13, ALERT, ALPN, CCS, DATA, ECH, PQ, SIGS,
                    VERSIONS, connect, extensions, grease_ech, hello, outcome,
                    record, records, sni, u16s, v16, v8)

ADDR, LOG, WHAT = sys.argv[1:4]
LIMIT = 12			# seconds; the test's hello-timeout is 3
SERVED, ENDED = "hello", "closed|reset"
NAME = 'hostname="%s"'


def bare(ext):
    """A hello whose SNI extension is made by hand."""
    return records(hello(ext + extensions(None)))


def named(*names):
    return bare([(0, sni(*names))])


def split(data, *at):
    """The same bytes in segments."""
    at = (0,) + at + (len(data),)
    return [data[a:b] for a, b in zip(at, at[1:])]


def between(kind, body):
    """A record of another type in the middle of the hello."""
    m = hello()
    return record(m[:90]) + record(body, kind) + record(m[90:])


def greased(shuffle=None):
    """Chrome's: GREASE wherever a number can be, and in front and at the end
    of the extensions; GREASE ECH."""
    ext = extensions(versions=(0x5a5a, 0x304, 0x303),
                     groups=(0x2a2a, PQ, 29, 23), shares=(0x2a2a, PQ, 29),
                     alpn=(b"\x6a\x6a", b"h2", b"http/1.1"))
    ext += [(ECH, grease_ech()), (0x6a6a, b"\0")]
    ext = [(SIGS, v16(u16s([0x7a7a]) + b[2:])) if t == SIGS else (t, b)
           for t, b in ext]
    if shuffle is not None:
        random.Random(shuffle).shuffle(ext)
    return records(hello([(0x1a1a, b"")] + ext, [0xbaba] + AEAD13 + AEAD12))


def old(version, suites, ext=()):
    """A hello of SSL 3.0, TLS 1.0 or 1.1."""
    return record(hello(list(ext) or extensions(versions=(0x303,)), suites,
                        legacy=version), version=min(version, 0x301))


FULL = extensions()
OLD_SUITES = [0xc013, 0xc014, 0x2f, 0x35, 0x0a]
BIG = [(0x7b7b, bytes(40000))]
# SSL 2.0 ClientHello (record header of two bytes).
SSL2 = b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + \
    bytes.fromhex("01008002008003008004008005008006004007 00c0".replace(
        " ", "")) + bytes(17)

SHAPES = [
    # C13: the name
    ("sni absent", bare([]), SERVED, NAME % ADDR),
    ("sni an IP literal", named(ADDR.encode()), "hello|alert 112", ""),
    ("sni an IPv6 literal", named(b"[fd09:11::100]"), "hello|alert 112", ""),
    ("sni empty", named(b""), "alert (50|112)", "sni-bad|hello-bad"),
    ("sni without a list", bare([(0, b"")]), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni an empty list", bare([(0, b"\0\0")]), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni two names", named(b"github.com", b"bet.example"), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni of another type", bare([(0, v16(b"\1" + v16(b"github.com")))]),
     "alert (50|112)|hello", ""),
    ("sni with a trailing dot", named(b"github.com."), SERVED,
     NAME % "github.com"),
    ("sni in upper case", named(b"GITHUB.COM"), SERVED, NAME % "github.com"),
    ("sni of 253 bytes", named(b"a." * 120 + b"xwild.example"), SERVED,
     NAME % "(a.){120}xwild.example"),
    ("sni of 255 bytes", named(b"a." * 121 + b"xwild.example"),
     "alert (50|112)", "sni-bad|hello-bad"),
    ("sni with a label of 64", named(b"a" * 64 + b".wild.example"),
     "alert (50|112)", "sni-bad|hello-bad"),
    ("sni of 256 bytes", named(b"a." * 128), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni of 5,000 bytes", named(b"a" * 5000), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni with NUL", named(b"github.com\0.bet.example"), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni in UTF-8", named("bücher.example".encode()), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni with a newline", named(b"github.com\r\nfoo"), "alert (50|112)",
     "sni-bad|hello-bad"),
    ("sni with a length that lies", bare([(0, b"\0\x0d\0\0\x0bgithub.com")]),
     "alert (50|112)", "sni-bad|hello-bad"),
    # C14: how it comes
    ("two segments", split(records(hello()), 100), SERVED,
     NAME % "github.com"),
    ("header apart", split(records(hello()), 5), SERVED,
     NAME % "github.com"),
    ("cut within the header", split(records(hello()), 2, 4, 6, 9), SERVED,
     NAME % "github.com"),
    ("byte by byte", split(records(hello()), *range(1, 200)), SERVED,
     NAME % "github.com"),
    ("records of one byte", records(hello(), 1), SERVED,
     NAME % "github.com"),
    ("post-quantum share of 1.2 KB",
     records(hello(extensions(groups=(PQ, 29), shares=(PQ, 29)))), SERVED,
     NAME % "github.com"),
    ("15.6 KB", records(hello(pad=15600)), SERVED, NAME % "github.com"),
    ("16 KB + 1", records(hello(pad=16385)), "hello|alert (10|22|47|50|80)",
     ""),
    ("64 KB - 1", records(hello(pad=65535)), "hello|alert (10|22|47|50|80)",
     ""),
    ("64 KB + 1, length field wrapped", records(hello(FULL + BIG + BIG)),
     "alert (10|22|47|50|80)", "hello-bad|limit"),
    ("a message of 16 MB announced", record(b"\1\xff\xff\xff\3\3" +
     bytes(200)), "alert (10|22|47|50|80)", "hello-bad|limit"),
    ("140 KB", b"".join(record(b) for b in [b"\1\2\x22\xe0\3\3" +
     bytes(16000)] + [bytes(16000)] * 8), "alert (10|22|47|50|80)",
     "hello-bad|limit"),
    ("a warning in between", between(ALERT, b"\1\x5a"),
     "alert (10|50)|closed|hello", ""),
    ("close_notify in between", between(ALERT, b"\1\0"),
     "alert (0|10|50)|closed", ""),
    ("a fatal alert in between", between(ALERT, b"\2\x28"),
     "alert (10|50)|closed|reset", ""),
    ("ChangeCipherSpec in between", between(CCS, b"\1"), "alert (10|50)",
     "hello-bad"),
    ("40 empty records first", record(b"") * 40 + records(hello()),
     "alert (10|50)|hello", ""),
    ("only empty records", record(b"") * 5, "alert (10|50)|" + ENDED,
     "hello-bad|hello-timeout"),
    ("never completed", records(hello())[:150], "alert [0-9]+|" + ENDED,
     "hello-timeout"),
    ("only the record header", b"\x16\3\1\2\0", "alert [0-9]+|" + ENDED,
     "hello-timeout"),
    # C15: what is in it
    ("GREASE everywhere, with ECH", greased(), SERVED, NAME % "github.com"),
    ("shuffled 1", greased(1), SERVED, NAME % "github.com"),
    ("shuffled 2", greased(2), SERVED, NAME % "github.com"),
    ("shuffled 3", greased(3), SERVED, NAME % "github.com"),
    ("GREASE ECH alone", records(hello(FULL + [(ECH, grease_ech())])),
     SERVED, NAME % "github.com"),
    ("the largest extension", records(hello(FULL + [(0x7b7b, bytes(
        65535 - sum(4 + len(b) for _, b in FULL) - 4))])),
     "hello|alert (10|22|47|50|80)", ""),
    ("an extension that says 65,535", records(hello(FULL + [(0x7b7b, b"")])
     [:-2] + b"\xff\xff"), "alert 50", "hello-bad"),
    ("duplicate SNI", records(hello(FULL + FULL[:1])), "alert (47|50)",
     "hello-bad"),
    ("duplicate groups", records(hello(FULL + FULL[3:4])), "alert (47|50)",
     "hello-bad"),
    # RFC 8446 section 4.2 forbids it; who knows no such type cannot tell.
    ("duplicate unknown", records(hello(FULL + [(0x7b7b, b"")] * 2)),
     "alert (47|50)|hello", ""),
    ("1,000 extensions", records(hello(FULL + [(0x8000 + i, b"")
                                               for i in range(1000)])),
     "hello|alert [0-9]+", ""),
    # Lists longer than any browser's: what is at their end counts, too.
    ("300 suites first", records(hello(
        suites=[0x4000 + i for i in range(300)] + AEAD13 + AEAD12)), SERVED,
     NAME % "github.com"),
    ("100 groups first", records(hello(extensions(
        groups=[0x4000 + i for i in range(100)] + [29, 23]))), SERVED,
     NAME % "github.com"),
    ("100 signature schemes first", records(hello(
        [(t, v16(u16s(range(0x4000, 0x4064)) + b[2:]) if t == SIGS else b)
         for t, b in FULL])), SERVED, NAME % "github.com"),
    ("no extensions", records(hello([])), "alert [0-9]+|hello", ""),
    ("no suites", records(hello(suites=[])), "alert [0-9]+", ""),
    ("an odd suite list", records(hello(suites=b"\x13\1\x13")),
     "alert (47|50)", ""),
    ("ALPN cut", records(hello([(t, b[:-1] if t == ALPN else b)
                                for t, b in FULL])), "alert [0-9]+", ""),
    ("versions cut", records(hello([(t, b[:-1] if t == VERSIONS else b)
                                    for t, b in FULL])), "alert [0-9]+", ""),
    ("only null and export suites", records(hello(suites=[0, 1, 2, 3, 8])),
     "alert (40|71)", ""),
    ("compression only", records(hello(compression=b"\1")), "alert (47|50)",
     ""),
    # C1: versions that are refused, with protocol_version
    ("SSL 3.0", old(0x300, OLD_SUITES), "alert 70", "client-version|hello-bad"),
    ("TLS 1.0", old(0x301, OLD_SUITES), "alert 70", "client-version"),
    ("TLS 1.1", old(0x302, OLD_SUITES), "alert 70", "client-version"),
    ("TLS 1.1 in supported_versions", records(hello(extensions(
        versions=(0x304,))[:-2] + [(VERSIONS, v8(u16s([0x302, 0x301])))])),
     "alert 70", "client-version"),
    ("TLS 1.9 in supported_versions", records(hello(extensions(
        versions=(0x304,))[:-2] + [(VERSIONS, v8(u16s([0x309])))])),
     "alert 70", "client-version"),
    ("version 0x0505 in the old field", records(hello(legacy=0x505)), SERVED,
     ""),
    ("CBC and RSA suites", records(hello(suites=[0xc027, 0xc028, 0x3c, 0x9c,
     0x9d, 0xc013, 0x9e, 0x16], ext=extensions(versions=(0x303,)))),
     "alert (40|71)", ""),
]

SSH = b"SSH-2.0-OpenSSH_9.2\r\n"
HTTP = b"GET / HTTP/1.0\r\nHost: github.com\r\n\r\n"
# What nginx makes of what passes: an HTTP answer, or its own end.
NOTTLS = [
    ("HTTP on 443", HTTP, "other|" + ENDED, 'inspect="exempt"'),
    ("SSH on 443", SSH, "other|" + ENDED, 'inspect="exempt"'),
    # A hello behind another record is no TLS: passed by the profile, and no
    # server takes it for TLS either.
    ("a warning first", record(b"\1\x70", ALERT) + records(hello()),
     "alert (10|50)|other|" + ENDED, ""),
    ("ChangeCipherSpec first", record(b"\1", CCS) + records(hello()),
     "alert (10|50)|other|" + ENDED, ""),
    ("half a record, then silence", records(hello())[:60],
     "alert [0-9]+|" + ENDED, "hello-timeout"),
    ("a record that is no handshake", record(b"x" * 40),
     "alert (10|50)|" + ENDED, "hello-bad"),
    ("nothing at all", b"", ENDED, "hello-timeout"),
]
BLOCKED = [
    ("HTTP on 443", HTTP, ENDED, "not-tls"),
    ("SSH on 443", SSH, ENDED, "not-tls"),
    ("SSL 2.0", SSL2, "alert 70|" + ENDED, "not-tls|client-version"),
    ("a warning first", record(b"\1\x70", ALERT) + records(hello()),
     "alert (10|50)|" + ENDED, "hello-bad|not-tls"),
    ("ChangeCipherSpec first", record(b"\1", CCS) + records(hello()),
     "alert (10|50)|" + ENDED, "hello-bad|not-tls"),
    ("zeros", bytes(100), ENDED, "not-tls"),
    ("half a record, then silence", records(hello())[:60],
     "alert [0-9]+|" + ENDED, "hello-timeout"),
]


def run(row):
    """Sends one row; (its local port, the outcome)."""
    data = row[1] if isinstance(row[1], list) else [row[1]]
    with connect(ADDR) as s:
        port = s.getsockname()[1]
        try:
            for piece in data:
                s.sendall(piece)
                if len(data) > 1:
                    time.sleep(0.0005)
        except (BrokenPipeError, ConnectionResetError):
            pass		# refused before the end of it: the answer counts
        return port, outcome(s, LIMIT)


def logged(ports):
    """The last traffic record of each port, waited for."""
    found, until = {}, time.monotonic() + 8
    while time.monotonic() < until and len(found) < len(ports):
        time.sleep(0.3)
        with open(LOG, encoding="latin-1") as f:
            for line in f:
                m = re.search(r'type="traffic".* srcport=(\d+) ', line)
                if m and int(m[1]) in ports:
                    found[int(m[1])] = line.strip()
    return found


def cuts(seed, count=1000):
    """Rows of one good hello each, cut at random into records and those into
    segments."""
    rnd = random.Random(seed)
    for i in range(count):
        name = b"n%04d.wild.example" % i
        message = hello(
            extensions(name, versions=(0x303,)) if i % 4 == 0 else
            extensions(name, groups=(29, 23)) if i % 4 == 1 else
            extensions(name, groups=(PQ, 29, 23), shares=(PQ, 29)),
            pad=15600 if i % 50 == 3 else 0)

        def places(n):
            return sorted(rnd.sample(range(1, n),
                                     min(n - 1, rnd.choice(
                                         (0, 1, 1, 2, 3, 8, 40)))))
        data = b"".join(record(b) for b in
                        split(message, *places(len(message))))
        yield ("cut %d" % i, split(data, *places(len(data))), SERVED,
               NAME % name.decode())


rows = {"shapes": SHAPES, "nottls": NOTTLS, "blocked": BLOCKED}.get(WHAT)
if rows is None:
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 20260101
    rows = list(cuts(seed))
start = time.monotonic()
with ThreadPoolExecutor(32) as pool:
    results = list(pool.map(run, rows))
log = logged({port for port, _ in results})
bad = 0
for (name, _, may, says), (port, how) in zip(rows, results):
    line = log.get(port, "no traffic record")
    short = " ".join(re.findall(r'(?:hostname|reason|inspect)="[^"]*"', line)
                     ) or line
    ok = re.fullmatch(may, how) and re.search(says, line) and \
        line != "no traffic record"
    # A ServerHello must be ours: none of these is passed uninspected.
    ok = ok and not (how == SERVED and 'inspect="exempt"' in line)
    bad += not ok
    if not ok or WHAT != "cuts":
        print("%-4s %-34s %-9s %s" % ("ok" if ok else "BAD", name, how, short))
print("%s: %d rows, %d bad, %.1f s" % (WHAT, len(rows), bad,
                                       time.monotonic() - start))
sys.exit(bad > 0)
