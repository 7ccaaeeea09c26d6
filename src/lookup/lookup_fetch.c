/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP with libcurl's multi interface on libevent.  libcurl never sees a name
 * that it would have to resolve (its resolver is a thread): port/dns.c finds
 * the addresses, one that may be reached is chosen, and libcurl connects to
 * that one; the function that opens its sockets looks once more.  Redirects
 * are followed here, each as a new URL.
 */
#include "lookup/lookup_fetch.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xmem.h"

enum {
	OPEN_MAX = 1024,	/* fetches, those that wait for their turn too:
				 * of a host as many as are free */
	RUNNING_MAX = 256,	/* at a time */
	PER_HOST = 8,
	REDIRECTS = 3,
	URL_SIZE = 1024,
	TARGETS = 4,		/* addresses that are tried */
	OWN_MAX = 1024,
	CONNECTIONS = 16,	/* kept for the next one */
	BODIES_MAX = 128 * 1024 * 1024,	/* of all that are open */
	WHY = 160,
	FEED_CONNECT = 20000,	/* ms, of a feed */
	FEED_STALL = 60,	/* seconds without a byte */
	FEED_PIECE = 4096,	/* unpacked it may be a thousand times that: a turn */
	HEADERS_MAX = 64 * 1024
};
#define FETCH_MAGIC	0x66657463u

enum state { QUEUED, ACTIVE, OVER };

struct wad_fetch {
	unsigned	 magic;
	struct wad_list	 all;
	struct wad_fetcher *f;
	enum state	 state;
	wad_lookup_fetch_fn *fn;
	void		*arg;
	/* what is asked */
	char		 url[URL_SIZE], host[WAD_HOST_MAX];
	uint16_t	 port;
	char		*type;		/* header line */
	uint8_t		*post; size_t post_len;
	size_t		 limit;
	bool		 anywhere, first;	/* first: not redirected to
					 * another host or scheme */
	unsigned	 redirects;
	bool		 is_feed;
	struct wad_fetch_feed feed;	/* texts are ours */
	uint64_t	 until;		/* monotonic ms */
	uint64_t	 since;		/* us, for the statistics */
	/* how it goes */
	struct event	*timer;		/* deadline, or the end when OVER */
	struct wad_dns_query *query;
	struct wad_addr	 to[TARGETS];	/* where libcurl may connect */
	size_t		 n_to, at;	/* at: to this one now */
	CURL		*curl;
	struct curl_slist *headers, *connect_to;
	uint8_t		*body; size_t len, cap;
	size_t		 head_len;
	struct wad_fetch_tags got;	/* of a feed's answer */
	unsigned	 encodings;
	const char	*fault;		/* of the answer; NULL: too large */
	enum wad_fetch_result result;
	char		 why[WHY];
};

struct sock {				/* a socket of libcurl's */
	struct event	*ev;
};

struct wad_fetcher {
	struct event_base *base;
	struct wad_dns	*dns;
	CURLM		*multi;
	struct event	*timer;
	struct wad_list	 all;
	unsigned	 n, running;
	size_t		 bodies;	/* bytes */
	bool		 private_ok;
	X509_STORE	*roots;
	struct wad_addr	*own; size_t n_own;
};

static void	 start_queued(struct wad_fetcher *);

/* ---- the end of a fetch -------------------------------------------------- */

static void
drop_transfer(struct wad_fetch *x)
{
	if (x->query != NULL)
		wad_dns_cancel(x->query);
	x->query = NULL;
	if (x->curl != NULL) {
		curl_multi_remove_handle(x->f->multi, x->curl);
		curl_easy_cleanup(x->curl);
	}
	x->curl = NULL;
	curl_slist_free_all(x->headers);
	curl_slist_free_all(x->connect_to);
	x->headers = x->connect_to = NULL;
}

/* Gives its turn away. */
static void
leave(struct wad_fetch *x, enum state next)
{
	drop_transfer(x);
	if (x->state == ACTIVE)
		x->f->running--;
	x->state = next;
}

