/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of bytes.  A message lies in one piece: where none fits before the
 * end of the place, `wrap` says that the next one is at its beginning.
 */
#include "export/syslog_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

static size_t
size_of(size_t len)
{
	return (sizeof(struct wad_syslog_msg) + len + 7) & ~(size_t)7;
}

static const struct wad_syslog_msg *
msg_at(const struct wad_syslog_queue *q, size_t at)
{
	return (const void *)(q->p + at);
}

/* Where need bytes are free, or SIZE_MAX. */
static size_t
place(struct wad_syslog_queue *q, size_t need)
{
	if (q->n == 0) {
		q->head = q->tail = 0;
		q->wrap = WAD_SYSLOG_QUEUE;
	}
	if (q->n > 0 && q->tail <= q->head)	/* wrapped: between the two */
		return q->head - q->tail >= need ? q->tail : SIZE_MAX;
	if (WAD_SYSLOG_QUEUE - q->tail >= need)
		return q->tail;
	if (q->head < need)
		return SIZE_MAX;
	q->wrap = q->tail;
	return 0;
}

bool
wad_syslog_queue_put(struct wad_syslog_queue *q, uint32_t ring,
    uint64_t number, const char *text, size_t len)
{
	size_t			 need = size_of(len), at;
	struct wad_syslog_msg	*m;

	if (len > WAD_SYSLOG_QUEUE / 2 || (at = place(q, need)) == SIZE_MAX)
		return false;
	if (q->p == NULL)	/* pages come as they are used */
		q->p = wad_xmalloc(WAD_SYSLOG_QUEUE);
	m = (void *)(q->p + at);
	m->len = (uint32_t)len;
	m->ring = ring;
	m->number = number;
	memcpy(m->text, text, len);
	q->tail = at + need;
	q->n++;
	q->bytes += len;
	return true;
}

const struct wad_syslog_msg *
wad_syslog_queue_first(const struct wad_syslog_queue *q)
{
	return q->n > 0 ? msg_at(q, q->head) : NULL;
}

const struct wad_syslog_msg *
wad_syslog_queue_walk(const struct wad_syslog_queue *q, size_t *at)
{
	const struct wad_syslog_msg	*m;
	/* *at: bytes from the first message on, as if there were no end */
	size_t				 span = q->wrap - q->head;
	bool				 wrapped = q->n > 0 &&
					    q->tail <= q->head;
	size_t				 total = wrapped ? span + q->tail :
					    q->tail - q->head;

	if (q->n == 0 || *at >= total)
		return NULL;
	m = msg_at(q, wrapped && *at >= span ? *at - span : q->head + *at);
	*at += size_of(m->len);
	return m;
}

void
wad_syslog_queue_drop(struct wad_syslog_queue *q)
{
	const struct wad_syslog_msg *m = wad_syslog_queue_first(q);

	WAD_ASSERT(m != NULL);
	q->bytes -= m->len;
	q->n--;
	q->head += size_of(m->len);
	if (q->head == q->wrap && q->n > 0) {
		q->head = 0;
		q->wrap = WAD_SYSLOG_QUEUE;
	}
}

void
wad_syslog_queue_free(struct wad_syslog_queue *q)
{
	free(q->p);
	memset(q, 0, sizeof(*q));
}
