#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ADDRESS PORT [CERT KEY]: a server that speaks no TLS, or (with CERT and
KEY) shows one certificate whatever name is asked for.  Either way it answers
each connection's first bytes with "other server" and ends."""
import socket
import ssl
import sys
import threading

addr, port = sys.argv[1], int(sys.argv[2])
ctx = None
if len(sys.argv) > 4:
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(sys.argv[3], sys.argv[4])
BODY = b"other server\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" \
       b"Connection: close\r\n\r\n" % len(BODY)


def serve(conn):
    try:
        conn.settimeout(10)
        if ctx is not None:
            conn = ctx.wrap_socket(conn, server_side=True)
        conn.recv(65536)
        conn.sendall(HEAD + BODY)
        if ctx is not None:
            conn.unwrap()
    except (OSError, ssl.SSLError) as e:
        print(e, flush=True)
    finally:
        conn.close()


listener = socket.create_server((addr, port), backlog=100)
while True:
    c, _ = listener.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
