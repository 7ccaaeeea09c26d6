/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wad-export: log servers and metrics.  It reads the rings of all roles
 * (read-only), sends their log records to the syslog servers that are
 * configured, and answers Prometheus.  What it reads from strangers (a TLS
 * server, an HTTP request) can reach nothing else of the program.
 */
#ifndef WAD_EXPORT_H
#define WAD_EXPORT_H

#include <event2/event.h>

#include "base/dbg.h"
#include "conf/conf_snap.h"
#include "ipc/proc.h"
#include "port/dns.h"

struct wad_syslog;
struct wad_metrics;

/* A role's ring, mapped for reading. */
struct wad_export_ring {
	char		 role[16];
	unsigned	 index;
	uint32_t	 pid;
	uint64_t	 dev, ino;
	const struct wad_ring_seg *seg;
	struct wad_ring_pos pos;
	unsigned	 mark;		/* of wad_syslog_ring */
};

struct wad_export {
	struct wad_proc	*proc;
	struct event_base *base;
	struct wad_dns	*dns;
	struct wad_chan	*control;	/* NULL: down */
	const struct wad_conf *conf;	/* what runs; NULL at first */
	struct wad_export_ring rings[WAD_RINGS_MAX]; unsigned n_rings;
	struct event	*pump;
	int		 trust_fd;	/* of TRUST: the system's roots, for the
					 * next prepare; -1 */
	struct wad_syslog *syslog;
	struct wad_metrics *metrics;
	int		 metrics_fd;	/* of LISTENER, for the next commit */
	uint64_t	 metrics_gen;	/* of which configuration it is */
	uint64_t	 prepared;	/* the last one that was prepared */
};

/* export_rings.c */
/* A ring arrived: fd is taken over.  0 or -1. */
int	wad_export_ring(struct wad_export *, const char *role, unsigned index,
	    uint32_t pid, int fd);
/* Reads all log records that are there and gives them to syslog; the
 * timer's work. */
void	wad_export_pump(struct wad_export *);

/* syslog.c */
struct wad_syslog *wad_syslog_new(struct wad_export *);
void	wad_syslog_free(struct wad_syslog *);
/* 0, or -1 with what these servers cannot do in err. */
int	wad_syslog_check(const struct wad_conf *, char *err, size_t size);
/* The servers of this configuration (which stays until the next call); those
 * that stay keep their queue and connection.  bundle: PEM of trusted roots,
 * NULL: as before. */
void	wad_syslog_configure(struct wad_syslog *, const struct wad_conf *,
	    const char *bundle, size_t len);
/* The place where it is noted how far a ring is sent; anew: what was in the
 * ring has been replaced. */
unsigned wad_syslog_ring(struct wad_syslog *, const char *role, unsigned index,
	    bool anew);
/* One record as it is in the ring; number: how many were written before. */
void	wad_syslog_record(struct wad_syslog *, unsigned mark, uint64_t number,
	    const char *text, size_t len);
/* The records from..to-1 were overwritten before they could be read. */
void	wad_syslog_lost(struct wad_syslog *, unsigned mark, uint64_t from,
	    uint64_t to);
/* All that is there was read: what is due is done. */
void	wad_syslog_tick(struct wad_syslog *);
/* Is something waiting to be sent? */
bool	wad_syslog_busy(const struct wad_syslog *);
/* Of `log syslogd` (0), syslogd2 ...; false: it is not configured. */
struct wad_syslog_numbers { uint64_t sent, lost; bool up; };
bool	wad_syslog_numbers(const struct wad_syslog *, unsigned,
	    struct wad_syslog_numbers *);
/* `diagnose log syslog status`: some lines for each server. */
void	wad_syslog_status(const struct wad_syslog *, struct wad_str *out);

/* metrics.c: counts its requests, answers, and ends who is slow */
struct wad_metrics *wad_metrics_new(struct wad_export *);
void	wad_metrics_free(struct wad_metrics *);
/* The listening socket of this configuration (taken over), or -1. */
void	wad_metrics_listen(struct wad_metrics *, int fd);

/* metrics_page.c */
/* A label's value as the text format wants it: what is not UTF-8 or a control
 * character becomes a question mark. */
void	wad_metrics_label(struct wad_str *out, const char *value);
/* The page. */
void	wad_metrics_print(const struct wad_export *, struct wad_str *out);

#endif
