# SPDX-License-Identifier: Apache-2.0
"""Certificates that are right, and all the ways in which they are not.

Written in DER by hand: libraries refuse to make most of these.  make() gives
the rows of checklist-a.tsv, each a name with what its server does.
"""
import base64
import hashlib
import os
import secrets
import subprocess
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (dsa, ec, ed25519, rsa,
                                                       utils)
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

DAY = 86400
NOW = int(time.time())

# ---- DER -------------------------------------------------------------------


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        size = bytes([n])
    else:
        size = n.to_bytes((n.bit_length() + 7) // 8, "big")
        size = bytes([0x80 | len(size)]) + size
    return bytes([tag]) + size + body


def seq(*parts):
    return tlv(0x30, *parts)


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted):
    a = [int(x) for x in dotted.split(".")]
    out = b""
    for n in [a[0] * 40 + a[1]] + a[2:]:
        part = bytes([n & 127])
        while n > 127:
            n >>= 7
            part = bytes([n & 127 | 128]) + part
        out += part
    return tlv(6, out)


def bits(data, unused=0):
    return tlv(3, bytes([unused]), data)


def octets(data):
    return tlv(4, data)


NULL = b"\x05\x00"
TRUE = b"\x01\x01\xff"


def utc(t):
    return tlv(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(t)).encode())


def generalized(t):
    return tlv(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(t)).encode())


def dn(cn, org=None):
    """A distinguished name; None gives an empty one."""
    rdns = []
    for typ, value in (("2.5.4.10", org), ("2.5.4.3", cn)):
        if value is None:
            continue
        if isinstance(value, str):
            value = value.encode()
        rdns.append(tlv(0x31, seq(oid(typ), tlv(12, value))))
    return seq(*rdns)


# GeneralName
def dns(name):
    return tlv(0x82, name if isinstance(name, bytes) else name.encode())


def ip(*numbers):
    return tlv(0x87, bytes(numbers))


def email(name):
    return tlv(0x81, name.encode())


def dirname(name):
    return tlv(0xa4, name)


# ---- keys ------------------------------------------------------------------

PREFIX = {      # DigestInfo before the digest, RFC 8017 section 9.2 note 1
    "md4": "3020300c06082a864886f70d020405000410",
    "md5": "3020300c06082a864886f70d020505000410",
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}
RSA_OID = {"md4": 3, "md5": 4, "sha1": 5, "sha256": 11, "sha384": 12,
           "sha512": 13}
HASH = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
        "sha512": hashes.SHA512}


