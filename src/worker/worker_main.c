/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-worker: owns connections from accept to log.  Reads from strangers;
 * holds no CA key, opens no file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "ipc/shm.h"
#include "policy/feed.h"
#include "port/route.h"
#include "session/slot.h"
#include "tls/ssl_cache.h"
#include "tls/ssl_cert_storage.h"
#include "tls/ssl_ctx.h"
#include "tls/ssl_learn.h"
#include "tls/ssl_replace.h"
#include "tls/ssl_session.h"
#include "tls/ssl_ticket.h"
#include "worker/block.h"
#include "worker/forward.h"
#include "worker/http_quota.h"
#include "worker/http_warn.h"
#include "worker/memory.h"
#include "worker/session.h"
#include "worker/session_table.h"
#include "worker/worker.h"
#include "x509/x509_read.h"

enum { ASKS_MAX = 4096, SPARE_LOW = 8, EXPLAIN_DNS_MS = 1500,
	RESPARE_MS = 300 };

/* ---- configuration ---------------------------------------------------- */

struct wad_worker_conf *
wad_worker_conf_get(struct wad_worker_conf *wc)
{
	wc->refcount++;
	return wc;
}

void
wad_worker_conf_put(struct wad_worker_conf *wc)
{
	if (wc == NULL || --wc->refcount > 0)
		return;
	wad_fqdn_watch_free(wc->fqdns);
	wad_trust_put(wc->trust);
	wad_ssl_replace_free(wc->replace);
	wad_url_rules_free(wc->rules);
	wad_url_db_close(wc->db);
	wad_block_langs_free(wc);
	wad_conf_put(wc->conf);
	free(wc);
}

static void
listeners_drop(struct wad_list *head)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(head, l, tmp)
		wad_listener_free(WAD_LIST_ENTRY(l, struct wad_listener,
		    all));
}

static void
bundle_load(struct wad_worker *w)
{
	const char	*text;
	size_t		 len;

	if (w->trust_fd == -1)
		return;
	text = wad_shm_map_text(w->trust_fd, &len);
	close(w->trust_fd);
	w->trust_fd = -1;
	if (text == NULL)
		return;
	if (w->bundle != NULL)
		wad_shm_unmap(w->bundle, w->bundle_len);
	w->bundle = text;
	w->bundle_len = len;
}

/* What came for a generation that will not run. */
static void
forget_prepared(struct wad_worker *w)
{
	listeners_drop(&w->next_listeners);
	if (w->db_fd != -1)
		close(w->db_fd);
	if (w->trust_fd != -1)
		close(w->trust_fd);
	w->db_fd = w->trust_fd = -1;
}

static int
on_prepare(struct wad_proc *proc, void *arg, struct wad_conf *conf, char *err,
    size_t errsize)
{
	struct wad_worker	*w = arg;
	struct wad_worker_conf	*wc = wad_xcalloc(1, sizeof(*wc));
	char			 why[128];

	(void)proc;
	wc->refcount = 1;
	wc->conf = wad_conf_get(conf);
	wad_feed_bind(conf);
	bundle_load(w);
	wc->trust = wad_trust_new(conf, w->bundle, w->bundle_len, err,
	    errsize);
	if (wc->trust == NULL)
		goto fail;
	wc->replace = wad_ssl_replace_new(conf);
	wad_block_langs(wc);
	wc->rules = wad_url_rules_new(conf, err, errsize);
	if (wc->rules == NULL)
		goto fail;
	if (w->db_fd != -1) {
		wc->db = wad_url_db_open(w->db_fd, why, sizeof(why));
		w->db_fd = -1;
		if (wc->db == NULL && w->db_must) {
			snprintf(err, errsize, "category-db %s: %s; make it "
			    "again or unset it", conf->settings.category_db,
			    why);
			goto fail;
		}
		if (wc->db == NULL)
			wad_log_event("error", "category-db %s: %s; no rating "
			    "until it is made again and openwad reloads",
			    conf->settings.category_db, why);
	}
	w->next = wc;
	return 0;
fail:
	wad_worker_conf_put(wc);
	forget_prepared(w);
	return -1;
}

