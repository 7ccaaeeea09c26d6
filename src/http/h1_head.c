/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads of HTTP/1.1 messages.
 *
 * A head passes three gates.  scan() looks at every byte and every line once,
 * in the order of arrival, and stops at the first thing that two parsers could
 * read differently (bare CR or LF, control characters, folded lines, blanks
 * before a colon).  llhttp then takes the head apart, and must find as many
 * fields as scan() saw lines.  The checks at the end judge the parsed model.
 * What is sent on is written from the model (h1_write.c).
 *
 * Called by h1.c.
 */
#include "http/h1_head.h"

#include <llhttp.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/xmem.h"

enum { SNIFF_MAX = 8192, METHOD_MAX = 32, HTTP = 80, HTTPS = 443 };

/* While llhttp runs over a head. */
struct model {
	struct wad_http_head *out;
	const char	*target, *name, *value;	/* in the bytes of the head */
	size_t		 tlen, nlen, vlen;
	const char	*phrase;
	size_t		 plen;
	bool		 broken;	/* pieces that are not one text */
	bool		 complete;
};

static const char *const methods[] = {
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "PATCH",
	"ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK", "M-SEARCH", "MERGE",
	"MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "PROPFIND",
	"PROPPATCH", "PURGE", "REBIND", "REPORT", "SEARCH", "SUBSCRIBE",
	"UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE"
};

