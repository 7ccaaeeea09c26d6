/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both engines share: exchanges, and the door to the engine.
 */
#include "http/http.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xmem.h"

struct wad_http_tx *
wad_http_tx_new(struct wad_http *h)
{
	static uint32_t		 last;
	struct wad_http_tx	*tx = wad_xcalloc(1, sizeof(*tx));

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

	tx->end = end;
	h->ops->done(h->owner, tx);
	if (h->current == tx)
		h->current = NULL;
	wad_list_remove(&tx->all);
	h->n_open--;
	wad_http_head_free(&tx->req);
	wad_http_head_free(&tx->res);
	wad_str_free(&tx->body);
	free(tx);
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
	h->leg[WAD_HTTP_DOWN] = *leg;
	h->ended[WAD_HTTP_DOWN] = false;
	h->state = WAD_HTTP_RUNS;
	h->engine->server(h);
}

void
wad_http_stop(struct wad_http *h)
{
	h->engine->stop(h);
}

void
wad_http_rest(struct wad_http *h, enum wad_http_dir dir, const uint8_t **p,
    size_t *len)
{
	h->engine->rest(h, dir, p, len);
}
