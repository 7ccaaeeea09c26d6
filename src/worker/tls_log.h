/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records about TLS: what was found and what followed, each by the profile's
 * setting.  What is blocked, and what passes although it could not be
 * inspected, is always said.
 */
#ifndef WAD_WORKER_TLS_LOG_H
#define WAD_WORKER_TLS_LOG_H

#include "worker/session.h"

/* ssl-anomaly-log: a certificate that is not right.  Reason WR_N: all that is
 * wrong is ignored. */
void	wad_tls_log_verdict(struct wad_session *, enum wad_reason_id,
	    enum wad_cert_fate);
/* The certificate could not be fetched. */
void	wad_tls_log_probe_failed(struct wad_session *, bool block);
/* A name that would be exempt did not prove itself. */
void	wad_tls_log_unproved(struct wad_session *);
/* s->why_text: what ended TLS with this side, when there is more to say than
 * the reason's own text.  A fatal alert is an event of its own. */
void	wad_tls_log_why(struct wad_session *, const struct wad_leg *,
	    enum wad_reason_id);
/* We sent a fatal alert to this side. */
void	wad_tls_log_alert_sent(const struct wad_session *,
	    const struct wad_leg *, int alert);
/* ssl-negotiation-log: a handshake failed, for s->why_text. */
void	wad_tls_log_negotiation(struct wad_session *);
/* ssl-negotiation-log: a handshake that is unusual, inspected nevertheless. */
void	wad_tls_log_inspect(struct wad_session *, enum wad_reason_id);
/* Passes uninspected; text says what could not be inspected. */
void	wad_tls_log_bypass(struct wad_session *, enum wad_reason_id,
	    const char *text);
/* A session ends: when that is because its handshake cannot be inspected. */
void	wad_tls_log_refused(struct wad_session *, enum wad_reason_id);
/* ssl-exemption-log */
void	wad_tls_log_exempt(struct wad_session *);
/* ssl-handshake-log and ssl-server-cert-log: both handshakes are done. */
void	wad_tls_log_handshake(struct wad_session *);

#endif
