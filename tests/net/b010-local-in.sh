#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A policy that denies says so in the log, with its comment; who talks to the
# gateway itself is local traffic.
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
edit 12
set srcintf "lan"
set dstintf "any"
set srcaddr "all"
set dstaddr "all"
set service "ALL"
set schedule "always"
set action deny
set logtraffic all
set comments "nobody passes"
next
end
config log setting
set log-policy-comment enable
set local-in-deny-unicast enable
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

lab_curl -k https://github.com/ >/dev/null 2>&1 && fail "went through"
record 0000000013 "srcip=$LAB_CLIENT4" 'action="deny" policyid=12' \
    'comment="nobody passes"'
lab_in c curl -ks --max-time 5 "https://$LAB_LAN4:8443/" &&
    fail "the gateway's own port answers"
record 0001000014 'subtype="local"' "dstip=$LAB_LAN4 dstport=8443" \
    'action="deny" policyid=0 policytype="local-in-policy"'
exit 0
