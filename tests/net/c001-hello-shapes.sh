#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ClientHellos of every shape and 1,000 random segmentations (of the seed
# OPENWAD_SEED): each ends as the tables in shapes.py say, none hangs, no
# worker dies.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set hello-timeout 3
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start

before=$(role_pids worker)
rv=0
shapes()	# TABLE
{
	lab_in c timeout 60 python3 "$here/shapes.py" "$LAB_ORIGIN4" \
	    "$LAB/run/log/openwad.log" "$1" "${OPENWAD_SEED:-1}" || {
		echo "FAIL: $1"
		rv=1
	}
}
shapes shapes
shapes nottls
shapes cuts
# TLS on port 80, which is not inspected: nginx's own words come back.
out=$(lab_in c timeout 10 curl -sk --max-time 8 \
    "https://$LAB_ORIGIN4:80/" 2>&1) && fail "TLS on port 80: $out"
printf '%s\n' 'config firewall ssl-ssh-profile' \
    'edit "custom-deep-inspection"' 'config https' \
    'set unsupported-ssl-negotiation block' end next end |
    lab_ctl >"$LAB/out" 2>&1 || fail "set unsupported-ssl-negotiation"
shapes blocked
[ "$(role_pids worker)" = "$before" ] || fail "a worker was started anew"
lab_curl -o /dev/null https://github.com/ || fail "a good one after them"
exit $rv