static void
on_commit(struct wad_proc *proc, void *arg, struct wad_conf *conf)
{
	struct wad_worker	*w = arg;
	struct wad_worker_conf	*old = w->wc;
	struct wad_list		*l, *tmp;
	bool			 hold = wad_worker_feed_hold(w, conf);

	(void)proc;
	listeners_drop(&w->listeners);
	w->wc = w->next;
	w->next = NULL;
	wad_dns_set_servers(w->dns, conf);
	wad_memory_limit(w, conf);
	/* of the old generation; certificates are in wad-keys still */
	(void)wad_ssl_cache_clear("session");
	(void)wad_ssl_cache_clear("certificate");
	wad_ssl_session_limit(conf->ssl.session_capacity * 16);
	wad_ssl_cert_storage_limit(conf->ssl.cert_capacity,
	    conf->ssl.cert_timeout);
	if (old != NULL)
		wad_fqdn_watch_stop(old->fqdns);
	w->wc->fqdns = wad_fqdn_watch_new(w, conf);
	WAD_LIST_EACH(&w->next_listeners, l, tmp) {
		wad_list_remove(l);
		wad_list_append(&w->listeners, l);
		if (!w->draining && !hold)
			wad_listener_start(WAD_LIST_ENTRY(l,
			    struct wad_listener, all));
	}
	wad_worker_conf_put(old);
	wad_feed_keep(conf);
	wad_session_table_dirty();
	wad_accept_ready(w);
}

static void
on_abort(struct wad_proc *proc, void *arg)
{
	struct wad_worker *w = arg;

	(void)proc;
	forget_prepared(w);
	wad_worker_conf_put(w->next);
	w->next = NULL;
}

/* ---- what the parent sends -------------------------------------------- */

static int
msg_listener(struct wad_worker *w, struct wad_msg_in *m)
{
	uint64_t	 gen;
	uint32_t	 kind, row, family;
	const char	*device;
	struct wad_addr	 local;
	int		 fd;

	if (wad_msg_get_u64(m, &gen) == -1 || wad_msg_get_u32(m, &kind) ||
	    wad_msg_get_u32(m, &row) || wad_msg_get_str(m, &device) ||
	    wad_msg_get_u32(m, &family) || wad_msg_get_addr(m, &local) ||
	    wad_msg_end(m) == -1 || (fd = wad_msg_take_fd(m)) == -1)
		return -1;
	wad_listener_new(w, (int)kind, row, device, &local, fd);
	return 0;
}

/* Sessions that wait for a socket of the parent's. */
static void
kick_waiting(struct wad_worker *w)
{
	struct wad_list	*l, *tmp;

	WAD_LIST_EACH(&w->sessions, l, tmp) {
		struct wad_session *s = WAD_LIST_ENTRY(l, struct wad_session,
		    all);

		if (s->srv.port == NULL && !s->explicit_web)
			wad_session_kick(s);
	}
}

/* A question for sockets that brought none, or no answer. */
static void
on_respare(evutil_socket_t fd, short what, void *arg)
{
	struct wad_worker *w = arg;

	(void)fd;
	(void)what;
	if (!w->spare_asked[0] && !w->spare_asked[1])
		return;
	w->spare_asked[0] = w->spare_asked[1] = false;
	kick_waiting(w);
}

static int
msg_sockets(struct wad_worker *w, struct wad_msg_in *m)
{
	uint32_t	 family;
	unsigned	 i;
	int		 fd;

	if (wad_msg_get_u32(m, &family) == -1)
		return -1;
	i = family == AF_INET6;
	while ((fd = wad_msg_take_fd(m)) != -1) {
		if (w->n_spare[i] < WAD_SPARES)
			w->spare_fd[i][w->n_spare[i]++] = fd;
		else
			close(fd);
	}
	if (w->n_spare[i] == 0)		/* none could be made: the timer asks
					 * again */
		return 0;
	w->spare_asked[i] = false;
	kick_waiting(w);
	return 0;
}

