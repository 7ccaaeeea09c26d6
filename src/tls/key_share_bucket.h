/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_TLS_KEY_SHARE_BUCKET_H
#define WAD_TLS_KEY_SHARE_BUCKET_H

#include <openssl/ssl.h>

#include <stdint.h>

/* The ephemeral key of this handshake: line 56.  Never used twice. */
void	wad_key_share_bucket_get_entry(const SSL *, uint16_t group);

#endif
