/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks: the monotonic one for every timer and age, the wall clock for
 * certificates and what people read, and how long this process has worked.
 */
#ifndef WAD_BASE_CLOCK_H
#define WAD_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
wad_clock_ms(void)			/* monotonic milliseconds */
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static inline uint64_t
wad_clock_us(void)			/* the same clock in microseconds */
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* Microseconds of the processor: what a bound on work is measured with, for
 * who waits for the processor has done nothing.  A system call. */
static inline uint64_t
wad_clock_work_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static inline int64_t
wad_clock_wall(void)			/* seconds since the epoch */
{
	return (int64_t)time(NULL);
}

#endif
