/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_SUGGEST_H
#define CLI_KIT_SUGGEST_H

#include <stddef.h>

/*
 * Finds the candidate that somebody who wrote `word` probably meant. Borrows all strings. Treat the
 * members as private.
 */
struct suggest {
	const char *word;
	const char *best;
	size_t distance;
};

void suggest_init(struct suggest *suggest, const char *word);
void suggest_offer(struct suggest *suggest, const char *candidate);

/* NULL where nothing offered is near enough to be worth a mention. */
const char *suggest_best(const struct suggest *suggest);

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn one word into the other;
 * letters count the same in either case. Words longer than 64 bytes: SIZE_MAX.
 */
size_t suggest_distance(const char *left, const char *right);

/* The nearest of a NULL-terminated list, or NULL. */
const char *suggest_of(const char *word, const char *const *candidates);

#endif
