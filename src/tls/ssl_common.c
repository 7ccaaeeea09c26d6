/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both sides of the proxy share.
 */
#include "tls/ssl_common.h"

#include "base/dbg.h"

void
wad_ssl_common_on_handshake_done(const struct wad_ssl_port *sp)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(sp->ssl);

	if (sp->type == WAD_SSL_CLT && SSL_session_reused(sp->ssl))
		WAD_COUNT(CLT_RESUMED);
	WAD_DBG(SSL, WAD_I, "sp=%p/%d SSL handshake done! cipher-num=0x%04x",
	    (const void *)sp, sp->type,
	    c != NULL ? SSL_CIPHER_get_protocol_id(c) : 0u);
}

const char *
wad_ssl_common_version(const struct wad_ssl_port *sp)
{
	return sp != NULL && sp->done ? SSL_get_version(sp->ssl) : "-";
}

const char *
wad_ssl_common_cipher(const struct wad_ssl_port *sp)
{
	return sp != NULL && sp->done ? SSL_get_cipher_name(sp->ssl) : "-";
}
