/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-mantables: fills the tables into a manual page.  Reads a page with
 * lines "@NAME@" and writes it with the rows of that table in their place, as
 * mdoc: commands, settings, log records, their fields, reasons, counters,
 * metrics.
 * Run when openwad is built, never installed.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/reason.h"
#include "base/str.h"
#include "conf/conf_schema.h"
#include "control/console.h"

enum { WIDTH = 72 };

static const struct {
	const char *key, *where, *help;
} fields[] = {
#define FIELD(key, where, help) { key, where, help },
#include "man/log_field.def"
#undef FIELD
};
static const struct { const char *name, *help; } counters[] = {
#define COUNTER(id, name, help) { name, help },
#include "base/counter.def"
#undef COUNTER
};
static const struct { const char *name, *type, *help; } metrics[] = {
#define FAMILY(name, type, help) { name, type, help },
#define COUNTER(role, id, labels)
#define GAUGE(role, id, labels)
#define HISTO(role, id, labels)
#define SPECIAL(function)
#include "export/metrics.def"
#undef FAMILY
#undef COUNTER
#undef GAUGE
#undef HISTO
#undef SPECIAL
};
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- words as roff ---- */

/* One word; what roff would take for itself is written so that it does not. */
static void
put_word(const char *w, size_t len, bool first)
{
	if (first && (*w == '.' || *w == '\''))
		fputs("\\&", stdout);
	for (size_t i = 0; i < len; i++)
		if (w[i] == '\\')
			fputs("\\e", stdout);
		else if (w[i] == '"')
			fputs("\\(dq", stdout);
		else if (w[i] == '|' && i + 1 < len)
			fputs("|\\:", stdout);	/* a line may end here */
		else
			putchar(w[i]);
}

/* Running text in short lines; a sentence begins a line (mdoc(7)). */
static void
put_text(const char *s)
{
	size_t at = 0;

	while (*(s += strspn(s, " ")) != '\0') {
		size_t len = strcspn(s, " ");

		if (at > 0 && at + 1 + len > WIDTH) {
			putchar('\n');
			at = 0;
		}
		if (at > 0)
			putchar(' ');
		put_word(s, len, at == 0);
		at += len + 1;
		if (s[len - 1] == '.' || s[len - 1] == '?') {
			putchar('\n');
			at = 0;
		}
		s += len;
	}
	if (at > 0)
		putchar('\n');
}

/* A sentence: with a full stop and, unless its first word is one of the
 * configuration's, a capital. */
static void
put_sentence(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz'";
	struct wad_str	  t = { 0 };
	size_t		  n = strlen(s), first = strcspn(s, " ");

	wad_str_add(&t, s);
	if (n > 0 && strspn(s, letters) >= first)
		t.s[0] = (char)toupper((unsigned char)s[0]);
	if (n > 0 && s[n - 1] != '.' && s[n - 1] != '?')
		wad_str_add(&t, ".");
	put_text(t.s != NULL ? t.s : "");
	wad_str_free(&t);
}

/* An argument of a macro: never itself a macro. */
static void
put_arg(const char *macro, const char *w, size_t len)
{
	printf(" %s ", macro);
	if (len <= 3 && isupper((unsigned char)*w))
		fputs("\\&", stdout);
	put_word(w, len, false);
}

static void
begin_list(void)
{
	puts(".Bl -tag -width Ds");
}

static void
end_list(void)
{
	puts(".El");
}

/* ---- commands ---- */

static void
put_pattern(const char *pattern)
{
	size_t	    len;
	const char *t;

	fputs(".It", stdout);
	for (size_t i = 0; (t = wad_cmd_token(pattern, i, &len)) != NULL; i++)
		if (*t != '<')
			put_arg("Ic", t, len);
		else if (strncmp(t, "<rest>", len) == 0)
			fputs(" Op Ar ...", stdout);
		else
			put_arg("Ar", t + 1, len - 2);
	putchar('\n');
}

