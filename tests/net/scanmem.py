#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scanmem.py KEYFILE KEYS_PID PID...: the private scalar of an EC key must be
in the memory of the first process and in none of the others.  Also in the
reversed byte order, in which a big number lies in memory."""
import re
import subprocess
import sys

text = subprocess.run(["openssl", "pkey", "-in", sys.argv[1], "-noout",
                       "-text"], check=True, capture_output=True,
                      text=True).stdout
hexa = re.search(r"priv:\s*((?:[0-9a-f:]|\s)+)", text).group(1)
scalar = bytes.fromhex(re.sub(r"[^0-9a-f]", "", hexa)).lstrip(b"\0")
pem = open(sys.argv[1], encoding="ascii").read().splitlines()
needles = {"scalar": scalar, "reversed scalar": scalar[::-1],
           "PEM line": pem[1].encode()[:48]}


def found(pid):
    """Which of the needles are in the memory of a process."""
    hits, total = set(), 0
    with open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in open("/proc/%d/maps" % pid, encoding="ascii"):
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not m or "[vvar" in line or "[vsyscall" in line:
                continue
            at, end = int(m.group(1), 16), int(m.group(2), 16)
            tail = b""
            while at < end:
                size = min(1 << 22, end - at)
                try:
                    mem.seek(at)
                    data = mem.read(size)
                except (OSError, ValueError, OverflowError):
                    break
                total += len(data)
                for name, needle in needles.items():
                    if needle in tail + data:
                        hits.add(name)
                tail = data[-64:]
                at += size
    print("pid %d: %d MB read, %s" % (pid, total >> 20, sorted(hits) or "-"))
    return hits


bad = 0
if not found(int(sys.argv[2])) & {"scalar", "reversed scalar"}:
    print("wad-keys does not have it: the search does not work")
    bad = 1
for p in sys.argv[3:]:
    if found(int(p)):
        bad = 1
sys.exit(bad)
