/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log servers: which records each one gets, in which form, and how far it has
 * got.
 *
 * A record goes from its ring into the queues of the servers that want it; a
 * queue that is full loses the newest, and the server is told how many before
 * the next one that it gets.  How far each server has got in each ring is
 * noted in our own ring segment, which outlives this process: who is started
 * after us sends what was not sent, and nothing twice but a message that was
 * on its way.
 */
#include "export/export.h"

#include <openssl/sha.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "export/syslog_conn.h"
#include "export/syslog_tls.h"
#include "log/log_filter.h"
#include "log/log_format.h"

enum {
	WHO = 160, WHY = 160,
	UDP_BACK = 5000,	/* ms without an ICMP error */
};
#define KEEP_MAGIC	0x6b656570u

/* In the ring segment. */
struct keep {
	uint64_t	 magic;
	struct {
		char	 who[WHO];
		uint64_t sent, lost, told;	/* told: of those lost */
	} server[WAD_SYSLOGS];
	struct {
		char	 role[16];
		uint64_t index;
		uint64_t next[WAD_SYSLOGS];	/* record to send next */
	} ring[WAD_RINGS_MAX];
};
_Static_assert(sizeof(struct keep) <= (size_t)WAD_RING_KEEP,
    "it fits into the ring segment");

struct server {
	struct wad_syslog *s;
	unsigned	 i;		/* log syslogd, syslogd2 ... */
	const struct wad_conf_syslog *conf;
	char		 who[WHO], host[WAD_HOST_MAX];
	struct wad_log_filter *filter;
	struct wad_log_sender sender;
	struct wad_syslog_queue queue;
	struct wad_syslog_conn *conn;	/* NULL: not configured */
	uint64_t	 telling;	/* lost ones that lines of the queue
					 * tell of */
	bool		 down;		/* and that was said */
	char		 error[WHY];	/* the last one */
	uint64_t	 error_ms;
};

struct wad_syslog {
	struct wad_export *x;
	struct keep	*keep, own;	/* own: without a ring segment */
	struct server	 server[WAD_SYSLOGS];
	char		*bundle; size_t bundle_len;
	char		 devid[20];
};

static const char *const modes[] = {
	[WAD_SYSLOG_UDP] = "udp",
	[WAD_SYSLOG_LEGACY] = "legacy-reliable",
	[WAD_SYSLOG_RELIABLE] = "reliable",
};

static bool
uses_tls(const struct wad_conf_syslog *c)
{
	return c->mode != WAD_SYSLOG_UDP && c->tls != WAD_SYSLOG_TLS_OFF;
}

/* ---- into the queue ------------------------------------------------------ */

static void
form(const struct server *v, const struct wad_log_record *r,
    struct wad_str *out)
{
	out->len = 0;
	wad_log_format(v->conf->format, r, &v->sender, out);
}

/* The line about what was lost, when there is something to tell.  False when
 * the queue has no room for it. */
static bool
put_gap(struct server *v)
{
	static struct wad_log_record	 r;
	struct wad_str			 out = { 0 };
	struct wad_log_rec		 rec;
	uint64_t			 n = v->s->keep->server[v->i].lost -
					    v->s->keep->server[v->i].told -
					    v->telling;
	bool				 ok = true;

	if (n == 0)
		return true;
	wad_log_begin(&rec, WAD_LOG_SYS_LOGS_LOST);
	wad_log_str(&rec, "server", v->conf->server);
	wad_log_u64(&rec, "count", n);
	wad_log_strf(&rec, "msg", "%" PRIu64 " log records were lost before "
	    "this one", n);
	if (wad_log_record_parse(&r, rec.text, rec.len) == 0) {
		form(v, &r, &out);
		ok = wad_syslog_queue_put(&v->queue, WAD_SYSLOG_GAP, n,
		    out.s, out.len);
	}
	wad_str_free(&out);
	if (ok)
		v->telling += n;
	return ok;
}

static void
put(struct server *v, unsigned mark, uint64_t number,
    const struct wad_log_record *r)
{
	static struct wad_str out;

	if (!put_gap(v)) {
		v->s->keep->server[v->i].lost++;
		return;
	}
	form(v, r, &out);
	if (!wad_syslog_queue_put(&v->queue, mark, number, out.s, out.len))
		v->s->keep->server[v->i].lost++;
}

