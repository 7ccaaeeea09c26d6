/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 requests to the explicit proxy.
 *
 * A request head passes three gates.  scan() looks at every byte and every
 * line once, in the order of arrival, and stops at the first thing that two
 * parsers could read differently (bare CR or LF, control characters, folded
 * lines, blanks before a colon).  llhttp then takes the head apart, and must
 * find as many fields as scan() saw lines.  The checks at the end judge the
 * parsed model.  What the origin gets is written from the model; no byte of
 * the client's head is passed on as it came.
 *
 * Called by worker/explicit.c.  A request owns its path and its head.
 */
#include "http/h1_req.h"

#include <llhttp.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"

enum {
	URI_MAX = 16 * 1024,
	LINE_MAX_REQUEST = URI_MAX + 64,	/* method, version, blanks */
	CONNECTION_NAMES_MAX = 64
};

/* One header field: places in model.text. */
struct field {
	size_t name, nlen;
	size_t value, vlen;
};

/* What llhttp read. */
struct model {
	struct wad_str	text;		/* names and values, joined */
	struct wad_str	target;
	struct field	field[WAD_H1_HEADERS_MAX];
	size_t		n;
	bool		in_value, overflow, complete;
	uint8_t		minor;		/* HTTP/1.minor */
};

/* A name that the client's Connection field lists. */
struct hop {
	const char	*s;
	size_t		 len;
};

static const char *const methods[] = {
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "PATCH",
	"ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK", "M-SEARCH", "MERGE",
	"MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "PROPFIND",
	"PROPPATCH", "PURGE", "REBIND", "REPORT", "SEARCH", "SUBSCRIBE",
	"UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE"
};

/* Fields that end here, or that we write ourselves.  All that begin with
 * "Proxy-" end here too. */
static const char *const own_fields[] = {
	"Host", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade",
	"Transfer-Encoding", "Content-Length", "HTTP2-Settings", "Proxy"
};

static int	fail(struct wad_h1_req *, int, const char *, ...)
		    __attribute__((format(printf, 3, 4)));
static int	scan(struct wad_h1_req *, const char *, size_t);
static int	parse(struct wad_h1_req *, struct model *, const char *,
		    size_t);
static int	check_target(struct wad_h1_req *, const struct model *);
static int	check_fields(struct wad_h1_req *, const struct model *,
		    const char *);
static int	write_head(struct wad_h1_req *, const struct model *,
		    const char *);

int
wad_h1_req_read(struct wad_h1_req *r, const char *buf, size_t len,
    const char *via)
{
	struct model	*m;
	size_t		 start;
	int		 rc;

	if (r->status != 0)
		return -1;
	rc = scan(r, buf, len);
	if (rc != 1)
		return rc;
	r->head_len = r->seen;
	start = buf[0] == '\r' ? 2 : 0;

	m = wad_xcalloc(1, sizeof(*m));
	rc = parse(r, m, buf + start, r->head_len - start);
	if (rc == 0)
		rc = check_target(r, m);
	if (rc == 0)
		rc = check_fields(r, m, via);
	if (rc == 0 && !r->is_connect && !r->server)
		rc = write_head(r, m, via);
	wad_str_free(&m->text);
	wad_str_free(&m->target);
	free(m);
	if (rc == -1)
		wad_h1_req_free(r);
	return rc == 0 ? 1 : -1;
}

void
wad_h1_req_free(struct wad_h1_req *r)
{
	free(r->path);
	r->path = NULL;
	wad_str_free(&r->head);
}

/* Notes why the request is refused; always -1. */
static int
fail(struct wad_h1_req *r, int status, const char *fmt, ...)
{
	va_list ap;

	r->status = status;
	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return -1;
}

/* RFC 9110 section 5.6.2. */
static bool
is_tchar(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_tchar((unsigned char)s[i]))
			return false;
	return len > 0;
}

static bool
is_ows(char c)
{
	return c == ' ' || c == '\t';
}

