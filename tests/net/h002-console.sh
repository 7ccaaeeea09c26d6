#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The console and people who mean no good: who may only look changes nothing,
# sees no secret and keeps nobody out; nonsense, floods and consoles that do
# not read harm neither wad-control nor the others; what is shown cannot steer
# a terminal.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need setpriv python3
# a table that openwad keeps, but has no use for
LAB_EXTRA="config system snmp user
edit monitor
set auth-pwd zebra77zebra
next
end"
net_lab
log=$LAB/run/log/openwad.log sock=$LAB/run/control.sock

# Users and groups that only this openwad knows.
etc=/etc/netns/ow$net_name-g
mkdir -p "$etc"
{
	grep -v '^openwad' /etc/group
	echo "openwad:x:64980:"
	echo "openwad-ro:x:64981:bob"
} >"$etc/group"
{
	cat /etc/passwd
	echo "bob:x:64992:64992::/:/bin/false"
} >"$etc/passwd"
chmod 711 "$LAB"
cp "$LAB_BIN/wadctl" "$LAB/wadctl"
cp "$here/consolefuzz.py" "$LAB/consolefuzz.py"
chmod 755 "$LAB/wadctl"
chmod 644 "$LAB/consolefuzz.py"
lab_openwad_start || fail "openwad did not start"
control=$(role_pids control)

bob()	# COMMAND...
{
	setpriv --reuid 64992 --regid 64992 --groups 64981 "$@"
}

eve()
{
	setpriv --reuid 64993 --regid 64993 --clear-groups "$@"
}

console()	# WHAT...: a consolefuzz of bob's
{
	bob timeout 120 python3 "$LAB/consolefuzz.py" "$sock" "$@"
}

alive()	# WHAT: the same wad-control answers, soon
{
	lab_wait 10 quick || fail "$1: no answer"
	[ "$(role_pids control)" = "$control" ] || fail "$1: wad-control died"
}

# shellcheck disable=SC2317
quick()
{
	timeout 4 "$LAB_BIN/wadctl" -s "$sock" get system status >/dev/null 2>&1
}

ctl >/dev/null <<-C
	config user local
	edit mallory
	set type password
	set passwd tiger99
	next
	end
C
before=$(ctl show)

# ---- looking only
console refused || fail "a read-only console"
[ "$(ctl show)" = "$before" ] || fail "a read-only console changed something"
for what in "show" "show full-configuration" "get user local" \
    "get vpn certificate local" "show user local" "show vpn certificate"; do
	# shellcheck disable=SC2086
	out=$(bob "$LAB/wadctl" -s "$sock" $what 2>&1)
	hasnt "$out" 'tiger99|zebra77|BEGIN[A-Z ]*PRIVATE' "secrets in $what"
	hasnt "$out" 'ENC [0-9a-f]' "a word for a secret in $what"
done

# ---- no secret is in the texts that all roles get
texts=0
for fd in "/proc/$(cat "$LAB/run/openwad.pid")/fd/"*; do
	case $(readlink "$fd") in
	/memfd:*) ;;
	*) continue ;;
	esac
	grep -aq 'edit "\{0,1\}monitor' "$fd" || continue
	texts=$((texts + 1))
	! grep -aq 'zebra77\|tiger99' "$fd" ||
	    fail "a secret is in $(readlink "$fd")"
done
[ "$texts" -ge 2 ] || fail "$texts texts of the configuration"

# ---- places
coproc HOLD { console places; }
read -r -t 60 n <&"${HOLD[0]}" || fail "no consoles"
[ "$n" -eq 24 ] || fail "$n read-only consoles"
alive "all places of readers are taken"
echo >&"${HOLD[1]}"
wait
for _ in $(seq 40); do
	eve "$LAB/wadctl" -s "$sock" get system status >/dev/null 2>&1 &&
	    fail "a stranger got a console"
done
alive "strangers"

# ---- nonsense
console fuzz 1 || fail "fuzz"
timeout 120 python3 "$here/consolefuzz.py" "$sock" fuzz 2 || fail "fuzz, root"
alive "nonsense"

