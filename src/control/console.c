/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console connections: who may come in, lines in, frames out, one command at
 * a time.  Owns every struct wad_console; nothing is freed inside a callback
 * (wad_console_close moves it to the graveyard).
 */
#include "control/console.h"

#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xmem.h"
#include "conf/conf_snap.h"
#include "control/debug_pump.h"
#include "control/grants.h"
#include "control/learn.h"
#include "control/quotas.h"
#include "ipc/shm.h"

enum { LINES_A_TURN = 32 };

static void	on_read(evutil_socket_t, short, void *);
static void	on_write(evutil_socket_t, short, void *);
static void	on_until(evutil_socket_t, short, void *);
static void	on_more(evutil_socket_t, short, void *);
static void	stream_end(struct wad_console *);
static void	audit_log(struct wad_console *);
static void	serve(struct wad_console *);
static void	finish(struct wad_console *);
static void	frame(struct wad_console *, int, const char *, size_t);
static void	flush(struct wad_console *);

/* One frame for somebody who does not get a console. */
static void
turn_away(int fd, const char *why)
{
	char	buf[256];
	int	n;

	n = snprintf(buf, sizeof(buf), "%-3d %8zu\n%s\n", WAD_CTL_DENIED,
	    strlen(why), why);
	if (n > 0 && send(fd, buf, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    -1 && errno != EPIPE && errno != EAGAIN)
		fprintf(stderr, "wad-control: console: %s\n",
		    strerror(errno));
	close(fd);
}

struct wad_console *
wad_console_new(struct wad_control *ctl, int fd)
{
	struct wad_console	*c;
	struct wad_peer		 peer;
	enum wad_right		 right;

	WAD_CHECK(ctl, WAD_CONTROL_MAGIC);
	right = wad_rights_of(&ctl->rights, fd, &peer);
	if (right == WAD_RIGHT_NONE) {
		wad_rights_denied(&ctl->rights, &peer, "neither root, nor "
		    "the user that started openwad, nor in the group openwad "
		    "or openwad-ro");
		turn_away(fd, "permission denied: the console is for root, "
		    "the user that started openwad, and members of the "
		    "groups openwad and openwad-ro");
		return NULL;
	}
	if (ctl->n_consoles >= WAD_CTL_CONSOLES) {
		turn_away(fd, "too many consoles: 32 are open, close one");
		return NULL;
	}
	if (right == WAD_RIGHT_READ && ctl->n_readers >= WAD_CTL_READERS) {
		turn_away(fd, "too many consoles: 24 of the group openwad-ro "
		    "are open, close one");
		return NULL;
	}
	evutil_make_socket_nonblocking(fd);
	c = wad_xcalloc(1, sizeof(*c));
	c->magic = WAD_CONSOLE_MAGIC;
	c->ctl = ctl;
	c->fd = fd;
	wad_cmd_ping_reset(&c->ping);
	c->peer = peer;
	c->read_only = right == WAD_RIGHT_READ;
	c->in = evbuffer_new();
	c->out = evbuffer_new();
	c->ev_read = event_new(ctl->base, fd, EV_READ | EV_PERSIST, on_read,
	    c);
	c->ev_write = event_new(ctl->base, fd, EV_WRITE, on_write, c);
	c->until = evtimer_new(ctl->base, on_until, c);
	c->more_ev = event_new(ctl->base, -1, 0, on_more, c);
	WAD_ASSERT(c->in != NULL && c->out != NULL && c->ev_read != NULL &&
	    c->ev_write != NULL && c->until != NULL && c->more_ev != NULL);
	event_add(c->ev_read, NULL);
	wad_list_append(&ctl->consoles, &c->link);
	ctl->n_consoles++;
	ctl->n_readers += c->read_only;
	return c;
}

void
wad_console_close(struct wad_console *c)
{
	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	if (c->dead)
		return;
	c->dead = true;
	wad_console_watch(c, false);
	for (size_t i = 0; i < WAD_CTL_CASKS; i++)
		if (c->asks[i].id != 0)
			wad_ask_cancel(c->ctl->asks, c->asks[i].id);
	event_free(c->ev_read);
	event_free(c->ev_write);
	event_free(c->until);
	if (c->n_asks > 0 || c->more != NULL)	/* how it ends, nobody hears */
		c->status = WAD_CTL_SILENT;
	stream_end(c);
	event_free(c->more_ev);
	close(c->fd);
	wad_list_remove(&c->link);
	wad_list_append(&c->ctl->graveyard, &c->link);
	c->ctl->n_consoles--;
	c->ctl->n_readers -= c->read_only;
	event_active(c->ctl->reaper, EV_TIMEOUT, 1);
}

/* After the loop turn: nobody is inside a dead console any more. */
static void
reap(evutil_socket_t fd, short what, void *arg)
{
	struct wad_control	*ctl = arg;
	struct wad_list		*l, *tmp;

	(void)fd;
	(void)what;
	WAD_LIST_EACH(&ctl->graveyard, l, tmp) {
		struct wad_console *c = WAD_LIST_ENTRY(l, struct wad_console,
		    link);

		wad_list_remove(l);
		audit_log(c);		/* of a command that was cut short */
		evbuffer_free(c->in);
		evbuffer_free(c->out);
		wad_str_free(&c->reply);
		wad_str_free(&c->batch);
		wad_str_free(&c->script);
		free(c->path);
		free(c->keyword);
		free(c->setting);
		free(c->begins);
		wad_str_free(&c->offers);
		free(c->audit);
		wad_cmd_cache_free(c->sums);
		free(c->filter[0]);
		free(c->filter[1]);
		wad_cmd_log_free(c->log);
		c->magic = 0;
		free(c);
	}
}

int
wad_control_setup(struct wad_control *ctl, struct event_base *base,
    struct wad_chan *parent)
{
	memset(ctl, 0, sizeof(*ctl));
	ctl->magic = WAD_CONTROL_MAGIC;
	ctl->base = base;
	ctl->parent = parent;
	ctl->asks = wad_ask_table_new(base, 4096);
	wad_list_init(&ctl->consoles);
	wad_list_init(&ctl->graveyard);
	wad_list_init(&ctl->dead);
	ctl->listen_fd = -1;
	ctl->rights.starter = getuid();
	ctl->rights.full = ctl->rights.read = (gid_t)-1;
	ctl->parent_pid = getppid();
	snprintf(ctl->hostname, sizeof(ctl->hostname), "openwad");
	ctl->ctl_none.magic = WAD_DBG_CTL_MAGIC;
	ctl->ctl = &ctl->ctl_none;
	ctl->debug.level = WAD_I;
	ctl->debug.timestamp = true;
	ctl->debug.minutes = 30;
	wad_log_writer_init(&ctl->log);
	wad_log_memory_init(&ctl->memory);
	ctl->learn = wad_learn_table_new();
	ctl->grants = wad_grants_new(ctl);
	ctl->quotas = wad_quotas_new(ctl);
	ctl->reaper = event_new(base, -1, 0, reap, ctl);
	return ctl->asks == NULL || ctl->reaper == NULL ? -1 : 0;
}

void
wad_control_clear(struct wad_control *ctl)
{
	struct wad_list *l, *tmp;

	WAD_LIST_EACH(&ctl->consoles, l, tmp)
		wad_console_close(WAD_LIST_ENTRY(l, struct wad_console,
		    link));
	wad_debug_pump_stop(ctl);
	reap(-1, 0, ctl);
	event_free(ctl->reaper);
	wad_ask_table_free(ctl->asks);
	wad_learn_table_free(ctl->learn);
	wad_grants_free(ctl->grants);
	wad_quotas_free(ctl->quotas);
	wad_log_writer_close(&ctl->log);
	wad_log_memory_free(&ctl->memory);
	if (ctl->listener != NULL)
		event_free(ctl->listener);
	if (ctl->listen_fd != -1)
		close(ctl->listen_fd);
	ctl->magic = 0;
}

static void
on_read(evutil_socket_t fd, short what, void *arg)
{
	struct wad_console	*c = arg;
	int			 n;

	(void)what;
	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	n = evbuffer_read(c->in, fd, 65536);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		wad_console_close(c);
		return;
	}
	if (n == 0) {		/* perhaps only its writing side: answer */
		c->eof = true;
		event_del(c->ev_read);
	}
	serve(c);
}