static bool
equals(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

static void
trim(const char **s, size_t *len)
{
	while (*len > 0 && is_ows(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && is_ows((*s)[*len - 1]))
		(*len)--;
}

/* Cuts the next element of a comma list off; false at its end.  Empty
 * elements are passed over. */
static bool
next_element(const char **list, size_t *len, const char **e, size_t *elen)
{
	while (*len > 0) {
		const char *comma = memchr(*list, ',', *len);
		size_t n = comma != NULL ? (size_t)(comma - *list) : *len;

		*e = *list;
		*elen = n;
		n += comma != NULL;
		*list += n;
		*len -= n;
		trim(e, elen);
		if (*elen > 0)
			return true;
	}
	return false;
}

/* --- the first gate: bytes and lines --- */

static int
scan_method(struct wad_h1_req *r, const char *s, size_t len)
{
	if (!is_token(s, len))
		return fail(r, 400, "the request does not begin with a method");
	if (equals(s, len, "TRACE") || equals(s, len, "TRACK"))
		return fail(r, 405, "the method %.*s is not allowed",
		    (int)len, s);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strlen(methods[i]) == len &&
		    memcmp(methods[i], s, len) == 0)
			return 0;
	return fail(r, 501, "the method %.*s is not known here",
	    len < 32 ? (int)len : 32, s);
}

static int
scan_version(struct wad_h1_req *r, const char *s, size_t len)
{
	if (len != 8 || memcmp(s, "HTTP/", 5) != 0 || s[6] != '.' ||
	    s[5] < '0' || s[5] > '9' || s[7] < '0' || s[7] > '9')
		return fail(r, 400,
		    "the request line does not end in HTTP/1.1");
	if (s[5] != '1' || (s[7] != '0' && s[7] != '1'))
		return fail(r, 505, "HTTP/%c.%c is not spoken here, "
		    "use HTTP/1.1", s[5], s[7]);
	return 0;
}

/* METHOD SP target SP HTTP/1.x, one blank each. */
static int
scan_request_line(struct wad_h1_req *r, const char *s, size_t len)
{
	const char *end = s + len, *target, *version, *sp;

	sp = memchr(s, ' ', len);
	if (sp == NULL)
		return fail(r, 400, "the request line has no target");
	target = sp + 1;
	version = memchr(target, ' ', (size_t)(end - target));
	if (version == NULL)
		return fail(r, 400, "the request line has no version "
		    "(HTTP/0.9 is not served)");
	if (version == target)
		return fail(r, 400, "the request line has no target");
	if (version - target > URI_MAX)
		return fail(r, 414, "the URI is longer than %d bytes", URI_MAX);
	for (const char *p = target; p < version; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return fail(r, 400, "the URI holds a byte that must "
			    "be written with %%");
	version++;
	/* A preface of HTTP/2 has a method of its own: name the version. */
	if (scan_version(r, version, (size_t)(end - version)) == -1)
		return -1;
	return scan_method(r, s, (size_t)(sp - s));
}

static int
scan_field_line(struct wad_h1_req *r, const char *s, size_t len)
{
	const char *colon;

	if (r->lines > WAD_H1_HEADERS_MAX)
		return fail(r, 431, "more than %d header fields",
		    WAD_H1_HEADERS_MAX);
	if (is_ows(s[0]))
		return fail(r, 400, "a header field is folded over two lines");
	colon = memchr(s, ':', len);
	if (colon == NULL)
		return fail(r, 400, "a header line has no colon");
	if (colon == s)
		return fail(r, 400, "a header field has no name");
	if (is_ows(colon[-1]))
		return fail(r, 400, "a blank stands before the colon of a "
		    "header field");
	if (!is_token(s, (size_t)(colon - s)))
		return fail(r, 400, "a header name holds a character that is "
		    "not allowed");
	return 0;
}

/* Control characters, and CR and LF that are not a pair. */
static int
scan_byte(struct wad_h1_req *r, const char *buf, size_t i)
{
	unsigned char c = (unsigned char)buf[i];
	bool after_cr = i > 0 && buf[i - 1] == '\r';

	if (i == 0 && c == 0x16)
		return fail(r, 400, "this port speaks plain HTTP, and TLS "
		    "came in");
	if (i == 0 && c != '\r' && !is_tchar(c))
		return fail(r, 400, "the request does not begin with a method");
	if (after_cr && c != '\n')
		return fail(r, 400, "a CR stands alone");
	if (!after_cr && c == '\n')
		return fail(r, 400, "a LF stands alone");
	if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
		return fail(r, 400, "a control character (0x%02x) is in the "
		    "request head", c);
	if (r->lines == 0 && i - r->line > LINE_MAX_REQUEST)
		return fail(r, 414, "the URI is longer than %d bytes", URI_MAX);
	return 0;
}

/* Goes on where the last call stopped, so that a head that comes byte by byte
 * costs no more than one that comes at once.  1 at the empty line. */
static int
scan(struct wad_h1_req *r, const char *buf, size_t len)
{
	while (r->seen < len) {
		size_t	i = r->seen, n;
		int	rc;

		if (i >= WAD_H1_HEAD_MAX)
			return fail(r, 431, "the request head is longer than "
			    "%d bytes", WAD_H1_HEAD_MAX);
		if (scan_byte(r, buf, i) == -1)
			return -1;
		r->seen++;
		if (buf[i] != '\n')
			continue;
		n = i - 1 - r->line;
		if (n == 0 && r->lines > 0)
			return 1;
		if (n == 0 && r->line == 0) {
			/* RFC 9112 section 2.2: one empty line may come
			 * first. */
			r->line = 2;
			continue;
		}
		if (n == 0)
			return fail(r, 400, "the request line is empty");
		rc = r->lines == 0 ?
		    scan_request_line(r, buf + r->line, n) :
		    scan_field_line(r, buf + r->line, n);
		if (rc == -1)
			return -1;
		r->lines++;
		r->line = i + 1;
	}
	return 0;
}

/* --- the second gate: llhttp --- */

static int
on_url(llhttp_t *p, const char *at, size_t len)
{
	wad_str_addn(&((struct model *)p->data)->target, at, len);
	return 0;
}

static int
on_field(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;
	struct field *f;

	if (m->n == 0 || m->in_value) {
		if (m->n == WAD_H1_HEADERS_MAX) {
			m->overflow = true;
			return -1;
		}
		f = &m->field[m->n++];
		f->name = m->text.len;
		m->in_value = false;
	}
	f = &m->field[m->n - 1];
	wad_str_addn(&m->text, at, len);
	f->nlen += len;
	f->value = m->text.len;
	return 0;
}

static int
on_value(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;
	struct field *f;

	if (m->n == 0)
		return -1;
	f = &m->field[m->n - 1];
	m->in_value = true;
	wad_str_addn(&m->text, at, len);
	f->vlen += len;
	return 0;
}

/* Also for a field whose value is empty. */
static int
on_value_complete(llhttp_t *p)
{
	((struct model *)p->data)->in_value = true;
	return 0;
}

static int
on_headers_complete(llhttp_t *p)
{
	((struct model *)p->data)->complete = true;
	return HPE_PAUSED;
}

static const char *
name_of(const struct model *m, size_t i, size_t *len)
{
	*len = m->field[i].nlen;
	return m->text.s + m->field[i].name;
}

/* Without the blanks around it. */
static const char *
value_of(const struct model *m, size_t i, size_t *len)
{
	const char *s = m->text.s + m->field[i].value;

	*len = m->field[i].vlen;
	trim(&s, len);
	return s;
}

static int
parse(struct wad_h1_req *r, struct model *m, const char *s, size_t len)
{
	llhttp_settings_t	 cb;
	llhttp_t		 p;
	llhttp_errno_t		 e;
	const char		*method;

	llhttp_settings_init(&cb);
	cb.on_url = on_url;
	cb.on_header_field = on_field;
	cb.on_header_value = on_value;
	cb.on_header_value_complete = on_value_complete;
	cb.on_headers_complete = on_headers_complete;
	llhttp_init(&p, HTTP_REQUEST, &cb);
	p.data = m;
	e = llhttp_execute(&p, s, len);
	if (m->overflow)
		return fail(r, 431, "more than %d header fields",
		    WAD_H1_HEADERS_MAX);
	if (!m->complete || e != HPE_PAUSED)
		return fail(r, 400, "%s", llhttp_get_error_reason(&p) != NULL ?
		    llhttp_get_error_reason(&p) : "the head is malformed");
	/* Two readers, one reading. */
	method = llhttp_method_name((llhttp_method_t)llhttp_get_method(&p));
	if (m->n + 1 != r->lines || strlen(method) >= sizeof(r->method) ||
	    strncmp(s, method, strlen(method)) != 0 ||
	    s[strlen(method)] != ' ' || m->target.len == 0 ||
	    llhttp_get_http_major(&p) != 1)
		return fail(r, 400, "the request head is ambiguous");
	m->minor = llhttp_get_http_minor(&p);
	strcpy(r->method, method);
	r->is_connect = strcmp(r->method, "CONNECT") == 0;
	return 0;
}

/* --- the third gate: what it means --- */

static int
read_port(const char *s, size_t len, uint16_t *port)
{
	unsigned n = 0;

	if (len == 0 || len > 5)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (unsigned)(s[i] - '0');
	}
	if (n == 0 || n > 65535)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

/* host, host:port, [v6], [v6]:port.  *port stays when there is none; the
 * answer is what is wrong, or NULL. */
static const char *
read_authority(const char *s, size_t len, char host[WAD_HOST_MAX],
    uint16_t *port, bool *has_port)
{
	const char	*end = s + len, *colon;
	size_t		 n;

	*has_port = false;
	if (memchr(s, '@', len) != NULL)
		return "a user name in it is refused";
	if (len > 0 && s[0] == '[') {
		const char *close = memchr(s, ']', len);

		if (close == NULL)
			return "its address has no closing bracket";
		n = (size_t)(close - s - 1);
		if (memchr(s + 1, ':', n) == NULL ||
		    wad_str_host_canon(host, s + 1, n) == -1)
			return "it is not an IPv6 address";
		colon = close + 1;
		if (colon < end && *colon != ':')
			return "its port is malformed";
	} else {
		colon = memchr(s, ':', len);
		n = colon != NULL ? (size_t)(colon - s) : len;
		if (n == 0)
			return "it has no host name";
		if (wad_str_host_canon(host, s, n) == -1)
			return "its host name is malformed";
		if (colon == NULL)
			colon = end;
	}
	if (colon == end)
		return NULL;
	if (read_port(colon + 1, (size_t)(end - colon - 1), port) == -1)
		return "its port is not a number from 1 to 65535";
	*has_port = true;
	return NULL;
}

static int
check_connect(struct wad_h1_req *r, const struct model *m)
{
	const char	*why;
	bool		 has_port;

	why = read_authority(m->target.s, m->target.len, r->host, &r->port,
	    &has_port);
	if (why == NULL && !has_port)
		why = "it has no port";
	if (why != NULL)
		return fail(r, 400, "CONNECT needs host:port as its target: "
		    "%s", why);
	return 0;
}

/* Length of the scheme before "://", or 0. */
static size_t
scheme_len(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return strncmp(s + n, "://", 3) == 0 ? n : 0;
}

/* RFC 9112 section 3.2.1: the origin form; nobody needs another one. */
static int
check_own_target(struct wad_h1_req *r, const char *s)
{
	if (s[0] != '/')
		return fail(r, 400, "the target must be a path, /name");
	r->path = wad_xstrdup(s);
	return 0;
}

static int
check_target(struct wad_h1_req *r, const struct model *m)
{
	const char	*s = m->target.s, *why;
	size_t		 n = scheme_len(s), len;
	bool		 has_port;

	if (strlen(s) != m->target.len)
		return fail(r, 400, "the URI holds a NUL");
	if (r->server)
		return check_own_target(r, s);
	if (r->is_connect)
		return check_connect(r, m);
	if (n == 0)
		return fail(r, 400, "this is a proxy: the target must be a "
		    "whole URI, http://host/path");
	if (equals(s, n, "https"))
		return fail(r, 501, "https is reached with CONNECT, not with "
		    "an https:// URI");
	if (!equals(s, n, "http"))
		return fail(r, 501, "only http:// URIs are served");
	if (strchr(s, '#') != NULL)
		return fail(r, 400, "the URI holds a fragment");
	s += n + 3;
	len = strcspn(s, "/?");
	r->port = 80;
	why = read_authority(s, len, r->host, &r->port, &has_port);
	if (why != NULL)
		return fail(r, 400, "the host of the URI is not usable: %s",
		    why);
	s += len;
	if (*s == '\0' && strcmp(r->method, "OPTIONS") == 0)
		r->path = wad_xstrdup("*");
	else
		r->path = wad_xasprintf("%s%s", *s == '/' ? "" : "/", s);
	return 0;
}

static int
check_length(struct wad_h1_req *r, const char *s, size_t len)
{
	if (r->has_length)
		return fail(r, 400, "more than one Content-Length");
	/* 18 digits: no overflow anywhere, and an exabyte is enough. */
	if (len == 0 || len > 18)
		return fail(r, 400, "Content-Length is not a number");
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return fail(r, 400, "Content-Length is not a number");
		r->content_length = r->content_length * 10 +
		    (uint64_t)(s[i] - '0');
	}
	r->has_length = true;
	return 0;
}

static int
check_coding(struct wad_h1_req *r, const struct model *m, const char *s,
    size_t len)
{
	if (m->minor == 0)
		return fail(r, 400, "Transfer-Encoding in HTTP/1.0");
	if (r->chunked)
		return fail(r, 400, "more than one Transfer-Encoding");
	if (!equals(s, len, "chunked"))
		return fail(r, 400, "Transfer-Encoding is not chunked");
	r->chunked = true;
	return 0;
}

static int
check_host(struct wad_h1_req *r, const char *s, size_t len)
{
	char		 host[WAD_HOST_MAX];
	uint16_t	 port;
	bool		 has_port;
	const char	*why = read_authority(s, len, host, &port, &has_port);

	if (why != NULL)
		return fail(r, 400, "the Host field is not usable: %s", why);
	return 0;
}

/* Does an element of Via ("1.1 name (comment)") name us?  Commas inside of
 * comments only make more elements, which can hide nothing. */
static bool
via_names(const char *s, size_t len, const char *us)
{
	const char	*e;
	size_t		 n;

	while (next_element(&s, &len, &e, &n)) {
		size_t skip = 0, stop;

		while (skip < n && !is_ows(e[skip]))
			skip++;
		while (skip < n && is_ows(e[skip]))
			skip++;
		for (stop = skip; stop < n && !is_ows(e[stop]); stop++)
			;
		if (equals(e + skip, stop - skip, us))
			return true;
	}
	return false;
}

static int
check_fields(struct wad_h1_req *r, const struct model *m, const char *via)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t		 nlen, vlen;
		const char	*name = name_of(m, i, &nlen);
		const char	*value = value_of(m, i, &vlen);
		int		 rc = 0;

		if (equals(name, nlen, "Content-Length"))
			rc = check_length(r, value, vlen);
		else if (equals(name, nlen, "Transfer-Encoding"))
			rc = check_coding(r, m, value, vlen);
		else if (equals(name, nlen, "Host"))
			rc = hosts++ > 0 ?
			    fail(r, 400, "more than one Host field") :
			    check_host(r, value, vlen);
		else if (equals(name, nlen, "Expect") &&
		    !equals(value, vlen, "100-continue"))
			rc = fail(r, 417, "only 100-continue can be expected");
		else if (equals(name, nlen, "Via") &&
		    via_names(value, vlen, via))
			r->has_via_us = true;
		if (rc == -1)
			return -1;
	}
	if (hosts == 0 && m->minor == 1)
		return fail(r, 400, "the Host field is missing");
	if (r->chunked && r->has_length)
		return fail(r, 400, "Content-Length beside Transfer-Encoding");
	if (r->is_connect && (r->chunked || r->content_length > 0))
		return fail(r, 400, "a CONNECT request has no body");
	return 0;
}

