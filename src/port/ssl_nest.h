/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port whose bytes go through TLS: what a session sees as a socket is a
 * TLS connection with a client that was finished before (TLS to the explicit
 * proxy; inside it the client speaks TLS again).
 */
#ifndef WAD_PORT_SSL_NEST_H
#define WAD_PORT_SSL_NEST_H

#include "port/ssl_port.h"

/* Puts a port on top of a finished handshake.  The TLS port and the TCP port
 * below it belong to it from now on, and so does nego, which is given to
 * nego_free in the end.  Wakes its owner as the port below did; what has
 * come already is in `in`. */
struct wad_tcp_port *wad_ssl_nest_over(struct wad_ssl_port *,
	    void (*nego_free)(void *nego));

#endif