static int
msg_own(struct wad_worker *w, struct wad_msg_in *m)
{
	unsigned long long h = 1;	/* the same start in all workers */
	uint32_t	n;
	struct wad_addr	a;

	if (wad_msg_get_u32(m, &n) == -1)
		return -1;
	w->n_own = 0;
	while (n-- > 0) {
		if (wad_msg_get_addr(m, &a) == -1)
			return -1;
		h = wad_str_hash(h, a.ip, sizeof(a.ip));
		if (w->n_own < WAD_OWN_MAX)
			w->own[w->n_own++] = a;
	}
	/* one pseudonym for all workers, another one for another gateway:
	 * a request that comes back is known whoever gets it */
	snprintf(w->via, sizeof(w->via), "openwad-%08x",
	    (unsigned)(h ^ (h >> 32)));
	return wad_msg_end(m);
}

static int
msg_drain(struct wad_worker *w)
{
	struct wad_list *l, *tmp;

	w->draining = true;
	WAD_LIST_EACH(&w->listeners, l, tmp)
		event_del(&WAD_LIST_ENTRY(l, struct wad_listener, all)->ev);
	if (w->n_sessions == 0)
		wad_proc_exit(w->proc, 0);
	return 0;
}

static int
keep_fd(int *slot, struct wad_msg_in *m)
{
	if (*slot != -1)
		close(*slot);
	*slot = wad_msg_take_fd(m);
	return 0;
}

static int
msg_catdb(struct wad_worker *w, struct wad_msg_in *m)
{
	const char	*path;
	uint32_t	 must;

	if (wad_msg_get_str(m, &path) == -1 ||
	    wad_msg_get_u32(m, &must) == -1 || wad_msg_end(m) == -1)
		return -1;
	w->db_must = must != 0;
	return keep_fd(&w->db_fd, m);
}

static int
on_message(struct wad_proc *proc, void *arg, struct wad_msg_in *m)
{
	struct wad_worker *w = arg;

	(void)proc;
	switch (m->type) {
	case WAD_MSG_LISTENER:
		return msg_listener(w, m);
	case WAD_MSG_TRUST:
		return keep_fd(&w->trust_fd, m);
	case WAD_MSG_CATDB:
		return msg_catdb(w, m);
	case WAD_MSG_SOCKETS:
		return msg_sockets(w, m);
	case WAD_MSG_OWN_ADDRS:
		return msg_own(w, m);
	case WAD_MSG_DRAIN:
		return msg_drain(w);
	default:
		return -1;
	}
}

bool
wad_worker_is_own(const struct wad_worker *w, const struct wad_addr *a)
{
	for (size_t i = 0; i < w->n_own; i++)
		if (wad_addr_ip_equal(&w->own[i], a))
			return true;
	return false;
}

int
wad_worker_spare(struct wad_worker *w, int family)
{
	unsigned	i = family == AF_INET6;
	int		fd = -1;
	struct wad_msg	m;

	if (w->n_spare[i] > 0)
		fd = w->spare_fd[i][--w->n_spare[i]];
	if (w->n_spare[i] < SPARE_LOW && !w->spare_asked[i]) {
		struct timeval tv = { .tv_usec = RESPARE_MS * 1000 };

		w->spare_asked[i] = true;
		event_add(&w->respare, &tv);
		wad_msg_init(&m, WAD_MSG_SOCKETS_ASK, 0);
		wad_msg_add_u32(&m, (uint32_t)family);
		(void)wad_chan_send(wad_proc_parent(w->proc), &m);
		wad_msg_free(&m);
	}
	return fd;
}

