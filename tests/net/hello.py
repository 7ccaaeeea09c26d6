#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ClientHellos as no browser sends them.
hello.py ADDRESS CAFILE bytes|records|big|garbage|cut|slow
Exit 0 when what must happen happened: a full handshake with a good
certificate (bytes, records, big), or an orderly end in time."""
import socket
import ssl
import struct
import sys
import time

addr, ca, how = sys.argv[1:4]
limit = float(sys.argv[4]) if len(sys.argv) > 4 else 15
raw = socket.create_connection((addr, 443), timeout=limit + 5)
raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
ctx = ssl.create_default_context(cafile=ca)
inc, out = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = ctx.wrap_bio(inc, out, server_hostname="github.com")
try:
    tls.do_handshake()
except ssl.SSLWantReadError:
    pass
hello = out.read()


def finish():
    """The rest of the handshake; then one request."""
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            raw.sendall(out.read())
            data = raw.recv(65536)
            if not data:
                sys.exit("closed during the handshake")
            inc.write(data)
    tls.write(b"GET / HTTP/1.0\r\nHost: github.com\r\n\r\n")
    raw.sendall(out.read())
    text = b""
    while b"host=github.com" not in text:
        try:
            text += tls.read(65536)
        except ssl.SSLWantReadError:
            data = raw.recv(65536)
            if not data:
                sys.exit("closed before the answer")
            inc.write(data)
    sys.exit(0)


def ended():
    """The other side must close, with an alert or without."""
    start = time.time()
    try:
        while True:
            if not raw.recv(65536):
                break
    except ConnectionResetError:
        pass
    except socket.timeout:
        sys.exit("still open after %d s" % (time.time() - start))
    sys.exit(0)


def records(message, size):
    """A handshake message cut into TLS records of this size."""
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(message[i:i + size]))
                    + message[i:i + size]
                    for i in range(0, len(message), size))


def grown(message, size):
    """The ClientHello with a padding extension up to this size."""
    body = bytearray(message[4:])
    at = 34
    at += 1 + body[at]
    at += 2 + struct.unpack(">H", body[at:at + 2])[0]
    at += 1 + body[at]
    have = struct.unpack(">H", body[at:at + 2])[0]
    pad = size - len(message) - 4
    ext = struct.pack(">HH", 0x7a7a, pad) + bytes(pad)
    body[at:at + 2] = struct.pack(">H", have + len(ext))
    body += ext
    return message[:1] + struct.pack(">I", len(body))[1:] + bytes(body)


if how == "bytes":
    for i in range(len(hello)):
        raw.sendall(hello[i:i + 1])
        time.sleep(0.001)
    finish()
elif how == "records":
    # OpenSSL checks the transcript of messages, not of records.
    raw.sendall(records(hello[5:], 37))
    finish()
elif how == "big":
    # The server's Finished will not fit our transcript: the ServerHello is
    # what tells that a hello of 16 KiB was read whole.
    raw.sendall(records(grown(hello[5:], 16000), 16384))
    head = raw.recv(5)
    sys.exit(0 if head[:1] == b"\x16" else "no ServerHello: %r" % head)
elif how == "garbage":
    raw.sendall(b"\x16\x03\x01\x00\x40" + bytes(range(64)))
    ended()
elif how == "cut":
    raw.sendall(hello[:len(hello) // 2])
    raw.shutdown(socket.SHUT_WR)
    ended()
elif how == "slow":
    raw.sendall(hello[:20])
    ended()
else:
    sys.exit("unknown: " + how)
