#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An exempt category (finance): byte-exact bypass, the origin's own chain.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start

lab_chain bank.example | openssl x509 -outform DER >"$LAB/seen.der"
openssl x509 -in "$LAB/pki/bank.example.crt" -outform DER >"$LAB/real.der"
cmp "$LAB/seen.der" "$LAB/real.der" || fail "not the origin's certificate"
out=$(lab_curl --cacert "$LAB/pki/root.crt" https://bank.example/) ||
    fail "curl through the bypass"
has "$out" "host=bank.example" "the answer"
lab_curl --cacert "$LAB/pki/root.crt" https://bank.example/file/big |
    cmp - "$LAB/www/big" || fail "20 MB changed on the way"
# A session that the origin resumes: the client's ticket reached it.
lab_in c openssl s_client -connect "$LAB_ORIGIN4:443" -servername \
    bank.example -tls1_2 -sess_out "$LAB/sess" </dev/null >/dev/null 2>&1
out=$(lab_in c openssl s_client -connect "$LAB_ORIGIN4:443" -servername \
    bank.example -tls1_2 -sess_in "$LAB/sess" </dev/null 2>&1)
has "$out" "Reused" "resumption"
exit 0
