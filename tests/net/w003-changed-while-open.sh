#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The web filter is changed while a connection is kept alive: it answers one
# more request and ends, and the next one is judged anew.  With
# firewall-session-dirty check-new it goes on.
LAB_EXTRA="config webfilter urlfilter
edit 7
set name lab-urls
next
end
config webfilter profile
edit web-filter-test
config web
set urlfilter-table 7
end
next
end"
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
cat >"$LAB/client.py" <<'E'
import socket, ssl, sys
ctx = ssl.create_default_context(cafile=sys.argv[2])
raw = socket.create_connection((sys.argv[1], 443), 10)
raw.settimeout(10)
s = ctx.wrap_socket(raw, server_hostname="github.com")
f = s.makefile("rb")
for line in sys.stdin:
    try:
        s.sendall(b"GET /x HTTP/1.1\r\nHost: github.com\r\n\r\n")
        status = f.readline()
    except OSError:
        status = b""
    if not status:
        print("gone", flush=True)
        continue
    length, end = 0, "keep"
    while True:
        h = f.readline().decode().strip().lower()
        if not h:
            break
        if h.startswith("content-length:"):
            length = int(h.split(":")[1])
        if h == "connection: close":
            end = "close"
    f.read(length)
    print(status.split()[1].decode(), end, flush=True)
E

ask()	# WHAT IT SAYS
{
	local got

	echo >&"${client[1]}"
	read -r -t 15 got <&"${client[0]}" || got=silent
	[ "$got" = "$1" ] || fail "$2: '$got', not '$1'"
}

config()
{
	printf '%s\n' "$@" | lab_ctl >/dev/null || fail "config: $*"
	# sessions are looked at after the pass that the change began
	ctl diagnose sys session list >/dev/null
}

block()	# block | allow
{
	config "config webfilter urlfilter" "edit 7" "config entries" \
	    "edit 1" "set url github.com/x" "set action $1" "next" "end" \
	    "next" "end"
}

open_one()
{
	coproc client { lab_in c timeout 60 python3 "$LAB/client.py" \
	    "$LAB_ORIGIN4" "$LAB/pki/$LAB_CA.crt"; }
}

close_it()
{
	# shellcheck disable=SC2154	# coproc sets it
	local fd=${client[1]} pid=$client_PID

	exec {fd}>&-
	wait "$pid"
}

open_one
ask "200 keep" "a connection"
ask "200 keep" "the same, kept alive"
block block
ask "200 close" "the first request after the change"
ask gone "the second one"
close_it
open_one
ask "403 keep" "a new connection"
close_it
block allow
config "config system settings" "set firewall-session-dirty check-new" "end"
open_one
ask "200 keep" "check-new"
block block
ask "200 keep" "check-new, after the change"
close_it
exit 0