void
wad_syslog_record(struct wad_syslog *s, unsigned mark, uint64_t number,
    const char *text, size_t len)
{
	static struct wad_log_record	r;
	bool				parsed = false;

	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		struct server *v = &s->server[i];

		if (v->conn == NULL || number < s->keep->ring[mark].next[i])
			continue;
		if (!parsed && wad_log_record_parse(&r, text, len) == -1)
			return;
		parsed = true;
		if (wad_log_filter_pass(v->filter, &r))
			put(v, mark, number, &r);
	}
}

void
wad_syslog_lost(struct wad_syslog *s, unsigned mark, uint64_t from,
    uint64_t to)
{
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		uint64_t next = s->keep->ring[mark].next[i];

		if (s->server[i].conn != NULL && next < to)
			s->keep->server[i].lost += to - (next > from ? next :
			    from);
	}
}

unsigned
wad_syslog_ring(struct wad_syslog *s, const char *role, unsigned index,
    bool anew)
{
	unsigned	i;
	size_t		room = sizeof(s->keep->ring[0].role);

	for (i = 0; i < WAD_RINGS_MAX - 1; i++) {
		if (s->keep->ring[i].role[0] == '\0')
			snprintf(s->keep->ring[i].role, room, "%s", role);
		else if (strncmp(s->keep->ring[i].role, role, room - 1) != 0 ||
		    s->keep->ring[i].index != index)
			continue;
		break;
	}
	s->keep->ring[i].index = index;
	if (anew)
		memset(s->keep->ring[i].next, 0,
		    sizeof(s->keep->ring[i].next));
	return i;
}

/* ---- out of the queue ---------------------------------------------------- */

static void
on_done(void *arg, const struct wad_syslog_msg *m, bool sent)
{
	struct server	*v = arg;
	struct keep	*k = v->s->keep;

	if (m->ring == WAD_SYSLOG_GAP) {
		v->telling -= m->number;
		if (sent)
			k->server[v->i].told += m->number;
		return;
	}
	if (sent)
		k->server[v->i].sent++;
	else
		k->server[v->i].lost++;
	k->ring[m->ring].next[v->i] = m->number + 1;
}

static void
on_changed(void *arg, const char *why)
{
	struct server *v = arg;

	if (why == NULL)
		return;		/* the tick tells when it lasts */
	snprintf(v->error, sizeof(v->error), "%s", why);
	v->error_ms = wad_clock_ms();
	if (v->down)
		return;
	v->down = true;
	wad_log_event("warning", "log server %s cannot be reached: %s; its "
	    "records wait", v->who, why);
}

static const struct wad_syslog_conn_ops ops = { on_done, on_changed };

/* All that was read so far needs no second look. */
static void
mark_all(struct wad_syslog *s, unsigned i)
{
	for (unsigned r = 0; r < s->x->n_rings; r++)
		s->keep->ring[s->x->rings[r].mark].next[i] =
		    s->x->rings[r].pos.log;
}

static void
server_tick(struct server *v)
{
	uint64_t up = wad_clock_ms() - wad_syslog_conn_since(v->conn);

	if (wad_syslog_conn_state(v->conn) == WAD_SYSLOG_UP) {
		if (v->down && (v->conf->mode != WAD_SYSLOG_UDP ||
		    up >= UDP_BACK)) {
			v->down = false;
			wad_log_event("notice", "log server %s is back",
			    v->who);
		}
		if (v->queue.n == 0)
			(void)put_gap(v);
		wad_syslog_conn_send(v->conn);
	}
	if (v->queue.n == 0)
		mark_all(v->s, v->i);
}

void
wad_syslog_tick(struct wad_syslog *s)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		if (s->server[i].conn != NULL)
			server_tick(&s->server[i]);
		bytes += s->server[i].queue.bytes;
	}
	WAD_GAUGE_SET(LOG_QUEUE, bytes);
}

bool
wad_syslog_busy(const struct wad_syslog *s)
{
	for (unsigned i = 0; i < WAD_SYSLOGS; i++)
		if (s->server[i].queue.n > 0)
			return true;
	return false;
}

/* ---- configuration ------------------------------------------------------- */

