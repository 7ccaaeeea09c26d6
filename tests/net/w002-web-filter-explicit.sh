#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# All of w001 through the explicit proxy.
# shellcheck disable=SC2034
WEB_PROXY=1
# shellcheck source=tests/net/w001-web-filter.sh
. "$(dirname "${BASH_SOURCE[0]}")/w001-web-filter.sh"