static int	fail(struct wad_h1_head *, unsigned, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

void
wad_h1_head_begin(struct wad_h1_head *h, enum wad_h1_kind kind,
    const struct wad_http_limits *limits)
{
	h->kind = kind;
	h->limits = limits;
	h->seen = h->line = 0;
	h->status = 0;
	h->error[0] = '\0';
	h->lines = kind >= WAD_H1_REQUEST_TRAILERS;
}

/* Notes why the message is refused; always -1. */
static int
fail(struct wad_h1_head *h, unsigned status, const char *fmt, ...)
{
	bool	response = h->kind == WAD_H1_RESPONSE ||
	    h->kind == WAD_H1_RESPONSE_TRAILERS;
	va_list	ap;

	h->status = response ? 502 : status;
	va_start(ap, fmt);
	vsnprintf(h->error, sizeof(h->error), fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- characters ------------------------------------------------------- */

/* RFC 9110 section 5.6.2. */
static bool
is_tchar(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' ||
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

static bool
all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return len > 0;
}

/* ---- the first gate: bytes and lines ---------------------------------- */

bool
wad_h1_head_method(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strlen(methods[i]) == len &&
		    memcmp(methods[i], s, len) == 0)
			return true;
	return false;
}

static int
scan_method(struct wad_h1_head *h, const char *s, size_t len)
{
	if (!is_token(s, len))
		return fail(h, 400, "the request does not begin with a method");
	if (equals(s, len, "TRACE") || equals(s, len, "TRACK"))
		return fail(h, 405, "the method %.*s is not allowed",
		    (int)len, s);
	if (wad_h1_head_method(s, len))
		return 0;
	return fail(h, 501, "the method %.*s is not known here",
	    len < METHOD_MAX ? (int)len : METHOD_MAX, s);
}

/* "HTTP/" digit "." digit */
static bool
is_version(const char *s, size_t len)
{
	return len == 8 && memcmp(s, "HTTP/", 5) == 0 && s[6] == '.' &&
	    s[5] >= '0' && s[5] <= '9' && s[7] >= '0' && s[7] <= '9';
}

static int
scan_version(struct wad_h1_head *h, const char *s, size_t len)
{
	if (!is_version(s, len))
		return fail(h, 400, h->kind == WAD_H1_REQUEST ?
		    "the request line does not end in HTTP/1.1" :
		    "the response does not begin with HTTP/1.1");
	if (s[5] != '1' || (s[7] != '0' && s[7] != '1'))
		return fail(h, 505, "HTTP/%c.%c is not spoken here, "
		    "use HTTP/1.1", s[5], s[7]);
	return 0;
}

/* METHOD SP target SP HTTP/1.x, one blank each. */
static int
scan_request_line(struct wad_h1_head *h, const char *s, size_t len)
{
	const char *end = s + len, *target, *version, *sp;

	sp = memchr(s, ' ', len);
	if (sp == NULL)
		return fail(h, 400, "the request line has no target");
	target = sp + 1;
	version = memchr(target, ' ', (size_t)(end - target));
	if (version == NULL)
		return fail(h, 400, "the request line has no version "
		    "(HTTP/0.9 is not served)");
	if (version == target)
		return fail(h, 400, "the request line has no target");
	for (const char *p = target; p < version; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return fail(h, 400, "the URI holds a byte that must "
			    "be written with %%");
	version++;
	/* A preface of HTTP/2 has a method of its own: name the version. */
	if (scan_version(h, version, (size_t)(end - version)) == -1)
		return -1;
	return scan_method(h, s, (size_t)(sp - s));
}

/* HTTP/1.x SP three digits, and SP phrase unless it ends there. */
static int
scan_status_line(struct wad_h1_head *h, const char *s, size_t len)
{
	if (scan_version(h, s, len < 8 ? len : 8) == -1)
		return -1;
	if (len < 12 || s[8] != ' ' || !all_digits(s + 9, 3) || s[9] == '0' ||
	    (len > 12 && s[12] != ' '))
		return fail(h, 502, "the status line has no status of three "
		    "digits");
	return 0;
}

static int
scan_field_line(struct wad_h1_head *h, const char *s, size_t len)
{
	const char *colon;

	if (h->lines > h->limits->fields_max)
		return fail(h, 431, "more than %u header fields",
		    h->limits->fields_max);
	if (is_ows(s[0]))
		return fail(h, 400, "a header field is folded over two lines");
	colon = memchr(s, ':', len);
	if (colon == NULL)
		return fail(h, 400, "a header line has no colon");
	if (colon == s)
		return fail(h, 400, "a header field has no name");
	if (is_ows(colon[-1]))
		return fail(h, 400, "a blank stands before the colon of a "
		    "header field");
	if (!is_token(s, (size_t)(colon - s)))
		return fail(h, 400, "a header name holds a character that is "
		    "not allowed");
	return 0;
}

static int
scan_line(struct wad_h1_head *h, const char *s, size_t len)
{
	if (h->lines > 0)
		return scan_field_line(h, s, len);
	return h->kind == WAD_H1_REQUEST ? scan_request_line(h, s, len) :
	    scan_status_line(h, s, len);
}

static int
scan_first_byte(struct wad_h1_head *h, unsigned char c)
{
	if (h->kind == WAD_H1_RESPONSE && c != 'H')
		return fail(h, 502, "the response does not begin with HTTP/");
	if (h->kind != WAD_H1_REQUEST)
		return 0;
	if (c == 0x16)
		return fail(h, 400, "this port speaks plain HTTP, and TLS "
		    "came in");
	if (c != '\r' && !is_tchar(c))
		return fail(h, 400, "the request does not begin with a method");
	return 0;
}

/* Control characters, and CR and LF that are not a pair. */
static int
scan_byte(struct wad_h1_head *h, unsigned char c, bool after_cr)
{
	if (after_cr && c != '\n')
		return fail(h, 400, "a CR stands alone");
	if (!after_cr && c == '\n')
		return fail(h, 400, "a LF stands alone");
	if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
		return fail(h, 400, "a control character (0x%02x) is in the "
		    "head", c);
	return 0;
}

static int
too_long(struct wad_h1_head *h)
{
	if (h->lines == 0 && h->seen < h->limits->head_max)
		return fail(h, 414, "the first line is longer than %zu bytes",
		    h->limits->line_max);
	return fail(h, 431, "the head is longer than %zu bytes",
	    h->limits->head_max);
}

/* The end of a line, at seen - 1: 1 the empty one at the end, 0, or -1. */
static int
scan_end_of_line(struct wad_h1_head *h, const char *buf)
{
	size_t	n = h->seen - 2 - h->line;
	int	rc;

	if (n == 0 && h->lines > 0)
		return 1;
	/* RFC 9112 section 2.2: one empty line may come before a request. */
	if (n == 0 && h->line == 0 && h->kind == WAD_H1_REQUEST) {
		h->line = 2;
		return 0;
	}
	if (n == 0)
		return fail(h, 400, "the first line is empty");
	rc = scan_line(h, buf + h->line, n);
	h->lines++;
	h->line = h->seen;
	return rc;
}

/* Where the bytes end that may be looked at before one is too many. */
static size_t
scan_limit(const struct wad_h1_head *h, size_t len)
{
	size_t max = h->limits->head_max;

	if (h->lines == 0 && h->line + h->limits->line_max + 2 < max)
		max = h->line + h->limits->line_max + 2;
	return len < max ? len : max;
}

/* Goes on where the last call stopped, so that a head that comes byte by byte
 * costs no more than one that comes at once. */
int
wad_h1_head_scan(struct wad_h1_head *h, const char *buf, size_t len)
{
	if (h->status != 0)
		return -1;
	while (h->seen < len) {
		size_t		at = h->seen, end = scan_limit(h, len);
		bool		after_cr = at > 0 && buf[at - 1] == '\r';
		unsigned char	c;
		int		rc;

		if (at >= end)
			return too_long(h);
		if (at == 0 && scan_first_byte(h, (unsigned char)buf[0]) == -1)
			return -1;
		while (!after_cr && at < end && (unsigned char)buf[at] >=
		    0x20 && buf[at] != 0x7f)
			at++;
		h->seen = at;
		if (at == end)
			continue;
		c = (unsigned char)buf[h->seen++];
		if (scan_byte(h, c, after_cr) == -1)
			return -1;
		if (c == '\n' && (rc = scan_end_of_line(h, buf)) != 0)
			return rc;
	}
	return 0;
}

/* What stands between words for one server or another: Python's str.split
 * takes all of these. */
static bool
is_gap(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') ||
	    (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0;
}

/* Where the first line ends, or NULL; *text: it holds no control characters. */
static const char *
sniff_line(const char *s, size_t len, bool *text)
{
	*text = true;
	for (size_t i = 0; i < len && i < SNIFF_MAX; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n')
			return s + i;
		*text &= c >= 0x20 || is_gap(c);
	}
	return NULL;
}

/* Whether a line says "HTTP/": 1 yes, 0 another version than HTTP/1, -1 no.
 * What is no text must say it as servers read it. */
static int
sniff_version(const char *s, const char *lf, bool text, bool versions)
{
	for (; s + 6 < lf; s++)
		if ((text ? strncasecmp(s, "HTTP/", 5) :
		    strncmp(s, "HTTP/", 5)) == 0)
			return versions || s[5] == '1';
	return -1;
}

static bool
is_method_like(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (equals(s, len, methods[i]))
			return true;
	return false;
}

/* What a lenient server might take for a request is one: it is refused by
 * scan() then, and opens no way around the filter. */
int
wad_h1_head_sniff(const char *s, size_t len, bool versions)
{
	size_t		 n = 0;
	const char	*lf;
	bool		 known, text;
	int		 r;

	while (n < len && n < SNIFF_MAX && is_gap((unsigned char)s[n]))
		n++;
	s += n;
	len -= n;
	for (n = 0; n < len && n <= SNIFF_MAX &&
	    is_tchar((unsigned char)s[n]); n++)
		;
	if (n == len)
		return n > SNIFF_MAX ? 0 : -1;
	known = is_method_like(s, n);
	if (s[n] == '\r' || s[n] == '\n')
		return known;
	lf = sniff_line(s, len, &text);
	if (n == 0 || !is_gap((unsigned char)s[n]) || !text) {
		/* no words: it does not wait for the end of its line; some
		 * take any control character, or a blank of another code, for
		 * one */
		if (known && (is_gap((unsigned char)s[n]) ||
		    (unsigned char)s[n] < 0x20 || (unsigned char)s[n] >= 0x7f))
			return 1;
		return lf != NULL && sniff_version(s, lf, false,
		    versions) == 1;
	}
	if (lf == NULL)
		return (known && versions) || len > SNIFF_MAX ? 1 : -1;
	r = sniff_version(s + n, lf, true, versions);
	return r == -1 ? known : r;
}

/* ---- the second gate: llhttp ------------------------------------------ */

/* A piece of a text: with those before it, one run of bytes. */
static void
gather(struct model *m, const char **s, size_t *n, const char *at, size_t len)
{
	if (*n == 0)
		*s = at;
	else if (*s + *n != at)
		m->broken = true;
	*n += len;
}

static int
on_url(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;

	gather(m, &m->target, &m->tlen, at, len);
	return 0;
}

static int
on_status(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;

	gather(m, &m->phrase, &m->plen, at, len);
	return 0;
}

static int
on_field(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;

	gather(m, &m->name, &m->nlen, at, len);
	return 0;
}

static int
on_value(llhttp_t *p, const char *at, size_t len)
{
	struct model *m = p->data;

	gather(m, &m->value, &m->vlen, at, len);
	return 0;
}

/* Also for a field whose value is empty. */
static int
on_value_complete(llhttp_t *p)
{
	struct model	*m = p->data;
	const char	*v = m->value;
	size_t		 n = m->vlen;

	trim(&v, &n);
	wad_http_head_add(m->out, m->name, m->nlen, n > 0 ? v : "", n);
	m->nlen = m->vlen = 0;
	return 0;
}

static int
on_headers_complete(llhttp_t *p)
{
	((struct model *)p->data)->complete = true;
	return HPE_PAUSED;
}

static llhttp_settings_t *
callbacks(void)
{
	static llhttp_settings_t cb;

	if (cb.on_url == NULL) {
		llhttp_settings_init(&cb);
		cb.on_url = on_url;
		cb.on_status = on_status;
		cb.on_header_field = on_field;
		cb.on_header_value = on_value;
		cb.on_header_value_complete = on_value_complete;
		cb.on_headers_complete = on_headers_complete;
	}
	return &cb;
}

/* Two readers, one reading: of the first line. */
static bool
line_agrees(struct model *m, llhttp_t *p, const char *s)
{
	struct wad_http_head	*out = m->out;
	const char		*method;

	out->minor = llhttp_get_http_minor(p);
	if (llhttp_get_http_major(p) != 1)
		return false;
	if (llhttp_get_type(p) == HTTP_RESPONSE) {
		out->status = (unsigned)llhttp_get_status_code(p);
		return (unsigned)(s[9] - '0') * 100 + (unsigned)(s[10] - '0') *
		    10 + (unsigned)(s[11] - '0') == out->status &&
		    s[7] - '0' == out->minor;
	}
	method = llhttp_method_name((llhttp_method_t)llhttp_get_method(p));
	if (strlen(method) >= sizeof(out->method) ||
	    strncmp(s, method, strlen(method)) != 0 ||
	    s[strlen(method)] != ' ' || m->tlen == 0)
		return false;
	strcpy(out->method, method);
	return true;
}

static int
parse(struct wad_h1_head *h, struct model *m, const char *s, size_t len)
{
	static const char	 line[] = "GET / HTTP/1.1\r\n";
	bool			 response = h->kind == WAD_H1_RESPONSE;
	llhttp_t		 p;
	llhttp_errno_t		 e;

	llhttp_init(&p, response ? HTTP_RESPONSE : HTTP_REQUEST, callbacks());
	p.data = m;
	if (h->kind >= WAD_H1_REQUEST_TRAILERS) {
		e = llhttp_execute(&p, line, sizeof(line) - 1);
		m->tlen = 0;
	}
	e = llhttp_execute(&p, s, len);
	if (!m->complete || e != HPE_PAUSED)
		return fail(h, 400, "%s", llhttp_get_error_reason(&p) != NULL ?
		    llhttp_get_error_reason(&p) : "the head is malformed");
	if (m->broken || m->out->n + 1 != h->lines ||
	    (h->kind < WAD_H1_REQUEST_TRAILERS && !line_agrees(m, &p, s)))
		return fail(h, 400, "the head is ambiguous");
	return 0;
}

/* ---- the third gate: what it means ------------------------------------ */

static int
read_port(const char *s, size_t len, uint16_t *port)
{
	unsigned n = 0;

	if (len > 5 || !all_digits(s, len))
		return -1;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (unsigned)(s[i] - '0');
	if (n == 0 || n > 65535)
		return -1;
	*port = (uint16_t)n;
	return 0;
}

const char *
wad_h1_head_authority(struct wad_http_head *out, const char *s, size_t len,
    bool *has_port)
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
		    wad_str_host_canon(out->host, s + 1, n) == -1)
			return "it is not an IPv6 address";
		colon = close + 1;
		if (colon < end && *colon != ':')
			return "its port is malformed";
	} else {
		colon = memchr(s, ':', len);
		n = colon != NULL ? (size_t)(colon - s) : len;
		if (n == 0)
			return "it has no host name";
		if (wad_str_host_canon(out->host, s, n) == -1)
			return "its host name is malformed";
		if (colon == NULL)
			colon = end;
	}
	if (colon == end)
		return NULL;
	if (read_port(colon + 1, (size_t)(end - colon - 1), &out->port) == -1)
		return "its port is not a number from 1 to 65535";
	*has_port = true;
	return NULL;
}

static int
check_connect(struct wad_h1_head *h, struct wad_http_head *out,
    const struct model *m)
{
	const char	*why;
	bool		 has_port;

	why = wad_h1_head_authority(out, m->target, m->tlen, &has_port);
	if (why == NULL && !has_port)
		why = "it has no port";
	if (why != NULL)
		return fail(h, 400, "CONNECT needs host:port as its target: "
		    "%s", why);
	out->authority = wad_http_head_keep(out, m->target, m->tlen);
	return 0;
}

/* Length of the scheme before "://", or 0. */
static size_t
scheme_len(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (is_tchar((unsigned char)s[n])) &&
	    strchr("!#$%&'*^_`|~", s[n]) == NULL)
		n++;
	return len - n >= 3 && memcmp(s + n, "://", 3) == 0 ? n : 0;
}

