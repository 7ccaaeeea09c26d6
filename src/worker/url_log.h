/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Web filter records: what a name was rated as and what followed.
 */
#ifndef WAD_WORKER_URL_LOG_H
#define WAD_WORKER_URL_LOG_H

#include "worker/session.h"

/* One record for s->verdict on this name, when the profile wants one.  path:
 * of a plain HTTP request (what follows a '?' is left out), or what stands for
 * it. */
void	wad_url_log(struct wad_session *, const char *host, const char *path);

#endif
