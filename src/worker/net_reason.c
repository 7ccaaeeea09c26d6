/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of the kernel, what they mean before and after the connection is
 * there.
 *
 * ICMP errors come as the errno that ICMP's and ICMPv6's codes have in Linux
 * (net, host, port unreachable, prohibited).  Before the connection is there
 * they end it at once.  After that they are hints (RFC 1122 section
 * 4.2.3.9: they must not abort it, or anybody could): when the retransmissions
 * are over, the kernel reports the hint in place of ETIMEDOUT.
 */
#include "worker/net_reason.h"

#include <errno.h>
#include <stddef.h>

static const struct row {
	int		   err;
	enum wad_reason_id connect, server, client;
} rows[] = {
	{ ECONNREFUSED, WR_SRV_REFUSED, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ ECONNRESET, WR_SRV_REFUSED, WR_SRV_RST, WR_CLT_RST },
	{ ETIMEDOUT, WR_SRV_TIMEOUT, WR_SRV_LOST, WR_CLT_LOST },
	{ EHOSTUNREACH, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ ENETUNREACH, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ EACCES, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ EPERM, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ EHOSTDOWN, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ ENETDOWN, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ ENONET, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ ENOPROTOOPT, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	{ EPROTO, WR_SRV_UNREACHABLE, WR_SRV_UNREACHABLE,
	    WR_CLT_UNREACHABLE },
	/* ours, not theirs */
	{ EMFILE, WR_LIMIT, WR_SRV_RST, WR_CLT_RST },
	{ ENFILE, WR_LIMIT, WR_SRV_RST, WR_CLT_RST },
	{ ENOBUFS, WR_LIMIT, WR_SRV_RST, WR_CLT_RST },
	{ EADDRNOTAVAIL, WR_LIMIT, WR_SRV_RST, WR_CLT_RST },
	{ ENOMEM, WR_MEMORY, WR_SRV_RST, WR_CLT_RST },
};

static const struct row *
row_of(int err)
{
	static const struct row other = { 0, WR_SRV_UNREACHABLE, WR_SRV_RST,
		WR_CLT_RST };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == err)
			return &rows[i];
	return &other;
}

enum wad_reason_id
wad_net_reason_connect(int err)
{
	return row_of(err)->connect;
}

enum wad_reason_id
wad_net_reason_broken(int err, bool server)
{
	return server ? row_of(err)->server : row_of(err)->client;
}
