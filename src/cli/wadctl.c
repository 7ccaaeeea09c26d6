/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wadctl: the other end of the console socket.  It sends lines, shows what
 * comes back, and edits lines on a terminal; everything else is known by
 * wad-control.  With words: one command.  Without: interactive, or a script
 * on standard input.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/str.h"
#include "base/xmem.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1"
#endif

/* A reply's first line, and its longest body (console.h has the same). */
enum { FRAME = 13, BODY_MAX = 64 << 20 };
/* Statuses, as in control/console.h: 1xx stream, 2xx good, 3xx not. */
enum { ST_MORE = 100, ST_STREAM_END = 101, ST_PART = 102, ST_BYE = 201, ST_ASKS = 202, ST_ERROR = 300,
	ST_DENIED = 310 };

static const char	*progname = "wadctl";
static int		 sock = -1;
static bool		 tty_raw;	/* the line editor has the screen */
static bool		 paged;		/* `output more`, and a terminal */
static volatile sig_atomic_t interrupted;	/* ^C while an answer comes */
static bool		 stopped;	/* and the other end knows */
static bool		 stream_over;
static char		 prompt_text[256] = "openwad # ";
static EditLine		*el;

static void	die(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2), noreturn));

static void
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", progname);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void	usage(FILE *, int code) __attribute__((noreturn));

static void
usage(FILE *f, int code)
{
	fprintf(f, "usage: wadctl [-hV] [-s SOCKET] [-r RUNDIR] "
	    "[COMMAND ...]\n"
	    "  -s SOCKET  console socket "
	    "(default /run/openwad/control.sock)\n"
	    "  -r RUNDIR  the socket is RUNDIR/control.sock\n"
	    "  -h         this help\n"
	    "  -V         the version\n"
	    "Without a command: interactive, or commands on standard "
	    "input.\n");
	exit(code);
}

static void
dial(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sun.sun_path))
		die("%s: the path is longer than %zu bytes", path,
		    sizeof(sun.sun_path) - 1);
	strcpy(sun.sun_path, path);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock == -1)
		die("socket: %s", strerror(errno));
	if (connect(sock, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return;
	if (errno == EACCES)
		die("%s: permission denied: the console is for root, the "
		    "user that started openwad, and the groups openwad and "
		    "openwad-ro", path);
	die("%s: %s: is openwad running? (-s and -r choose another "
	    "instance)", path, strerror(errno));
}

/* 0, or -1 when the other end is gone. */
static int
send_line(const char *line)
{
	size_t	 n = strlen(line);
	char	*buf = wad_xasprintf("%s\n", line);
	size_t	 off = 0;

	while (off < n + 1) {
		ssize_t w = send(sock, buf + off, n + 1 - off, MSG_NOSIGNAL);

		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			break;
		off += (size_t)w;
	}
	explicit_bzero(buf, n);
	free(buf);
	return off == n + 1 ? 0 : -1;
}

/* Nobody wants the rest of this answer: said once, and not answered. */
static void
stop_answer(void)
{
	if (!stopped)
		(void)send_line("?stop");
	stopped = true;
}

/* 1, 0 at the end of the stream. */
static int
read_full(char *buf, size_t n)
{
	while (n > 0) {
		ssize_t r = read(sock, buf, n);

		if (r == -1 && errno == EINTR) {
			if (interrupted)
				stop_answer();
			continue;
		}
		if (r <= 0)
			return 0;
		buf += r;
		n -= (size_t)r;
	}
	return 1;
}

/* What a terminal would take for more than text (names in the configuration,
 * and what they were made of, may hold anything) becomes question marks; in a
 * file or a pipe it stays as it is. */
static void
tame(char *s, size_t n)
{
	unsigned char before = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		/* C0, DEL; C1 in UTF-8 and as it is */
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ||
		    (c >= 0x80 && c < 0xa0 && (before < 0x80 ||
		    before == 0xc2)))
			s[i] = '?';
		before = c;
	}
}

