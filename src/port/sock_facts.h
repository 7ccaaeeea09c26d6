/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel knows of a TCP socket: its state and segments, and the
 * interface that an accepted connection came in by.
 */
#ifndef WAD_PORT_SOCK_FACTS_H
#define WAD_PORT_SOCK_FACTS_H

#include <stdint.h>

struct wad_sock_facts {
	uint8_t		 state;		/* TCP_ESTABLISHED ... of the kernel */
	uint32_t	 segs_in, segs_out;
};

/* 0, or -1 with errno: not a TCP socket. */
int	wad_sock_facts_tcp(int fd, struct wad_sock_facts *);
/* Before listen(), so that accepted sockets remember their interface.  What
 * the kernel does not take is not known later, which is no error. */
void	wad_sock_facts_listen(int fd);
/* Index of the interface that the client's last SYN or ACK came in by; 0: not
 * known. */
unsigned wad_sock_facts_ingress(int fd);

#endif
