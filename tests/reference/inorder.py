#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""inorder.py TABLE LOG: whether the lines of TABLE are in LOG in their order.
Line 21 may carry a session or not; a line printed twice in the table (44, 45)
is asked for once."""
import re
import sys

PREFIX = re.compile(r"^\[(.)\]\d\d:\d\d:\d\d\.\d{6} \[p:\d+\](\[s:\d+\])? "
                    r"(\S+) *:\d+ (.*)$")
want, last = [], None
for line in open(sys.argv[1], encoding="utf-8"):
    if line.startswith("#"):
        continue
    no, level, session, name, pattern = line.rstrip("\n").split("\t")
    if (level, name, pattern) == last and no == "45":
        continue
    last = (level, name, pattern)
    want.append((no, level, session, name, re.compile(pattern + r"\s*$")))
have, sessions = [], set()
for line in open(sys.argv[2], encoding="utf-8", errors="replace"):
    m = PREFIX.match(line.rstrip("\n"))
    if m:
        have.append(m.groups())
        if m.group(2):
            sessions.add(m.group(2))
at, missing = 0, []
for no, level, session, name, pattern in want:
    for i in range(at, len(have)):
        h = have[i]
        if h[2] != name or h[0] != level or not pattern.match(h[3]):
            continue
        if no != "21" and (session == "yes") != (h[1] is not None):
            continue
        at = i + 1
        break
    else:
        near = [h for h in have if h[2] == name]
        missing.append("line %s %s (%s, session %s) is not where it belongs%s"
                       % (no, name, level, session, "".join(
                           "\n    printed: [%s]%s %s" % (h[0], h[1] or "",
                                                         h[3])
                           for h in near[:3])))
print("%d of %d lines in order, %d lines printed, sessions %s"
      % (len(want) - len(missing), len(want), len(have),
         " ".join(sorted(sessions))))
print("\n".join(missing))
sys.exit(1 if missing else 0)
