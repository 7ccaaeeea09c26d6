#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certificate-inspection: nothing is forged; blocked names end.
# shellcheck disable=SC2034
LAB_STATUS=certificate-inspection
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

out=$(issuer_of github.com)
[ "$out" = "Lab Origin Issuing CA" ] || fail "issuer is '$out'"
lab_curl --cacert "$LAB/pki/root.crt" https://github.com/file/big |
    cmp - "$LAB/www/big" || fail "20 MB changed on the way"
out=$(lab_curl --cacert "$LAB/pki/root.crt" https://bet.example/ 2>&1)
hasnt "$out" "client=" "a blocked name reached the origin"
exit 0
