/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console over a socket pair: frames, debug stream, config mode, the
 * question to the parent, slow and broken consoles, the log file.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "control/console.h"
#include "control/debug_pump.h"
#include "ipc/shm.h"
#include "suite.h"

static struct event_base	*base;
static struct wad_control	 ctl;
static struct wad_ring_seg	*ring;
static struct wad_chan		*parent_end;	/* plays openwad */
static struct wad_dbg_ctl	 seg;
static char			 last_edit[4096];
static int			 edit_ok = 1;
static bool			 large_answer;	/* of openwad */

static const char tree_text[] =
    "config system global\n    set hostname \"gw1\"\nend\n"
    "config t\n    edit \"a|b\"\n        set x y\n    next\nend\n";

static int
parent_message(void *arg, struct wad_chan *ch, struct wad_msg_in *in)
{
	struct wad_msg	 m;
	const char	*s = "";
	int		 fd = -1;

	(void)arg;
	wad_msg_init(&m, WAD_MSG_CTL_ANSWER, in->id);
	switch (in->type) {
	case WAD_MSG_CTL_EDIT:
		ck_assert_int_eq(wad_msg_get_str(in, &s), 0);
		snprintf(last_edit, sizeof(last_edit), "%s", s);
		wad_msg_add_u32(&m, (uint32_t)edit_ok);
		wad_msg_add_str(&m, edit_ok ? "" : "console:2: no such "
		    "thing\n");
		break;
	case WAD_MSG_CTL_TREE:
		wad_msg_add_u32(&m, 1);
		wad_msg_add_str(&m, tree_text);
		break;
	default:
		wad_msg_add_u32(&m, !large_answer);
		wad_msg_add_str(&m, large_answer ? "" :
		    "Version: openwad test\n");
		if (large_answer) {
			fd = wad_shm_seal_text("answer", "much to say\n", 12);
			ck_assert_int_ne(fd, -1);
			wad_msg_add_fd(&m, fd);
		}
	}
	ck_assert_int_eq(wad_chan_send(ch, &m), 0);
	wad_msg_free(&m);
	if (fd != -1)
		close(fd);
	return 0;
}

static int
control_message(void *arg, struct wad_chan *ch, struct wad_msg_in *in)
{
	(void)arg;
	(void)ch;
	wad_ask_answer(ctl.asks, in);
	return 0;
}

static void
down(void *arg, struct wad_chan *ch)
{
	(void)arg;
	(void)ch;
}

static void
setup(void)
{
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	parent_end = wad_chan_new(base, fd[0], "control", parent_message,
	    down, NULL);
	ck_assert_int_eq(wad_control_setup(&ctl, base, wad_chan_new(base,
	    fd[1], "parent", control_message, down, NULL)), 0);
	memset(&seg, 0, sizeof(seg));
	seg.magic = WAD_DBG_CTL_MAGIC;
	ctl.ctl = &seg;
	wad_log_writer_set(&ctl.log, &(struct wad_conf_log_disk){ 0 });
	ring = wad_xcalloc(1, sizeof(*ring));
	wad_dbg_attach(&seg, ring);
	wad_debug_pump_own(&ctl, ring);
	ck_assert_int_eq(wad_debug_pump_start(&ctl), 0);
	edit_ok = 1;
	large_answer = false;
}

static void
teardown(void)
{
	struct wad_chan *p = ctl.parent;

	wad_control_clear(&ctl);
	wad_chan_free(p);
	wad_chan_free(parent_end);
	wad_dbg_attach(NULL, NULL);
	free(ring);
	event_base_free(base);
}

static int
open_console(void)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_ptr_nonnull(wad_console_new(&ctl, fd[1]));
	return fd[0];
}

