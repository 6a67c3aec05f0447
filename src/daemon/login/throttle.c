/* SPDX-License-Identifier: MIT */
#include "daemon/login/throttle.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

static unsigned int count_of(const struct throttle_subject *subject)
{
	return subject->failures + subject->open;
}

static int64_t latest_s(const struct throttle_subject *subject)
{
	return subject->open > 0 && subject->open_s > subject->last_s ? subject->open_s
								      : subject->last_s;
}

static bool is_forgotten(const struct throttle_subject *subject, int64_t now_s)
{
	/* What lies ahead was noted by another clock: nobody waits until that comes. */
	return count_of(subject) == 0 || latest_s(subject) > now_s ||
	       now_s - latest_s(subject) >= THROTTLE_FORGET_S;
}

/* Compared one by one: a few microseconds, beside a quarter of a second for a password; and there
 * is no slot that another name could be made to fall into. */
static const struct throttle_subject *find(const struct throttle *throttle, const char *name)
{
	for (size_t i = 0; i < THROTTLE_SUBJECTS; i++) {
		const struct throttle_subject *subject = &throttle->subjects[i];

		if (count_of(subject) > 0 &&
		    strncasecmp(subject->name, name, THROTTLE_NAME_MAX - 1) == 0) {
			return subject;
		}
	}
	return NULL;
}

static struct throttle_subject *find_to_change(struct throttle *throttle, const char *name)
{
	const struct throttle_subject *subject = find(throttle, name);

	return subject ? &throttle->subjects[subject - throttle->subjects] : NULL;
}

/* Whether the first one is the lesser loss. */
static bool is_lesser(const struct throttle_subject *subject, const struct throttle_subject *other,
		      int64_t now_s)
{
	bool forgotten = is_forgotten(subject, now_s);

	if (forgotten != is_forgotten(other, now_s)) {
		return forgotten;
	}
	if (count_of(subject) != count_of(other)) {
		return count_of(subject) < count_of(other);
	}
	return latest_s(subject) < latest_s(other);
}

/* Known already, or in place of the least loss. */
static struct throttle_subject *find_or_make(struct throttle *throttle, const char *name,
					     int64_t now_s)
{
	struct throttle_subject *subject = find_to_change(throttle, name);

	if (subject && !is_forgotten(subject, now_s)) {
		return subject;
	}
	if (!subject) {
		subject = &throttle->subjects[0];
		for (size_t i = 1; i < THROTTLE_SUBJECTS; i++) {
			if (is_lesser(&throttle->subjects[i], subject, now_s)) {
				subject = &throttle->subjects[i];
			}
		}
	}
	*subject = (struct throttle_subject){0};
	snprintf(subject->name, sizeof(subject->name), "%s", name);
	return subject;
}

static int64_t wait_after(const struct throttle *throttle, unsigned int failures)
{
	unsigned int free_tries = throttle->free_tries ? throttle->free_tries : THROTTLE_FREE_TRIES;
	int64_t wait_s = THROTTLE_WAIT_FIRST_S;

	if (failures < free_tries) {
		return 0;
	}
	for (unsigned int i = free_tries; i < failures && wait_s < THROTTLE_WAIT_MAX_S; i++) {
		wait_s *= 2;
	}
	return wait_s < THROTTLE_WAIT_MAX_S ? wait_s : THROTTLE_WAIT_MAX_S;
}

int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s)
{
	const struct throttle_subject *subject = find(throttle, name);

	if (!subject || is_forgotten(subject, now_s)) {
		return 0;
	}
	int64_t until_s = latest_s(subject) + wait_after(throttle, count_of(subject));
	return until_s > now_s ? until_s - now_s : 0;
}

unsigned int throttle_failures(const struct throttle *throttle, const char *name)
{
	const struct throttle_subject *subject = find(throttle, name);

	return subject ? subject->failures : 0;
}

void throttle_try(struct throttle *throttle, const char *name, int64_t now_s)
{
	struct throttle_subject *subject = find_or_make(throttle, name, now_s);

	subject->open++;
	subject->open_s = now_s;
}

static void close_one(struct throttle_subject *subject)
{
	if (subject->open > 0) {
		subject->open--;
	}
}

void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s)
{
	struct throttle_subject *subject = find_or_make(throttle, name, now_s);

	close_one(subject);
	subject->failures++;
	subject->last_s = now_s;
}

void throttle_succeed(struct throttle *throttle, const char *name)
{
	struct throttle_subject *subject = find_to_change(throttle, name);

	if (subject) {
		close_one(subject);
		subject->failures = 0;
	}
}

void throttle_undo(struct throttle *throttle, const char *name)
{
	struct throttle_subject *subject = find_to_change(throttle, name);

	if (subject) {
		close_one(subject);
	}
}
