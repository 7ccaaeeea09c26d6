/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions: what clients do with our certificates is told to
 * wad-control, and what it makes of that decides about connections.
 */
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "tls/ssl_learn.h"
#include "worker/session.h"
#include "worker/worker.h"

/* Names only: what is learnt of an address would hold for every server
 * behind it. */
static bool
key_of(const struct wad_session *s, struct wad_learn_key *k)
{
	if (s->nego == NULL || !s->nego->has_sni ||
	    s->wc->conf->settings.learned_exempt == WAD_LEARN_DISABLE)
		return false;
	k->client = s->flow.src;
	k->host = s->nego->host;
	return true;
}

bool
wad_learn_applies(const struct wad_session *s)
{
	struct wad_learn_key k;

	return s->wc->conf->settings.learned_exempt == WAD_LEARN_APPLY &&
	    s->inspect == WAD_INSPECT_DEEP &&
	    s->verdict.action < WAD_WF_WARNING && key_of(s, &k) &&
	    wad_ssl_learn_exempt(&k, wad_clock_wall());
}

static void
tell(struct wad_worker *w, const struct wad_learn_key *k,
    enum wad_learn_outcome outcome, uint32_t alert, uint32_t policy)
{
	struct wad_msg m;

	wad_msg_init(&m, WAD_MSG_LEARN, 0);
	wad_msg_add_addr(&m, &k->client);
	wad_msg_add_str(&m, k->host);
	wad_msg_add_u32(&m, outcome);
	wad_msg_add_u32(&m, alert);
	wad_msg_add_u32(&m, policy);
	/* without wad-control nobody learns */
	(void)wad_chan_send(w->control, &m);
	wad_msg_free(&m);
}

static void
tell_accepted(struct wad_worker *w, const struct wad_learn_key *k)
{
	tell(w, k, WAD_LEARN_ACCEPTED, WAD_LEARN_NOTHING, 0);
}

/* A success of before the first rejection counts as well. */
static bool
was_good(const struct wad_worker *w, const struct wad_learn_key *k)
{
	return wad_ssl_learn_was_good(k, wad_clock_wall(),
	    w->wc->conf->settings.learned_exempt_lifetime * INT64_C(3600));
}

void
wad_learn_spoke(struct wad_session *s)
{
	int64_t			now = wad_clock_wall();
	struct wad_learn_key	k;

	if (s->learnt || !key_of(s, &k))
		return;
	s->learnt = true;
	wad_ssl_learn_good(&k, now);
	if (wad_ssl_learn_state(&k, now) != WAD_LEARNED_FORGET)
		tell_accepted(s->w, &k);
}

/* A page's certificate, and one that says "do not trust this server", are
 * rightly rejected; and a client whose server left has nothing to wait for. */
void
wad_learn_ended(struct wad_session *s)
{
	const struct wad_ssl_port	*clt = s->clt.ssl;
	struct wad_learn_key		 k;
	uint32_t			 how;

	if (s->learnt || clt == NULL || s->nego == NULL || clt->cert_ms == 0)
		return;
	if (s->page_reason != 0 || s->nego->untrusted ||
	    !s->nego->verdict.good || s->srv.in_closed ||
	    s->srv.port == NULL || s->srv.port->reset)
		return;
	how = wad_ssl_learn_outcome(clt, s->clt.spoke || s->srv.spoke,
	    wad_clock_ms());
	if (how == WAD_LEARN_NOTHING)
		return;
	s->learnt = true;
	WAD_COUNT(REJECTED);
	if (!key_of(s, &k))
		return;
	WAD_DBG(SSL, WAD_I, "the client rejects the certificate for %s: %s",
	    k.host, wad_learn_evidence(how));
	tell(s->w, &k, WAD_LEARN_REJECTED, how, s->policy->id);
}

int
wad_learn_message(struct wad_worker *w, struct wad_msg_in *m)
{
	struct wad_learn_key	k;
	uint32_t		op;
	uint64_t		until;

	if (wad_msg_get_u32(m, &op) || wad_msg_get_addr(m, &k.client) ||
	    wad_msg_get_str(m, &k.host) || wad_msg_get_u64(m, &until) ||
	    wad_msg_end(m) || op > WAD_LEARNED_FORGET)
		return -1;
	wad_ssl_learn_put((enum wad_learn_op)op, &k, (int64_t)until);
	if (op != WAD_LEARNED_FORGET && was_good(w, &k))
		tell_accepted(w, &k);
	return 0;
}