/* ---- peers ------------------------------------------------------------ */

static int
from_keys(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	struct wad_worker *w = arg;

	(void)c;
	switch (m->type) {
	case WAD_MSG_FORGED:
		/* an answer to a question that was given up finds nobody */
		(void)wad_ask_answer(w->asks, m);
		return 0;
	case WAD_MSG_TICKET_KEYS:
		return wad_ssl_ticket_receive(m);
	case WAD_MSG_TLS_SESSION:
		/* of another worker: its nonsense is not wad-keys's fault */
		(void)wad_ssl_session_receive(m);
		return 0;
	default:
		return -1;
	}
}

static int
from_lookup(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	struct wad_worker *w = arg;

	(void)c;
	if (m->type == WAD_MSG_FEED || m->type == WAD_MSG_FEEDS)
		return wad_worker_feed(w, m);
	if (m->type == WAD_MSG_FORWARD_STATE)
		return wad_forward_state_receive(m);
	if (m->type != WAD_MSG_STATUS && m->type != WAD_MSG_ISSUERS)
		return -1;
	(void)wad_ask_answer(w->asks, m);
	return 0;
}

static void
answer(struct wad_chan *c, enum wad_msg_type type, uint32_t id, bool ok,
    struct wad_str *text)
{
	struct wad_msg m;

	wad_msg_init(&m, type, id);
	wad_msg_add_u32(&m, ok);
	wad_msg_add_str(&m, text->s);
	(void)wad_chan_send(c, &m);
	wad_msg_free(&m);
	wad_str_free(text);
}

/* A question that waits for its name to be resolved. */
struct explaining {
	struct wad_worker	*w;
	struct wad_explain_ask	 q;
	uint32_t		 id;
};

static void
explained(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct explaining	*e = arg;
	struct wad_str		 out = { 0 };
	size_t			 i = 0;

	(void)err;
	while (i < n && addrs[i].family != e->q.src.family)
		i++;		/* a client reaches its own family only */
	wad_explain(e->w, &e->q, i < n ? &addrs[i] : NULL, &out);
	if (e->w->control != NULL)
		answer(e->w->control, WAD_MSG_EXPLAINED, e->id, true, &out);
	else
		wad_str_free(&out);
	free(e);
}

static int
do_explain(struct wad_worker *w, struct wad_chan *c, struct wad_msg_in *m)
{
	struct explaining	*e;
	const char		*target, *ifname, *user, *path;
	struct wad_addr		 src;
	uint32_t		 port;
	struct wad_str		 out = { 0 };

	if (wad_msg_get_addr(m, &src) || wad_msg_get_str(m, &target) ||
	    wad_msg_get_u32(m, &port) || wad_msg_get_str(m, &ifname) ||
	    wad_msg_get_str(m, &user) || wad_msg_get_str(m, &path) ||
	    wad_msg_end(m) || port > 65535)
		return -1;
	e = wad_xcalloc(1, sizeof(*e));
	e->w = w;
	e->id = m->id;
	e->q.src = src;
	e->q.port = (uint16_t)port;
	snprintf(e->q.ifname, sizeof(e->q.ifname), "%s", ifname);
	snprintf(e->q.user, sizeof(e->q.user), "%s", user);
	snprintf(e->q.path, sizeof(e->q.path), "%s%s", *path == '?' ? "/" :
	    "", path);
	if (wad_str_host_canon(e->q.host, target, strlen(target)) == -1) {
		wad_str_addf(&out, "'%s' is neither a host name nor an address",
		    target);
		answer(c, WAD_MSG_EXPLAINED, m->id, false, &out);
		free(e);
		return 0;
	}
	/* address literals are answered too, in the next turn */
	if (wad_dns_ask(w->dns, e->q.host, EXPLAIN_DNS_MS, explained, e) ==
	    NULL)
		explained(e, NULL, 0, NULL);
	return 0;
}

