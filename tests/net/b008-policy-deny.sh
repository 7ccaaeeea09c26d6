#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No policy matches: policy 0, the connection ends; explain says so too.
# shellcheck disable=SC2034
LAB_EXTRA='config firewall address
edit "elsewhere"
set subnet 10.99.0.0 255.255.0.0
next
end
config firewall policy
edit 11
set srcaddr "elsewhere"
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl -k https://github.com/ 2>&1) && fail "went through: $out"
out=$(ctl diagnose wad explain "$LAB_CLIENT4" "$LAB_ORIGIN4:443" \
    interface lan)
has "$out" "policy.*0|deny" "explain"
out=$(ctl diagnose wad explain 10.99.1.1 "$LAB_ORIGIN4:443" interface lan)
has "$out" "11" "explain for an address that matches"

# The log tells why nothing matched.
lab_in c curl -sk -m 5 https://203.0.113.7/ && fail "there is no such server"
# shellcheck disable=SC2317	# lab_wait calls it
logged() { lab_ctl execute log display | grep -q "$1"; }
lab_wait 5 logged 'dstip=10.9.11.100 .*msg="no policy matches this connection"' ||
    fail "no word of the policy: $(lab_ctl execute log display)"
lab_wait 5 logged 'dstip=203.0.113.7 .*there is no route to the server"' ||
    fail "no word of the route: $(lab_ctl execute log display)"
exit 0
