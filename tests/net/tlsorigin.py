#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An origin that tells what it was offered.
tlsorigin.py ADDRESS CERT KEY LOG PORT:KIND...
Kinds: any, 1.2, 1.3 (the TLS versions it speaks), h2 (chooses h2 or nothing),
refuse-N (answers a hello with the fatal alert N), drop (with a FIN).  Paths:
/close (no length, close_notify), /fin (no length, bare FIN), /short-fin and
/short-close (a length that is not reached).
Every ClientHello is one JSON line in LOG, every end of a connection another.
A request is answered with what the origin knows of the connection."""
import itertools
import json
import socket
import ssl
import struct
import sys
import threading
import time

from tlsraw import ALERT, parse, record

addr, cert, key, log_name = sys.argv[1:5]
log = open(log_name, "a", buffering=1)
serial = itertools.count(1)


def say(**what):
    log.write(json.dumps(what) + "\n")


contexts = {}			# one of each kind: its tickets are good again


def context(kind):
    if kind not in contexts:
        contexts[kind] = new_context(kind)
    return contexts[kind]


def new_context(kind):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(cert, key)
    ctx.options &= ~0x80	# OP_IGNORE_UNEXPECTED_EOF
    if kind == "1.3":
        ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    if kind == "1.2":
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    ctx.set_alpn_protocols(["h2"] if kind == "h2" else ["http/1.1"])
    return ctx


class End(Exception):
    """How the other side ended: closed, fin, reset, alert, what else."""


class Conn:
    """A TLS connection over MemoryBIO that sees the raw bytes."""

    def __init__(self, raw, ctx):
        self.raw = raw
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ctx.wrap_bio(self.inc, self.out, server_side=True)

    def hello(self):
        """The ClientHello's message, whose bytes are then fed to TLS."""
        data = message = b""
        while len(message) < 4 or \
                len(message) < 4 + int.from_bytes(message[1:4], "big"):
            got = self.raw.recv(65536)
            if not got:
                raise End("fin before the hello")
            data += got
            message, at = b"", 0
            while len(data) >= at + 5:
                n = struct.unpack_from(">H", data, at + 3)[0]
                message += data[at + 5:at + 5 + n]
                at += 5 + n
        self.inc.write(data)
        return message

    def pump(self, call):
        while True:
            try:
                rv = call()
                self.flush()
                return rv
            except ssl.SSLWantReadError:
                self.flush()
                data = self.raw.recv(65536)
                if data:
                    self.inc.write(data)
                else:
                    self.inc.write_eof()
            except ssl.SSLZeroReturnError:
                raise End("close_notify") from None
            except ssl.SSLError as e:
                self.flush()
                raise End("fin" if "EOF" in str(e) else str(e)) from None

    def flush(self):
        data = self.out.read()
        if data:
            self.raw.sendall(data)


def answer(c, n, path):
    text = ("connection=%d version=%s alpn=%s reused=%d path=%s\n" %
            (n, c.tls.version(), c.tls.selected_alpn_protocol(),
             c.tls.session_reused, path)).encode()
    length = "" if path.startswith(("/close", "/fin")) else \
        "Content-Length: %d\r\n" % (len(text) + 1000 *
                                    path.startswith("/short"))
    if path == "/reset":
        length += "Connection: close\r\n"
    head = "HTTP/1.1 200 OK\r\n%sContent-Type: text/plain\r\n\r\n" % length
    c.pump(lambda: c.tls.write(head.encode() + text))
    return not length or path.startswith("/short")


def slowly_reset(c):
    """close_notify, and a reset, each some time after what was before."""
    time.sleep(0.2)
    try:
        c.tls.unwrap()
    except ssl.SSLWantReadError:
        c.flush()
    time.sleep(0.2)
    c.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
    c.raw.close()


def serve(raw, kind, n):
    end = "?"
    try:
        raw.settimeout(60)
        c = Conn(raw, context(kind))
        hello = parse(c.hello())
        hello["ext"] = sorted(hello["ext"])
        hello["session_id"] = hello["session_id"].hex()
        say(kind=kind, n=n, hello=hello)
        if kind.startswith("refuse-"):
            raw.sendall(record(bytes([2, int(kind[7:])]), ALERT))
        if kind.startswith(("refuse-", "drop")):
            raise End("ours")
        c.pump(c.tls.do_handshake)
        while True:
            head = c.pump(lambda: c.tls.read(65536))
            if not head:
                raise End("close_notify")
            path = head.split(b" ")[1].decode("latin-1")
            if path == "/reset":
                answer(c, n, path)
                slowly_reset(c)
                raise End("ours")
            if answer(c, n, path):
                if path.startswith(("/close", "/short-close")):
                    c.tls.unwrap()
                raise End("ours")
    except ssl.SSLWantReadError:
        c.flush()		# our close_notify, which need not be answered
        end = "ours"
    except End as e:
        end = str(e)
    except OSError as e:
        end = "reset" if isinstance(e, ConnectionResetError) else str(e)
    finally:
        say(kind=kind, n=n, end=end)
        try:
            raw.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        raw.close()


def accept(s, kind):
    while True:
        threading.Thread(target=serve, args=(
            s.accept()[0], kind, next(serial)), daemon=True).start()


threads = [threading.Thread(target=accept, daemon=True, args=(
    socket.create_server((addr, int(p)), backlog=100), k))
           for p, k in (a.split(":") for a in sys.argv[5:])]
for k in {a.split(":")[1] for a in sys.argv[5:]}:
    context(k)
for t in threads:
    t.start()
print("ready", flush=True)
for t in threads:
    t.join()
