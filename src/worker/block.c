/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that a client gets instead of the server's answer: which one, what
 * is in it, in which language and whose words.
 */
#include "worker/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/xmem.h"
#include "worker/http_filter.h"
#include "worker/session.h"
#include "worker/worker.h"

/* Reasons that have a page of their own; others have that of the status. */
static const struct { enum wad_reason_id why; enum wad_page_id page; }
    by_reason[] = {
	{ WR_POLICY_DENY, WAD_PAGE_DENY },
	{ WR_TARGET_FORBIDDEN, WAD_PAGE_DENY },
	{ WR_SRV_UNREACHABLE, WAD_PAGE_UNREACHABLE },
	{ WR_SRV_REFUSED, WAD_PAGE_REFUSED },
	{ WR_SRV_TIMEOUT, WAD_PAGE_TIMEOUT },
	{ WR_DNS_FAILED, WAD_PAGE_DNS },
	{ WR_REQUEST_TIMEOUT, WAD_PAGE_REQUEST_SLOW },
	{ WR_SRV_HANDSHAKE, WAD_PAGE_SRV_TLS },
	{ WR_PROBE_FAILED, WAD_PAGE_SRV_TLS },
	{ WR_CLIENT_CERT, WAD_PAGE_CLIENT_CERT },
	{ WR_CERT_EXPIRED, WAD_PAGE_CERT_EXPIRED },
	{ WR_CERT_UNTRUSTED, WAD_PAGE_CERT_UNTRUSTED },
	{ WR_CERT_DENIED, WAD_PAGE_CERT_UNTRUSTED },
	{ WR_CERT_CHAIN, WAD_PAGE_CERT_CHAIN },
	{ WR_CERT_NAME, WAD_PAGE_CERT_NAME },
	{ WR_CERT_INVALID, WAD_PAGE_CERT_INVALID },
	{ WR_CERT_REVOKED, WAD_PAGE_CERT_REVOKED },
	{ WR_CERT_TIMEOUT, WAD_PAGE_CERT_STATUS },
	{ WR_CERT_FAILURE, WAD_PAGE_CERT_STATUS },
	{ WR_FRONTING, WAD_PAGE_HOST_MISMATCH },
	{ WR_SWITCHING, WAD_PAGE_HTTP_BLOCK },
	{ WR_FORWARD_FAILED, WAD_PAGE_FORWARD },
	{ WR_RESPONSE_BAD, WAD_PAGE_RESPONSE_BAD },
	{ WR_LOOP, WAD_PAGE_LOOP },
	{ WR_LIMIT, WAD_PAGE_LIMIT },
	{ WR_MEMORY, WAD_PAGE_LIMIT },
};

/* What the web filter said decides which of its pages it is. */
static enum wad_page_id
page_of_verdict(const struct wad_url_verdict *v)
{
	if (v->uf != NULL && v->uf->action == WAD_UF_BLOCK)
		return WAD_PAGE_URL_BLOCK;
	if (v->err)
		return WAD_PAGE_FTGD_ERR;
	if (v->action == WAD_WF_AUTHENTICATE)
		return WAD_PAGE_FTGD_OVRD;
	return WAD_PAGE_FTGD_BLOCK;
}

static enum wad_page_id
page_of(enum wad_reason_id why, int status, const struct wad_url_verdict *v)
{
	if (why == WR_BLOCKED)
		return page_of_verdict(v);
	for (size_t i = 0; i < sizeof(by_reason) / sizeof(by_reason[0]); i++)
		if (by_reason[i].why == why)
			return by_reason[i].page;
	return wad_page_of_status(status);
}

/* ---- an administrator's words ------------------------------------------ */

static const struct wad_page_text *
text_in(const struct wad_pages *pages, const struct wad_page_row *row)
{
	for (size_t i = 0; pages != NULL && i < pages->n_texts; i++) {
		const struct wad_page_text *t = &pages->texts[i];

		if (t->text != NULL && strcmp(t->kind, row->kind) == 0 &&
		    strcmp(t->type, row->type) == 0)
			return t;
	}
	return NULL;
}

static const struct wad_pages *
group_named(const struct wad_conf *conf, const char *name)
{
	for (size_t i = 0; name != NULL && i < conf->n_page_groups; i++)
		if (strcmp(conf->page_groups[i].name, name) == 0)
			return &conf->page_groups[i];
	return NULL;
}

/* The nearest one: of the category's entry, the policy, its web filter, and
 * of all. */
static const struct wad_page_text *
own_text(const struct wad_conf *conf, const struct wad_policy *policy,
    const char *group, const struct wad_page_row *row)
{
	const struct wad_wf_profile	*wf = policy != NULL ?
	    policy->webfilter : NULL;
	const struct wad_pages		*where[] = {
		group_named(conf, group), policy != NULL ? policy->pages : NULL,
		wf != NULL ? wf->pages : NULL, &conf->pages,
	};
	const struct wad_page_text	*t = NULL;

	for (size_t i = 0; t == NULL && i < sizeof(where) / sizeof(where[0]);
	    i++)
		t = text_in(where[i], row);
	return t;
}

