#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The cases of x509-limbo (github.com/C2SP/x509-limbo), where limbo.json.gz is
# at hand: OPENWAD_LIMBO names its folder, else it is looked for beside the
# source.
set -u
src=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-$(pwd)/..}
dir=${OPENWAD_LIMBO:-$src/../shared/data/x509-limbo}
[ -r "$dir/limbo.json.gz" ] || {
	echo "SKIP: no $dir/limbo.json.gz (OPENWAD_LIMBO names the folder)"
	exit 77
}
[ -x "$build/tests/vectors/verify_vectors" ] || {
	echo "verify_vectors is not built (jansson)"
	exit 77
}
json=$(mktemp)
trap 'rm -f "$json"' EXIT
gzip -dc "$dir/limbo.json.gz" >"$json" || exit 1
"$build/tests/vectors/verify_vectors" "$json" \
    "$src/tests/vectors/limbo.accepted"
