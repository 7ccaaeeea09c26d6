/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and responses, see http_filter.h.
 */
#include "worker/http_filter.h"

#include <stdlib.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "worker/session.h"
#include "worker/worker.h"

static enum wad_http_say
on_request(void *owner, struct wad_http_tx *tx)
{
	struct wad_session *s = owner;

	(void)s;
	tx->seen = wad_xcalloc(1, sizeof(struct wad_http_seen));
	if (tx->stream != 0)
		WAD_COUNT(H2_REQUESTS);
	else
		WAD_COUNT(HTTP_REQUESTS);
	return WAD_HTTP_PASS;
}

static enum wad_http_say
on_response(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	(void)tx;
	return WAD_HTTP_PASS;
}

static enum wad_http_say
on_body(void *owner, struct wad_http_tx *tx, enum wad_http_dir dir,
    const void *data, size_t len)
{
	(void)owner;
	(void)tx;
	(void)dir;
	(void)data;
	(void)len;
	return WAD_HTTP_PASS;
}

static void
on_refuse(void *owner, struct wad_http_tx *tx, unsigned status,
    enum wad_reason_id why)
{
	WAD_COUNT(HTTP_BAD);
	wad_block_answer(owner, tx, status, why);
}

static void
on_done(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	free(tx->seen);
}

const struct wad_http_ops wad_http_filter_ops = {
	.request = on_request, .response = on_response, .body = on_body,
	.refuse = on_refuse, .done = on_done,
};
