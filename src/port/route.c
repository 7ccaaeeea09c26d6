/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes and interface names over NETLINK_ROUTE.  The kernel answers a
 * question while it is being sent, so waiting is bounded and in practice
 * never happens.  Names of interfaces are kept for a few seconds (an
 * interface may be renamed, an index is not given twice).
 *
 * Called by the dial stage of workers for the interfaces of policies.
 */
#include "port/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"

enum { WAIT_MS = 200, NAMES = 64, GATEWAYS = 256, NAME_AGE_MS = 5000, REPLY_MAX = 16384 };

struct question {
	struct nlmsghdr	 h;
	union {
		struct rtmsg	 rt;
		struct ifinfomsg link;
	} u;
	char		 attrs[64];
};

struct name {
	unsigned	 index;		/* 0: empty */
	uint64_t	 at;
	char		 name[IF_NAMESIZE];
};

struct gateway {
	struct wad_addr	 dst;		/* family 0: empty */
	unsigned	 oif;
	uint64_t	 at;
	struct wad_addr	 gateway;
};

/* One per role, like the channel to the parent. */
static int		 route_fd = -1;
static uint32_t		 route_seq;
static struct name	 names[NAMES];
static struct gateway	 gateways[GATEWAYS];

int
wad_route_open(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };

	if (route_fd != -1)
		return 0;
	route_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_ROUTE);
	if (route_fd == -1)
		return -1;
	if (bind(route_fd, (struct sockaddr *)&sa, sizeof(sa)) == -1) {
		int err = errno;

		wad_route_close();
		errno = err;
		return -1;
	}
	return 0;
}

void
wad_route_close(void)
{
	if (route_fd != -1)
		close(route_fd);
	route_fd = -1;
	memset(names, 0, sizeof(names));
	memset(gateways, 0, sizeof(gateways));
}

static void
add_attr(struct question *q, unsigned short type, const void *data,
    size_t len)
{
	size_t		 at = NLMSG_ALIGN(q->h.nlmsg_len);
	struct rtattr	*a = (struct rtattr *)(void *)((char *)q + at);

	WAD_ASSERT(at + RTA_SPACE(len) <= sizeof(*q));
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	q->h.nlmsg_len = (uint32_t)(at + RTA_SPACE(len));
}

/* Waits until the socket is readable; -1 with ETIMEDOUT. */
static int
wait_readable(uint64_t until)
{
	struct pollfd pfd = { .fd = route_fd, .events = POLLIN };

	for (;;) {
		uint64_t now = wad_clock_ms();
		int rc = poll(&pfd, 1, now < until ? (int)(until - now) : 0);

		if (rc > 0)
			return 0;
		if (rc == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (errno != EINTR)
			return -1;
	}
}

/* The answer to question seq in one datagram, or NULL: it was another's, or
 * a late answer to an earlier question. */
static const struct nlmsghdr *
find_answer(const char *buf, size_t len, uint32_t seq)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)buf;

	if (len < sizeof(*h) || h->nlmsg_len < sizeof(*h) ||
	    h->nlmsg_len > len || h->nlmsg_seq != seq)
		return NULL;
	return h;
}

/* NLMSG_DATA that keeps const. */
static const void *
payload(const struct nlmsghdr *h)
{
	return (const char *)h + NLMSG_HDRLEN;
}

/* Sends a question and reads its answer into buf; NULL with errno. */
static const struct nlmsghdr *
ask(struct question *q, char *buf, size_t size)
{
	uint64_t until = wad_clock_ms() + WAIT_MS;
	const struct nlmsghdr *h = NULL;

	if (route_fd == -1) {
		errno = EBADF;
		return NULL;
	}
	q->h.nlmsg_flags = NLM_F_REQUEST;
	q->h.nlmsg_seq = ++route_seq;
	while (send(route_fd, q, q->h.nlmsg_len, 0) == -1)
		if (errno != EINTR)
			return NULL;
	while (h == NULL) {
		struct sockaddr_nl from;
		socklen_t flen = sizeof(from);
		ssize_t	n = recvfrom(route_fd, buf, size, 0,
		    (struct sockaddr *)&from, &flen);

		if (n >= 0 && flen == sizeof(from) && from.nl_pid == 0) {
			h = find_answer(buf, (size_t)n, route_seq);
			continue;
		}
		/* ENOBUFS: an answer was lost; waiting will tell. */
		if (n >= 0 || errno == EINTR || errno == ENOBUFS)
			continue;
		if (errno != EAGAIN || wait_readable(until) == -1)
			return NULL;
	}
	if (h->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = payload(h);

		errno = EPROTO;
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error < 0)
			errno = -e->error;
		return NULL;
	}
	return h;
}

/* Looks through the attributes of an answer; 0 or -1 when it has none of
 * this type with at least size bytes. */
static int
get_attr(const struct nlmsghdr *h, size_t fixed, unsigned short type,
    void *data, size_t size, size_t *len)
{
	size_t		 at = NLMSG_LENGTH(NLMSG_ALIGN(fixed));
	const char	*p = (const char *)h;

	while (at + sizeof(struct rtattr) <= h->nlmsg_len) {
		struct rtattr a;

		memcpy(&a, p + at, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > h->nlmsg_len - at)
			return -1;
		if ((a.rta_type & NLA_TYPE_MASK) == type) {
			size_t n = a.rta_len - RTA_LENGTH(0);

			if (n > size)
				n = size;
			memcpy(data, p + at + RTA_LENGTH(0), n);
			*len = n;
			return 0;
		}
		at += RTA_ALIGN(a.rta_len);
	}
	return -1;
}