static void
spin(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

/* Reads n bytes while the loop runs; false at the end of the stream. */
static bool
take(int fd, char *buf, size_t n)
{
	for (int tries = 0; n > 0 && tries < 400; tries++) {
		ssize_t r = read(fd, buf, n);

		if (r == 0)
			return false;
		if (r > 0) {
			buf += r;
			n -= (size_t)r;
			continue;
		}
		spin(5);
	}
	return n == 0;
}

/* The next frame: status, body in buf. */
static int
frame(int fd, char *buf, size_t size)
{
	char	 head[14] = "";
	unsigned len;
	int	 status;

	if (!take(fd, head, 13))
		return 0;
	ck_assert_int_eq(head[12], '\n');
	ck_assert_int_eq(sscanf(head, "%d %u", &status, &len), 2);
	ck_assert_uint_lt(len, size);
	ck_assert(take(fd, buf, len + 1));
	ck_assert_int_eq(buf[len], '\n');
	buf[len] = '\0';
	return status;
}

static int
run(int fd, const char *line, char *buf, size_t size)
{
	ck_assert_int_eq(write(fd, line, strlen(line)),
	    (ssize_t)strlen(line));
	ck_assert_int_eq(write(fd, "\n", 1), 1);
	return frame(fd, buf, size);
}

static void
emit(const char *s)
{
	WAD_DBG(SSL, WAD_I, "%s", s);
}

/* A record as it comes, without the fields of base/log.h. */
static void
log_put(const char *fmt, ...)
{
	char	text[WAD_RING_LOG_SIZE * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	wad_dbg_log_put(text, strlen(text));
}

START_TEST(replies)
{
	char	buf[65536];
	int	fd = open_console();

	ck_assert_int_eq(run(fd, "diag wad debug show", buf, sizeof(buf)),
	    200);
	ck_assert_str_eq(buf,
	    "Category: not set\nLevel: info\nDisplay: pid disabled");
	ck_assert_int_eq(run(fd, "diagnose wad debug enabel all", buf,
	    sizeof(buf)), 300);
	ck_assert_ptr_nonnull(strstr(buf, "did you mean \"enable\""));
	ck_assert_ptr_nonnull(strstr(buf, "^^^^^^"));
	ck_assert_int_eq(run(fd, "get system status", buf, sizeof(buf)),
	    200);
	ck_assert_str_eq(buf, "Version: openwad test\nlog stderr size 0 "
	    "closed 0 closed-size 0 lost 0 memory 0");
	ck_assert_int_eq(run(fd, "diagnose wad explain 10.0.0.1 example.org",
	    buf, sizeof(buf)), 303);
	ck_assert_int_eq(run(fd, "diagnose wad debug show | grep -i level",
	    buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "Level: info");
	ck_assert_int_eq(run(fd, "", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "help", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "?prompt", buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "openwad # ");
	ck_assert_int_eq(run(fd, "diagnose wad debug ?", buf, sizeof(buf)),
	    200);
	ck_assert_ptr_nonnull(strstr(buf, "display"));
	ck_assert_int_eq(run(fd, "exit", buf, sizeof(buf)), 201);
	ck_assert_int_eq(frame(fd, buf, sizeof(buf)), 0);
	spin(20);
	ck_assert_uint_eq(ctl.n_consoles, 0);
	close(fd);
}
END_TEST

START_TEST(stream)
{
	char	buf[65536];
	int	fd = open_console(), other = open_console();

	emit("nobody sees this");
	run(fd, "diagnose wad debug enable all", buf, sizeof(buf));
	ck_assert_uint_eq(seg.mask[WAD_I], 0);	/* nobody watches yet */
	ck_assert_int_eq(run(fd, "diagnose debug enable", buf, sizeof(buf)),
	    200);
	ck_assert_uint_ne(seg.mask[WAD_V], 0);
	ck_assert_uint_eq(seg.show_pid, 1);
	emit("hello");
	ck_assert_int_eq(frame(fd, buf, sizeof(buf)), 100);
	ck_assert_ptr_nonnull(strstr(buf, "hello"));
	ck_assert_ptr_null(strstr(buf, "nobody"));
	ck_assert_int_eq(run(other, "diagnose debug info", buf, sizeof(buf)),
	    200);			/* not a piece of the stream */
	ck_assert_ptr_nonnull(strstr(buf, "1 of 2"));
	run(fd, "diagnose wad debug disable category ssl", buf, sizeof(buf));
	emit("silent");
	ck_assert_int_eq(run(fd, "diagnose wad debug show", buf,
	    sizeof(buf)), 200);
	close(fd);
	spin(30);
	ck_assert_uint_eq(seg.mask[WAD_V], 0);	/* it ends with the console */
	close(other);
}
END_TEST

START_TEST(slow)
{
	static char	buf[WAD_CTL_OUT_MAX * 2];
	char		line[400];
	bool		said = false;
	int		fd = open_console();

	run(fd, "diagnose wad debug enable all", buf, sizeof(buf));
	run(fd, "diagnose debug enable", buf, sizeof(buf));
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 6000; i++) {
		emit(line);
		if (i % 1000 == 999)
			wad_debug_pump_run(&ctl);
	}
	for (int i = 0; i < 40 && !said; i++) {
		if (frame(fd, buf, sizeof(buf)) == 0)
			break;
		said = strstr(buf, "debug lines lost") != NULL;
		emit("more");
	}
	ck_assert(said);
	close(fd);
}
END_TEST

START_TEST(config)
{
	char	buf[65536];
	int	fd = open_console();

	run(fd, "conf firewall policy", buf, sizeof(buf));
	run(fd, "?prompt", buf, sizeof(buf));
	ck_assert_str_eq(buf, "openwad (policy) # ");
	run(fd, "ed 11", buf, sizeof(buf));
	run(fd, "?prompt", buf, sizeof(buf));
	ck_assert_str_eq(buf, "openwad (11) # ");
	ck_assert_int_eq(run(fd, "sett x y", buf, sizeof(buf)), 300);
	run(fd, "set comments \"two", buf, sizeof(buf));
	run(fd, "end", buf, sizeof(buf));		/* still the value */
	run(fd, "lines\"", buf, sizeof(buf));
	run(fd, "next", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "next", buf, sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 200);
	ck_assert_str_eq(last_edit, "config firewall policy\nedit 11\n"
	    "set comments \"two\nend\nlines\"\nnext\nend\n");
	edit_ok = 0;
	run(fd, "config system global", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 302);
	ck_assert_str_eq(buf, "console:2: no such thing");
	last_edit[0] = '\0';
	run(fd, "config system global", buf, sizeof(buf));
	run(fd, "abort", buf, sizeof(buf));
	run(fd, "?prompt", buf, sizeof(buf));
	ck_assert_str_eq(buf, "openwad # ");
	run(fd, "?script", buf, sizeof(buf));
	run(fd, "config system global", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "bogus", buf, sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 302);
	ck_assert_str_eq(last_edit, "");
	ck_assert_int_eq(run(fd, "show system global", buf, sizeof(buf)),
	    200);
	ck_assert_ptr_nonnull(strstr(buf, "gw1"));
	ck_assert_int_eq(run(fd, "show no such", buf, sizeof(buf)), 300);
	close(fd);
}
END_TEST

/* A block that is too long is refused as a whole: what is left of it is not
 * taken for commands. */
START_TEST(long_block)
{
	char	buf[65536], line[7000];
	int	fd = open_console();
	int	status = 200;

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "set a ", 6);
	line[sizeof(line) - 1] = '\0';
	last_edit[0] = '\0';
	run(fd, "config firewall policy", buf, sizeof(buf));
	run(fd, "edit 1", buf, sizeof(buf));
	for (int i = 0; i < 20 && status == 200; i++)
		status = run(fd, line, buf, sizeof(buf));
	ck_assert_int_eq(status, 302);
	ck_assert_ptr_nonnull(strstr(buf, "more than 122880 bytes"));
	ck_assert_int_eq(run(fd, line, buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "config https", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "next", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 302);
	ck_assert_ptr_nonnull(strstr(buf, "nothing was changed"));
	ck_assert_str_eq(last_edit, "");
	run(fd, "config system global", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 200);
	ck_assert_str_eq(last_edit, "config system global\nend\n");
	close(fd);
}
END_TEST

/* What the other quote holds, and what a comment does, ends no value. */
START_TEST(quotes)
{
	static const char *const	 lines[] = { "config t", "edit 'a\"b'",
		"set a 'say \"x'", "set b one # \"two", "set c a#\"b c\"",
		"set d \"it's", "so\"", "set e 'two", "end", "lines'",
		"set f \\\"x", "next", "end" };
	char	buf[65536];
	int	fd = open_console();

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_int_eq(run(fd, lines[i], buf, sizeof(buf)), 200);
	ck_assert_str_eq(last_edit, "config t\nedit 'a\"b'\nset a 'say \"x'"
	    "\nset b one # \"two\nset c a#\"b c\"\nset d \"it's\nso\"\n"
	    "set e 'two\nend\nlines'\nset f \\\"x\nnext\nend\n");
	close(fd);
}
END_TEST

/* What stands in a value is no question and no command: not behind a question
 * mark, not behind a no-break space's comment, not behind a wrong word. */
START_TEST(values)
{
	static const char *const	 lines[] = { "config t", "edit 1",
		"set a \"who ?", "end", "exit ?", "now\" ?",
		"set b x\xc2\xa0# it's", "set c \xc3\xa0#'x", "end'", "next",
		"end" };
	char	buf[65536];
	int	fd = open_console();

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_int_eq(run(fd, lines[i], buf, sizeof(buf)), 200);
	ck_assert_str_eq(last_edit, "config t\nedit 1\nset a \"who ?\nend\n"
	    "exit ?\nnow\" ?\nset b x\xc2\xa0# it's\nset c \xc3\xa0#'x\n"
	    "end'\nnext\nend\n");
	last_edit[0] = '\0';
	run(fd, "?script", buf, sizeof(buf));
	run(fd, "config t", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "sett a \"x", buf, sizeof(buf)), 300);
	run(fd, "end", buf, sizeof(buf));
	run(fd, "\"", buf, sizeof(buf));
	run(fd, "?depth", buf, sizeof(buf));
	ck_assert_str_eq(buf, "1");
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 302);
	ck_assert_str_eq(last_edit, "");
	close(fd);
}
END_TEST

/* A pipe is no part of what a command takes; inside quotes it is. */
START_TEST(pipes)
{
	char	buf[65536];
	int	fd = open_console();

	ck_assert_int_eq(run(fd, "help diagnose hardware | grep PROC -v",
	    buf, sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "help diagnose hardware  | grep -i PROC",
	    buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "    /proc/meminfo");
	ck_assert_int_eq(run(fd, "show system global | grep host", buf,
	    sizeof(buf)), 200);
	ck_assert_str_eq(buf, "    set hostname \"gw1\"");
	ck_assert_int_eq(run(fd, "show t \"a|b\"", buf, sizeof(buf)), 200);
	ck_assert_ptr_nonnull(strstr(buf, "set x y"));
	ck_assert_int_eq(run(fd, "config t", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "edit \"a|b\"", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "show | grep set", buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "        set x y");
	ck_assert_int_eq(run(fd, "show | more", buf, sizeof(buf)), 300);
	close(fd);
}
END_TEST

START_TEST(filter)
{
	char		buf[4096];
	int		fd = open_console();
	struct wad_addr	a, b;

	wad_addr_parse(&a, "10.0.0.7");
	wad_addr_parse(&b, "192.0.2.1");
	a.port = 4000;
	b.port = 443;
	run(fd, "diagnose wad filter src 10.0.0.1 10.0.0.9", buf,
	    sizeof(buf));
	ck_assert_uint_eq(seg.gen & 1, 0);
	ck_assert(wad_dbg_filter_match(&a, &b));
	run(fd, "diagnose wad filter negate src", buf, sizeof(buf));
	ck_assert(!wad_dbg_filter_match(&a, &b));
	run(fd, "diagnose wad filter list", buf, sizeof(buf));
	ck_assert_ptr_nonnull(strstr(buf, "src: not 10.0.0.1-10.0.0.9"));
	run(fd, "diagnose wad filter clear", buf, sizeof(buf));
	run(fd, "diagnose wad filter negate dport", buf, sizeof(buf));
	ck_assert(wad_dbg_filter_match(&a, &b));
	ck_assert_int_eq(run(fd, "diagnose wad filter src 10.0.0.9 10.0.0.1",
	    buf, sizeof(buf)), 301);
	close(fd);
}
END_TEST

/* The latest record in our own ring. */
static const char *
last_log(void)
{
	static char	 text[WAD_RING_LOG_SIZE];
	const struct wad_ring_log *r = &ring->log[(ring->log_next - 1) %
	    WAD_RING_LOG_SLOTS];

	if (ring->log_next == 0)
		return "";
	snprintf(text, sizeof(text), "%.*s", (int)r->len, r->text);
	return text;
}

/* Each command that changes something has a record with who and how it ended;
 * one that only looks has none. */
START_TEST(audit)
{
	char	 buf[65536];
	int	 fd = open_console();
	uint64_t n = ring->log_next;

	run(fd, "diagnose wad debug show", buf, sizeof(buf));
	run(fd, "get system status", buf, sizeof(buf));
	run(fd, "diagnose wad debug enabel all", buf, sizeof(buf));
	ck_assert_uint_eq(ring->log_next, n);
	run(fd, "diagnose wad debug enable all", buf, sizeof(buf));
	ck_assert_uint_eq(ring->log_next, n + 1);
	ck_assert_ptr_nonnull(strstr(last_log(), "logid=\"0100090010\""));
	ck_assert_ptr_nonnull(strstr(last_log(), " status=\"success\" "
	    "msg=\"diagnose wad debug enable all\""));
	ck_assert_ptr_nonnull(strstr(last_log(), " uid="));
	ck_assert_ptr_nonnull(strstr(last_log(), " ui=\"console("));
	/* told when the answer is there */
	run(fd, "execute reload", buf, sizeof(buf));
	ck_assert_ptr_nonnull(strstr(last_log(), "msg=\"execute reload\""));
	/* a block is told when it is applied, without what is in it */
	n = ring->log_next;
	run(fd, "config system global", buf, sizeof(buf));
	run(fd, "set hostname gw2", buf, sizeof(buf));
	ck_assert_uint_eq(ring->log_next, n);
	edit_ok = 0;
	run(fd, "end", buf, sizeof(buf));
	ck_assert_uint_eq(ring->log_next, n + 1);
	ck_assert_ptr_nonnull(strstr(last_log(), " status=\"failure\" "
	    "msg=\"config system global\""));
	close(fd);
}
END_TEST

/* Who leaves without hearing how it ended is recorded as well. */
START_TEST(audit_cut)
{
	int fd = open_console();

	ck_assert_int_gt(dprintf(fd, "?prompt\n"), 0);
	spin(50);			/* unread: closing resets */
	ck_assert_int_gt(dprintf(fd, "execute reload\n"), 0);
	close(fd);
	spin(100);
	ck_assert_uint_eq(ctl.n_consoles, 0);
	ck_assert_ptr_nonnull(strstr(last_log(), "msg=\"execute reload\""));
	fd = open_console();
	ck_assert_int_gt(dprintf(fd, "?prompt\n"), 0);
	spin(50);
	ck_assert_int_gt(dprintf(fd, "execute log delete-all\n"), 0);
	close(fd);
	spin(100);
	ck_assert_uint_eq(ctl.n_consoles, 0);
	ck_assert_ptr_nonnull(strstr(last_log(), "msg=\"execute reload\""));
}
END_TEST

/* An answer that does not fit into a message. */
START_TEST(large)
{
	char	buf[65536];
	int	fd = open_console();

	large_answer = true;
	ck_assert_int_eq(run(fd, "execute reload", buf, sizeof(buf)), 302);
	ck_assert_str_eq(buf, "much to say");
	close(fd);
}
END_TEST

START_TEST(read_only)
{
	char			 buf[65536];
	int			 fd = open_console();
	struct wad_console	*c = WAD_LIST_ENTRY(ctl.consoles.next,
	    struct wad_console, link);

	c->read_only = true;
	last_edit[0] = '\0';
	run(fd, "?prompt", buf, sizeof(buf));
	ck_assert_str_eq(buf, "openwad $ ");
	ck_assert_int_eq(run(fd, "get system status", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "show", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "config system global", buf, sizeof(buf)),
	    301);
	ck_assert_ptr_nonnull(strstr(buf, "permission denied"));
	ck_assert_ptr_nonnull(strstr(last_log(), "logid=\"0100090011\""));
	ck_assert_ptr_nonnull(strstr(last_log(), "config system global"));
	ck_assert_uint_eq(c->depth, 0);
	/* so the lines of the block are no commands either */
	ck_assert_int_eq(run(fd, "set hostname x", buf, sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "end", buf, sizeof(buf)), 300);
	ck_assert_str_eq(last_edit, "");
	ck_assert_int_eq(run(fd, "execute reload", buf, sizeof(buf)), 301);
	ck_assert_int_eq(run(fd, "exec rel", buf, sizeof(buf)), 301);
	/* of three refusals in a second one is logged */
	ck_assert_uint_eq(ctl.rights.denied, 2);
	close(fd);
}
END_TEST

/* Who may what, by uid and groups. */
START_TEST(rights)
{
	struct wad_rights	r = { .starter = 500, .full = 20, .read = 30 };
	const gid_t		none[] = { 1, 2 }, full[] = { 1, 20 },
				read[] = { 30 }, both[] = { 30, 20 };

	ck_assert_int_eq(wad_rights_decide(&r, 0, 7, NULL, 0),
	    WAD_RIGHT_FULL);
	ck_assert_int_eq(wad_rights_decide(&r, 500, 7, NULL, 0),
	    WAD_RIGHT_FULL);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 7, none, 2),
	    WAD_RIGHT_NONE);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 7, full, 2),
	    WAD_RIGHT_FULL);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 20, NULL, 0),
	    WAD_RIGHT_FULL);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 7, read, 1),
	    WAD_RIGHT_READ);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 30, none, 2),
	    WAD_RIGHT_READ);
	ck_assert_int_eq(wad_rights_decide(&r, 7, 7, both, 2),
	    WAD_RIGHT_FULL);
	/* a group that is not there has no members */
	r.full = r.read = (gid_t)-1;
	ck_assert_int_eq(wad_rights_decide(&r, 7, (gid_t)-1, both, 2),
	    WAD_RIGHT_NONE);
	wad_rights_init(&r);
	ck_assert_uint_eq(r.starter, getuid());
	ck_assert_uint_eq(r.names[0].uid, 0);
	ck_assert_str_eq(r.names[0].name, "root");
}
END_TEST