/* One frame: its status, 0 at the end; *body is the caller's. */
static int
read_frame(char **body)
{
	char	 head[FRAME + 1], *end;
	long	 status;
	unsigned long len;

	*body = NULL;
	if (!read_full(head, FRAME))
		return 0;
	head[FRAME] = '\0';
	status = strtol(head, &end, 10);
	len = strtoul(end, &end, 10);
	if (status < 100 || status > 999 || *end != '\n' || len > BODY_MAX)
		die("what answers on this socket is not openwad");
	*body = wad_xmalloc(len + 1);
	if (!read_full(*body, len + 1)) {
		free(*body);
		*body = NULL;
		return 0;
	}
	(*body)[len] = '\0';
	if (isatty(status >= ST_ERROR ? STDERR_FILENO : STDOUT_FILENO))
		tame(*body, len);
	return (int)status;
}

/* Lines of the debug stream, above the line that is being edited. */
static void
show_stream(int status, const char *body)
{
	if (tty_raw)
		fputs("\r\033[K", stdout);
	if (tty_raw) {			/* raw terminals want the \r */
		for (const char *p = body; *p != '\0'; p++) {
			if (*p == '\n')
				putchar('\r');
			putchar(*p);
		}
		fputs("\r\n", stdout);
	} else
		puts(body);
	fflush(stdout);
	if (status == ST_STREAM_END)
		stream_over = true;
	if (tty_raw && el != NULL)
		el_set(el, EL_REFRESH);
}

/* ---- long answers on a terminal ---- */

static void
on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static unsigned
screen_lines(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 2 ?
	    w.ws_row : 24;
}

/* Waits at `--More--` for a key: how many lines may follow, 0 for the end. */
static unsigned
ask_more(void)
{
	struct termios	 old, one;
	char		 key = 'q';

	fputs("--More-- ", stdout);
	fflush(stdout);
	if (tcgetattr(STDIN_FILENO, &old) == -1)
		return screen_lines() - 1;
	one = old;
	one.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	one.c_cc[VMIN] = 1;
	one.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &one);
	if (read(STDIN_FILENO, &key, 1) != 1)
		key = 'q';
	tcsetattr(STDIN_FILENO, TCSANOW, &old);
	fputs("\r         \r", stdout);
	return key == 'q' || key == 'Q' || interrupted ? 0 : key == '\r' ||
	    key == '\n' ? 1 : screen_lines() - 1;
}

/* Whole lines of an answer; page counts what may still be shown.  False when
 * no more is wanted. */
static bool
show_answer(const char *text, unsigned *page)
{
	while (*text != '\0' && !interrupted) {
		size_t n = strcspn(text, "\n");

		n += text[n] == '\n';
		if (paged && *page == 0 && (*page = ask_more()) == 0)
			return false;
		fwrite(text, 1, n, stdout);
		text += n;
		if (paged)
			--*page;
	}
	return !interrupted;
}

/* The answer to what was sent, its last piece in *body; debug lines and the
 * pieces before are shown on the way.  *page: lines before the next pause. */
static int
read_reply(char **body, unsigned *page)
{
	for (;;) {
		int status = read_frame(body);

		if (status == 0 || status >= 200)
			return status;
		if (status != ST_PART)
			show_stream(status, *body);
		else if (!stopped && !show_answer(*body, page))
			stop_answer();
		free(*body);
	}
}

/* Sends a question of ours and takes its body; NULL when nothing came. */
static char *
ask(const char *line)
{
	unsigned page = 0;
	char	*body;
	int	 status;

	if (send_line(line) == -1)
		return NULL;
	status = read_reply(&body, &page);
	if (status == 0 || status >= ST_ERROR) {
		free(body);
		return NULL;
	}
	return body;
}

/* Runs a command and shows its answer: its status, 0 when cut off. */
static int
run_line(const char *line)
{
	unsigned page = paged ? screen_lines() - 1 : 0;
	char	*body;
	int	 status;

	interrupted = 0;
	stopped = false;
	if (send_line(line) == -1) {
		/* it may have said why before it left */
		status = read_reply(&body, &page);
		if (status < ST_ERROR) {
			free(body);
			return 0;
		}
	} else
		status = read_reply(&body, &page);
	if (status == 0)
		return 0;
	if (*body != '\0' && status >= ST_ERROR) {
		fflush(stdout);
		fprintf(stderr, "%s\n", body);
	} else if (*body != '\0' && !paged)
		puts(body);
	else if (*body != '\0' && !stopped && show_answer(body, &page))
		putchar('\n');
	fflush(stdout);
	free(body);
	return status;
}

