/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648, section 4).
 */
#ifndef WAD_BASE64_H
#define WAD_BASE64_H

#include <stddef.h>

/* Room that len bytes need, the end included. */
#define WAD_BASE64_SIZE(len)	(((len) + 2) / 3 * 4 + 1)

/* Writes WAD_BASE64_SIZE(len) bytes to out; what strlen would say. */
size_t	wad_base64_encode(char *out, const void *p, size_t len);
/* The bytes that len characters stand for, to out (len bytes are enough):
 * how many, or -1 when they are not base64 with its padding. */
long	wad_base64_decode(void *out, const char *s, size_t len);

#endif
