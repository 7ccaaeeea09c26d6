/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The priority list of certificates: SPEC section 5.  Seven rows, each a
 * name and a getter; the first that yields a usable certificate wins.
 */
#include "policy/ca_priority.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What a row has: a certificate, or NULL and perhaps why not (skip). */
struct got {
	const struct wad_cert	*cert;
	const char		*name;
	const char		*skip;
};

static const struct wad_interface *
ingress(const struct wad_ca_facts *f)
{
	for (size_t i = 0; f->in_dev != NULL && i < f->conf->n_ifs; i++)
		if (strcmp(f->conf->ifs[i].device, f->in_dev) == 0)
			return &f->conf->ifs[i];
	return NULL;
}

/* The policy's inspection profile's CA; an unset caname yields nothing. */
static struct got
profile_ca(const struct wad_ca_facts *f)
{
	const struct wad_profile *p = f->policy->profile;

	return (struct got){ p->ca, p->caname, NULL };
}

static struct got
auth_ca_cert(const struct wad_ca_facts *f)
{
	return (struct got){ f->conf->user.auth_ca_cert,
		f->conf->user.auth_ca_cert_name, NULL };
}

static struct got
captive_portal(const struct wad_ca_facts *f)
{
	const struct wad_interface *in = ingress(f);

	if (in == NULL || !in->captive_portal)
		return (struct got){ NULL, in != NULL ? in->auth_cert_name :
			NULL, "does not apply: no captive-portal interface" };
	return (struct got){ in->auth_cert, in->auth_cert_name, NULL };
}

static struct got
policy_row(const struct wad_ca_facts *f)
{
	if (f->policy == NULL)
		return (struct got){ NULL, NULL,
			"does not apply: no policy matched" };
	if (f->purpose == WAD_CA_PAGE && f->policy->auth_cert_name != NULL)
		return (struct got){ f->policy->auth_cert,
			f->policy->auth_cert_name, NULL };
	return profile_ca(f);
}

static struct got
webfilter(const struct wad_ca_facts *f)
{
	struct got g;

	if (f->purpose != WAD_CA_PAGE || !f->wf_authenticate)
		return (struct got){ NULL, NULL,
			"does not apply: no page of action authenticate" };
	if (f->policy != NULL) {
		g = profile_ca(f);
		if (g.cert != NULL)
			return g;
	}
	return (struct got){ f->conf->webproxy.ssl_ca_cert,
		f->conf->webproxy.ssl_ca_cert_name, NULL };
}

static struct got
user_setting(const struct wad_ca_facts *f)
{
	return (struct got){ f->conf->user.auth_cert,
		f->conf->user.auth_cert_name, NULL };
}

static struct got
system_global(const struct wad_ca_facts *f)
{
	return (struct got){ f->conf->sys.auth_cert,
		f->conf->sys.auth_cert_name, NULL };
}

static struct got
web_proxy(const struct wad_ca_facts *f)
{
	const struct wad_conf_webproxy *w = &f->conf->webproxy;

	if (w->ssl_ca_cert_name != NULL)
		return (struct got){ w->ssl_ca_cert, w->ssl_ca_cert_name,
			NULL };
	return (struct got){ wad_conf_cert(f->conf, WAD_CA_SSL), WAD_CA_SSL,
		NULL };
}

static const struct {
	const char	*source;
	struct got	(*get)(const struct wad_ca_facts *);
	bool		 ca_only;	/* re-signs always */
} rows[WAD_CA_ROWS] = {
	{ "auth-ca-cert",	auth_ca_cert,	true },
	{ "captive-portal",	captive_portal,	false },
	{ "policy",		policy_row,	false },
	{ "webfilter",		webfilter,	false },
	{ "user-setting",	user_setting,	false },
	{ "system-global",	system_global,	false },
	{ "web-proxy",		web_proxy,	false },
};

/* The reason in the row's own room. */
static const char *
say(struct wad_ca_row *r, const char *what, int64_t when)
{
	struct tm	tm;
	time_t		t = (time_t)when;
	char		day[24];

	gmtime_r(&t, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &tm);
	snprintf(r->why, sizeof(r->why), "%s %s UTC", what, day);
	return r->why;
}

/* Why the certificate cannot be used for the purpose; NULL when it can. */
static const char *
unusable(const struct wad_ca_facts *f, struct wad_ca_row *r, bool ca_only)
{
	const struct wad_cert *c = r->cert;

	if (r->cert_name == NULL)
		return "not configured";
	if (c == NULL || c->pem == NULL)
		return "the certificate is missing";
	if (!c->has_key)
		return "no private key";
	if (c->facts.known && f->now > c->facts.not_after)
		return say(r, "expired on", c->facts.not_after);
	if (c->facts.known && f->now < c->facts.not_before)
		return say(r, "not valid before", c->facts.not_before);
	if (!c->facts.is_ca && ca_only)
		return "not a CA";
	if (!c->facts.is_ca && f->purpose == WAD_CA_RELAY)
		return "not a CA: usable for pages only";
	return NULL;
}

/* When no row has anything, the built-in CA stands in the last one. */
static void
fall_back(const struct wad_ca_facts *f, struct wad_ca_choice *out)
{
	struct wad_ca_row	*r = &out->rows[WAD_CA_ROWS - 1];
	struct wad_ca_row	 builtin = *r;

	builtin.cert = wad_conf_cert(f->conf, WAD_CA_SSL);
	builtin.cert_name = WAD_CA_SSL;
	if (builtin.cert == r->cert || unusable(f, &builtin, true) != NULL)
		return;
	r->cert = builtin.cert;
	r->cert_name = builtin.cert_name;
	r->skip = NULL;
	out->row = WAD_CA_ROWS - 1;
	out->cert = r->cert;
	out->source = r->source;
	out->resign = true;
}

int
wad_ca_priority_choose(const struct wad_ca_facts *f,
    struct wad_ca_choice *out)
{
	memset(out, 0, sizeof(*out));
	out->row = -1;
	for (int i = 0; i < WAD_CA_ROWS; i++) {
		struct wad_ca_row	*r = &out->rows[i];
		struct got		 g = rows[i].get(f);

		r->source = rows[i].source;
		r->cert = g.cert;
		r->cert_name = g.name;
		r->skip = g.skip != NULL ? g.skip :
		    unusable(f, r, rows[i].ca_only);
		if (r->skip == NULL && out->row == -1) {
			out->row = i;
			out->cert = r->cert;
			out->source = r->source;
			out->resign = r->cert->facts.is_ca;
		}
	}
	if (out->row == -1)
		fall_back(f, out);
	return out->row == -1 ? -1 : 0;
}
