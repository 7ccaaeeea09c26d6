/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing and reading of typed messages, and the channels that carry them.
 *
 * A packet is a header (type, id) and fields; a field is one byte that says
 * what it is, and its bytes.  Both ends are the same build on the same
 * machine, so numbers travel in the machine's order.  Nothing of a packet is
 * believed: every length is checked, a truncated packet closes the channel.
 * Received bytes are wiped after the handler, since they may hold a key.
 */
#include "ipc/msg.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dbg.h"
#include "base/list.h"
#include "base/xmem.h"

enum { FIELD_U32 = 1, FIELD_U64, FIELD_STR, FIELD_BLOB, FIELD_ADDR };
enum { HEADER = 8, ADDR_BYTES = 24, QUEUE_MAX = 8 << 20, READ_BURST = 32,
	SNDBUF = 1 << 20 };
#define CHAN_MAGIC	0x6368616eu

const char *const wad_msg_names[WAD_MSG_NTYPES] = {
#define MSG(id, from, to, fields) #id,
#include "ipc/msg.def"
#undef MSG
};

const char *const wad_msg_to[WAD_MSG_NTYPES] = {
#define MSG(id, from, to, fields) to,
#include "ipc/msg.def"
#undef MSG
};

struct queued {				/* a packet that waits for room */
	struct wad_list	 link;
	uint8_t		*buf;
	size_t		 len;
	int		 fds[WAD_MSG_FDS];
	unsigned	 n_fds;
};

struct wad_chan {
	unsigned	 magic;
	int		 fd;
	char		*name;
	struct event	*rd, *wr;
	struct wad_list	 queue;
	size_t		 queued;	/* bytes */
	bool		 busy, freed, down;
	wad_chan_msg_fn	*msg;
	wad_chan_down_fn *on_down;
	void		*arg;
};

/* writing */

static void
msg_add(struct wad_msg *m, const void *p, size_t n)
{
	if (m->cap - m->len < n) {
		size_t	 cap = m->cap * 2 + n + 256;
		uint8_t	*b = wad_xmalloc(cap);

		/* No realloc: it would leave a copy of a secret behind. */
		if (m->len > 0) {
			memcpy(b, m->buf, m->len);
			explicit_bzero(m->buf, m->len);
		}
		free(m->buf);
		m->buf = b;
		m->cap = cap;
	}
	if (n > 0)
		memcpy(m->buf + m->len, p, n);
	m->len += n;
}

static void
msg_tag(struct wad_msg *m, uint8_t tag)
{
	msg_add(m, &tag, 1);
}

void
wad_msg_init(struct wad_msg *m, enum wad_msg_type type, uint32_t id)
{
	memset(m, 0, sizeof(*m));
	m->type = (uint16_t)type;
	m->id = id;
}

void
wad_msg_add_u32(struct wad_msg *m, uint32_t v)
{
	msg_tag(m, FIELD_U32);
	msg_add(m, &v, sizeof(v));
}

void
wad_msg_add_u64(struct wad_msg *m, uint64_t v)
{
	msg_tag(m, FIELD_U64);
	msg_add(m, &v, sizeof(v));
}

/* The end of the string travels too, so that readers need no copy. */
void
wad_msg_add_str(struct wad_msg *m, const char *s)
{
	uint32_t len;

	if (s == NULL)
		s = "";
	len = (uint32_t)strlen(s) + 1;
	msg_tag(m, FIELD_STR);
	msg_add(m, &len, sizeof(len));
	msg_add(m, s, len);
}

void
wad_msg_add_blob(struct wad_msg *m, const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;

	WAD_ASSERT(n <= UINT32_MAX);
	msg_tag(m, FIELD_BLOB);
	msg_add(m, &len, sizeof(len));
	msg_add(m, p, n);
}

void
wad_msg_add_addr(struct wad_msg *m, const struct wad_addr *a)
{
	uint8_t b[ADDR_BYTES] = { a->family };

	memcpy(b + 2, &a->port, 2);
	memcpy(b + 4, &a->scope, 4);
	memcpy(b + 8, a->ip, 16);
	msg_tag(m, FIELD_ADDR);
	msg_add(m, b, sizeof(b));
}

