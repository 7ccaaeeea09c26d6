#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TLS server on port 9443 that ends as the client's first line says:
close (close_notify), reset (RST), truncate (FIN without close_notify),
halfclose (answers only after the client's end)."""
import socket
import ssl
import struct
import sys
import threading

addr, cert, key = sys.argv[1:4]
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(cert, key)
ctx.options &= ~0x80  # OP_IGNORE_UNEXPECTED_EOF, which Debian's Python sets


def serve(raw):
    try:
        tls = ctx.wrap_socket(raw, server_side=True)
        word = tls.recv(100).decode().strip()
        tls.sendall(b"hello " + word.encode() + b"\n")
        if word == "close":
            tls.unwrap()
        elif word == "reset":
            raw2 = socket.socket(fileno=tls.detach())
            raw2.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            raw2.close()
            return
        elif word == "truncate":
            raw2 = socket.socket(fileno=tls.detach())
            raw2.shutdown(socket.SHUT_WR)
            raw2.close()
            return
        elif word == "halfclose":
            n = 0
            while True:
                data = tls.recv(65536)
                if not data:
                    break
                n += len(data)
            tls.sendall(b"got %d\n" % n)
        tls.close()
    except (OSError, ssl.SSLError) as e:
        print(e, flush=True)


listener = socket.create_server((addr, 9443), backlog=100)
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