/* Shows the stream until it ends or somebody interrupts. */
static void
follow(void)
{
	char	*body;
	int	 status;

	while (!stream_over && (status = read_frame(&body)) != 0) {
		if (status < 200)
			show_stream(status, body);
		free(body);
	}
}

/* Is this line, or words, `diagnose debug enable` (any abbreviation)? */
static bool
starts_stream(const char *line)
{
	static const char *const words[] = { "diagnose", "debug", "enable" };
	const char *p = line;

	for (size_t i = 0; i < 3; i++) {
		size_t n;

		p += strspn(p, " \t");
		n = strcspn(p, " \t\r\n");
		if (n == 0 || n > strlen(words[i]) ||
		    strncasecmp(p, words[i], n) != 0)
			return false;
		p += n;
	}
	return p[strspn(p, " \t\r\n")] == '\0';
}

/* The answer to a question: a line of standard input. */
static int
run_answer(void)
{
	char line[64];

	if (fgets(line, sizeof(line), stdin) == NULL)
		die("nothing was done: the answer is missing (a line `y` on "
		    "standard input)");
	line[strcspn(line, "\n")] = '\0';
	return run_line(line);
}

static int
run_words(int argc, char **argv)
{
	struct wad_str	line = { 0 };
	int		status;

	for (int i = 0; i < argc; i++) {
		bool quote = *argv[i] == '\0' ||
		    (argc > 1 && strpbrk(argv[i], " \t\"\\") != NULL);

		if (strchr(argv[i], '\n') != NULL)
			die("a command is one line: use standard input for "
			    "several");
		wad_str_add(&line, i > 0 ? " " : "");
		if (!quote) {
			wad_str_add(&line, argv[i]);
			continue;
		}
		wad_str_add(&line, "\"");
		for (const char *p = argv[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				wad_str_add(&line, "\\");
			wad_str_addn(&line, p, 1);
		}
		wad_str_add(&line, "\"");
	}
	status = run_line(line.s);
	while (status == ST_ASKS)
		status = run_answer();
	if (status == 0)
		die("openwad closed the console");
	if (status < ST_ERROR && starts_stream(line.s))
		follow();
	wad_str_free(&line);
	return status >= ST_ERROR ? 1 : 0;
}

/* A script's next line without its end; false at the end.  While waiting,
 * the debug stream is shown. */
static bool
script_line(struct wad_str *have, char **line)
{
	struct pollfd	 fds[2] = { { STDIN_FILENO, POLLIN, 0 },
			    { sock, POLLIN, 0 } };
	char		 buf[4096], *nl, *body;
	bool		 eof = false;
	ssize_t		 n;
	int		 status;

	for (;;) {
		nl = have->len > 0 ? memchr(have->s, '\n', have->len) : NULL;
		if (nl != NULL || (eof && have->len > 0)) {
			size_t l = nl != NULL ? (size_t)(nl - have->s) :
			    have->len;

			*line = wad_xstrndup(have->s, l);
			l += nl != NULL;
			have->len -= l;
			memmove(have->s, have->s + l, have->len + 1);
			return true;
		}
		if (eof)
			return false;
		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (fds[1].revents != 0) {
			status = read_frame(&body);
			if (status == 0)
				die("openwad closed the console");
			show_stream(status, body);
			free(body);
			if (status >= ST_ERROR)
				exit(1);
		}
		if (fds[0].revents == 0)
			continue;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n <= 0)
			eof = n == 0 || errno != EINTR;
		else
			wad_str_addn(have, buf, (size_t)n);
	}
}

