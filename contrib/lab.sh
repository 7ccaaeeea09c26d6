# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A laboratory for openwad: client, gateway and origin in three network
# namespaces.  A library: contrib/quickstart and tests/net/lib.sh source it.
#
#   client 10.20.10.2 ---- lan 10.20.10.1 gateway 10.9.11.26 wan ---- origin
#   fd20:10::2                 fd20:10::1         fd09:11::26   10.9.11.100
#                                                               fd09:11::100
#
# lab_up NAME DIR makes it (names ow<NAME>-c, -g, -o; files in DIR),
# lab_openwad_start runs openwad in the gateway, lab_down ends everything that
# was started in it.  Needs root, iproute2, openssl, nginx, curl; dnsmasq when
# names must be resolved (explicit proxy).

LAB_CLIENT4=10.20.10.2	LAB_CLIENT6=fd20:10::2
LAB_LAN4=10.20.10.1	LAB_LAN6=fd20:10::1
LAB_WAN4=10.9.11.26	LAB_WAN6=fd09:11::26
LAB_ORIGIN4=10.9.11.100	LAB_ORIGIN6=fd09:11::100
LAB_DEAD4=10.9.11.200	# nobody has this address; packets to it vanish
LAB_SERVERS="github.com example.com www.example.com bet.example bank.example
	rsa.example plain.example wild.example"
# Names whose certificate is not right.
LAB_BAD="expired.example selfsigned.example untrusted.example wrong.example
	liar.example"
# LAB_CA is the CA that signs what the client sees, policy 11 of the reference
# transcript.
LAB_CA=acmeCAcert

lab_say()
{
	printf '%s\n' "$*" >&2
}

# Whether this machine lets us make network namespaces; says why not.
lab_possible()
{
	local t

	if [ "$(id -u)" -ne 0 ]; then
		lab_say "the lab needs root: it makes network namespaces"
		return 1
	fi
	for t in ip openssl nginx curl nft; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$t" >/dev/null || {
			lab_say "the lab needs the program $t"
			return 1
		}
	done
	if ! ip netns add owprobe$$ 2>/dev/null; then
		lab_say "network namespaces cannot be made here" \
		    "(a container without CAP_SYS_ADMIN?)"
		return 1
	fi
	ip netns delete owprobe$$
}

lab_in()	# SIDE COMMAND...: runs a command in c, g or o
{
	local side=$1

	shift
	ip netns exec "ow$LAB_NAME-$side" "$@"
}

lab_spawn()	# SIDE WORD COMMAND...: background, output to DIR/WORD.out
{
	local side=$1 word=$2

	shift 2
	ip netns exec "ow$LAB_NAME-$side" "$@" </dev/null \
	    >>"$LAB/$word.out" 2>&1 &
	echo $! >"$LAB/$word.pid"
	disown $! 2>/dev/null || :
}

