/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorities that nobody may trust: their private keys are public.
 */
#ifndef WAD_X509_DENY_H
#define WAD_X509_DENY_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is this certificate's key in the built-in list or in more[n]?  A key that
 * cannot be read is. */
bool	wad_x509_deny_has(X509 *, const uint8_t (*more)[32], size_t n);

#endif
