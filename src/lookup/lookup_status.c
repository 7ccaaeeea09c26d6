/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a path revoked?  A question is about a path; an inquiry is about one
 * certificate of it, and shared by all questions that meet there.
 *
 * An inquiry goes from source to source until one says good or revoked: what
 * is kept from before, the CRLs of the configuration, the responders, the
 * CRLs that the certificate names.  It ends by its deadline in any case, so a
 * question needs none of its own.
 */
#include "lookup/lookup.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"

enum {
	ANSWERS_MAX = 16384, INQUIRIES_MAX = 4096,
	OCSP_URLS = 2, CRL_URLS = 3,	/* of one certificate */
	SOURCES = OCSP_URLS + CRL_URLS,
	KEY = 2 * SHA256_DIGEST_LENGTH,	/* certificate, its issuer's */
	NONCE = 16, DEADLINE = 3,	/* seconds, when nothing is set */
	LIST_BYTES = 100 * 1024
};
#define INQUIRY_MAGIC	0x696e7175u

struct answer {				/* that is kept */
	struct wad_lru_entry lru;
	unsigned char	 key[KEY];
	struct wad_x509_status st;
	int64_t		 at, until;
	char		 issuer[64], serial[48];
};

struct source {
	enum { BY_OCSP, BY_CRL } kind;
	char		*url;
	bool		 anywhere;
};

struct inquiry {
	unsigned	 magic;
	struct wad_list	 all, parts;
	struct wad_lookup *lk;
	uint64_t	 era;
	unsigned char	 key[KEY];
	X509		*cert, *issuer;
	struct source	 src[SOURCES];
	size_t		 n, at;
	struct event	*deadline;
	uint64_t	 until;		/* the same, monotonic ms */
	struct wad_fetch *fetch;
	struct wad_crl_wait *wait;
	OCSP_REQUEST	*req;
	struct wad_x509_status st;	/* the worst so far */
};

struct question {
	struct wad_lookup_asker asker;	/* must be first */
	unsigned	 open;		/* parts that wait */
	bool		 held;		/* its parts are not all there yet */
	uint32_t	 depth;		/* that st is about */
	struct wad_x509_status st;
	struct part {
		struct wad_list	 link;	/* inquiry->parts */
		struct question	*q;
		uint32_t	 depth;
	} part[WAD_LOOKUP_PATH];
};

static void	inquiry_next(struct inquiry *);

static int
rank(enum wad_cert_status s)
{
	static const int ranks[] = { [WAD_CERT_GOOD] = 0, [WAD_CERT_NONE] = 1,
		[WAD_CERT_FAILURE] = 2, [WAD_CERT_TIMEOUT] = 3,
		[WAD_CERT_REVOKED] = 4 };

	return ranks[s];
}

static bool
decides(const struct wad_x509_status *st)
{
	return st->status == WAD_CERT_GOOD || st->status == WAD_CERT_REVOKED;
}

static void __attribute__((format(printf, 3, 4)))
set(struct wad_x509_status *st, enum wad_cert_status s, const char *fmt, ...)
{
	va_list ap;

	st->status = s;
	st->until = 0;
	va_start(ap, fmt);
	vsnprintf(st->text, sizeof(st->text), fmt, ap);
	va_end(ap);
}

/* ---- what is kept -------------------------------------------------------- */

static bool
answer_same(const struct wad_lru_entry *e, const void *key)
{
	return memcmp(((const struct answer *)(const void *)e)->key, key,
	    KEY) == 0;
}

static void
answer_drop(struct wad_lru_entry *e)
{
	free(e);
}

static void
describe(struct answer *a, const struct inquiry *i)
{
	const ASN1_INTEGER	*n = X509_get0_serialNumber(i->cert);
	char			 cn[200] = "";
	int			 len;

	len = X509_NAME_get_text_by_NID(X509_get_issuer_name(i->cert),
	    NID_commonName, cn, sizeof(cn));
	wad_str_escape(a->issuer, sizeof(a->issuer), cn,
	    len > 0 ? strnlen(cn, sizeof(cn)) : 0);
	for (len = 0; len < ASN1_STRING_length(n) &&
	    len < (int)sizeof(a->serial) / 2 - 1; len++)
		snprintf(a->serial + 2 * len, 3, "%02x",
		    ASN1_STRING_get0_data(n)[len]);
}

