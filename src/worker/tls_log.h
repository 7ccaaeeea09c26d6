/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event lines about TLS: what was found and what followed, each by the
 * profile's setting.
 */
#ifndef WAD_WORKER_TLS_LOG_H
#define WAD_WORKER_TLS_LOG_H

#include "worker/session.h"

/* A certificate that is not right: reason WR_N when all is, or all that is
 * wrong is ignored; then nothing is said. */
void	wad_tls_log_verdict(const struct wad_session *, enum wad_reason_id,
	    enum wad_cert_fate);
/* s->why_text: what ended TLS with this side, when there is more to say than
 * the reason's own text. */
void	wad_tls_log_why(struct wad_session *, const struct wad_leg *,
	    enum wad_reason_id);
/* ssl-negotiation-log: a handshake failed, for s->why_text. */
void	wad_tls_log_negotiation(const struct wad_session *);
/* ssl-exemption-log */
void	wad_tls_log_exempt(const struct wad_session *);
/* ssl-handshake-log and ssl-server-cert-log: both handshakes are done. */
void	wad_tls_log_handshake(const struct wad_session *);

#endif