/* A name of the console's. */
struct resolving {
	struct wad_worker	*w;
	uint32_t		 id;
};

static void
resolved(void *arg, const struct wad_addr *addrs, size_t n, const char *err)
{
	struct resolving	*r = arg;
	struct wad_msg		 m;

	wad_msg_init(&m, WAD_MSG_RESOLVED, r->id);
	wad_msg_add_u32(&m, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		wad_msg_add_addr(&m, &addrs[i]);
	wad_msg_add_str(&m, n == 0 && err != NULL ? err : "");
	(void)wad_chan_send(r->w->control, &m);
	wad_msg_free(&m);
	free(r);
}

static int
do_resolve(struct wad_worker *w, struct wad_msg_in *m)
{
	struct resolving	*r;
	char			 host[WAD_HOST_MAX];
	const char		*name;

	if (wad_msg_get_str(m, &name) == -1 || wad_msg_end(m) == -1)
		return -1;
	r = wad_xcalloc(1, sizeof(*r));
	r->w = w;
	r->id = m->id;
	if (wad_str_host_canon(host, name, strlen(name)) == -1)
		resolved(r, NULL, 0, "not a host name or address");
	else if (wad_dns_ask(w->dns, host, EXPLAIN_DNS_MS, resolved, r) ==
	    NULL)
		resolved(r, NULL, 0, "too many questions are open");
	return 0;
}

/* Commands of the console: the words that begin them, and the function that
 * gets what follows. */
static bool
cmd_stats(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	(void)rest;
	wad_str_addf(out, "worker %u: sessions=%u tcp_ports=%u asks=%zu "
	    "buffers=%zu of %zu\n", wad_proc_index(w->proc), w->n_sessions,
	    wad_tcp_port_in_use(), wad_ask_open(w->asks), wad_mem.held,
	    wad_mem.hard);
	return true;
}

static bool
cmd_cache_list(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	(void)w;
	(void)rest;
	wad_ssl_cache_list(out);
	return true;
}

/* cache show NAME [FILTER] */
static bool
cmd_cache_show(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	size_t	n = strcspn(rest, " ");
	char	name[32];

	snprintf(name, sizeof(name), "%.*s", (int)n, rest);
	wad_str_addf(out, "worker %u:\n", wad_proc_index(w->proc));
	return wad_ssl_cache_show(name, rest + n + strspn(rest + n, " "),
	    out);
}

static bool
cmd_cache_clear(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	struct wad_msg m;

	(void)out;
	/* or the same certificates would come back from wad-keys */
	if (strcmp(rest, "all") == 0 || strcmp(rest, "certificate") == 0) {
		wad_msg_init(&m, WAD_MSG_KEYS_CLEAR, 0);
		(void)wad_chan_send(w->keys, &m);
		wad_msg_free(&m);
	}
	return wad_ssl_cache_clear(rest);
}

static bool
cmd_page(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	return wad_block_show(w->wc, rest, out);
}

static bool
cmd_forward(struct wad_worker *w, const char *rest, struct wad_str *out)
{
	(void)rest;
	wad_forward_state_list(w->wc->conf, wad_proc_index(w->proc), out);
	return true;
}

static const struct {
	const char *words;
	bool (*run)(struct wad_worker *, const char *rest, struct wad_str *);
} commands[] = {
	{ "stats", cmd_stats },
	{ "cache list", cmd_cache_list },
	{ "cache show", cmd_cache_show },
	{ "cache clear", cmd_cache_clear },
	{ "page", cmd_page },
	{ "forward-server", cmd_forward },
};

static int
do_command(struct wad_worker *w, struct wad_chan *c, struct wad_msg_in *m)
{
	const char	*words;
	struct wad_str	 out = { 0 };
	bool		 ok = false;

	if (wad_msg_get_str(m, &words) || wad_msg_end(m))
		return -1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t n = strlen(commands[i].words);

		if (strncmp(commands[i].words, words, n) != 0 ||
		    (words[n] != '\0' && words[n] != ' '))
			continue;
		n += strspn(words + n, " ");
		ok = commands[i].run(w, words + n, &out);
	}
	answer(c, WAD_MSG_WORKER_SAID, m->id, ok, &out);
	return 0;
}