static int
check_scheme(struct wad_h1_head *h, const char *s, size_t len)
{
	bool https = equals(s, len, "https");

	if (https && h->limits->proxy)
		return fail(h, 501, "https is reached with CONNECT, not with "
		    "an https:// URI");
	if (!https && !equals(s, len, "http"))
		return fail(h, 501, "only http:// URIs are served");
	if (https != h->limits->https)
		return fail(h, 400, "the scheme of the URI is not that of the "
		    "connection");
	return 0;
}

/* scheme "://" authority [path] */
static int
check_absolute(struct wad_h1_head *h, struct wad_http_head *out,
    const char *s, size_t len)
{
	size_t		 n = 0;
	const char	*why;
	bool		 has_port;

	while (n < len && s[n] != '/' && s[n] != '?')
		n++;
	why = wad_h1_head_authority(out, s, n, &has_port);
	if (why != NULL)
		return fail(h, 400, "the host of the URI is not usable: %s",
		    why);
	out->absolute = true;
	out->authority = wad_http_head_keep(out, s, n);
	s += n;
	len -= n;
	if (len == 0)
		out->path = wad_http_head_keep(out, strcmp(out->method,
		    "OPTIONS") == 0 ? "*" : "/", 1);
	else if (s[0] == '/')
		out->path = wad_http_head_keep(out, s, len);
	else {
		struct wad_str path = { 0 };

		wad_str_add(&path, "/");
		wad_str_addn(&path, s, len);
		out->path = wad_http_head_keep(out, path.s, path.len);
		wad_str_free(&path);
	}
	return 0;
}