static void
fetch_free(struct wad_fetch *x)
{
	leave(x, OVER);
	x->f->bodies -= x->cap;
	wad_list_remove(&x->all);
	x->f->n--;
	event_free(x->timer);
	x->magic = 0;
	free((void *)(uintptr_t)x->feed.username);
	if (x->feed.password != NULL)
		OPENSSL_cleanse((void *)(uintptr_t)x->feed.password,
		    strlen(x->feed.password));
	free((void *)(uintptr_t)x->feed.password);
	free((void *)(uintptr_t)x->feed.agent);
	free(x->type);
	free(x->post);
	free(x->body);
	free(x);
}

void
wad_lookup_fetch_cancel(struct wad_fetch *x)
{
	struct wad_fetcher *f;

	if (x == NULL)
		return;
	WAD_CHECK(x, FETCH_MAGIC);
	f = x->f;
	fetch_free(x);
	start_queued(f);
}

/* The end, told in the next turn of the loop. */
static void __attribute__((format(printf, 3, 4)))
end(struct wad_fetch *x, enum wad_fetch_result r, const char *fmt, ...)
{
	static const struct timeval now;
	va_list ap;

	leave(x, OVER);
	x->result = r;
	va_start(ap, fmt);
	vsnprintf(x->why, sizeof(x->why), fmt, ap);
	va_end(ap);
	evtimer_add(x->timer, &now);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	static const enum wad_counter counters[] = {
		[WAD_FETCH_OK] = WAD_CNT_FETCH_OK,
		[WAD_FETCH_FAILED] = WAD_CNT_FETCH_FAILED,
		[WAD_FETCH_TIMEOUT] = WAD_CNT_FETCH_TIMEOUT,
		[WAD_FETCH_SAME] = WAD_CNT_FETCH_OK,
	};
	struct wad_fetch	*x = arg;
	struct wad_fetcher	*f = x->f;
	wad_lookup_fetch_fn	*fn = x->fn;
	void			*fn_arg = x->arg;
	uint8_t			*body;
	size_t			 len;
	enum wad_fetch_result	 r;
	char			 why[WHY], esc[URL_SIZE];

	(void)fd, (void)what;
	WAD_CHECK(x, FETCH_MAGIC);
	if (x->state != OVER) {
		x->result = WAD_FETCH_TIMEOUT;
		snprintf(x->why, sizeof(x->why), "no answer from %.90s in time",
		    x->host);
	}
	/* the query of a feed's URL may be a secret */
	WAD_DBG(CERT, WAD_I, "fetch url=%s result=%s bytes=%zu %s",
	    wad_str_escape(esc, sizeof(esc), x->url, x->is_feed ?
	    strcspn(x->url, "?") : strlen(x->url)),
	    x->result == WAD_FETCH_OK ? "ok" : x->result == WAD_FETCH_SAME ?
	    "same" : x->result ==
	    WAD_FETCH_TIMEOUT ? "timeout" : "failed", x->len, x->why);
	r = x->result;
	wad_stats->counter[counters[r]]++;
	if (r == WAD_FETCH_OK)
		wad_stats_since(WAD_HISTO_FETCH, &x->since);
	memcpy(why, x->why, sizeof(why));
	body = x->body;
	len = x->len;
	x->body = NULL;
	fetch_free(x);
	start_queued(f);
	fn(fn_arg, r, body, len, why);
	free(body);
}

/* ---- where it may go ----------------------------------------------------- */

static bool
is_own(const struct wad_fetcher *f, const struct wad_addr *a)
{
	struct wad_addr inner;

	if (wad_addr_embedded(a, &inner) && is_own(f, &inner))
		return true;
	for (size_t i = 0; i < f->n_own; i++)
		if (wad_addr_ip_equal(&f->own[i], a))
			return true;
	return false;
}

/* May this fetch connect there?  Loopback, link-local, multicast and our own
 * addresses are for no certificate, whatever is allowed. */