static int
from_control(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	struct wad_worker *w = arg;

	switch (m->type) {
	case WAD_MSG_EXPLAIN:
		return do_explain(w, c, m);
	case WAD_MSG_RESOLVE:
		return do_resolve(w, m);
	case WAD_MSG_WORKER_CMD:
		return do_command(w, c, m);
	case WAD_MSG_LEARNED:
		return wad_learn_message(w, m);
	case WAD_MSG_GRANTED:
		return wad_http_warn_message(w, c, m);
	case WAD_MSG_QUOTA_STATE:
		return wad_http_quota_message(w, m);
	case WAD_MSG_GRANT_DONE:
		(void)wad_ask_answer(w->asks, m);
		return 0;
	case WAD_MSG_SESSIONS_FRESH:
	case WAD_MSG_SESSIONS_CLEAR:
		return wad_session_table_message(w, m);
	default:
		return -1;
	}
}

/* A second later: who was started again meanwhile has brought a channel. */
static void
on_repair(evutil_socket_t fd, short what, void *arg)
{
	struct wad_worker	*w = arg;
	const struct { struct wad_chan *chan; const char *role; } rows[] = {
		{ w->keys, "keys" }, { w->lookup, "lookup" },
		{ w->control, "control" },
	};
	struct wad_msg		 m;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].chan != NULL)
			continue;
		wad_msg_init(&m, WAD_MSG_CHAN_LOST, 0);
		wad_msg_add_str(&m, rows[i].role);
		(void)wad_chan_send(wad_proc_parent(w->proc), &m);
		wad_msg_free(&m);
	}
}

static void
peer_down(void *arg, struct wad_chan *c)
{
	static const struct timeval	 tv = { .tv_sec = 1 };
	struct wad_worker		*w = arg;

	if (w->keys == c) {
		w->keys = NULL;		/* asks wait for its return */
		wad_ssl_session_share(NULL);
	}
	if (w->control == c)
		w->control = NULL;
	if (w->lookup == c)
		w->lookup = NULL;
	wad_chan_free(c);
	event_add(&w->repair, &tv);
}

static int
on_peer(struct wad_proc *proc, void *arg, const char *role, unsigned index,
    int fd)
{
	struct wad_worker	 *w = arg;
	struct wad_chan		**slot;
	wad_chan_msg_fn		 *fn;

	(void)proc;
	(void)index;
	if (strcmp(role, "keys") == 0) {
		slot = &w->keys;
		fn = from_keys;
	} else if (strcmp(role, "control") == 0) {
		slot = &w->control;
		fn = from_control;
	} else if (strcmp(role, "lookup") == 0) {
		slot = &w->lookup;
		fn = from_lookup;
	} else {
		close(fd);
		return -1;
	}
	if (*slot != NULL)
		wad_chan_free(*slot);
	*slot = wad_chan_new(w->base, fd, role, fn, peer_down, w);
	if (slot == &w->control) {	/* it sends what it knows */
		wad_ssl_learn_clear();
		wad_http_warn_known(w);
	}
	if (slot == &w->keys)
		wad_ssl_session_share(w->keys);
	wad_ask_resend(w->asks, *slot, role);
	return 0;
}

/* ---- start ------------------------------------------------------------ */

static void
on_bury(evutil_socket_t fd, short what, void *arg)
{
	struct wad_worker	*w = arg;
	struct wad_list		*l, *tmp;

	(void)fd;
	(void)what;
	WAD_LIST_EACH(&w->graveyard, l, tmp)
		wad_session_free(WAD_LIST_ENTRY(l, struct wad_session, all));
	if (w->draining && w->n_sessions == 0)
		wad_proc_exit(w->proc, 0);
}