static int
run_script(void)
{
	struct wad_str	have = { 0 };
	char		*line;
	unsigned	 number = 0;
	int		 code = 0, status = 0;

	free(ask("?script"));	/* a wrong line spoils its config block */
	while (script_line(&have, &line)) {
		status = run_line(line);
		number++;
		if (status == 0)
			die("line %u: openwad closed the console", number);
		if (status >= ST_ERROR) {
			char esc[120];

			fprintf(stderr, "%s: line %u failed: %s\n", progname,
			    number, wad_str_escape(esc, sizeof(esc), line,
			    strlen(line)));
			code = 1;
		}
		free(line);
		if (status == ST_BYE || status == ST_DENIED)
			break;
	}
	if (status != ST_BYE && status != ST_DENIED) {
		char *depth = ask("?depth");

		if (depth != NULL && strcmp(depth, "0") != 0) {
			fprintf(stderr, "%s: %s config block(s) without "
			    "`end`: nothing of them was changed\n",
			    progname, depth);
			code = 1;
		}
		free(depth);
	}
	fflush(stdout);
	wad_str_free(&have);
	return code;
}

/* --- the terminal --- */

static char *
prompt(EditLine *e)
{
	(void)e;
	return prompt_text;
}

static void
prompt_fetch(void)
{
	char *p = ask("?prompt");

	if (p != NULL && *p != '\0')
		snprintf(prompt_text, sizeof(prompt_text), "%s", p);
	free(p);
	p = ask("?more");
	paged = p != NULL && strcmp(p, "1") == 0 && isatty(STDOUT_FILENO);
	free(p);
}

