/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public face of a session: one fixed record in the worker's segment of
 * shared memory, which that worker alone writes.  wad-control prints, filters
 * and counts sessions by it, and writes the traffic log of those that a dead
 * worker left open: everything that the list and the log say is in here.
 *
 * A record is locked by its sequence number (odd while it is written).  The
 * reader treats the segment as hostile: strings are ended, numbers that index
 * something are checked where they are used.
 */
#ifndef WAD_SESSION_SLOT_H
#define WAD_SESSION_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/str.h"

enum { WAD_SLOTS_MAX = 1 << 18 };	/* of one worker; sessions-max */

/* How it came in. */
enum wad_slot_kind { WAD_SLOT_TPROXY = 1, WAD_SLOT_REDIRECT,
	WAD_SLOT_EXPLICIT };

/* Words of `state=`, in the order in which they are printed. */
#define WAD_SLOT_STATES(X)						\
	X(LOG, "log") X(LOG_START, "log-start") X(REDIR, "redir")	\
	X(LOCAL, "local") X(MAY_DIRTY, "may_dirty") X(DIRTY, "dirty")	\
	X(AUTH, "auth") X(AUTHED, "authed") X(BLOCK, "block")		\
	X(EPH, "eph") X(RST_TCP, "rst_tcp") X(OS, "os") X(RS, "rs")	\
	X(F00, "f00") X(URL_CAT_VALID, "url_cat_valid")
enum wad_slot_state {
#define X(id, word) WAD_SLOT_S_##id,
	WAD_SLOT_STATES(X)
#undef X
	WAD_SLOT_S_N
};
#define WAD_SLOT_BIT(id) (1u << WAD_SLOT_S_##id)

/* Numbers of proto_state for TCP. */
enum wad_slot_tcp { WAD_TCP_NONE, WAD_TCP_ESTABLISHED, WAD_TCP_SYN_SENT,
	WAD_TCP_SYN_RECV, WAD_TCP_FIN_WAIT, WAD_TCP_TIME_WAIT, WAD_TCP_CLOSE,
	WAD_TCP_CLOSE_WAIT, WAD_TCP_LAST_ACK, WAD_TCP_LISTEN };

/* One side.  Bytes are those of the socket (on the wire, without headers):
 * in from the peer, out to it. */
struct wad_slot_leg {
	struct wad_addr	 local, peer;	/* family 0: no socket */
	uint64_t	 bytes_in, bytes_out;
	uint64_t	 pkts_in, pkts_out;	/* TCP_INFO: segments */
	uint32_t	 ifindex;	/* 0: not known */
	char		 dev[16];
	char		 intf[16];	/* its name in the configuration; "":
					 * that of the device */
	char		 role[12];	/* system interface / role; "":
					 * undefined */
	struct wad_addr	 gateway;	/* family 0: the peer is a neighbour */
	uint8_t		 tcp;		/* enum wad_slot_tcp */
	uint8_t		 port_state;	/* diagnose wad session list: 0 none,
					 * 1 connecting, 2 open, 3 closed */
	uint8_t		 ssl_state;	/* 0 no TLS, 1 handshake, 3 done */
	uint8_t		 shut;		/* 1 its end was read, 2 ours sent */
	uint8_t		 read_blocked, write_blocked;	/* 0, 1 */
	uint32_t	 r_blocks, w_blocks;	/* how often */
	uint16_t	 tls_version;	/* 0x0304; 0: none */
	char		 tls_cipher[32];	/* "TLS_AES_128_GCM_SHA256" */
};

