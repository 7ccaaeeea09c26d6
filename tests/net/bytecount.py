#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches a file over TLS and prints the bytes that its socket sent and got.
bytecount.py ADDRESS NAME CAFILE PATH"""
import socket
import ssl
import sys

addr, name, ca, path = sys.argv[1:5]
ctx = ssl.create_default_context(cafile=ca)
raw = socket.create_connection((addr, 443), timeout=30)
inc, out = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = ctx.wrap_bio(inc, out, server_hostname=name)
sent = got = 0


def flush():
    global sent
    data = out.read()
    sent += len(data)
    raw.sendall(data)


def pump(call):
    """Runs one TLS call to its end over the socket."""
    global got
    while True:
        try:
            rv = call()
            flush()
            return rv
        except ssl.SSLWantReadError:
            flush()
            data = raw.recv(65536)
            got += len(data)
            if data:
                inc.write(data)
            else:
                inc.write_eof()


pump(tls.do_handshake)
pump(lambda: tls.write(b"GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (
    path.encode(), name.encode())))
try:
    while pump(lambda: tls.read(65536)):
        pass
except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
    pass
raw.shutdown(socket.SHUT_WR)
while True:
    rest = raw.recv(65536)
    got += len(rest)
    if not rest:
        break
print(sent, got)
