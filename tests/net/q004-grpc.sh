#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# gRPC through the gateway: messages both ways at once, half-closed streams,
# status in trailers, deadlines.
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
python_with grpc
net_start
p=$LAB/pki/github.com
lab_spawn o grpc "$python" "$here/grpcecho.py" server "$LAB_ORIGIN4" 9443 \
    "$p.crt" "$p.key"
lab_wait 10 grep -q ready "$LAB/grpc.out" || fail "no origin"
lab_in c timeout 60 "$python" "$here/grpcecho.py" client "$LAB_ORIGIN4" 9443 \
    github.com "$LAB/pki/$LAB_CA.crt" 2>&1 || fail "see above"
ctl diagnose wad stats | grep -qE 'h2_sessions = [1-9]' ||
    fail "it was not HTTP/2 that was inspected"
exit 0