START_TEST(bad_input)
{
	static char	big[WAD_CTL_IN_MAX + 4096];
	char		buf[4096];
	int		fd = open_console();

	ck_assert_int_eq(write(fd, "a\0b\n", 4), 4);
	ck_assert_int_eq(frame(fd, buf, sizeof(buf)), 300);
	memset(big, 'y', sizeof(big));
	for (size_t off = 0, i = 0; off < sizeof(big) && i < 1000; i++) {
		ssize_t n = write(fd, big + off, sizeof(big) - off);

		if (n > 0)
			off += (size_t)n;
		spin(1);
	}
	ck_assert_int_eq(frame(fd, buf, sizeof(buf)), 300);
	close(fd);
	for (int i = 0; i < WAD_CTL_CONSOLES; i++)
		open_console();
	{
		int pair[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM |
		    SOCK_NONBLOCK, 0, pair), 0);
		ctl.n_consoles = WAD_CTL_CONSOLES;
		ck_assert_ptr_null(wad_console_new(&ctl, pair[1]));
		ck_assert_int_eq(frame(pair[0], buf, sizeof(buf)), 310);
		close(pair[0]);
	}
}
END_TEST

START_TEST(log_file)
{
	char	dir[] = "/tmp/check_console.XXXXXX", path[128], buf[8192];
	int	fd;
	ssize_t	n;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/openwad.log", dir);
	wad_log_writer_open(&ctl.log, open(dir, O_RDONLY | O_DIRECTORY));
	log_put("type=\"traffic\" n=1");
	/* a full disk has filled the queue: the record waits in its ring */
	while (ctl.log.lost == 0)
		wad_log_writer_add(&ctl.log, "n=0", 3);
	ctl.log.lost = 0;
	wad_debug_pump_run(&ctl);
	ck_assert_uint_eq(ctl.log.lost, 0);
	wad_debug_pump_run(&ctl);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(lseek(fd, -60, SEEK_END), WAD_LOG_QUEUE / 2);
	n = read(fd, buf, sizeof(buf) - 1);
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	ck_assert_ptr_nonnull(strstr(buf, "n=1"));
	close(fd);
	ctl.log.limit = 10;			/* the next one rotates */
	log_put("type=\"traffic\" n=2");
	wad_log_writer_lost(&ctl.log, 3);
	wad_debug_pump_run(&ctl);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	n = read(fd, buf, sizeof(buf) - 1);
	ck_assert_int_gt(n, 0);
	buf[n] = '\0';
	close(fd);
	ck_assert_ptr_nonnull(strstr(buf, "n=2\n"));
	ck_assert_ptr_nonnull(strstr(buf, "3 log records lost"));
	ck_assert_ptr_null(strstr(buf, "n=1"));
	ck_assert_int_eq(wad_log_writer_delete(&ctl.log), 2);
	unlink(path);
	wad_log_writer_close(&ctl.log);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* `?stop` at any moment of a command that asks twice: no answer finds that its
 * asker is gone. */
START_TEST(stop)
{
	static const char	line[] = "get system performance status";
	char			buf[65536];
	int			fd = open_console();

	/* in the half second between the two questions */
	ck_assert_int_gt(dprintf(fd, "%s\n", line), 0);
	spin(100);
	ck_assert_int_eq(run(fd, "?stop", buf, sizeof(buf)), 200);
	spin(50);
	/* before the first one, and when it is under way */
	for (int turns = 1; turns < 6; turns++) {
		ck_assert_int_gt(dprintf(fd, "%s\n", line), 0);
		for (int i = 0; i < turns; i++)
			event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
		ck_assert_int_eq(run(fd, "?stop", buf, sizeof(buf)), 200);
		spin(50);
	}
	ck_assert_uint_eq(wad_ask_open(ctl.asks), 0);
	ck_assert_int_eq(run(fd, line, buf, sizeof(buf)), 200);
	ck_assert_ptr_nonnull(strstr(buf, "Uptime: "));
	close(fd);
}
END_TEST

/* A console that watches is found closed by the line that a command of its own
 * gives it, before the command goes on. */
START_TEST(gone)
{
	char	buf[65536];
	int	fd = open_console();

	run(fd, "execute log filter device memory", buf, sizeof(buf));
	run(fd, "diagnose wad debug enable all", buf, sizeof(buf));
	run(fd, "diagnose debug enable", buf, sizeof(buf));
	spin(50);
	emit("for nobody");
	ck_assert_int_gt(dprintf(fd, "execute log display\n"), 0);
	close(fd);
	spin(100);
	ck_assert_uint_eq(ctl.n_consoles, 0);
	ck_assert_uint_eq(ctl.n_watching, 0);
}
END_TEST

/* A record of one of our kinds. */
static void
record(enum wad_log_id id, unsigned port)
{
	struct wad_log_rec r;

	wad_log_begin(&r, id);
	wad_log_u64(&r, "dstport", port);
	wad_log_end(&r);
}

START_TEST(log_commands)
{
	char	dir[] = "/tmp/check_console.XXXXXX", buf[65536];
	int	fd = open_console();

	ck_assert_int_eq(run(fd, "execute log display", buf, sizeof(buf)),
	    301);			/* no folder */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	wad_log_writer_open(&ctl.log, open(dir, O_RDONLY | O_DIRECTORY));
	ck_assert_int_eq(run(fd, "execute log display", buf, sizeof(buf)),
	    200);
	ck_assert_str_eq(buf, "0 logs found.\n0 logs returned.");
	ck_assert_int_eq(run(fd, "execute log filter", buf, sizeof(buf)),
	    200);
	ck_assert_str_eq(buf, "category: traffic\ndevice: disk\n"
	    "start-line: 1\nview-lines: 10\nmax-checklines: 0");
	run(fd, "execute log filter device", buf, sizeof(buf));
	ck_assert_str_eq(buf, "Available devices:\n 0: memory\n 1: disk");
	run(fd, "execute log filter category", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "Available categories:\n 0: traffic\n "
	    "1: event\n 2: utm-virus\n 3: utm-webfilter\n"), buf);
	for (unsigned i = 0; i < 30; i++)
		record(i % 2 ? WAD_LOG_TRAFFIC_END : WAD_LOG_SYS_RELOAD, i);
	ck_assert_int_eq(run(fd, "execute log display", buf, sizeof(buf)),
	    200);
	ck_assert_ptr_eq(strstr(buf, "15 logs found.\n10 logs returned.\n"
	    "1: date="), buf);
	ck_assert_ptr_nonnull(strstr(buf, "dstport=29\n2: date="));
	ck_assert_ptr_nonnull(strstr(buf, "\n10: date="));
	ck_assert_ptr_null(strstr(buf, "dstport=28"));
	/* one of everything */
	run(fd, "execute log filter category event", buf, sizeof(buf));
	run(fd, "execute log filter device 0", buf, sizeof(buf));
	run(fd, "execute log filter view-lines 5", buf, sizeof(buf));
	run(fd, "execute log filter start-line 2", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "execute log filter field dstport 10-20",
	    buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "execute log filter field logid not "
	    "0000000013", buf, sizeof(buf)), 200);
	ck_assert_int_eq(run(fd, "execute log filter free-style "
	    "\"dstport>=12 | dstport==3\"", buf, sizeof(buf)), 200);
	run(fd, "execute log filter dump", buf, sizeof(buf));
	ck_assert_str_eq(buf, "category: event\ndevice: memory\n"
	    "start-line: 2\nview-lines: 5\nmax-checklines: 0\n"
	    "field: dstport(\"10-20\") and not logid(\"0000000013\")\n"
	    "free-style: dstport>=12 | dstport==3");
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "5 logs found.\n4 logs returned.\n"
	    "2: date="), buf);
	ck_assert_ptr_nonnull(strstr(buf, "dstport=18\n3: date="));
	/* wrong ones change nothing */
	ck_assert_int_eq(run(fd, "execute log filter free-style \"dstport=="
	    "\"", buf, sizeof(buf)), 300);
	ck_assert_ptr_nonnull(strstr(buf, "column 10: a value is missing"));
	ck_assert_int_eq(run(fd, "execute log filter category nothing", buf,
	    sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "execute log filter device 2", buf,
	    sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "execute log filter view-lines 4", buf,
	    sizeof(buf)), 300);
	ck_assert_int_eq(run(fd, "execute log filter field srcip", buf,
	    sizeof(buf)), 300);
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "5 logs found."), buf);
	/* another console has a filter of its own */
	{
		int other = open_console();

		run(other, "execute log filter", buf, sizeof(buf));
		ck_assert_ptr_eq(strstr(buf, "category: traffic\n"), buf);
		close(other);
	}
	/* deleting asks */
	run(fd, "execute log filter reset", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "execute log delete", buf, sizeof(buf)),
	    202);
	ck_assert_str_eq(buf, "This will delete disk traffic log\n"
	    "Do you want to continue? (y/n)");
	ck_assert_int_eq(run(fd, "?prompt", buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "(y/n) ");
	ck_assert_int_eq(run(fd, "n", buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "nothing was done");
	ck_assert_int_eq(run(fd, "y", buf, sizeof(buf)), 300);
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "15 logs found."), buf);
	run(fd, "execute log delete", buf, sizeof(buf));
	ck_assert_int_eq(run(fd, "y", buf, sizeof(buf)), 200);
	ck_assert_str_eq(buf, "");
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_str_eq(buf, "0 logs found.\n0 logs returned.");
	run(fd, "execute log filter category event", buf, sizeof(buf));
	run(fd, "execute log filter field logid 0100090003 0100090008", buf,
	    sizeof(buf));
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "16 logs found."), buf);
	ck_assert_ptr_nonnull(strstr(buf, "msg=\"disk traffic log deleted by "));
	ck_assert_ptr_nonnull(strstr(buf, " count=15 "));
	run(fd, "execute log filter device memory", buf, sizeof(buf));
	run(fd, "execute log delete", buf, sizeof(buf));
	run(fd, "y", buf, sizeof(buf));
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "1 logs found."), buf);
	run(fd, "execute log delete-all", buf, sizeof(buf));
	ck_assert_str_eq(buf, "This will delete all local logs.\n"
	    "Do you want to continue? (y/n)");
	ck_assert_int_eq(run(fd, "yes", buf, sizeof(buf)), 200);
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "1 logs found."), buf);
	ck_assert_ptr_nonnull(strstr(buf, "all local logs deleted by"));
	/* test records reach the category that they are of */
	run(fd, "execute log filter reset", buf, sizeof(buf));
	run(fd, "diagnose log test", buf, sizeof(buf));
	run(fd, "execute log display", buf, sizeof(buf));
	ck_assert_ptr_eq(strstr(buf, "5 logs found."), buf);
	close(fd);
	ck_assert_int_ge(wad_log_writer_delete(&ctl.log), 1);
	ck_assert_int_eq(unlinkat(ctl.log.dir, WAD_LOG_FILE, 0), 0);
	wad_log_writer_close(&ctl.log);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("console");
	TCase	*t = tcase_create("console");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 20);
	tcase_add_test(t, replies);
	tcase_add_test(t, stream);
	tcase_add_test(t, slow);
	tcase_add_test(t, config);
	tcase_add_test(t, filter);
	tcase_add_test(t, audit);
	tcase_add_test(t, audit_cut);
	tcase_add_test(t, large);
	tcase_add_test(t, quotes);
	tcase_add_test(t, values);
	tcase_add_test(t, long_block);
	tcase_add_test(t, pipes);
	tcase_add_test(t, read_only);
	tcase_add_test(t, rights);
	tcase_add_test(t, bad_input);
	tcase_add_test(t, stop);
	tcase_add_test(t, gone);
	tcase_add_test(t, log_file);
	tcase_add_test(t, log_commands);
	suite_add_tcase(s, t);
	return suite_run(s);
}