static bool
may_reach(const struct wad_fetch *x, const struct wad_addr *a)
{
	struct wad_addr in = *a;

	if (x->anywhere)
		return true;
	if (is_own(x->f, a))
		return false;
	if (!x->f->private_ok)
		return !wad_addr_is_internal(a);
	(void)wad_addr_embedded(a, &in);
	return !wad_addr_is_loopback(a) && !wad_addr_is_linklocal(a) &&
	    !wad_addr_is_multicast(a) && !wad_addr_is_loopback(&in) &&
	    !wad_addr_is_linklocal(&in) && !wad_addr_is_multicast(&in);
}

/* Ports of other services are for nobody but the administrator. */
static const char *
odd_port(const struct wad_fetch *x)
{
	return !x->anywhere && x->port < 1024 && x->port != 80 &&
	    !(x->is_feed && x->port == 443) ?
	    "its port is not one for HTTP" : NULL;
}

/* Scheme, host and port of the URL; NULL, or what is wrong with it. */
static const char *
take_url(struct wad_fetch *x, const char *url)
{
	CURLU		*u = curl_url();
	char		*host = NULL, *port = NULL, *scheme = NULL;
	const char	*wrong = NULL;
	unsigned long	 n = 0;

	WAD_ASSERT(u != NULL);
	if (strlen(url) >= sizeof(x->url) ||
	    curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) !=
	    CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
	    CURLUE_OK ||
	    wad_str_host_canon(x->host, host, strlen(host)) == -1)
		wrong = "not a URL, or too long";
	else if (strcmp(scheme, "http") != 0 &&
	    !(x->is_feed && strcmp(scheme, "https") == 0))
		wrong = x->is_feed ? "its scheme is neither http nor https" : "only http is fetched: what says whether a "
		    "certificate is good cannot need one";
	else if ((n = strtoul(port, NULL, 10)) == 0 || n > 65535)
		wrong = "its port is none";
	else {
		x->port = (uint16_t)n;
		strcpy(x->url, url);
		wrong = odd_port(x);
	}
	curl_free(host);
	curl_free(port);
	curl_free(scheme);
	curl_url_cleanup(u);
	return wrong;
}

/* ---- libcurl ------------------------------------------------------------- */

/* Only what comes with status 200 is the document. */
static size_t
feed_body(struct wad_fetch *x, const char *p, size_t n)
{
	long status = 0;

	x->len += n;
	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 && x->feed.data(x->arg, p, n, &x->fault) == -1)
		return 0;
	return n;
}

static size_t
on_body(char *p, size_t one, size_t n, void *arg)
{
	struct wad_fetch *x = arg;

	(void)one;			/* always 1 */
	if (n > x->limit - x->len)
		return 0;		/* ends it: CURLE_WRITE_ERROR */
	if (x->is_feed)
		return feed_body(x, p, n);
	if (n > x->cap - x->len) {
		size_t cap = x->cap * 2 > x->len + n ? x->cap * 2 : x->len + n;

		if (cap < 4096)
			cap = 4096;
		if (cap - x->cap > BODIES_MAX - x->f->bodies) {
			x->fault = "no room: too much is being fetched";
			return 0;
		}
		x->f->bodies += cap - x->cap;
		x->body = wad_xrealloc(x->body, cap, 1);
		x->cap = cap;
	}
	memcpy(x->body + x->len, p, n);
	x->len += n;
	return n;
}

/* libcurl undoes transfer encodings that nobody asked for, each on top of the
 * other: some kilobytes can keep it busy for hours without one byte that
 * on_body would see.  "chunked" is the only one in use. */
static bool
packed(const char *p, size_t n)
{
	static const char name[] = "transfer-encoding:", only[] = "chunked";
	const size_t	  skip = sizeof(name) - 1;

	if (n < skip || strncasecmp(p, name, skip) != 0)
		return false;
	p += skip;
	n -= skip;
	for (; n > 0 && (*p == ' ' || *p == '\t'); n--)
		p++;
	while (n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL)
		n--;
	return n != sizeof(only) - 1 || strncasecmp(p, only, n) != 0;
}

