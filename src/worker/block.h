/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages instead of answers: which one a client gets, and for which session.
 * For an exchange: wad_block_answer (session.h) or wad_block_answer_with.  For
 * a connection that is blocked as a whole: an engine with wad_block_ops.
 */
#ifndef WAD_WORKER_BLOCK_H
#define WAD_WORKER_BLOCK_H

#include "base/reason.h"
#include "http/http.h"
#include "http/page.h"
#include "url/url.h"

struct wad_session;
struct wad_worker_conf;

/* What a page is to say.  Texts are copied. */
struct wad_block {
	enum wad_page_id page;		/* WAD_PAGE_N: by reason and status */
	int		 status;	/* 0: as the page's row says; 403 may
					 * become the policy's own code */
	enum wad_reason_id why;
	const char	*text;		/* exactly, for the help desk; NULL:
					 * that of the reason */
	const char	*action, *token;	/* a button; NULL: none.  The
					 * path is on the page's own site */
	const char	*pages;		/* override-replacemsg, NULL: that of
					 * the verdict's filter */
	const char	*user, *user_group;	/* NULL: not known */
};

/* The answer: res and body.  req may be NULL (before a request came); the
 * verdict is that of the request, or of the session. */
void	wad_block_make(struct wad_session *, const struct wad_http_head *req,
	    const struct wad_url_verdict *, const struct wad_block *,
	    struct wad_http_head *res, struct wad_str *body);
/* tx->res and tx->body. */
void	wad_block_answer_with(struct wad_session *, struct wad_http_tx *,
	    const struct wad_block *);

/* Owner is a struct wad_session *: every request is answered with the page of
 * s->page_reason and s->page_status, and nothing goes to a server. */
extern const struct wad_http_ops wad_block_ops;

/* The languages of a configuration. */
void	wad_block_langs(struct wad_worker_conf *);
void	wad_block_langs_free(struct wad_worker_conf *);

/* `diagnose wad page`: words "" (a list) or "NAME [LANGUAGE [GROUP]]"; false
 * with the reason. */
bool	wad_block_show(const struct wad_worker_conf *, const char *words,
	    struct wad_str *);

#endif