def digest(name, data):
    if name != "md4":
        return hashlib.new(name, data).digest()
    return subprocess.run(["openssl", "dgst", "-provider", "legacy",
                           "-provider", "default", "-md4", "-binary"],
                          input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def prime(nbits):
    while True:
        p = secrets.randbits(nbits) | 3 << nbits - 2 | 1
        if p % 65537 != 1 and all(pow(a, p - 1, p) == 1
                                  for a in (2, 3, 5, 7, 11)):
            return p


class Rsa:
    """Any RSA key, also one that no library would touch."""
    kind = "rsa"
    hash = "sha256"

    def __init__(self, size, e=65537):
        if size < 1024:
            p, q = prime(size // 2), prime(size // 2)
            self.n, self.e = p * q, e
            self.d = pow(e, -1, (p - 1) * (q - 1))
            self.key = None
        else:
            self.key = rsa.generate_private_key(e if e > 1 else 65537, size)
            num = self.key.private_numbers()
            self.n, self.e, self.d = num.public_numbers.n, e, num.d
            if e == 1:
                self.d, self.key = 1, None
        self.spki = seq(seq(oid("1.2.840.113549.1.1.1"), NULL),
                        bits(seq(integer(self.n), integer(self.e))))

    def algorithm(self, h):
        return seq(oid("1.2.840.113549.1.1.%d" % RSA_OID[h]), NULL)

    def sign(self, data, h):
        t = bytes.fromhex(PREFIX[h]) + digest(h, data)
        k = (self.n.bit_length() + 7) // 8
        m = b"\0\1" + b"\xff" * (k - len(t) - 3) + b"\0" + t
        return pow(int.from_bytes(m, "big"), self.d,
                   self.n).to_bytes(k, "big")


class Hollow(Rsa):
    """An RSA key of any size for which nobody can sign."""

    def __init__(self, size, e=65537):
        self.n, self.e = secrets.randbits(size) | 1 << size - 1 | 1, e
        self.spki = seq(seq(oid("1.2.840.113549.1.1.1"), NULL),
                        bits(seq(integer(self.n), integer(self.e))))

    def sign(self, data, h):
        k = (self.n.bit_length() + 7) // 8
        return (secrets.randbits(8 * k) % self.n).to_bytes(k, "big")


class Ec:
    kind = "ec"

    def __init__(self, curve=ec.SECP256R1):
        self.key = ec.generate_private_key(curve())
        self.hash = "sha384" if curve is ec.SECP384R1 else "sha256"
        self.spki = self.key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def algorithm(self, h):
        return seq(oid({"sha1": "1.2.840.10045.4.1",
                        "sha256": "1.2.840.10045.4.3.2",
                        "sha384": "1.2.840.10045.4.3.3",
                        "sha512": "1.2.840.10045.4.3.4"}[h]))

    def sign(self, data, h):
        return self.key.sign(digest(h, data),
                             ec.ECDSA(utils.Prehashed(HASH[h]())))


class Ed:
    kind = "ed"
    hash = "sha512"

    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.spki = self.key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def algorithm(self, _):
        return seq(oid("1.3.101.112"))

    def sign(self, data, _):
        return self.key.sign(data)


class Dsa:
    kind = "dsa"
    hash = "sha256"

    def __init__(self):
        self.key = dsa.generate_private_key(2048)
        self.spki = self.key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def algorithm(self, _):
        return seq(oid("2.16.840.1.101.3.4.3.2"))

    def sign(self, data, _):
        return self.key.sign(data, hashes.SHA256())


# ---- certificates ----------------------------------------------------------

EKU = "2.5.29.37"
SERVER, CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
CODE, OCSPSIGN = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.9"
TLSFEATURE = "1.3.6.1.5.5.7.1.24"


def ext(number, value, critical=False):
    return seq(oid(number), TRUE if critical else b"", octets(value))


def bc(ca, pathlen=None, critical=True):
    return ext("2.5.29.19", seq(TRUE if ca else b"", b"" if pathlen is None
                                else integer(pathlen)), critical)


def ku(*which):
    n = 0
    for i in which:
        n |= 0x80 >> i
    unused = (n & -n).bit_length() - 1
    return ext("2.5.29.15", bits(bytes([n]), unused), True)


def eku(*oids):
    return ext(EKU, seq(*[oid(o) for o in oids]))


def san(*names, critical=False):
    return ext("2.5.29.17", seq(*[dns(n) if isinstance(n, str) or
                                  n[0] < 0x81 else n for n in names]),
               critical)


def ski(key_id):
    return ext("2.5.29.14", octets(key_id))


def aki(key_id):
    return ext("2.5.29.35", seq(tlv(0x80, key_id)))


def constraints(permitted=(), excluded=(), critical=True):
    return ext("2.5.29.30", seq(
        tlv(0xa0, *[seq(g) for g in permitted]) if permitted else b"",
        tlv(0xa1, *[seq(g) for g in excluded]) if excluded else b""),
        critical)


MUST_STAPLE = ext(TLSFEATURE, seq(integer(5)))


class Cert:
    """One certificate and its key.

    names: its dNSName (str) or other GeneralNames (bytes); None: a CA.
    Other arguments change one thing each; `drop` leaves out standard
    extensions by name, `more` adds some.
    """

    def __init__(self, issuer=None, names=None, *, cn="", subject=None,
                 key=None, hash=None, serial=None, version=2, since=NOW - DAY,
                 until=NOW + 60 * DAY, pathlen=None, drop=(), more=(),
                 exts=None, time_of=utc, mangle=None, mangle_tbs=None,
                 usage=(SERVER,), ca=None, issuer_dn=None, sign_with=None,
                 uses=None):
        ca = names is None if ca is None else ca
        self.key = key or (Ec() if ca else LEAF)
        self.keyid = hashlib.sha1(self.key.spki).digest()
        if subject is None:
            cn = cn if cn != "" or names is None else None
            subject = dn(cn, "openwad checklist" if ca else None)
        self.subject = subject
        issuer = issuer or self
        signer = sign_with or issuer.key
        h = hash or signer.hash
        self.serial = secrets.randbits(120) | 1 << 120 \
            if serial is None else serial
        if uses is None:
            uses = (5, 6) if ca else (0,)
        std = {
            "bc": bc(ca, pathlen),
            "ku": ku(*uses),
            "eku": eku(*usage) if not ca else b"",
            "san": san(*names, critical=subject == seq()) if names else b"",
            "ski": ski(self.keyid) if ca else b"",
            "aki": aki(issuer.keyid) if issuer is not self else b"",
        }
        if exts is None:
            exts = b"".join(v for k, v in std.items() if k not in drop) + \
                b"".join(more)
        number = self.serial if isinstance(self.serial, bytes) else \
            integer(self.serial)
        tbs = seq(
            tlv(0xa0, integer(version)) if version else b"", number,
            signer.algorithm(h), issuer_dn or issuer.subject,
            seq(time_of(since), time_of(until)), subject, self.key.spki,
            tlv(0xa3, seq(exts)) if version >= 2 and exts else b"")
        if mangle_tbs:
            tbs = mangle_tbs(tbs)
        sig = signer.sign(tbs, h)
        self.der = seq(tbs, signer.algorithm(h), bits(sig))
        if mangle:
            self.der = mangle(self.der)
        self.number, self.issuer = number, issuer


# ---- OCSP, RFC 6960 --------------------------------------------------------


def ocsp(cert, status="good", *, signer=None, since=NOW - 3600,
         until=NOW + DAY, mangle=None, send=None, of=None):
    """An OCSP response for cert, signed by its issuer or a delegate."""
    issuer = cert.issuer
    signer = signer or issuer
    of = of or cert
    key_bits = issuer.key.key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint)
    cert_id = seq(seq(oid("1.3.14.3.2.26"), NULL),
                  octets(hashlib.sha1(issuer.subject).digest()),
                  octets(hashlib.sha1(key_bits).digest()), of.number)
    state = {"good": tlv(0x80),
             "revoked": tlv(0xa1, generalized(NOW - 7200)),
             "unknown": tlv(0x82)}[status]
    single = seq(cert_id, state, generalized(since),
                 tlv(0xa0, generalized(until)))
    data = seq(tlv(0xa1, signer.subject), generalized(since),
               seq(single))
    sig = signer.key.sign(data, signer.key.hash)
    if mangle:
        sig = mangle(sig)
    basic = seq(data, signer.key.algorithm(signer.key.hash), bits(sig),
                tlv(0xa0, seq(*[c.der for c in send])) if send else b"")
    return seq(tlv(10, b"\0"), tlv(0xa0, seq(
        oid("1.3.6.1.5.5.7.48.1.1"), octets(basic))))


# ---- CRL, RFC 5280 section 5 -----------------------------------------------


def crl(issuer, revoked=(), *, signer=None, since=NOW - 3600,
        until=NOW + DAY):
    """A list of revoked certificates of issuer."""
    signer = signer or issuer
    algorithm = signer.key.algorithm(signer.key.hash)
    entries = seq(*[seq(c.number, utc(NOW - 7200)) for c in revoked])
    tbs = seq(integer(1), algorithm, issuer.subject, utc(since), utc(until),
              entries if revoked else b"",
              tlv(0xa0, seq(aki(issuer.keyid), ext("2.5.29.20", integer(7)))))
    return seq(tbs, algorithm, bits(signer.key.sign(tbs, signer.key.hash)))


# ---- the rows --------------------------------------------------------------


class Row:
    """What the server of one name does."""

    def __init__(self, chain, staple=None, how="", key=None):
        self.chain = [c if isinstance(c, bytes) else c.der for c in chain]
        self.key = key or chain[0].key
        self.staple = staple
        self.how = how


LEAF = Ec()


def altered(der):
    """The last bytes of the signature are others; it stays well-formed."""
    return der[:-3] + bytes([der[-3] ^ 1]) + der[-2:]


class Rows(dict):
    """The table, in the making; `domain` is where its names are."""
    domain = "lab.test"

    def __init__(self):
        super().__init__()
        self.crls = {}

    def name(self, word):
        return word + "." + self.domain

    def put(self, word, chain, staple=None, how="", key=None):
        self[word if {".", ":"} & set(word) else self.name(word)] = \
            Row(chain, staple, how, key)

    def leaf(self, word, issuer, send=None, staple=None, how="", **kw):
        """A row whose leaf is for its own name, but for what kw changes."""
        name = word if "." in word else self.name(word)
        kw.setdefault("names", [name])
        c = Cert(issuer, **kw)
        self.put(word, [c] + (send if send is not None else [issuer]),
                 staple(c) if staple else None, how)
        return c


def plain(t, root, ica):
    """A1 to A5: what must pass."""
    rsa_key = t.rsa
    t.leaf("a01-rsa", ica, key=rsa_key)
    t.leaf("a01-rsa13", ica, key=rsa_key, how="tls13")
    t.leaf("a02-p256", ica)
    t.leaf("a02-p256-13", ica, how="tls13")
    t.leaf("a02-p384", ica, key=Ec(ec.SECP384R1))
    t.leaf("a02-ed25519", ica, key=Ed())
    t.leaf("a03.w.lab.test", ica, names=["*.w.lab.test"])
    ica2 = Cert(ica, cn="Checklist Second CA")
    other = Cert(root, cn="Checklist Other CA")
    alien = Cert(cn="Nobody asked for this")
    t.leaf("a04-unordered", ica2, [ica, ica2])
    t.leaf("a04-reversed", ica2, [root, ica, ica2])
    t.leaf("a04-root", ica, [ica, root])
    t.leaf("a04-alien", ica, [alien, other, ica])
    t.leaf("a04-twice", ica, [ica, ica])
    # As with Let's Encrypt in 2021: the issuer's other certificate, by a root
    # that has expired, is sent along.
    cross = Cert(t.old_root, subject=root.subject, key=root.key)
    t.leaf("a04-cross-old", ica, [ica, cross])
    cross = Cert(Cert(cn="Unknown"), subject=root.subject, key=root.key)
    t.leaf("a04-cross-unknown", ica, [ica, cross])
    t.leaf("a04-no-ica", root, [])
    t.leaf("a05-no-subject", ica)


def trust(t, root, ica):
    """A6 to A11, A24, A25, A28: who signed it, and when it holds."""
    name = t.name("a06-self-signed")
    t.put("a06-self-signed", [Cert(None, [name], cn=name)])
    stranger = Cert(cn="Stranger Root")
    t.leaf("a07-untrusted", stranger, [])
    t.leaf("a07-untrusted-root", stranger)
    fake = Cert(subject=root.subject, drop=("ski",))
    t.leaf("a08-fake-root", fake, drop=("aki",))
    t.leaf("a08-fake-aki", fake, drop=("aki",), more=[aki(root.keyid)])
    fake_ica = Cert(fake, subject=ica.subject, drop=("ski", "aki"))
    t.leaf("a08-fake-ica", fake_ica, [fake_ica, fake], drop=("aki",))
    t.leaf("a09-altered", ica, mangle=altered)
    t.leaf("a09-altered-rsa", t.rsa_ca, mangle=altered)
    bad = Cert(root, cn="Altered CA", mangle=altered)
    t.leaf("a09-altered-ica", bad)
    t.leaf("a10-expired", ica, since=NOW - 9 * DAY, until=NOW - DAY)
    t.leaf("a10-backwards", ica, since=NOW - DAY, until=NOW - 9 * DAY)
    t.leaf("a24-old-root", t.old_root, [])
    t.leaf("a11-not-yet", ica, since=NOW + DAY)
    old = Cert(root, cn="Old CA", since=NOW - 9 * DAY, until=NOW - DAY)
    t.leaf("a24-old-ica", old)
    t.leaf("a25-incomplete", ica, [])
    far = Cert(ica, cn="Far CA")
    t.leaf("a25-incomplete2", far)
    t.leaf("a28-own-ca", t.own)
    t.leaf("a28-own-ca-alone", t.own, [])
    sub = Cert(t.own, cn="Child of the proxy's CA")
    t.leaf("a28-own-sub", sub, [sub, t.own])


def names(t, ica):
    """A12 to A17, A34, A35: which names a certificate is for."""
    def leaf(word, *sans, cn="", **kw):
        t.leaf(word, ica, names=list(sans), cn=cn, **kw)

    leaf("a12-wrong-host", "other.test")
    leaf("a12-parent", "lab.test")
    leaf("a12-child", "www.a12-child.lab.test")
    leaf("a12-suffix", "lab.test.evil.test", "xa12-suffix.lab.test")
    leaf("a.a13.w.lab.test", "*.w.lab.test")
    leaf("w2.lab.test", "*.w2.lab.test")
    leaf("foo1.p.lab.test", "foo*.p.lab.test")
    leaf("1foo.q.lab.test", "*foo.q.lab.test")
    leaf("a.mid.r.lab.test", "a.*.r.lab.test")
    leaf("a14.s.lab.test", "*.*.lab.test")
    leaf("a15-tld.test", "*.test")
    leaf("a15-star.test", "*")
    leaf("a15-uk.co.uk", "*.co.uk")
    name = t.name("a16-cn-only")
    t.leaf("a16-cn-only", ica, cn=name, drop=("san",))
    name = t.name("a16-cn-mail")
    t.leaf("a16-cn-mail", ica, names=[email("x@lab.test")], cn=name)
    name = t.name("a17-nul-san")
    leaf("a17-nul-san", name + "\0.evil.test")
    name = t.name("a17-nul-cn")
    t.leaf("a17-nul-cn", ica, cn=name + "\0.evil.test", drop=("san",))
    name = t.name("a17-nul-both")
    leaf("a17-nul-both", name, name + "\0.evil.test")
    t.put("10.9.11.101", [Cert(ica, [ip(10, 9, 11, 101)]), ica])
    t.put("10.9.11.102", [Cert(ica, [ip(10, 9, 11, 10)]), ica])
    t.put("10.9.11.103", [Cert(ica, [ip(10, 9, 11, 103, 0, 0, 0, 0)]), ica])
    t.put("10.9.11.104", [Cert(ica, ["10.9.11.104"]), ica])
    t.put("10.9.11.105", [Cert(ica, ["x.test"], cn="10.9.11.105",
                               drop=("san",)), ica])
    t.put("10.9.11.106", [Cert(ica, ["10.9.11.*", "*.9.11.106"]), ica])
    six = bytes.fromhex("fd090011000000000000000000000101")
    t.put("fd09:11::101", [Cert(ica, [ip(*six)]), ica])
    t.put("fd09:11::102", [Cert(ica, [ip(*six), "fd09:11::102",
                                      "fd09:0011:0:0:0:0:0:102"]), ica])
    leaf("xn--bcher-kva.lab.test", "xn--bcher-kva.lab.test")
    t.leaf("xn--mnchen-3ya.lab.test", ica,
           names=[dns("m\u00fcnchen.lab.test".encode())])
    leaf("a35-case", "A35-CaSe.LaB.tEsT")
    leaf("a35-dot", "a35-dot.lab.test.")
    leaf("a35_score", "a35_score.lab.test")
    leaf("a35-leading", ".lab.test", ".a35-leading.lab.test")
    leaf("a35-empty", "a35-empty..lab.test", "a35-empty.lab..test")
    leaf("a35-space", "a35-space.lab.test ", " a35-space.lab.test")
    long = "a" * 64 + ".lab.test"
    leaf(long, long)
    long = ".".join(["a" * 61] * 4) + ".test"       # 252 bytes: still legal
    leaf(long, long)
    long = ".".join(["a" * 61] * 4) + ".lab.testx"  # 257
    leaf(long, long)


def shape(t, root, ica):
    """A18 to A23: what the certificates are for."""
    mid = Cert(ica, [t.name("mid")], cn=t.name("mid"), key=Ec())
    t.leaf("a18-leaf-issuer", mid, [mid, ica])
    mid = Cert(ica, [t.name("mid")], cn=t.name("mid"), key=Ec(), uses=(0, 5))
    t.leaf("a18-ca-false", mid, [mid, ica])
    mid = Cert(root, cn="No constraints", drop=("bc",))
    t.leaf("a18-no-bc", mid)
    mid = Cert(root, cn="No keyCertSign", uses=(0,))
    t.leaf("a18-no-certsign", mid)
    t.leaf("a19-v1", Cert(root, cn="Version 1", version=0))
    t.leaf("a19-v1-leaf", ica, cn=t.name("a19-v1-leaf"), version=0)
    short = Cert(root, cn="Path length 0", pathlen=0)
    t.leaf("a20-pathlen-ok", short)
    below = Cert(short, cn="One too many")
    t.leaf("a20-pathlen", below, [below, short])

    def bound(word, permitted=(), excluded=(), **kw):
        mid = Cert(root, cn="Constrained " + word,
                   more=[constraints(permitted, excluded)])
        t.leaf(word, mid, **kw)

    bound("a21-ok", [dns("lab.test")])
    bound("a21-permitted", [dns("other.test")])
    bound("a21-excluded", (), [dns("lab.test")])
    bound("a21-part", [dns("ab.test")])
    bound("a21-wild.x.lab.test", (), [dns("a21-wild.x.lab.test")],
          names=["*.x.lab.test"])
    bound("a21-ip", [dns("lab.test"), ip(10, 0, 0, 0, 255, 0, 0, 0)],
          names=["a21-ip.lab.test", ip(192, 0, 2, 1)])
    bound("a21-ip-ex", (), [ip(0, 0, 0, 0, 0, 0, 0, 0)],
          names=["a21-ip-ex.lab.test", ip(192, 0, 2, 1)])
    bound("a21-dir", [dirname(dn("x", "Right"))],
          subject=dn("x", "Wrong"))
    bound("a21-dir-ex", (), [dirname(dn(None, "Wrong"))],
          subject=dn("x", "Wrong"))
    bound("a21-mail", [email("good.test")],
          names=["a21-mail.lab.test", email("x@evil.test")])
    bound("a21-mail-ex", (), [email("evil.test")],
          names=["a21-mail-ex.lab.test", email("x@evil.test")])
    t.leaf("a21-in-leaf", ica, more=[constraints([dns("lab.test")])])

    t.leaf("a22-client", ica, usage=(CLIENT,))
    t.leaf("a22-code", ica, usage=(CODE,))
    t.leaf("a22-empty", ica, usage=())
    t.leaf("a22-both", ica, usage=(CLIENT, SERVER))
    mid = Cert(root, cn="Mail only", more=[eku("1.3.6.1.5.5.7.3.4")])
    t.leaf("a22-ica", mid)
    unknown = ext("1.3.6.1.4.1.99999.1", NULL, True)
    t.leaf("a23-critical", ica, more=[unknown])
    t.leaf("a23-critical-ica", Cert(root, cn="Critical", more=[unknown]))
    t.leaf("a23-noncritical", ica,
           more=[ext("1.3.6.1.4.1.99999.1", NULL)])
    t.leaf("a23-nonrep", ica, uses=(5,))


def weak(t, root, ica):
    """A26, A27: keys and hashes that do not hold."""
    small = Rsa(1024)
    t.leaf("a26-rsa1024", ica, key=small)
    t.leaf("a26-rsa1024-13", ica, key=small, how="tls13")
    t.leaf("a26-rsa512", ica, key=Rsa(512))
    t.leaf("a26-rsa1024-ica", Cert(root, cn="Small CA", key=small))
    t.leaf("a26-rsa1024-root", t.small_root, [])
    t.leaf("a26-ec192", ica, key=Ec(ec.SECP192R1))
    t.leaf("a26-ec192-ica", Cert(root, cn="Small EC", key=Ec(ec.SECP192R1)))
    t.leaf("a26-dsa", ica, key=Dsa())
    t.leaf("a26-dsa-ica", Cert(root, cn="DSA CA", key=Dsa()))
    t.leaf("a26-e1", ica, key=Rsa(2048, 1))
    t.leaf("a26-e3", ica, key=Rsa(2048, 3))
    t.leaf("a26-e1-ica", Cert(root, cn="Exponent 1", key=Rsa(2048, 1)))
    t.leaf("a26-rsa2052", ica, key=Rsa(2052))
    for h in ("sha1", "md5", "md4"):
        t.leaf("a27-" + h, t.rsa_ca, hash=h)
    t.leaf("a27-sha1-ec", ica, hash="sha1")
    mid = Cert(t.rsa_root, cn="SHA-1 CA", hash="sha1")
    t.leaf("a27-sha1-ica", mid)
    t.leaf("a26-rsa3072", ica, key=Rsa(3072))
    t.leaf("a27-sha512", t.rsa_ca, hash="sha512")
    t.leaf("a27-sha384", t.rsa_ca, hash="sha384")
    # The root's own signature is SHA-1: nobody looks at it.
    t.leaf("a27-sha1-root", t.rsa_root, [t.rsa_root])


def staples(t, root, ica):
    """A30, A31, A33: what the server staples."""
    must = dict(more=[MUST_STAPLE])
    stale = dict(since=NOW - 9 * DAY, until=NOW - DAY)
    rogue = Cert(ica, cn="No OCSPSigning", key=Ec(), ca=False, names=[],
                 drop=("eku",))
    helper = Cert(ica, cn="OCSP helper", key=Ec(), ca=False, names=[],
                  usage=(OCSPSIGN,))
    stranger = Cert(cn="Stranger responder")
    other = Cert(ica, ["other.test"])

    kinds = {
        "good": lambda c: ocsp(c),
        "delegate": lambda c: ocsp(c, signer=helper, send=[helper]),
        "revoked": lambda c: ocsp(c, "revoked"),
        "unknown": lambda c: ocsp(c, "unknown"),
        "stale": lambda c: ocsp(c, **stale),
        "early": lambda c: ocsp(c, since=NOW + DAY, until=NOW + 2 * DAY),
        "other": lambda c: ocsp(c, of=other),
        "altered": lambda c: ocsp(c, mangle=altered),
        "rogue": lambda c: ocsp(c, signer=rogue, send=[rogue]),
        "stranger": lambda c: ocsp(c, signer=stranger, send=[stranger]),
        "self": lambda c: ocsp(c, signer=c, send=[c]),
        "trylater": lambda c: seq(tlv(10, b"\3")),
        "garbage": lambda c: b"this is not DER",
    }
    t.leaf("a30-revoked", ica, staple=kinds["revoked"])
    t.leaf("a30-revoked13", ica, staple=kinds["revoked"], how="tls13")
    t.leaf("a30-revoked-deleg", ica, staple=lambda c: ocsp(
        c, "revoked", signer=helper, send=[helper]))
    t.leaf("a31-none", ica, **must)
    t.leaf("a31-none13", ica, how="tls13", **must)
    for word, make_one in kinds.items():
        t.leaf("a33-must-" + word, ica, staple=make_one, **must)
        if word != "revoked":
            t.leaf("a33-" + word, ica, staple=make_one)
    t.leaf("a33-must-good13", ica, staple=kinds["good"], how="tls13", **must)
    t.leaf("a33-must-altered13", ica, staple=kinds["altered"], how="tls13",
           **must)
    # A forged answer that says revoked is no answer either.
    t.leaf("a33-forged-revoked", ica, staple=lambda c: ocsp(
        c, "revoked", signer=stranger, send=[stranger]))


def lists(t, root):
    """A32: what the administrator's CRLs say."""
    def issuer(word):
        return Cert(root, cn="CRL CA " + word)

    ca = issuer("current")
    t.leaf("a32-good", ca)
    gone = t.leaf("a32-revoked", ca)
    t.crls["current"] = crl(ca, [gone])
    gone = issuer("revoked")
    t.leaf("a32-revoked-ica", gone)
    t.crls["root"] = crl(root, [gone])
    ca = issuer("stale")
    t.leaf("a32-stale", ca)
    t.crls["stale"] = crl(ca, (), since=NOW - 9 * DAY, until=NOW - DAY)
    ca = issuer("forged")
    t.crls["forged"] = crl(ca, [t.leaf("a32-forged", ca)],
                           signer=issuer("forger"))
    # The same serial number of another issuer is another certificate.
    ca, other = issuer("this"), issuer("that")
    one = t.leaf("a32-same-serial", ca)
    t.crls["this"] = crl(ca, [])
    t.crls["that"] = crl(other, [one])


def transparency(t, ica):
    """A40: what the certificate says of being logged."""
    t.leaf("a40-no-sct", ica)
    t.leaf("a40-bad-sct", ica, more=[ext(
        "1.3.6.1.4.1.11129.2.4.2", octets(b"\0\x04\0\x02\0\0"))])


def sizes(t, root, ica):
    """A36, A37: as large as somebody likes."""
    for n in (1000, 10000):
        word = "a36-sans%d" % n
        t.leaf(word, ica, names=[t.name(word)] + ["n%d.many.lab.test" % i
                                                  for i in range(n - 1)])
    for n in (8, 12, 100):
        up = [root]
        for i in range(n - 1):
            up.append(Cert(up[-1], cn="Depth %d" % i))
        t.leaf("a37-depth%d" % n, up[-1], up[:0:-1])
    # Two that sign each other, no way out; then with one.
    a_key, b_key = Ec(), Ec()
    b = Cert(cn="Cycle B", key=b_key)
    a = Cert(b, cn="Cycle A", key=a_key)
    b_by_a = Cert(a, cn="Cycle B", key=b_key)
    t.leaf("a37-cycle", a, [a, b_by_a, b])
    out = Cert(root, cn="Cycle B", key=b_key)
    t.leaf("a37-cycle-out", a, [a, b_by_a, out])
    twins = [Cert(root, cn="Twin") for _ in range(100)]
    t.leaf("a37-twins", twins[-1], twins, drop=("aki",))
    for size, e in ((16384, 65537), (16384, (1 << 64) - 59),
                    (3072, (1 << 3070) - 1)):
        word = "a37-rsa%d-e%d" % (size, e.bit_length())
        t.leaf(word, Cert(root, cn=word, key=Hollow(size, e)))
    # Names times constraints: work that grows as their product.
    mid = Cert(root, cn="Many constraints", more=[constraints(
        [dns("lab.test")], [dns("x%d.example" % i) for i in range(900)])])
    t.leaf("a37-constraints", mid, names=[t.name("a37-constraints")] + [
        "n%d.lab.test" % i for i in range(900)])


def malformed(t, root, ica):
    """A38: certificates that break their own rules."""
    t.leaf("a38-serial-neg", ica, serial=-7)
    t.leaf("a38-serial-zero", ica, serial=0)
    t.leaf("a38-serial-21", ica, serial=1 << 166)
    t.leaf("a38-garbage", ica, mangle=lambda d: d + b"\0\1\2\3")
    t.leaf("a38-cut", ica, mangle=lambda d: d[:-20])
    name = t.name("a38-two-sans")
    t.leaf("a38-two-sans", ica, more=[san("evil.test")])
    t.leaf("a38-dup-ext", ica, more=[ku(0)])
    t.leaf("a38-dup-bc", Cert(root, cn="Twice", more=[bc(False)]))
    # BER: the outer length in more bytes than needed; an indefinite one.
    t.leaf("a38-ber-len", ica, mangle_tbs=lambda d: d[:1] + b"\x83\0" +
           d[2:4] + d[4:])
    t.leaf("a38-ber-indef", ica, mangle=lambda d: b"\x30\x80" + d[4:] +
           b"\0\0")
    t.leaf("a38-ber-true", Cert(root, cn="BER boolean", drop=("bc",), more=[
        ext("2.5.29.19", seq(b"\x01\x01\x01"), True)]))
    t.leaf("a38-huge-oid", ica, more=[ext(
        "1.3.6.1.4.1." + "9" * 600, NULL)])
    t.leaf("a38-2039", ica, until=2198440800)
    t.leaf("a38-9999", ica, until=253402300799,
           time_of=lambda x: utc(x) if x < 2524608000 else generalized(x))
    t.leaf("a38-generalized", ica, time_of=generalized)
    t.leaf("a38-bad-time", ica, time_of=lambda x: tlv(0x17, b"991332246099Z"))
    t.leaf("a38-empty-san", ica, drop=("san",),
           more=[ext("2.5.29.17", seq())], cn=name)
    t.leaf("a38-bad-san", ica, drop=("san",),
           more=[ext("2.5.29.17", b"\x30\x82\xff\xff\x82\x01x")])
    t.leaf("a38-v4", ica, version=7)
    t.leaf("a38-sig-alg", ica, mangle=lambda d: d.replace(
        bytes.fromhex("06082a8648ce3d040302"),
        bytes.fromhex("06082a8648ce3d040303"), 1))
    t.leaf("a38-no-san-no-cn", ica, drop=("san",))
    t.put("a38-no-cert", [], key=LEAF)
    t.put("a38-zero-cert", [b""], key=LEAF)


HANDSHAKE = {      # name: how; what each does is in badorigin.py
    "a39-ske-sig": "ske-sig", "a39-ske-key": "ske-key",
    "a39-ske-scheme": "ske-scheme", "a39-ske-random": "ske-random",
    "a39-type": "type", "a39-cv-sig": "tls13 cv-sig",
    "a39-cv-key": "tls13 cv-key", "a39-cv-scheme": "tls13 cv-scheme",
    "s14-random": "random", "s14-random13": "tls13 random",
    "s14-sentinel": "sentinel", "s14-suite": "suite",
    "s14-suite13": "tls13 suite", "s14-tls15": "version-0306",
    "s14-ssl3": "version-0300", "s14-tls10": "version-0301",
    "s14-tls11": "version-0302", "s14-finished": "finished",
    "s14-finished13": "tls13 finished", "s14-compress": "compress",
    "s14-ext": "ext", "s14-group": "group", "s14-point": "point",
    "s14-session13": "tls13 session", "s14-ee13": "tls13 ee",
    "s14-no-ske": "no-ske", "s14-cert-twice": "cert-twice",
    "s14-early-ccs": "early-ccs", "s14-early-data": "early-data",
    "s14-long-record": "long-record", "s14-record-type": "record-type",
    "s14-long-message": "long-message", "s14-empty-records": "empty-records",
    "c12-alpn-h2": "alpn h2", "c12-alpn-h2-13": "tls13 alpn h2",
    "c12-alpn-ftp": "alpn ftp", "c12-alpn-ok": "alpn http/1.1",
    "s14-no-ri": "no-ri", "c06-close": "close", "c06-rst": "rst",
    "c06-alert": "alert", "c06-version": "alert-version",
    "c08-hello-request": "hello-request",
    "k01-rc4": "only-0005", "k01-rc4-md5": "only-0004",
    "k01-null": "only-0002", "k01-3des": "only-000a",
    "k01-export": "only-0003", "k01-anon": "only-0034",
    "k01-cbc": "only-c009 c00a c013 c014 c023 c024 c027 c028",
    "k01-static-rsa": "only-009c 009d 002f 0035 003c 003d",
    "k01-dhe-cbc": "only-0033 0039 0067 006b",
    "k01-dhe1024": "dhe 1024", "k01-dhe2048": "dhe 2048",
    "k01-des": "only-0009",
}


def pem(path, word, *ders):
    with open(path, "w") as f:
        for der in ders:
            f.write("-----BEGIN %s-----\n%s-----END %s-----\n" % (
                word, base64.encodebytes(der).decode(), word))


def make(directory, own):
    """The rows; own: the CA with which the proxy signs.

    Writes the roots to trust, roots.pem, and the CRLs into directory.
    """
    t = Rows()
    root = Cert(cn="Checklist Root")
    ica = Cert(root, cn="Checklist Issuing CA")
    t.rsa = Rsa(2048)
    t.rsa_root = Cert(cn="Checklist RSA Root", key=Rsa(2048), hash="sha1")
    t.rsa_ca = Cert(t.rsa_root, cn="Checklist RSA CA", key=Rsa(2048))
    t.old_root = Cert(cn="Checklist Old Root", since=NOW - 900 * DAY,
                      until=NOW - DAY)
    t.small_root = Cert(cn="Checklist Small Root", key=Rsa(1024))
    t.own = own
    plain(t, root, ica)
    trust(t, root, ica)
    names(t, ica)
    shape(t, root, ica)
    weak(t, root, ica)
    staples(t, root, ica)
    lists(t, root)
    transparency(t, ica)
    sizes(t, root, ica)
    malformed(t, root, ica)
    for word, how in HANDSHAKE.items():
        t.leaf(word, ica, how=how, key=t.rsa if "dhe" in how else None)
    # One certificate; later the same with a staple that says revoked.
    c = t.leaf("a42-revoked", ica, how="changes")
    first = t[t.name("a42-revoked")]
    first.later = [first, Row([c, ica], ocsp(c, "revoked"))]
    for word, tls in (("a42-change", ""), ("a42-change13", "tls13")):
        t.leaf(word, ica, how=tls + " changes")
        first = t[t.name(word)]
        t.leaf(word, ica, how=tls + " changes", key=Ec())
        second = t[t.name(word)]
        t.leaf(word, Cert(cn="Stranger"), how=tls + " changes", key=Ec())
        third = t[t.name(word)]
        first.later = [first, second, third]
        t[t.name(word)] = first
    pem(os.path.join(directory, "roots.pem"), "CERTIFICATE",
        *[c.der for c in (root, t.rsa_root, t.small_root, t.old_root)])
    for word, der in t.crls.items():
        pem(os.path.join(directory, word + ".crl"), "X509 CRL", der)
    return t
