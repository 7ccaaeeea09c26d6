#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serials.py WORKERS LOG: worker i of N numbers its sessions i+1, N+i+1,
2N+i+1 ...  Each number up to the highest has one record of its end, whatever
happened to the worker; what the log itself says it lost may be missing."""
import re
import sys

workers, lost = int(sys.argv[1]), 0
ends, starts, reasons = {}, {}, {}
with open(sys.argv[2], errors="replace") as f:
    for line in f:
        if m := re.search(r"(\d+) log records lost", line):
            lost += int(m.group(1))
        if 'type="traffic"' not in line:
            continue
        m = re.search(r' sessionid=(\d+) .* action="([^"]*)"', line)
        if not m:
            print("cut: " + line)
            continue
        which = starts if m.group(2) in ("start", "accept") else ends
        which.setdefault(int(m.group(1)), []).append(line)
        if m := re.search(r' reason="([^"]*)"', line):
            reasons[m.group(1)] = reasons.get(m.group(1), 0) + 1
errors, missing = [], []
for s, lines in ends.items():
    if len(lines) != 1:
        errors.append("session %d is logged %d times:\n%s" % (
            s, len(lines), "".join(lines)))
for i in range(workers):
    own = [s for s in ends if (s - 1) % workers == i]
    missing += sorted(set(range(i + 1, max(own, default=0), workers))
                      - set(own))
if len(missing) > lost:
    errors.append("missing: %s, lost by the log: %d" % (missing[:50], lost))
for e in errors[:10]:
    print(e)
print("%d sessions, %d missing, %d lost, %d errors; %s" % (
    len(ends), len(missing), lost, len(errors), reasons))
sys.exit(1 if errors or not ends else 0)