void
wad_msg_add_fd(struct wad_msg *m, int fd)
{
	WAD_ASSERT(m->n_fds < WAD_MSG_FDS && fd >= 0);
	m->fds[m->n_fds++] = fd;
}

void
wad_msg_free(struct wad_msg *m)
{
	if (m->buf != NULL)
		explicit_bzero(m->buf, m->len);
	free(m->buf);
	memset(m, 0, sizeof(*m));
}

/* reading */

int
wad_msg_parse(struct wad_msg_in *m, const void *p, size_t len)
{
	uint16_t type;

	memset(m, 0, sizeof(*m));
	m->bad = true;
	if (len < HEADER)
		return -1;
	memcpy(&type, p, sizeof(type));
	if (type >= WAD_MSG_NTYPES)
		return -1;
	m->type = type;
	memcpy(&m->id, (const uint8_t *)p + 4, sizeof(m->id));
	m->p = (const uint8_t *)p + HEADER;
	m->left = len - HEADER;
	m->bad = false;
	return 0;
}

/* The next n bytes, or NULL (for good). */
static const uint8_t *
msg_take(struct wad_msg_in *m, size_t n)
{
	const uint8_t *p = m->p;

	if (m->bad || m->left < n) {
		m->bad = true;
		return NULL;
	}
	m->p += n;
	m->left -= n;
	return p;
}

static const uint8_t *
msg_field(struct wad_msg_in *m, uint8_t tag, size_t n)
{
	const uint8_t *p = msg_take(m, 1);

	if (p == NULL || *p != tag) {
		m->bad = true;
		return NULL;
	}
	return msg_take(m, n);
}

int
wad_msg_get_u32(struct wad_msg_in *m, uint32_t *v)
{
	const uint8_t *p = msg_field(m, FIELD_U32, sizeof(*v));

	*v = 0;
	if (p == NULL)
		return -1;
	memcpy(v, p, sizeof(*v));
	return 0;
}

int
wad_msg_get_u64(struct wad_msg_in *m, uint64_t *v)
{
	const uint8_t *p = msg_field(m, FIELD_U64, sizeof(*v));

	*v = 0;
	if (p == NULL)
		return -1;
	memcpy(v, p, sizeof(*v));
	return 0;
}

static const uint8_t *
msg_bytes(struct wad_msg_in *m, uint8_t tag, size_t *len)
{
	const uint8_t	*p = msg_field(m, tag, sizeof(uint32_t));
	uint32_t	 n;

	if (p == NULL)
		return NULL;
	memcpy(&n, p, sizeof(n));
	*len = n;
	return msg_take(m, n);
}

int
wad_msg_get_str(struct wad_msg_in *m, const char **s)
{
	size_t		 len = 0;
	const uint8_t	*p = msg_bytes(m, FIELD_STR, &len);

	*s = "";
	if (p == NULL)
		return -1;
	if (len == 0 || memchr(p, '\0', len) != p + len - 1) {
		m->bad = true;
		return -1;
	}
	*s = (const char *)p;
	return 0;
}

int
wad_msg_get_blob(struct wad_msg_in *m, const void **b, size_t *len)
{
	const uint8_t *p;

	*b = NULL;
	*len = 0;
	p = msg_bytes(m, FIELD_BLOB, len);
	if (p == NULL) {
		*len = 0;
		return -1;
	}
	*b = p;
	return 0;
}

int
wad_msg_get_addr(struct wad_msg_in *m, struct wad_addr *a)
{
	const uint8_t *p = msg_field(m, FIELD_ADDR, ADDR_BYTES);

	memset(a, 0, sizeof(*a));
	if (p == NULL)
		return -1;
	if (p[0] != 0 && p[0] != AF_INET && p[0] != AF_INET6) {
		m->bad = true;
		return -1;
	}
	a->family = p[0];
	memcpy(&a->port, p + 2, 2);
	memcpy(&a->scope, p + 4, 4);
	memcpy(a->ip, p + 8, 16);
	return 0;
}