/* The value of a field when the line is of this name; NULL. */
static const char *
value_of(const char *line, size_t n, const char *name, size_t *len)
{
	size_t skip = strlen(name);

	if (n <= skip || strncasecmp(line, name, skip) != 0 ||
	    line[skip] != ':')
		return NULL;
	for (skip++; skip < n && (line[skip] == ' ' || line[skip] == '\t');
	    skip++)
		;
	while (n > skip && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	*len = n - skip;
	return line + skip;
}

/* A tag that is too long, or not text, is none. */
static void
keep_tag(char *to, size_t size, const char *p, size_t len)
{
	to[0] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			return;
	if (len >= size)
		return;
	memcpy(to, p, len);
	to[len] = '\0';
}

/* One layer of gzip is asked for: of more, some kilobytes could be hours of
 * work without one byte of text. */
static bool
feed_head(struct wad_fetch *x, const char *line, size_t n)
{
	struct wad_fetch_tags	*t = x->feed.tags;
	const char		*v;
	size_t			 len;

	if (n > 5 && memcmp(line, "HTTP/", 5) == 0)
		memset(&x->got, 0, sizeof(x->got));
	else if ((v = value_of(line, n, "etag", &len)) != NULL)
		keep_tag(x->got.etag, sizeof(t->etag), v, len);
	else if ((v = value_of(line, n, "last-modified", &len)) != NULL)
		keep_tag(x->got.modified, sizeof(t->modified), v, len);
	else if ((v = value_of(line, n, "content-encoding", &len)) != NULL)
		return ++x->encodings == 1 && ((len == 4 &&
		    strncasecmp(v, "gzip", 4) == 0) || (len == 8 &&
		    strncasecmp(v, "identity", 8) == 0));
	return true;
}

/* libcurl keeps headers without a bound of its own. */
static size_t
on_head(char *p, size_t one, size_t n, void *arg)
{
	struct wad_fetch *x = arg;

	(void)one;
	if (packed(p, n) || (x->is_feed && !feed_head(x, p, n))) {
		x->fault = "an encoding that nobody asked for";
		return 0;
	}
	x->head_len += n;
	return x->head_len <= HEADERS_MAX ? n : 0;
}

static curl_socket_t
socket_from(const struct wad_fetch *x, int family, int protocol)
{
	struct sockaddr_storage	ss;
	struct wad_addr		from = x->feed.source;
	int			fd = socket(family, SOCK_STREAM |
	    SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd == -1 || !x->is_feed || from.family == 0)
		return fd;
	from.port = 0;
	if (from.family == family && bind(fd, (struct sockaddr *)&ss,
	    wad_addr_to_sockaddr(&from, &ss)) == 0)
		return fd;
	close(fd);
	return CURL_SOCKET_BAD;
}

static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct wad_fetch	*x = arg;
	struct wad_addr		 a;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    wad_addr_from_sockaddr(&a, &sa->addr) == -1 ||
	    !wad_addr_equal(&a, &x->to[x->at]))
		return CURL_SOCKET_BAD;
	return socket_from(x, sa->family, sa->protocol);
}

static void
option(CURLcode rc)
{
	WAD_ASSERT(rc == CURLE_OK);
}

static CURLcode
on_tls(CURL *c, void *ctx, void *arg)
{
	const struct wad_fetch *x = arg;

	(void)c;
	if (x->f->roots != NULL)
		SSL_CTX_set1_cert_store(ctx, x->f->roots);
	return CURLE_OK;
}

/* What a feed has beside the rest.  No file is opened: roots come from the
 * parent. */