/* Rows that can be run, family by family. */
static void
put_commands(void)
{
	begin_list();
	for (size_t i = 0; i < wad_cmd_n_families; i++)
		for (size_t k = 0; k < wad_cmd_families[i]->n; k++) {
			const struct wad_cmd *c =
			    &wad_cmd_families[i]->rows[k];

			if (c->exec == NULL)
				continue;
			put_pattern(c->pattern);
			put_sentence(c->help);
			if ((c->flags & WAD_CMD_READ) != 0)
				puts("(Also read-only.)");
		}
	end_list();
}

static void
put_counters(void)
{
	begin_list();
	for (size_t i = 0; i < COUNT(counters); i++) {
		fputs(".It", stdout);
		put_arg("Li", counters[i].name, strlen(counters[i].name));
		putchar('\n');
		put_sentence(counters[i].help);
	}
	end_list();
}

static void
put_metrics(void)
{
	begin_list();
	for (size_t i = 0; i < COUNT(metrics); i++) {
		printf(".It Li %s Pq %s\n", metrics[i].name,
		    metrics[i].type);
		put_sentence(metrics[i].help);
	}
	end_list();
}

/* ---- settings ---- */

/* What may stand behind the name of a setting. */
static void
values_of(const struct wad_conf_row *r, struct wad_str *s)
{
	static const char *const words[] = {
		[WAD_CT_HOST] = "a host name",
		[WAD_CT_REF] = "a name", [WAD_CT_CERT] = "the name of a "
		"certificate", [WAD_CT_REFS] = "names", [WAD_CT_CERTS] =
		"names of certificates", [WAD_CT_ADDR] = "an address",
		[WAD_CT_ADDR4] = "an IPv4 address", [WAD_CT_ADDR6] =
		"an IPv6 address", [WAD_CT_PREFIX4] = "a network, as "
		"10.0.0.0/8 or 10.0.0.0 255.0.0.0", [WAD_CT_PREFIX6] =
		"a network, as 2001:db8::/32", [WAD_CT_PREFIXES] =
		"networks", [WAD_CT_TIME] = "a time, hh:mm",
		[WAD_CT_DURATION] = "a duration, as 5m, 1h30m or 1d", [WAD_CT_PEM] =
		"PEM text in quotes", [WAD_CT_SECRET] = "a secret, never "
		"shown again"
	};
	const char *list = r->choices;
	char	    w[80];

	if (list != NULL) {
		while (wad_conf_schema_word(&list, w, sizeof(w), NULL) != NULL)
			wad_str_addf(s, "%s%s", s->len > 0 ? " | " : "", w);
		return;
	}
	switch (r->type) {
	case WAD_CT_UINT:
	case WAD_CT_U16:
		wad_str_addf(s, "a number, %u to %u", r->min, r->max);
		break;
	case WAD_CT_U16LIST:
		wad_str_addf(s, "numbers, %u to %u", r->min, r->max);
		break;
	case WAD_CT_PORTS:
		wad_str_addf(s, "ports and ranges, %u to %u", r->min, r->max);
		break;
	case WAD_CT_STR:
	case WAD_CT_TEXT:
		if (r->max > 0)
			wad_str_addf(s, "text of %u to %u characters", r->min,
			    r->max);
		else
			wad_str_add(s, "text");
		break;
	default:
		wad_str_add(s, words[r->type]);
		if (r->type == WAD_CT_CERTS && r->max > 0)
			wad_str_addf(s, ", at most %u", r->max);
	}
}

static void
put_setting(const struct wad_conf_row *r)
{
	struct wad_str v = { 0 };

	fputs(".It", stdout);
	put_arg("Ic", r->name, strlen(r->name));
	putchar('\n');
	put_sentence(r->help);
	wad_str_add(&v, r->type == WAD_CT_OPTIONS ||
	    r->type == WAD_CT_FLAGS ? "Any of: " : "Value: ");
	{
		struct wad_str all = { 0 };

		values_of(r, &all);
		wad_str_add(&v, all.s);
		wad_str_free(&all);
	}
	if (r->def != NULL)
		wad_str_addf(&v, "; default: %s", r->def);
	wad_str_add(&v, ".");
	puts(".br");
	put_text(v.s);
	wad_str_free(&v);
}

/* "webfilter profile/ftgd-wf/filters" as the lines that lead there. */
static void
put_path(const struct wad_conf_table *t)
{
	const char *p = t->path;

	fputs(".Ss config ", stdout);
	for (; *p != '\0'; p++)
		if (*p == '/')
			fputs(", config ", stdout);
		else
			putchar(*p);
	putchar('\n');
}