/* In the next turn: an event that makes itself active would be served again
 * and again in this one, and nobody else. */
static void
more_later(struct wad_console *c)
{
	static const struct timeval now = { 0, 0 };

	evtimer_add(c->more_ev, &now);
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct wad_console *c = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	flush(c);
	if (!c->dead && c->more != NULL)
		more_later(c);
	if (!c->dead)
		serve(c);
}

/* Writes what the socket takes; the rest waits for EV_WRITE. */
static void
flush(struct wad_console *c)
{
	while (evbuffer_get_length(c->out) > 0) {
		int n = evbuffer_write_atmost(c->out, c->fd, 256 * 1024);

		if (n > 0)
			continue;
		if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
			event_add(c->ev_write, NULL);
			return;
		}
		wad_console_close(c);
		return;
	}
	if (c->closing)
		wad_console_close(c);
}

/* A frame: status and length in 13 bytes, body, line end. */
static void
frame(struct wad_console *c, int status, const char *body, size_t len)
{
	char head[32];

	snprintf(head, sizeof(head), "%-3d %8zu\n", status, len);
	evbuffer_add(c->out, head, WAD_CTL_FRAME);
	evbuffer_add(c->out, body, len);
	evbuffer_add(c->out, "\n", 1);
}

void
wad_console_say(struct wad_console *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	wad_str_vaddf(&c->reply, fmt, ap);
	va_end(ap);
}