int
wad_msg_take_fd(struct wad_msg_in *m)
{
	int fd;

	if (m->n_fds == 0)
		return -1;
	fd = m->fds[0];
	memmove(m->fds, m->fds + 1, --m->n_fds * sizeof(m->fds[0]));
	return fd;
}

int
wad_msg_end(const struct wad_msg_in *m)
{
	return m->bad || m->left > 0 ? -1 : 0;
}

void
wad_msg_close_fds(struct wad_msg_in *m)
{
	int fd;

	while ((fd = wad_msg_take_fd(m)) != -1)
		close(fd);
}

/* packets */

int
wad_msg_pair(int fd[2])
{
	int i, size = SNDBUF;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, fd) == -1)
		return -1;
	/* More room is better; less (no privilege) is good enough. */
	for (i = 0; i < 2; i++)
		if (setsockopt(fd[i], SOL_SOCKET, SO_SNDBUFFORCE, &size,
		    sizeof(size)) == -1)
			(void)setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &size,
			    sizeof(size));
	return 0;
}

/* 1 sent, 0 no room now, -1 never. */
static int
packet_send(int fd, uint16_t type, uint32_t id, const void *body, size_t len,
    const int *fds, unsigned n_fds)
{
	union {
		struct cmsghdr	align;
		char		b[CMSG_SPACE(sizeof(int) * WAD_MSG_FDS)];
	} ctl;
	uint8_t		 head[HEADER] = { 0 };
	struct iovec	 iov[2];
	struct msghdr	 mh = { 0 };
	struct cmsghdr	*c;

	memcpy(head, &type, sizeof(type));
	memcpy(head + 4, &id, sizeof(id));
	iov[0].iov_base = head;
	iov[0].iov_len = sizeof(head);
	memcpy(&iov[1].iov_base, &body, sizeof(body));
	iov[1].iov_len = len;
	mh.msg_iov = iov;
	mh.msg_iovlen = len > 0 ? 2 : 1;
	if (n_fds > 0) {
		memset(&ctl, 0, sizeof(ctl));
		mh.msg_control = ctl.b;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	for (;;) {
		if (sendmsg(fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) != -1)
			return 1;
		if (errno == EINTR)
			continue;
		return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
	}
}

/* 1 a packet, 0 nothing there, -1 end or a packet that cannot be right. */
static int
packet_recv(int fd, struct wad_msg_in *m, uint8_t *buf, size_t *got)
{
	union {
		struct cmsghdr	align;
		char		b[CMSG_SPACE(sizeof(int) * WAD_MSG_FDS)];
	} ctl;
	struct iovec	 iov = { .iov_base = buf, .iov_len = WAD_MSG_MAX };
	struct msghdr	 mh = { 0 };
	struct cmsghdr	*c;
	int		 fds[WAD_MSG_FDS];
	unsigned	 n_fds = 0, n;
	ssize_t		 len;
	int		 rc;

	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = ctl.b;
	mh.msg_controllen = sizeof(ctl.b);
	memset(m, 0, sizeof(*m));
	do
		len = recvmsg(fd, &mh, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (len == -1 && errno == EINTR);
	if (len == -1)
		return errno == EAGAIN ? 0 : -1;
	for (c = CMSG_FIRSTHDR(&mh); c != NULL; c = CMSG_NXTHDR(&mh, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		if (n > WAD_MSG_FDS - n_fds)
			n = WAD_MSG_FDS - n_fds;
		memcpy(fds + n_fds, CMSG_DATA(c), n * sizeof(int));
		n_fds += n;
	}
	*got = (size_t)len;
	rc = wad_msg_parse(m, buf, (size_t)len);
	memcpy(m->fds, fds, n_fds * sizeof(int));
	m->n_fds = n_fds;
	/* MSG_CTRUNC: no descriptor was left for what came along.  That is
	 * this process's shortage, not a broken channel: the handler finds
	 * fewer descriptors and decides. */
	if (rc == -1 || (mh.msg_flags & MSG_TRUNC) != 0) {
		wad_msg_close_fds(m);
		return -1;
	}
	return 1;
}

static int
wait_for(int fd, short what)
{
	struct pollfd pfd = { .fd = fd, .events = what };

	while (poll(&pfd, 1, -1) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

int
wad_msg_send_wait(int fd, const struct wad_msg *m)
{
	int rc;

	if (m->len > WAD_MSG_MAX - HEADER)
		return -1;
	while ((rc = packet_send(fd, m->type, m->id, m->buf, m->len, m->fds,
	    m->n_fds)) == 0)
		if (wait_for(fd, POLLOUT) == -1)
			return -1;
	return rc == 1 ? 0 : -1;
}

int
wad_msg_recv_wait(int fd, struct wad_msg_in *m, uint8_t *buf)
{
	size_t	got;
	int	rc;

	while ((rc = packet_recv(fd, m, buf, &got)) == 0)
		if (wait_for(fd, POLLIN) == -1)
			return -1;
	return rc == 1 ? 0 : -1;
}

/* channels */

static void
queue_drop(struct wad_chan *ch, struct queued *q)
{
	wad_list_remove(&q->link);
	ch->queued -= q->len;
	while (q->n_fds > 0)
		close(q->fds[--q->n_fds]);
	explicit_bzero(q->buf, q->len);
	free(q->buf);
	free(q);
}

static void
chan_destroy(struct wad_chan *ch)
{
	while (!wad_list_empty(&ch->queue))
		queue_drop(ch, WAD_LIST_ENTRY(ch->queue.next, struct queued,
		    link));
	event_free(ch->rd);
	event_free(ch->wr);
	close(ch->fd);
	free(ch->name);
	ch->magic = 0;
	free(ch);
}

/* The end of a channel: reported once, from the loop only. */
static void
chan_went_down(struct wad_chan *ch)
{
	if (ch->down)
		return;
	ch->down = true;
	event_del(ch->rd);
	event_del(ch->wr);
	WAD_DBG(IPC, WAD_I, "channel %s is down", ch->name);
	if (!ch->freed && ch->on_down != NULL)
		ch->on_down(ch->arg, ch);
}

static void
chan_read(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t	 buf[WAD_MSG_MAX];
	static bool	 in_use;
	struct wad_chan	*ch = arg;
	struct wad_msg_in m;
	size_t		 got;
	int		 i, rc;

	(void)what;
	WAD_CHECK(ch, CHAN_MAGIC);
	WAD_ASSERT(!in_use);
	in_use = ch->busy = true;
	for (i = 0; i < READ_BURST && !ch->freed && !ch->down; i++) {
		rc = packet_recv(fd, &m, buf, &got);
		if (rc == 0)
			break;
		if (rc == 1) {
			WAD_DBG(IPC, WAD_V, "%s: %s id=%u %zu bytes", ch->name,
			    wad_msg_names[m.type], m.id, got);
			rc = ch->msg(ch->arg, ch, &m);
			wad_msg_close_fds(&m);
			explicit_bzero(buf, got);
			if (rc == -1 && !ch->freed)
				wad_log_event("error", "bad message %s from "
				    "%s: the channel is closed",
				    wad_msg_names[m.type], ch->name);
		}
		if (rc == -1)
			chan_went_down(ch);
	}
	in_use = ch->busy = false;
	if (ch->freed)
		chan_destroy(ch);
}

/* Sends what waits; -1 when the other end is gone. */
static int
chan_push(struct wad_chan *ch)
{
	struct queued	*q;
	int		 rc;

	while (!wad_list_empty(&ch->queue)) {
		uint16_t type;
		uint32_t id;

		q = WAD_LIST_ENTRY(ch->queue.next, struct queued, link);
		memcpy(&type, q->buf, sizeof(type));
		memcpy(&id, q->buf + 4, sizeof(id));
		rc = packet_send(ch->fd, type, id, q->buf + HEADER,
		    q->len - HEADER, q->fds, q->n_fds);
		if (rc <= 0)
			return rc;
		queue_drop(ch, q);
	}
	return 0;
}

static void
chan_write(evutil_socket_t fd, short what, void *arg)
{
	struct wad_chan *ch = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(ch, CHAN_MAGIC);
	ch->busy = true;
	if (chan_push(ch) == -1)
		chan_went_down(ch);
	else if (wad_list_empty(&ch->queue))
		event_del(ch->wr);
	ch->busy = false;
	if (ch->freed)
		chan_destroy(ch);
}

struct wad_chan *
wad_chan_new(struct event_base *base, int fd, const char *name,
    wad_chan_msg_fn *msg, wad_chan_down_fn *down, void *arg)
{
	struct wad_chan	*ch = wad_xcalloc(1, sizeof(*ch));
	int		 fl = fcntl(fd, F_GETFL);

	ch->magic = CHAN_MAGIC;
	ch->fd = fd;
	ch->name = wad_xstrdup(name);
	ch->msg = msg;
	ch->on_down = down;
	ch->arg = arg;
	wad_list_init(&ch->queue);
	(void)fcntl(fd, F_SETFL, fl | O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	ch->rd = event_new(base, fd, EV_READ | EV_PERSIST, chan_read, ch);
	ch->wr = event_new(base, fd, EV_WRITE | EV_PERSIST, chan_write, ch);
	WAD_ASSERT(ch->rd != NULL && ch->wr != NULL);
	event_add(ch->rd, NULL);
	return ch;
}

void
wad_chan_free(struct wad_chan *ch)
{
	if (ch == NULL)
		return;
	WAD_CHECK(ch, CHAN_MAGIC);
	if (ch->busy) {
		ch->freed = true;
		event_del(ch->rd);
		event_del(ch->wr);
		return;
	}
	chan_destroy(ch);
}

static int
chan_enqueue(struct wad_chan *ch, const struct wad_msg *m)
{
	struct queued *q;

	if (ch->queued + m->len + HEADER > QUEUE_MAX)
		return -1;
	q = wad_xcalloc(1, sizeof(*q));
	q->len = m->len + HEADER;
	q->buf = wad_xcalloc(1, q->len);
	memcpy(q->buf, &m->type, sizeof(m->type));
	memcpy(q->buf + 4, &m->id, sizeof(m->id));
	if (m->len > 0)
		memcpy(q->buf + HEADER, m->buf, m->len);
	ch->queued += q->len;
	wad_list_append(&ch->queue, &q->link);
	for (; q->n_fds < m->n_fds; q->n_fds++) {
		q->fds[q->n_fds] = fcntl(m->fds[q->n_fds], F_DUPFD_CLOEXEC, 3);
		if (q->fds[q->n_fds] == -1) {
			queue_drop(ch, q);
			return -1;
		}
	}
	event_add(ch->wr, NULL);
	return 0;
}

int
wad_chan_send(struct wad_chan *ch, const struct wad_msg *m)
{
	int rc;

	if (ch == NULL)
		return -1;
	WAD_CHECK(ch, CHAN_MAGIC);
	if (ch->down || ch->freed)
		return -1;
	if (m->len > WAD_MSG_MAX - HEADER) {
		wad_log_event("error", "message %s to %s is too long: %zu",
		    wad_msg_names[m->type], ch->name, m->len);
		return -1;
	}
	if (!wad_list_empty(&ch->queue))
		return chan_enqueue(ch, m);
	rc = packet_send(ch->fd, m->type, m->id, m->buf, m->len, m->fds,
	    m->n_fds);
	if (rc == 0)
		return chan_enqueue(ch, m);
	return rc == 1 ? 0 : -1;
}

bool
wad_chan_waits(const struct wad_chan *ch)
{
	WAD_CHECK(ch, CHAN_MAGIC);
	return !wad_list_empty(&ch->queue);
}

const char *
wad_chan_name(const struct wad_chan *ch)
{
	return ch->name;
}

int
wad_chan_flush(struct wad_chan *ch)
{
	while (!wad_list_empty(&ch->queue)) {
		if (chan_push(ch) == -1)
			return -1;
		if (!wad_list_empty(&ch->queue) &&
		    wait_for(ch->fd, POLLOUT) == -1)
			return -1;
	}
	event_del(ch->wr);
	return 0;
}
