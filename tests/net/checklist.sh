# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The lab with the servers of checklist A instead of nginx; for d003 to d006.
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "${BASH_SOURCE[0]}")/../..}/tests/net/lib.sh"

# Trusted: the checklist's roots; and, as the worst that an administrator can
# do, the very CA with which openwad signs.  The profile is the built-in one.
checklist_conf()
{
	local crl

	cat <<-E
	config vpn certificate ca
	    edit "Checklist_Roots"
	        set ca-file "$LAB/bad/roots.pem"
	    next
	    edit "Own_CA"
	        set ca-file "$LAB/pki/$LAB_CA.crt"
	    next
	end
	config firewall ssl-ssh-profile
	    edit "deep-inspection"
	        set caname "$LAB_CA"
	    next
	end
	config firewall policy
	    edit 11
	        set ssl-ssh-profile "deep-inspection"
	    next
	end
	config vpn certificate crl
	E
	for crl in "$LAB"/bad/*.crl; do
		cat <<-E
		    edit "$(basename "$crl" .crl)"
		        set crl-file "$crl"
		    next
		E
	done
	printf 'end\n%s\n' "${CHECKLIST_EXTRA:-}"
}

checklist_start()
{
	local n

	need python3
	python3 -c 'import cryptography' 2>/dev/null ||
	    skip "the Python module cryptography is missing"
	net_lab
	lab_kill nginx
	for n in 1 2 3 4 5 6; do
		ip -n "ow$net_name-o" addr add "10.9.11.10$n/24" dev eth0
		ip -n "ow$net_name-o" addr add "fd09:11::10$n/64" dev eth0 nodad
	done
	lab_spawn o badorigin python3 "$here/badorigin.py" "$LAB" "$LAB_CA"
	lab_wait 30 test -s "$LAB/bad/names" ||
	    fail "the origin did not start: $(cat "$LAB/badorigin.out")"
	LAB_EXTRA=$(checklist_conf)
	lab_openwad_start || fail "openwad did not start"
}

checklist_get()	# NAME [curl options]: the body, then a line "CODE SECONDS"
{
	local host=$1

	shift
	set -- -sS --max-time 15 --cacert "$LAB/pki/$LAB_CA.crt" \
	    -w '\n%{http_code} %{time_total}\n' "$@"
	case $host in
	*:*) host=[$host] ;;
	*[!0-9.]*) set -- --resolve "*:443:$LAB_ORIGIN4" "$@" ;;
	esac
	lab_in c curl "$@" "https://$host/" 2>&1
}

# What becomes of a request: prints "NAME OUTCOME SECONDS what was said".
checklist_try()	# NAME
{
	local out rv what secs

	out=$(checklist_get "$1")
	rv=$?
	if [ $rv -eq 60 ]; then
		out=$(checklist_get "$1" -k)
		rv=$?
		what=WARN
	fi
	secs=${out##* }
	case $rv:$out in
	0:origin=*) what=${what:-PASS} ;;
	0:*', policy '*', session '*) what=BLOCK ;;
	28:*) what=HANG ;;
	0:*) what=ODD ;;
	*) what=BLOCK ;;
	esac
	printf '%s\t%s\t%s\t%s\n' "$1" "$what" "$secs" "$(sed -n '
	    s/^[^;]*; \(.*\) \[[a-z-]*, policy [0-9].*/\1/p
	    s/.*\[\([a-z-]*\), policy [0-9].*/\1/p
	    s/^curl: //p' <<<"$out" | tr '\n' ' ')"
}

# All the names on stdin, some at a time.
checklist_all()
{
	export LAB LAB_NAME LAB_CA LAB_ORIGIN4
	export -f checklist_try checklist_get lab_in
	# shellcheck disable=SC2016
	xargs -P 4 -d '\n' -n 1 bash -c 'checklist_try "$1"' checklist
}

# What openwad logged of a name: the lines; why its connections ended.
checklist_lines()	# NAME
{
	grep -F "\"$1\"" "$LAB/run/log/openwad.log"
}

checklist_log()	# NAME
{
	checklist_lines "$1" | grep -Eo 'reason="[^"]*" msg="[^"]*"' |
	    sort -u | tr '\n' ' '
}