static void
on_reaccept(evutil_socket_t fd, short what, void *arg)
{
	struct wad_worker	*w = arg;
	struct wad_list		*l, *tmp;

	(void)fd;
	(void)what;
	if (w->draining)
		return;
	WAD_LIST_EACH(&w->listeners, l, tmp)
		event_add(&WAD_LIST_ENTRY(l, struct wad_listener, all)->ev,
		    NULL);
}

/* As many descriptors as the hard limit gives. */
static void
raise_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* Our sessions, for wad-control to read. */
static int
sessions_open(struct wad_proc *proc)
{
	int			 fd = wad_proc_take_segment(proc);
	struct wad_slot_seg	*seg = NULL;

	if (fd != -1) {
		seg = wad_shm_map(fd, sizeof(*seg), true);
		close(fd);
		if (seg == NULL)
			return -1;
		seg->pid = (uint32_t)getpid();
	}
	wad_slot_attach(seg);
	return 0;
}

static int
on_init(struct wad_proc *proc, void *arg)
{
	struct wad_worker	*w = arg;
	char			*resolv, *hosts;

	w->proc = proc;
	w->base = wad_proc_base(proc);
	raise_files();
	wad_mem_start();
	wad_memory_start(w);
	if (wad_ssl_ctx_init() == -1 || wad_route_open() == -1)
		return -1;
	resolv = wad_proc_system_file("/etc/resolv.conf");
	hosts = wad_proc_system_file("/etc/hosts");
	w->dns = wad_dns_new(w->base, resolv, hosts);
	free(resolv);
	free(hosts);
	w->asks = wad_ask_table_new(w->base, ASKS_MAX);
	w->per_client = wad_xcalloc(WAD_CLIENT_SLOTS, sizeof(*w->per_client));
	if (w->dns == NULL ||
	    getrandom(&w->client_salt, sizeof(w->client_salt), 0) == -1)
		return -1;
	wad_str_hash_seed(w->client_salt);
	WAD_GAUGE_SET(SESSIONS, 0);	/* of the worker before, if it died */
	if (sessions_open(proc) == -1)
		return -1;
	wad_session_table_start(w);
	strcpy(w->via, "openwad");
	event_assign(&w->bury, w->base, -1, 0, on_bury, w);
	event_assign(&w->reaccept, w->base, -1, 0, on_reaccept, w);
	event_assign(&w->respare, w->base, -1, 0, on_respare, w);
	event_assign(&w->repair, w->base, -1, 0, on_repair, w);
	return 0;
}

static void
on_tick(struct wad_proc *proc, void *arg)
{
	(void)proc;
	WAD_GAUGE_SET(ASKS, wad_ask_open(((struct wad_worker *)arg)->asks));
	wad_ssl_cache_tell();
	wad_memory_tick(arg);
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "worker", .facts = wad_x509_read_facts,
		.init = on_init, .peer = on_peer, .message = on_message,
		.prepare = on_prepare, .commit = on_commit,
		.abort = on_abort, .tick = on_tick,
	};
	static struct wad_worker w = { .trust_fd = -1, .db_fd = -1 };
	struct wad_list	*l, *tmp;
	int		 code;

	wad_list_init(&w.listeners);
	wad_list_init(&w.next_listeners);
	wad_list_init(&w.sessions);
	wad_list_init(&w.graveyard);
	wad_list_init(&w.holders);
	code = wad_proc_run(argc, argv, &ops, &w);
	WAD_LIST_EACH(&w.sessions, l, tmp) {
		struct wad_session *s = WAD_LIST_ENTRY(l, struct wad_session,
		    all);

		wad_session_slot_refresh(s, wad_clock_ms());
		wad_session_bury(s, &wad_reasons[WR_SHUTDOWN]);
	}
	return code;
}
