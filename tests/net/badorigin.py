#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The origin of checklist A: badorigin.py LAB-DIRECTORY CA-NAME

A TLS server small enough to lie in every message.  It serves the rows of
badpki.py on port 443 by SNI, or by its own address where there is none, TLS
1.2 (ECDHE, AES-128-GCM) or 1.3, and says on stdout what each connection did:
    NAME hello versions=0304,0303 suites=1301,c02b,...
    NAME done | NAME request | NAME renegotiates | NAME ERROR text
DIR/bad/roots.pem is what to trust; DIR/bad/later holds 0, 1 or 2: which of
its certificates a server that changes them shows.
"""
import hashlib
import hmac
import os
import secrets
import socket
import struct
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import badpki

SCHEME = {"ec": 0x0403, "rsa": 0x0401, "ed": 0x0807, "dsa": 0x0402}
X25519, P256 = 29, 23


def modp(nbits, pi_bits, plus):
    """The MODP primes by their formula: 2^n - 2^(n-64) - 1 + 2^64 *
    (floor(2^(n-130) pi) + plus)."""
    return 2**nbits - 2**(nbits - 64) - 1 + 2**64 * (pi_bits + plus)


def pi_times(power):
    """floor(2^power * pi), Machin's formula with guard bits."""
    one = 1 << power + 64

    def arctan_inverse(x):
        term = total = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return 4 * (4 * arctan_inverse(5) - arctan_inverse(239)) >> 64


PRIMES = {1024: modp(1024, pi_times(894), 129093),
          2048: modp(2048, pi_times(1918), 124476)}


class Bye(Exception):
    """The connection ends here, as the row wants or the client did."""


def v8(b):
    return bytes([len(b)]) + b


def v16(b):
    return struct.pack("!H", len(b)) + b


def v24(b):
    return len(b).to_bytes(3, "big") + b


def hs(typ, body):
    return bytes([typ]) + v24(body)


def u16s(b):
    return [x[0] for x in struct.iter_unpack("!H", b)]


def hm(key, data):
    return hmac.new(key, data, "sha256").digest()


def prf(secret, label, seed, n):
    """RFC 5246 section 5."""
    seed = label + seed
    a, out = seed, b""
    while len(out) < n:
        a = hm(secret, a)
        out += hm(secret, a + seed)
    return out[:n]


def expand(secret, label, context, n):
    """HKDF-Expand-Label, RFC 8446 section 7.1; n is at most 32."""
    info = struct.pack("!H", n) + v8(b"tls13 " + label) + v8(context)
    return hm(secret, info + b"\1")[:n]


class Gcm12:
    def __init__(self, key, salt):
        self.aead, self.salt, self.n = AESGCM(key), salt, 0

    def _aad(self, typ, length):
        aad = struct.pack("!QBHH", self.n, typ, 0x0303, length)
        self.n += 1
        return aad

    def seal(self, typ, data):
        nonce = struct.pack("!Q", self.n)
        return typ, nonce + self.aead.encrypt(
            self.salt + nonce, data, self._aad(typ, len(data)))

    def open(self, typ, data):
        return typ, self.aead.decrypt(self.salt + data[:8], data[8:],
                                      self._aad(typ, len(data) - 24))


class Gcm13:
    def __init__(self, secret):
        self.aead = AESGCM(expand(secret, b"key", b"", 16))
        self.iv, self.n = expand(secret, b"iv", b"", 12), 0

    def _nonce(self):
        n = int.from_bytes(self.iv, "big") ^ self.n
        self.n += 1
        return n.to_bytes(12, "big")

    def seal(self, typ, data):
        aad = struct.pack("!BHH", 23, 0x0303, len(data) + 17)
        return 23, self.aead.encrypt(self._nonce(), data + bytes([typ]), aad)

    def open(self, typ, data):
        aad = struct.pack("!BHH", typ, 0x0303, len(data))
        data = self.aead.decrypt(self._nonce(), data, aad).rstrip(b"\0")
        return data[-1], data[:-1]


