/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `diagnose wad explain`: the decisions of a connection without opening one,
 * by the very functions that connections run.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ipc/quota.h"
#include "policy/ca_priority.h"
#include "policy/feed.h"
#include "policy/policy_match.h"
#include "port/route.h"
#include "tls/ssl_cic.h"
#include "tls/ssl_learn.h"
#include "worker/forward.h"
#include "worker/worker.h"

static const char *const inspect_names[] = { "none (passed through)",
	"certificate-inspection", "deep-inspection" };
static const char *const action_names[] = { "allow", "monitor", "warning",
	"authenticate", "block" };

struct ask {
	const struct wad_worker_conf *wc;
	const struct wad_policy	*policy;
	struct wad_flow		 flow;
	struct wad_route	 out, in;
	char			 host[WAD_HOST_MAX];
	bool			 is_ip;
	const char		*path;	/* "": only the connection is asked about */
	enum wad_inspect	 inspect;
	bool			 plain;	/* requests without TLS are looked at */
};

static void
row(struct wad_str *out, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void
row(struct wad_str *out, const char *key, const char *fmt, ...)
{
	va_list ap;

	wad_str_addf(out, "%-12s: ", key);
	va_start(ap, fmt);
	wad_str_vaddf(out, fmt, ap);
	va_end(ap);
	wad_str_add(out, "\n");
}

/* No entry of the profile exempts it: perhaps what the client did. */
static void
explain_learned(const struct ask *a, struct wad_str *out,
    const struct wad_url_verdict *v, struct wad_exempt_result *x)
{
	const struct wad_learn_key k = { .client = a->flow.src,
		.host = a->host };
	enum wad_learn		mode = a->wc->conf->settings.learned_exempt;
	bool			known;

	known = mode != WAD_LEARN_DISABLE && !a->is_ip &&
	    wad_ssl_learn_state(&k, wad_clock_wall()) == WAD_LEARNED_EXEMPT;
	if (!known)
		row(out, "exemption", "none");
	else if (v->action >= WAD_WF_WARNING)
		row(out, "exemption", "none (learned, but the web filter "
		    "comes first)");
	else if (mode == WAD_LEARN_MONITOR)
		row(out, "exemption", "none (learned, but only monitored)");
	else {
		row(out, "exemption", "%s (the client rejects our "
		    "certificates)", wad_exempt_names[WAD_X_LEARNED]);
		x->reason = WAD_X_LEARNED;
	}
}

static void
explain_category(const struct ask *a, struct wad_str *out,
    struct wad_url_verdict *v, struct wad_exempt_result *x)
{
	static const int	deep[3] = { 1, 1, 0 };
	struct wad_url_ask	u = {
		.conf = a->wc->conf, .rules = a->wc->rules,
		.db = a->wc->db, .policy = a->policy, .host = a->host,
		.url_src = a->is_ip ? "IP" : "SNI", .src = a->flow.src,
		.dst = a->flow.dst, .https = true,
	};

	memset(x, 0, sizeof(*x));
	wad_fqdn_watch_fill(a->wc->fqdns, &u);
	if (!a->plain)
		wad_ssl_check_urlf_and_exempt(&u, NULL, 6, deep, "--------",
		    x);
	wad_url_decide(&u, v);
	if (!a->plain && x->reason == WAD_X_NONE)
		wad_ssl_exempt_by_category(&u, v, x);
	row(out, "category", "%u %s (%s%s%s)", v->cate,
	    wad_url_cate_name(a->wc->conf, v->cate),
	    v->src == WAD_CATE_LOCAL ? "local rating" :
	    v->src == WAD_CATE_REMOTE ? "threat feed" : v->src == WAD_CATE_DB
	    ? "list " : a->wc->db == NULL ? "no category database" :
	    "in no list", v->src == WAD_CATE_DB && v->list != NULL ? v->list :
	    "", v->err ? "; the database could not be read" : "");
	if (v->feed != NULL)
		row(out, "threat feed", "%s, line %u", v->feed->name,
		    v->feed_line);
	row(out, "action", "%s%s%s", action_names[v->action],
	    v->why != NULL ? ": " : "", v->why != NULL ? v->why : "");
	if (a->plain)
		return;
	if (x->reason == WAD_X_NONE)
		explain_learned(a, out, v, x);
	else
		row(out, "exemption", "%s (ssl-exempt entry %u)",
		    wad_exempt_names[x->reason],
		    x->entry != NULL ? x->entry->id : 0);
}

static const char *
entry_action(const struct wad_uf_entry *e)
{
	static const char *const words[] = { [WAD_UF_EXEMPT] = "exempt",
		[WAD_UF_BLOCK] = "block", [WAD_UF_ALLOW] = "allow",
		[WAD_UF_MONITOR] = "monitor" };

	return words[e->action];
}

/* What this client may have done already: wad-control knows it. */
static void
explain_client(const struct ask *a, struct wad_str *out,
    const struct wad_url_verdict *v)
{
	const struct wad_wf_profile *p = a->policy->utm ?
	    a->policy->webfilter : NULL;
	char			     ip[WAD_ADDR_STRLEN];

	wad_addr_ip_str(&a->flow.src, ip);
	if (v->action == WAD_WF_WARNING)
		row(out, "went on", "'diagnose wad warning list client %s'",
		    ip);
	for (size_t i = 0; p != NULL && i < p->n_quotas &&
	    (v->action == WAD_WF_MONITOR || v->action == WAD_WF_WARNING); i++)
		if (wad_quota_counts(p, &p->quotas[i], v->cate))
			row(out, "quota", "entry %u; used: 'diagnose "
			    "webfilter quota list client %s'",
			    p->quotas[i].id, ip);
}

/* What an inspected connection's request gets; shown for what it is without
 * inspection, too, where nobody sees a path. */
static void
explain_request(const struct ask *a, struct wad_str *out, bool inspected)
{
	const struct wad_urlfilter *l = a->policy->utm &&
	    a->policy->webfilter != NULL ? a->policy->webfilter->urlfilter :
	    NULL;
	struct wad_url_verdict	 v;
	struct wad_url_ask	 u = {
		.conf = a->wc->conf, .rules = a->wc->rules,
		.db = a->wc->db, .policy = a->policy, .host = a->host,
		.path = a->path, .url_src = "HTTP", .src = a->flow.src,
		.dst = a->flow.dst, .https = !a->plain,
	};
	char			 text[512];

	if (*a->path == '\0')
		return;
	row(out, "request", "%s%s", wad_str_escape(text, sizeof(text),
	    a->path, strlen(a->path)), inspected ? "" :
	    " (not seen: the connection is not inspected)");
	wad_url_decide(&u, &v);
	if (v.uf != NULL)
		row(out, "url filter", "entry %u of list %u%s%s%s: %s (%s)",
		    v.uf->id, l->id, l->name != NULL ? " '" : "",
		    l->name != NULL ? l->name : "", l->name != NULL ? "'" :
		    "", wad_str_escape(text, sizeof(text), v.uf->url,
		    strlen(v.uf->url)), entry_action(v.uf));
	else
		row(out, "url filter", "no entry matches");
	row(out, "category", "%u %s", v.cate,
	    wad_url_cate_name(a->wc->conf, v.cate));
	row(out, "action", "%s%s%s", action_names[v.action],
	    v.why != NULL ? ": " : "", v.why != NULL ? v.why : "");
	explain_client(a, out, &v);
}

static void
explain_ca(const struct ask *a, struct wad_str *out,
    enum wad_ca_purpose purpose, bool authenticate)
{
	struct wad_ca_choice	c;
	struct wad_ca_facts	f = {
		.conf = a->wc->conf, .purpose = purpose,
		.in_dev = a->flow.in_dev, .policy = a->policy,
		.wf_authenticate = authenticate, .now = wad_clock_wall(),
	};

	wad_ca_priority_choose(&f, &c);
	wad_str_addf(out, "certificate for %s:\n", purpose == WAD_CA_RELAY ?
	    "an inspected session (relay)" : "a page of openwad (page)");
	for (int i = 0; i < WAD_CA_ROWS; i++) {
		const struct wad_ca_row *r = &c.rows[i];

		wad_str_addf(out, "  %d %-14s %-22s %s\n", i + 1, r->source,
		    r->cert_name != NULL ? r->cert_name : "-", i == c.row ?
		    c.resign ? "used (re-signs)" : "used (as it is)" :
		    r->skip != NULL ? r->skip : "usable, a higher row won");
	}
	if (c.cert == NULL)
		wad_str_add(out, "  no row is usable: the connection is closed,"
		    " reason no-signing-ca\n");
}

/* What was found when this worker last saw the server's certificate, and
 * what the profile makes of it; WAD_FATE_TRUSTED when it has not seen it. */
static enum wad_cert_fate
explain_verdict(const struct ask *a, struct wad_str *out,
    const struct wad_ssl_proto *proto)
{
	static const char *const fates[] = { "accepted",
		"signed by the untrusted CA", "blocked" };
	struct wad_ssl_nego	 n = { .dst = a->flow.dst,
				    .trust = a->wc->trust };
	struct wad_ssl_verdict	 v;
	enum wad_reason_id	 why = WR_N;
	enum wad_cert_fate	 fate;
	char			 text[sizeof(v.text) * 4];

	strcpy(n.host, a->host);
	if (!wad_ssl_cic_recent(&n, &v)) {
		row(out, "server cert", "not judged in the last %d minutes by "
		    "this worker ('diagnose wad cache show cert-inspection' "
		    "asks all)", WAD_CIC_TTL / 60);
		return WAD_FATE_TRUSTED;
	}
	fate = wad_ssl_cert_fate(&v, proto, &why);
	row(out, "server cert", "%s (judged %lld s ago; revocation: %s): "
	    "%s%s%s", wad_str_escape(text, sizeof(text), v.text,
	    strlen(v.text)), (long long)wad_ssl_cic_age(&n, NULL),
	    wad_x509_revoke_names[v.status], fates[fate],
	    why != WR_N ? ", reason " : "",
	    why != WR_N ? wad_reasons[why].name : "");
	return fate;
}

/* What an action of the web filter means for who asks. */
static const char *
explain_refusal(const struct ask *a, enum wad_wf_action action)
{
	bool page = a->plain || (a->inspect == WAD_INSPECT_DEEP &&
	    (a->policy->webfilter == NULL ||
	    a->policy->webfilter->https_replacemsg));

	if (!page)
		return "the handshake is ended with an alert";
	return action == WAD_WF_WARNING ? "a page with a button is sent, until "
	    "it is pressed" : action == WAD_WF_AUTHENTICATE ?
	    "a page that asks to sign in is sent" : "a block page is sent";
}

static bool
proxy_alive(struct wad_str *out, const struct wad_forward_server *f)
{
	const char *why = wad_forward_state_down(f);

	if (why != NULL)
		row(out, "  down", "%s: %s", f->name, why);
	return why == NULL;
}

/* The proxy behind this one, when there is one; false: none is alive, and
 * the configuration says block. */
static bool
explain_forward(const struct ask *a, struct wad_str *out)
{
	const struct wad_forward_server *server = NULL;
	const struct wad_forward_group	*group = NULL;
	bool				 alive = false, pass;

	wad_forward_choose(a->wc->conf, a->policy, a->host, a->plain ?
	    a->path : "", &server, &group);
	if (server == NULL && group == NULL)
		return true;
	row(out, "next proxy", "%s%s", group != NULL ? "group " : "",
	    group != NULL ? group->name : server->name);
	if (server != NULL)
		alive = proxy_alive(out, server);
	for (size_t i = 0; group != NULL && i < group->n_members; i++)
		alive |= proxy_alive(out, group->members[i].server);
	pass = group != NULL ? group->down_pass : server->down_pass;
	if (!alive)
		row(out, "  instead", "%s", pass ? "the server itself" :
		    "nothing (block)");
	return alive || pass;
}

static void
explain_inspection(const struct ask *a, struct wad_str *out)
{
	if (a->plain)
		row(out, "inspection", "each request of plain HTTP "
		    "(profile-protocol-options '%s', port %u)",
		    a->policy->protocol->name, a->flow.dst.port);
	else
		row(out, "inspection", "%s (profile '%s', port %u)",
		    inspect_names[a->inspect], a->policy->profile->name,
		    a->flow.dst.port);
}

static void
explain_rest(struct ask *a, struct wad_str *out)
{
	const struct wad_ssl_proto	*proto;
	struct wad_url_verdict		 v;
	struct wad_exempt_result	 x;
	enum wad_cert_fate		 fate = WAD_FATE_TRUSTED;
	const char			*end;
	bool				 passed, reached;

	a->inspect = wad_policy_inspect(a->policy->profile, a->flow.dst.port,
	    &proto);
	a->plain = a->inspect == WAD_INSPECT_DISABLE &&
	    wad_policy_filters_http(a->policy) &&
	    wad_protocol_has_port(a->policy->protocol, a->flow.dst.port);
	explain_category(a, out, &v, &x);
	reached = explain_forward(a, out);
	explain_inspection(a, out);
	if (a->inspect != WAD_INSPECT_DISABLE)
		fate = explain_verdict(a, out, proto);
	if (x.reason != WAD_X_NONE || v.uf_exempt)
		fate = WAD_FATE_TRUSTED;	/* nothing is validated */
	passed = !a->plain && (a->inspect != WAD_INSPECT_DEEP ||
	    x.reason != WAD_X_NONE || v.uf_exempt);
	if (v.action >= WAD_WF_WARNING)
		end = explain_refusal(a, v.action);
	else if (!reached)
		end = "refused with status 502: there is no proxy to give it "
		    "to";
	else if (fate == WAD_FATE_BLOCK)
		end = explain_refusal(a, WAD_WF_BLOCK);
	else if (passed)
		end = "passed through byte for byte";
	else if (a->plain)
		end = "passed on, request by request";
	else if (fate == WAD_FATE_UNTRUSTED)
		end = "inspected: a certificate is forged, under the untrusted "
		    "CA";
	else
		end = "inspected: a certificate is forged";
	row(out, "result", "%s", end);
	if (!passed && *a->path == '\0')
		explain_client(a, out, &v);
	explain_request(a, out, !passed);
	if (a->plain)
		return;
	explain_ca(a, out, WAD_CA_RELAY, false);
	explain_ca(a, out, WAD_CA_PAGE, v.action == WAD_WF_AUTHENTICATE);
}

static const char *
device_of(const struct wad_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_ifs; i++)
		if (strcmp(conf->ifs[i].name, name) == 0)
			return conf->ifs[i].device;
	return name;
}

