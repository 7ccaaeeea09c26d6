/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intrusive doubly linked list with a head that is a link itself.
 */
#ifndef WAD_BASE_LIST_H
#define WAD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct wad_list {
	struct wad_list *next, *prev;
};

#define WAD_LIST_ENTRY(link, type, field)				\
	((type *)(void *)((char *)(link) - offsetof(type, field)))

/* Safe against removal of the entry itself. */
#define WAD_LIST_EACH(head, l, tmp)					\
	for ((l) = (head)->next, (tmp) = (l)->next; (l) != (head);	\
	    (l) = (tmp), (tmp) = (l)->next)

static inline void
wad_list_init(struct wad_list *h)
{
	h->next = h->prev = h;
}

static inline bool
wad_list_empty(const struct wad_list *h)
{
	return h->next == h;
}

static inline void
wad_list_append(struct wad_list *h, struct wad_list *e)
{
	e->prev = h->prev;
	e->next = h;
	h->prev->next = e;
	h->prev = e;
}

static inline void
wad_list_remove(struct wad_list *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	e->next = e->prev = e;
}

#endif