/* One character of the keyboard; meanwhile the debug stream is shown. */
static int
get_char(EditLine *e, wchar_t *out)
{
	struct pollfd	 fds[2] = { { STDIN_FILENO, POLLIN, 0 },
			    { sock, POLLIN, 0 } };
	char		*body, mb[MB_LEN_MAX];
	mbstate_t	 state = { 0 };
	int		 status;
	size_t		 r;

	(void)e;
	for (;;) {
		if (poll(fds, 2, -1) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (fds[1].revents != 0) {
			status = read_frame(&body);
			if (status == 0) {
				fputs("\r\nopenwad closed the console\r\n",
				    stdout);
				return 0;
			}
			show_stream(status, body);
			free(body);
		}
		if (fds[0].revents == 0)
			continue;
		if (read(STDIN_FILENO, mb, 1) != 1)
			return 0;
		r = mbrtowc(out, mb, 1, &state);
		if (r == (size_t)-2)
			continue;	/* more bytes of this character */
		if (r == (size_t)-1) {
			memset(&state, 0, sizeof(state));
			continue;
		}
		return 1;
	}
}

static char *
line_now(EditLine *e, const char *before)
{
	const LineInfo	*li = el_line(e);
	int		 n = (int)(li->cursor - li->buffer);

	return wad_xasprintf("%s%.*s", before, n, li->buffer);
}

/* `?`: what may come here; inside quotes it is a character. */
static unsigned char
key_help(EditLine *e, int ch)
{
	char		*line = line_now(e, ""), *q, *body;
	bool		 quoted = false;

	(void)ch;
	for (const char *p = line; *p != '\0'; p++)
		quoted ^= *p == '"';
	if (quoted) {
		free(line);
		el_insertstr(e, "?");
		return CC_REFRESH;
	}
	q = wad_xasprintf("?complete %s", line);
	body = ask(q);
	puts("?");
	for (char *p = body; p != NULL && *p != '\0';) {
		size_t	 n = strcspn(p, "\n"), w = strcspn(p, "\t\n");

		printf("  %-24.*s  %.*s\n", (int)w, p,
		    n > w ? (int)(n - w - 1) : 0, n > w ? p + w + 1 : "");
		p += n + (p[n] == '\n');
	}
	fflush(stdout);
	free(body);
	free(q);
	free(line);
	return CC_REDISPLAY;
}

/* Tab: adds what all possible words have in common. */
static unsigned char
key_tab(EditLine *e, int ch)
{
	char	*line = line_now(e, ""), *q, *body, *word;
	size_t	 have, common = 0, hits = 0;
	char	 best[256] = "";

	(void)ch;
	word = line + strlen(line);
	while (word > line && !isspace((unsigned char)word[-1]))
		word--;
	have = strlen(word);
	q = wad_xasprintf("?complete %s", line);
	body = ask(q);
	for (char *p = body; p != NULL && *p != '\0';) {
		size_t n = strcspn(p, "\t\n");

		if (*p != '<' && n < sizeof(best)) {
			if (hits++ == 0) {
				memcpy(best, p, n);
				best[n] = '\0';
				common = n;
			} else {
				size_t k = 0;

				while (k < common && k < n && best[k] == p[k])
					k++;
				common = k;
			}
		}
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	best[common] = '\0';
	free(body);
	free(q);
	if (hits == 1 || common > have) {
		el_deletestr(e, (int)have);
		el_insertstr(e, best);
		if (hits == 1)
			el_insertstr(e, " ");
		free(line);
		return CC_REFRESH;
	}
	free(line);
	return hits == 0 ? CC_ERROR : key_help(e, '?');
}

/* ^C: the line is given up, a new one begins. */
static unsigned char
key_give_up(EditLine *e, int ch)
{
	/* in characters, as those two count; el_line has bytes */
	const LineInfoW *li = el_wline(e);

	(void)ch;
	el_cursor(e, (int)(li->lastchar - li->cursor));
	el_deletestr(e, (int)(li->lastchar - li->buffer));
	puts("^C");
	fflush(stdout);
	return CC_REDISPLAY;
}

static int
run_terminal(void)
{
	History		*hist = history_init();
	HistEvent	 ev;
	const char	*line;
	int		 n, status;

	/* ^C ends the answer that comes, by the signal, or the line, where
	 * it is a key; never the console */
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_interrupt },
	    NULL);
	el = el_init(progname, stdin, stdout, stderr);
	if (el == NULL || hist == NULL)
		die("the line editor cannot be started");
	history(hist, &ev, H_SETSIZE, 500);
	history(hist, &ev, H_SETUNIQUE, 1);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_SIGNAL, 1);
	el_set(el, EL_HIST, history, hist);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_ADDFN, "wad-help", "what may come here", key_help);
	el_set(el, EL_ADDFN, "wad-tab", "complete the word", key_tab);
	el_set(el, EL_ADDFN, "wad-give-up", "another line", key_give_up);
	el_set(el, EL_SETTY, "-d", "-isig", NULL);
	el_set(el, EL_BIND, "^C", "wad-give-up", NULL);
	el_set(el, EL_BIND, "?", "wad-help", NULL);
	el_set(el, EL_BIND, "\t", "wad-tab", NULL);
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(el, EL_GETCFN, get_char);
	for (;;) {
		char *copy;

		prompt_fetch();
		/* before the prompt, which people and scripts answer: el_gets
		 * does it behind it, where ^C would be a signal still */
		el_set(el, EL_PREP_TERM, 1);
		tty_raw = true;
		line = el_gets(el, &n);
		tty_raw = false;
		if (line == NULL || n <= 0) {
			putchar('\n');
			break;
		}
		copy = wad_xstrndup(line, strcspn(line, "\r\n"));
		if (copy[strspn(copy, " \t")] != '\0' &&
		    strstr(copy, "private-key") == NULL &&
		    strstr(copy, "passw") == NULL)
			history(hist, &ev, H_ENTER, copy);
		status = run_line(copy);
		free(copy);
		if (status == 0)
			fputs("openwad closed the console\n", stderr);
		if (status == 0 || status == ST_BYE || status == ST_DENIED)
			break;
	}
	history_end(hist);
	el_end(el);
	return 0;
}

int
main(int argc, char **argv)
{
	char	*path = NULL;
	int	 c;

	setlocale(LC_CTYPE, "");
	while ((c = getopt(argc, argv, "+s:r:hV")) != -1) {
		switch (c) {
		case 's':
			free(path);
			path = wad_xstrdup(optarg);
			break;
		case 'r':
			free(path);
			path = wad_xasprintf("%s/control.sock", optarg);
			break;
		case 'h':
			usage(stdout, 0);
		case 'V':
			printf("wadctl %s\n", PACKAGE_VERSION);
			return 0;
		default:
			usage(stderr, 2);
		}
	}
	dial(path != NULL ? path : "/run/openwad/control.sock");
	free(path);
	signal(SIGPIPE, SIG_IGN);
	if (optind < argc)
		return run_words(argc - optind, argv + optind);
	if (isatty(STDIN_FILENO))
		return run_terminal();
	return run_script();
}