void
wad_console_fail(struct wad_console *c, enum wad_ctl_status status,
    const char *fmt, ...)
{
	va_list ap;

	c->status = (int)status;
	va_start(ap, fmt);
	wad_str_vaddf(&c->reply, fmt, ap);
	va_end(ap);
}

/* `?prompt`, `?more` (are pages wanted), `?script` (a wrong line spoils its
 * config block), `?depth` (open config blocks), `?complete LINE`, `LINE ?`:
 * wadctl's own questions. */
static bool
serve_question(struct wad_console *c, const char *line)
{
	size_t		 n = strlen(line);
	char		*cut = NULL;

	if (strcmp(line, "?prompt") == 0 && c->confirm != NULL) {
		wad_str_add(&c->reply, "(y/n) ");
		return true;
	}
	if (strcmp(line, "?prompt") == 0) {
		wad_str_add(&c->reply, c->ctl->hostname);
		wad_cmd_config_prompt(c, &c->reply);
		wad_str_add(&c->reply, c->read_only ? " $ " : " # ");
		return true;
	}
	if (strcmp(line, "?more") == 0) {
		wad_console_say(c, "%d", c->ctl->conf != NULL &&
		    c->ctl->conf->console.more);
		return true;
	}
	if (strcmp(line, "?script") == 0) {
		c->strict = true;
		return true;
	}
	if (strcmp(line, "?depth") == 0) {
		wad_console_say(c, "%u", c->depth);
		return true;
	}
	if (strncmp(line, "?complete ", 10) == 0)
		line += 10;
	else if (n > 0 && line[n - 1] == '?' && (n == 1 ||
	    line[n - 2] == ' ') && !wad_cmd_config_goes_on(c, line))
		line = cut = wad_xstrndup(line, n - 1);
	else
		return false;
	c->columns = cut != NULL;
	if (c->depth > 0)
		wad_cmd_config_complete(c, line);
	else {
		wad_cmd_complete(wad_cmd_families, wad_cmd_n_families, line,
		    &c->offers);
		wad_cmd_config_tables(c, line);
	}
	free(cut);
	return true;
}

void
wad_console_offer(struct wad_console *c)
{
	const char *lines = c->offers.s != NULL ? c->offers.s : "";

	if (c->columns)
		wad_cmd_columns(lines, &c->reply);
	else
		wad_str_add(&c->reply, lines);
	wad_str_free(&c->offers);
}

void
wad_console_confirm(struct wad_console *c, void (*yes)(struct wad_console *))
{
	wad_console_say(c, "Do you want to continue? (y/n)");
	c->status = WAD_CTL_ASKS;
	c->confirm = yes;
}

/* The line behind a question. */
static void
answer(struct wad_console *c, const char *line)
{
	void (*yes)(struct wad_console *) = c->confirm;

	c->confirm = NULL;
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		yes(c);
	else {
		free(c->audit);
		c->audit = NULL;
		wad_console_say(c, "nothing was done\n");
	}
}

/* Who may only look tries to change something. */
static void
refuse(struct wad_console *c, const char *line)
{
	char esc[256], why[320];

	wad_console_fail(c, WAD_CTL_FAILED, "permission denied: %s may look "
	    "(group openwad-ro); to change something takes root or the group "
	    "openwad\n", c->peer.user);
	snprintf(why, sizeof(why), "read-only, tried: %s",
	    wad_str_escape(esc, sizeof(esc), line, strlen(line)));
	wad_rights_denied(&c->ctl->rights, &c->peer, why);
}

