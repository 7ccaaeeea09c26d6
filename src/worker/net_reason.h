/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an error of the kernel says about how a connection ended.
 */
#ifndef WAD_WORKER_NET_REASON_H
#define WAD_WORKER_NET_REASON_H

#include <stdbool.h>

#include "base/reason.h"

/* connect() to the server failed with this errno. */
enum wad_reason_id wad_net_reason_connect(int err);
/* An open connection, with the server or with the client, broke with it. */
enum wad_reason_id wad_net_reason_broken(int err, bool server);

#endif
