#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions that end in different ways, and whether the traffic log has each of
them once with the right number of bytes.
ends.py serve PORT FILE          the server; its counts go to FILE at SIGTERM
ends.py run FILE CA ADDRESS FIRSTPORT COUNT KIND...
                                 COUNT sessions of each kind, mixed, one source
                                 port each; what was counted goes to FILE
ends.py hold FILE ADDRESS FIRSTPORT COUNT
                                 COUNT sessions that stay open until they break;
                                 says "open" when all are
ends.py check LOG SERVED RUN...  compares"""
import asyncio
import random
import re
import signal
import socket
import ssl
import struct
import sys

PORT, DENIED, REFUSED, TLS = 7000, 7001, 7002, 443
PARALLEL = 150
LINGER0 = struct.pack("ii", 1, 0)
# kind: destination port, action, reason and utmaction of its record
KINDS = {
    "clt-fin": (PORT, "close", "client-closed", None),
    "srv-fin": (PORT, "close", "server-closed", None),
    "clt-rst": (PORT, "client-rst", "client-rst", None),
    "srv-rst": (PORT, "server-rst", "server-rst", None),
    "idle": (PORT, "timeout", "idle-timeout", None),
    "deny": (DENIED, "deny", "policy-deny", None),
    "refused": (REFUSED, "ip-conn", "server-refused", None),
    "blocked": (TLS, "close", "blocked", "block"),
    "exempt": (TLS, "close", None, None),
    "died": (PORT, "close", "worker-died", None),
}
NAMES = {"blocked": "bet.example", "exempt": "bank.example"}


def rst(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)


# ---- server ----------------------------------------------------------------

async def serve(port, path):
    """The first line says: KEY KIND UP DOWN; KEY is the client's port."""
    counts, stop = {}, asyncio.Event()

    async def one(reader, writer):
        sock = writer.get_extra_info("socket")
        got = sent = 0
        key = None
        try:
            line = await reader.readline()
            got = len(line)
            key, kind, up, down = line.split()
            left = int(up)
            while left > 0:
                data = await reader.read(min(left, 65536))
                if not data:
                    break
                left -= len(data)
                got += len(data)
            writer.write(bytes(int(down)))
            sent = int(down)
            await writer.drain()
            if kind in (b"srv-fin", b"srv-rst"):
                got += len(await reader.readexactly(1))
                if kind == b"srv-rst":
                    rst(sock)
            else:
                while data := await reader.read(65536):
                    got += len(data)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        counts[key] = (got, sent)
        writer.close()

    server = await asyncio.start_server(one, None, port, backlog=4096)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    with open(path, "w") as f:
        for key, (got, sent) in counts.items():
            if key:
                f.write("%s %d %d\n" % (key.decode(), got, sent))


# ---- client ----------------------------------------------------------------

class Conn:
    """A socket that counts."""

    def __init__(self, port):
        self.loop = asyncio.get_running_loop()
        self.sent = self.got = 0
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("", port))

    async def send(self, data):
        await self.loop.sock_sendall(self.sock, data)
        self.sent += len(data)

    async def recv(self):
        data = await self.loop.sock_recv(self.sock, 65536)
        self.got += len(data)
        return data

    async def exactly(self, n):
        while n > 0:
            data = await self.recv()
            if not data:
                raise OSError("cut")
            n -= len(data)


async def tls(conn, ctx, name):
    """A request over TLS; everything until the server's end is read."""
    inc, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    end = ctx.wrap_bio(inc, out, server_hostname=name)
    asked = False
    while True:
        try:
            if not asked:
                end.do_handshake()
                end.write(b"GET / HTTP/1.0\r\nHost: %s\r\n\r\n" %
                          name.encode())
                asked = True
            while end.read(65536):
                pass
            break
        except ssl.SSLWantReadError:
            if out.pending:
                await conn.send(out.read())
            data = await conn.recv()
            if not data:
                break
            inc.write(data)
        except ssl.SSLZeroReturnError:
            break
    while await conn.recv():
        pass


async def session(conn, key, kind, addr, ctx):
    await conn.loop.sock_connect(conn.sock, (addr, KINDS[kind][0]))
    if kind in NAMES:
        await tls(conn, ctx, NAMES[kind])
        return
    if kind in ("deny", "refused"):
        await conn.recv()
        return
    up, down = random.randrange(1, 9000), random.randrange(1, 9000)
    await conn.send(b"%d %s %d %d\n" % (key, kind.encode(), up, down)
                    + bytes(up))
    await conn.exactly(down)
    if kind in ("srv-fin", "srv-rst"):
        await conn.send(b"x")
    if kind == "clt-rst":
        rst(conn.sock)
    elif kind != "clt-fin":
        while await conn.recv():
            pass


