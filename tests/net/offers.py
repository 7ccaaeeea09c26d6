#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was offered upstream against what the client offered.
offers.py LOG: the last two hellos in the log of tlsorigin.py are of the same
client, first without the gateway, then through it."""
import json
import sys

with open(sys.argv[1], encoding="ascii") as f:
    hellos = [line["hello"] for line in map(json.loads, f) if "hello" in line]
if len(hellos) < 2:
    sys.exit("not two hellos in the log")
client, ours = hellos[-2:]

SCSV = {0xff, 0x5600}			# RFC 5746, RFC 7507: no suites
# Not a matter of what the client can: renegotiation_info, padding, EtM, EMS;
# the gateway's own question for a staple and its own sessions.
EXT = {0xff01, 21, 22, 23, 5, 35, 41, 45}
GOOD = {"suites": {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030,
                   0xcca8, 0xcca9},
        "groups": {29, 23, 24, 25, 30, 0x11ec},
        "versions": {0x303, 0x304}}
WEAK_SIGS = {0x0201, 0x0203, 0x0202, 0x0101, 0x0301, 0x0303, 0x0302}
bad = 0


def check(what, found):
    global bad
    if found:
        bad += 1
        print("BAD %s: %s" % (what, " ".join(
            "%04x" % x if isinstance(x, int) else x for x in sorted(found))))


if client["sni"] != ours["sni"]:
    print("(the names differ: %s, %s)" % (client["sni"], ours["sni"]))
    bad += 1
for what in ("suites", "groups", "sigalgs", "versions", "alpn"):
    check("the client did not offer these " + what,
          set(ours[what]) - set(client[what]) - SCSV)
check("these extensions are not the client's",
      set(ours["ext"]) - set(client["ext"]) - EXT)
for what, good in GOOD.items():
    check("weak " + what, set(ours[what]) - good - SCSV)
check("weak sigalgs", WEAK_SIGS & set(ours["sigalgs"]))
check("compression", set(ours["compression"]) - {0})
check("early data", {42} & set(ours["ext"]))
check("heartbeat", {15} & set(ours["ext"]))
sys.exit(bad > 0)
