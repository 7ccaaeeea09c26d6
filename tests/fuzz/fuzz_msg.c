/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet of any bytes, read as any sequence of fields.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ipc/msg.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The first byte says how many of the next choose fields; the packet is the
 * rest. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wad_msg_in m;
	struct wad_addr	 a;
	const uint8_t	*plan;
	const void	*b;
	const char	*s;
	size_t		 n, i, len;
	uint32_t	 u32;
	uint64_t	 u64;
	volatile size_t	 sum = 0;

	if (size < 1 || size > WAD_MSG_MAX)
		return 0;
	n = data[0] % 32;
	if (size < 1 + n)
		return 0;
	plan = data + 1;
	if (wad_msg_parse(&m, data + 1 + n, size - 1 - n) == -1)
		return 0;
	for (i = 0; i < n; i++)
		switch (plan[i] % 5) {
		case 0: wad_msg_get_u32(&m, &u32); sum += u32; break;
		case 1: wad_msg_get_u64(&m, &u64); sum += u64; break;
		case 2:
			if (wad_msg_get_str(&m, &s) == 0)
				sum += strlen(s);
			break;
		case 3:
			if (wad_msg_get_blob(&m, &b, &len) == 0 && len > 0)
				sum += ((const uint8_t *)b)[len - 1];
			break;
		default: wad_msg_get_addr(&m, &a); sum += a.port; break;
		}
	(void)wad_msg_end(&m);
	wad_msg_close_fds(&m);
	return 0;
}
