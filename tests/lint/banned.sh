#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Calls that have no place here, the SPDX line, no copied-in tabs-to-spaces.
set -u
src=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/src
bad=0

ban()	# PATTERN WHY [files to leave out, a grep pattern]
{
	local out

	out=$(grep -nE "(^|[^A-Za-z0-9_.>])($1)[ \t]*\(" "$src"/*/*.[ch] |
	    grep -vE ':[0-9]+:[ \t]*(/?\*|//)' | grep -vE "${3:-^$}")
	[ -n "$out" ] || return 0
	printf '%s\n  -> %s\n' "$out" "$2"
	bad=1
}

ban 'getaddrinfo|gethostbyname2?|getnameinfo|res_query|res_search' \
    'names are resolved with c-ares (port/dns.c), nothing blocks'
ban 'gets|strcat|strncat|sprintf|vsprintf|strtok' \
    'no bound: use snprintf or wad_str'
ban 'system|popen|execlp' 'no shell: fork and execv of a known program'
ban 'mktemp|tmpnam|tempnam' 'use mkstemp or memfd_create'
ban 'alloca' 'no stack that a stranger can size'
ban 'pthread_create|thrd_create|fork1' 'no threads'
ban 'rand|random|srand|drand48' 'use getrandom or RAND_bytes'
ban 'localtime|gmtime|ctime|asctime|strerror_l' 'use the _r form'
ban 'malloc|calloc|realloc|strdup|strndup' \
    'small memory comes from base/xmem.h' '/base/(xmem|arena|str)\.c:'

for f in "$src"/*/*.[ch] "$src"/*/*.def; do
	[ -e "$f" ] || continue
	head -n 1 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || {
		echo "$f: the first line is not the SPDX line"
		bad=1
	}
done
# A format string stands on one line, so that a line of the console is found.
out=$(awk '
	/WAD_DBG[A-Z_]*\(/ { call = 1; n = 0 }
	call && prev ~ /"$/ && $0 ~ /^[ \t]*"/ {
		print FILENAME ":" FNR ": a format string is split"
	}
	{ prev = $0 }
	/\);/ { call = 0; prev = "" }
' "$src"/*/*.c)
[ -z "$out" ] || { echo "$out"; bad=1; }
exit $bad