static int
check_target(struct wad_h1_head *h, struct wad_http_head *out,
    const struct model *m)
{
	size_t n;

	out->https = h->limits->https;
	out->port = out->https ? HTTPS : HTTP;
	if (strcmp(out->method, "CONNECT") == 0)
		return check_connect(h, out, m);
	if (memchr(m->target, '#', m->tlen) != NULL)
		return fail(h, 400, "the URI holds a fragment");
	n = scheme_len(m->target, m->tlen);
	if (n > 0) {
		if (check_scheme(h, m->target, n) == -1)
			return -1;
		return check_absolute(h, out, m->target + n + 3,
		    m->tlen - n - 3);
	}
	if (m->target[0] != '/' && !(m->tlen == 1 && m->target[0] == '*' &&
	    strcmp(out->method, "OPTIONS") == 0))
		return fail(h, 400, "the target must be a path, or a whole "
		    "URI");
	out->path = wad_http_head_keep(out, m->target, m->tlen);
	return 0;
}

static int
check_length(struct wad_h1_head *h, struct wad_http_head *out, const char *s,
    size_t len)
{
	if (out->has_length)
		return fail(h, 400, "more than one Content-Length");
	/* 18 digits: no overflow anywhere, and an exabyte is enough. */
	if (len > 18 || !all_digits(s, len))
		return fail(h, 400, "Content-Length is not a number");
	for (size_t i = 0; i < len; i++)
		out->length = out->length * 10 + (uint64_t)(s[i] - '0');
	out->has_length = true;
	return 0;
}

