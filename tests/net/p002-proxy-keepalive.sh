#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The explicit proxy and plain HTTP: one client connection, requests to
# several servers, each with its policy and category; CONNECT after a request,
# and with plain HTTP in it.
# shellcheck disable=SC2034
LAB_EXPLICIT=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

lab_in c timeout 60 python3 - "$LAB_LAN4" <<'E' || fail "see above"
import socket
import sys

s = None


def connect():
    global s
    s = socket.create_connection((sys.argv[1], 8080), timeout=10)


def response(head_only=False):
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(1)
        assert more, data
        data += more
    head = data.decode("latin-1")
    low = head.lower()
    body = b""
    if "content-length:" in low and not head_only:
        n = int(low.split("content-length:")[1].split("\r\n")[0])
        while len(body) < n:
            more = s.recv(n - len(body))
            assert more, (head, body)
            body += more
    return head, body.decode("latin-1")


def ask(url, method="GET", more="", body="", head_only=False):
    host = url.split("/")[2]
    s.sendall(("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s" %
               (method, url, host, more, body)).encode())
    return response(head_only)


connect()
conns = set()
for i in range(100):            # one server connection
    head, body = ask("http://plain.example/")
    assert head.startswith("HTTP/1.1 200"), head
    assert "connection: close" not in head.lower(), head
    conns.add(body.split("conn=")[1])
assert len(conns) == 1, conns
for i in range(3):              # several servers, one after the other
    for name in "plain.example", "github.com", "example.com":
        head, body = ask("http://%s/" % name)
        assert "host=%s " % name in body, body
        head, body = ask("http://%s/" % name, "HEAD", head_only=True)
        assert head.startswith("HTTP/1.1 200"), head
head, body = ask("http://bet.example/")      # one of them blocked
assert head.startswith("HTTP/1.1 403"), head
assert "client=" not in body
if "connection: close" in head.lower():
    connect()
head, body = ask("http://plain.example/headers", more="Connection: X-Mine\r\n"
                 "X-Mine: 1\r\nProxy-Connection: keep-alive\r\n")
assert "via=1.1 " in body and "proxy=\n" in body, body
# pipelined to two servers
s.sendall(b"GET http://plain.example/ HTTP/1.1\r\nHost: plain.example\r\n\r\n"
          b"GET http://github.com/ HTTP/1.1\r\nHost: github.com\r\n\r\n")
assert "host=plain.example" in response()[1]
assert "host=github.com" in response()[1]
# a name that does not exist: a page, and the next connection works
head, body = ask("http://nowhere.example/")
assert head.startswith("HTTP/1.1 50"), head
connect()
ask("http://plain.example/")
# CONNECT after a request, with plain HTTP in it
s.sendall(b"CONNECT plain.example:80 HTTP/1.1\r\nHost: plain.example:80\r\n"
          b"\r\n")
head = response(True)[0]
assert head.startswith("HTTP/1.1 200"), head
s.sendall(b"GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n")
assert "host=plain.example" in response()[1]
s.close()
# HTTP/1.0 ends, unless it asks not to
connect()
s.sendall(b"GET http://plain.example/ HTTP/1.0\r\nHost: plain.example\r\n"
          b"\r\n")
data = b""
while True:
    more = s.recv(65536)
    if not more:
        break
    data += more
assert b"host=plain.example" in data, data
# a second request that is malformed
connect()
ask("http://plain.example/")
s.sendall(b"GET http://plain.example/ HTTP/1.1\r\nHost : plain.example\r\n\r\n")
assert response()[0].startswith("HTTP/1.1 400")
E
out=$(lab_in c curl -sS --max-time 20 -x "http://$LAB_LAN4:8080" -p \
    http://plain.example/) || fail "CONNECT with plain HTTP: $out"
has "$out" "host=plain.example" "plain HTTP in a CONNECT"
out=$(lab_in c curl -sS --max-time 20 -x "http://$LAB_LAN4:8080" -p \
    -o /dev/null -w '%{http_code}' http://bet.example/ 2>&1)
hasnt "$out" "200" "a blocked name in a CONNECT"
exit 0
