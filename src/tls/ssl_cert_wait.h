/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions that need the same forged certificate at the same time share one
 * question to wad-keys.
 */
#ifndef WAD_TLS_SSL_CERT_WAIT_H
#define WAD_TLS_SSL_CERT_WAIT_H

#include "base/list.h"
#include "ipc/ask.h"
#include "tls/ssl_cert_storage.h"

/* p: a product with a reference for the waiter, or NULL with the reason in
 * err; silent: wad-keys gave no answer at all.  Called once unless cancelled,
 * never from inside wad_ssl_cert_wait_start. */
typedef void wad_cert_wait_fn(void *arg, struct wad_cert_product *p,
    const char *err, bool silent);

/* In the session; zero at first. */
struct wad_cert_wait {
	struct wad_list	 link;
	bool		 waiting;
	wad_cert_wait_fn *fn;
	void		*arg;
};

/* Writes the question, when there is one to be asked; the message is freed
 * by the caller of this. */
typedef void wad_cert_wait_ask_fn(void *arg, struct wad_msg *);

/* Waits for the product of that key; the generation is of the configuration
 * that the question belongs to.  Asks with `ask` (called with arg) unless the
 * same is asked already.  1 asked, 2 somebody else had, 0 too many questions
 * are open. */
int	wad_ssl_cert_wait_start(struct wad_cert_wait *,
	    struct wad_ask_table *, struct wad_chan *keys,
	    const struct wad_product_key *, uint64_t generation,
	    unsigned deadline_ms, wad_cert_wait_ask_fn *ask,
	    wad_cert_wait_fn *, void *arg);
/* The waiter is called no more; the answer is stored all the same. */
void	wad_ssl_cert_wait_cancel(struct wad_cert_wait *);
/* Questions open now. */
size_t	wad_ssl_cert_wait_open(void);

#endif