/* A command that changes something has its record, when it is known how it
 * ended. */
void
wad_console_audit(struct wad_console *c, const char *what)
{
	free(c->audit);
	c->audit = wad_xstrdup(what);
}

static void
audit_log(struct wad_console *c)
{
	bool			ok = c->status < WAD_CTL_SYNTAX;
	struct wad_log_rec	r;

	if (c->audit == NULL || c->confirm != NULL)
		return;
	/* what was not understood changed nothing */
	if (c->status != WAD_CTL_SYNTAX) {
		wad_log_begin(&r, WAD_LOG_SYS_CONSOLE);
		wad_log_str(&r, "user", c->peer.user);
		wad_log_u64(&r, "uid", c->peer.uid);
		wad_log_str(&r, "ui", c->peer.ui);
		wad_log_str(&r, "action", "command");
		wad_log_str(&r, "status", ok ? "success" : "failure");
		wad_log_str(&r, "msg", c->audit);
		wad_log_end(&r);
	}
	free(c->audit);
	c->audit = NULL;
}

static void
serve_line(struct wad_console *c, const char *line)
{
	struct wad_cmd_line	*l;
	struct wad_cmd_args	 args;
	const struct wad_cmd	*cmd;

	c->busy = true;
	c->status = WAD_CTL_OK;
	memset(&c->grep, 0, sizeof(c->grep));
	if (serve_question(c, line))
		return;
	if (c->confirm != NULL) {
		answer(c, line);
		return;
	}
	if (c->depth > 0) {
		wad_cmd_config_line(c, line);
		return;
	}
	l = wad_xcalloc(1, sizeof(*l));
	if (wad_cmd_split(l, line, &c->reply) == -1)
		c->status = WAD_CTL_SYNTAX;
	else if (l->n > 0 && l->word[0][0] != '#') {
		cmd = wad_cmd_find(wad_cmd_families, wad_cmd_n_families, l,
		    &args, &c->reply);
		c->grep = l->grep;
		if (cmd == NULL)
			c->status = WAD_CTL_SYNTAX;
		else if (c->read_only && (cmd->flags & WAD_CMD_READ) == 0)
			refuse(c, line);
		else {
			cmd->exec(c, &args);
			/* a config block is told when it is applied */
			if ((cmd->flags & WAD_CMD_READ) == 0 && c->depth == 0)
				wad_console_audit(c, line);
		}
	}
	free(l);
}

/* The reply so far (whole lines, as they are), or all of it, goes out,
 * filtered. */
static void
reply_send(struct wad_console *c, int status)
{
	static const char long_text[] = "the answer is too long, ask for "
	    "less";
	struct wad_str	 kept = { 0 };
	struct wad_str	*r = &c->reply;

	if (c->grep.on && c->status < WAD_CTL_SYNTAX && r->len > 0) {
		wad_cmd_grep(&c->grep, r->s, r->len, &kept);
		r = &kept;
	}
	while (status != WAD_CTL_PART && r->len > 0 &&
	    r->s[r->len - 1] == '\n')
		r->s[--r->len] = '\0';
	if (r->len > WAD_CTL_REPLY_MAX) {
		c->status = WAD_CTL_FAILED;
		frame(c, c->status, long_text, sizeof(long_text) - 1);
	} else if (r->len > 0 || status != WAD_CTL_PART)
		frame(c, status, r->len > 0 ? r->s : "", r->len);
	wad_str_free(&c->reply);
	wad_str_free(&kept);
}

/* Ends the command. */
static void
finish(struct wad_console *c)
{
	audit_log(c);
	reply_send(c, c->status);
	if (c->status == WAD_CTL_BYE)
		c->closing = true;
	c->busy = false;
	flush(c);
}

void
wad_console_stream(struct wad_console *c, wad_console_more_fn *more,
    void *arg, void (*free_arg)(void *))
{
	WAD_ASSERT(c->more == NULL);
	if (c->dead) {		/* its command wrote debug lines to it */
		if (free_arg != NULL)
			free_arg(arg);
		return;
	}
	c->more = more;
	c->more_arg = arg;
	c->more_free = free_arg;
	c->parked = c->stopping = false;
	more_later(c);
}

void
wad_console_park(struct wad_console *c)
{
	c->parked = true;
}