int
wad_syslog_check(const struct wad_conf *conf, char *err, size_t size)
{
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		const struct wad_conf_syslog *c = &conf->log.syslog[i];
		char	host[WAD_HOST_MAX], n[2] = { (char)('1' + i), '\0' };

		if (!c->enabled)
			continue;
		if (c->server == NULL || wad_str_host_canon(host, c->server,
		    strlen(c->server)) == -1) {
			snprintf(err, size, "log syslogd%s setting: server "
			    "'%.80s' is no address and no host name",
			    i > 0 ? n : "", c->server != NULL ? c->server :
			    "");
			return -1;
		}
		if (uses_tls(c) && c->cert_name != NULL &&
		    *c->cert_name != '\0') {
			snprintf(err, size, "log syslogd%s setting: a client "
			    "certificate for a log server cannot be used: "
			    "unset certificate", i > 0 ? n : "");
			return -1;
		}
	}
	return 0;
}

static void
server_stop(struct server *v)
{
	wad_syslog_conn_free(v->conn);
	wad_syslog_queue_free(&v->queue);
	v->conn = NULL;
	v->telling = 0;
	v->down = false;
	v->error[0] = '\0';
	v->who[0] = '\0';
}

/* Another server than before in this place: it gets what is written from now
 * on, and the first one since the program was started all. */
static void
server_begin(struct server *v, bool first)
{
	struct keep	*k = v->s->keep;
	size_t		 room = sizeof(k->server[v->i].who);

	if (strncmp(k->server[v->i].who, v->who, room - 1) == 0)
		return;		/* ours before this process was started */
	memset(&k->server[v->i], 0, sizeof(k->server[v->i]));
	snprintf(k->server[v->i].who, room, "%s", v->who);
	if (first)
		for (unsigned r = 0; r < WAD_RINGS_MAX; r++)
			k->ring[r].next[v->i] = 0;
	else
		mark_all(v->s, v->i);
}

static bool
same_way(const struct wad_conf_syslog *a, const struct wad_conf_syslog *b)
{
	return a->tls == b->tls && a->min_version == b->min_version &&
	    wad_addr_ip_equal(&a->source_ip, &b->source_ip);
}

static void
server_configure(struct server *v, const struct wad_conf_syslog *c,
    X509_STORE *roots, bool first)
{
	char	 who[WHO], err[WHY];
	SSL_CTX	*ctx = NULL;
	bool	 again;

	WAD_ASSERT(wad_str_host_canon(v->host, c->server,
	    strlen(c->server)) == 0);
	snprintf(who, sizeof(who), "%.120s port %u (%s%s)", v->host, c->port,
	    modes[c->mode], uses_tls(c) ? ", TLS" : "");
	again = strcmp(who, v->who) != 0;
	if (again) {
		server_stop(v);
		snprintf(v->who, sizeof(v->who), "%s", who);
		server_begin(v, first);
		v->conn = wad_syslog_conn_new(v->s->x->base, v->s->x->dns,
		    &v->queue, &ops, v);
	} else
		again = !same_way(v->conf, c);
	if (uses_tls(c) && (ctx = wad_syslog_tls_new(c, roots, err,
	    sizeof(err))) == NULL) {
		wad_log_event("error", "log server %s: %s", who, err);
		server_stop(v);
		return;
	}
	wad_syslog_conn_configure(v->conn, c, v->host, ctx, again);
	SSL_CTX_free(ctx);
}

void
wad_syslog_configure(struct wad_syslog *s, const struct wad_conf *conf,
    const char *bundle, size_t len)
{
	X509_STORE	*roots = NULL;
	bool		 first = s->keep->magic != KEEP_MAGIC;

	s->keep->magic = KEEP_MAGIC;
	if (bundle != NULL) {
		free(s->bundle);
		s->bundle = wad_xstrndup(bundle, len);
		s->bundle_len = len;
	}
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		const struct wad_conf_syslog	*c = &conf->log.syslog[i];
		struct server			*v = &s->server[i];

		wad_log_filter_free(v->filter);
		v->filter = NULL;
		if (!c->enabled) {
			server_stop(v);
			s->keep->server[i].who[0] = '\0';
			v->conf = NULL;
			continue;
		}
		if (uses_tls(c) && roots == NULL)
			roots = wad_syslog_tls_roots(conf, s->bundle,
			    s->bundle_len);
		server_configure(v, c, roots, first);
		v->filter = wad_log_filter_new(&c->filter);
		v->conf = c;
		v->sender = (struct wad_log_sender){
			.devname = conf->sys.hostname, .devid = s->devid,
			.facility = c->facility,
			.names = c->names, .n_names = c->n_names };
	}
	X509_STORE_free(roots);
}

