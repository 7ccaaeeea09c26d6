/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IP address with a port, and a prefix.  IPv4-mapped IPv6 addresses are
 * turned into IPv4 at the door, so one host has one form.
 */
#ifndef WAD_BASE_ADDR_H
#define WAD_BASE_ADDR_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "[" 45 characters "%" scope "]:" 5 digits, and the end. */
#define WAD_ADDR_STRLEN	72

struct wad_addr {
	uint8_t		family;		/* 0 none, AF_INET or AF_INET6 */
	uint16_t	port;		/* host byte order */
	uint32_t	scope;		/* link-local zone, else 0 */
	uint8_t		ip[16];		/* network order; IPv4 in the first 4 */
};

struct wad_prefix {
	struct wad_addr	addr;
	uint8_t		len;		/* bits */
};

/* From and to the kernel's form; 0, or -1 for a family that is not IP. */
int	wad_addr_from_sockaddr(struct wad_addr *, const struct sockaddr *);
socklen_t wad_addr_to_sockaddr(const struct wad_addr *,
	    struct sockaddr_storage *);

/* Reads an address without port ("10.0.0.1", "::1", "[::1]"); 0 or -1.  None
 * with a zone: to look up an interface by name takes system calls that no role
 * may make, and texts of strangers come here. */
int	wad_addr_parse(struct wad_addr *, const char *);
/* Reads "10.0.0.1:80" or "[::1]:80"; 0 or -1. */
int	wad_addr_parse_port(struct wad_addr *, const char *);
/* Reads "10.0.0.0/8", "10.0.0.0 255.0.0.0", "2001:db8::/32"; 0 or -1. */
int	wad_prefix_parse(struct wad_prefix *, const char *);

/* Write into buf (at least WAD_ADDR_STRLEN) and return it. */
const char *wad_addr_ip_str(const struct wad_addr *, char *buf);
const char *wad_addr_str(const struct wad_addr *, char *buf);

/* Same family and bytes; the second also compares the port. */
bool	wad_addr_ip_equal(const struct wad_addr *, const struct wad_addr *);
bool	wad_addr_equal(const struct wad_addr *, const struct wad_addr *);
/* <0, 0, >0 in network order; families apart. */
int	wad_addr_ip_cmp(const struct wad_addr *, const struct wad_addr *);
bool	wad_prefix_holds(const struct wad_prefix *, const struct wad_addr *);
/* Addresses that a stranger must not reach through us by default. */
bool	wad_addr_is_loopback(const struct wad_addr *);	/* and 0.0.0.0/8, :: */
bool	wad_addr_is_linklocal(const struct wad_addr *);
bool	wad_addr_is_multicast(const struct wad_addr *);
/* The IPv4 address inside an IPv6 one that translators and tunnels turn into
 * it: 64:ff9b::/96 (RFC 6052), 2002::/16 (RFC 3056), ::a.b.c.d (RFC 4291). */
bool	wad_addr_embedded(const struct wad_addr *, struct wad_addr *v4);
/* Not an address of the public internet: the three above, private networks
 * (RFC 1918, RFC 4193, RFC 6598) and what else is set aside (RFC 6890), also
 * inside an IPv6 address that leads there. */
bool	wad_addr_is_internal(const struct wad_addr *);

#endif
