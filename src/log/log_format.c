/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log records as log servers want them.  The values of a record are printable
 * ASCII already (base/log.h): each form only adds what its own marks need, and
 * a byte that a damaged record has beyond that becomes a question mark.  What
 * base/log.h wrote as \xHH stays so in every form: a search finds the same text
 * everywhere, and no form ever holds a control character of the network.
 * JSON is written by hand: with such values it takes less than calling a
 * library would, and the fields keep their order.
 */
#include "log/log_format.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1"
#endif

struct job {
	const struct wad_log_record *r;
	const struct wad_log_sender *by;	/* NULL: for a file */
	struct wad_str	*out;
};

/* ---- text ---------------------------------------------------------------- */

/* Bytes that a form writes in another way: pairs of byte and text. */
struct mark { char c; const char *as; };

static const struct mark plain[] = { { 0, NULL } };
/* Within quotes that a reader of CSV does not see as such (they do not begin
 * the field): the comma in the way of base/log.h. */
static const struct mark csv[] = { { ',', "\\x2c" }, { 0, NULL } };
static const struct mark cef_head[] = { { '\\', "\\\\" }, { '|', "\\|" },
	{ 0, NULL } };
static const struct mark cef_value[] = { { '\\', "\\\\" }, { '=', "\\=" },
	{ 0, NULL } };
static const struct mark json[] = { { '\\', "\\\\" }, { 0, NULL } };

static const char *
mark_of(const struct mark *m, char c)
{
	if (c < 0x20 || c > 0x7e || c == '"')
		return "?";
	for (; m->as != NULL; m++)
		if (m->c == c)
			return m->as;
	return NULL;
}

static void
add(struct wad_str *out, const char *p, size_t n, const struct mark *m)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		const char *as = mark_of(m, p[i]);

		if (as == NULL)
			continue;
		wad_str_addn(out, p + from, i - from);
		wad_str_add(out, as);
		from = i + 1;
	}
	wad_str_addn(out, p + from, n - from);
}

static void
add_text(struct wad_str *out, const char *s, const struct mark *m)
{
	if (s != NULL)
		add(out, s, strlen(s), m);
}

static bool
key_is(const struct wad_log_field *f, const char *key)
{
	return f->key_len == strlen(key) &&
	    memcmp(f->key, key, f->key_len) == 0;
}

static bool
value_is(const struct wad_log_field *f, const char *value)
{
	return f != NULL && f->len == strlen(value) &&
	    memcmp(f->value, value, f->len) == 0;
}

/* The header has the time already. */
static bool
is_when(const struct wad_log_field *f)
{
	return key_is(f, "date") || key_is(f, "time");
}

/* The name of the sender as a word of a header (RFC 5424 section 6.2.4:
 * printable, no space). */
static void
add_host(struct job *j, const char *none)
{
	const char *s = j->by != NULL ? j->by->devname : NULL;

	if (s == NULL || *s == '\0') {
		wad_str_add(j->out, none);
		return;
	}
	for (size_t i = 0; s[i] != '\0' && i < 255; i++)
		wad_str_addn(j->out, s[i] > 0x20 && s[i] < 0x7f ? &s[i] : "?",
		    1);
}

/* ---- default, csv, rfc5424 ----------------------------------------------- */

static void
pair(struct job *j, const struct wad_log_field *f, const char *sep,
    const struct mark *m)
{
	wad_str_add(j->out, sep);
	add(j->out, f->key, f->key_len, m);
	wad_str_add(j->out, f->quoted ? "=\"" : "=");
	add(j->out, f->value, f->len, m);
	if (f->quoted)
		wad_str_add(j->out, "\"");
}

/* devname and devid, which only remote copies have, after date and time
 * (reference 6.1). */
static void
pairs(struct job *j, const char *sep, const struct mark *m)
{
	bool		 said = j->by == NULL;
	const char	*s = "";

	for (size_t i = 0; i < j->r->n; i++) {
		if (!said && !is_when(&j->r->field[i])) {
			said = true;
			wad_str_addf(j->out, "%sdevname=\"", s);
			add_text(j->out, j->by->devname, m);
			wad_str_addf(j->out, "\"%sdevid=\"", sep);
			add_text(j->out, j->by->devid, m);
			wad_str_add(j->out, "\"");
			s = sep;
		}
		pair(j, &j->r->field[i], s, m);
		s = sep;
	}
}

static void
form_default(struct job *j)
{
	pairs(j, " ", plain);
}

static void
form_csv(struct job *j)
{
	pairs(j, ",", csv);
}

/* Reference 6.2 and point 13 of 9: the time is UTC, five fields are absent,
 * the message has no date, time, devname and devid. */
