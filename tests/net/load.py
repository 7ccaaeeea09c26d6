#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Consecutive new TLS connections with one request each.
load.py ADDRESS CAFILE NAME COUNT [PARALLEL]; prints "N ok, N errors"."""
import socket
import ssl
import sys
import threading

addr, ca, name, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
parallel = int(sys.argv[5]) if len(sys.argv) > 5 else 1
ctx = ssl.create_default_context(cafile=ca)
lock = threading.Lock()
left, ok, errors = count, 0, []


def one():
    with socket.create_connection((addr, 443), timeout=20) as raw:
        with ctx.wrap_socket(raw, server_hostname=name) as tls:
            tls.sendall(b"GET / HTTP/1.0\r\nHost: " + name.encode()
                        + b"\r\n\r\n")
            text = b""
            while True:
                data = tls.recv(65536)
                if not data:
                    break
                text += data
    if b"host=" + name.encode() not in text:
        raise OSError("answer %r" % text[:80])


def run():
    global left, ok
    while True:
        with lock:
            if left == 0:
                return
            left -= 1
        try:
            one()
            with lock:
                ok += 1
        except (OSError, ssl.SSLError) as e:
            with lock:
                errors.append(str(e))


threads = [threading.Thread(target=run) for _ in range(parallel)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for e in sorted(set(errors))[:10]:
    print("%d x %s" % (errors.count(e), e))
print("%d ok, %d errors" % (ok, len(errors)))
sys.exit(1 if errors else 0)
