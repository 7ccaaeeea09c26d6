/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose certificate is picked.
 */
#include "tls/cert_picker.h"

#include "base/dbg.h"

void
wad_cert_picker_get_subject(const struct wad_ssl_nego *n)
{
	WAD_DBG(CERT, WAD_I, "subject=/CN=%s", n->host);
}
