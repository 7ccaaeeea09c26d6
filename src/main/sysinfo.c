/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the machine for the console, see sysinfo.h.
 */
#include "main/sysinfo.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "main/links.h"
#include "main/main.h"

/* The beginning of /proc/stat is what counts: cpu lines. */
enum { FILE_MAX = 32 * 1024 };

static void
add_file(struct wad_str *out, const char *path)
{
	char	buf[4096];
	size_t	all = 0;
	ssize_t	n;
	int	fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	while (all < FILE_MAX && (n = read(fd, buf, sizeof(buf))) > 0) {
		wad_str_addn(out, buf, (size_t)n);
		all += (size_t)n;
	}
	close(fd);
}

static void
add_process(struct wad_str *out, const char *role, unsigned index, int pid)
{
	char path[64];

	if (pid <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	wad_str_addf(out, "process %s %u\n", role, index);
	add_file(out, path);
}

void
wad_sysinfo_answer(struct wad_main *m, uint32_t id, const char *what)
{
	struct wad_str	out = { 0 };
	bool		ok = true;

	if (strcmp(what, "links") == 0)
		ok = wad_links_list(m->conf, &out) == 0;
	else if (strcmp(what, "memory") == 0)
		add_file(&out, "/proc/meminfo");
	else if (strcmp(what, "performance") == 0) {
		wad_str_add(&out, "uptime ");
		add_file(&out, "/proc/uptime");
		add_file(&out, "/proc/meminfo");
		add_process(&out, "openwad", 0, (int)getpid());
		for (unsigned i = 0; i < m->n_slots; i++)
			add_process(&out,
			    wad_role_rows[m->slots[i].role].program,
			    m->slots[i].index, (int)m->slots[i].pid);
		add_file(&out, "/proc/stat");
	}
	wad_reload_answer(m, id, ok && out.len > 0, out.len > 0 ? out.s :
	    "/proc cannot be read");
	wad_str_free(&out);
}

/* ICMP_FILTER of linux/icmp.h, which does not go together with net/if.h. */
enum { RAW_ICMP_FILTER = 1 };

/* It hears answers only (wad-control needs no other ICMP of this host). */
static int
only_replies(int fd, bool v6)
{
	struct icmp6_filter	 f6;
	uint32_t		 f4 = ~(1u << ICMP_ECHOREPLY);

	if (!v6)
		return setsockopt(fd, SOL_RAW, RAW_ICMP_FILTER, &f4, sizeof(f4));
	ICMP6_FILTER_SETBLOCKALL(&f6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &f6);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &f6, sizeof(f6));
}

static int
ping_socket(const struct wad_addr *target, const struct wad_addr *source)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	bool			 v6 = target->family == AF_INET6;
	int			 fd, e;

	fd = socket(target->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (fd == -1)
		return -1;
	if (only_replies(fd, v6) == -1)
		goto fail;
	if (source->family != 0) {
		len = wad_addr_to_sockaddr(source, &ss);
		if (bind(fd, (struct sockaddr *)&ss, len) == -1)
			goto fail;
	}
	len = wad_addr_to_sockaddr(target, &ss);
	if (connect(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
fail:
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

void
wad_sysinfo_ping(struct wad_main *m, uint32_t id,
    const struct wad_addr *target, const struct wad_addr *source)
{
	struct wad_role_slot	*s = wad_roles_slot(m, WAD_ROLE_CONTROL, 0);
	struct wad_addr		 to = *target, from = *source;
	struct wad_msg		 msg;
	int			 fd;

	to.port = from.port = 0;
	fd = ping_socket(&to, &from);
	if (s == NULL || s->chan == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	wad_msg_init(&msg, WAD_MSG_CTL_ANSWER, id);
	wad_msg_add_u32(&msg, fd != -1);
	wad_msg_add_str(&msg, fd != -1 ? "" : strerror(errno));
	if (fd != -1)
		wad_msg_add_fd(&msg, fd);
	(void)wad_chan_send(s->chan, &msg);
	wad_msg_free(&msg);
	if (fd != -1)
		close(fd);
}