static struct answer *
kept(struct wad_lookup *lk, const unsigned char key[KEY], int64_t now)
{
	struct answer *a = (struct answer *)(void *)wad_lru_find(&lk->answers,
	    wad_str_hash(0, key, KEY), key);

	return a != NULL && a->until > now ? a : NULL;
}

static void
keep(const struct inquiry *i)
{
	struct wad_lookup	*lk = i->lk;
	int64_t			 now = wad_clock_wall();
	uint64_t		 h = wad_str_hash(0, i->key, KEY);
	struct wad_lru_entry	*old = wad_lru_peek(&lk->answers, h, i->key);
	struct answer		*a;

	if (old != NULL)
		wad_lru_remove(&lk->answers, old);
	a = wad_xcalloc(1, sizeof(*a));
	memcpy(a->key, i->key, KEY);
	a->st = i->st;
	a->at = now;
	a->until = now + WAD_LOOKUP_RETRY;
	if (decides(&i->st)) {
		if (i->st.until > a->until)
			a->until = i->st.until;
		if (a->until > now + WAD_LOOKUP_KEEP)
			a->until = now + WAD_LOOKUP_KEEP;
	}
	describe(a, i);
	wad_lru_add(&lk->answers, &a->lru, h);
}

/* ---- questions ----------------------------------------------------------- */

static void
question_free(struct question *q)
{
	for (size_t i = 0; i < WAD_LOOKUP_PATH; i++)
		wad_list_remove(&q->part[i].link);
	wad_lookup_asker_remove(&q->asker);
	free(q);
}

static void
question_dropped(struct wad_lookup_asker *a)
{
	question_free((struct question *)(void *)a);
}

static void
send_status(struct wad_lookup_peer *p, uint32_t id, uint32_t depth,
    const struct wad_x509_status *st)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_STATUS, id);
	wad_msg_add_u32(&m, st->status);
	wad_msg_add_u32(&m, depth);
	wad_msg_add_u64(&m, (uint64_t)st->until);
	wad_msg_add_str(&m, st->text);
	(void)wad_chan_send(p->chan, &m);
	wad_msg_free(&m);
}

/* Answers when all parts are known, or one that decides. */
static void
question_advance(struct question *q)
{
	if (q->held || (q->open > 0 && q->st.status != WAD_CERT_REVOKED))
		return;
	WAD_DBG(CERT, WAD_I, "revocation status=%s depth=%u %s",
	    wad_x509_revoke_names[q->st.status], q->depth, q->st.text);
	send_status(q->asker.peer, q->asker.id, q->depth, &q->st);
	question_free(q);
}

/* What one certificate is; the path is as good as its worst one. */
static void
question_tell(struct question *q, uint32_t depth,
    const struct wad_x509_status *st)
{
	int64_t	until = q->st.until;
	bool	first = q->st.text[0] == '\0';

	if (first || rank(st->status) > rank(q->st.status)) {
		q->st = *st;
		q->depth = depth;
	}
	/* All good: as long as the first one of them. */
	if (!first && q->st.status == WAD_CERT_GOOD)
		q->st.until = until < st->until ? until : st->until;
}

/* ---- inquiries ----------------------------------------------------------- */

static void
inquiry_free(struct inquiry *i)
{
	wad_list_remove(&i->all);
	wad_lookup_fetch_cancel(i->fetch);
	wad_lookup_crl_cancel(i->wait);
	OCSP_REQUEST_free(i->req);
	event_free(i->deadline);
	for (size_t k = 0; k < i->n; k++)
		free(i->src[k].url);
	X509_free(i->cert);
	X509_free(i->issuer);
	i->magic = 0;
	free(i);
}

/* The end: tells all who wait.  A CRL that is still on its way may answer the
 * next question, so that it is late is not kept. */
static void
inquiry_end(struct inquiry *i)
{
	if (i->wait == NULL && i->era == i->lk->era)
		keep(i);
	while (!wad_list_empty(&i->parts)) {
		struct part *p = WAD_LIST_ENTRY(i->parts.next, struct part,
		    link);
		struct question *q = p->q;

		wad_list_remove(&p->link);
		q->open--;
		question_tell(q, p->depth, &i->st);
		question_advance(q);
	}
	inquiry_free(i);
}

