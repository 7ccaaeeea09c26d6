#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A blocked category: the block page, signed by the policy's CA; the origin
# gets no request.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(lab_curl -i https://bet.example/) || fail "no block page: $out"
has "$out" "^HTTP/1.1 403" "status"
has "$out" "bet.example" "the page names the site"
hasnt "$out" "client=" "the origin's answer"
[ "$(issuer_of bet.example)" = "$LAB_CA" ] || fail "page under another CA"
! grep -q 'GET' "$LAB/nginx-access.log" || {
	grep -v 'host=' "$LAB/nginx-access.log"
	[ "$(grep -c 'GET' "$LAB/nginx-access.log")" -le 1 ] ||
	    fail "the request reached the origin"
}
lab_curl https://github.com/ >/dev/null || fail "an allowed name after it"
exit 0
