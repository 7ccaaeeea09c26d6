# SPDX-License-Identifier: Apache-2.0
# Whether a process has a text in its memory: findmem.py PID TEXT
import re
import sys

text = sys.argv[2].encode()
with open("/proc/%s/maps" % sys.argv[1]) as maps, \
        open("/proc/%s/mem" % sys.argv[1], "rb", 0) as mem:
    for line in maps:
        m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
        if not m or "[v" in line:
            continue
        low, high = (int(x, 16) for x in m.groups())
        try:
            mem.seek(low)
            if text in mem.read(high - low):
                sys.exit(0)
        except OSError:
            pass
sys.exit(1)