async def run(path, ca, addr, first, count, kinds):
    ctx = ssl.create_default_context(cafile=ca)
    todo = [k for k in kinds for _ in range(count)]
    random.shuffle(todo)
    todo.sort(key=lambda k: k != "idle")    # those wait for a while
    gate, lines = asyncio.Semaphore(PARALLEL), []

    async def one(key, kind):
        how = "ok"
        # Bound one by one: no port is used twice.
        conn = Conn(key)
        try:
            await asyncio.wait_for(session(conn, key, kind, addr, ctx), 60)
        except (OSError, ssl.SSLError, asyncio.TimeoutError) as e:
            how = type(e).__name__
        conn.sock.close()
        lines.append("%d %s %d %d %s\n" % (key, kind, conn.sent, conn.got,
                                           how))
        if kind != "idle":
            gate.release()

    tasks = []
    for i, kind in enumerate(todo):
        if kind != "idle":
            await gate.acquire()
        elif i % 50 == 0:
            await asyncio.sleep(0.02)
        tasks.append(asyncio.create_task(one(first + i, kind)))
    await asyncio.gather(*tasks)
    with open(path, "w") as f:
        f.writelines(lines)


async def hold(path, addr, first, count):
    """Opened, used, and silent when the kill comes."""
    conns = []
    for i in range(count):
        conn = Conn(first + i)
        await conn.loop.sock_connect(conn.sock, (addr, PORT))
        down = random.randrange(1, 9000)
        await conn.send(b"%d died 10 %d\n" % (first + i, down) + bytes(10))
        await conn.exactly(down)
        conns.append((first + i, conn))
    print("open", flush=True)

    async def wait(key, conn):
        how = "ok"
        try:
            while await conn.recv():
                pass
        except OSError as e:
            how = type(e).__name__
        return "%d died %d %d %s\n" % (key, conn.sent, conn.got, how)

    lines = await asyncio.gather(*(wait(k, c) for k, c in conns))
    with open(path, "w") as f:
        f.writelines(lines)


# ---- the log ---------------------------------------------------------------

def fields(line):
    return {k: q if q else v for k, q, v in
            re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line)}


def check(log, served, runs):
    errors, records, serials, died = [], {}, {}, 0
    with open(log) as f:
        for line in f:
            if "log records lost" in line:
                errors.append(line.strip())
            if 'type="traffic"' not in line:
                continue
            r = fields(line)
            records.setdefault(int(r["srcport"]), []).append(r)
            serials[r["sessionid"]] = serials.get(r["sessionid"], 0) + 1
    errors += ["session %s is logged %d times" % (s, n)
               for s, n in serials.items() if n != 1]
    with open(served) as f:
        server = {int(k): (int(g), int(s)) for k, g, s in
                  (line.split() for line in f)}
    total, broken, ours, theirs = 0, 0, [0, 0], [0, 0]
    for path in runs:
        with open(path) as f:
            rows = [line.split() for line in f]
        for key, kind, sent, got, how in rows:
            key, sent, got = int(key), int(sent), int(got)
            found = records.pop(key, [])
            what = "%s from port %d (%s)" % (kind, key, how)
            total += 1
            if len(found) != 1:
                errors.append("%s: %d records" % (what, len(found)))
                continue
            r = found[0]
            count = int(r["sentbyte"]), int(r["rcvdbyte"])
            if r["reason"] == "worker-died":
                died += 1
                if kind != "died":      # cut in the middle
                    broken += 1
                    continue
            _, action, reason, utm = KINDS[kind]
            if r["action"] != action or \
                    (r.get("utmaction") == "block") != (utm == "block") or \
                    reason not in (None, r["reason"]):
                if kind != "died":      # the other worker: timeout
                    errors.append("%s: action=%s reason=%s utmaction=%s" % (
                        what, r["action"], r["reason"], r.get("utmaction")))
                elif r["reason"] != "idle-timeout":
                    errors.append("%s: reason=%s" % (what, r["reason"]))
            if count != (sent, got):
                errors.append("%s: sentbyte, rcvdbyte %s, counted %s" % (
                    what, count, (sent, got)))
            if (int(r["lanin"]), int(r["lanout"])) != count:
                errors.append("%s: lanin, lanout" % what)
            wan = int(r["wanout"]), int(r["wanin"])
            if key in server and wan != server[key]:
                errors.append("%s: wanout, wanin %s, the server counted %s"
                              % (what, wan, server[key]))
            ours = [ours[0] + count[0], ours[1] + count[1]]
            theirs = [theirs[0] + sent, theirs[1] + got]
    for key, found in records.items():
        errors.append("port %d: a record of nobody: %s" % (key, found[0]))
    for e in errors[:20]:
        print(e)
    print("%d sessions, %d of a dead worker (%d at work), bytes %s of %s, "
          "%d errors" % (total, died, broken, ours, theirs, len(errors)))
    return 1 if errors or died == 0 else 0


what, args = sys.argv[1], sys.argv[2:]
if what == "serve":
    asyncio.run(serve(int(args[0]), args[1]))
elif what == "run":
    asyncio.run(run(args[0], args[1], args[2], int(args[3]), int(args[4]),
                    args[5:]))
elif what == "hold":
    asyncio.run(hold(args[0], args[1], int(args[2]), int(args[3])))
else:
    sys.exit(check(args[0], args[1], args[2:]))
