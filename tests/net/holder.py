#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Connections that stay open, and how they end.
holder.py serve ADDRESS PORT COUNT
    accepts, answers each first bytes with "hello\\n", holds; when COUNT have
    ended: "reset=N eof=N"
holder.py open ADDRESS PORT COUNT
    opens COUNT connections, sends "hi\\n" on each, prints "ready" when all
    have an answer, then how they end, as above
holder.py tls ADDRESS NAME [-b SOURCE] [-x PROXY:PORT]
    one connection with TLS (CONNECT by PROXY) to port 443: a request and its
    answer, prints "ready", then "reset" or "eof" when it ends"""
import resource
import select
import socket
import ssl
import sys


def family_of(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def many():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Ends:
    def __init__(self, count):
        self.count, self.reset, self.eof = count, 0, 0

    def take(self, sock):
        """What came, or None when it has ended, which is counted."""
        try:
            data = sock.recv(65536)
        except OSError:
            self.reset += 1
            return None
        if not data:
            self.eof += 1
            return None
        return data

    def over(self):
        return self.reset + self.eof >= self.count

    def say(self):
        print("reset=%d eof=%d" % (self.reset, self.eof), flush=True)


def serve(addr, port, count):
    lis = socket.socket(family_of(addr), socket.SOCK_STREAM)
    lis.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    lis.bind((addr, port))
    lis.listen(4096)
    print("listening", flush=True)
    poll, socks, ends = select.epoll(), {}, Ends(count)
    poll.register(lis, select.EPOLLIN)
    while not ends.over():
        for fd, _ in poll.poll():
            if fd == lis.fileno():
                sock = lis.accept()[0]
                socks[sock.fileno()] = sock
                poll.register(sock, select.EPOLLIN)
            elif ends.take(socks[fd]) is not None:
                socks[fd].sendall(b"hello\n")
            else:
                socks.pop(fd).close()
    ends.say()


def hold(addr, port, count):
    poll, socks, ends, answers = select.epoll(), {}, Ends(count), 0
    for _ in range(count):
        sock = socket.socket(family_of(addr), socket.SOCK_STREAM)
        sock.settimeout(20)
        sock.connect((addr, port))
        sock.sendall(b"hi\n")
        socks[sock.fileno()] = sock
        poll.register(sock, select.EPOLLIN)
    while not ends.over():
        for fd, _ in poll.poll():
            if ends.take(socks[fd]) is None:
                socks.pop(fd).close()
                continue
            answers += 1
            if answers == count:
                print("ready", flush=True)
    ends.say()


def tls(addr, name, *options):
    opt = dict(zip(options[::2], options[1::2]))
    to = (addr, 443)
    if "-x" in opt:
        host, port = opt["-x"].rsplit(":", 1)
        to = (host, int(port))
    sock = socket.socket(family_of(to[0]), socket.SOCK_STREAM)
    sock.settimeout(20)
    if "-b" in opt:
        sock.bind((opt["-b"], 0))
    sock.connect(to)
    if "-x" in opt:
        sock.sendall(("CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n" %
                      (name, name)).encode())
        answer = sock.recv(4096)
        if b" 200 " not in answer:
            sys.exit("the proxy said %r" % answer)
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    conn = ctx.wrap_socket(sock, server_hostname=name)
    conn.sendall(("GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % name).encode())
    if not conn.recv(65536):
        sys.exit("no answer")
    print("ready port=%d" % conn.getsockname()[1], flush=True)
    poll = select.poll()
    poll.register(conn, select.POLLRDHUP)  # and POLLERR, always
    events = poll.poll()[0][1]
    print("reset" if events & select.POLLERR else "eof", flush=True)


def main():
    mode, args = sys.argv[1], sys.argv[2:]
    many()
    if mode == "tls":
        tls(*args)
        return
    {"serve": serve, "open": hold}[mode](args[0], int(args[1]),
                                         int(args[2]))


main()
