/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console: one connection on the control socket.  A request is a line; a
 * reply is a 13-byte line "STATUS LENGTH" (`%-3d %8u\n`), the body, and a
 * line end.  One command at a time; debug pieces may come between replies.
 */
#ifndef WAD_CONTROL_CONSOLE_H
#define WAD_CONTROL_CONSOLE_H

#include <event2/buffer.h>

#include "control/cmd.h"
#include "control/control.h"
#include "session/session_filter.h"

enum wad_ctl_status {
	WAD_CTL_MORE = 100,		/* streamed debug, more follows */
	WAD_CTL_STREAM_END = 101,	/* the stream is over */
	WAD_CTL_PART = 102,		/* the beginning of the answer: more
					 * parts follow, and its end */
	WAD_CTL_OK = 200,
	WAD_CTL_BYE = 201,		/* done, the connection ends */
	WAD_CTL_ASKS = 202,		/* nothing was done yet: the next line
					 * is the answer to a question */
	WAD_CTL_SYNTAX = 300,		/* unknown, ambiguous, incomplete */
	WAD_CTL_FAILED = 301,		/* understood, but it did not work */
	WAD_CTL_REFUSED = 302,		/* configuration with errors */
	WAD_CTL_SILENT = 303,		/* a role gave no answer */
	WAD_CTL_DENIED = 310,		/* not allowed, or too many consoles */
};

enum { WAD_CTL_FRAME = 13, WAD_CTL_OUT_MAX = 1 << 20,
	WAD_CTL_IN_MAX = 256 * 1024, WAD_CTL_SCRIPT_MAX = 120 * 1024,
	WAD_CTL_REPLY_MAX = 32 << 20, WAD_CTL_PART_MIN = 16384, WAD_CTL_DEPTH = 16,
	WAD_CTL_CASKS = WAD_CTL_WORKERS };

/* Makes the next piece of a long answer with wad_console_say; false when that
 * was the last.  Called once per loop turn while the console takes it: a turn
 * is short (a few ms), and nothing waits for a slow console. */
typedef bool wad_console_more_fn(struct wad_console *, void *arg);

/* An answer for a console; m is NULL when none came. */
typedef void wad_console_done_fn(struct wad_console *, unsigned tag,
    struct wad_msg_in *m);

struct wad_console_ask {
	uint32_t	 id;		/* 0: free */
	struct wad_console *c;
	wad_console_done_fn *done;
	unsigned	 tag;
};

/* One open block of config mode. */
struct wad_console_level {
	char		 name[96];	/* "firewall policy", "11" */
	bool		 is_edit;
};

/* execute ping-options */
struct wad_ping_options {
	unsigned	 count, size, timeout, interval;	/* s */
	struct wad_addr	 source;	/* family 0: the kernel's choice */
};

struct wad_console {
	unsigned	 magic;
	struct wad_list	 link;
	struct wad_control *ctl;
	int		 fd;
	struct event	*ev_read, *ev_write;
	struct evbuffer	*in, *out;
	struct wad_peer	 peer;
	bool		 read_only;	/* of the group openwad-ro: commands with
					 * WAD_CMD_READ only */
	bool		 dead, eof;
	bool		 closing;	/* as soon as all is written */

	/* the command that runs */
	bool		 busy;
	int		 status;
	char		*audit;		/* it changes something: the line */
	struct wad_str	 reply;
	struct wad_cmd_grep grep;
	struct wad_console_ask asks[WAD_CTL_CASKS];
	unsigned	 n_asks;
	struct wad_cache_sums *sums;	/* cmd_cache.c: `cache list` */
	/* cmd_session.c: IPv4, IPv6 (NULL: none was set); sessions that the
	 * command ended */
	struct wad_session_filter *filter[2];
	uint64_t	 n_ended;
	struct wad_cmd_log *log;	/* cmd_log.c: `execute log filter` */
	void		(*confirm)(struct wad_console *);	/* what a `y` starts;
					 * NULL: nothing was asked */
	/* a long answer under way; NULL: none */
	wad_console_more_fn *more;
	void		*more_arg;
	void		(*more_free)(void *);
	struct event	*more_ev;
	bool		 parked, stopping;

	struct wad_ping_options ping;
	uint64_t	 ping_next;	/* ms: no echo before */
	/* the debug stream */
	bool		 watching;
	struct event	*until;		/* duration */
	uint64_t	 until_ms;	/* 0: no end */
	struct wad_str	 batch;
	uint64_t	 lost;

