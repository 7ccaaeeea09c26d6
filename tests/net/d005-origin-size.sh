#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A36, A37: chains made to cost.  A verdict takes less than 50 ms of CPU, a
# thousand names are no obstacle, and the forged certificate holds the name
# asked and a bounded number of others.
# shellcheck source=tests/net/checklist.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/checklist.sh"
checklist_start

cpu()	# ticks of 10 ms that all workers have used
{
	local pid sum=0 f

	for pid in $(role_pids worker); do
		read -r -a f < <(sed 's/.*) //' "/proc/$pid/stat")
		sum=$((sum + f[11] + f[12]))
	done
	echo $sum
}

# Each once: nothing of it is cached yet.
while read -r name; do
	was=$(cpu)
	got=$(checklist_try "$name" | cut -f2)
	[[ $got == PASS || $got == BLOCK ]] || fail "$name: $got"
	used=$(($(cpu) - was))
	# 20 ms for the handshakes, and that ticks are coarse.
	[ $used -le 7 ] || fail "$name: ${used}0 ms of CPU"
done < <(cut -f2 "$here/checklist-a.tsv" | grep -E '^a3[67]-')

name=a36-sans1000.lab.test
[ "$(checklist_try $name | cut -f2)" = PASS ] ||
    fail "1,000 names: $(checklist_log $name)"
text=$(lab_chain $name | openssl x509 -noout -ext subjectAltName 2>/dev/null)
has "$text" "DNS:$name" "the name that was asked for"
n=$(grep -o DNS: <<<"$text" | wc -l)
[ "$n" -le 200 ] || fail "the forged certificate has $n names"
exit 0
