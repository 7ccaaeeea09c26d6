/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute ping, ping6, ping-options (seed action-ip-conn): is the server there,
 * seen from this gateway?  The name is resolved by a worker, the socket comes
 * from the parent, connected to the target; the echoes are made and read here.
 */
#include "control/console.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* GAP_MS: between two echoes of one console, however its pings follow each
 * other.  Who may only look may ping, but this is no tool to flood with. */
enum { RESOLVE_MS = 6000, SOCKET_MS = 5000, SIZE_MAX_BYTES = 65000,
	HEADER = 8, GAP_MS = 200 };

struct ping {
	struct wad_console *c;
	struct wad_ping_options opt;
	char		 name[WAD_HOST_MAX];
	struct wad_addr	 to;		/* family 0: not resolved yet */
	int		 want;		/* address family */
	int		 fd;		/* -1: not there yet */
	struct event	*readable, *timer;
	uint16_t	 id;
	unsigned	 sent, received;
	uint64_t	 sent_us, min, max, sum;
	bool		 answered;	/* the one under way */
	bool		 over;
	bool		 announced;
};

void
wad_cmd_ping_reset(struct wad_ping_options *o)
{
	memset(o, 0, sizeof(*o));
	o->count = 5;
	o->size = 56;
	o->timeout = 2;
	o->interval = 1;
}

/* RFC 1071. */
static uint16_t
checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	if (n > 0)
		sum += (uint32_t)(p[0] << 8);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static uint64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000;
}

static void
wait_for(struct ping *p, uint64_t ms)
{
	const struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	evtimer_add(p->timer, &tv);
}

/* One echo request: RFC 792, RFC 4443 section 4.1 (there the kernel fills in
 * the checksum). */
static void
send_echo(struct ping *p)
{
	uint8_t	*b = wad_xcalloc(1, HEADER + p->opt.size);
	bool	 v6 = p->to.family == AF_INET6;
	uint16_t id = htons(p->id), seq = htons((uint16_t)p->sent), sum;

	b[0] = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	memcpy(b + 4, &id, 2);
	memcpy(b + 6, &seq, 2);
	for (unsigned i = 0; i < p->opt.size; i++)
		b[HEADER + i] = (uint8_t)i;
	if (!v6) {
		sum = checksum(b, HEADER + p->opt.size);
		memcpy(b + 2, &sum, 2);
	}
	p->sent++;
	p->answered = false;
	p->sent_us = now_us();
	if (send(p->fd, b, HEADER + p->opt.size, MSG_DONTWAIT) == -1)
		wad_console_say(p->c, "sendto: %s\n", strerror(errno));
	free(b);
	p->c->ping_next = wad_clock_ms() + GAP_MS;
	wait_for(p, p->opt.timeout * 1000u);
}

/* The answer to the echo under way: its length without the IP header, and the
 * hops that it had left; 0 when it is something else. */
