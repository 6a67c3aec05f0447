/* SPDX-License-Identifier: MIT */
#include "cli/kit/suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define SUGGEST_WORD_MAX   64
#define SUGGEST_PREFIX_MIN 3

static int suggest_fold(char character)
{
	return tolower((unsigned char)character);
}

static size_t suggest_smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

size_t suggest_distance(const char *left, const char *right)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t *before = rows[0];
	size_t *above = rows[1];
	size_t *current = rows[2];
	size_t left_length = strlen(left);
	size_t right_length = strlen(right);

	if (left_length > SUGGEST_WORD_MAX || right_length > SUGGEST_WORD_MAX) {
		return SIZE_MAX;
	}
	for (size_t j = 0; j <= right_length; j++) {
		above[j] = j;
		before[j] = 0;
	}
	for (size_t i = 1; i <= left_length; i++) {
		current[0] = i;
		for (size_t j = 1; j <= right_length; j++) {
			int a = suggest_fold(left[i - 1]);
			int b = suggest_fold(right[j - 1]);
			size_t best = above[j - 1] + (a != b);

			best = suggest_smaller(best, suggest_smaller(above[j], current[j - 1]) + 1);
			if (i > 1 && j > 1 && a == suggest_fold(right[j - 2]) &&
			    b == suggest_fold(left[i - 2])) {
				best = suggest_smaller(best, before[j - 2] + 1);
			}
			current[j] = best;
		}
		size_t *reused = before;

		before = above;
		above = current;
		current = reused;
	}
	return above[right_length];
}

void suggest_init(struct suggest *suggest, const char *word)
{
	*suggest = (struct suggest){.word = word, .distance = SIZE_MAX};
}

void suggest_offer(struct suggest *suggest, const char *candidate)
{
	size_t length = strlen(suggest->word);
	size_t distance = suggest_distance(suggest->word, candidate);

	/* A word broken off early is far away by edits, yet leaves no doubt. */
	if (length >= SUGGEST_PREFIX_MIN && distance > 1 &&
	    strncasecmp(suggest->word, candidate, length) == 0) {
		distance = 1;
	}
	if (distance < suggest->distance) {
		suggest->distance = distance;
		suggest->best = candidate;
	}
}

const char *suggest_best(const struct suggest *suggest)
{
	size_t tolerated = strlen(suggest->word) / 3 + 1;

	return suggest->distance <= tolerated ? suggest->best : NULL;
}

const char *suggest_of(const char *word, const char *const *candidates)
{
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (; *candidates; candidates++) {
		suggest_offer(&suggest, *candidates);
	}
	return suggest_best(&suggest);
}
