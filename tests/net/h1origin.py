#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1.1 origin whose every byte is written here: plain on port 8000,
TLS on 8443.  h1origin.py ADDRESS CERT KEY"""
import hashlib
import socket
import ssl
import struct
import sys
import threading

addr, cert, key = sys.argv[1:4]
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ctx.load_cert_chain(cert, key)
ctx.set_alpn_protocols(["http/1.1"])
BIG = bytes(range(256)) * 4096


class Conn:
    def __init__(self, s):
        self.s, self.buf, self.n = s, b"", 0

    def more(self):
        data = self.s.recv(65536)
        if not data:
            raise EOFError
        self.buf += data

    def head(self):
        while b"\r\n\r\n" not in self.buf:
            self.more()
        head, self.buf = self.buf.split(b"\r\n\r\n", 1)
        return head + b"\r\n\r\n"

    def take(self, n):
        while len(self.buf) < n:
            self.more()
        data, self.buf = self.buf[:n], self.buf[n:]
        return data

    def body(self, head):
        """The body's bytes as they came, and what they mean."""
        low = head.lower()
        if b"transfer-encoding: chunked" in low:
            raw = text = b""
            while True:
                while b"\r\n" not in self.buf:
                    self.more()
                size = int(self.buf.split(b"\r\n")[0], 16)
                line = self.take(self.buf.index(b"\r\n") + 2)
                if size == 0:
                    raw += line
                    while True:
                        while b"\r\n" not in self.buf:
                            self.more()
                        line = self.take(self.buf.index(b"\r\n") + 2)
                        raw += line
                        if line == b"\r\n":
                            return raw, text
                data = self.take(size + 2)
                raw += line + data
                text += data[:-2]
        if b"content-length:" not in low:
            return b"", b""
        n = int(low.split(b"content-length:")[1].split(b"\r\n")[0])
        digest = None
        if n > 1 << 20:         # a sum of it will do
            digest = hashlib.sha256()
            left = n
            while left:
                if not self.buf:
                    self.more()
                data = self.take(min(left, len(self.buf)))
                digest.update(data)
                left -= len(data)
            return b"", digest.hexdigest().encode()
        raw = self.take(n)
        return raw, raw

    def answer(self, head):
        path = head.split(b" ")[1].split(b"?")[0]
        method = head.split(b" ")[0]
        send = self.s.sendall
        if b"expect: 100-continue" in head.lower():
            send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if path == b"/ws":
            send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\n\r\n")
            while True:
                if not self.buf:
                    self.more()
                send(b"<" + self.buf + b">")
                self.buf = b""
        if path == b"/early":
            send(b"HTTP/1.1 413 Too much\r\nContent-Length: 3\r\n"
                 b"Connection: close\r\n\r\nno\n")
            return False
        raw, text = self.body(head)
        if path == b"/echo":
            data = head + raw
            send(b"HTTP/1.1 200 Fine  phrase\r\nserver: h1origin\r\n"
                 b"X-MiXed:  two  blanks\r\nx-empty:\r\nSet-Cookie: a=b\r\n"
                 b"Set-Cookie: c=d\r\nContent-length: %d\r\n\r\n" % len(data)
                 + (b"" if method == b"HEAD" else data))
        elif path == b"/chunked":
            send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                 b"Trailer: X-Sum\r\n\r\n5\r\nhello\r\n00A\r\n0123456789\r\n"
                 b"0\r\nX-Sum: 7\r\n\r\n")
        elif path == b"/hints":
            send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                 b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        elif path == b"/none":
            send(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n")
        elif path == b"/same":
            send(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n")
        elif path == b"/close":
            send(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
            return False
        elif path == b"/cut":
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            return False
        elif path == b"/sum":
            send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" %
                 (len(text), text))
        elif path == b"/big":
            send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" %
                 (100 * len(BIG)))
            for _ in range(100):
                send(BIG)
        elif path == b"/bad":
            send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        elif path == b"/count":
            self.n += 1
            data = b"%d" % self.n
            send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" %
                 (len(data), data))
        else:
            send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return True


def serve(raw, tls):
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s = ctx.wrap_socket(raw, server_side=True) if tls else raw
        if not tls:             # what does not speak HTTP is echoed
            first = raw.recv(4, socket.MSG_PEEK)
            if first.startswith(b"RAW "):
                while True:
                    data = raw.recv(65536)
                    if not data:
                        break
                    raw.sendall(data)
                raw.close()
                return
        c = Conn(s)
        while c.answer(c.head()):
            pass
        if tls:
            s.unwrap()
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
        s.close()
    except (EOFError, OSError, ValueError, struct.error):
        try:
            raw.close()
        except OSError:
            pass


def listen(port, tls):
    listener = socket.create_server((addr, port), backlog=200)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn, tls), daemon=True).start()


threading.Thread(target=listen, args=(8443, True), daemon=True).start()
listen(8000, False)