static void
run_feed(struct wad_fetch *x, CURL *c)
{
	const struct wad_fetch_feed	*d = &x->feed;
	bool				 known = x->first;
	char				 line[160];

	memset(&x->got, 0, sizeof(x->got));
	x->encodings = 0;
	option(curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https"));
	option(curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)FEED_PIECE));
	option(curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip"));
	option(curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L));
	option(curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)FEED_STALL));
	option(curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L));
	option(curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L));
	option(curl_easy_setopt(c, CURLOPT_CAINFO, NULL));
	option(curl_easy_setopt(c, CURLOPT_CAPATH, NULL));
	option(curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER,
	    (long)(d->identity != WAD_FEED_ID_NONE)));
	option(curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST,
	    d->identity == WAD_FEED_ID_FULL ? 2L : 0L));
	option(curl_easy_setopt(c, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2));
	option(curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_tls));
	option(curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, x));
	if (d->agent != NULL)
		option(curl_easy_setopt(c, CURLOPT_USERAGENT, d->agent));
	if (known && d->username != NULL) {
		option(curl_easy_setopt(c, CURLOPT_HTTPAUTH,
		    (long)CURLAUTH_BASIC));
		option(curl_easy_setopt(c, CURLOPT_USERNAME, d->username));
		option(curl_easy_setopt(c, CURLOPT_PASSWORD,
		    d->password != NULL ? d->password : ""));
	}
	if (d->tags->etag[0] != '\0') {
		snprintf(line, sizeof(line), "If-None-Match: %s",
		    d->tags->etag);
		x->headers = curl_slist_append(x->headers, line);
	}
	if (d->tags->modified[0] != '\0') {
		snprintf(line, sizeof(line), "If-Modified-Since: %s",
		    d->tags->modified);
		x->headers = curl_slist_append(x->headers, line);
	}
	WAD_ASSERT(x->headers != NULL);
}

/* Time is left for the other addresses. */
static long
connect_ms(const struct wad_fetch *x)
{
	uint64_t now = wad_clock_ms();
	long	 ms = 1 + (long)(x->until > now ? x->until - now : 0) /
	    (long)(x->n_to - x->at);

	return x->is_feed && ms > FEED_CONNECT ? FEED_CONNECT : ms;
}

static void
run(struct wad_fetch *x)
{
	char		 to[WAD_ADDR_STRLEN + 16], text[WAD_ADDR_STRLEN];
	CURL		*c = curl_easy_init();

	WAD_ASSERT(c != NULL);
	x->curl = c;
	x->len = x->head_len = 0;
	x->fault = NULL;
	snprintf(to, sizeof(to), "::%s", wad_addr_str(&x->to[x->at], text));
	x->connect_to = curl_slist_append(NULL, to);
	x->headers = curl_slist_append(NULL, "Accept: */*");
	if (x->post != NULL) {
		x->headers = curl_slist_append(x->headers, x->type);
		option(curl_easy_setopt(c, CURLOPT_POST, 1L));
		option(curl_easy_setopt(c, CURLOPT_POSTFIELDS, x->post));
		option(curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
		    (long)x->post_len));
	}
	WAD_ASSERT(x->connect_to != NULL && x->headers != NULL);
	option(curl_easy_setopt(c, CURLOPT_URL, x->url));
	option(curl_easy_setopt(c, CURLOPT_CONNECT_TO, x->connect_to));
	option(curl_easy_setopt(c, CURLOPT_PRIVATE, x));
	option(curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http"));
	option(curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1));
	option(curl_easy_setopt(c, CURLOPT_PROXY, ""));	/* not of the env */
	option(curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L));
	option(curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, 0L));
	option(curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED));
	option(curl_easy_setopt(c, CURLOPT_USERAGENT, "openwad"));
	option(curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)x->limit));
	option(curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open));
	option(curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, x));
	option(curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, connect_ms(x)));
	option(curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_head));
	option(curl_easy_setopt(c, CURLOPT_HEADERDATA, x));
	option(curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body));
	option(curl_easy_setopt(c, CURLOPT_WRITEDATA, x));
	if (x->is_feed)
		run_feed(x, c);
	option(curl_easy_setopt(c, CURLOPT_HTTPHEADER, x->headers));
	WAD_ASSERT(curl_multi_add_handle(x->f->multi, c) == CURLM_OK);
}