static void
form_rfc5424(struct job *j)
{
	time_t		 t = (time_t)(j->r->eventtime / 1000000000);
	struct tm	 tm;
	char		 when[32] = "-";
	const char	*sep = " ";

	if (t != 0 && gmtime_r(&t, &tm) != NULL && tm.tm_year < 8100)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	wad_str_addf(j->out, "1 %s ", when);
	add_host(j, "-");
	wad_str_add(j->out, " - - - -");
	for (size_t i = 0; i < j->r->n; i++)
		if (!is_when(&j->r->field[i]))
			pair(j, &j->r->field[i], sep, plain);
}

/* ---- json ---------------------------------------------------------------- */

/* A number that no reader cuts (2^53 is the most that many hold): the others,
 * eventtime among them, are strings. */
static bool
is_number(const struct wad_log_field *f)
{
	if (f->quoted || f->len == 0 || f->len > 15 ||
	    (f->len > 1 && f->value[0] == '0'))
		return false;
	for (size_t i = 0; i < f->len; i++)
		if (f->value[i] < '0' || f->value[i] > '9')
			return false;
	return true;
}

static void
json_text(struct job *j, const char *sep, const char *key, const char *value)
{
	wad_str_addf(j->out, "%s\"%s\":\"", sep, key);
	add_text(j->out, value, json);
	wad_str_add(j->out, "\"");
}

static void
form_json(struct job *j)
{
	bool		 said = j->by == NULL;
	const char	*sep = "{";

	for (size_t i = 0; i < j->r->n; i++, sep = ",") {
		const struct wad_log_field	*f = &j->r->field[i];
		const char			*quote;

		if (!said && !is_when(f)) {
			said = true;
			json_text(j, sep, "devname", j->by->devname);
			json_text(j, ",", "devid", j->by->devid);
			sep = ",";
		}
		quote = is_number(f) ? "" : "\"";
		wad_str_addf(j->out, "%s\"", sep);
		add(j->out, f->key, f->key_len, json);
		wad_str_addf(j->out, "\":%s", quote);
		add(j->out, f->value, f->len, json);
		wad_str_add(j->out, quote);
	}
	wad_str_add(j->out, j->r->n > 0 ? "}" : "{}");
}

/* ---- cef ----------------------------------------------------------------- */

/* Reference 6.2; what is not here gets the prefix. */
#define CEF_PREFIX "FTNTFGT"
static const struct {
	const char	*key, *cef;
	bool		 event_only, not_event;
} cef_keys[] = {
	{ .key = "action", .cef = "act" },
	{ .key = "agent", .cef = "requestClientApplication" },
	{ .key = "devid", .cef = "deviceExternalId" },
	{ .key = "dstintf", .cef = "deviceOutboundInterface" },
	{ .key = "dstip", .cef = "dst" },
	{ .key = "dstport", .cef = "dpt" },
	{ .key = "hostname", .cef = "dhost" },
	{ .key = "httpmethod", .cef = "requestMethod" },
	{ .key = "msg", .cef = "msg" },
	{ .key = "proto", .cef = "proto" },
	{ .key = "rcvdbyte", .cef = "in" },
	{ .key = "sentbyte", .cef = "out" },
	{ .key = "service", .cef = "app" },
	{ .key = "sessionid", .cef = "externalId" },
	{ .key = "srcintf", .cef = "deviceInboundInterface" },
	{ .key = "srcip", .cef = "src" },
	{ .key = "srcname", .cef = "shost" },
	{ .key = "srcport", .cef = "spt" },
	{ .key = "status", .cef = "outcome", .event_only = true },
	{ .key = "tranip", .cef = "destinationTranslatedAddress" },
	{ .key = "tranport", .cef = "destinationTranslatedPort" },
	{ .key = "transip", .cef = "sourceTranslatedAddress" },
	{ .key = "transport", .cef = "sourceTranslatedPort" },
	{ .key = "type", .cef = "cat" },
	{ .key = "ui", .cef = "sproc", .event_only = true },
	{ .key = "url", .cef = "request" },
	{ .key = "user", .cef = "duser", .event_only = true },
	{ .key = "user", .cef = "suser", .not_event = true },
};

/* Month, day (RFC 3164 section 4.1.2) and time of date= and time=. */
static void
cef_when(struct job *j)
{
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct wad_log_field *d = wad_log_record_get(j->r, "date");
	const struct wad_log_field *t = wad_log_record_get(j->r, "time");
	unsigned	m = 0, day = 0;
	int		n = 0;
	char		date[11] = "";

	if (d != NULL && d->len == 10)
		memcpy(date, d->value, 10);
	if (sscanf(date, "%*4d-%2u-%2u%n", &m, &day, &n) != 2 || n != 10 ||
	    m < 1 || m > 12 || day < 1 || day > 31)
		m = day = 1;
	wad_str_addf(j->out, "%.3s %2u ", &month[(m - 1) * 3], day);
	if (t != NULL && t->len == 8 && t->value[2] == ':')
		add(j->out, t->value, t->len, plain);
	else
		wad_str_add(j->out, "00:00:00");
}