static int
check_coding(struct wad_h1_head *h, struct wad_http_head *out, const char *s,
    size_t len)
{
	if (out->minor == 0)
		return fail(h, 400, "Transfer-Encoding in HTTP/1.0");
	if (out->chunked)
		return fail(h, 400, "more than one Transfer-Encoding");
	if (!equals(s, len, "chunked"))
		return fail(h, 400, "Transfer-Encoding is not chunked");
	out->chunked = true;
	return 0;
}

/* Of a whole URI, Host must say the same to a server that looks at it; a proxy
 * writes it anew (RFC 9112 section 3.2.2). */
static int
check_host(struct wad_h1_head *h, struct wad_http_head *out,
    const struct wad_http_field *f)
{
	struct wad_http_head	 tmp = { .port = out->https ? HTTPS : HTTP };
	bool			 has_port;
	const char		*why;

	if (out->authority == 0 || out->absolute) {
		why = wad_h1_head_authority(&tmp, wad_http_value(out, f),
		    f->vlen, &has_port);
		if (why != NULL)
			return fail(h, 400, "the Host field is not usable: "
			    "%s", why);
	}
	if (out->authority == 0) {
		strcpy(out->host, tmp.host);
		out->port = tmp.port;
		out->authority = f->value;
	} else if (out->absolute && !h->limits->proxy &&
	    (strcmp(out->host, tmp.host) != 0 || out->port != tmp.port))
		return fail(h, 400, "Host and URI do not name the same host");
	return 0;
}