class Hello:
    """A ClientHello, read."""

    def __init__(self, b):
        self.random = b[2:34]
        p = 34
        self.session, p = b[p + 1:p + 1 + b[p]], p + 1 + b[p]
        n = struct.unpack_from("!H", b, p)[0]
        self.suites, p = u16s(b[p + 2:p + 2 + n]), p + 2 + n
        p += 1 + b[p] + 2
        self.ext = {}
        while p < len(b):
            typ, n = struct.unpack_from("!HH", b, p)
            self.ext[typ] = b[p + 4:p + 4 + n]
            p += 4 + n
        self.sni = self.ext[0][5:].decode("latin-1") if 0 in self.ext else ""
        self.versions = u16s(self.ext[43][1:]) if 43 in self.ext else [0x303]
        self.groups = u16s(self.ext.get(10, b"\0\0")[2:])
        self.schemes = u16s(self.ext.get(13, b"\0\0")[2:])
        self.shares = {}
        b = self.ext.get(51, b"\0\0")[2:]
        while b:
            typ, n = struct.unpack_from("!HH", b)
            self.shares[typ], b = b[4:4 + n], b[4 + n:]


class Conn:
    def __init__(self, sock, rows, say, later):
        self.sock, self.rows, self.say, self.later = sock, rows, say, later
        self.buf, self.hsbuf, self.log = b"", b"", b""
        self.name, self.how = "?", ()
        self.rd = self.wr = None

    # ---- records and messages

    def _exactly(self, n):
        while len(self.buf) < n:
            more = self.sock.recv(65536)
            if not more:
                raise Bye("the client ended it")
            self.buf += more
        out, self.buf = self.buf[:n], self.buf[n:]
        return out

    def record(self):
        typ, _, n = struct.unpack("!BHH", self._exactly(5))
        data = self._exactly(n)
        if self.rd and typ != 20 and (typ == 23 or
                                      isinstance(self.rd, Gcm12)):
            typ, data = self.rd.open(typ, data)
        if typ == 21:
            raise Bye("alert %d" % data[1])
        return typ, data

    def send(self, typ, data, version=0x0303):
        out = b""
        for i in range(0, len(data), 16384):
            t, part = typ, data[i:i + 16384]
            if self.wr:
                t, part = self.wr.seal(t, part)
            out += struct.pack("!BHH", t, version, len(part)) + part
        self.sock.sendall(out)

    def message(self, want):
        while True:
            if len(self.hsbuf) >= 4:
                n = 4 + int.from_bytes(self.hsbuf[1:4], "big")
                if len(self.hsbuf) >= n:
                    msg, self.hsbuf = self.hsbuf[:n], self.hsbuf[n:]
                    if msg[0] != want:
                        raise Bye("message %d, not %d" % (msg[0], want))
                    return msg
            typ, data = self.record()
            if typ == 22:
                self.hsbuf += data
            elif typ != 20:
                raise Bye("record %d in the handshake" % typ)

    def alert(self, number, why):
        self.send(21, bytes([2, number]))
        raise Bye(why)

    # ---- the handshake

    def serve(self):
        msg = self.message(1)
        self.hello = h = Hello(msg[4:])
        self.name = h.sni.lower() or \
            self.sock.getsockname()[0].replace("::ffff:", "")
        self.say(self.name, "hello versions=%s suites=%s" % (
            ",".join("%04x" % v for v in h.versions),
            ",".join("%04x" % s for s in h.suites)))
        row = self.rows.get(self.name)
        if row is None:
            self.alert(112, "no row of that name")
        if hasattr(row, "later"):
            row = row.later[self.later()]
        self.row, self.how, self.log = row, row.how.split(), msg
        how = row.how
        if how == "close":
            raise Bye("closes after the ClientHello")
        if how == "rst":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
            raise Bye("resets after the ClientHello")
        if how.startswith("alert"):
            self.alert(70 if how == "alert-version" else 40, "refuses")
        if how.startswith("only-"):
            self.only()
        if "tls13" in self.how:
            if 0x0304 not in h.versions:
                self.alert(70, "the client has no TLS 1.3")
            self.tls13()
        else:
            self.tls12()
        self.say(self.name, "done")
        self.http()

    def only(self):
        """Suites that nobody should offer: it takes one that is offered."""
        wanted = [int(x, 16) for x in self.row.how[5:].split()]
        taken = [s for s in wanted if s in self.hello.suites]
        if taken:
            self.say(self.name, "ERROR offered %04x" % taken[0])
            self.flight12(taken[0])
        self.alert(40, "no suite in common")

    def share(self, group):
        """Our half of a key exchange, and what completes it."""
        if group == X25519:
            k = x25519.X25519PrivateKey.generate()
            raw = k.public_key().public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return raw, lambda p: k.exchange(
                x25519.X25519PublicKey.from_public_bytes(p))
        k = ec.generate_private_key(ec.SECP256R1())
        raw = k.public_key().public_bytes(
            serialization.Encoding.X962,
            serialization.PublicFormat.UncompressedPoint)
        return raw, lambda p: k.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(
                ec.SECP256R1(), p))

    def dhe(self, size):
        """The same of a finite field: RFC 2409 group 2, RFC 3526 group 14."""
        p, x = PRIMES[size], secrets.randbits(256)
        n = size // 8
        params = b"".join(v16(v) for v in (
            p.to_bytes(n, "big"), b"\2", pow(2, x, p).to_bytes(n, "big")))
        return params, lambda y: pow(int.from_bytes(y, "big"), x, p).to_bytes(
            n, "big").lstrip(b"\0")     # RFC 5246 section 8.1.2

    def put(self, typ, body):
        msg = hs(typ, body)
        self.log += msg
        return msg

    def server_hello(self, suite, exts, version=0x0303):
        rnd = os.urandom(32)
        if "sentinel" in self.how:      # RFC 8446 section 4.1.3
            rnd = rnd[:24] + b"DOWNGRD\1"
        self.random = rnd
        # TLS 1.2: no session to resume.  TLS 1.3: the echo.
        session = self.hello.session if "tls13" in self.how else b""
        if "session" in self.how:
            session = os.urandom(32)
        body = struct.pack("!H", version) + rnd + v8(session)
        body += struct.pack("!HB", suite, "compress" in self.how)
        return self.put(2, body + v16(exts))

    def alpn(self):
        """The protocol of the row, whether it was offered or not."""
        if "alpn" not in self.how:
            return b""
        name = v8(self.how[self.how.index("alpn") + 1].encode())
        return struct.pack("!H", 16) + v16(v16(name))

    def flight12(self, suite):
        h, how = self.hello, self.how
        version = 0x0303
        for word in how:
            if word.startswith("version-"):
                version = int(word[8:], 16)
        exts = b""
        if "no-ri" not in how and (0xff in h.suites or 0xff01 in h.ext):
            exts += struct.pack("!H", 0xff01) + v16(b"\0")
        if "ext" in how:        # use_srtp, for which nobody asked
            exts += struct.pack("!H", 14) + v16(b"\0\2\0\1\0")
        if self.row.staple and 5 in h.ext:
            exts += struct.pack("!H", 5) + v16(b"")
        exts += self.alpn()
        out = self.server_hello(suite, exts, version)
        out += self.put(11, v24(b"".join(v24(c) for c in self.row.chain)))
        if "cert-twice" in how:
            out += self.put(11, v24(b"".join(v24(c) for c in self.row.chain)))
        if self.row.staple and 5 in h.ext:
            out += self.put(22, b"\1" + v24(self.row.staple))
        return out, version

    def signature(self, data):
        key, how = self.row.key, self.how
        if "ske-key" in how or "cv-key" in how:
            key = badpki.Ec()
        scheme = SCHEME[key.kind]
        h = "sha256"
        if "ske-scheme" in how or "cv-scheme" in how:
            scheme, h = 0x0203, "sha1"      # ecdsa_sha1
        sig = key.sign(data, h)
        if "tls13" in how and key.kind == "rsa":
            scheme = 0x0804
            sig = key.key.sign(data, padding.PSS(
                padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        elif key.kind == "ec" and key.key.curve.name == "secp384r1":
            scheme, sig = 0x0503, key.sign(data, "sha384")
        if "ske-sig" in how or "cv-sig" in how:
            sig = badpki.altered(sig)
        return struct.pack("!H", scheme) + v16(sig)

    def disturb(self):
        """What comes before the server's first flight and should not."""
        how = self.row.how
        if how == "early-ccs":
            self.send(20, b"\1")
        elif how == "early-data":
            self.send(23, b"HTTP/1.1 200 OK\r\n\r\norigin=early\n")
        elif how == "long-record":
            self.sock.sendall(struct.pack("!BHH", 22, 0x0303, 20000) +
                              hs(2, b"\0" * 19996))
        elif how == "record-type":
            self.send(99, b"?")
        elif how == "long-message":     # a ServerHello of 16 MB
            self.sock.sendall((struct.pack("!BHH", 22, 0x0303, 16384) +
                               b"\2" + b"\xff" * 16383))
        elif how == "empty-records":
            self.sock.sendall(struct.pack("!BHH", 22, 0x0303, 0) * 2000)

    def tls12(self):
        h, how = self.hello, self.how
        suite = 0xc02f if self.row.key.kind in ("rsa", "dsa") else 0xc02b
        if "type" in how:       # the suite says RSA, the certificate EC
            suite = 0xc02f
        if "dhe" in how:
            suite = 0x009e
        if suite not in h.suites:
            self.alert(40, "no suite in common")
        if "suite" in how:      # a strong one that was not offered
            suite = next(s for s in (0xc0ad, 0xc0ac, 0xc0af, 0xc0ae)
                         if s not in h.suites)
        group = X25519 if X25519 in h.groups else P256
        out, version = self.flight12(suite)
        ours, complete = self.share(group)
        if "group" in how:      # one that nobody offered: secp224r1
            group = 21
        if "point" in how:      # not on the curve; the zero of x25519
            ours = b"\0" * 32 if group == X25519 else ours[:-1] + b"\0"
        params = b"\3" + struct.pack("!H", group) + v8(ours)
        skip = 5
        if "dhe" in how:
            params, complete = self.dhe(int(how[1]))
            skip = 6
        rnd = os.urandom(32) if "ske-random" in how else self.random
        if "no-ske" not in how:
            out += self.put(12, params + self.signature(
                h.random + rnd + params))
        if "random" in how:     # altered on the way
            out = out[:6] + bytes([out[6] ^ 1]) + out[7:]
        self.disturb()
        self.send(22, out + self.put(14, b""), version)
        msg = self.message(16)
        self.log += msg
        pre = complete(msg[skip:])
        master = prf(pre, b"master secret", h.random + self.random, 48)
        block = prf(master, b"key expansion", self.random + h.random, 40)
        self.rd = Gcm12(block[:16], block[32:36])
        done = prf(master, b"client finished",
                   hashlib.sha256(self.log).digest(), 12)
        msg = self.message(20)
        if msg[4:] != done:
            raise Bye("the client's Finished is wrong")
        self.log += msg
        self.send(20, b"\1")
        self.wr = Gcm12(block[16:32], block[36:40])
        done = prf(master, b"server finished",
                   hashlib.sha256(self.log).digest(), 12)
        if "finished" in how:
            done = bytes([done[0] ^ 1]) + done[1:]
        self.send(22, self.put(20, done))

    def tls13(self):
        h, how = self.hello, self.how
        group = X25519 if X25519 in h.shares else P256
        if group not in h.shares:
            raise Bye("no key share that this server has")
        suite = 0x1301 if "suite" not in how else 0x13ff
        ours, complete = self.share(group)
        exts = struct.pack("!HHH", 43, 2, 0x0304) + struct.pack("!H", 51) + \
            v16(struct.pack("!H", group) + v16(ours))
        out = self.server_hello(suite, exts)
        if "random" in how:
            out = out[:6] + bytes([out[6] ^ 1]) + out[7:]
        self.send(22, out)
        self.send(20, b"\1")
        empty = hashlib.sha256(b"").digest()
        early = hm(b"\0" * 32, b"\0" * 32)
        secret = hm(expand(early, b"derived", empty, 32),
                    complete(h.shares[group]))
        th = hashlib.sha256(self.log).digest()
        c_hs = expand(secret, b"c hs traffic", th, 32)
        s_hs = expand(secret, b"s hs traffic", th, 32)
        self.rd, self.wr = Gcm13(c_hs), Gcm13(s_hs)
        exts = self.alpn()
        if "ee" in how:         # use_srtp, for which nobody asked
            exts += struct.pack("!H", 14) + v16(b"\0\2\0\1\0")
        out = self.put(8, v16(exts))
        entries = b""
        for i, c in enumerate(self.row.chain):
            e = b""
            if i == 0 and self.row.staple and 5 in h.ext:
                e = struct.pack("!H", 5) + v16(
                    b"\1" + v24(self.row.staple))
            entries += v24(c) + v16(e)
        out += self.put(11, v8(b"") + v24(entries))
        text = b" " * 64 + b"TLS 1.3, server CertificateVerify\0"
        out += self.put(15, self.signature(
            text + hashlib.sha256(self.log).digest()))
        done = hm(expand(s_hs, b"finished", b"", 32),
                  hashlib.sha256(self.log).digest())
        if "finished" in how:
            done = bytes([done[0] ^ 1]) + done[1:]
        self.send(22, out + self.put(20, done))
        master = hm(expand(secret, b"derived", empty, 32), b"\0" * 32)
        th = hashlib.sha256(self.log).digest()
        self.wr = Gcm13(expand(master, b"s ap traffic", th, 32))
        msg = self.message(20)
        if msg[4:] != hm(expand(c_hs, b"finished", b"", 32), th):
            raise Bye("the client's Finished is wrong")
        self.rd = Gcm13(expand(master, b"c ap traffic", th, 32))

    def http(self):
        if "hello-request" in self.how:
            self.send(22, hs(0, b""))
        head = b""
        while b"\r\n\r\n" not in head:
            try:
                typ, data = self.record()
            except Bye as e:
                if str(e) != "alert 100":       # no_renegotiation, a warning
                    raise
                continue
            if typ == 22:
                self.say(self.name, "ERROR renegotiates")
                raise Bye("a second handshake")
            head += data
        self.say(self.name, "request")
        body = ("origin=%s\n" % self.name).encode()
        self.send(23, b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.send(21, b"\1\0")


class OwnCa:
    """The CA with which the proxy signs, as an issuer for badpki.Cert."""

    def __init__(self, path):
        with open(path + ".crt", "rb") as f:
            c = x509.load_pem_x509_certificate(f.read())
        with open(path + ".key", "rb") as f:
            key = serialization.load_pem_private_key(f.read(), None)
        self.der = c.public_bytes(serialization.Encoding.DER)
        self.subject = c.subject.public_bytes()
        self.key = badpki.Ec()
        self.key.key = key
        self.keyid = c.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier).value.digest


def handle(sock, rows, say, later):
    conn = Conn(sock, rows, say, later)
    sock.settimeout(10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        conn.serve()
    except Bye as e:
        say(conn.name, "end: %s" % e)
    except (OSError, AssertionError) as e:
        say(conn.name, "end: %r" % e)
    except Exception as e:      # pylint: disable=broad-except
        say(conn.name, "BROKEN %r" % e)
    finally:
        sock.close()


def main():
    lab, ca = sys.argv[1:3]
    bad = os.path.join(lab, "bad")
    os.makedirs(bad, exist_ok=True)
    rows = badpki.make(bad, OwnCa(os.path.join(lab, "pki", ca)))
    lock = threading.Lock()

    def say(name, text):
        name = "".join(c if 32 < ord(c) < 127 else "?" for c in name)
        with lock:
            print(name, text, flush=True)

    def later():
        with open(os.path.join(bad, "later")) as f:
            return int(f.read())

    with open(os.path.join(bad, "later"), "w") as f:
        f.write("0\n")
    listener = socket.create_server(("::", 443), family=socket.AF_INET6,
                                    backlog=1024, dualstack_ipv6=True)
    with open(os.path.join(bad, "names"), "w") as f:
        f.write("".join("%s\n" % n for n in rows))
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=handle, args=(sock, rows, say, later),
                         daemon=True).start()


if __name__ == "__main__":
    main()