static size_t
is_answer(const struct ping *p, const uint8_t *b, size_t n, unsigned *ttl)
{
	bool	v6 = p->to.family == AF_INET6;
	uint16_t id, seq;

	*ttl = 0;
	if (!v6) {		/* a raw socket gives the IP header, too */
		size_t head = n > 0 ? (size_t)(b[0] & 15) * 4 : 0;

		if (n < 20 || head < 20 || n < head + HEADER)
			return 0;
		*ttl = b[8];
		b += head;
		n -= head;
	}
	if (n < HEADER || b[0] != (v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
		return 0;
	memcpy(&id, b + 4, 2);
	memcpy(&seq, b + 6, 2);
	return ntohs(id) == p->id &&
	    ntohs(seq) == (uint16_t)(p->sent - 1) ? n : 0;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ping	*p = arg;
	uint8_t		 b[SIZE_MAX_BYTES + 128];
	char		 ip[WAD_ADDR_STRLEN];
	unsigned	 ttl;
	ssize_t		 n;
	size_t		 len;

	(void)what;
	for (int i = 0; i < 16 && !p->answered; i++) {
		uint64_t us;

		n = recv(fd, b, sizeof(b), MSG_DONTWAIT);
		if (n == -1)
			break;
		len = is_answer(p, b, (size_t)n, &ttl);
		if (len == 0)
			continue;
		us = now_us() - p->sent_us;
		p->answered = true;
		p->received++;
		p->sum += us;
		p->max = us > p->max ? us : p->max;
		p->min = p->received == 1 || us < p->min ? us : p->min;
		wad_console_say(p->c, "%zu bytes from %s: icmp_seq=%u", len,
		    wad_addr_ip_str(&p->to, ip), p->sent - 1);
		if (ttl > 0)
			wad_console_say(p->c, " ttl=%u", ttl);
		wad_console_say(p->c, " time=%.1f ms\n", (double)us / 1000);
		p->over = p->sent >= p->opt.count;
		if (!p->over)
			wait_for(p, p->opt.interval * 1000u);
		wad_console_unpark(p->c);
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ping *p = arg;

	(void)fd;
	(void)what;
	if (!p->answered && p->sent > 0)
		wad_console_say(p->c, "Timeout ...\n");
	if (p->sent >= p->opt.count)
		p->over = true;
	else
		send_echo(p);
	wad_console_unpark(p->c);
}

static void
summary(struct ping *p)
{
	char ip[WAD_ADDR_STRLEN];

	wad_console_say(p->c, "\n--- %s ping statistics ---\n%u packets "
	    "transmitted, %u packets received, %u%% packet loss\n",
	    wad_addr_ip_str(&p->to, ip), p->sent, p->received,
	    (p->sent - p->received) * 100 / p->sent);
	if (p->received > 0)
		wad_console_say(p->c, "round-trip min/avg/max = %.1f/%.1f/%.1f "
		    "ms\n", (double)p->min / 1000, (double)p->sum /
		    p->received / 1000, (double)p->max / 1000);
	else
		p->c->status = WAD_CTL_FAILED;
}

static void
failed(struct ping *p, enum wad_ctl_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void
failed(struct ping *p, enum wad_ctl_status st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	wad_str_vaddf(&p->c->reply, fmt, ap);
	va_end(ap);
	p->c->status = (int)st;
	p->over = true;
	p->sent = 0;
}

static void
on_resolved(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	struct ping	*p = c->more_arg;
	struct wad_addr	 a;
	uint32_t	 n;
	const char	*err = "no answer";

	(void)tag;
	if (m == NULL || wad_msg_get_u32(m, &n) == -1) {
		failed(p, WAD_CTL_SILENT, "the worker gave no answer\n");
		return;
	}
	for (; n > 0 && wad_msg_get_addr(m, &a) == 0; n--)
		if (p->to.family == 0 && (a.family == p->want ||
		    (n == 1 && p->want == AF_INET)))
			p->to = a;	/* ping takes IPv6 where that is all */
	if (p->to.family != 0)
		return;
	(void)wad_msg_get_str(m, &err);
	failed(p, WAD_CTL_FAILED, "Unable to resolve hostname: %s%s%s\n",
	    p->name, *err != '\0' ? ": " : "", err);
}

static void
on_socket(struct wad_console *c, unsigned tag, struct wad_msg_in *m)
{
	struct ping	*p = c->more_arg;
	uint32_t	 ok;
	const char	*err;

	(void)tag;
	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 ||
	    wad_msg_get_str(m, &err) == -1) {
		failed(p, WAD_CTL_SILENT, "openwad gave no answer\n");
		return;
	}
	p->fd = wad_msg_take_fd(m);
	if (p->fd == -1) {
		failed(p, WAD_CTL_FAILED, "%s cannot be asked from here: "
		    "%s\n", p->name, err);
		return;
	}
	p->readable = event_new(c->ctl->base, p->fd, EV_READ | EV_PERSIST,
	    on_readable, p);
	event_add(p->readable, NULL);
}

static void
ask(struct ping *p, struct wad_chan *chan, struct wad_msg *m, unsigned ms,
    wad_console_done_fn *done)
{
	if (wad_console_ask(p->c, chan, m, ms, done, 0) == -1)
		failed(p, WAD_CTL_SILENT, "nobody can be asked, try again\n");
	wad_msg_free(m);
}

/* Resolve, get the socket, announce, and then the events do the rest. */
static bool
ping_more(struct wad_console *c, void *arg)
{
	struct ping	*p = arg;
	char		 ip[WAD_ADDR_STRLEN];
	struct wad_msg	 m;
	unsigned	 i = 0;

	if (p->over || c->stopping) {
		if (p->sent > 0)
			summary(p);
		return false;
	}
	if (p->to.family == 0) {
		while (i < WAD_CTL_WORKERS - 1 && c->ctl->workers[i] == NULL)
			i++;
		wad_msg_init(&m, WAD_MSG_RESOLVE, 0);
		wad_msg_add_str(&m, p->name);
		ask(p, c->ctl->workers[i], &m, RESOLVE_MS, on_resolved);
		return true;
	}
	if (p->fd == -1) {
		wad_msg_init(&m, WAD_MSG_CTL_PING, 0);
		wad_msg_add_addr(&m, &p->to);
		wad_msg_add_addr(&m, &p->opt.source);
		ask(p, c->ctl->parent, &m, SOCKET_MS, on_socket);
		return true;
	}
	if (!p->announced) {
		p->announced = true;
		wad_console_say(c, "PING %s (%s): %u data bytes\n", p->name,
		    wad_addr_ip_str(&p->to, ip), p->opt.size);
		if (wad_clock_ms() < c->ping_next)
			wait_for(p, c->ping_next - wad_clock_ms());
		else
			send_echo(p);
	}
	wad_console_park(c);
	return true;
}

static void
ping_free(void *arg)
{
	struct ping *p = arg;

	if (p->readable != NULL)
		event_free(p->readable);
	event_free(p->timer);
	if (p->fd != -1)
		close(p->fd);
	free(p);
}

static void
ping_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	static uint16_t	 id;
	struct ping	*p;
	char		 host[WAD_HOST_MAX], esc[256];

	if (wad_str_host_canon(host, a->arg[0], strlen(a->arg[0])) == -1) {
		wad_console_fail(c, WAD_CTL_SYNTAX, "\"%s\" is not a host "
		    "name or address\n", wad_str_escape(esc, sizeof(esc),
		    a->arg[0], strlen(a->arg[0])));
		return;
	}
	p = wad_xcalloc(1, sizeof(*p));
	p->c = c;
	p->opt = c->ping;
	p->fd = -1;
	p->id = (uint16_t)(getpid() + id++);
	p->want = strcmp(a->word[1], "ping6") == 0 ||
	    p->opt.source.family == AF_INET6 ? AF_INET6 : AF_INET;
	strcpy(p->name, host);
	p->timer = evtimer_new(c->ctl->base, on_timer, p);
	wad_console_stream(c, ping_more, p, ping_free);
}

/* ---- options ----------------------------------------------------------- */

static void
view(struct wad_console *c)
{
	const struct wad_ping_options *o = &c->ping;
	char ip[WAD_ADDR_STRLEN];

	wad_console_say(c, "Ping Options:\n        Repeat Count: %u\n"
	    "        Data Size: %u\n        Timeout: %u\n"
	    "        Interval: %u\n        Source Address: %s\n", o->count,
	    o->size, o->timeout, o->interval, o->source.family == 0 ?
	    "auto" : wad_addr_ip_str(&o->source, ip));
}

static void
option_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	const struct { const char *word; unsigned *to, lo, hi; } rows[] = {
		{ "repeat-count", &c->ping.count, 1, 1000000 },
		{ "data-size", &c->ping.size, 0, SIZE_MAX_BYTES },
		{ "timeout", &c->ping.timeout, 1, 120 },
		{ "interval", &c->ping.interval, 1, 60 },
	};
	unsigned long v;

	if (strcmp(a->word[2], "view-settings") == 0) {
		view(c);
		return;
	}
	if (strcmp(a->word[2], "reset") == 0) {
		wad_cmd_ping_reset(&c->ping);
		return;
	}
	v = strtoul(a->arg[1], NULL, 10);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].word, a->arg[0]) != 0)
			continue;
		if (v < rows[i].lo || v > rows[i].hi)
			wad_console_fail(c, WAD_CTL_SYNTAX, "%s is a number "
			    "from %u to %u\n", rows[i].word, rows[i].lo,
			    rows[i].hi);
		else
			*rows[i].to = (unsigned)v;
	}
}