/* The fields that end a message, written in a way that some gateways take for
 * them. */
static bool
is_disguised(const struct wad_http_head *out, const struct wad_http_field *f)
{
	const char *name = wad_http_name(out, f);

	return strcasecmp(name, "Content_Length") == 0 ||
	    strcasecmp(name, "Transfer_Encoding") == 0;
}

static int
check_field(struct wad_h1_head *h, struct wad_http_head *out,
    const struct wad_http_field *f, unsigned *hosts)
{
	const char *v = wad_http_value(out, f);

	switch (f->id) {
	case WAD_HH_CONTENT_LENGTH:
		return check_length(h, out, v, f->vlen);
	case WAD_HH_TRANSFER_ENCODING:
		return check_coding(h, out, v, f->vlen);
	case WAD_HH_HOST:
		if (h->kind == WAD_H1_RESPONSE)
			return 0;
		if ((*hosts)++ > 0)
			return fail(h, 400, "more than one Host field");
		return check_host(h, out, f);
	case WAD_HH_EXPECT:
		if (h->kind == WAD_H1_RESPONSE)
			return 0;
		if (out->expect)
			return fail(h, 400, "more than one Expect field");
		out->expect = equals(v, f->vlen, "100-continue");
		return out->expect ? 0 :
		    fail(h, 417, "only 100-continue can be expected");
	case WAD_HH_UPGRADE:
		if (out->protocol == 0)
			out->protocol = f->value;
		return 0;
	case WAD_HH_OTHER:
		if (is_disguised(out, f))
			return fail(h, 400, "a field is named %s, with an "
			    "underscore", wad_http_name(out, f));
		return 0;
	default:
		return 0;
	}
}

static int
check_fields(struct wad_h1_head *h, struct wad_http_head *out)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < out->n; i++)
		if (check_field(h, out, &out->field[i], &hosts) == -1)
			return -1;
	if (out->chunked && out->has_length)
		return fail(h, 400, "Content-Length beside Transfer-Encoding");
	out->close = wad_http_head_lists(out, WAD_HH_CONNECTION, "close") ||
	    (out->minor == 0 && !wad_http_head_lists(out, WAD_HH_CONNECTION,
	    "keep-alive"));
	out->upgrade = out->protocol != 0 &&
	    wad_http_head_lists(out, WAD_HH_CONNECTION, "upgrade");
	if (h->kind == WAD_H1_RESPONSE)
		return 0;
	if (hosts == 0 && out->minor == 1)
		return fail(h, 400, "the Host field is missing");
	if (out->path == 0 && (out->chunked || out->length > 0))
		return fail(h, 400, "a CONNECT request has no body");
	if (hosts == 0 && out->authority == 0 && h->limits->host != NULL)
		snprintf(out->host, sizeof(out->host), "%s", h->limits->host);
	return 0;
}

/* RFC 9110 sections 15.2 and 15.3.5, RFC 9112 section 6.1: no body and nothing
 * that says so. */
static int
check_status(struct wad_h1_head *h, const struct wad_http_head *out)
{
	if ((out->status < 200 || out->status == 204) &&
	    (out->chunked || out->length > 0))
		return fail(h, 502, "a response %u has no body, and says that "
		    "it has one", out->status);
	return 0;
}

int
wad_h1_head_parse(struct wad_h1_head *h, const char *buf,
    struct wad_http_head *out)
{
	struct model	m = { .out = out };
	size_t		start = h->kind == WAD_H1_REQUEST && buf[0] == '\r' ?
	    2 : 0;

	if (parse(h, &m, buf + start, h->seen - start) == -1)
		return -1;
	if (h->kind >= WAD_H1_REQUEST_TRAILERS)
		return 0;
	if (h->kind == WAD_H1_RESPONSE) {
		if (m.plen > 0)
			out->phrase = wad_http_head_keep(out, m.phrase,
			    m.plen);
		return check_fields(h, out) == 0 ? check_status(h, out) : -1;
	}
	return check_target(h, out, &m) == 0 ? check_fields(h, out) : -1;
}
