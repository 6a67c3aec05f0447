/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEMORY_LIST_H
#define BASE_MEMORY_LIST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A ring of places that lie inside of what is listed: to add and to remove costs the same with one
 * and with many, and needs no memory. The head is a place of its own.
 */
struct list {
	struct list *previous;
	struct list *next;
};

/* What a place lies in. */
#define LIST_OF(place, type, member) ((type *)(void *)((char *)(place)-offsetof(type, member)))

static inline void list_init(struct list *place)
{
	place->previous = place;
	place->next = place;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

/* Before `next`: at the end, where that is the head. */
static inline void list_insert(struct list *next, struct list *place)
{
	place->previous = next->previous;
	place->next = next;
	next->previous->next = place;
	next->previous = place;
}

/* What is in no list, but was initialised, may be removed again. */
static inline void list_remove(struct list *place)
{
	/* Its neighbours are in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	place->previous->next = place->next;
	place->next->previous = place->previous;
	list_init(place);
}

/* Moves all to the end of another list. */
static inline void list_move_all(struct list *to, struct list *from)
{
	if (list_is_empty(from)) {
		return;
	}
	from->next->previous = to->previous;
	to->previous->next = from->next;
	from->previous->next = to;
	to->previous = from->previous;
	list_init(from);
}

#endif