static bool
over_tls(const struct wad_fetch *x)
{
	return strncasecmp(x->url, "https:", 6) == 0;
}

/* A redirect is a new URL, which is asked the same.  That the administrator
 * named a host does not speak for another one. */
static void
redirected(struct wad_fetch *x, const char *url)
{
	char		 next[URL_SIZE] = "", before[WAD_HOST_MAX];
	bool		 anywhere = x->anywhere, tls = over_tls(x);
	const char	*wrong;

	if (url != NULL && strlen(url) < sizeof(next))
		strcpy(next, url);
	leave(x, QUEUED);
	x->len = 0;
	strcpy(before, x->host);
	if (++x->redirects > REDIRECTS)
		end(x, WAD_FETCH_FAILED, "%.90s redirects too often", x->host);
	else if ((wrong = take_url(x, next)) != NULL)
		end(x, WAD_FETCH_FAILED, "redirect: %s", wrong);
	else {
		x->anywhere = anywhere && strcmp(before, x->host) == 0;
		x->first &= x->anywhere && over_tls(x) == tls;
		if (tls && !over_tls(x))
			end(x, WAD_FETCH_FAILED, "redirect: from https to "
			    "http");
		else if ((wrong = odd_port(x)) != NULL)
			end(x, WAD_FETCH_FAILED, "redirect: %s", wrong);
		else
			start_queued(x->f);
	}
}

static void
transfer_done(struct wad_fetch *x, CURLcode rc)
{
	char	*url = NULL;
	long	 status = 0;

	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	if ((rc == CURLE_COULDNT_CONNECT || (rc == CURLE_OPERATION_TIMEDOUT &&
	    status == 0)) && x->at + 1 < x->n_to) {
		drop_transfer(x);
		x->at++;
		run(x);
	} else if (rc == CURLE_WRITE_ERROR && x->fault != NULL)
		end(x, WAD_FETCH_FAILED, "the answer of %.70s: %s", x->host,
		    x->fault);
	else if (rc == CURLE_WRITE_ERROR || rc == CURLE_FILESIZE_EXCEEDED)
		end(x, WAD_FETCH_FAILED, "the answer of %.90s is larger than "
		    "%zu bytes", x->host, x->limit);
	else if (rc == CURLE_PEER_FAILED_VERIFICATION)
		end(x, WAD_FETCH_FAILED, "%.60s: its certificate is not "
		    "accepted (see set server-identity-check)", x->host);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		end(x, WAD_FETCH_TIMEOUT, "no answer from %.90s in time",
		    x->host);
	else if (rc != CURLE_OK)
		end(x, WAD_FETCH_FAILED, "%.90s: %s", x->host,
		    curl_easy_strerror(rc));
	else if (status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308) {
		curl_easy_getinfo(x->curl, CURLINFO_REDIRECT_URL, &url);
		redirected(x, url);
	} else if (status == 304 && x->is_feed)
		end(x, WAD_FETCH_SAME, "not changed");
	else if (status != 200)
		end(x, WAD_FETCH_FAILED, "%.90s answers with HTTP status %ld",
		    x->host, status);
	else {
		if (x->is_feed)
			*x->feed.tags = x->got;
		end(x, WAD_FETCH_OK, "fetched");
	}
}

static void
collect(struct wad_fetcher *f)
{
	CURLMsg	*m;
	int	 left;

	while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
		char		*p = NULL;
		CURLcode	 rc = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p);
		transfer_done((struct wad_fetch *)(void *)p, rc);
	}
}

static void
on_sock(evutil_socket_t fd, short what, void *arg)
{
	struct wad_fetcher	*f = arg;
	int			 running;

	curl_multi_socket_action(f->multi, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) |
	    (what & EV_WRITE ? CURL_CSELECT_OUT : 0), &running);
	collect(f);
}

