#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Block pages: status, headers, language, an administrator's own page, what
# `openwad -t` says of a wrong one, and a look at pages from the console.
# shellcheck disable=SC2034
# shellcheck source=tests/net/lib.sh
. "${top_srcdir:-$(dirname "$0")/../..}/tests/net/lib.sh"
net_lab
mkdir "$LAB/pages"
cp "$top_srcdir"/contrib/pages/*.txt "$LAB/pages"
LAB_EXTRA='config openwad settings
    set page-dir "'$LAB'/pages"
end'
lab_openwad_start || fail "openwad did not start"
browser=(-H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8')

# What a browser gets.
out=$(lab_curl -i "${browser[@]}" 'https://bet.example/x?secret=1') ||
    fail "no page: $out"
has "$out" '^HTTP/1.1 403 Forbidden' status
has "$out" '^Content-Type: text/html; charset=utf-8' type
has "$out" '^Cache-Control: no-store' cache
has "$out" "^Content-Security-Policy: default-src 'none';.*form-action 'none'" CSP
has "$out" '<html lang="en">' language
has "$out" 'This site is blocked' title
has "$out" 'https://bet.example' site
has "$out" 'Gambling' category
has "$out" '>11</td>' policy
has "$out" 'openwad-lab' gateway
html=$out
hasnt "$out" 'secret' "the query"
hasnt "$out" '<script|src=|href=' "outside resources"

# In the client's language.
out=$(lab_curl -i "${browser[@]}" -H 'Accept-Language: it, de-CH;q=0.8, en;q=0.5' \
    https://bet.example/)
has "$out" '^Content-Language: de' "German"
has "$out" 'Diese Website ist gesperrt' "German"
out=$(lab_curl "${browser[@]}" -H 'Accept-Language: fr' https://bet.example/)
has "$out" 'Ce site est bloqué' "French"
out=$(lab_curl "${browser[@]}" -H 'Accept-Language: xx' https://bet.example/)
has "$out" 'This site is blocked' "a language that is not there"

# Who reads no HTML gets a line.
out=$(lab_curl -i https://bet.example/)
has "$out" '^Content-Type: text/plain; charset=utf-8' "curl: type"
has "$out" '^This site is blocked: bet.example \(Gambling\); .*\[blocked, policy 11, session [0-9]+, openwad-lab\]' "curl: line"
# HEAD: the same head, no body.
out=$(lab_curl -I https://bet.example/)
has "$out" '^HTTP/1.1 403' "HEAD"
has "$out" '^Content-Length: [1-9]' "HEAD"

# From the numbers on a page to the record (doc/pages).
number=$(sed -n 's/.*Session<.th><td[^>]*>\([0-9]*\)<.*/\1/p' <<<"$html")
[ -n "$number" ] || fail "no session on the page"
out=$(ctl <<E
execute log filter category webfilter
execute log filter field sessionid $number
execute log display
E
)
has "$out" '1 logs found' "record of session $number"
has "$out" 'hostname="bet.example"' "record of session $number"

# The console shows pages.
out=$(ctl diagnose wad page list)
has "$out" '^ftgd-block +fortiguard-wf +ftgd-block +built-in' list
has "$out" '^languages: en de es fr' languages
out=$(ctl diagnose wad page show ftgd-warning es)
has "$out" '¿Quiere abrir este sitio\?' show
has "$out" '<form method="post" action="/example">' button
lab_ctl diagnose wad page show nothing >/dev/null 2>&1 && fail "a page 'nothing'"

# An administrator's own page, set from the console; one for a group.
ctl >/dev/null <<'E'
config system replacemsg fortiguard-wf ftgd-block
    set buffer "<!DOCTYPE html><title>Own</title><p>Own page: %%CATEGORY%% %%HOSTNAME%% %%URL%% %%NOBODY%%.</p>"
end
E
# shellcheck disable=SC2317
own()
{
	out=$(lab_curl "${browser[@]}" 'https://bet.example/<b>') &&
	    [[ $out == *"Own page"* ]]
}
lab_wait 5 own || fail "own page: $out"
has "$out" '<p>Own page: Gambling bet.example https://bet.example/(&lt;b&gt;)? \.</p>' "own page"
out=$(ctl diagnose wad page list)
has "$out" 'ftgd-block +own' list
out=$("$LAB_BIN/openwad" -t -c "$LAB/openwad.conf" -r "$LAB/run" 2>&1)
has "$out" 'warning: system replacemsg fortiguard-wf ftgd-block: %%NOBODY%% is not known here' "unknown name"

# Translations that are wrong are told; openwad runs with what is right.
printf 'from = \377\nfromm = x\nftgd-block.title = Lí\n' >"$LAB/pages/gl.txt"
touch "$LAB/pages/Readme.txt"
out=$("$LAB_BIN/openwad" -t -c "$LAB/openwad.conf" -r "$LAB/run" 2>&1) ||
    fail "a wrong translation: $out"
has "$out" 'gl.txt:1: the words are not UTF-8' "wrong words"
has "$out" "gl.txt:2: there is no key 'fromm'; did you mean 'from'" "wrong key"
has "$out" 'gl.txt: shown in English, for they are missing: url-block.title' "missing"
has "$out" 'Readme.txt: its name is no language' "wrong name"
exit 0
