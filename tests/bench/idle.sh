#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an idle connection costs in the memory of wad-worker: idle.sh [COUNT
# [BUILDDIR]] opens COUNT (1,000) of each kind, with one request of 1 KiB on
# each, and says how much the worker grew; then all of it again, which should
# cost nothing.  Needs root, nginx, and Python's h2.
count=${1:-1000} top_builddir=${2:-${top_builddir:-build}}
LAB_WORKERS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
python_with h2
net_start
sed -i 's/:443 ssl\|listen 443 ssl/& http2/
s/^.*keepalive_requests.*/&\nkeepalive_timeout 300; http2_idle_timeout 300;/' \
    "$LAB/nginx.conf"
kill -HUP "$(cat "$LAB/nginx.pidfile")"
sleep 1
cat >"$LAB/hold.py" <<'E2'
import resource, socket, ssl, sys
import h2.config, h2.connection, h2.events
addr, ca, kind, count = sys.argv[1:5]
resource.setrlimit(resource.RLIMIT_NOFILE, (int(count) + 100,) * 2)
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2" if kind == "h2" else "http/1.1"])
keep = []
for _ in range(int(count)):
    s = socket.create_connection((addr, 80 if kind == "plain" else 443), 20)
    if kind != "plain":
        s = ctx.wrap_socket(s, server_hostname="github.com")
    if kind == "h2":
        c = h2.connection.H2Connection(h2.config.H2Configuration())
        c.initiate_connection()
        c.send_headers(1, [(":method", "GET"), (":scheme", "https"),
                           (":authority", "github.com"),
                           (":path", "/file/small")], end_stream=True)
        s.sendall(c.data_to_send())
        done = False
        while not done:
            done = any(isinstance(e, h2.events.StreamEnded)
                       for e in c.receive_data(s.recv(65536)))
        s.sendall(c.data_to_send())
    else:
        s.sendall(b"GET /file/small HTTP/1.1\r\nHost: github.com\r\n\r\n")
        data = b""
        while len(data.partition(b"\r\n\r\n")[2]) < 1024:
            data += s.recv(65536)
    keep.append(s)
print(len(keep), flush=True)
sys.stdin.read()
E2

one()	# plain | h1 | h2
{
	local before after

	before=$(memory RssAnon worker)
	mkfifo "$LAB/hold"
	lab_in c timeout 200 "$python" "$LAB/hold.py" "$LAB_ORIGIN4" \
	    "$LAB/pki/$LAB_CA.crt" "$1" "$count" <"$LAB/hold" >"$LAB/held" &
	exec 9>"$LAB/hold"
	lab_wait 120 grep -q . "$LAB/held" || fail "$1: they did not open"
	sleep 0.5
	after=$(memory RssAnon worker)
	printf '%-6s %6d bytes each, the worker has %d KiB\n' "$1" \
	    $(((after - before) * 1024 / count)) "$after"
	exec 9>&-
	wait
	rm "$LAB/hold" "$LAB/held"
	sleep 1
}

for _ in 1 2; do
	one plain; one h1; one h2
done
exit 0
