# SPDX-License-Identifier: Apache-2.0
"""TLS by hand, for tests that send what no library sends, and read what no
library shows: ClientHellos made (hello, RFC 8446 section 4.1.2) and taken
apart (parse), records (RFC 8446 section 5.1), what came back (outcome)."""
import os
import socket
import struct
import time

AEAD12 = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8]
AEAD13 = [0x1301, 0x1302, 0x1303]
SIGALGS = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]
PQ = 0x11ec		# X25519MLKEM768
SNI, GROUPS, SIGS, ALPN, SHARES, VERSIONS, ECH = 0, 10, 13, 16, 51, 43, 0xfe0d
CCS, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23


def v8(b):
    return struct.pack(">B", len(b)) + b


def v16(b):
    return struct.pack(">H", len(b)) + b


def u16s(numbers):
    return b"".join(struct.pack(">H", n) for n in numbers)


def sni(*names):
    return v16(b"".join(b"\0" + v16(n) for n in names))


def share(group):
    """A key share; the ML-KEM part is the zero polynomial, which is valid."""
    if group == PQ:
        return struct.pack(">H", group) + v16(bytes(1152) + os.urandom(64))
    if group & 0x0f0f == 0x0a0a:		# GREASE, RFC 8701
        return struct.pack(">H", group) + v16(b"\0")
    return struct.pack(">H", group) + v16(os.urandom(32))


def grease_ech():
    """What a browser without an ECH configuration sends (RFC 9849 6.2)."""
    return b"\0" + struct.pack(">HH", 1, 1) + os.urandom(1) + \
        v16(os.urandom(32)) + v16(os.urandom(144))


def extensions(name=b"github.com", versions=(0x304, 0x303),
               groups=(29, 23, 24), shares=(29,), alpn=(b"http/1.1",)):
    """The list [(type, bytes)] of an ordinary client."""
    ext = [] if name is None else [(SNI, sni(name))]
    ext += [(23, b""), (0xff01, b"\0"), (GROUPS, v16(u16s(groups))),
            (11, b"\1\0"), (SIGS, v16(u16s(SIGALGS)))]
    if alpn:
        ext += [(ALPN, v16(b"".join(v8(a) for a in alpn)))]
    if 0x304 in versions:
        ext += [(45, b"\1\1"), (VERSIONS, v8(u16s(versions))),
                (SHARES, v16(b"".join(share(g) for g in shares)))]
    return ext


def hello(ext=None, suites=None, legacy=0x303, compression=b"\0", pad=0):
    """The handshake message; suites: numbers, or the bytes of the list; pad:
    its size with a padding extension."""
    ext = extensions() if ext is None else ext
    suites = AEAD13 + AEAD12 if suites is None else suites
    suites = suites if isinstance(suites, bytes) else u16s(suites)
    sid = os.urandom(32)

    def message(ext):
        block = b"".join(struct.pack(">H", t) + v16(b) for t, b in ext)
        body = struct.pack(">H", legacy) + os.urandom(32) + v8(sid) + \
            v16(suites) + v8(compression)
        # Past 64 KiB the length is a lie, as it can only be.
        body += struct.pack(">H", len(block) & 0xffff) + block
        return b"\1" + struct.pack(">I", len(body))[1:] + body
    if pad:
        ext = ext + [(21, bytes(pad - len(message(ext)) - 4))]
    return message(ext)


def record(data, kind=HANDSHAKE, version=0x301):
    return struct.pack(">BHH", kind, version, len(data)) + data


def records(message, size=16384):
    return b"".join(record(message[i:i + size])
                    for i in range(0, len(message), size))


def parse(message):
    """A ClientHello taken apart; lists of numbers, GREASE and all."""
    def numbers(b):
        return [struct.unpack_from(">H", b, i)[0]
                for i in range(0, len(b) - 1, 2)]
    at = 4 + 34
    out = {"legacy": struct.unpack_from(">H", message, 4)[0]}
    out["session_id"] = message[at + 1:at + 1 + message[at]]
    at += 1 + message[at]
    n = struct.unpack_from(">H", message, at)[0]
    out["suites"] = numbers(message[at + 2:at + 2 + n])
    at += 2 + n
    out["compression"] = list(message[at + 1:at + 1 + message[at]])
    at += 1 + message[at]
    ext = {}
    end = at + 2 + struct.unpack_from(">H", message, at)[0]
    at += 2
    while at < end:
        t, n = struct.unpack_from(">HH", message, at)
        ext[t] = message[at + 4:at + 4 + n]
        at += 4 + n
    out["ext"] = ext
    out["groups"] = numbers(ext.get(GROUPS, b"")[2:])
    out["sigalgs"] = numbers(ext.get(SIGS, b"")[2:])
    out["versions"] = numbers(ext.get(VERSIONS, b"")[1:]) or [out["legacy"]]
    out["sni"] = ext.get(SNI, b"")[5:].decode("latin-1")
    out["alpn"], names = [], ext.get(ALPN, b"")[2:]
    while names:
        out["alpn"].append(names[1:1 + names[0]].decode("latin-1"))
        names = names[1 + names[0]:]
    out["shares"], b = [], ext.get(SHARES, b"")[2:]
    while b:
        g, n = struct.unpack_from(">HH", b)
        out["shares"].append(g)
        b = b[4 + n:]
    return out


def connect(addr, port=443, timeout=15):
    s = socket.create_connection((addr, port), timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read(s, seconds, enough):
    """Bytes until enough(bytes), an end ("closed", "reset") or the time is
    over ("hang"): (bytes, end or None)."""
    got, until = b"", time.monotonic() + seconds
    while not enough(got):
        s.settimeout(max(0.01, until - time.monotonic()))
        try:
            data = s.recv(65536)
        except ConnectionResetError:
            return got, "reset"
        except socket.timeout:
            return got, "hang"
        if not data:
            return got, "closed"
        got += data
    return got, None


def outcome(s, seconds):
    """What the other side makes of it: "hello", "alert N", "other" (not
    TLS), "closed", "reset", "hang"."""
    got, end = read(s, seconds, lambda b: len(b) >= 7 and b[0] != HANDSHAKE
                    or len(b) >= 48)
    if got[:1] == b"\x16" and len(got) > 5 and got[5] == 2:
        return "hello"
    if got[:1] == b"\x15" and len(got) >= 7:
        return "alert %d" % got[6]
    return "other" if got else end
