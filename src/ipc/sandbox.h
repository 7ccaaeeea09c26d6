/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage of a role: no_new_privs, not dumpable, own uid and empty root
 * (when started by root), seccomp with kill by default.
 */
#ifndef WAD_IPC_SANDBOX_H
#define WAD_IPC_SANDBOX_H

enum wad_sandbox { WAD_SANDBOX_KEYS, WAD_SANDBOX_WORKER,
	WAD_SANDBOX_CONTROL, WAD_SANDBOX_LOOKUP, WAD_SANDBOX_EXPORT };

/* Confines this process for good.  0, or -1 with a reason on stderr: the
 * role must then refuse to start (unless OPENWAD_UNSAFE_NO_SANDBOX=1). */
int	wad_sandbox_enter(enum wad_sandbox);

#endif
