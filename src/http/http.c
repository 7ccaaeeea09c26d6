/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both engines share: exchanges, and the door to the engine.
 */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"

enum { FREE_MAX = 64, TEXT_KEPT = 16 * 1024 };

/* Exchanges that are over, with the memory of their heads. */
static struct wad_http_tx	*free_list[FREE_MAX];
static unsigned			 n_free;

static struct wad_http_tx *
tx_get(void)
{
	enum { REST = offsetof(struct wad_http_tx, all) };
	struct wad_http_tx *tx;

	if (n_free == 0)
		return wad_xcalloc(1, sizeof(*tx));
	tx = free_list[--n_free];
	memset((char *)tx + REST, 0, sizeof(*tx) - REST);
	wad_http_head_reset(&tx->req);
	wad_http_head_reset(&tx->res);
	return tx;
}

/* What was in it is overwritten by the next one; it holds secrets. */
static void
tx_put(struct wad_http_tx *tx)
{
	wad_str_free(&tx->body);
	if (n_free < FREE_MAX && tx->req.text.cap <= TEXT_KEPT &&
	    tx->res.text.cap <= TEXT_KEPT) {
		free_list[n_free++] = tx;
		return;
	}
	wad_http_head_free(&tx->req);
	wad_http_head_free(&tx->res);
	free(tx);
}

struct wad_http_tx *
wad_http_tx_new(struct wad_http *h)
{
	static uint32_t		 last;
	struct wad_http_tx	*tx = tx_get();

	tx->http = h;
	tx->id = ++last != 0 ? last : ++last;	/* 0: no request */
	tx->begun = wad_clock_us();
	wad_list_append(&h->open, &tx->all);
	h->n_open++;
	h->requests++;
	return tx;
}

void
wad_http_tx_done(struct wad_http_tx *tx, enum wad_http_end end)
{
	struct wad_http *h = tx->http;

	for (int i = 0; i < 2; i++)
		wad_http_mem_sub(h, tx->counted[i][0] + tx->counted[i][1]);
	tx->end = end;
	wad_dbg_current.request = tx->id;
	h->ops->done(h->owner, tx);
	wad_dbg_current.request = 0;
	if (h->current == tx)
		h->current = NULL;
	wad_list_remove(&tx->all);
	h->n_open--;
	tx_put(tx);
}

enum wad_http_say
wad_http_say_request(struct wad_http_tx *tx)
{
	enum wad_http_say say;

	wad_http_tx_count(tx, WAD_HTTP_UP, false, &tx->req);
	wad_dbg_current.request = tx->id;
	say = tx->http->ops->request(tx->http->owner, tx);
	wad_dbg_current.request = 0;
	return say;
}

enum wad_http_say
wad_http_say_response(struct wad_http_tx *tx)
{
	enum wad_http_say say;

	wad_http_tx_count(tx, WAD_HTTP_DOWN, false, &tx->res);
	wad_dbg_current.request = tx->id;
	say = tx->http->ops->response(tx->http->owner, tx);
	wad_dbg_current.request = 0;
	return say;
}

enum wad_http_say
wad_http_say_body(struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *data, size_t len)
{
	enum wad_http_say say;

	wad_dbg_current.request = tx->id;
	say = tx->http->ops->body(tx->http->owner, tx, dir, data, len);
	wad_dbg_current.request = 0;
	return say;
}

void
wad_http_say_refuse(struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	wad_dbg_current.request = tx->id;
	tx->http->ops->refuse(tx->http->owner, tx, status, why);
	wad_dbg_current.request = 0;
}

size_t
wad_http_size(const struct wad_http *h)
{
	return h->mem_bodies[0] + h->mem_bodies[1] + h->mem_other +
	    (h->engine->size != NULL ? h->engine->size(h) : 0);
}

void
wad_http_free(struct wad_http *h)
{
	if (h != NULL)
		h->engine->free(h);
}

int
wad_http_move(struct wad_http *h, enum wad_http_dir dir)
{
	return h->state == WAD_HTTP_RUNS ? h->engine->move(h, dir) : 0;
}

bool
wad_http_wants(const struct wad_http *h, enum wad_http_dir dir)
{
	return h->engine->wants(h, dir);
}

void
wad_http_ended(struct wad_http *h, enum wad_http_dir dir, bool clean)
{
	if (h->ended[dir])
		return;
	h->ended[dir] = true;
	h->engine->ended(h, dir, clean);
}

bool
wad_http_drained(const struct wad_http *h, enum wad_http_dir dir)
{
	return h->engine->drained(h, dir);
}

void
wad_http_resume(struct wad_http *h, struct wad_http_tx *tx,
    enum wad_http_say say)
{
	tx->held = false;
	h->engine->resume(h, tx, say);
}

void
wad_http_server(struct wad_http *h, const struct wad_http_leg *leg)
{
	if (leg != NULL) {
		h->leg[WAD_HTTP_DOWN] = *leg;
		h->ended[WAD_HTTP_DOWN] = false;
		h->last = false;
		h->served = 0;
	}
	h->state = WAD_HTTP_RUNS;
	h->engine->server(h);
}

void
wad_http_stop(struct wad_http *h)
{
	h->engine->stop(h);
}

int
wad_http_ask(struct wad_http *h)
{
	return h->state == WAD_HTTP_WANTS_SERVER ? h->engine->ask(h) : -1;
}

void
wad_http_fail(struct wad_http *h, unsigned status, enum wad_reason_id why,
    const char *text)
{
	if (h->state == WAD_HTTP_WANTS_SERVER)
		h->engine->fail(h, status, why, text);
}

void
wad_http_late(struct wad_http *h)
{
	if (h->engine->late != NULL && h->state == WAD_HTTP_RUNS)
		h->engine->late(h);
}

void
wad_http_rest(struct wad_http *h, enum wad_http_dir dir, const uint8_t **p,
    size_t *len)
{
	h->engine->rest(h, dir, p, len);
}
