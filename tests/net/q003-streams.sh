#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# 1,000 streams of HTTP/2 at once, half of them not read: the others get all of
# theirs, and the workers hold no more than the windows that are configured.
# Floods end with their reason in the log.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9443
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need nghttpd
python_with h2 hpack
net_start
p=$LAB/pki/github.com
head -c 1000000 /dev/urandom >"$LAB/www/mega"
lab_spawn o nghttpd nghttpd -a "$LAB_ORIGIN4" -d "$LAB/www" 9443 \
    "$p.key" "$p.crt"
origin_on 9443
lab_in c "$python" "$here/h2page.py" "$LAB_ORIGIN4" github.com \
    "$LAB/pki/$LAB_CA.crt" 9443 >/dev/null || fail "one request"

# Each stream may fill its first window of 64 KiB, and needs 8 KiB for itself;
# what those that read earn beyond that is at most 4 MiB of all that go the same
# way in a connection, and nothing where the window that is configured is no
# more than the first; a connection has buffers for two legs of TLS, and 64 KiB
# for itself.  The allocator leaves gaps: a quarter.
streams()	# KIB: that a connection may need besides its streams
{
	local before grew pid
	local bound=$(((1000 * (64 + 8) + 10 * ($1 + 512 + 64)) * 5 / 4))

	for pid in $(role_pids worker); do
		echo 5 >"/proc/$pid/clear_refs"	# VmHWM from here on
	done
	before=$(memory VmRSS worker)
	mkfifo "$LAB/hold"
	lab_in c timeout 100 "$python" "$here/h2hold.py" "$LAB_ORIGIN4" 9443 \
	    github.com "$LAB/pki/$LAB_CA.crt" /mega 1000000 \
	    <"$LAB/hold" >"$LAB/held" 2>&1 &
	exec 9>"$LAB/hold"
	lab_wait 80 grep -q . "$LAB/held" || fail "the streams did not end"
	grew=$(($(memory VmHWM worker) - before))
	echo "$(cat "$LAB/held"); the workers grew by $grew of $bound KiB"
	[ "$(cat "$LAB/held")" = "500 whole, 500 waiting" ] || fail "see above"
	# libasan keeps what was freed
	nm "$top_builddir/src/wad-worker" 2>/dev/null |
	    grep -q __asan_init || [ $grew -lt $bound ] ||
	    fail "too much memory"
	exec 9>&-
	wait
	rm "$LAB/hold" "$LAB/held"
}

config()
{
	printf '%s\n' "$@" | lab_ctl >/dev/null || fail "config: $*"
}

config "config web-proxy global" "set http2-server-window-size 65535" end
streams 0
config "config web-proxy global" "unset http2-server-window-size" end
streams 4096

# ---- floods -----------------------------------------------------------------
cat >"$LAB/flood.py" <<'E'
import socket, ssl, struct, sys
addr, ca, what = sys.argv[1:4]
ctx = ssl.create_default_context(cafile=ca)
ctx.set_alpn_protocols(["h2"])
s = ctx.wrap_socket(socket.create_connection((addr, 9443), 10),
                    server_hostname="github.com")
def frame(kind, flags, stream, data=b""):
    return struct.pack(">I", len(data))[1:] + struct.pack(
        ">BBI", kind, flags, stream) + data
head = b"\x82\x87\x84\x41\x0agithub.com"
one = {
    "ping": lambda i: frame(6, 0, 0, bytes(8)),
    "settings": lambda i: frame(4, 0, 0),
    "reset": lambda i: frame(1, 5, 2 * i + 1, head) +
        frame(3, 0, 2 * i + 1, bytes([0, 0, 0, 8])),
    "continuation": lambda i: frame(1 if i == 0 else 9, 0, 1,
        head if i == 0 else b"\x00\x01a\x01b"),
}[what]
out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
s.settimeout(10)
buf = b""
try:
    s.sendall(out)
    for i in range(20):
        s.sendall(b"".join(one(i * 100 + k) for k in range(100)))
except OSError:
    pass
try:
    while True:
        d = s.recv(65536)
        if not d:
            break
        buf += d
except OSError:
    pass
while len(buf) >= 9:
    n = int.from_bytes(buf[:3], "big")
    if buf[3] == 7:
        print("goaway", struct.unpack(">I", buf[13:17])[0])
    buf = buf[9 + n:]
E
for flood in ping settings reset continuation; do
	before=$(grep -c 'http-flood' "$LAB/run/log/openwad.log")
	out=$(lab_in c timeout 30 "$python" "$LAB/flood.py" "$LAB_ORIGIN4" \
	    "$LAB/pki/$LAB_CA.crt" $flood)
	[ "$out" = "goaway 11" ] || [ -z "$out" ] || fail "$flood: $out"
	# shellcheck disable=SC2317	# lab_wait calls it
	more()
	{
		[ "$(grep -c 'http-flood' "$LAB/run/log/openwad.log")" -gt \
		    "$before" ]
	}
	lab_wait 5 more || fail "$flood: no such reason in the log"
done
ctl diagnose wad stats | grep -E 'http_floods = 4 ' ||
    fail "floods are not counted"
exit 0