/* A source that did not help: the worst reason stays. */
static void
note(struct inquiry *i, const struct wad_x509_status *st)
{
	if (i->st.text[0] == '\0' || rank(st->status) > rank(i->st.status))
		i->st = *st;
}

/* The answer of a source: the end, or the next one. */
static void
inquiry_heard(struct inquiry *i, const struct wad_x509_status *st)
{
	if (decides(st)) {
		i->st = *st;
		inquiry_end(i);
		return;
	}
	note(i, st);
	i->at++;
	inquiry_next(i);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct inquiry *i = arg;

	(void)fd, (void)what;
	WAD_CHECK(i, INQUIRY_MAGIC);
	set(&i->st, WAD_CERT_TIMEOUT, "no answer about the certificate in "
	    "time");
	inquiry_end(i);
}

/* --- a responder --- */

static void
judge_ocsp(struct inquiry *i, const uint8_t *body, size_t len,
    struct wad_x509_status *st)
{
	const uint8_t	*p = body;
	OCSP_RESPONSE	*r;
	OCSP_BASICRESP	*b = NULL;
	bool		 replayed;

	ERR_set_mark();
	r = d2i_OCSP_RESPONSE(NULL, &p, (long)len);
	if (r != NULL)
		b = OCSP_response_get1_basic(r);
	/* RFC 8954: no nonce is fine, another one is somebody else's. */
	replayed = b != NULL && OCSP_check_nonce(i->req, b) == 0;
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
	ERR_pop_to_mark();
	if (replayed) {
		set(st, WAD_CERT_FAILURE, "the response answers another "
		    "request (nonce)");
		return;
	}
	wad_x509_revoke_ocsp(body, len, i->cert, i->issuer, wad_clock_wall(),
	    st);
	/* "Unknown" in a right answer stays NONE, unless the settings are
	 * strict; every other NONE is an answer of no use. */
	if (st->status == WAD_CERT_NONE && (st->until == 0 ||
	    i->lk->conf->revocation.strict_ocsp))
		st->status = WAD_CERT_FAILURE;
}

static void
on_ocsp(void *arg, enum wad_fetch_result r, const uint8_t *body, size_t len,
    const char *why)
{
	struct inquiry		*i = arg;
	struct wad_x509_status	 st = { .until = 0 };

	WAD_CHECK(i, INQUIRY_MAGIC);
	i->fetch = NULL;
	if (r == WAD_FETCH_OK)
		judge_ocsp(i, body, len, &st);
	else
		set(&st, r == WAD_FETCH_TIMEOUT ? WAD_CERT_TIMEOUT :
		    WAD_CERT_FAILURE, "OCSP: %.110s", why);
	inquiry_heard(i, &st);
}

static int
ask_ocsp(struct inquiry *i, const struct source *src)
{
	struct wad_fetch_ask	 a = { .url = src->url,
		.type = "application/ocsp-request", .limit = WAD_STAPLE_MAX,
		.anywhere = src->anywhere };
	uint64_t		 now = wad_clock_ms();
	OCSP_CERTID		*id;
	uint8_t			*der = NULL;
	int			 len;

	OCSP_REQUEST_free(i->req);
	i->req = OCSP_REQUEST_new();
	/* SHA-1 here names, it does not protect; every responder knows it. */
	id = OCSP_cert_to_id(EVP_sha1(), i->cert, i->issuer);
	WAD_ASSERT(i->req != NULL);
	if (id == NULL || OCSP_request_add0_id(i->req, id) == NULL)
		return -1;
	if (OCSP_request_add1_nonce(i->req, NULL, NONCE) != 1 ||
	    (len = i2d_OCSP_REQUEST(i->req, &der)) <= 0)
		return -1;
	/* A dead responder must leave time for the sources behind it. */
	a.deadline_ms = 1 + (unsigned)((i->until > now ? i->until - now : 0) /
	    (i->n - i->at));
	a.post = der;
	a.post_len = (size_t)len;
	i->fetch = wad_lookup_fetch(i->lk->fetch, &a, on_ocsp, i);
	OPENSSL_free(der);
	return i->fetch != NULL ? 0 : -1;
}

