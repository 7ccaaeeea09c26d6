#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client that finishes the handshake and says nothing.
walkaway.py ADDRESS NAME 1.2|1.3|stay
    1.2, 1.3: closes at once; stay: only after more than two seconds."""
import socket
import ssl
import sys
import time

addr, name, how = sys.argv[1:4]
ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ctx.check_hostname = False
ctx.verify_mode = ssl.CERT_NONE
if how == "1.2":
    ctx.maximum_version = ssl.TLSVersion.TLSv1_2
raw = socket.create_connection((addr, 443), timeout=15)
tls = ctx.wrap_socket(raw, server_hostname=name)
if how == "stay":
    time.sleep(2.5)
tls.close()