/* The way to the target: of its address, or not known. */
static void
way_out(struct ask *a, const struct wad_addr *addr, uint16_t port,
    struct wad_str *out)
{
	char ip[WAD_ADDR_STRLEN];

	if (addr != NULL) {
		a->flow.dst = *addr;
		if (wad_route_lookup(addr, &a->out) == 0)
			a->flow.out_dev = a->out.dev;
		row(out, "server", "%s%s", wad_addr_ip_str(addr, ip),
		    a->flow.out_dev == NULL ? " (no route)" : "");
	} else {
		a->flow.dst.family = a->flow.src.family;
		a->flow.any_out = true;
		row(out, "server", "the name does not resolve here: every "
		    "dstintf is taken to match");
	}
	a->flow.dst.port = port;
}

/* Clients of the explicit proxy come by no interface of a policy. */
static void
way_in(struct ask *a, const char *ifname)
{
	a->flow.explicit_web = strcmp(ifname, "explicit-web") == 0;
	if (a->flow.explicit_web)
		a->flow.in_dev = ifname;
	else if (*ifname != '\0')
		a->flow.in_dev = device_of(a->wc->conf, ifname);
	else if (wad_route_lookup(&a->flow.src, &a->in) == 0)
		a->flow.in_dev = a->in.dev;
}