static void
source_exec(struct wad_console *c, const struct wad_cmd_args *a)
{
	memset(&c->ping.source, 0, sizeof(c->ping.source));
	if (strcmp(a->arg[0], "auto") != 0)
		(void)wad_addr_parse(&c->ping.source, a->arg[0]);
}

static const struct wad_cmd rows[] = {
	{ "execute ping|ping6", "is a host there?", NULL, 0 },
	{ "execute ping <word>", "name or address to send echoes to",
	    ping_exec, WAD_CMD_READ },
	{ "execute ping6 <word>", "name or IPv6 address to send echoes to",
	    ping_exec, WAD_CMD_READ },
	{ "execute ping-options", "of this console's pings", NULL, 0 },
	{ "execute ping-options repeat-count|data-size|timeout|interval",
	    "echoes, bytes of each, seconds for an answer, seconds between",
	    NULL, 0 },
	{ "execute ping-options repeat-count|data-size|timeout|interval <num>",
	    "number of echoes, bytes in each, seconds to wait for an answer, "
	    "seconds from one to the next", option_exec, WAD_CMD_READ },
	{ "execute ping-options source", "address to send from", NULL, 0 },
	{ "execute ping-options source auto", "the kernel's choice",
	    source_exec, WAD_CMD_READ },
	{ "execute ping-options source <addr>", "an address of this gateway",
	    source_exec, WAD_CMD_READ },
	{ "execute ping-options view-settings", "the options", option_exec,
	    WAD_CMD_READ },
	{ "execute ping-options reset", "the options as they were", option_exec,
	    WAD_CMD_READ },
};

const struct wad_cmd_family wad_cmd_ping = { rows, COUNT(rows) };
