/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of learned exemptions: which client rejects our certificate for
 * which name.  In memory: it is learnt anew when wad-control starts again.
 */
#ifndef WAD_CONTROL_LEARN_H
#define WAD_CONTROL_LEARN_H

#include "control/control.h"
#include "ipc/learn.h"

/* What a worker saw. */
struct wad_learn_event {
	struct wad_learn_key	key;
	enum wad_learn_outcome	outcome;
	uint32_t		alert;		/* or WAD_LEARN_CLOSED */
	uint32_t		policy;
	unsigned		worker;
	int64_t			now;		/* seconds since the epoch */
};
/* The settings in force. */
struct wad_learn_rule {
	unsigned	count;		/* rejections that are enough */
	int64_t		lifetime;	/* seconds */
	bool		apply;		/* else only shown */
};
/* Called for what every worker is to know. */
typedef void wad_learn_tell_fn(void *arg, enum wad_learn_op,
    const struct wad_learn_key *, int64_t until);

struct wad_learn_table *wad_learn_table_new(void);
void	wad_learn_table_free(struct wad_learn_table *);	/* NULL allowed */
/* Takes an event in.  A client's own oldest pair makes room when it has too
 * many (IPv6: those of its /64), then the oldest of all. */
void	wad_learn_table_note(struct wad_learn_table *,
	    const struct wad_learn_event *, const struct wad_learn_rule *,
	    wad_learn_tell_fn *, void *arg);
/* Tells all that is known, at most what a worker keeps. */
void	wad_learn_table_tell(const struct wad_learn_table *, int64_t now,
	    wad_learn_tell_fn *, void *arg);
/* Forgets the pairs of a client (NULL: any) and a name (NULL: any); returns
 * how many. */
size_t	wad_learn_table_clear(struct wad_learn_table *,
	    const struct wad_addr *client, const char *host,
	    wad_learn_tell_fn *, void *arg);
/* Adds a line for each pair of the client (NULL: any), youngest first. */
void	wad_learn_table_list(const struct wad_learn_table *,
	    const struct wad_addr *client, int64_t now, struct wad_str *);
size_t	wad_learn_table_count(const struct wad_learn_table *);

/* The same between wad-control and its workers. */
int	wad_learn_message(struct wad_control *, struct wad_chan *,
	    struct wad_msg_in *);	/* LEARN; 0 or -1 */
void	wad_learn_replay(struct wad_control *, struct wad_chan *worker);
size_t	wad_learn_clear(struct wad_control *, const struct wad_addr *client,
	    const char *host);

#endif
