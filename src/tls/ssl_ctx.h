/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two SSL_CTX of a worker, made once: nothing is parsed or fetched per
 * connection.  What differs by profile is set on the SSL.
 */
#ifndef WAD_TLS_SSL_CTX_H
#define WAD_TLS_SSL_CTX_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

/* Makes both; 0, or -1 with OpenSSL's reason on stderr. */
int	wad_ssl_ctx_init(void);
SSL_CTX	*wad_ssl_ctx_clt(void);		/* we are the server */
SSL_CTX	*wad_ssl_ctx_srv(void);		/* we are the client */
/* True when this named group (RFC 8446 section 4.2.7) is in our list. */
bool	wad_ssl_ctx_has_group(uint16_t);

#endif
