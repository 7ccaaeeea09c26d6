#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every server of checklist-a.tsv: what the client gets must be what the table
# says, and what it or the log is told must name the reason.  The second time,
# when verdicts are cached, the same.
# shellcheck source=tests/net/checklist.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/checklist.sh"
checklist_start

table=$here/checklist-a.tsv
diff <(grep -v '^#' "$table" | cut -f2 | sort) <(sort "$LAB/bad/names") ||
    fail "the table and the origin have different names"
declare -A first second
while IFS=$'\t' read -r name said; do
	first[$name]=$said
done < <(grep -v '^#' "$table" | cut -f2 | checklist_all)
while IFS=$'\t' read -r name said; do
	second[$name]=${said%%$'\t'*}
done < <(grep -v '^#' "$table" | cut -f2 | checklist_all)
settled

bad=0 silent=0
while IFS=$'\t' read -r row name want why; do
	case $row in '#'*) continue ;; esac
	IFS=$'\t' read -r got secs said <<<"${first[$name]}"
	again=${second[$name]} wrong=
	! grep -Fq "'$name' cannot be inspected" "$LAB/run/log/openwad.log" ||
	    got=BYPASS
	[[ $got == "$again" || $got == BYPASS ]] ||
	    wrong="the first time $got, the second time $again; "
	[[ "|$want|" == *"|$got|"* ]] || wrong+="$got, not $want"
	[ "$why" = - ] ||
	    grep -Eqi -- "$why" <<<"$said $(checklist_lines "$name")" ||
		wrong+="${wrong:+; }/$why/ is not said"
	[[ $secs != [5-9].* && $secs != [1-9][0-9]* ]] ||
	    wrong+="${wrong:+; }took $secs s"
	if [[ $got == PASS || $again == PASS ]] && [[ "|$want|" != *"|PASS|"* ]]; then
		wrong="SILENT ACCEPT: $wrong"
		silent=$((silent + 1))
	fi
	[ -n "$wrong" ] || continue
	bad=$((bad + 1))
	echo "$row ${name:0:80}: $wrong; said: $said$(checklist_log "$name")"
done <"$table"

# What the origin saw: nothing weak offered, no second handshake, no second
# try with less (C6), no error of its own.
# (What a client offers past the gateway, BYPASS, is told above.)
while read -r name what; do
	! grep -Fq "'$name' cannot be inspected" "$LAB/run/log/openwad.log" ||
	    continue
	echo "$name: $what"
	bad=$((bad + 1))
done < <(grep -E ' (ERROR|BROKEN) ' "$LAB/badorigin.out")
for name in c06-close c06-rst c06-alert c06-version; do
	n=$(grep -c "^$name.lab.test hello" "$LAB/badorigin.out")
	[ "$n" -eq 2 ] || {
		echo "C6 $name: $n attempts for two requests"
		bad=$((bad + 1))
	}
done
[ $bad -eq 0 ] || fail "$bad rows are wrong, $silent of them SILENT ACCEPTS"
exit 0