/* A value of the header, after sep; nothing when there is no such field. */
static void
cef_part(struct job *j, const char *sep, const char *key)
{
	const struct wad_log_field *f = wad_log_record_get(j->r, key);

	if (f == NULL || f->len == 0)
		return;
	wad_str_add(j->out, sep);
	add(j->out, f->value, f->len, cef_head);
}

/* CEF: 0|vendor|product|version|signature|name|severity| */
static void
cef_header(struct job *j)
{
	const struct wad_log_field *id = wad_log_record_get(j->r, "logid");
	size_t	n = id != NULL ? id->len : 0;

	wad_str_add(j->out, "CEF: 0|openwad|openwad|v" PACKAGE_VERSION "|");
	if (n > 5)
		add(j->out, id->value + n - 5, 5, cef_head);
	else if (n > 0)
		add(j->out, id->value, n, cef_head);
	wad_str_add(j->out, "|");
	cef_part(j, "", "type");
	cef_part(j, ":", "subtype");
	cef_part(j, " ", "eventtype");
	cef_part(j, " ", "action");
	cef_part(j, " ", "status");
	wad_str_addf(j->out, "|%u|", 8 - (unsigned)j->r->level);
}

/* The name that the administrator gave to a field, told by its name in the
 * log or in CEF; NULL: none. */
static const char *
cef_custom(const struct job *j, const struct wad_log_field *f, const char *cef)
{
	for (size_t i = 0; j->by != NULL && i < j->by->n_names; i++) {
		const struct wad_conf_log_name *n = &j->by->names[i];

		if (n->name != NULL && n->custom != NULL &&
		    (key_is(f, n->name) || (cef != NULL &&
		    strcmp(n->name, cef) == 0)))
			return n->custom;
	}
	return NULL;
}

static void
cef_key(struct job *j, const struct wad_log_field *f, bool event)
{
	const char *cef = NULL, *custom;

	for (size_t i = 0; i < sizeof(cef_keys) / sizeof(cef_keys[0]); i++)
		if (key_is(f, cef_keys[i].key) &&
		    !(cef_keys[i].event_only && !event) &&
		    !(cef_keys[i].not_event && event))
			cef = cef_keys[i].cef;
	custom = cef_custom(j, f, cef);
	if (custom != NULL || cef != NULL) {
		add_text(j->out, custom != NULL ? custom : cef, cef_value);
		return;
	}
	wad_str_add(j->out, CEF_PREFIX);
	add(j->out, f->key, f->key_len, cef_value);
}

static void
cef_field(struct job *j, const struct wad_log_field *f, const char *sep,
    bool event)
{
	const struct wad_log_field *sub;

	wad_str_add(j->out, sep);
	cef_key(j, f, event);
	wad_str_add(j->out, "=");
	add(j->out, f->value, f->len, cef_value);
	if (!key_is(f, "type"))
		return;
	sub = wad_log_record_get(j->r, "subtype");
	if (sub != NULL) {
		wad_str_add(j->out, ":");
		add(j->out, sub->value, sub->len, cef_value);
	}
}

static void
form_cef(struct job *j)
{
	bool		 event = value_is(wad_log_record_get(j->r, "type"),
			     "event");
	const char	*sep = "";

	cef_when(j);
	wad_str_add(j->out, " ");
	add_host(j, "openwad");
	wad_str_add(j->out, " ");
	cef_header(j);
	if (j->by != NULL && j->by->devid != NULL) {
		const struct wad_log_field f = { .key = "devid", .key_len = 5,
			.value = j->by->devid, .len = strlen(j->by->devid) };

		cef_field(j, &f, sep, event);
		sep = " ";
	}
	for (size_t i = 0; i < j->r->n; i++)
		if (!is_when(&j->r->field[i])) {
			cef_field(j, &j->r->field[i], sep, event);
			sep = " ";
		}
}

void
wad_log_format(enum wad_log_form form, const struct wad_log_record *r,
    const struct wad_log_sender *by, struct wad_str *out)
{
	static void (*const forms[])(struct job *) = {
		[WAD_FORM_DEFAULT] = form_default,
		[WAD_FORM_CSV] = form_csv,
		[WAD_FORM_CEF] = form_cef,
		[WAD_FORM_RFC5424] = form_rfc5424,
		[WAD_FORM_JSON] = form_json,
	};
	struct job j = { .r = r, .by = by, .out = out };

	if (by != NULL)		/* RFC 5424 section 6.2.1 */
		wad_str_addf(out, "<%u>", by->facility * 8 +
		    (unsigned)r->level);
	forms[form](&j);
}