void
wad_console_unpark(struct wad_console *c)
{
	c->parked = false;
	if (c->more != NULL)
		more_later(c);
}

static void
stream_end(struct wad_console *c)
{
	if (c->more != NULL && c->more_free != NULL)
		c->more_free(c->more_arg);
	c->more = NULL;
	c->more_arg = NULL;
}

/* The next piece; when the console has enough to do, on_write comes back. */
static void
on_more(evutil_socket_t fd, short what, void *arg)
{
	struct wad_console *c = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	if (!c->dead && c->more == NULL)	/* lines that serve() left */
		serve(c);
	if (c->dead || c->more == NULL || c->parked || c->n_asks > 0 ||
	    evbuffer_get_length(c->out) >= WAD_CTL_OUT_MAX)
		return;
	if (!c->more(c, c->more_arg) || c->stopping) {
		stream_end(c);
		if (c->n_asks == 0) {
			finish(c);
			if (!c->dead)
				serve(c);
		}
		return;
	}
	if (c->reply.len >= WAD_CTL_PART_MIN || c->parked)
		reply_send(c, WAD_CTL_PART);
	flush(c);
	if (!c->dead && !c->parked && c->more != NULL)
		more_later(c);
}

/* `?stop` ends a long answer and is never answered itself: whoever sends it
 * cannot know whether the answer is over already. */
static bool
take_stop(struct wad_console *c)
{
	static const char	 stop[] = "?stop\n";
	char			 head[sizeof(stop) - 1];

	if (evbuffer_copyout(c->in, head, sizeof(head)) !=
	    (ssize_t)sizeof(head) || memcmp(head, stop, sizeof(head)) != 0)
		return false;
	evbuffer_drain(c->in, sizeof(head));
	if (c->more != NULL) {
		c->stopping = true;
		wad_console_unpark(c);
	}
	return true;
}

/* Serves the lines that are there, while replies leave: in one turn of the loop
 * not so many that others and the log would wait for them. */
static void
serve(struct wad_console *c)
{
	unsigned left = LINES_A_TURN;
	char	*line;
	size_t	 n;

	while (!c->dead && take_stop(c))
		;
	while (!c->dead && !c->busy && !c->closing &&
	    evbuffer_get_length(c->out) < WAD_CTL_OUT_MAX) {
		if (take_stop(c))
			continue;
		if (left-- == 0) {
			more_later(c);
			if (evbuffer_get_length(c->in) >= WAD_CTL_IN_MAX)
				event_del(c->ev_read);
			return;
		}
		line = evbuffer_readln(c->in, &n, EVBUFFER_EOL_LF);
		if (line == NULL)
			break;
		if (n > 0 && line[n - 1] == '\r')
			line[--n] = '\0';
		if (strlen(line) != n) {
			c->status = WAD_CTL_SYNTAX;
			wad_str_add(&c->reply, "a line with a NUL byte\n");
		} else
			serve_line(c, line);
		free(line);
		if (!c->dead && c->n_asks == 0 && c->more == NULL)
			finish(c);
	}
	if (c->dead)
		return;
	if (c->eof) {
		if (!c->busy && !c->closing && evbuffer_get_length(c->out) <
		    WAD_CTL_OUT_MAX) {
			c->closing = true;
			flush(c);
		}
		return;
	}
	if (evbuffer_get_length(c->in) >= WAD_CTL_IN_MAX) {
		if (!c->busy && evbuffer_get_length(c->out) == 0) {
			wad_str_addf(&c->reply, "a line longer than %d bytes",
			    WAD_CTL_IN_MAX);
			c->status = WAD_CTL_SYNTAX;
			c->closing = true;
			finish(c);
			return;
		}
		event_del(c->ev_read);	/* until the command is done */
	} else if (!event_pending(c->ev_read, EV_READ, NULL))
		event_add(c->ev_read, NULL);
}

/* An answer arrived, or will never. */
static void
answered(void *arg, struct wad_msg_in *m)
{
	struct wad_console_ask	*a = arg;
	struct wad_console	*c = a->c;

	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	a->id = 0;
	a->done(c, a->tag, m);
	if (c->dead || --c->n_asks > 0)
		return;
	if (c->more != NULL) {		/* it waited for the answers */
		more_later(c);
		return;
	}
	finish(c);
	if (!c->dead)
		serve(c);
}

