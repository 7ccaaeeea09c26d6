# SPDX-License-Identifier: Apache-2.0
# Another proxy, as small as can be: parent.py ADDRESS PORT LOG
# [USER:PASSWORD [FILE]].  It knows one server for all names: that of its own
# address.  FILE says what each request gets: "ok", a status, or "hang".
import base64
import socket
import socketserver
import sys
import threading

want = len(sys.argv) > 4 and sys.argv[4] and "Basic " + base64.b64encode(
    sys.argv[4].encode()).decode()


def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    try:
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Proxy(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        head = {}
        rest = b""
        while (field := self.rfile.readline()) not in (b"\r\n", b""):
            name, value = field.decode().split(":", 1)
            head[name.lower()] = value.strip()
            if name.lower() not in ("proxy-authorization", "connection"):
                rest += field
        with open(sys.argv[3], "a") as log:
            log.write(line.strip() + " auth=" + str(
                "proxy-authorization" in head) + "\n")
        if want and head.get("proxy-authorization") != want:
            self.wfile.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
            return
        if len(sys.argv) > 5:
            with open(sys.argv[5]) as file:
                mood = file.read().strip()
            if mood == "hang":
                self.rfile.read()
                return
            if mood != "ok":
                self.wfile.write(b"HTTP/1.1 %s No\r\nContent-Length: 0\r\n"
                                 b"\r\n" % mood.encode())
                return
        method, target, _ = line.split()
        if method == "CONNECT":
            port = target.rsplit(":", 1)[1]
        else:
            host, _, path = target.removeprefix("http://").partition("/")
            port = host.partition(":")[2]
        up = socket.create_connection((sys.argv[1], int(port or 80)))
        if method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n")
        else:
            up.sendall(("%s /%s HTTP/1.1\r\n" % (method, path)).encode() +
                       rest + b"Connection: close\r\n\r\n")
        t = threading.Thread(target=pump, args=(up, self.connection))
        t.start()
        pump(self.connection, up)
        t.join()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server((sys.argv[1], int(sys.argv[2])), Proxy).serve_forever()