const char *
wad_route_ifname(unsigned index, char buf[IF_NAMESIZE])
{
	struct name	*slot = &names[index % NAMES];
	struct question	 q = { 0 };
	_Alignas(8) char reply[REPLY_MAX];
	const struct nlmsghdr *h;
	uint64_t	 now = wad_clock_ms();
	size_t		 len = 0;

	if (slot->index == index && index != 0 &&
	    now - slot->at < NAME_AGE_MS) {
		memcpy(buf, slot->name, IF_NAMESIZE);
		return buf;
	}
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.u.link));
	q.h.nlmsg_type = RTM_GETLINK;
	q.u.link.ifi_family = AF_UNSPEC;
	q.u.link.ifi_index = (int)index;
	memset(buf, 0, IF_NAMESIZE);
	h = index != 0 ? ask(&q, reply, sizeof(reply)) : NULL;
	if (h == NULL || h->nlmsg_type != RTM_NEWLINK ||
	    get_attr(h, sizeof(struct ifinfomsg), IFLA_IFNAME, buf,
	    IF_NAMESIZE - 1, &len) == -1 || buf[0] == '\0') {
		snprintf(buf, IF_NAMESIZE, "if%u", index);
		return buf;
	}
	slot->index = index;
	slot->at = now;
	memcpy(slot->name, buf, IF_NAMESIZE);
	return buf;
}

/* Routes that say no; the kernel mostly reports an error instead. */
static int
refusal(unsigned char type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_BLACKHOLE:
	case RTN_THROW:
		return ENETUNREACH;
	default:
		return 0;
	}
}

/* RTA_VIA (an IPv4 address behind an IPv6 router) begins with the family. */
static void
read_gateway(const struct nlmsghdr *h, struct wad_route *r, uint8_t family)
{
	size_t	ip = family == AF_INET ? 4 : 16, len = 0;
	uint8_t	via[2 + 16];

	if (get_attr(h, sizeof(struct rtmsg), RTA_GATEWAY, r->gateway.ip, ip,
	    &len) == 0 && len == ip)
		r->gateway.family = family;
	else if (get_attr(h, sizeof(struct rtmsg), RTA_VIA, via, sizeof(via),
	    &len) == 0 && len == sizeof(via)) {
		r->gateway.family = AF_INET6;
		memcpy(r->gateway.ip, via + 2, 16);
	}
}

static int
read_answer(const struct nlmsghdr *h, struct wad_route *r, uint8_t family)
{
	const struct rtmsg	*rt = payload(h);
	size_t			 ip = family == AF_INET ? 4 : 16, len = 0;
	uint32_t		 oif = 0;

	if (h->nlmsg_type != RTM_NEWROUTE ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*rt))) {
		errno = EPROTO;
		return -1;
	}
	errno = refusal(rt->rtm_type);
	if (errno != 0)
		return -1;
	if (get_attr(h, sizeof(*rt), RTA_OIF, &oif, sizeof(oif), &len) == -1 ||
	    len != sizeof(oif) || oif == 0) {
		errno = ENETUNREACH;
		return -1;
	}
	r->oif = oif;
	if (get_attr(h, sizeof(*rt), RTA_PREFSRC, r->src.ip, ip, &len) == 0 &&
	    len == ip) {
		r->src.family = family;
		r->have_src = true;
	}
	read_gateway(h, r, family);
	return 0;
}

int
wad_route_lookup(const struct wad_addr *dst, struct wad_route *r)
{
	_Alignas(8) char	 reply[REPLY_MAX];
	struct question		 q = { 0 };
	const struct nlmsghdr	*h;
	char			 text[WAD_ADDR_STRLEN];
	size_t			 ip = dst->family == AF_INET ? 4 : 16;

	memset(r, 0, sizeof(*r));
	if (dst->family != AF_INET && dst->family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.u.rt));
	q.h.nlmsg_type = RTM_GETROUTE;
	q.u.rt.rtm_family = dst->family;
	q.u.rt.rtm_dst_len = (unsigned char)(ip * 8);
	add_attr(&q, RTA_DST, dst->ip, ip);
	if (dst->scope != 0)
		add_attr(&q, RTA_OIF, &dst->scope, sizeof(dst->scope));
	h = ask(&q, reply, sizeof(reply));
	if (h == NULL || read_answer(h, r, dst->family) == -1) {
		/* What the kernel says of a blackhole. */
		int err = errno == EINVAL ? ENETUNREACH : errno;

		WAD_DBG(SESSION, WAD_I, "no way to %s: %s",
		    wad_addr_ip_str(dst, text), strerror(err));
		errno = err;
		return -1;
	}
	wad_route_ifname(r->oif, r->dev);
	WAD_DBG(SESSION, WAD_V, "%s is behind %s",
	    wad_addr_ip_str(dst, text), r->dev);
	return 0;
}

void
wad_route_gateway(const struct wad_addr *dst, unsigned oif,
    struct wad_addr *gateway)
{
	unsigned	 h = oif;
	uint64_t	 now = wad_clock_ms();
	struct wad_addr	 to = *dst;
	struct wad_route r;
	struct gateway	*g;

	for (size_t i = 0; i < sizeof(dst->ip); i++)
		h = h * 31 + dst->ip[i];
	g = &gateways[h % GATEWAYS];
	if (g->dst.family == 0 || g->oif != oif || now - g->at > NAME_AGE_MS ||
	    !wad_addr_ip_equal(&g->dst, dst)) {
		if (oif != 0)
			to.scope = oif;
		g->dst = *dst;
		g->oif = oif;
		g->at = now;
		memset(&g->gateway, 0, sizeof(g->gateway));
		if (wad_route_lookup(&to, &r) == 0)
			g->gateway = r.gateway;
	}
	*gateway = g->gateway;
}