int
wad_console_ask(struct wad_console *c, struct wad_chan *chan,
    struct wad_msg *m, unsigned ms, wad_console_done_fn *done, unsigned tag)
{
	struct wad_console_ask *a = NULL;

	for (size_t i = 0; i < WAD_CTL_CASKS && a == NULL; i++)
		if (c->asks[i].id == 0)
			a = &c->asks[i];
	/* the answer would come when what asked is freed */
	if (a == NULL || chan == NULL || c->dead ||
	    (c->more != NULL && c->stopping))
		return -1;
	a->c = c;
	a->done = done;
	a->tag = tag;
	a->id = wad_ask_send(c->ctl->asks, chan, m, ms, answered, a);
	if (a->id == 0)
		return -1;
	c->n_asks++;
	return 0;
}

void
wad_console_answer(struct wad_console *c, struct wad_msg_in *m,
    enum wad_ctl_status on_fail, const char *role)
{
	uint32_t	 ok;
	const char	*text;
	size_t		 len;
	int		 fd;

	if (m == NULL || wad_msg_get_u32(m, &ok) == -1 ||
	    wad_msg_get_str(m, &text) == -1) {
		wad_console_fail(c, WAD_CTL_SILENT, "%s gave no answer\n",
		    role);
		return;
	}
	if (!ok)
		c->status = (int)on_fail;
	wad_str_add(&c->reply, text);
	fd = wad_msg_take_fd(m);	/* it did not fit into the message */
	if (fd != -1 && (text = wad_shm_map_text(fd, &len)) != NULL) {
		wad_str_addn(&c->reply, text, len);
		wad_shm_unmap(text, len);
	}
	if (fd != -1)
		close(fd);
	if (c->reply.len > 0 && c->reply.s[c->reply.len - 1] != '\n')
		wad_str_add(&c->reply, "\n");
}

void
wad_console_watch(struct wad_console *c, bool on)
{
	if (c->watching == on)
		return;
	if (on)			/* what nobody asked for yet is skipped */
		wad_debug_pump_run(c->ctl);
	if (on && c->dead)
		return;
	c->watching = on;
	c->ctl->n_watching += on ? 1u : -1u;
	c->lost = 0;
	if (!c->dead)
		wad_console_duration(c);
	wad_debug_pump_apply(c->ctl);
}

void
wad_console_duration(struct wad_console *c)
{
	struct timeval	tv = { 0 };
	unsigned	minutes = c->ctl->debug.minutes;

	event_del(c->until);
	c->until_ms = 0;
	if (!c->watching || minutes == 0)
		return;
	tv.tv_sec = (time_t)minutes * 60;
	c->until_ms = wad_clock_ms() + (uint64_t)minutes * 60000;
	event_add(c->until, &tv);
}

static void
on_until(evutil_socket_t fd, short what, void *arg)
{
	static const char	 text[] = "debug output ends: its duration "
	    "is over";
	struct wad_console	*c = arg;

	(void)fd;
	(void)what;
	WAD_CHECK(c, WAD_CONSOLE_MAGIC);
	wad_console_debug_flush(c);
	if (c->dead)
		return;
	wad_console_watch(c, false);
	frame(c, WAD_CTL_STREAM_END, text, sizeof(text) - 1);
	flush(c);
}

/* Nothing waits for a slow console: what is too much is counted. */
void
wad_console_debug(struct wad_console *c, const char *s, size_t n)
{
	size_t queued = evbuffer_get_length(c->out) + c->batch.len;

	if (queued + n + 64 > WAD_CTL_OUT_MAX) {
		c->lost++;
		return;
	}
	if (c->lost > 0) {
		wad_str_addf(&c->batch, "%" PRIu64 " debug lines lost\n",
		    c->lost);
		c->lost = 0;
	}
	wad_str_addn(&c->batch, s, n);
	wad_str_addn(&c->batch, "\n", 1);
}

void
wad_console_debug_flush(struct wad_console *c)
{
	if (c->batch.len == 0 && c->lost > 0 && c->watching &&
	    evbuffer_get_length(c->out) + 64 < WAD_CTL_OUT_MAX / 2) {
		wad_str_addf(&c->batch, "%" PRIu64 " debug lines lost\n",
		    c->lost);
		c->lost = 0;
	}
	if (c->batch.len == 0)
		return;
	frame(c, WAD_CTL_MORE, c->batch.s, c->batch.len - 1);
	c->batch.len = 0;
	flush(c);
}