/* --- the head for the origin --- */

/* The names in all Connection fields. */
static int
read_hops(struct wad_h1_req *r, const struct model *m, struct hop *hops,
    size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < m->n; i++) {
		size_t		 len, elen;
		const char	*s = name_of(m, i, &len), *e;

		if (!equals(s, len, "Connection"))
			continue;
		s = value_of(m, i, &len);
		while (next_element(&s, &len, &e, &elen)) {
			if (!is_token(e, elen))
				return fail(r, 400, "the Connection field "
				    "is malformed");
			if (*n == CONNECTION_NAMES_MAX)
				return fail(r, 431, "the Connection field "
				    "has more than %d names",
				    CONNECTION_NAMES_MAX);
			hops[*n].s = e;
			hops[(*n)++].len = elen;
		}
	}
	return 0;
}

static bool
ends_here(const char *name, size_t len, const struct hop *hops, size_t n)
{
	for (size_t i = 0; i < sizeof(own_fields) / sizeof(own_fields[0]); i++)
		if (equals(name, len, own_fields[i]))
			return true;
	if (len >= 6 && strncasecmp(name, "Proxy-", 6) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (hops[i].len == len &&
		    strncasecmp(hops[i].s, name, len) == 0)
			return true;
	return false;
}

static void
write_host(struct wad_h1_req *r)
{
	bool v6 = strchr(r->host, ':') != NULL;

	wad_str_addf(&r->head, "Host: %s%s%s", v6 ? "[" : "", r->host,
	    v6 ? "]" : "");
	if (r->port != 80)
		wad_str_addf(&r->head, ":%u", r->port);
	wad_str_add(&r->head, "\r\n");
}

/* A client of HTTP/1.0 gets an answer of HTTP/1.0: the answer is relayed as
 * it comes, and it could not read chunks. */
static int
write_head(struct wad_h1_req *r, const struct model *m, const char *via)
{
	struct hop	hops[CONNECTION_NAMES_MAX];
	size_t		n;

	if (read_hops(r, m, hops, &n) == -1)
		return -1;
	wad_str_addf(&r->head, "%s %s HTTP/1.%d\r\n", r->method, r->path,
	    m->minor);
	write_host(r);
	for (size_t i = 0; i < m->n; i++) {
		size_t		 nlen, vlen;
		const char	*name = name_of(m, i, &nlen);
		const char	*value = value_of(m, i, &vlen);

		/* Via is not for the client to remove. */
		if (!equals(name, nlen, "Via") &&
		    ends_here(name, nlen, hops, n))
			continue;
		wad_str_addn(&r->head, name, nlen);
		wad_str_add(&r->head, ": ");
		wad_str_addn(&r->head, value, vlen);
		wad_str_add(&r->head, "\r\n");
	}
	if (r->has_length)
		wad_str_addf(&r->head, "Content-Length: %llu\r\n",
		    (unsigned long long)r->content_length);
	if (r->chunked)
		wad_str_add(&r->head, "Transfer-Encoding: chunked\r\n");
	wad_str_addf(&r->head, "Via: 1.%d %s\r\nConnection: close\r\n\r\n",
	    m->minor, via);
	return 0;
}

/* --- the body --- */

/* Where a chunked body stands; the comment is what comes next. */
enum {
	B_SIZE,			/* a digit of the size, or CR */
	B_SIZE_LF,		/* LF after the size */
	B_DATA,			/* left bytes of data */
	B_DATA_CR, B_DATA_LF,	/* CR, LF after the data */
	B_END_CR, B_END_LF	/* CR, LF after the last chunk's line */
};

void
wad_h1_body_init(struct wad_h1_body *b, const struct wad_h1_req *r)
{
	memset(b, 0, sizeof(*b));
	b->chunked = r->chunked;
	b->state = B_SIZE;
	if (!r->chunked && r->has_length)
		b->left = r->content_length;
	b->done = !r->chunked && b->left == 0;
}

void
wad_h1_body_free(struct wad_h1_body *b)
{
	memset(b, 0, sizeof(*b));
	b->done = true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A byte of the framing; 0, or -1 when it may not stand here. */
static int
body_byte(struct wad_h1_body *b, char c)
{
	int d;

	switch (b->state) {
	case B_SIZE:
		d = hex_digit(c);
		if (d >= 0) {
			/* 15 digits cannot overflow. */
			if (++b->digits > 15)
				return -1;
			b->left = b->left << 4 | (unsigned)d;
			return 0;
		}
		if (b->digits == 0 || c != '\r')
			return -1;
		b->state = B_SIZE_LF;
		return 0;
	case B_SIZE_LF:
		b->state = b->left > 0 ? B_DATA : B_END_CR;
		return c == '\n' ? 0 : -1;
	case B_DATA_CR:
		b->state = B_DATA_LF;
		return c == '\r' ? 0 : -1;
	case B_DATA_LF:
		b->state = B_SIZE;
		b->digits = 0;
		return c == '\n' ? 0 : -1;
	case B_END_CR:
		b->state = B_END_LF;
		return c == '\r' ? 0 : -1;
	case B_END_LF:
		b->done = c == '\n';
		return b->done ? 0 : -1;
	default:
		return -1;
	}
}

long
wad_h1_body_feed(struct wad_h1_body *b, const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && !b->done) {
		if (!b->chunked || b->state == B_DATA) {
			size_t n = len - i;

			if (n > b->left)
				n = (size_t)b->left;
			b->left -= n;
			i += n;
			if (b->left == 0 && !b->chunked)
				b->done = true;
			else if (b->left == 0)
				b->state = B_DATA_CR;
		} else if (body_byte(b, s[i]) == -1) {
			/* Nothing more is ever taken. */
			b->state = UINT8_MAX;
			return -1;
		} else
			i++;
	}
	return (long)i;
}