# ---- consoles that do not read
was=$(memory VmRSS control)
coproc HOLD { console greedy; }
read -r -t 60 _ <&"${HOLD[0]}" || fail "no greedy consoles"
sleep 1
is=$(memory VmRSS control)
echo "24 consoles that do not read: $was kB, then $is kB"
most=120000
# AddressSanitizer keeps what was freed
grep -q __asan_init "$LAB_BIN/wad-control" && most=600000
[ $((is - was)) -lt $most ] || fail "memory: $was kB, then $is kB"
alive "consoles that do not read"
echo >&"${HOLD[1]}"
wait

# ---- very many commands at once: others do not wait
coproc HOLD { console busy; }
read -r -t 60 _ <&"${HOLD[0]}" || fail "no busy console"
sleep 0.1
t0=$(date +%s%N)
ctl get system status >/dev/null
ms=$((($(date +%s%N) - t0) / 1000000))
echo "an answer beside a busy console: $ms ms"
[ $ms -lt 2000 ] || fail "a busy console: others wait $ms ms"
wait

# ---- a secret that changes is told, and which is not
ctl >/dev/null <<-C
	config user local
	edit mallory
	set passwd lion55
	next
	end
C
# shellcheck disable=SC2317
told()
{
	grep -Eq 'action="Edit".*cfgobj="mallory" cfgattr="passwd\[\*->\*\]"' \
	    "$log"
}
lab_wait 5 told || fail "a changed password has no record"
! grep -Eq 'tiger99|lion55' "$log" || fail "a password is in the log"

# ---- very many changes: the first thousand, who, and how many more
{
	echo "config firewall address"
	for i in $(seq 1050); do
		echo "edit many$i"
		echo "set subnet 192.0.2.$((i % 250)) 255.255.255.255"
		echo next
	done
	echo end
} | lab_ctl >/dev/null || fail "many objects"
# shellcheck disable=SC2317
many()
{
	[ "$(grep -c 'user="root".*cfgobj="many' "$log")" -eq 1000 ] &&
	    grep -Eq 'user="root" ui="console\([0-9]+\)" action="Edit" cfgtid=[0-9]+ count=50 msg="50 more objects changed"' "$log"
}
lab_wait 10 many || fail "records of many changes"

# ---- a terminal: C1 characters (the configuration takes no others)
printf 'config firewall policy\nedit 11\nset comments "a\302\233Ab\302\235c\303\251"\nnext\nend\n' |
    lab_ctl >/dev/null || fail "the comment was not taken"
out=$(python3 - "$LAB_BIN/wadctl" "$sock" <<-'P'
	import pty, sys
	pty.spawn([sys.argv[1], "-s", sys.argv[2], "show", "firewall",
	           "policy", "11"])
P
) || fail "wadctl on a terminal"
has "$out" $'set comments "a\302\\?Ab\302\\?c\303\251"' "at a terminal"
out=$(ctl show firewall policy 11)
has "$out" $'set comments "a\302\233Ab\302\235c\303\251"' "in a pipe"
printf 'config firewall policy\nedit 11\nset comments "a\033[2J"\nnext\nend\n' |
    lab_ctl >/dev/null 2>&1 && fail "an escape in the configuration"

# ---- a warning is told to who caused it, and to who loads everything
change()	# LINE: inside of openwad settings
{
	printf 'config openwad settings\n%s\nend\n' "$1" | lab_ctl 2>&1
}

out=$(change 'set category-db "/nowhere.db"')
has "$out" "category-db /nowhere.db cannot be opened" "a new warning"
out=$(change 'set page-dir "/nowhere"')
has "$out" "page-dir /nowhere cannot be read" "another one"
hasnt "$out" "category-db" "the warning of an earlier change"
out=$(change 'set nosuch 1') && fail "an unknown setting was taken"
has "$out" "unknown setting 'nosuch'" "an error"
hasnt "$out" "warning" "earlier warnings beside an error"
out=$(ctl execute reload)
has "$out" "category-db /nowhere.db" "all of them at a reload"
exit 0
