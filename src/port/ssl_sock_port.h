/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pump that joins a TLS filter and its socket: lines 59 to 66.
 */
#ifndef WAD_PORT_SSL_SOCK_PORT_H
#define WAD_PORT_SSL_SOCK_PORT_H

#include "port/ssl_port.h"

/* Bytes from TLS enter the port's out buffer. */
void	wad_ssl_sock_port_fts_in_write(struct wad_ssl_port *, const void *,
	    size_t len);
/* Brings out what waits: prints its state, then forwards. */
void	wad_ssl_sock_port_out_ops_sync(struct wad_ssl_port *);
/* A close request came from one side; type: 0 FIN, 1 RST, 2 close_notify,
 * 3 local. */
void	wad_ssl_app_port_fts_in_close(const struct wad_ssl_port *, int type,
	    bool closed);

#endif
