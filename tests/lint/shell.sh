#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs shellcheck over every shell script, where it is installed.
set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
command -v shellcheck >/dev/null || {
	echo "SKIP: shellcheck is missing"
	exit 77
}
cd "$top" || exit 1
exec shellcheck -x -P . contrib/lab.sh contrib/quickstart .ci/run \
    tests/*.sh tests/net/*.sh tests/lint/*.sh tests/reference/*.sh tests/vectors/*.sh
