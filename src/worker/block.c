/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that a client gets instead of the server's answer.
 */
#include "worker/session.h"

#include <stdio.h>
#include <string.h>

#include "http/page.h"
#include "worker/http_filter.h"
#include "worker/worker.h"

void
wad_block_page(struct wad_session *s, int status, enum wad_reason_id why)
{
	const struct wad_conf	*conf = s->wc->conf;
	struct wad_page		 p = {
		.status = status, .reason = wad_reasons[why].text,
		.reason_name = wad_reasons[why].name, .session = s->serial,
		.policy = s->policy != NULL ? s->policy->id : 0,
		.host = s->nego != NULL ? s->nego->host : s->host,
		.gateway = conf->sys.hostname,
	};

	if (s->req != NULL && s->req->path != NULL)
		p.url = s->req->path;
	if (why == WR_BLOCKED)
		p.category = wad_url_cate_name(conf, s->verdict.cate);
	if (s->req != NULL && s->req->error[0] != '\0' &&
	    why == WR_REQUEST_BAD)
		p.reason = s->req->error;
	if (s->why_text[0] != '\0')
		p.reason = s->why_text;
	s->page_reason = why;
	wad_str_free(&s->page);
	if (s->req != NULL && strcmp(s->req->method, "HEAD") == 0)
		wad_page_write_head(&p, &s->page);
	else
		wad_page_write(&p, &s->page);
}

void
wad_block_answer(struct wad_session *s, struct wad_http_tx *tx,
    unsigned status, enum wad_reason_id why)
{
	const struct wad_http_seen *seen = tx->seen;
	struct wad_page p = {
		.status = (int)status, .reason_name = wad_reasons[why].name,
		.reason = tx->error[0] != '\0' ? tx->error :
		    wad_reasons[why].text,
		.host = tx->req.host[0] != '\0' ? tx->req.host : NULL,
		.url = tx->req.path != 0 ? wad_http_text(&tx->req,
		    tx->req.path) : NULL,
		.session = s->serial, .gateway = s->wc->conf->sys.hostname,
		.policy = s->policy != NULL ? s->policy->id : 0,
	};

	if (why == WR_BLOCKED && seen != NULL)
		p.category = wad_url_cate_name(s->wc->conf,
		    seen->verdict.cate);
	wad_page_answer(&p, &tx->res, &tx->body);
}
