/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-lookup: asks OCSP responders and fetches CRLs and missing issuers for
 * the workers, so that what strangers' servers answer is read away from the
 * connections, and each answer is fetched once for all of them.  It fetches
 * and compiles threat feeds, and asks other proxies whether they are well.
 * It opens no file and holds no key; a worker that sends nonsense loses its
 * channel.
 */
#include "lookup/lookup.h"

#include <openssl/err.h>
#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "ipc/proc.h"
#include "ipc/shm.h"
#include "x509/x509_read.h"

enum { OWN_MAX = 1024 };

static int
on_peer(struct wad_proc *proc, void *arg, const char *role, unsigned index,
    int fd)
{
	(void)proc;
	return wad_lookup_peer_new(arg, role, index, fd);
}

/* ---- the parent ---------------------------------------------------------- */

static int
on_own(struct wad_lookup *lk, struct wad_msg_in *m)
{
	struct wad_addr	*own, a;
	uint32_t	 n, k = 0;

	if (wad_msg_get_u32(m, &n) == -1)
		return -1;
	own = wad_xcalloc(OWN_MAX, sizeof(*own));
	for (; n > 0 && wad_msg_get_addr(m, &a) == 0; n--)
		if (k < OWN_MAX)
			own[k++] = a;
	wad_lookup_fetch_own(lk->fetch, own, k);
	free(own);
	return n == 0 ? wad_msg_end(m) : -1;
}

static int
on_trust(struct wad_lookup *lk, struct wad_msg_in *m)
{
	if (lk->trust_fd != -1)
		close(lk->trust_fd);
	lk->trust_fd = wad_msg_take_fd(m);
	return 0;
}

static int
on_message(struct wad_proc *proc, void *arg, struct wad_msg_in *m)
{
	(void)proc;
	struct wad_lookup *lk = arg;

	switch (m->type) {
	case WAD_MSG_OWN_ADDRS:
		return on_own(lk, m);
	case WAD_MSG_TRUST:
		return on_trust(lk, m);
	case WAD_MSG_FEED_FILES:
		return wad_lookup_feed_files(lk->feeds, m);
	default:
		return -1;
	}
}

/* Whom threat feeds by https trust: the system's roots and those of the
 * configuration. */
static void
roots(struct wad_lookup *lk, const struct wad_conf *conf)
{
	X509_STORE	*s = X509_STORE_new();
	const char	*text;
	size_t		 len;

	WAD_ASSERT(s != NULL);
	if (lk->trust_fd != -1) {
		text = wad_shm_map_text(lk->trust_fd, &len);
		close(lk->trust_fd);
		lk->trust_fd = -1;
		if (text != NULL) {
			free(lk->bundle);
			lk->bundle = wad_xstrndup(text, len);
			lk->bundle_len = len;
			wad_shm_unmap(text, len);
		}
	}
	if (lk->bundle != NULL)
		(void)wad_x509_read_bundle(s, lk->bundle, lk->bundle_len);
	for (size_t i = 0; i < conf->n_cas; i++)
		if (conf->cas[i].pem != NULL)
			(void)wad_x509_read_bundle(s, conf->cas[i].pem,
			    strlen(conf->cas[i].pem));
	ERR_clear_error();
	wad_lookup_fetch_roots(lk->fetch, s);
	X509_STORE_free(s);
}

static int
on_prepare(struct wad_proc *proc, void *arg, struct wad_conf *conf, char *err,
    size_t errsize)
{
	(void)proc;
	return wad_lookup_crl_prepare(((struct wad_lookup *)arg)->crls, conf,
	    err, errsize);
}

static void
on_commit(struct wad_proc *proc, void *arg, struct wad_conf *conf)
{
	struct wad_lookup *lk = arg;

	(void)proc;
	wad_dns_set_servers(lk->dns, conf);
	if (conf->n_feeds > 0)
		roots(lk, conf);
	wad_lookup_peer_conf(lk, conf);	/* proc keeps it until the next */
}

static void
on_abort(struct wad_proc *proc, void *arg)
{
	(void)proc;
	wad_lookup_crl_abort(((struct wad_lookup *)arg)->crls);
}

/* ---- start --------------------------------------------------------------- */

static int
on_init(struct wad_proc *proc, void *arg)
{
	struct wad_lookup	*lk = arg;
	unsigned long long	 seed;
	char			*resolv, *hosts;
	int			 rc;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return -1;
	wad_str_hash_seed(seed);
	resolv = wad_proc_system_file("/etc/resolv.conf");
	hosts = wad_proc_system_file("/etc/hosts");
	rc = wad_lookup_peer_open(lk, wad_proc_base(proc), resolv, hosts);
	free(resolv);
	free(hosts);
	return rc;
}

static void
on_tick(struct wad_proc *proc, void *arg)
{
	(void)proc;
	wad_lookup_peer_tell(arg);
}

int
main(int argc, char **argv)
{
	static const struct wad_proc_ops ops = {
		.role = "lookup", .facts = wad_x509_read_facts,
		.init = on_init, .peer = on_peer, .message = on_message,
		.prepare = on_prepare, .commit = on_commit,
		.abort = on_abort, .tick = on_tick,
	};
	static struct wad_lookup lk = { .trust_fd = -1 };

	return wad_proc_run(argc, argv, &ops, &lk);
}
