/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SSL_CTX of a worker, made once: nothing is parsed or fetched per
 * connection.  One for each side, and again for profiles that allow versions
 * before TLS 1.2; what else differs by profile is set on the SSL.
 */
#ifndef WAD_TLS_SSL_CTX_H
#define WAD_TLS_SSL_CTX_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

/* Makes all; 0, or -1 with OpenSSL's reason on stderr. */
int	wad_ssl_ctx_init(void);
void	wad_ssl_ctx_free(void);
/* By the profile's min-allowed-ssl-version. */
SSL_CTX	*wad_ssl_ctx_clt(uint16_t min_version);	/* we are the server */
SSL_CTX	*wad_ssl_ctx_srv(uint16_t min_version);	/* we are the client */

#endif