struct wad_slot {
	uint32_t	 seq;		/* odd: being written */
	uint32_t	 serial;	/* sessionid; 0: free */
	uint8_t		 kind;		/* enum wad_slot_kind */
	uint8_t		 proto;		/* 6 */
	uint8_t		 policy_kind;	/* 1 proxy-policy, else policy */
	uint8_t		 inspect;	/* enum wad_inspect */
	uint8_t		 decided;	/* WAD_SLOT_D_*: what became of it */
	uint8_t		 utm_action;	/* enum wad_slot_utm */
	uint8_t		 reason;	/* enum wad_reason_id, WR_N: open */
	uint8_t		 stage;		/* number of the stage, for people */
	uint32_t	 state;		/* bit per enum wad_slot_state */
	/* 0, 1; no bool: what a broken worker leaves may be neither */
	uint8_t		 nat, tls, logged_start, logged_end;
	struct wad_slot_leg clt, srv;	/* toward the client, the server */
	struct wad_addr	 src, dst;	/* as the client sees the connection */
	/* times: CLOCK_MONOTONIC in ms (wad_clock_ms), shared by all roles */
	uint64_t	 born_ms, last_ms;	/* start; last packet that moved */
	uint32_t	 timeout;	/* seconds in this state */
	/* speeds between the two latest refreshes, bytes per second */
	uint32_t	 tx_bps, rx_bps;
	/* what the last interim record had said */
	uint64_t	 told_ms, told_sent, told_rcvd, told_sent_pkts,
			 told_rcvd_pkts;
	/* policy */
	uint32_t	 policy_id, pol_uuid_idx;
	char		 poluuid[37], policy_name[64], service[32];
	char		 comment[64];	/* log-policy-comment; "" */
	char		 fwdsrv[64];	/* log-forward-server; "" */
	uint8_t		 logtraffic;	/* enum wad_logtraffic */
	/* user, when there is one */
	char		 user[64], group[36], auth_server[36];
	/* inspection */
	uint16_t	 url_cat;
	uint16_t	 count_web, count_ssl;	/* UTM records written */
	char		 host[WAD_HOST_MAX];
	char		 msg[160];	/* what exactly is wrong; "" */
	/* threat score: craction 0: none */
	uint32_t	 craction;
	uint16_t	 crscore;
	/* firewall ssl-ssh-profile, webfilter profile */
	char		 sct[12];
	/* errors of the kernel on the server's side while connecting */
	int32_t		 net_error;
};

enum { WAD_SLOT_D_NONE, WAD_SLOT_D_DEEP, WAD_SLOT_D_EXEMPT,
	WAD_SLOT_D_BYPASS };
/* utmaction= of the traffic log. */
enum wad_slot_utm { WAD_UTM_NONE, WAD_UTM_ALLOW, WAD_UTM_BLOCK,
	WAD_UTM_RESET, WAD_UTM_PASSTHROUGH };

struct wad_slot_seg {
	uint32_t	 magic;		/* WAD_SLOT_MAGIC */
	uint32_t	 high;		/* slots at and above were never used */
	uint32_t	 used;		/* taken now */
	uint32_t	 pid;
	/* The session whose last record is being written, and the number of
	 * that record in the worker's ring: whoever finds a dead worker's
	 * sessions sees there whether it was written. */
	uint32_t	 ending;
	uint64_t	 ending_log;
	/* `session stat` */
	uint64_t	 cleared, denied, setups;	/* since the start */
	struct wad_slot	 slot[WAD_SLOTS_MAX];
};
#define WAD_SLOT_MAGIC	0x736c6f74u

/* ---- the worker -------------------------------------------------------- */

/* The segment of this process; NULL: slots are taken from the heap, for
 * tests. */
void	wad_slot_attach(struct wad_slot_seg *);
struct wad_slot_seg *wad_slot_seg(void);
/* A zeroed record with this serial and reason WR_N, not locked; NULL when all are taken. */
struct wad_slot *wad_slot_take(uint32_t serial);
void	wad_slot_release(struct wad_slot *);	/* NULL allowed */
/* Around every change. */
void	wad_slot_begin(struct wad_slot *);
void	wad_slot_end(struct wad_slot *);
/* The next record in our ring is the last one of this session: before it is
 * put there. */
void	wad_slot_ending(uint32_t serial);

/* ---- wad-control ------------------------------------------------------- */

/* How many records to look at. */
uint32_t wad_slot_high(const struct wad_slot_seg *);
/* Copies record i; false when it is free or never stands still.  dead: its
 * worker is gone, take it as it is. */
bool	wad_slot_read(const struct wad_slot_seg *, uint32_t i, bool dead,
	    struct wad_slot *copy);
/* Seconds until it is removed if nothing more comes. */
uint32_t wad_slot_expire(const struct wad_slot *, uint64_t now_ms);

#endif
