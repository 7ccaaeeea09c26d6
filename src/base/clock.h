/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two clocks: the monotonic one for every timer and age, the wall clock for
 * certificates and what people read.
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

static inline int64_t
wad_clock_wall(void)			/* seconds since the epoch */
{
	return (int64_t)time(NULL);
}

#endif
