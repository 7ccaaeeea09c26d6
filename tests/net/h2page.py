#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks for / as a client that speaks nothing but HTTP/2 and prints the head
and the body: h2page.py ADDRESS NAME CAFILE [PORT]"""
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events

addr, name, ca = sys.argv[1:4]
port = int(sys.argv[4]) if len(sys.argv) > 4 else 443
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2"])
s = ctx.wrap_socket(socket.create_connection((addr, port), timeout=10),
                    server_hostname=name)
if s.selected_alpn_protocol() != "h2":
    sys.exit("ALPN is %s" % s.selected_alpn_protocol())
c = h2.connection.H2Connection(h2.config.H2Configuration(
    header_encoding="utf-8"))
c.initiate_connection()
c.send_headers(1, [(":method", "GET"), (":scheme", "https"),
                   (":authority", name), (":path", "/")], end_stream=True)
done = False
while not done:
    s.sendall(c.data_to_send())
    data = s.recv(65536)
    if not data:
        sys.exit("the connection ended")
    for e in c.receive_data(data):
        if isinstance(e, h2.events.ResponseReceived):
            for k, v in e.headers:
                print("%s: %s" % (k, v))
        elif isinstance(e, h2.events.DataReceived):
            print(e.data.decode())
            c.acknowledge_received_data(len(e.data), 1)
        elif isinstance(e, h2.events.StreamReset):
            sys.exit("reset %d" % e.error_code)
        elif isinstance(e, h2.events.StreamEnded):
            done = True
