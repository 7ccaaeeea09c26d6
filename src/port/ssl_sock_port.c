/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the TLS filter to the socket, see ssl_sock_port.h.
 */
#include "port/ssl_sock_port.h"

#include "base/dbg.h"
#include "base/xmem.h"

void
wad_ssl_sock_port_fts_in_write(struct wad_ssl_port *sp, const void *data,
    size_t len)
{
	WAD_DBG(PACKET, WAD_V, "sp=%p/%d start=%zu len=%zu", (void *)sp,
	    sp->type, sp->port->out.len, len);
	wad_buf_add(&sp->port->out, data, len);
}

static void
wad_ssl_sock_port_exec_dn_forward(struct wad_ssl_port *sp)
{
	WAD_DBG(PACKET, WAD_V, "sp=%p/%d ib-len=%zu", (void *)sp, sp->type,
	    sp->port->out.len);
	wad_tcp_port_out_read_sync(sp->port);
}

void
wad_ssl_sock_port_out_ops_sync(struct wad_ssl_port *sp)
{
	if (sp->port->out.len == 0)
		return;
	WAD_DBG(PACKET, WAD_V, "sp=%p/%d state=%d fts-input=%zu proxy-input=%zu", (void *)sp, sp->type, sp->state,
	    sp->port->out.len, sp->port->in.len);
	wad_ssl_sock_port_exec_dn_forward(sp);
}

void
wad_ssl_app_port_fts_in_close(const struct wad_ssl_port *sp, int type,
    bool closed)
{
	WAD_DBG(SESSION, WAD_I, "sp=%p/%d recv close request from fts close-type=%d closed=%d", (const void *)sp, sp->type, type,
	    closed);
}
