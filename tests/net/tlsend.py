#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One request, and who ends how.
tlsend.py ADDRESS PORT CAFILE 1.2|1.3 PATH wait|late|close|fin|rst
wait: prints how the other side ends: "close_notify", "fin" (without it),
"reset", or OpenSSL's words; late: the same, and ends a second later; close,
fin, rst: ends so itself after the answer.
With CAFILE "none" the certificate is not trusted: prints what became of it."""
import socket
import ssl
import struct
import sys
import time

addr, port, ca, version, path, how = sys.argv[1:]
ctx = ssl.create_default_context(cafile=None if ca == "none" else ca)
ctx.options &= ~0x80		# OP_IGNORE_UNEXPECTED_EOF
ctx.minimum_version = ctx.maximum_version = {
    "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
raw = socket.create_connection((addr, int(port)), timeout=12)
try:
    tls = ctx.wrap_socket(raw, server_hostname="github.com",
                          suppress_ragged_eofs=False)
except ssl.SSLError as e:
    print("handshake: %s" % e)
    sys.exit(0)
except ConnectionResetError:
    print("handshake: reset")
    sys.exit(0)
tls.sendall(b"GET %s HTTP/1.1\r\nHost: github.com\r\n\r\n" % path.encode())
got = b""
end = "hang"
try:
    while how in ("wait", "late") or b"path=" not in got:
        data = tls.recv(65536)
        if not data:
            end = "close_notify"
            break
        got += data
except ConnectionResetError:
    end = "reset"
except socket.timeout:
    end = "hang"
except ssl.SSLError as e:
    end = "fin" if "EOF" in str(e) else str(e)
if how == "late":
    time.sleep(1)
if how in ("close", "late"):
    tls.setblocking(False)
    try:
        tls.unwrap()
    except (ssl.SSLError, OSError):
        pass			# sent; the answer is not waited for
fd = socket.socket(fileno=tls.detach())
if how == "rst":
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                  struct.pack("ii", 1, 0))
fd.close()
print("%s answer=%d" % (end if how in ("wait", "late") else how, b"path=" in got))
