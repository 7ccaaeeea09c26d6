/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether this build carries an address sanitizer, whose run-time library
 * needs more of the kernel than the program does.
 */
#ifndef WAD_IPC_SANDBOX_SAN_H
#define WAD_IPC_SANDBOX_SAN_H

#if defined(__SANITIZE_ADDRESS__)
#define WAD_SANDBOX_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WAD_SANDBOX_ASAN 1
#endif
#endif
#ifndef WAD_SANDBOX_ASAN
#define WAD_SANDBOX_ASAN 0
#endif

/* The leak checker stops the process from a thread of its own, which no cage
 * allows; a role ends with its snapshots alive anyway. */
#if WAD_SANDBOX_ASAN
int	__lsan_is_turned_off(void);
#define WAD_SANDBOX_NO_LEAK_CHECK					\
	int __lsan_is_turned_off(void) { return 1; }
#else
#define WAD_SANDBOX_NO_LEAK_CHECK
#endif

#endif
