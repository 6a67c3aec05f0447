/* SPDX-License-Identifier: MIT */
#include "cloud/throttle.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static size_t slot_of(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *name; name++) {
		hash = (hash ^ (uint64_t)tolower((unsigned char)*name)) * UINT64_C(1099511628211);
	}
	return (size_t)(hash % THROTTLE_SUBJECTS);
}

/* Who shares a slot shares its fate while that lasts: the table cannot be flooded to forget. */
static const struct throttle_subject *find(const struct throttle *throttle, const char *name,
					   int64_t now_s)
{
	const struct throttle_subject *subject = &throttle->subjects[slot_of(name)];

	return subject->failures > 0 && now_s - subject->last_s < THROTTLE_FORGET_S ? subject
										    : NULL;
}

int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s)
{
	const struct throttle_subject *subject = find(throttle, name, now_s);

	return subject && subject->blocked_until_s > now_s ? subject->blocked_until_s - now_s : 0;
}

void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s)
{
	struct throttle_subject *subject = &throttle->subjects[slot_of(name)];
	int64_t wait_s = THROTTLE_WAIT_FIRST_S;

	if (!find(throttle, name, now_s)) {
		*subject = (struct throttle_subject){0};
		snprintf(subject->name, sizeof(subject->name), "%s", name);
	}
	subject->failures++;
	subject->last_s = now_s;
	if (subject->failures < THROTTLE_FREE_TRIES) {
		return;
	}
	for (unsigned int i = THROTTLE_FREE_TRIES;
	     i < subject->failures && wait_s < THROTTLE_WAIT_MAX_S; i++) {
		wait_s *= 2;
	}
	subject->blocked_until_s = now_s +
				   (wait_s < THROTTLE_WAIT_MAX_S ? wait_s : THROTTLE_WAIT_MAX_S);
}

void throttle_succeed(struct throttle *throttle, const char *name)
{
	struct throttle_subject *subject = &throttle->subjects[slot_of(name)];

	if (strcasecmp(subject->name, name) == 0) {
		*subject = (struct throttle_subject){0};
	}
}