static void
put_settings(void)
{
	for (size_t i = 0; i < wad_conf_n_tables; i++) {
		const struct wad_conf_table *t = &wad_conf_tables[i];

		put_path(t);
		put_sentence(t->help);
		if (t->entries && t->numbers)
			printf("Its entries have numbers, %u to %u.\n",
			    t->min, t->max);
		else if (t->entries)
			printf("Its entries have names of at most %u "
			    "characters.\n", t->max);
		begin_list();
		for (size_t k = 0; k < t->n_rows; k++)
			if ((t->rows[k].flags & WAD_CF_HIDDEN) == 0)
				put_setting(&t->rows[k]);
		end_list();
	}
}

/* ---- log records ---- */

static bool
is_word(const char *list, const char *w)
{
	size_t n = strlen(w);

	for (const char *p = list; n > 0 && (p = strstr(p, w)) != NULL; p++)
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static bool
has_field(const struct wad_log_kind *k, const char *where)
{
	return is_word(where, "all") || is_word(where, k->type) ||
	    is_word(where, k->subtype) || is_word(where, k->eventtype);
}

static void
put_records(void)
{
	begin_list();
	for (size_t i = 0; i < WAD_LOG_N; i++) {
		const struct wad_log_kind *k = &wad_log_kinds[i];
		struct wad_str		   s = { 0 };

		printf(".It Li %s\n", k->logid);
		put_sentence(k->help);
		wad_str_addf(&s, "type=%s subtype=%s", k->type, k->subtype);
		if (k->eventtype[0] != '\0')
			wad_str_addf(&s, " eventtype=%s", k->eventtype);
		wad_str_addf(&s, " level=%s", wad_log_levels[k->level]);
		if (k->desc[0] != '\0')
			wad_str_addf(&s, " logdesc=\"%s\"", k->desc);
		puts(".br");
		put_text(s.s);
		wad_str_free(&s);
		wad_str_add(&s, "Fields:");
		for (size_t f = 0; f < COUNT(fields); f++)
			if (has_field(k, fields[f].where))
				wad_str_addf(&s, " %s", fields[f].key);
		wad_str_add(&s, ".");
		puts(".br");
		put_text(s.s);
		wad_str_free(&s);
	}
	end_list();
}

static void
put_fields(void)
{
	begin_list();
	for (size_t i = 0; i < COUNT(fields); i++) {
		printf(".It Li %s\n", fields[i].key);
		put_sentence(fields[i].help);
	}
	end_list();
}

static void
put_reasons(void)
{
	begin_list();
	for (size_t i = 0; i < WR_N; i++) {
		const struct wad_reason *r = &wad_reasons[i];
		struct wad_str		 s = { 0 };

		printf(".It Li %s\n", r->name);
		put_sentence(r->text);
		wad_str_addf(&s, "In the traffic log: action=%s.", r->action);
		if (r->alert != 0)
			wad_str_addf(&s, " The client gets the TLS alert %u.",
			    r->alert);
		put_text(s.s);
		wad_str_free(&s);
	}
	end_list();
}

/* ---- pages ---- */

static const struct {
	const char	*name;
	void		(*put)(void);
} sections[] = {
	{ "commands", put_commands },
	{ "counters", put_counters },
	{ "metrics", put_metrics },
	{ "settings", put_settings },
	{ "records", put_records },
	{ "fields", put_fields },
	{ "reasons", put_reasons },
};

static bool
put_section(const char *line)
{
	for (size_t i = 0; i < COUNT(sections); i++) {
		size_t n = strlen(sections[i].name);

		if (line[0] == '@' && strncmp(line + 1, sections[i].name, n)
		    == 0 && strcmp(line + 1 + n, "@\n") == 0) {
			sections[i].put();
			return true;
		}
	}
	return false;
}

int
main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL)
		if (!put_section(line))
			fputs(line, stdout);
	if (ferror(stdin) || fflush(stdout) != 0 || ferror(stdout)) {
		perror("wad-mantables");
		return 1;
	}
	return 0;
}
