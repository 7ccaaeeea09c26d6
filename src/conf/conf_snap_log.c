/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where log records go, which ones, and the figures for Prometheus.
 */
#include "conf/conf_build.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log_expr.h"

/* ---- filters ---- */

static void
free_entry(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *n, struct wad_conf_log_free *f)
{
	struct wad_log_expr	*e = NULL;
	char			 why[200];

	f->id = (uint32_t)strtoul(n->name, NULL, 10);
	wad_conf_build_fill(b, t, n, f);
	if (f->filter == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "free-style %s: 'set filter' is missing", n->name);
	else if ((e = wad_log_expr_new(f->filter, why, sizeof(why))) == NULL)
		wad_conf_errs_add(b->errs, b->tree->file, n->line,
		    "free-style %s: filter: %s", n->name, why);
	wad_log_expr_free(e);
}

/* The filter of `config PATH filter`. */
static void
filter(struct build *b, const char *path, struct wad_conf_log_filter *f)
{
	char			     name[80];
	const struct wad_conf_table *t;
	const struct wad_conf_node  *n, *list;

	snprintf(name, sizeof(name), "%s filter", path);
	n = wad_conf_build_single(b, name, f);
	f->other = true;
	list = n != NULL ? child(n, "free-style") : NULL;
	if (list == NULL)
		return;
	t = wad_conf_schema_below(wad_conf_schema_table(name), "free-style");
	f->frees = array(b, count(list), sizeof(*f->frees));
	for (n = list->children; n != NULL; n = n->next)
		if (n->is_edit)
			free_entry(b, t, n, &f->frees[f->n_frees++]);
}

/* ---- syslog servers ---- */

static void
field_names(struct build *b, const struct wad_conf_table *t,
    const struct wad_conf_node *list, struct wad_conf_syslog *s)
{
	struct wad_conf_log_name *f;

	s->names = array(b, count(list), sizeof(*s->names));
	for (const struct wad_conf_node *n = list->children; n != NULL;
	    n = n->next) {
		if (!n->is_edit)
			continue;
		f = &s->names[s->n_names++];
		wad_conf_build_fill(b, t, n, f);
		if (f->name == NULL || f->custom == NULL)
			wad_conf_errs_add(b->errs, b->tree->file, n->line,
			    "custom-field-name %s: 'set %s' is missing",
			    n->name, f->name == NULL ? "name" : "custom");
	}
}

/* A server that is asked for and cannot be reached as it is described. */
static void
check_server(struct build *b, const struct wad_conf_node *n,
    const char *path, struct wad_conf_syslog *s)
{
	struct wad_addr	a;
	char		host[WAD_HOST_MAX], esc[300];

	if (s->server != NULL && s->server[0] == '\0')
		s->server = NULL;
	if (s->server != NULL && wad_addr_parse(&a, s->server) == -1 &&
	    wad_str_host_canon(host, s->server, strlen(s->server)) == -1) {
		wad_str_escape(esc, sizeof(esc), s->server,
		    strlen(s->server));
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "server")->line, "set server: '%s': expected a "
		    "host name or an address", esc);
	}
	if (!s->enabled)
		return;
	if (s->server == NULL)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "status")->line, "'config %s setting': 'set "
		    "server' is missing", path);
	/* who asks for TLS must not get clear text */
	if (s->tls != WAD_SYSLOG_TLS_OFF && s->mode == WAD_SYSLOG_UDP)
		wad_conf_errs_add(b->errs, b->tree->file,
		    get(n, "enc-algorithm")->line, "set enc-algorithm: TLS "
		    "needs 'set mode reliable'");
}

static void
syslog_server(struct build *b, const char *path, struct wad_conf_syslog *s)
{
	char			     name[80];
	const struct wad_conf_node  *n, *list;

	snprintf(name, sizeof(name), "%s setting", path);
	n = wad_conf_build_single(b, name, s);
	wad_conf_build_no_any(&s->source_ip);
	s->cert = wad_conf_snap_cert_of(b, n, "certificate", &s->cert_name);
	check_server(b, n, path, s);
	list = n != NULL ? child(n, "custom-field-name") : NULL;
	if (list != NULL)
		field_names(b, wad_conf_schema_below(
		    wad_conf_schema_table(name), "custom-field-name"), list,
		    s);
	filter(b, path, &s->filter);
}

/* ---- threat weights ---- */

static void
threat(struct build *b)
{
	struct wad_conf_log	    *l = &b->c->log;
	const struct wad_conf_node  *n, *web;
	const struct wad_conf_table *t =
	    wad_conf_schema_table("log threat-weight/web");
	unsigned long		     category;
	const char		    *v;

	n = wad_conf_build_single(b, "log threat-weight", b->c);
	wad_conf_build_fill(b,
	    wad_conf_schema_table("log threat-weight/level"),
	    n != NULL ? child(n, "level") : NULL, b->c);
	memset(l->w_web, 1, sizeof(l->w_web));
	web = n != NULL ? child(n, "web") : NULL;
	for (n = web != NULL ? web->children : NULL; n != NULL; n = n->next) {
		v = value(n, "category");
		category = v != NULL ? strtoul(v, NULL, 10) : 0;
		if (n->is_edit && category < sizeof(l->w_web))
			l->w_web[category] =
			    (uint8_t)wad_conf_build_choice(t, n, "level");
	}
}

void
wad_conf_snap_log_build(struct build *b)
{
	static const char *const paths[WAD_SYSLOGS] = { "log syslogd",
		"log syslogd2", "log syslogd3", "log syslogd4" };
	static const char *const singles[] = { "log disk setting",
		"log memory setting", "log memory global-setting",
		"log setting", "log eventfilter", "openwad metrics" };
	struct wad_conf_log	*l = &b->c->log;

	for (size_t i = 0; i < WAD_SYSLOGS; i++)
		syslog_server(b, paths[i], &l->syslog[i]);
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++)
		(void)wad_conf_build_single(b, singles[i], b->c);
	filter(b, "log disk", &l->disk.filter);
	filter(b, "log memory", &l->memory.filter);
	threat(b);
}