/* The transparent policy; where there is none, the explicit proxy's. */
static void
find_policy(struct ask *a)
{
	a->policy = wad_policy_match(a->wc->conf, &a->flow);
	if (a->policy != NULL || a->flow.explicit_web)
		return;
	a->flow.explicit_web = true;
	a->policy = wad_policy_match(a->wc->conf, &a->flow);
	if (a->policy == NULL)
		a->flow.explicit_web = false;
}

/* Which line of an address feed made the policy match. */
static void
explain_feeds(const struct wad_addr_list *l, const struct wad_addr *addr,
    struct wad_str *out)
{
	for (size_t i = 0; i < l->n; i++) {
		uint32_t line = l->obj[i]->type == WAD_ADDR_FEED ?
		    wad_feed_holds(l->obj[i]->feed, addr) : 0;

		if (line != 0)
			row(out, "threat feed", "%s, line %u",
			    l->obj[i]->name, line);
	}
}

static void
show_policy(const struct ask *a, struct wad_str *out)
{
	const struct wad_policy	*p = a->policy;
	bool			 named = p != NULL && p->name != NULL;

	if (p == NULL)
		row(out, "policy", "0 (implicit deny): no policy matches");
	else
		row(out, "policy", "%u%s%s%s, %s%s", p->id,
		    named ? " '" : "", named ? p->name : "",
		    named ? "'" : "", p->accept ? "accept" : "deny",
		    a->flow.explicit_web ? " (proxy-policy)" : "");
	if (p != NULL && a->flow.dst.family == AF_INET6) {
		explain_feeds(&p->srcaddr6, &a->flow.src, out);
		explain_feeds(&p->dstaddr6, &a->flow.dst, out);
	} else if (p != NULL) {
		explain_feeds(&p->srcaddr, &a->flow.src, out);
		explain_feeds(&p->dstaddr, &a->flow.dst, out);
	}
}

void
wad_explain(struct wad_worker *w, const struct wad_explain_ask *q,
    const struct wad_addr *addr, struct wad_str *out)
{
	struct ask	a = { .wc = w->wc };
	char		ip[WAD_ADDR_STRLEN];
	struct wad_addr	literal;

	a.flow.src = q->src;
	strcpy(a.host, q->host);
	a.path = q->path;
	a.is_ip = wad_addr_parse(&literal, a.host) == 0;
	a.flow.host = a.host;
	a.flow.user = q->user[0] != '\0' ? q->user : NULL;
	way_in(&a, q->ifname);
	row(out, "connection", "%s -> %s:%u", wad_addr_ip_str(&q->src, ip),
	    a.host, q->port);
	way_out(&a, addr, q->port, out);
	row(out, "interfaces", "in by %s, out by %s", a.flow.in_dev != NULL ?
	    a.flow.in_dev : "?", a.flow.out_dev != NULL ? a.flow.out_dev :
	    "?");
	find_policy(&a);
	show_policy(&a, out);
	if (a.policy != NULL && a.policy->accept)
		explain_rest(&a, out);
}