/* --- a CRL --- */

static void
on_crl(void *arg)
{
	struct inquiry *i = arg;

	WAD_CHECK(i, INQUIRY_MAGIC);
	i->wait = NULL;
	inquiry_next(i);
}

/* --- one after another --- */

static void
inquiry_next(struct inquiry *i)
{
	struct wad_x509_status	 st = { .until = 0 };
	const struct source	*src;

	if (i->at == i->n) {
		inquiry_end(i);
		return;
	}
	src = &i->src[i->at];
	if (src->kind == BY_OCSP) {
		if (ask_ocsp(i, src) == 0)
			return;
		set(&st, WAD_CERT_TIMEOUT, "too many questions are open");
	} else if (wad_lookup_crl_judge(i->lk->crls, src->url, i->cert,
	    i->issuer, wad_clock_wall(), &st)) {
		if (st.status == WAD_CERT_NONE)
			st.status = WAD_CERT_FAILURE;
	} else {
		i->wait = wad_lookup_crl_fetch(i->lk->crls, src->url, on_crl,
		    i);
		if (i->wait != NULL)
			return;
		set(&st, WAD_CERT_TIMEOUT, "too many CRLs are being fetched");
	}
	inquiry_heard(i, &st);
}

static void
add_source(struct inquiry *i, int kind, const char *url, bool anywhere)
{
	struct source *s = &i->src[i->n++];

	s->kind = kind;
	s->url = wad_xstrdup(url);
	s->anywhere = anywhere;
}

/* The URL of a name, when it is one. */
static const char *
url_of(const GENERAL_NAME *g)
{
	const ASN1_IA5STRING	*s;
	const char		*url;

	if (g == NULL || g->type != GEN_URI)
		return NULL;
	s = g->d.uniformResourceIdentifier;
	url = (const char *)ASN1_STRING_get0_data(s);
	if (strnlen(url, (size_t)ASN1_STRING_length(s)) !=
	    (size_t)ASN1_STRING_length(s) || strncasecmp(url, "http://", 7) !=
	    0)
		return NULL;
	return url;		/* OpenSSL ends it with a NUL */
}

static void
add_responders(struct inquiry *i)
{
	const struct wad_ocsp_server *o = i->lk->conf->revocation.ocsp_server;
	AUTHORITY_INFO_ACCESS	*aia;
	size_t			 max = i->n + OCSP_URLS;

	if (o != NULL) {
		add_source(i, BY_OCSP, o->url, true);
		return;
	}
	aia = X509_get_ext_d2i(i->cert, NID_info_access, NULL, NULL);
	for (int k = 0; k < sk_ACCESS_DESCRIPTION_num(aia) && i->n < max;
	    k++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(aia,
		    k);
		const char *url = url_of(d->location);

		if (OBJ_obj2nid(d->method) == NID_ad_OCSP && url != NULL)
			add_source(i, BY_OCSP, url, false);
	}
	AUTHORITY_INFO_ACCESS_free(aia);
}

/* Points for some reasons only, or with another signer, are of no use. */
static void
add_crls(struct inquiry *i)
{
	CRL_DIST_POINTS	*points;
	size_t		 max = i->n + CRL_URLS;

	points = X509_get_ext_d2i(i->cert, NID_crl_distribution_points, NULL,
	    NULL);
	for (int k = 0; k < sk_DIST_POINT_num(points); k++) {
		const DIST_POINT *p = sk_DIST_POINT_value(points, k);

		if (p->CRLissuer != NULL || p->reasons != NULL ||
		    p->distpoint == NULL || p->distpoint->type != 0)
			continue;
		for (int m = 0; i->n < max &&
		    m < sk_GENERAL_NAME_num(p->distpoint->name.fullname);
		    m++) {
			const char *url = url_of(sk_GENERAL_NAME_value(
			    p->distpoint->name.fullname, m));

			if (url != NULL)
				add_source(i, BY_CRL, url, false);
		}
	}
	CRL_DIST_POINTS_free(points);
}

