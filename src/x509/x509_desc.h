/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to forge: plain strings and integers, never foreign DER.  Travels
 * from a worker to wad-keys (WAD_MSG_FORGE).
 */
#ifndef WAD_X509_DESC_H
#define WAD_X509_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WAD_DESC_SANS_MAX = 200 };
enum wad_key_type { WAD_KEY_RSA = 1, WAD_KEY_EC = 3 };	/* spec/wad-lines.md */

struct wad_cert_desc {
	uint64_t	 generation;	/* configuration that named the CA */
	const char	*ca;		/* name of the CA certificate */
	enum wad_key_type key_type;	/* EC P-256 or RSA-2048 */
	const char	*name;		/* canonical host name or IP: CN and first
					 * SAN */
	const char	**sans;		/* further canonical names or IPs,
					 * "*.x" allowed; borrowed */
	size_t		 n_sans;	/* at most WAD_DESC_SANS_MAX */
	int64_t		 not_before, not_after;	/* of the origin, 0: none */
	uint8_t		 origin_sha256[32];	/* zero: no origin (pages) */
	uint32_t	 serial;	/* session, for the journal */
	uint32_t	 policy;
	bool		 staple;	/* an OCSP response for it is wanted, as the
					 * origin stapled one */
};

#endif
