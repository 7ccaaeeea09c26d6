#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A32 with strict-crl-check: a CRL that is out of date, or not of the issuer
# whose name it bears, is a failure of validation; a current one is enough.
# shellcheck disable=SC2034
CHECKLIST_EXTRA='config vpn certificate setting
set strict-crl-check enable
end'
# shellcheck source=tests/net/checklist.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/checklist.sh"
checklist_start

try()	# NAME OUTCOME
{
	local out

	out=$(checklist_try "$1.lab.test")
	[ "$(cut -f2 <<<"$out")" = "$2" ] || fail "$1 is not $2: $out"
	[ "$2" = PASS ] || has "$out" "list|CRL|revoked" "$1: the reason"
}

try a32-good PASS
try a32-same-serial PASS
try a32-revoked BLOCK
try a32-revoked-ica BLOCK
try a32-stale BLOCK
try a32-forged BLOCK
exit 0
