/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_TLS_SSL_COMMON_H
#define WAD_TLS_SSL_COMMON_H

#include "port/ssl_port.h"

/* A handshake is complete: line 36. */
void	wad_ssl_common_on_handshake_done(const struct wad_ssl_port *);
/* "TLSv1.3", for logs. */
const char *wad_ssl_common_version(const struct wad_ssl_port *);
/* "TLS_AES_128_GCM_SHA256", for logs. */
const char *wad_ssl_common_cipher(const struct wad_ssl_port *);

#endif
