#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How ends are passed on: a silent server; close_notify, RST, a cut stream and
# a half-close behind port 9443.
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
need python3
net_start

out=$(lab_in c curl -sS --max-time 30 -k "https://$LAB_DEAD4/" 2>&1) &&
    fail "an address without a host answered"
hasnt "$out" "Operation timed out" "the client waited for ever"
out=$(lab_in c curl -sS --max-time 20 -k "https://$LAB_WAN4:9443/" 2>&1) &&
    fail "a closed port answered"

lab_spawn o server python3 "$here/server.py" "$LAB_ORIGIN4" \
    "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key"
origin_on 9443
for how in close reset truncate halfclose; do
	lab_in c timeout 20 python3 "$here/client.py" "$LAB_ORIGIN4" 9443 \
	    "$LAB/pki/$LAB_CA.crt" "$how" || fail "$how"
done
exit 0