static void
put_own(struct wad_page *p, const struct wad_page_text *t)
{
	if (t == NULL)
		return;
	p->own = t->text;
	p->own_html = t->html;
}

/* ---- the page ---------------------------------------------------------- */

/* Of pages that are not FortiGuard's, the policy says which code a refusal
 * has (block-page-status-code). */
static int
status_of(const struct wad_session *s, const struct wad_page_row *row,
    int status)
{
	const struct wad_protocol_options *o = s->policy != NULL ?
	    s->policy->protocol : NULL;

	if (status == 0)
		status = row->status;
	if (status != 403 || o == NULL ||
	    strcmp(row->kind, "fortiguard-wf") == 0)
		return status;
	return (int)o->block_status;
}

static const char *
host_of(const struct wad_session *s, const struct wad_http_head *req)
{
	const char *host = req != NULL && req->host[0] != '\0' ? req->host :
	    s->nego != NULL ? s->nego->host : s->host;

	return host[0] != '\0' ? host : NULL;
}

/* The explicit proxy may be told to say less: nothing about servers that
 * cannot be reached, nothing where CONNECT is refused. */
static bool
is_bare(const struct wad_session *s, const struct wad_http_head *req,
    int status)
{
	const struct wad_conf_webproxy *w = &s->wc->conf->webproxy;

	return s->explicit_web && ((status >= 500 && !w->error_page) ||
	    (req != NULL && strcmp(req->method, "CONNECT") == 0 &&
	    !w->https_replacemsg));
}

/* How the client wants it.  Without a request nothing is known: a browser. */
static void
put_wishes(struct wad_page *p, const struct wad_worker_conf *wc,
    const struct wad_http_head *req)
{
	p->lang = wad_page_lang_choose(wc->langs, wc->n_langs, req != NULL ?
	    wad_http_head_named(req, "Accept-Language") : NULL);
	p->plain = req != NULL && !wad_page_wants_html(
	    wad_http_head_named(req, "Accept"));
}

void
wad_block_make(struct wad_session *s, const struct wad_http_head *req,
    const struct wad_url_verdict *v, const struct wad_block *b,
    struct wad_http_head *res, struct wad_str *body)
{
	const struct wad_conf	*conf = s->wc->conf;
	char			 src[WAD_ADDR_STRLEN], dst[WAD_ADDR_STRLEN];
	struct wad_page		 p = {
		.id = b->page < WAD_PAGE_N ? b->page : page_of(b->why,
		    b->status, v),
		.host = host_of(s, req),
		.url = req != NULL && req->path != 0 ? wad_http_text(req,
		    req->path) : NULL,
		.https = req != NULL ? req->https : s->tls,
		.reason_name = wad_reasons[b->why].name,
		.reason = b->text != NULL && *b->text != '\0' ? b->text :
		    wad_reasons[b->why].text,
		.user = b->user, .group = b->user_group,
		.client = wad_addr_ip_str(&s->flow.src, src),
		.server = s->flow.dst.family != 0 ?
		    wad_addr_ip_str(&s->flow.dst, dst) : NULL,
		.gateway = conf->sys.hostname, .session = s->serial,
		.policy = s->policy != NULL ? s->policy->id : 0,
		.policy_uuid = s->policy != NULL ? s->policy->uuid : NULL,
		.action = b->action, .token = b->token,
	};
	const struct wad_page_row *row = &wad_page_rows[p.id];

	if (strcmp(row->kind, "fortiguard-wf") == 0 && !v->err)
		p.category = wad_url_cate_name(conf, v->cate);
	p.status = status_of(s, row, b->status);
	p.bare = is_bare(s, req, p.status);
	put_wishes(&p, s->wc, req);
	put_own(&p, own_text(conf, s->policy, b->pages != NULL ? b->pages :
	    v->filter != NULL ? v->filter->page_name : NULL, row));
	wad_page_answer(&p, res, body);
}

static const struct wad_url_verdict *
verdict_of(const struct wad_session *s, const struct wad_http_tx *tx)
{
	const struct wad_http_seen *seen = tx->seen;

	return seen != NULL ? &seen->verdict : &s->verdict;
}

void
wad_block_answer_with(struct wad_session *s, struct wad_http_tx *tx,
    const struct wad_block *given)
{
	struct wad_block b = *given;

	if (b.text == NULL && tx->error[0] != '\0')
		b.text = tx->error;
	if (b.text == NULL && s->page_reason == b.why)
		b.text = s->why_text;
	wad_block_make(s, &tx->req, verdict_of(s, tx), &b, &tx->res,
	    &tx->body);
}

