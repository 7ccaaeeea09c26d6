# SPDX-License-Identifier: Apache-2.0
"""Consoles that do not behave: python3 consolefuzz.py SOCKET WHAT [SEED].

places   as many consoles as there are places; prints how many were opened
refused  every line must be refused (for a read-only console)
fuzz     random bytes, half lines, floods of ?stop, ends at any moment
greedy   consoles that ask for much and read nothing; waits for a line on
         standard input before it ends
busy     one console with very many short commands
"""
import random
import select
import socket
import sys
import time

PATH, WHAT = sys.argv[1:3]
RND = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 4711)
LINES = [
    b"show", b"show full-configuration", b"get system status", b"help",
    b"diagnose sys session list", b"diagnose wad session list",
    b"execute log display", b"execute log filter view-lines 1000",
    b"execute log filter free-style \"msg~a or (srcip==1.0.0.0/8)\"",
    b"execute ping 127.0.0.1", b"execute ping-options repeat-count 2",
    b"diagnose debug enable", b"diagnose debug disable", b"?prompt",
    b"?complete diagnose ", b"diagnose ?", b"?stop", b"?depth", b"?script",
    b"get system performance status", b"diagnose log syslog status",
    b"diagnose wad explain 10.0.0.1 example.com", b"show | grep -v x",
    b"diagnose sys session filter src 10.0.0.0/8", b"config system global",
    b"set hostname evil", b"end", b"y", b"exit", b"#", b"", b"\"", b"| grep",
    b"execute ping-options source fe80::1%lo",
    b"diagnose wad explain 10.0.0.1%lo example.com",
    b"execute log filter free-style \"srcip==a.b%lo\"",
    b"execute log filter device memory", b"diagnose wad debug enable all",
    b"get system performance top",
    b"get \xff\x1b[2J", b"?complete show " + b"a " * 4000, b"x" * 9000,
]
REFUSED = """
config system global|conf system global|config firewall policy
execute reload|exe rel|EXECUTE RELOAD|execute log delete|exec log delete-all
diagnose sys session clear|diag sys session cle|diagnose sys session6 clear
diagnose sys session delete 00000001|diagnose wad session clear
diagnose wad cache clear|diagnose wad revocation clear
diagnose wad learned-exempt clear|diagnose wad worker stats
diagnose wad debug enable all|diagnose wad debug clear
diagnose wad filter src 10.0.0.1|diagnose wad filter clear
diagnose debug reset|diagnose debug duration 0|diagnose log test
diagnose debug application wad -1|diagnose debug console timestamp disable
"""


def dial():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(20)
    s.connect(PATH)
    return s


def take(s, n):
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        if not more:
            raise EOFError
        got += more
    return got


def reply(s):
    while True:
        status, length = take(s, 13).split()
        body = take(s, int(length) + 1)
        if int(status) >= 200:
            return int(status), body


def say(s, line):
    s.sendall(line + b"\n")
    return reply(s)


def places():
    held = []
    for _ in range(40):
        s = dial()
        try:
            if say(s, b"?prompt")[0] == 200:
                held.append(s)
        except (EOFError, OSError):
            pass
    print(len(held), flush=True)
    sys.stdin.readline()


def refused():
    s = dial()
    for line in REFUSED.replace("\n", "|").split("|"):
        if not line:
            continue
        status, body = say(s, line.encode())
        if status != 301 or b"permission denied" not in body:
            sys.exit("not refused: %s: %d %r" % (line, status, body))
        for more in b"y", b"yes", b"set hostname evil", b"end":
            status, body = say(s, more)
            if status < 300:
                sys.exit("after %s: %r: %d %r" % (line, more, status, body))
    for line in b"set hostname evil", b"delete 11", b"purge", b"abort":
        if say(s, line)[0] < 300:
            sys.exit("taken: %r" % line)


def fuzz():
    until = time.time() + 40
    for _ in range(150):
        if time.time() > until:
            break
        s = dial()
        s.settimeout(0.05)
        try:
            for _ in range(RND.randrange(1, 30)):
                data = RND.choice(LINES) + b"\n"
                if RND.random() < 0.2:
                    data = RND.randbytes(RND.randrange(1, 400))
                elif RND.random() < 0.2:
                    data = b"?stop\n" * RND.randrange(1, 200)
                elif RND.random() < 0.2:
                    data = data * RND.randrange(2, 60)
                if RND.random() < 0.3:
                    data = data[:RND.randrange(len(data) + 1)]
                s.sendall(data)
                if RND.random() < 0.1:
                    time.sleep(RND.random() * 0.05)
                    s.sendall(b"?stop\n")
                if RND.random() < 0.3:
                    s.recv(RND.choice((1, 13, 5000, 100000)))
                if RND.random() < 0.05:
                    s.shutdown(RND.choice((socket.SHUT_WR,
                                           socket.SHUT_RD)))
        except OSError:
            pass
        s.close()


def greedy():
    held = []
    for _ in range(24):
        s = dial()
        s.setblocking(False)
        held.append(s)
    block = b"help\nshow full-configuration\n" * 4000
    for _ in range(20):
        for s in select.select([], held, [], 1)[1]:
            try:
                s.send(block)
            except OSError:
                pass
    print("asked", flush=True)
    sys.stdin.readline()


def busy():
    s = dial()
    s.setblocking(False)
    block = b"diagnose sys session filter src 192.0.2.1\n" * 7000
    sent = 0
    until = time.time() + 15
    print("begins", flush=True)
    while time.time() < until and sent < len(block):
        r, w, _ = select.select([s], [s], [], 1)
        if w:
            sent += s.send(block[sent:])
        if r:
            s.recv(1 << 20)


globals()[WHAT]()
