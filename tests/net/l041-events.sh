#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Events: start, stop, reloads, a role that dies, a limit; who changed what in
# the configuration; who may look and who may change things.
# shellcheck disable=SC2034
NET_KILLS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need setpriv
net_lab
log=$LAB/run/log/openwad.log conf=$LAB/openwad.conf
sock=$LAB/run/control.sock

# Users and groups that only this openwad knows: ip-netns shows it these files
# instead of the machine's.
etc=/etc/netns/ow$net_name-g
mkdir -p "$etc"
{
	grep -v '^openwad' /etc/group
	echo "openwad:x:64980:alice"
	echo "openwad-ro:x:64981:bob"
} >"$etc/group"
{
	cat /etc/passwd
	echo "alice:x:64991:64991::/:/bin/false"
	echo "bob:x:64992:64992::/:/bin/false"
} >"$etc/passwd"
chmod 711 "$LAB"
cp "$LAB_BIN/wadctl" "$LAB/wadctl"
lab_openwad_start || fail "openwad did not start"

as()	# USER COMMAND...: wadctl as one of them
{
	local id groups

	case $1 in
	alice) id=64991 groups=64991,64980 ;;
	bob) id=64992 groups=64992,64981 ;;
	eve) id=64993 groups=64993 ;;
	esac
	shift
	setpriv --reuid $id --regid $id --groups $groups \
	    "$LAB/wadctl" -s "$sock" "$@" 2>&1
}

# ---- start
record 0100090001 'type="event" subtype="system" level="information" vd="root" logdesc="openwad started" msg="openwad [^"]* started: 2 workers'

# ---- who changed what
out=$(as alice <<-C
	config firewall policy
	edit 11
	set comments "for the audit"
	unset nat
	next
	end
	C
) || fail "alice cannot change anything: $out"
who='user="alice" ui="console\([0-9]+\)"'
record 0100044547 'level="information" vd="root" logdesc="Object attribute configured"' \
    "$who action=\"Edit\" cfgtid=[0-9]+ cfgpath=\"firewall.policy\" cfgobj=\"11\" cfgattr=\"[^\"]*comments\\[->for the audit\\][^\"]*\" msg=\"Edit firewall.policy 11\""
record 0100090010 'user="alice" uid=64991 ui="console\([0-9]+\)" action="command" status="success" msg="config firewall policy"'
record 0100090003 'changed by alice'
[ "$(grep -c 'cfgpath="firewall.policy"' "$log")" -eq 1 ] ||
    fail "one changed object, more than one record"
ctl >/dev/null <<-C
	config firewall address
	edit host1
	set subnet 192.0.2.1 255.255.255.255
	next
	edit host2
	set subnet 192.0.2.2 255.255.255.255
	next
	end
C
record 0100044547 'user="root"' 'action="Add"' 'cfgpath="firewall.address" cfgobj="host1" cfgattr="subnet\[192.0.2.1 255.255.255.255\]" msg="Add firewall.address host1"'
ctl >/dev/null <<-C
	config firewall address
	move host2 before host1
	delete host1
	end
	config firewall ssl-ssh-profile
	edit custom-deep-inspection
	config ssl-exempt
	edit 1
	set fortiguard-category 36
	next
	end
	next
	end
	config user local
	edit mallory
	set type password
	set passwd tiger99
	next
	end
C
record 0100044547 'action="Delete"' 'cfgobj="host1" msg='
record 0100044547 'cfgpath="firewall.ssl-ssh-profile:ssl-exempt" cfgobj="custom-deep-inspection:1" cfgattr="fortiguard-category\[87->36\]"'
record 0100044547 'cfgpath="user.local" cfgobj="mallory"' 'passwd\[\*\]'
# another secret in the place of one is a change, and the same one is none
lab_ctl >/dev/null <<-C
	config user local
	edit mallory
	set passwd tiger98
	end