static struct inquiry *
inquiry_new(struct wad_lookup *lk, const unsigned char key[KEY], X509 *cert,
    X509 *issuer)
{
	unsigned	 s = lk->conf->settings.revocation_timeout;
	struct timeval	 tv = { .tv_sec = s != 0 ? s : DEADLINE };
	struct inquiry	*i = wad_xcalloc(1, sizeof(*i));

	i->magic = INQUIRY_MAGIC;
	i->lk = lk;
	i->era = lk->era;
	wad_list_init(&i->parts);
	wad_list_append(&lk->inquiries, &i->all);
	memcpy(i->key, key, KEY);
	X509_up_ref(cert);
	X509_up_ref(issuer);
	i->cert = cert;
	i->issuer = issuer;
	i->deadline = evtimer_new(lk->base, on_deadline, i);
	WAD_ASSERT(i->deadline != NULL);
	evtimer_add(i->deadline, &tv);
	i->until = wad_clock_ms() + (uint64_t)tv.tv_sec * 1000;
	return i;
}

static void	on_awaited(void *);

/* What needs nobody else comes first; that is nothing as long as a list that
 * the administrator named may still come. */
static void
inquiry_start(struct inquiry *i)
{
	const struct wad_conf_revocation *r = &i->lk->conf->revocation;
	const char		*url = wad_lookup_crl_awaited(i->lk->crls);
	struct wad_x509_status	 st;

	if (url != NULL && (i->wait = wad_lookup_crl_fetch(i->lk->crls, url,
	    on_awaited, i)) != NULL)
		return;
	wad_lookup_crl_local(i->lk->crls, i->cert, i->issuer,
	    wad_clock_wall(), &st);
	if (st.text[0] != '\0' && r->strict_crl && !decides(&st))
		st.status = WAD_CERT_FAILURE;
	if (decides(&st) || (st.text[0] != '\0' && r->strict_crl)) {
		i->st = st;
		inquiry_end(i);
		return;
	}
	/* With ocsp-status disable nobody is asked. */
	if (r->ocsp != WAD_OCSP_DISABLE) {
		ERR_set_mark();
		add_responders(i);
		add_crls(i);
		ERR_pop_to_mark();
	}
	if (i->n == 0)
		set(&i->st, WAD_CERT_NONE, "nothing says whom to ask");
	inquiry_next(i);
}

static void
on_awaited(void *arg)
{
	struct inquiry *i = arg;

	WAD_CHECK(i, INQUIRY_MAGIC);
	i->wait = NULL;
	inquiry_start(i);
}

static struct inquiry *
inquiry_find(struct wad_lookup *lk, const unsigned char key[KEY])
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&lk->inquiries, l, tmp) {
		struct inquiry *i = WAD_LIST_ENTRY(l, struct inquiry, all);

		if (i->era == lk->era && memcmp(i->key, key, KEY) == 0)
			return i;
	}
	return NULL;
}

static size_t
inquiries_open(const struct wad_lookup *lk)
{
	const struct wad_list	*l;
	size_t			 n = 0;

	for (l = lk->inquiries.next; l != &lk->inquiries; l = l->next)
		n++;
	return n;
}

/* One certificate of a question. */
static void
ask_about(struct question *q, uint32_t depth, X509 *cert, X509 *issuer)
{
	struct wad_lookup	*lk = q->asker.peer->lk;
	struct wad_x509_status	 st;
	unsigned char		 key[KEY];
	unsigned		 n = 0;
	struct answer		*a;
	struct inquiry		*i;
	bool			 fresh = false;

	if (X509_digest(cert, EVP_sha256(), key, &n) != 1 ||
	    X509_digest(issuer, EVP_sha256(), key + SHA256_DIGEST_LENGTH,
	    &n) != 1) {
		set(&st, WAD_CERT_FAILURE, "not a certificate");
		question_tell(q, depth, &st);
		return;
	}
	a = kept(lk, key, wad_clock_wall());
	if (a != NULL) {
		question_tell(q, depth, &a->st);
		return;
	}
	i = inquiry_find(lk, key);
	if (i == NULL && inquiries_open(lk) >= INQUIRIES_MAX) {
		set(&st, WAD_CERT_TIMEOUT, "too many questions are open");
		question_tell(q, depth, &st);
		return;
	}
	if (i == NULL) {
		i = inquiry_new(lk, key, cert, issuer);
		fresh = true;
	}
	q->part[depth].depth = depth;
	wad_list_append(&i->parts, &q->part[depth].link);
	q->open++;
	if (fresh)
		inquiry_start(i);
}

