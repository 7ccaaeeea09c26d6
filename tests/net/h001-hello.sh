#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ClientHellos in one-byte segments, many records, 16 KiB; garbage, cut, slow.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set hello-timeout 3
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

for how in bytes records big garbage cut slow; do
	lab_in c timeout 40 python3 "$here/hello.py" "$LAB_ORIGIN4" \
	    "$LAB/pki/$LAB_CA.crt" "$how" 10 || fail "$how"
done
# Not TLS at all: by unsupported-ssl-negotiation, never a hang.
out=$(printf 'GET / HTTP/1.0\r\n\r\n' | lab_in c timeout 10 \
    python3 -c 'import socket,sys
s = socket.create_connection((sys.argv[1], 443), 8)
s.sendall(sys.stdin.buffer.read()); print(s.recv(100))' "$LAB_ORIGIN4" 2>&1)
hasnt "$out" "timed out" "plain HTTP on the inspected port hangs"
out=$(lab_curl https://github.com/) || fail "a good one after them"
exit 0