void
wad_block_answer(struct wad_session *s, struct wad_http_tx *tx,
    unsigned status, enum wad_reason_id why)
{
	const struct wad_block b = {
		.page = WAD_PAGE_N, .status = (int)status, .why = why,
	};

	wad_block_answer_with(s, tx, &b);
}

/* ---- a connection that gets pages only --------------------------------- */

static enum wad_http_say
on_request(void *owner, struct wad_http_tx *tx)
{
	struct wad_session *s = owner;

	wad_block_answer(s, tx, s->page_status, s->page_reason);
	WAD_DBG(HTTP, WAD_I, "Generating replacement message. %u error, for the connection (%s)",
	    tx->res.status, wad_reasons[s->page_reason].name);
	tx->req.close = true;		/* one is enough */
	return WAD_HTTP_ANSWER;
}

static enum wad_http_say
on_response(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	(void)tx;
	return WAD_HTTP_CUT;		/* there is no server */
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
	wad_block_answer(owner, tx, status, why);
}

static void
on_done(void *owner, struct wad_http_tx *tx)
{
	(void)owner;
	(void)tx;
}

const struct wad_http_ops wad_block_ops = {
	.request = on_request, .response = on_response, .body = on_body,
	.refuse = on_refuse, .done = on_done,
};

/* ---- the explicit proxy's ---------------------------------------------- */

void
wad_block_page(struct wad_session *s, int status, enum wad_reason_id why)
{
	s->page_reason = why;
	s->page_status = (unsigned)status;
	wad_http_fail(s->http, (unsigned)status, why, s->why_text);
}

/* ---- languages, and a look at a page ----------------------------------- */

void
wad_block_langs(struct wad_worker_conf *wc)
{
	const struct wad_conf_settings *st = &wc->conf->settings;

	wc->langs = wad_xcalloc(st->n_page_texts / 2 + 1,
	    sizeof(*wc->langs));
	for (size_t i = 0; i + 1 < st->n_page_texts; i += 2)
		wc->langs[wc->n_langs++] = wad_page_lang_new(
		    st->page_texts[i], st->page_texts[i + 1], "", NULL);
}

void
wad_block_langs_free(struct wad_worker_conf *wc)
{
	for (size_t i = 0; i < wc->n_langs; i++)
		wad_page_lang_free(wc->langs[i]);
	free(wc->langs);
}

static bool
list_pages(const struct wad_worker_conf *wc, struct wad_str *out)
{
	wad_str_addf(out, "%-15s%-15s%-30s%s\n", "page", "replacemsg",
	    "type", "text");
	for (size_t i = 0; i < WAD_PAGE_N; i++) {
		const struct wad_page_row *row = &wad_page_rows[i];

		wad_str_addf(out, "%-15s%-15s%-30s%s\n", row->name, row->kind,
		    row->type, text_in(&wc->conf->pages, row) != NULL ?
		    "own" : "built-in");
	}
	wad_str_add(out, "languages: en");
	for (size_t i = 0; i < wc->n_langs; i++)
		wad_str_addf(out, " %s", wad_page_lang_tag(wc->langs[i]));
	wad_str_add(out, "\n");
	return true;
}

bool
wad_block_show(const struct wad_worker_conf *wc, const char *words,
    struct wad_str *out)
{
	struct wad_http_head	 res = { 0 };
	struct wad_str		 body = { 0 };
	char			 name[40] = "", lang[40] = "", group[40] = "";
	struct wad_page		 p = {
		.host = "www.example.com", .url = "/page", .https = true,
		.category = "Example", .reason_name = "example",
		.reason = "this is an example", .user = "alice",
		.group = "staff", .client = "192.0.2.1",
		.server = "198.51.100.1", .policy = 1, .session = 1,
		.gateway = wc->conf->sys.hostname,
		.policy_uuid = "00000000-0000-0000-0000-000000000000",
	};

	if (sscanf(words, "%39s %39s %39s", name, lang, group) < 1)
		return list_pages(wc, out);
	p.id = wad_page_named(name);
	if (p.id == WAD_PAGE_N) {
		wad_str_add(out, "there is no page of this name; `diagnose "
		    "wad page list` has them all\n");
		return false;
	}
	if (p.id == WAD_PAGE_FTGD_WARNING) {
		p.action = "/example";
		p.token = "example";
	}
	p.lang = wad_page_lang_choose(wc->langs, wc->n_langs, lang);
	if (group[0] != '\0' && group_named(wc->conf, group) == NULL) {
		wad_str_add(out, "there is no such entry in system "
		    "replacemsg-group\n");
		return false;
	}
	put_own(&p, own_text(wc->conf, NULL, group, &wad_page_rows[p.id]));
	wad_page_answer(&p, &res, &body);
	wad_str_add(out, body.s != NULL ? body.s : "");
	wad_http_head_free(&res);
	wad_str_free(&body);
	return true;
}