lab_gone()	# PID: whether it has ended; a zombie has
{
	local stat

	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	[[ ${stat##*) } == Z* ]]
}

lab_kill()	# WORD: ends what lab_spawn started under that word
{
	local pid i

	[ -s "$LAB/$1.pid" ] || return 0
	pid=$(cat "$LAB/$1.pid")
	rm -f "$LAB/$1.pid"
	kill "$pid" 2>/dev/null || return 0
	for ((i = 0; i < 400; i++)); do
		lab_gone "$pid" && return 0
		sleep 0.05
	done
	kill -9 "$pid" 2>/dev/null || :
}

# Until the command succeeds; LAB_PATIENCE: so many times longer at most.
lab_wait()	# SECONDS COMMAND...
{
	local end=$((SECONDS + $1 * ${LAB_PATIENCE:-1} + 1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# ---- certificates ---------------------------------------------------------

lab_key()	# FILE [rsa]
{
	if [ "${2:-ec}" = rsa ]; then
		openssl genrsa -out "$1" 2048 2>/dev/null
	else
		openssl ecparam -name prime256v1 -genkey -noout -out "$1"
	fi
	chmod 600 "$1"
}

lab_ca()	# NAME CN [ISSUER]: DIR/pki/NAME.crt and .key
{
	local p=$LAB/pki

	lab_key "$p/$1.key"
	openssl req -x509 -new -key "$p/$1.key" -subj "/O=openwad lab/CN=$2" \
	    ${3:+-CA "$p/$3.crt" -CAkey "$p/$3.key"} -days 365 \
	    -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign \
	    -out "$p/$1.crt"
}

lab_leaf()	# FILE ISSUER DAYS NAMES [rsa]
{
	local p=$LAB/pki name=${4%%,*} san=

	san=DNS:${4//,/,DNS:}
	case $name in
	[0-9]*.[0-9]*) san=IP:$LAB_ORIGIN4,IP:$LAB_ORIGIN6 ;;
	esac
	lab_key "$p/$1.key" "${5:-ec}"
	openssl req -new -key "$p/$1.key" -subj "/CN=$name" -out "$p/$1.csr"
	printf '%s\n' "subjectAltName=$san" "extendedKeyUsage=serverAuth" \
	    "basicConstraints=critical,CA:FALSE" \
	    "keyUsage=critical,digitalSignature" >"$p/ext"
	openssl x509 -req -in "$p/$1.csr" -CA "$p/$2.crt" -CAkey "$p/$2.key" \
	    -days "$3" -extfile "$p/ext" -out "$p/$1.crt" 2>/dev/null
	cat "$p/$2.crt" >>"$p/$1.crt"
	rm -f "$p/$1.csr" "$p/ext"
}

lab_staple()	# FILE ISSUER STATUS(V|R): DIR/pki/FILE.ocsp, to be stapled
{
	local p=$LAB/pki serial

	serial=$(openssl x509 -in "$p/$1.crt" -noout -serial)
	printf '%s\t491231235959Z\t%s\t%s\tunknown\t/CN=x\n' "$3" \
	    "$([ "$3" = V ] || echo 250101000000Z)" "${serial#serial=}" \
	    >"$p/index"
	openssl ocsp -index "$p/index" -rsigner "$p/$2.crt" \
	    -rkey "$p/$2.key" -CA "$p/$2.crt" -issuer "$p/$2.crt" \
	    -cert "$p/$1.crt" -respout "$p/$1.ocsp" -ndays 30 \
	    >/dev/null 2>&1
	rm -f "$p/index"
}

lab_pki()
{
	local n p=$LAB/pki

	mkdir -p "$p"
	chmod 700 "$p"
	lab_ca root "Lab Origin Root"
	lab_ca issuing "Lab Origin Issuing CA" root
	lab_ca stranger "Unknown Root"
	lab_ca "$LAB_CA" "$LAB_CA"
	for n in $LAB_SERVERS; do
		case $n in
		rsa.example) lab_leaf "$n" issuing 90 "$n" rsa ;;
		plain.example) ;;
		wild.example) lab_leaf "$n" issuing 90 "$n,*.$n" ;;
		*) lab_leaf "$n" issuing 90 "$n" ;;
		esac
	done
	lab_staple github.com issuing V
	lab_leaf default issuing 90 "$LAB_ORIGIN4"
	lab_leaf expired.example issuing -1 expired.example
	lab_leaf untrusted.example stranger 90 untrusted.example
	lab_leaf wrong.example issuing 90 other.example
	lab_leaf liar.example issuing 90 bet.example	# a blocked name
	lab_key "$p/selfsigned.example.key"
	openssl req -x509 -new -key "$p/selfsigned.example.key" -days 90 \
	    -subj /CN=selfsigned.example \
	    -addext subjectAltName=DNS:selfsigned.example \
	    -out "$p/selfsigned.example.crt"
}

# ---- network --------------------------------------------------------------

lab_net()
{
	local c=ow$LAB_NAME-c g=ow$LAB_NAME-g o=ow$LAB_NAME-o n

	for n in "$c" "$g" "$o"; do
		ip netns add "$n"
		ip -n "$n" link set lo up
		ip netns exec "$n" sysctl -qw \
		    net.ipv6.conf.all.disable_ipv6=0 \
		    net.ipv6.conf.default.accept_dad=0 \
		    net.ipv6.conf.all.accept_dad=0 \
		    net.ipv6.conf.all.accept_ra=0
	done
	ip link add lan netns "$g" type veth peer name eth0 netns "$c"
	ip link add wan netns "$g" type veth peer name eth0 netns "$o"
	lab_addr "$c" eth0 $LAB_CLIENT4/24 $LAB_CLIENT6/64
	lab_addr "$g" lan $LAB_LAN4/24 $LAB_LAN6/64
	lab_addr "$g" wan $LAB_WAN4/24 $LAB_WAN6/64
	lab_addr "$o" eth0 $LAB_ORIGIN4/24 $LAB_ORIGIN6/64
	ip -n "$c" route add default via $LAB_LAN4
	ip -n "$c" route add default via $LAB_LAN6
	ip -n "$o" route add default via $LAB_WAN4
	ip -n "$o" route add default via $LAB_WAN6
	# Answers to the client's own address come back by the gateway.
	ip netns exec "$g" sysctl -qw net.ipv4.ip_forward=1 \
	    net.ipv6.conf.all.forwarding=1 \
	    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
	    net.ipv4.conf.lan.rp_filter=0 net.ipv4.conf.wan.rp_filter=0
	# The dead address: a neighbour that never answers.
	ip -n "$g" neigh replace $LAB_DEAD4 dev wan lladdr 02:00:00:00:00:01
}

lab_addr()	# NAMESPACE DEVICE V4 V6
{
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" addr add "$4" dev "$2" nodad
	ip -n "$1" link set "$2" up
}

# ---- origin ---------------------------------------------------------------

lab_vhost()	# NAME FILE [default_server]
{
	cat <<-E
	server {
		listen 443 ssl backlog=4096${3:+ $3} reuseport;
		listen [::]:443 ssl${3:+ $3} reuseport;
		listen 80${3:+ $3};
		listen [::]:80${3:+ $3};
		server_name $1;
		ssl_certificate $LAB/pki/$2.crt;
		ssl_certificate_key $LAB/pki/$2.key;
		$([ ! -e "$LAB/pki/$2.ocsp" ] ||
		    echo "ssl_stapling on; ssl_stapling_file $LAB/pki/$2.ocsp;")
		include $LAB/www.inc;
	}
	E
}

lab_nginx_conf()
{
	local n

	mkdir -p "$LAB/www"
	cat >"$LAB/www.inc" <<-E
	location / {
		default_type text/plain;
		return 200 "host=\$host client=\$remote_addr port=\$remote_port tls=\$ssl_protocol reused=\$ssl_session_reused conn=\$connection\n";
	}
	location /file/ {
		alias $LAB/www/;
	}
	location /headers {
		default_type text/plain;
		return 200 "via=\$http_via conn=\$http_connection auth=\$http_proxy_authorization line=\$request proxy=\$http_proxy_connection\n";
	}
	E
	{
		cat <<-E
		user root;
		worker_processes 1;
		pid $LAB/nginx.pidfile;
		error_log $LAB/nginx-error.log;
		daemon off;
		events { worker_connections 4096; }
		http {
		access_log $LAB/nginx-access.log;
		ssl_protocols TLSv1.2 TLSv1.3;
		ssl_session_tickets on;
		keepalive_requests 100000;
		client_body_temp_path $LAB/tmp;
		proxy_temp_path $LAB/tmp;
		fastcgi_temp_path $LAB/tmp;
		uwsgi_temp_path $LAB/tmp;
		scgi_temp_path $LAB/tmp;
		E
		lab_vhost "$LAB_ORIGIN4" default default_server
		for n in $LAB_SERVERS $LAB_BAD; do
			[ -e "$LAB/pki/$n.crt" ] || continue
			lab_vhost "${n/#wild./.wild.}" "$n" | sed 's/ reuseport//;s/ backlog=4096//'
		done
		echo "}"
	} >"$LAB/nginx.conf"
	head -c 20000000 /dev/urandom >"$LAB/www/big"
	head -c 1024 /dev/urandom >"$LAB/www/small"
}

lab_origin_start()
{
	lab_nginx_conf
	lab_spawn o nginx nginx -p "$LAB" -c "$LAB/nginx.conf" -e "$LAB/nginx-error.log"
	lab_wait 10 lab_in o curl -sk -o /dev/null "https://$LAB_ORIGIN4/" || {
		lab_say "nginx did not start:"
		cat "$LAB/nginx.out" "$LAB/nginx-error.log" >&2
		return 1
	}
}

# Its configuration again.  Returns when its worker of before takes no
# connection any more: it would answer as before, or reset those it had not
# accepted.
lab_origin_reload()
{
	local pid before

	pid=$(cat "$LAB/nginx.pid")
	before=$(cat "/proc/$pid/task/$pid/children")
	kill -HUP "$pid"
	for pid in $before; do
		lab_wait 15 lab_not_listening "$pid" || return 1
	done
}

lab_not_listening()	# PID
{
	! lab_in o ss -Hltnp | grep -q "pid=$1,"
}

# Resolver of the lab's names, in the origin; gateway and client ask it.
lab_dns_start()
{
	local n

	command -v dnsmasq >/dev/null || {
		lab_say "dnsmasq is missing (Debian package: dnsmasq-base)"
		return 1
	}
	for n in $LAB_SERVERS $LAB_BAD; do
		echo "$LAB_ORIGIN4 $n"
		echo "$LAB_ORIGIN6 $n"
	done >"$LAB/hosts"
	echo "$LAB_DEAD4 dead.example" >>"$LAB/hosts"
	mkdir -p "/etc/netns/ow$LAB_NAME-c"
	echo "nameserver $LAB_ORIGIN4" >"/etc/netns/ow$LAB_NAME-c/resolv.conf"
	lab_spawn o dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null \
	    --no-resolv --no-hosts --addn-hosts="$LAB/hosts" --user=root \
	    --pid-file= --bind-interfaces --listen-address="$LAB_ORIGIN4" \
	    --local=/example/ --address=/loop.example/127.0.0.1 \
	    --address=/self.example/"$LAB_LAN4"
}

# ---- openwad --------------------------------------------------------------

# The categories that the profile of the reference transcript names.
LAB_CATS="140 141 96 98 99 64 65 66 67 83 86 88 90 91 36 37 57 59 61 62 6"

# The configuration of the reference transcript.  Variables change it:
# LAB_MODE tproxy|redirect, LAB_NAT enable|disable, LAB_STATUS
# deep-inspection|certificate-inspection, LAB_EXPLICIT 1, LAB_WORKERS n,
# LAB_EXTRA text at the end.
lab_conf()
{
	local i=0 c

	cat <<-E
	config system global
	    set hostname "openwad-lab"
	end
	config system interface
	    edit "lan"
	    next
	    edit "wan"
	    next
	end
	config system dns
	    set primary $LAB_ORIGIN4
	end
	config openwad settings
	    set transparent ${LAB_MODE:-tproxy}
	    set transparent-port 8443
	    set firewall-rules auto
	    set worker-count ${LAB_WORKERS:-2}
	    set category-db "$LAB/categories.db"
	end
	config log setting
	    set fwpolicy-implicit-log enable
	    set expolicy-implicit-log enable
	end
	config vpn certificate ca
	    edit "Lab_Origin_Root"
	        set ca-file "$LAB/pki/root.crt"
	    next
	end
	config firewall ssl-ssh-profile
	    edit "custom-deep-inspection"
	        config https
	            set ports 443
	            set status ${LAB_STATUS:-deep-inspection}
	        end
	        config ssl-exempt
	            edit 1
	                set fortiguard-category 87
	            next
	            edit 2
	                set fortiguard-category 33
	            next
	            edit 3
	                set fortiguard-category 31
	            next
	        end
	        set caname "$LAB_CA"
	    next
	end
	config webfilter profile
	    edit "web-filter-test"
	        config ftgd-wf
	            config filters
	E
	for c in $LAB_CATS; do
		i=$((i + 1))
		printf '%16sedit %d\n%20sset category %s\n%20sset action block\n%16snext\n' \
		    "" $i "" "$c" "" ""
	done
	cat <<-E
	                edit 40
	                    set category 11
	                    set action block
	                next
	                edit 41
	                    set category 52
	                    set action monitor
	                next
	            end
	        end
	    next
	end
	config firewall policy
	    edit 11
	        set name "Allow-lan-to-wan"
	        set srcintf "lan"
	        set dstintf "wan"
	        set action accept
	        set srcaddr "all"
	        set dstaddr "all"
	        set srcaddr6 "all"
	        set dstaddr6 "all"
	        set schedule "always"
	        set service "ALL"
	        set utm-status enable
	        set ssl-ssh-profile "custom-deep-inspection"
	        set webfilter-profile "web-filter-test"
	        set logtraffic all
	        set nat ${LAB_NAT:-enable}
	    next
	end
	E
	[ -z "${LAB_EXPLICIT:-}" ] || cat <<-E
	config web-proxy explicit
	    set status enable
	    set http-incoming-port 8080
	    set ipv6-status enable
	end
	config firewall proxy-policy
	    edit 1
	        set proxy explicit-web
	        set dstintf "wan"
	        set srcaddr "all"
	        set dstaddr "all"
	        set srcaddr6 "all"
	        set dstaddr6 "all"
	        set service "ALL"
	        set action accept
	        set schedule "always"
	        set utm-status enable
	        set ssl-ssh-profile "custom-deep-inspection"
	        set webfilter-profile "web-filter-test"
	        set logtraffic all
	    next
	end
	E
	[ -z "${LAB_EXTRA:-}" ] || printf '%s\n' "$LAB_EXTRA"
}

# The category database: 52 information technology, 31 finance, 11 gambling.
lab_categories()
{
	cat >"$LAB/categories.csv" <<-E
	github.com,52
	example.com,52
	rsa.example,52
	wild.example,52
	bank.example,31
	bet.example,11
	E
	"$LAB_BIN/wad-catdb" build -o "$LAB/categories.db" \
	    "$LAB/categories.csv" >"$LAB/catdb.out" 2>&1 || {
		lab_say "wad-catdb failed:"
		cat "$LAB/catdb.out" >&2
		return 1
	}
}

lab_ctl()	# WORDS...: one console command
{
	"$LAB_BIN/wadctl" -s "$LAB/run/control.sock" "$@"
}

# Writes the configuration and starts openwad in the gateway.
lab_openwad_start()
{
	mkdir -p "$LAB/run/certs"
	chmod 700 "$LAB/run/certs"
	cp "$LAB/pki/$LAB_CA.crt" "$LAB/pki/$LAB_CA.key" "$LAB/run/certs/"
	lab_conf >"$LAB/openwad.conf"
	lab_openwad_run
}

lab_openwad_run()	# starts it with the configuration that is there
{
	lab_spawn g openwad "$LAB_BIN/openwad" -f -c "$LAB/openwad.conf" \
	    -r "$LAB/run"
	lab_wait "${LAB_START:-15}" lab_openwad_ready || {
		lab_say "openwad did not start; it said:"
		tail -n 40 "$LAB/openwad.out" >&2
		return 1
	}
}

lab_openwad_ready()
{
	# The console answers before the first configuration is at work: the
	# packet filter rules come last.
	kill -0 "$(cat "$LAB/openwad.pid")" &&
	    lab_ctl diagnose wad debug show &&
	    lab_in g nft list tables | grep -q 'inet openwad'
}

lab_openwad_stop()
{
	lab_kill openwad
}

# curl in the client: every name is the origin's, whatever the port.
lab_curl()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    --resolve "*:443:$LAB_ORIGIN4" --resolve "*:80:$LAB_ORIGIN4" \
	    --resolve "*:8443:$LAB_ORIGIN4" "$@"
}

lab_curl6()
{
	lab_in c curl -sS --max-time 20 --cacert "$LAB/pki/$LAB_CA.crt" \
	    --resolve "*:443:[$LAB_ORIGIN6]" --resolve "*:80:[$LAB_ORIGIN6]" "$@"
}

# The certificate chain that a client is shown, as text.
lab_chain()	# NAME [s_client options]
{
	local name=$1

	shift
	lab_in c timeout 20 openssl s_client -connect "$LAB_ORIGIN4:443" \
	    -servername "$name" -CAfile "$LAB/pki/$LAB_CA.crt" \
	    -verify_hostname "$name" "$@" </dev/null 2>&1
}

# A console that streams debug lines into FILE until lab_debug_stop.
lab_debug_start()	# FILE
{
	LAB_DEBUG=$1
	mkfifo "$LAB/console.in"
	"$LAB_BIN/wadctl" -s "$LAB/run/control.sock" <"$LAB/console.in" \
	    >"$1" 2>"$LAB/console.err" &
	echo $! >"$LAB/console.pid"
	exec 8>"$LAB/console.in"
	printf '%s\n' "diagnose wad debug enable all" \
	    "diagnose wad debug enable level verbose" \
	    "diagnose debug enable" >&8
	lab_wait 5 lab_debugs
}

lab_debugs()
{
	lab_ctl diagnose debug info | grep -q 'consoles that watch: *[1-9]'
}

lab_debug_stop()
{
	sleep 1			# who writes lines comes to an end
	# Who looks into the log empties the rings, for those who watch, too;
	# an answer comes behind the lines.
	lab_ctl execute log display >/dev/null
	echo "get system status" >&8
	lab_wait 5 grep -q '^log-folder ' "$LAB_DEBUG"
	exec 8>&-
	rm -f "$LAB/console.in"
	sleep 0.2
	lab_kill console
}

# ---- all of it ------------------------------------------------------------

lab_up()	# NAME DIR BINDIR
{
	LAB_NAME=$1 LAB=$2 LAB_BIN=$3
	PATH=$PATH:/usr/sbin:/sbin
	export PATH
	mkdir -p "$LAB/tmp"
	chmod 755 "$LAB"
	lab_pki && lab_net && lab_origin_start && lab_categories
}

lab_down()	# NAME DIR: ends the processes of the lab and removes it
{
	local side pid word

	LAB_NAME=$1 LAB=$2
	for word in console openwad nginx dnsmasq; do
		lab_kill "$word"
	done
	for word in "$LAB"/*.pid; do
		[ -e "$word" ] || continue
		word=${word##*/}
		lab_kill "${word%.pid}"
	done
	for side in c g o; do
		# Whatever still lives in our own namespaces.
		for pid in $(ip netns pids "ow$LAB_NAME-$side" 2>/dev/null); do
			kill -9 "$pid" 2>/dev/null || :
		done
		ip netns delete "ow$LAB_NAME-$side" 2>/dev/null || :
		rm -rf "/etc/netns/ow$LAB_NAME-$side"
	done
	case $LAB in
	/?*) rm -rf "$LAB" ;;
	esac
}
