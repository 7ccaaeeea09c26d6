#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is a connection passed on byte for byte?
tunnel.py serve ADDRESS
    port 9443: takes everything until the client's end, sends SIZE random
    bytes as soon as something comes, then the SHA-256 of what came and of what it sent.
tunnel.py send ADDRESS SNI [PROXY CONNECTNAME]
    a ClientHello with this SNI ("-": none), then SIZE random bytes and an
    end; exit 0 when both sides saw the very same bytes."""
import hashlib
import os
import socket
import ssl
import sys
import threading

SIZE = 5 << 20


def hello_of(sni):
    """A real ClientHello; the name goes in as it is, upper case and dots."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    out = ssl.MemoryBIO()
    name = None if sni == "-" else "x" * len(sni)
    tls = ctx.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    data = out.read()
    return data if name is None else data.replace(name.encode(), sni.encode())


def sender(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass


def serve(sock):
    mine, seen = os.urandom(SIZE), hashlib.sha256()
    t = threading.Thread(target=sender, args=(sock, mine), daemon=True)
    try:
        while True:
            data = sock.recv(65536)
            if not data:
                break
            seen.update(data)
            if t.ident is None:
                t.start()       # not before the client: TLS never does
        t.join()
        sock.sendall(seen.digest() + hashlib.sha256(mine).digest())
    except OSError:
        pass
    sock.close()


def connect(addr, proxy, name):
    if proxy is None:
        return socket.create_connection((addr, 9443), timeout=15)
    sock = socket.create_connection((proxy, 8080), timeout=15)
    sock.sendall(b"CONNECT %s:9443 HTTP/1.1\r\nHost: %s:9443\r\n\r\n" %
                 (name.encode(), name.encode()))
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(1)
        if not data:
            sys.exit("the proxy closed: %r" % head)
        head += data
    if b" 200 " not in head:
        sys.exit("the proxy said: %r" % head)
    return sock


def send(addr, sni, proxy=None, name=None):
    sock = connect(addr, proxy, name)
    mine = hello_of(sni) + os.urandom(SIZE)

    def all_of_it():
        sender(sock, mine)
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    threading.Thread(target=all_of_it, daemon=True).start()
    got = b""
    try:
        while True:
            data = sock.recv(65536)
            if not data:
                break
            got += data
    except OSError as e:
        sys.exit("after %d bytes: %s" % (len(got), e))
    if len(got) != SIZE + 64:
        sys.exit("%d bytes came, not %d: %r" % (len(got), SIZE + 64, got[:40]))
    if got[SIZE:SIZE + 32] != hashlib.sha256(mine).digest():
        sys.exit("the server saw other bytes")
    if got[SIZE + 32:] != hashlib.sha256(got[:SIZE]).digest():
        sys.exit("the client saw other bytes")


if sys.argv[1] == "send":
    send(*sys.argv[2:])
else:
    family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
    listener = socket.create_server((sys.argv[2], 9443), family=family,
                                    backlog=100)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