bool
wad_syslog_numbers(const struct wad_syslog *s, unsigned i,
    struct wad_syslog_numbers *n)
{
	if (s == NULL || s->server[i].conn == NULL)
		return false;
	n->sent = s->keep->server[i].sent;
	n->lost = s->keep->server[i].lost;
	n->up = wad_syslog_conn_state(s->server[i].conn) == WAD_SYSLOG_UP;
	return true;
}

/* ---- status -------------------------------------------------------------- */

static void
server_status(const struct server *v, struct wad_str *out)
{
	static const char *const states[] = {
		[WAD_SYSLOG_WAITING] = "waiting",
		[WAD_SYSLOG_RESOLVING] = "resolving",
		[WAD_SYSLOG_CONNECTING] = "connecting",
		[WAD_SYSLOG_HANDSHAKE] = "handshake",
		[WAD_SYSLOG_UP] = "up",
	};
	const struct keep *k = v->s->keep;
	uint64_t	 now = wad_clock_ms();
	uint64_t	 retry = wad_syslog_conn_retry(v->conn);
	const char	*peer = wad_syslog_conn_peer(v->conn);

	wad_str_addf(out, "  server: %s%s%s\n  state: %s for %" PRIu64 " s",
	    v->who, *peer != '\0' ? " at " : "", peer,
	    states[wad_syslog_conn_state(v->conn)],
	    (now - wad_syslog_conn_since(v->conn)) / 1000);
	if (retry > now)
		wad_str_addf(out, ", next try in %" PRIu64 " s",
		    (retry - now + 999) / 1000);
	wad_str_addf(out, "\n  sent: %" PRIu64 "  lost: %" PRIu64
	    "  queued: %zu (%zu bytes of %d)\n", k->server[v->i].sent,
	    k->server[v->i].lost, v->queue.n, v->queue.bytes,
	    (int)WAD_SYSLOG_QUEUE);
	if (v->error[0] != '\0')
		wad_str_addf(out, "  last error: %s (%" PRIu64 " s ago)\n",
		    v->error, (now - v->error_ms) / 1000);
	else
		wad_str_add(out, "  last error: none\n");
}

void
wad_syslog_status(const struct wad_syslog *s, struct wad_str *out)
{
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		char n[2] = { (char)('1' + i), '\0' };

		wad_str_addf(out, "syslogd%s:%s\n", i > 0 ? n : "",
		    s->server[i].conn == NULL ? " disabled" : "");
		if (s->server[i].conn != NULL)
			server_status(&s->server[i], out);
	}
}

/* ---- start --------------------------------------------------------------- */

/* A name for this machine that is the same tomorrow and tells nothing else:
 * made of its machine-id, which is not to be shown itself (machine-id(5)). */
static void
devid_make(struct wad_syslog *s)
{
	char	*id = wad_proc_system_file("/etc/machine-id");
	uint8_t	 h[SHA256_DIGEST_LENGTH], salted[128];
	int	 n;

	n = snprintf((char *)salted, sizeof(salted), "openwad devid %.64s",
	    id != NULL ? id : "");
	SHA256(salted, (size_t)n, h);
	snprintf(s->devid, sizeof(s->devid), "OW%02X%02X%02X%02X%02X%02X%02X",
	    h[0], h[1], h[2], h[3], h[4], h[5], h[6]);
	free(id);
}

struct wad_syslog *
wad_syslog_new(struct wad_export *x)
{
	struct wad_syslog *s = wad_xcalloc(1, sizeof(*s));

	s->x = x;
	s->keep = wad_dbg_ring != NULL ? (void *)wad_dbg_ring->keep : &s->own;
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		s->server[i].s = s;
		s->server[i].i = i;
	}
	devid_make(s);
	return s;
}

void
wad_syslog_free(struct wad_syslog *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < WAD_SYSLOGS; i++) {
		server_stop(&s->server[i]);
		wad_log_filter_free(s->server[i].filter);
	}
	free(s->bundle);
	free(s);
}
