/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key shares.  The reference keeps a bucket of ephemeral keys and uses one
 * many times; ours is made by OpenSSL for one handshake and then wiped.
 */
#include "tls/key_share_bucket.h"

#include "base/dbg.h"

void
wad_key_share_bucket_get_entry(const SSL *ssl, uint16_t group)
{
	WAD_DBG(SSL, WAD_V, "key_share %p g=%u use_cnt=1 holding=1 reuseable 0", (const void *)ssl, group);
}
