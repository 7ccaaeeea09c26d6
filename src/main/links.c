/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interfaces from the kernel (rtnetlink(7), RTM_GETLINK).  The parent asks,
 * because wad-control has no netlink socket.
 */
#include "main/links.h"

#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* The text fits into one message; what is beyond it is counted. */
enum { WAIT_S = 2, ANSWERS_MAX = 4096, TEXT_MAX = 100 * 1024 };

struct link {
	char		name[16];
	uint32_t	mtu, lower, master;
};

static uint32_t
number(const struct rtattr *a)
{
	uint32_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static void
attribute(const struct rtattr *a, struct link *l)
{
	size_t n = RTA_PAYLOAD(a);

	switch (a->rta_type) {
	case IFLA_IFNAME:
		if (n > sizeof(l->name) - 1)
			n = sizeof(l->name) - 1;
		memcpy(l->name, RTA_DATA(a), n);
		break;
	case IFLA_MTU:
		l->mtu = number(a);
		break;
	case IFLA_LINK:
		l->lower = number(a);
		break;
	case IFLA_MASTER:
		l->master = number(a);
		break;
	default:
		break;
	}
}

static void
say(const struct wad_conf *conf, const struct ifinfomsg *i,
    const struct link *l, struct wad_str *out)
{
	const char	*name = l->name;
	char		 esc[64];

	for (size_t k = 0; conf != NULL && k < conf->n_ifs; k++)
		if (strcmp(conf->ifs[k].device, l->name) == 0)
			name = conf->ifs[k].name;
	wad_str_addf(out, "if=%s family=%02x type=%u index=%d mtu=%u link=%u "
	    "master=%u", wad_str_escape(esc, sizeof(esc), name,
	    strlen(name)), i->ifi_family, i->ifi_type, i->ifi_index, l->mtu,
	    l->lower, l->master);
	if (name != l->name)
		wad_str_addf(out, " dev=%s", wad_str_escape(esc, sizeof(esc),
		    l->name, strlen(l->name)));
	wad_str_add(out, "\n");
}

/* One datagram: 1 when the list is complete, -1 with errno, else 0. */
static int
datagram(const struct wad_conf *conf, const char *buf, ssize_t size,
    struct wad_str *out, unsigned *more)
{
	const struct nlmsghdr	*h = (const void *)buf;
	size_t			 left = (size_t)size;

	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		const struct ifinfomsg	*i = NLMSG_DATA(h);
		const struct rtattr	*a = IFLA_RTA(i);
		struct link		 l = { .name = "" };
		size_t			 n;

		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			errno = EIO;
			return -1;
		}
		if (h->nlmsg_type != RTM_NEWLINK ||
		    h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
			continue;
		n = h->nlmsg_len - NLMSG_LENGTH(sizeof(*i));
		for (; RTA_OK(a, n); a = RTA_NEXT(a, n))
			attribute(a, &l);
		if (out->len > TEXT_MAX)
			(*more)++;
		else
			say(conf, i, &l, out);
	}
	return 0;
}

int
wad_links_list(const struct wad_conf *conf, struct wad_str *out)
{
	struct { struct nlmsghdr h; struct ifinfomsg i; } q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	struct timeval	tv = { .tv_sec = WAIT_S };
	_Alignas(struct nlmsghdr) char buf[32768];
	unsigned	more = 0;
	ssize_t		n = -1;
	int		fd, rc = -1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == -1 ||
	    send(fd, &q, sizeof(q), 0) != (ssize_t)sizeof(q))
		goto out;
	for (int k = 0; k < ANSWERS_MAX; k++) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n == -1 && errno == EINTR)
			continue;
		rc = n == -1 ? -1 : datagram(conf, buf, n, out,
		    &more);
		if (rc != 0)
			break;
	}
out:
	if (rc != 1) {
		wad_str_free(out);
		wad_str_addf(out, "the kernel does not list its interfaces: "
		    "%s\n", strerror(errno));
	} else if (more > 0)
		wad_str_addf(out, "and %u more\n", more);
	if (fd != -1)
		close(fd);
	return rc == 1 ? 0 : -1;
}
