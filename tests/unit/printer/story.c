/* SPDX-License-Identifier: MIT */
#include "story.h"

#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* xorshift32 */
static uint32_t roll(struct story *story, uint32_t sides)
{
	story->random ^= story->random << 13;
	story->random ^= story->random >> 17;
	story->random ^= story->random << 5;
	return story->random % sides;
}

static void say(struct story *story, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct story *story, const char *format, ...)
{
	assert_true(story->count < MESSAGES_MAX);
	struct message *message = &story->messages[story->count];
	va_list arguments;

	message->t_ms = story->t_ms;
	message->order = (int64_t)story->count++;
	va_start(arguments, format);
	vsnprintf(message->what, sizeof(message->what), format, arguments);
	va_end(arguments);
}

static void say_state(struct story *story, int state)
{
	if (state != story->state || !story->on_change) {
		say(story, "s%d", state);
	}
	story->state = state;
}

static void say_notice(struct story *story, size_t job, int progress, int state)
{
	char identity[PAYLOAD_MAX];

	snprintf(identity, sizeof(identity), "j%s/job%zu",
		 story->with_task ? (job ? "B" : "A") : "", job);
	if (roll(story, 2) && !story->on_change) {
		say(story, "%s+p%d+l%d/50+s%d", identity, progress, progress / 200, state);
	} else {
		say(story, "%s+p%d", identity, progress);
		say(story, "l%d/50", progress / 200);
		say_state(story, state);
	}
	story->t_ms += NOTICE_MS;
}

static void tell_job(struct story *story, size_t job)
{
	int progress = 0;
	bool finish = roll(story, 2);
	bool pause = roll(story, 2);

	for (uint32_t i = 5 + roll(story, 5); i > 0; i--) {
		say_notice(story, job, 0, 8);
	}
	story->start_ms[job] = story->t_ms;
	for (uint32_t i = 0; i < 30; i++) {
		say_notice(story, job, progress, 1);
		progress += (int)roll(story, 300);
		if (i == 15 && pause) {
			for (uint32_t k = 0; k < 5; k++) {
				say_notice(story, job, progress, 2);
			}
			story->pauses++;
		}
	}
	for (uint32_t i = 0; finish && i < 4; i++) {
		say_notice(story, job, 10000, 1);
	}
	story->finished[job] = finish;
	for (uint32_t i = 0; i < 4; i++) {
		say_state(story, 4);
		story->t_ms += NOTICE_MS;
	}
	for (uint32_t i = 0; i < 4; i++) {
		say_state(story, 0);
		story->t_ms += NOTICE_MS;
	}
	story->t_ms += PAUSE_MS;
}

/* What comes late of the job that is over, and of its 100 % at the start of the next. */
static void tell_leftovers(struct story *story, size_t job)
{
	if (!story->leftovers) {
		return;
	}
	story->t_ms += NOTICE_MS;
	say(story, "s1");
	if (story->with_task) {
		say(story, "j%s/job%zu", job ? "B" : "A", job);
	}
	story->t_ms += PAUSE_MS / 2;
	say(story, "s1");
	say(story, "s0");
	story->state = 0;
	story->t_ms += PAUSE_MS;
}

void story_tell(struct story *story, uint32_t seed, bool on_change)
{
	bool leftovers = story->leftovers;

	memset(story, 0, sizeof(*story));
	story->leftovers = leftovers;
	story->random = seed * 2654435761u + 1;
	story->with_task = roll(story, 2);
	story->on_change = on_change;
	say(story, "s0");
	story->t_ms += PAUSE_MS;
	tell_job(story, 0);
	tell_leftovers(story, 0);
	if (leftovers) {
		say(story, "s8+p10000");
		story->t_ms += NOTICE_MS;
	}
	tell_job(story, 1);
	tell_leftovers(story, 1);
	say(story, "s0");
}

static int compare(const void *a, const void *b)
{
	const struct message *first = a;
	const struct message *second = b;

	if (first->t_ms != second->t_ms) {
		return first->t_ms < second->t_ms ? -1 : 1;
	}
	return first->order < second->order ? -1 : first->order > second->order;
}

void story_jitter(struct story *story)
{
	for (size_t i = 0; i < story->count; i++) {
		story->messages[i].t_ms += roll(story, 900);
	}
	qsort(story->messages, story->count, sizeof(story->messages[0]), compare);
}

void story_repeat(struct story *story)
{
	for (size_t n = story->count / 3; n > 0 && story->count < MESSAGES_MAX; n--) {
		size_t i = roll(story, (uint32_t)story->count);
		story->messages[story->count] = story->messages[i];
		story->messages[story->count].t_ms += roll(story, 900);
		story->count++;
	}
	qsort(story->messages, story->count, sizeof(story->messages[0]), compare);
}

void story_lose(struct story *story, uint32_t percent)
{
	for (size_t i = 0; i < story->count; i++) {
		story->messages[i].lost |= roll(story, 100) < percent;
	}
}

void story_swap(struct story *story)
{
	for (size_t i = 0; i + 1 < story->count; i++) {
		struct message *message = &story->messages[i];
		char what[PAYLOAD_MAX];

		if (message[1].t_ms - message->t_ms <= NOTICE_MS && roll(story, 10) == 0) {
			memcpy(what, message->what, sizeof(what));
			memcpy(message->what, message[1].what, sizeof(what));
			memcpy(message[1].what, what, sizeof(what));
		}
	}
}

void story_cut_connection(struct story *story)
{
	size_t from = roll(story, (uint32_t)story->count);
	size_t until = from + roll(story, (uint32_t)(story->count - from));

	for (size_t i = from; i < until; i++) {
		story->messages[i].lost = true;
	}
	story->messages[from].lost = false;
	snprintf(story->messages[from].what, PAYLOAD_MAX, LOST_MESSAGE);
}
