/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP_INFO and the ingress interface.  <linux/tcp.h> has the segment counters,
 * which the C library's header lacks, and does not go together with it.
 */
#include "port/sock_facts.h"

#include <linux/tcp.h>
#include <netinet/in.h>

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int
wad_sock_facts_tcp(int fd, struct wad_sock_facts *f)
{
	struct tcp_info	info;
	socklen_t	len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return -1;
	f->state = info.tcpi_state;
	f->segs_in = info.tcpi_segs_in;
	f->segs_out = info.tcpi_segs_out;
	return 0;
}

void
wad_sock_facts_listen(int fd)
{
	int one = 1;

	(void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
}

/* An IPv4 socket hands out where its handshake came from as if it had been
 * received with a packet. */
static unsigned
ingress_v4(int fd)
{
	_Alignas(struct cmsghdr) char buf[256];
	struct msghdr	 m = { 0 };
	struct in_pktinfo pi;
	socklen_t	 len = sizeof(buf);

	if (getsockopt(fd, IPPROTO_IP, IP_PKTOPTIONS, buf, &len) == -1)
		return 0;
	m.msg_control = buf;
	m.msg_controllen = len;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL;
	    c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO ||
		    c->cmsg_len < CMSG_LEN(sizeof(pi)))
			continue;
		memcpy(&pi, CMSG_DATA(c), sizeof(pi));
		return (unsigned)pi.ipi_ifindex;
	}
	return 0;
}

unsigned
wad_sock_facts_ingress(int fd)
{
	int		index = 0;
	socklen_t	len = sizeof(index);

	/* IPv6 sockets, also with an IPv4 peer, keep it as the interface that
	 * they would send to groups by */
	if (getsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, &len) == 0)
		return index > 0 ? (unsigned)index : 0;
	return ingress_v4(fd);
}
