#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The category database is written over in place while workers have it mapped,
# and is no database when a worker starts again: nobody dies of it, a failed
# rating blocks, and a whole database is taken at the next reload.
# shellcheck disable=SC2034
NET_KILLS=1 LAB_WORKERS=1
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_start
log=$LAB/run/log/openwad.log

is()	# CODE WHAT: what a client of a category that is allowed gets
{
	local code

	code=$(lab_curl -o /dev/null -w '%{http_code}' https://github.com/)
	[ "$code" = "$1" ] || fail "$2: $code, not $1"
}

is 200 "a whole database"
worker=$(role_pids worker)
cp "$LAB/categories.db" "$LAB/whole.db"
: >"$LAB/categories.db"
is 403 "a database that was cut"
is 403 "a database that was cut, again"
[ "$(role_pids worker)" = "$worker" ] || fail "the worker died of it"
record 0100090000 'level="error"' 'the category database cannot be read'

# shellcheck disable=SC2317
again()
{
	[ -n "$(role_pids worker)" ] && [ "$(role_pids worker)" != "$worker" ] &&
	    lab_ctl get system status | grep -q '^worker 0 pid [1-9].* generation [1-9]'
}
kill -9 "$worker"
lab_wait 10 again || fail "the worker did not come back"
worker=$(role_pids worker)
is 403 "a worker that started without a database"
record 0100090000 'level="error"' 'not a category database of wad-catdb; no rating'

# a reload does not take it, the worker goes on; then there is a whole one
out=$(lab_ctl execute reload 2>&1) && fail "a reload took it"
has "$out" 'not a category database of wad-catdb; make it again' "a reload"
mv "$LAB/whole.db" "$LAB/categories.db"
ctl execute reload >/dev/null
is 200 "a whole database again"
[ "$(role_pids worker)" = "$worker" ] || fail "the worker died"
exit 0
