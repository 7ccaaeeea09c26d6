#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A42: a server that changes its certificate from one connection to the next.
# Another good one: a new verdict and a new certificate; a bad one: refused,
# whatever is cached of the good one; good again: served again.
# shellcheck source=tests/net/checklist.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/checklist.sh"
checklist_start

serial_of()
{
	lab_chain "$1" | openssl x509 -noout -serial 2>/dev/null
}

try()	# NAME WHICH OUTCOME WHAT
{
	local got

	echo "$2" >"$LAB/bad/later"
	got=$(checklist_try "$1" | cut -f2)
	[ "$got" = "$3" ] || fail "$1: $4: $got, not $3; $(checklist_log "$1")"
}

for name in a42-change.lab.test a42-change13.lab.test; do
	try $name 0 PASS "the first certificate"
	first=$(serial_of $name)
	has "$first" "serial=" "$name: a certificate"
	[ "$(serial_of $name)" = "$first" ] ||
	    fail "$name: another forged certificate for the same origin"
	try $name 2 BLOCK "a stranger's certificate after a good one"
	try $name 1 PASS "the second good certificate"
	second=$(serial_of $name)
	has "$second" "serial=" "$name: a certificate for the second"
	[ "$second" != "$first" ] ||
	    fail "$name: the same forged certificate for another origin"
	try $name 2 BLOCK "a stranger's certificate once more"
	try $name 0 PASS "the first certificate again"
done
# The same certificate, but now its server itself says that it is revoked.
try a42-revoked.lab.test 0 PASS "nothing stapled"
try a42-revoked.lab.test 1 BLOCK "revoked by what is stapled"
exit 0
