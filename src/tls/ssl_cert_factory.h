/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a negotiation to a question to wad-keys, and from its answer to a
 * product.
 */
#ifndef WAD_TLS_SSL_CERT_FACTORY_H
#define WAD_TLS_SSL_CERT_FACTORY_H

#include "ipc/msg.h"
#include "tls/ssl_negotiate.h"
#include "tls/ssl_cert_storage.h"

/* Writes the question; the caller sends and frees the message. */
void	wad_ssl_cert_factory_ask(const struct wad_ssl_nego *,
	    uint64_t generation, uint32_t serial, uint32_t policy,
	    struct wad_msg *);
/* A product of the answer to the question for that key (one reference): line 48.  NULL with a reason. */
struct wad_cert_product *wad_ssl_cert_factory_product_make(
	    const struct wad_product_key *, struct wad_msg_in *, char *err,
	    size_t errsize);
/* The storage's key of a negotiation; strings borrowed. */
void	wad_ssl_cert_factory_key(const struct wad_ssl_nego *,
	    struct wad_product_key *);

#endif
