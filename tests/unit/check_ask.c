/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions: answered, late, cancelled, failed, sent again, and the bound.
 */
#include <check.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/ask.h"
#include "suite.h"

struct peer {
	struct wad_ask_table *t;
	unsigned	 seen;		/* questions that arrived */
	bool		 answers;
	unsigned	 answered, nobody;
};

static void
on_answer(void *arg, struct wad_msg_in *m)
{
	struct peer *p = arg;

	if (m != NULL)
		p->answered++;
	else
		p->nobody++;
}

/* The other side: echoes the id. */
static int
on_question(void *arg, struct wad_chan *ch, struct wad_msg_in *m)
{
	struct peer	*p = arg;
	struct wad_msg	 out;

	p->seen++;
	if (!p->answers)
		return 0;
	wad_msg_init(&out, WAD_MSG_CTL_ANSWER, m->id);
	ck_assert_int_eq(wad_chan_send(ch, &out), 0);
	wad_msg_free(&out);
	return 0;
}

static int
on_reply(void *arg, struct wad_chan *ch, struct wad_msg_in *m)
{
	struct peer *p = arg;

	(void)ch;
	(void)wad_ask_answer(p->t, m);
	return 0;
}

struct fixture {
	struct event_base *base;
	struct wad_chan	*a, *b;
	struct peer	 p;
};

static void
begin(struct fixture *f, bool answers)
{
	int fd[2];

	memset(f, 0, sizeof(*f));
	f->base = event_base_new();
	f->p.t = wad_ask_table_new(f->base, 4);
	f->p.answers = answers;
	ck_assert_int_eq(wad_msg_pair(fd), 0);
	f->a = wad_chan_new(f->base, fd[0], "a", on_reply, NULL, &f->p);
	f->b = wad_chan_new(f->base, fd[1], "b", on_question, NULL, &f->p);
}

static void
finish(struct fixture *f)
{
	wad_chan_free(f->a);
	wad_chan_free(f->b);
	wad_ask_table_free(f->p.t);
	event_base_free(f->base);
}

static uint32_t
ask(struct fixture *f, struct wad_chan *ch, unsigned ms)
{
	struct wad_msg	m;
	uint32_t	id;

	wad_msg_init(&m, WAD_MSG_CTL_STATUS, 0);
	id = wad_ask_send(f->p.t, ch, &m, ms, on_answer, &f->p);
	wad_msg_free(&m);
	return id;
}

static void
run_ms(struct fixture *f, int ms)
{
	struct timeval tv = { 0, ms * 1000 };

	event_base_loopexit(f->base, &tv);
	event_base_loop(f->base, 0);
}

START_TEST(test_answer)
{
	struct fixture	f;
	uint32_t	a, b;

	begin(&f, true);
	a = ask(&f, f.a, 5000);
	b = ask(&f, f.a, 5000);
	ck_assert_uint_ne(a, 0);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(f.p.answered, 0);	/* never from inside send */
	run_ms(&f, 20);
	ck_assert_uint_eq(f.p.answered, 2);
	ck_assert_uint_eq(f.p.nobody, 0);
	ck_assert_uint_eq(wad_ask_open(f.p.t), 0);
	finish(&f);
}
END_TEST

START_TEST(test_late)
{
	struct fixture f;

	begin(&f, false);
	ask(&f, f.a, 50);
	ask(&f, NULL, 50);		/* role is down */
	run_ms(&f, 20);
	ck_assert_uint_eq(f.p.nobody, 0);
	run_ms(&f, 300);
	ck_assert_uint_eq(f.p.nobody, 2);
	ck_assert_uint_eq(f.p.seen, 1);
	ck_assert_uint_eq(wad_ask_open(f.p.t), 0);
	finish(&f);
}
END_TEST

START_TEST(test_cancel)
{
	struct fixture	f;
	uint32_t	id;

	begin(&f, true);
	id = ask(&f, f.a, 50);
	wad_ask_cancel(f.p.t, id);
	wad_ask_cancel(f.p.t, id);	/* again: nothing */
	ck_assert_uint_eq(wad_ask_open(f.p.t), 0);
	run_ms(&f, 250);
	ck_assert_uint_eq(f.p.seen, 1);	/* its answer finds nobody */
	ck_assert_uint_eq(f.p.answered + f.p.nobody, 0);
	finish(&f);
}
END_TEST

START_TEST(test_bound_and_failure)
{
	struct fixture	f;
	int		i;

	begin(&f, false);
	for (i = 0; i < 4; i++)
		ck_assert_uint_ne(ask(&f, NULL, 5000), 0);
	ck_assert_uint_eq(ask(&f, NULL, 5000), 0);
	finish(&f);

	/* Nobody at the other end: known in the next turn. */
	begin(&f, false);
	wad_chan_free(f.b);
	f.b = NULL;
	ck_assert_uint_ne(ask(&f, f.a, 5000), 0);
	ck_assert_uint_eq(f.p.nobody, 0);
	event_base_loop(f.base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(f.p.nobody, 1);
	finish(&f);
}
END_TEST

START_TEST(test_resend)
{
	struct fixture f;

	begin(&f, true);
	ask(&f, NULL, 5000);
	ask(&f, NULL, 5000);
	run_ms(&f, 20);
	ck_assert_uint_eq(f.p.seen, 0);
	/* Another role is none of their business. */
	wad_ask_resend(f.p.t, f.a, "keys");
	run_ms(&f, 20);
	ck_assert_uint_eq(f.p.seen, 0);
	wad_ask_resend(f.p.t, f.a, "parent");
	run_ms(&f, 20);
	ck_assert_uint_eq(f.p.seen, 2);
	ck_assert_uint_eq(f.p.answered, 2);
	finish(&f);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ask");
	TCase	*t = tcase_create("ask");

	tcase_add_test(t, test_answer);
	tcase_add_test(t, test_late);
	tcase_add_test(t, test_cancel);
	tcase_add_test(t, test_bound_and_failure);
	tcase_add_test(t, test_resend);
	suite_add_tcase(s, t);
	return suite_run(s);
}
