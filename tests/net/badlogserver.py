# SPDX-License-Identifier: Apache-2.0
"""Log servers, good and bad: python3 badlogserver.py ADDRESS FOLDER

7001 good     7002 another name   7003 expired   7004 another CA
7005 TLS 1.1  7006 SAN is the address as IP, 7007 as DNS name
7008 babbles over TLS             7009 babbles in plain
7010 never says a word, where TLS is wanted
7011 resets each connection       7012 is never read
Each writes "PORT bytes N" for what it got.
"""
import socket
import ssl
import struct
import sys
import threading
import time

HOST, DIR = sys.argv[1:3]
CERT = {7001: "good", 7002: "name", 7003: "expired", 7004: "other",
        7005: "good", 7006: "ip", 7007: "ipname", 7008: "good"}


def swallow(port, s):
    while True:
        data = s.recv(65536)
        if not data:
            return
        print(port, "bytes", len(data), flush=True)


def babble(s):
    junk = b"x" * 16384
    while True:
        s.sendall(junk)


def one(port, s):
    try:
        if port in CERT:
            c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            c.load_cert_chain("%s/%s.pem" % (DIR, CERT[port]))
            if port == 7005:
                c.set_ciphers("ALL:@SECLEVEL=0")
                c.minimum_version = ssl.TLSVersion.TLSv1
                c.maximum_version = ssl.TLSVersion.TLSv1_1
            s = c.wrap_socket(s, server_side=True)
        if port in (7008, 7009):
            threading.Thread(target=swallow, args=(port, s),
                             daemon=True).start()
            babble(s)
        elif port == 7011:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
        elif port in (7010, 7012):
            time.sleep(600)
        else:
            swallow(port, s)
    except OSError as e:
        print(port, "error", e, flush=True)
    s.close()


def serve(port):
    lst = socket.create_server((HOST, port))
    while True:
        s, _ = lst.accept()
        threading.Thread(target=one, args=(port, s), daemon=True).start()


for p in range(7001, 7013):
    threading.Thread(target=serve, args=(p,), daemon=True).start()
time.sleep(600)