C
record 0100044547 'action="Edit"' 'cfgobj="mallory"' 'passwd\[\*->\*\]'
lab_ctl >/dev/null <<-C
	config user local
	edit mallory
	set passwd tiger98
	set status disable
	end
C
record 0100044547 'cfgobj="mallory" cfgattr="status\['
! grep 'cfgattr="status' "$log" | grep -q passwd || fail "the same secret"
! grep -q tiger9 "$log" || fail "a password is in the log"

# ---- who may only look, and who may not
out=$(as bob get system status) || fail "bob may not look: $out"
has "$out" "openwad" "status"
out=$(as bob show firewall policy) || fail "bob: show: $out"
has "$out" "edit 11" "show"
out=$(as bob execute reload) && fail "bob reloaded"
has "$out" "permission denied" "bob: reload"
record 0100090011 'level="warning"' 'user="bob" uid=64992' 'execute reload'
sleep 1.1		# one such record a second
out=$(as bob <<-C
	config system global
	set hostname evil
	end
C
)
has "$out" "permission denied" "bob: config"
record 0100090011 'user="bob"' 'config system global'
hasnt "$(ctl show system global)" evil "bob changed the host name"
sleep 1.1
out=$(as eve get system status) && fail "eve may look"
has "$out" "permission denied" "eve"
record 0100090011 'user="uid 64993" uid=64993' 'console refused'
out=$(as alice execute reload) || fail "alice: reload: $out"
record 0100090010 'user="alice"' 'msg="execute reload"'

# ---- the file
hup()
{
	kill -HUP "$(cat "$LAB/run/openwad.pid")"
}
sed -i 's/openwad-lab/gw-nine/' "$conf"
hup
record 0100090003 'msg="generation [0-9]+ runs, changed by system \(file\)"'
record 0100044546 'user="system" ui="file" action="Edit"' \
    'cfgpath="system.global" cfgattr="hostname\[openwad-lab->gw-nine\]" msg="Edit system.global"'
cp "$conf" "$LAB/good.conf"
printf 'config firewall policy\nedit 12\nset action perhaps\nset srcintf nowhere\nnext\nend\n' >>"$conf"
hup
record 0100090004 'level="warning"' 'user="system" ui="file" errors=[1-9][0-9]*' \
    'msg="[^"]*openwad.conf:[0-9]+: '
cp "$LAB/good.conf" "$conf"

# ---- a role that dies
pid=$(role_pids lookup)
kill -9 "$pid"
record 0100090005 'level="critical"' "role=\"lookup\" index=0 pid=$pid" \
    'reason="killed by signal 9'
# shellcheck disable=SC2317
back()
{
	[ -n "$(role_pids lookup)" ]
}
lab_wait 5 back || fail "it did not come back"

# ---- a limit
ctl >/dev/null <<-C
	config openwad settings
	set sessions-per-client 1
	end
C
for _ in 1 2 3 4 5 6; do
	lab_in c timeout 2 bash -c "exec 3<>/dev/tcp/$LAB_ORIGIN4/443; sleep 1" &
done
record 0100090009 'level="warning"' 'new connections are refused, now one of 10.20.10.2'
wait

# ---- events off and on
ctl >/dev/null <<-C
	config log eventfilter
	set system disable
	end
C
record 0100044546 'cfgattr="system\[enable->disable\]"'
n=$(grep -c 'subtype="system"' "$log")
ctl diagnose wad cache clear >/dev/null
lab_curl -o /dev/null https://github.com/ || fail "github.com"
lab_wait 5 find_record 'hostname="github.com"' || fail "no traffic record"
[ "$(grep -c 'subtype="system"' "$log")" -eq "$n" ] ||
    fail "log eventfilter / system disable: $(tail -n 2 "$log")"
ctl >/dev/null <<-C
	config log eventfilter
	set system enable
	end
C
record 0100044546 'cfgattr="system\[disable->enable\]"'

# ---- stop
kill -TERM "$(cat "$LAB/run/openwad.pid")"
record 0100090002 'msg="openwad stops on signal 15'
exit 0