	/* config mode: depth 0 means outside */
	struct wad_console_level level[WAD_CTL_DEPTH];
	unsigned	 depth;
	char		 quote;		/* of a value that goes on over lines;
					 * 0: none */
	bool		 strict;	/* a script: a wrong line spoils all */
	bool		 spoilt;	/* the block is not applied */
	struct wad_str	 script;
	/* where a command that asks the parent for the tree goes on */
	char		*path;
	int		 path_kind;
	/* `?` and completion: what may come, lines WORD\tHELP; of what is asked
	 * for at that path */
	struct wad_str	 offers;
	char		*keyword, *setting, *begins;
	bool		 columns;	/* for people */
};
#define WAD_CONSOLE_MAGIC	0x636f6e73u

/* Takes a connection over; NULL (and it is closed) when it is refused. */
struct wad_console *wad_console_new(struct wad_control *, int fd);
void	wad_console_close(struct wad_console *);

/* The command that runs has an audit record with this text when it ends. */
void	wad_console_audit(struct wad_console *, const char *what);

/* c->offers becomes the reply. */
void	wad_console_offer(struct wad_console *);
/* For commands: text of the reply, and failure. */
void	wad_console_say(struct wad_console *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	wad_console_fail(struct wad_console *, enum wad_ctl_status,
	    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Sends a question; the reply waits until all questions of this console are
 * answered.  0, or -1 when it cannot be asked. */
int	wad_console_ask(struct wad_console *, struct wad_chan *,
	    struct wad_msg *, unsigned deadline_ms, wad_console_done_fn *,
	    unsigned tag);
/* The answer comes in pieces: `more` is called until it returns false.  arg is
 * freed by free_arg when that is over, or the console is.  When the reader has
 * enough (c->stopping), `more` is called a last time and can ask nothing. */
void	wad_console_stream(struct wad_console *, wad_console_more_fn *more,
	    void *arg, void (*free_arg)(void *));
/* From inside `more`: it is not called again before wad_console_unpark; what
 * was said so far goes out. */
void	wad_console_park(struct wad_console *);
void	wad_console_unpark(struct wad_console *);
/* Appends an answer's text; failure when ok is 0 or it never came. */
void	wad_console_answer(struct wad_console *, struct wad_msg_in *,
	    enum wad_ctl_status on_fail, const char *role);

/* The same words to every worker (WORKER_CMD), each with an answer for
 * done. */
void	wad_console_ask_workers(struct wad_console *, const char *words,
	    wad_console_done_fn *done);

/* Defaults of `execute ping-options`. */
void	wad_cmd_ping_reset(struct wad_ping_options *);
/* Asks "Do you want to continue? (y/n)": the next line is the answer, and `yes`
 * runs when it is y.  Any other answer leaves all as it is. */
void	wad_console_confirm(struct wad_console *,
	    void (*yes)(struct wad_console *));

void	wad_cmd_log_free(struct wad_cmd_log *);		/* NULL allowed */
void	wad_cmd_cache_free(struct wad_cache_sums *);	/* NULL allowed */

/* The debug stream of one console. */
void	wad_console_watch(struct wad_console *, bool on);
void	wad_console_debug(struct wad_console *, const char *, size_t);
void	wad_console_debug_flush(struct wad_console *);
/* Starts the duration anew. */
void	wad_console_duration(struct wad_console *);

/* cmd_table.c: every command. */
extern const struct wad_cmd_family *const wad_cmd_families[];
extern const size_t wad_cmd_n_families;
/* one family per file */
extern const struct wad_cmd_family wad_cmd_debug, wad_cmd_wad, wad_cmd_config,
    wad_cmd_system, wad_cmd_cache, wad_cmd_performance, wad_cmd_ping,
    wad_cmd_session, wad_cmd_log, wad_cmd_export,
    wad_cmd_webfilter, wad_cmd_feed;

/* cmd_config.c: a line while config mode is on; the prompt's inner part. */
void	wad_cmd_config_line(struct wad_console *, const char *line);
/* Is this line, or its end, a part of a value over several lines? */
bool	wad_cmd_config_goes_on(const struct wad_console *, const char *line);
void	wad_cmd_config_prompt(const struct wad_console *, struct wad_str *);
/* Adds what may come next in config mode to c->offers; and what may follow
 * `config`, `show` or `get` outside of it.  Both answer with
 * wad_console_offer, at once or when the configuration has come. */
void	wad_cmd_config_complete(struct wad_console *, const char *line);
void	wad_cmd_config_tables(struct wad_console *, const char *line);
void	wad_cmd_config_leave(struct wad_console *);

#endif