static void
ask_path(struct wad_lookup_peer *p, uint32_t id, STACK_OF(X509) *path)
{
	struct question		*q = wad_xcalloc(1, sizeof(*q));
	struct wad_x509_status	 st;
	int			 n = sk_X509_num(path);

	for (size_t i = 0; i < WAD_LOOKUP_PATH; i++) {
		wad_list_init(&q->part[i].link);
		q->part[i].q = q;
	}
	if (!wad_lookup_asker_add(&q->asker, p, id, question_dropped)) {
		set(&st, WAD_CERT_TIMEOUT, "too many questions are open");
		send_status(p, id, 0, &st);
		free(q);
		return;
	}
	q->held = true;
	for (int i = 0; i + 1 < n; i++)
		ask_about(q, (uint32_t)i, sk_X509_value(path, i),
		    sk_X509_value(path, i + 1));
	if (n == 1)
		set(&q->st, WAD_CERT_NONE, "a root is not asked about");
	q->held = false;
	question_advance(q);
}

int
wad_lookup_status_asked(struct wad_lookup_peer *p, struct wad_msg_in *m)
{
	STACK_OF(X509)	*path;
	const void	*der;
	uint64_t	 gen;
	uint32_t	 n;
	size_t		 len;
	int		 rc = -1;

	if (wad_msg_get_u64(m, &gen) == -1 || wad_msg_get_u32(m, &n) == -1 ||
	    n == 0 || n > WAD_LOOKUP_PATH)
		return -1;
	path = sk_X509_new_null();
	WAD_ASSERT(path != NULL);
	while (n-- > 0) {
		const unsigned char	*at;
		X509			*x;

		if (wad_msg_get_blob(m, &der, &len) == -1)
			goto out;
		at = der;
		x = d2i_X509(NULL, &at, (long)len);
		if (x == NULL)
			goto out;
		WAD_ASSERT(sk_X509_push(path, x) > 0);
	}
	rc = wad_msg_end(m);
	if (rc == 0)
		ask_path(p, m->id, path);
out:
	ERR_clear_error();
	sk_X509_pop_free(path, X509_free);
	return rc;
}

/* ---- the whole ----------------------------------------------------------- */

void
wad_lookup_status_init(struct wad_lookup *lk)
{
	wad_list_init(&lk->inquiries);
	wad_lru_init(&lk->answers, ANSWERS_MAX / 2, ANSWERS_MAX, answer_same,
	    answer_drop);
}

void
wad_lookup_status_clear(struct wad_lookup *lk)
{
	wad_lru_clear(&lk->answers);
	lk->era++;
}

void
wad_lookup_status_list(struct wad_lookup *lk, struct wad_str *out)
{
	struct wad_list	*l;
	int64_t		 now = wad_clock_wall();
	size_t		 left = lk->answers.n;

	wad_str_addf(out, "revocation: asked=%" PRIu64 " refused=%" PRIu64
	    " open=%u inquiries=%zu fetches=%u entries=%zu/%d hits=%" PRIu64
	    " misses=%" PRIu64 " evicted=%" PRIu64 "\n", lk->asked,
	    lk->refused, lk->n_asks, inquiries_open(lk),
	    wad_lookup_fetch_count(lk->fetch), lk->answers.n, ANSWERS_MAX,
	    lk->answers.hits, lk->answers.misses, lk->answers.evicted);
	for (l = lk->answers.age.prev; l != &lk->answers.age &&
	    out->len < LIST_BYTES; l = l->prev, left--) {
		const struct answer *a = (const struct answer *)(const void *)
		    WAD_LIST_ENTRY(l, struct wad_lru_entry, age);

		wad_str_addf(out, "  issuer=%s serial=%s status=%s age=%"
		    PRId64 "s left=%" PRId64 "s %s\n", a->issuer, a->serial,
		    wad_x509_revoke_names[a->st.status], now - a->at,
		    a->until > now ? a->until - now : 0, a->st.text);
	}
	if (left > 0)
		wad_str_addf(out, "  and %zu more\n", left);
}
