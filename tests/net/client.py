#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Talks to server.py through the gateway and checks how the end arrives.
client.py ADDRESS PORT CAFILE close|reset|truncate|halfclose"""
import socket
import ssl
import sys

addr, port, ca, how = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ctx = ssl.create_default_context(cafile=ca)
ctx.options &= ~0x80  # OP_IGNORE_UNEXPECTED_EOF, which Debian's Python sets
raw = socket.create_connection((addr, port), timeout=15)
inc, out = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = ctx.wrap_bio(inc, out, server_hostname="github.com")
fin = False


def pump(call):
    """Runs one TLS call to its end over the socket."""
    global fin
    while True:
        try:
            rv = call()
            raw.sendall(out.read())
            return rv
        except ssl.SSLWantReadError:
            raw.sendall(out.read())
            data = raw.recv(65536)
            if not data:
                fin = True
                inc.write_eof()
            else:
                inc.write(data)


def end():
    """How the stream ends: close, reset or truncate."""
    try:
        while True:
            if not pump(lambda: tls.read(65536)):
                return "close"
    except ssl.SSLZeroReturnError:
        return "close"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    except ssl.SSLError as e:
        return "truncate" if "EOF" in str(e) else str(e)


pump(tls.do_handshake)
pump(lambda: tls.write(how.encode() + b"\n"))
try:
    got = pump(lambda: tls.read(65536))
except (ConnectionResetError, BrokenPipeError):
    got = b"hello reset\n" if how == "reset" else b""
if not got.startswith(b"hello"):
    sys.exit("no greeting: %r" % got)
if how == "halfclose":
    pump(lambda: tls.write(b"x" * 100000))
    try:
        tls.unwrap()
    except ssl.SSLError:
        pass
    raw.sendall(out.read())
    raw.shutdown(socket.SHUT_WR)
    # What the server says after our end still arrives: any bytes will do,
    # Python's TLS object does not read on after its own close_notify.
    rest = 0
    while True:
        data = raw.recv(65536)
        if not data:
            break
        rest += len(data)
    sys.exit(0 if rest > 24 else "nothing came after our half-close")
found = end()
if how == "truncate" and found == "reset":
    found = "truncate"
if found != how:
    sys.exit("the end was %s, not %s" % (found, how))
