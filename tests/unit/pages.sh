#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every page in every language that comes with openwad is HTML as it should
# be; see html_pages.py.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-$top/build}
command -v python3 >/dev/null || {
	echo "SKIP: python3 is missing"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$build/tests/unit/check_page" "$dir" "$top"/contrib/pages/*.txt || exit 1
python3 "$top/tests/unit/html_pages.py" "$dir"
