#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wadctl at a real terminal: a pseudo-terminal, keys, and what the screen
shows.  terminal.py WADCTL RUNDIR PING-TARGET"""
import os
import pty
import re
import select
import signal
import struct
import sys
import time
import fcntl
import termios

wadctl, rundir, target = sys.argv[1:4]
seen = ""


def fail(what):
    print("FAIL: %s; the screen:\n%s" % (what, seen[-3000:]))
    os.kill(pid, signal.SIGKILL)
    sys.exit(1)


def expect(pattern, what, seconds=10):
    """Reads until the pattern stands behind what was matched before."""
    global seen, at
    end = time.monotonic() + seconds
    while True:
        m = re.search(pattern, seen[at:])
        if m:
            at += m.end()
            return m
        left = end - time.monotonic()
        if left <= 0:
            fail("%s: no /%s/" % (what, pattern))
        if select.select([fd], [], [], left)[0]:
            try:
                got = os.read(fd, 65536).decode("utf-8", "replace")
            except OSError:
                fail("%s: wadctl has gone, no /%s/" % (what, pattern))
            # colours and cursor moves are not text
            seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", got)


def keys(text):
    os.write(fd, text.encode())


pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    os.environ["TERM"] = "xterm"
    os.execv(wadctl, [wadctl, "-r", rundir])
at = 0
expect(r"\w+ # $", "prompt")

keys("get sys\t")
expect(r"get system", "Tab completes a word")
keys("?")
expect(r"status +\S", "? lists what may follow")
keys("status\n")
expect(r"worker 0 pid \d+", "status")
expect(r" # $", "prompt again")

keys("\x1b[A")  # arrow up
expect(r"get system status", "history")
keys("\n")
expect(r"worker 0 pid \d+", "the line of the history runs")
expect(r" # $", "prompt")

keys("get system status | grep -i KEYS\n")
expect(r"keys 0 pid", "grep keeps")
m = expect(r"(?s)(.*) # $", "prompt")
if "worker" in m.group(1):
    fail("grep lets others through")

# as a document prints it
keys("diagnose netlink interface list | grep “index=1 “\n")
expect(r"if=lo .*index=1 ", "quotes of print")
expect(r" # $", "prompt")

keys("diagnose wad debgu show\n")
expect(r"\^+", "the wrong word is marked")
expect(r" # $", "prompt")

keys("config system global\n")
expect(r"\(global\) # $", "prompt of a table")
keys("set hostname gate\t?")
keys("\x15")  # ^U: the line away
keys("set hostname gateway-7\n")
expect(r"\(global\) # $", "prompt of a table")
keys("end\n")
expect(r"gateway-7 # $", "the prompt has the new name")

keys("config firewall policy\n")
expect(r"\(policy\) # $", "prompt of a table")
keys("edit ?")
expect(r"11 +\S", "? lists the entries")
keys("11\n")
expect(r"\(11\) # $", "prompt of an entry")
keys("set webf\t?")
expect(r"webfilter-profile", "Tab completes a setting of an entry")
expect(r"web-filter-test +\S", "? lists the names that there are")
keys("\x15")
keys("abort\n")
expect(r"gateway-7 # $", "prompt")

keys("half a line")
expect(r"half a line$", "a line begins")
keys("\x03")
expect(r" # $", "prompt after ^C")
keys("get system status | grep keys\n")
expect(r"keys 0 pid", "^C gives up a line", 5)
expect(r" # $", "prompt")
keys("nobody said \u00fc\u2026\x1b[D")
expect(r"said \S", "a line of more than ASCII")
keys("\x03")
expect(r" # $", "prompt after ^C")
keys("get system status | grep keys\n")
expect(r"keys 0 pid", "^C gives up a line of more than ASCII", 5)
expect(r" # $", "prompt")

keys("execute ping-options repeat-count 500\n")
expect(r" # $", "prompt")
keys("execute ping %s\n" % target)
expect(r"icmp_seq=1 ", "pings come as they are answered", 15)
keys("\x03")
expect(r"packets transmitted", "^C ends the answer, not the console")
expect(r"gateway-7 # $", "prompt after ^C")

keys("config system console\nset output more\nend\n")
expect(r"gateway-7 # $", "prompt")
time.sleep(1)
keys("\n")
expect(r"gateway-7 # $", "prompt")
keys("show full-configuration\n")
expect(r"--More-- $", "a page")
first = seen.rfind("show full-configuration")
n = seen[first:].count("\n")
if n > 24:
    fail("%d lines on a page of 24" % n)
keys(" ")
expect(r"--More-- $", "the next page")
keys("\n")
expect(r"--More-- $", "one more line")
keys("q")
expect(r"gateway-7 # $", "q ends it")

keys("diagnose wad debug enable all\n")
expect(r"gateway-7 # $", "prompt")
keys("exit\n")
end = time.monotonic() + 5
while time.monotonic() < end:
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        sys.exit(0 if os.WIFEXITED(status) and
                 os.WEXITSTATUS(status) == 0 else 1)
    if select.select([fd], [], [], 0.1)[0]:
        try:
            os.read(fd, 65536)
        except OSError:
            pass
fail("exit does not end wadctl")
