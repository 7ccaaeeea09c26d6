#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every #include "folder/file.h" obeys src/LAYERS.
set -u
src=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}/src
exec awk -v src="$src" '
BEGIN {
	while ((getline line < (src "/LAYERS")) > 0) {
		sub(/#.*/, "", line)
		n = split(line, w, /[: \t]+/)
		if (w[1] == "")
			continue
		known[w[1]] = 1
		may[w[1], w[1]] = 1
		for (i = 2; i <= n; i++)
			may[w[1], w[i]] = 1
	}
}
FNR == 1 {
	n = split(FILENAME, p, "/")
	folder = p[n - 1]
	if (!(folder in known)) {
		print FILENAME ": the folder is not in src/LAYERS"
		bad = 1
	}
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, q, "\"")
	if (split(q[2], f, "/") != 2) {
		print FILENAME ":" FNR ": write \"folder/file.h\", not " q[2]
		bad = 1
	} else if (!((folder, f[1]) in may)) {
		print FILENAME ":" FNR ": " folder " may not include " q[2]
		bad = 1
	}
}
END { exit bad }
' "$src"/*/*.[ch]
