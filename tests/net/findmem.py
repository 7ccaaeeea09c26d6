# SPDX-License-Identifier: Apache-2.0
# Whether a process has a text in its memory: findmem.py PID TEXT.  Of private
# memory it looks at pages that are there: a mapping may be a thousand times
# larger than what was ever written to it.
import re
import sys

PAGE, STEP = 4096, 256          # bytes; pages at a time

pid, text = sys.argv[1], sys.argv[2].encode()


def pages(there, low, high):
    """The runs of pages that exist (proc(5), pagemap: present or swapped)."""
    start = None
    for at in range(low // PAGE, high // PAGE, STEP):
        n = min(STEP, high // PAGE - at)
        there.seek(at * 8)
        flags = there.read(n * 8)
        if any(flags[7::8]):
            start = at if start is None else start
        elif start is not None:
            yield start * PAGE, at * PAGE
            start = None
    if start is not None:
        yield start * PAGE, high


with open("/proc/%s/maps" % pid) as maps, \
        open("/proc/%s/mem" % pid, "rb", 0) as mem, \
        open("/proc/%s/pagemap" % pid, "rb", 0) as there:
    for line in maps:
        m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r..([ps])", line)
        if not m or "[v" in line:
            continue
        whole = int(m[1], 16), int(m[2], 16)
        for low, high in [whole] if m[3] == "s" else pages(there, *whole):
            try:
                mem.seek(low)
                if text in mem.read(high - low):
                    sys.exit(0)
            except OSError:
                pass
sys.exit(1)