static void
on_multi_timer(evutil_socket_t fd, short what, void *arg)
{
	struct wad_fetcher	*f = arg;
	int			 running;

	(void)fd, (void)what;
	curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(f);
}

/* libcurl wants to know about a socket. */
static int
on_want(CURL *c, curl_socket_t fd, int what, void *arg, void *sockp)
{
	struct wad_fetcher	*f = arg;
	struct sock		*s = sockp;

	(void)c;
	if (s != NULL)
		event_free(s->ev);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(f->multi, fd, NULL);
		free(s);
		return 0;
	}
	if (s == NULL) {
		s = wad_xcalloc(1, sizeof(*s));
		curl_multi_assign(f->multi, fd, s);
	}
	s->ev = event_new(f->base, fd, (short)(EV_PERSIST |
	    (what & CURL_POLL_IN ? EV_READ : 0) |
	    (what & CURL_POLL_OUT ? EV_WRITE : 0)), on_sock, f);
	WAD_ASSERT(s->ev != NULL && event_add(s->ev, NULL) == 0);
	return 0;
}

static int
on_want_timer(CURLM *m, long ms, void *arg)
{
	struct wad_fetcher	*f = arg;
	struct timeval		 tv = { ms / 1000, ms % 1000 * 1000 };

	(void)m;
	if (ms < 0)
		evtimer_del(f->timer);
	else
		evtimer_add(f->timer, &tv);
	return 0;
}

/* ---- one after another --------------------------------------------------- */

/* Is it of the family of source-ip? */
static bool
from_there(const struct wad_fetch *x, const struct wad_addr *a)
{
	return x->feed.source.family == 0 ||
	    x->feed.source.family == a->family;
}

static void
on_dns(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct wad_fetch *x = arg;

	WAD_CHECK(x, FETCH_MAGIC);
	x->query = NULL;
	if (n == 0) {
		end(x, WAD_FETCH_FAILED, "%.90s: %s", x->host,
		    err != NULL ? err : "no address");
		return;
	}
	x->n_to = x->at = 0;
	for (size_t i = 0; i < n && x->n_to < TARGETS; i++)
		if (may_reach(x, &addrs[i]) && from_there(x, &addrs[i])) {
			x->to[x->n_to] = addrs[i];
			x->to[x->n_to++].port = x->port;
		}
	if (x->n_to > 0)
		run(x);
	else
		end(x, WAD_FETCH_FAILED, "%.70s has %s", x->host,
		    x->feed.source.family != 0 ? "no address that source-ip "
		    "could reach" : "internal addresses only (see set "
		    "lookup-allow-private)");
}

static void
begin(struct wad_fetch *x)
{
	uint64_t now = wad_clock_ms();

	x->state = ACTIVE;
	x->f->running++;
	/* Later than our own deadline, which says "timeout". */
	x->query = wad_dns_ask(x->f->dns, x->host, 1000 + (x->until > now ?
	    (unsigned)(x->until - now) : 0), on_dns, x);
	if (x->query == NULL)
		end(x, WAD_FETCH_FAILED, "too many names are being resolved");
}

/* Has a host that many fetches, which run (or wait to, too)? */
static bool
busy(const struct wad_fetcher *f, const char *host, unsigned max, bool waiting)
{
	const struct wad_list	*l;
	unsigned		 n = 0;

	for (l = f->all.next; n < max && l != &f->all; l = l->next) {
		const struct wad_fetch *x = (const void *)((const char *)l -
		    offsetof(struct wad_fetch, all));

		n += (x->state == ACTIVE || (waiting && x->state == QUEUED)) &&
		    strcmp(x->host, host) == 0;
	}
	return n >= max;
}

static void
start_queued(struct wad_fetcher *f)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&f->all, l, tmp) {
		struct wad_fetch *x = WAD_LIST_ENTRY(l, struct wad_fetch, all);

		if (f->running >= RUNNING_MAX)
			return;
		if (x->state == QUEUED && !busy(f, x->host, PER_HOST, false))
			begin(x);
	}
}

