/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs: those of the configuration, and those that were fetched, by URL.
 */
#ifndef WAD_LOOKUP_CRL_H
#define WAD_LOOKUP_CRL_H

#include <event2/event.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "lookup/lookup_fetch.h"
#include "x509/x509_revoke.h"

struct wad_crls;
struct wad_crl_wait;			/* somebody who waits for a fetch */
/* Look again: the URL has an answer now.  The wait is gone by then. */
typedef void wad_lookup_crl_fn(void *arg);

struct wad_crls *wad_lookup_crl_open(struct event_base *,
	    struct wad_fetcher *);

/* Two phases of a configuration: reads the CRLs that stand in it (0, or -1
 * with a reason), takes them and begins to fetch the others, or forgets. */
int	wad_lookup_crl_prepare(struct wad_crls *, const struct wad_conf *,
	    char *err, size_t errsize);
void	wad_lookup_crl_commit(struct wad_crls *, const struct wad_conf *);
void	wad_lookup_crl_abort(struct wad_crls *);

/* Judges by the CRLs of the configuration that are this issuer's, those with
 * a URL too once they are here.  NONE with an empty text: there is none. */
void	wad_lookup_crl_local(struct wad_crls *, X509 *cert, X509 *issuer,
	    int64_t now, struct wad_x509_status *);
/* The URL of a configured CRL that has not come yet, nor failed to; NULL. */
const char *wad_lookup_crl_awaited(struct wad_crls *);
/* Judges by the CRL of a URL; false when it must be fetched first.  TIMEOUT
 * or FAILURE when that was tried shortly before. */
bool	wad_lookup_crl_judge(struct wad_crls *, const char *url, X509 *cert,
	    X509 *issuer, int64_t now, struct wad_x509_status *);
/* Has it fetched; who waits for the same URL waits for the same fetch.  NULL
 * when too many are under way. */
struct wad_crl_wait *wad_lookup_crl_fetch(struct wad_crls *, const char *url,
	    wad_lookup_crl_fn *, void *arg);
void	wad_lookup_crl_cancel(struct wad_crl_wait *);

void	wad_lookup_crl_list(struct wad_crls *, int64_t now, struct wad_str *);
/* The statistics of this role. */
void	wad_lookup_crl_tell(struct wad_crls *);
/* Forgets what was fetched. */
void	wad_lookup_crl_clear(struct wad_crls *);

#endif
