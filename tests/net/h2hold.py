#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""1,000 streams over 10 connections of HTTP/2: every second one is not read
(its window is never given back), the others are read to their end.
h2hold.py ADDRESS PORT NAME CAFILE PATH SIZE: prints "N whole, M waiting", and
then keeps everything open until its input ends."""
import selectors
import socket
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

addr, port, name, ca, path = sys.argv[1:6]
size = int(sys.argv[6])
CONNS, STREAMS = 10, 100
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2"])
sel = selectors.DefaultSelector()
got, whole, errors = {}, set(), []


class Conn:
    def __init__(self, n):
        self.n = n
        self.s = ctx.wrap_socket(
            socket.create_connection((addr, int(port)), timeout=20),
            server_hostname=name)
        self.c = h2.connection.H2Connection(
            h2.config.H2Configuration(header_encoding="utf-8"))
        self.c.initiate_connection()
        self.c.increment_flow_control_window(1 << 30)
        for i in range(STREAMS):
            self.c.send_headers(i * 2 + 1, [
                (":method", "GET"), (":scheme", "https"),
                (":authority", name), (":path", path)], end_stream=True)
        self.s.sendall(self.c.data_to_send())
        self.s.setblocking(False)
        self.out = b""
        sel.register(self.s, selectors.EVENT_READ, self)

    def read(self):
        try:
            data = self.s.recv(1 << 18)
        except ssl.SSLWantReadError:
            return
        if not data:
            errors.append("connection %d ended" % self.n)
            sel.unregister(self.s)
            return
        for e in self.c.receive_data(data):
            if isinstance(e, h2.events.DataReceived):
                key = self.n, e.stream_id
                got[key] = got.get(key, 0) + len(e.data)
                if e.stream_id % 4 == 1 and e.flow_controlled_length:
                    try:
                        self.c.increment_flow_control_window(
                            e.flow_controlled_length, e.stream_id)
                    except h2.exceptions.StreamClosedError:
                        pass    # its end came with this piece
            elif isinstance(e, h2.events.StreamEnded):
                whole.add((self.n, e.stream_id))
            elif isinstance(e, h2.events.StreamReset):
                errors.append("stream %d reset" % e.stream_id)
        self.out += self.c.data_to_send()
        if self.out:
            self.s.setblocking(True)
            self.s.sendall(self.out)
            self.s.setblocking(False)
            self.out = b""


for n in range(CONNS):
    Conn(n)
end = time.monotonic() + 60
while time.monotonic() < end and len(whole) < CONNS * STREAMS // 2 and \
        not errors:
    for k, _ in sel.select(1):
        k.data.read()
waiting = [k for k in got if k not in whole]
right = all(got[k] == size for k in whole)
print("%d whole, %d waiting%s%s" % (len(whole), len(waiting),
      "" if right else ", of another size",
      "".join(", " + e for e in errors[:5])), flush=True)
sys.stdin.read()