static char *
copy(const char *s)
{
	return s != NULL ? wad_xstrdup(s) : NULL;
}

static void
take_feed(struct wad_fetch *x, const struct wad_fetch_feed *d)
{
	x->is_feed = true;
	x->feed = *d;
	x->feed.username = copy(d->username);
	x->feed.password = copy(d->password);
	x->feed.agent = copy(d->agent);
}

struct wad_fetch *
wad_lookup_fetch(struct wad_fetcher *f, const struct wad_fetch_ask *a,
    wad_lookup_fetch_fn *fn, void *arg)
{
	struct timeval tv = { a->deadline_ms / 1000,
		(suseconds_t)(a->deadline_ms % 1000) * 1000 };
	struct wad_fetch *x;
	const char	*wrong;

	x = wad_xcalloc(1, sizeof(*x));
	x->magic = FETCH_MAGIC;
	x->f = f;
	x->fn = fn;
	x->arg = arg;
	x->limit = a->limit;
	x->anywhere = a->anywhere;
	x->first = true;
	if (a->feed != NULL)
		take_feed(x, a->feed);
	x->until = wad_clock_ms() + a->deadline_ms;
	x->since = wad_clock_us();
	x->timer = evtimer_new(f->base, on_timer, x);
	WAD_ASSERT(x->timer != NULL);
	wad_list_init(&x->all);
	f->n++;
	wrong = take_url(x, a->url);
	if (f->n > OPEN_MAX || busy(f, x->host, OPEN_MAX - f->n + 1, true)) {
		fetch_free(x);
		return NULL;
	}
	wad_list_append(&f->all, &x->all);
	if (a->post != NULL) {
		x->post = wad_xmalloc(a->post_len + 1);
		memcpy(x->post, a->post, a->post_len);
		x->post_len = a->post_len;
		x->type = wad_xasprintf("Content-Type: %s", a->type);
	}
	if (wrong != NULL)
		end(x, WAD_FETCH_FAILED, "%s", wrong);
	else {
		evtimer_add(x->timer, &tv);
		start_queued(f);
	}
	return x;
}

/* ---- the whole ----------------------------------------------------------- */

struct wad_fetcher *
wad_lookup_fetch_open(struct event_base *base, struct wad_dns *dns)
{
	struct wad_fetcher *f;
	SSL_CTX		*ctx;

	/* What OpenSSL reads, it reads now: files cannot be opened later. */
	if (curl_global_init(CURL_GLOBAL_SSL) != CURLE_OK ||
	    (ctx = SSL_CTX_new(TLS_client_method())) == NULL)
		return NULL;
	SSL_CTX_free(ctx);
	f = wad_xcalloc(1, sizeof(*f));
	wad_list_init(&f->all);
	f->base = base;
	f->dns = dns;
	f->multi = curl_multi_init();
	f->timer = evtimer_new(base, on_multi_timer, f);
	WAD_ASSERT(f->multi != NULL && f->timer != NULL);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_want);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_want_timer);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	curl_multi_setopt(f->multi, CURLMOPT_PIPELINING,
	    (long)CURLPIPE_NOTHING);
	return f;
}

void
wad_lookup_fetch_own(struct wad_fetcher *f, const struct wad_addr *a, size_t n)
{
	if (n > OWN_MAX)
		n = OWN_MAX;
	free(f->own);
	f->own = wad_xcalloc(n + 1, sizeof(*f->own));
	memcpy(f->own, a, n * sizeof(*a));
	f->n_own = n;
}

void
wad_lookup_fetch_allow_private(struct wad_fetcher *f, bool yes)
{
	f->private_ok = yes;
}

void
wad_lookup_fetch_roots(struct wad_fetcher *f, X509_STORE *roots)
{
	X509_STORE_up_ref(roots);
	X509_STORE_free(f->roots);
	f->roots = roots;
}

unsigned
wad_lookup_fetch_count(const struct wad_fetcher *f)
{
	return f->n;
}

