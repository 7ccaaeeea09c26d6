/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BIO_TEXT_H
#define BIO_TEXT_H

#include <openssl/bio.h>

#include "base/xmem.h"

/* What was written to bio, which is freed; the caller's. */
static char *
bio_text(BIO *bio)
{
	char	*p, *s;
	long	 n = BIO_get_mem_data(bio, &p);

	s = wad_xstrndup(p, (size_t)n);
	BIO_free(bio);
	return s;
}

#endif
