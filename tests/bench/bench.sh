#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# CPU time of a fresh inspected connection, openwad beside HAProxy, in one run
# of the lab: TLS 1.3, P-256 leaves, one request each, upstream verified, the
# time of all processes of the proxy.  Medians of -r rounds.
#
#	bench.sh [-o] [-n CONNECTIONS] [-r ROUNDS] [BUILDDIR]
#
# Needs root, haproxy, nginx.  openwad runs first without resumption, with the
# forged certificate in its storage (`same`) and with a new name each time
# (`new`); then as it is by default, where sessions with the server are resumed,
# and with a client that resumes, too.  HAProxy likewise; -o: openwad only.
set -u
count=2000 rounds=5 only=0
while getopts n:r:o o; do
	case $o in
	n) count=$OPTARG ;;
	r) rounds=$OPTARG ;;
	o) only=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$top/build}
client=$build/tests/bench/bench_client
# shellcheck source=contrib/lab.sh disable=SC1091
. "$top/contrib/lab.sh"
dir=$(mktemp -d /tmp/openwad-bench.XXXXXX)
trap 'lab_down bench "$dir"' EXIT
trap 'exit 1' INT TERM

# User and system time in ticks of a process and its children that live.
ticks()	# PID
{
	local p sum=0 f

	for p in "$1" $(pgrep -P "$1"); do
		f=$(sed 's/.*) //' "/proc/$p/stat" | cut -d' ' -f12,13)
		sum=$((sum + ${f% *} + ${f#* }))
	done
	echo $sum
}

round()	# PID CAFILE OPTIONS...: microseconds a connection
{
	local pid=$1 ca=$2 a b

	shift 2
	a=$(ticks "$pid")
	lab_in c "$client" -n "$count" -C "$ca" "$@" "$LAB_ORIGIN4" 443 \
	    >>"$dir/client.out" || {
		lab_say "errors: $(tail -n 1 "$dir/client.out")"
		return 1
	}
	b=$(ticks "$pid")
	echo $(((b - a) * 1000000 / $(getconf CLK_TCK) / count))
}

measure()	# LABEL PID CAFILE OPTIONS...
{
	local label=$1 i

	shift
	round "$@" >/dev/null || return 1	# warm
	for ((i = 0; i < rounds; i++)); do
		round "$@" || return 1
	done | sort -n >"$dir/$label"
	printf '%-28s median %5s us  (%s)\n' "$label" \
	    "$(sed -n "$(((rounds + 1) / 2))p" "$dir/$label")" \
	    "$(tr '\n' ' ' <"$dir/$label")"
}

haproxy_start()	# OF-FRONTEND OF-SERVER
{
	cat "$LAB/pki/github.com.crt" "$LAB/pki/github.com.key" \
	    >"$dir/fixed.pem"
	cat >"$dir/haproxy.cfg" <<-E
	global
	    nbthread 2
	    maxconn 4000
	defaults
	    mode tcp
	    timeout connect 10s
	    timeout client 60s
	    timeout server 60s
	frontend f
	    bind :8444 transparent ssl crt $dir/fixed.pem $1
	    default_backend b
	backend b
	    server s $LAB_ORIGIN4:443 ssl verify required ca-file $LAB/pki/root.crt sni ssl_fc_sni $2
	E
	lab_spawn g haproxy haproxy -f "$dir/haproxy.cfg" -db
	sleep 1
}

haproxy_net()
{
	lab_in g nft -f - <<-E
	table inet bench {
	    chain c {
	        type filter hook prerouting priority mangle;
	        iifname "lan" tcp dport 443 meta nfproto ipv4 tproxy ip to :8444 meta mark set 7 accept
	    }
	}
	E
	lab_in g ip rule add fwmark 7 lookup 7
	lab_in g ip route add local default dev lo table 7
}

export LAB_WORKERS=2
export LAB_EXTRA='config firewall ssl setting
    set abbreviate-handshake disable
end'
lab_up bench "$dir" "$build/src" && lab_openwad_start || exit 1
echo "openwad: $("$build/src/openwad" -V | head -n 1); $(haproxy -v |
    head -n 1)"
pid=$(cat "$LAB/openwad.pid")
measure "openwad, same name" "$pid" "$LAB/pki/$LAB_CA.crt"
measure "openwad, a new name each" "$pid" "$LAB/pki/$LAB_CA.crt" -u \
    -s wild.example
lab_openwad_stop
LAB_EXTRA=
lab_openwad_start || exit 1
pid=$(cat "$LAB/openwad.pid")
measure "openwad, server resumed" "$pid" "$LAB/pki/$LAB_CA.crt"
measure "openwad, new names, tickets" "$pid" "$LAB/pki/$LAB_CA.crt" -u \
    -s wild.example
measure "openwad, both resumed" "$pid" "$LAB/pki/$LAB_CA.crt" -R
tail -n 1 "$dir/client.out"
lab_openwad_stop
[ $only -eq 0 ] || exit 0
haproxy_net
haproxy_start no-tls-tickets no-ssl-reuse
measure "haproxy, fixed certificate" "$(cat "$LAB/haproxy.pid")" \
    "$LAB/pki/root.crt"
lab_kill haproxy
haproxy_start "" ""
measure "haproxy, server resumed" "$(cat "$LAB/haproxy.pid")" \
    "$LAB/pki/root.crt"
measure "haproxy, both resumed" "$(cat "$LAB/haproxy.pid")" \
    "$LAB/pki/root.crt" -R
tail -n 1 "$dir/client.out"
