#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# RFC 9113 and RFC 7541 in the eyes of a client (h2spec.py): each malformed
# thing is answered as they say, and the well formed ones reach the origin.
# shellcheck disable=SC2034
LAB_EXTRA='config openwad settings
set hello-timeout 3
end
config firewall ssl-ssh-profile
edit "custom-deep-inspection"
config https
set ports 443 9443
end
next
end'
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
need nghttpd
python_with h2 hpack
net_start
p=$LAB/pki/github.com
lab_spawn o nghttpd nghttpd -a "$LAB_ORIGIN4" -d "$LAB/www" 9443 \
    "$p.key" "$p.crt"
origin_on 9443
lab_in c timeout 200 "$python" "$here/h2spec.py" "$LAB_ORIGIN4" 9443 \
    github.com "$LAB/pki/$LAB_CA.crt" "$@" || fail "see above"
exit 0
