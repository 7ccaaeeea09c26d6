#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The cage: seccomp, no new privileges, own uid, not dumpable; the bytes of
# the CA key are in wad-keys and in no other process.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need python3
net_start
lab_curl -o /dev/null https://github.com/ || fail "a connection"

for role in worker keys control lookup export; do
	[ -n "$(role_pids $role)" ] || fail "no $role runs"
	for p in $(role_pids $role); do
		out=$(cat "/proc/$p/status")
		has "$out" "^Seccomp:[[:space:]]2" "$role: seccomp filter"
		has "$out" "^NoNewPrivs:[[:space:]]1" "$role: no_new_privs"
		hasnt "$out" "^Uid:[[:space:]]0[[:space:]]" "$role: own uid"
		has "$out" "^CapEff:[[:space:]]0+\$" "$role: no capabilities"
		[ "$(stat -c %u "/proc/$p/mem")" -eq 0 ] ||
		    fail "$role is dumpable"
	done
done
# shellcheck disable=SC2046
python3 "$here/scanmem.py" "$LAB/pki/$LAB_CA.key" "$(role_pids keys)" \
    $(role_pids worker) $(role_pids control) $(role_pids lookup) \
    $(role_pids export) \
    "$(cat "$LAB/openwad.pid")" ||
    fail "key bytes where they do not belong"
# A worker that tries to open a file or to exec is killed at once.
if [ -x "$top_builddir/tests/unit/check_sandbox" ]; then
	"$top_builddir/tests/unit/check_sandbox" || fail "check_sandbox"
fi
exit 0
