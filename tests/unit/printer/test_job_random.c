/* SPDX-License-Identifier: MIT */

/*
 * Two jobs as an M5C would tell them, or an M5, which says only what has changed; then what a
 * network may do to them: messages are repeated, lost, overtaken, or the connection is gone for a
 * while. Whatever happens, the events must still be a possible life of two jobs; where nothing is
 * lost, the true one.
 */
#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS         2000
#define MESSAGES_MAX 1024
#define PAYLOAD_MAX  128
#define NOTICE_MS    3000
#define PAUSE_MS     60000
#define LOST_MESSAGE "lost"

struct message {
	int64_t t_ms;
	int64_t order; /* of messages of the same time */
	bool lost;     /* not delivered */
	char what[PAYLOAD_MAX];
};

struct story {
	uint32_t random;
	struct message messages[MESSAGES_MAX];
	size_t count;
	int64_t t_ms;
	int64_t start_ms[2];
	bool finished[2]; /* else stopped */
	bool with_task;
	bool on_change; /* a state is said once, as an M5 does */
	int state;
	size_t pauses;
};

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

static void tell(struct story *story, uint32_t seed, bool on_change)
{
	memset(story, 0, sizeof(*story));
	story->random = seed * 2654435761u + 1;
	story->with_task = roll(story, 2);
	story->on_change = on_change;
	say(story, "s0");
	story->t_ms += PAUSE_MS;
	tell_job(story, 0);
	tell_job(story, 1);
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

/* Delays below what counts as overtaken; messages of one moment change places. */
static void jitter(struct story *story)
{
	for (size_t i = 0; i < story->count; i++) {
		story->messages[i].t_ms += roll(story, 900);
	}
	qsort(story->messages, story->count, sizeof(story->messages[0]), compare);
}

static void repeat(struct story *story)
{
	for (size_t n = story->count / 3; n > 0 && story->count < MESSAGES_MAX; n--) {
		size_t i = roll(story, (uint32_t)story->count);
		story->messages[story->count] = story->messages[i];
		story->messages[story->count].t_ms += roll(story, 900);
		story->count++;
	}
	qsort(story->messages, story->count, sizeof(story->messages[0]), compare);
}

static void lose(struct story *story, uint32_t percent)
{
	for (size_t i = 0; i < story->count; i++) {
		story->messages[i].lost |= roll(story, 100) < percent;
	}
}

/* Whole notices change places: worse than any network does. */
static void swap(struct story *story)
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

static void cut_connection(struct story *story)
{
	size_t from = roll(story, (uint32_t)story->count);
	size_t until = from + roll(story, (uint32_t)(story->count - from));

	for (size_t i = from; i < until; i++) {
		story->messages[i].lost = true;
	}
	story->messages[from].lost = false;
	snprintf(story->messages[from].what, PAYLOAD_MAX, LOST_MESSAGE);
}

/* The automaton of a possible life, fed with events. */
struct life {
	const struct story *story;
	uint32_t seed;
	size_t begun; /* jobs */
	size_t prepared;
	size_t started;
	size_t ended;
	size_t paused;
	size_t resumed;
	bool active;
	bool running;
	bool is_paused;
	int64_t percent;
	int64_t layer;
	enum printer_event_kind end[2];
	bool gap;
};

static void begin_life(struct life *life)
{
	life->begun++;
	life->active = true;
	life->running = false;
	life->is_paused = false;
	life->percent = 0;
	life->layer = 0;
}

/* A job of which the beginning was not heard is joined without a word. */
static bool may_be_active(const struct life *life)
{
	return life->active || life->gap || (life->begun == 0 && life->ended == 0);
}

static void check_pause(struct life *life, const struct printer_event *event)
{
	bool pause = event->kind == PRINTER_EVENT_JOB_PAUSED;

	assert_true(may_be_active(life));
	assert_true(life->is_paused != pause || life->begun == 0 || life->gap);
	life->is_paused = pause;
	life->paused += pause;
	life->resumed += !pause;
}

static void check_end(struct life *life, const struct printer_event *event)
{
	assert_true(may_be_active(life));
	assert_true(life->ended < 2);
	life->end[life->ended++] = event->kind;
	life->active = false;
}

static void check_growth(int64_t *told, const struct life *life, int64_t number)
{
	/* Across a lost connection, another job may have begun without a word. */
	assert_true(number > *told || life->gap);
	assert_true(may_be_active(life));
	*told = number;
}

static void check_event(const struct printer_event *event, void *context)
{
	struct life *life = context;

	switch (event->kind) {
	case PRINTER_EVENT_JOB_PREPARING:
		assert_false(life->active && !life->gap);
		begin_life(life);
		life->prepared++;
		break;
	case PRINTER_EVENT_JOB_STARTED:
		assert_false(life->active && life->running);
		if (!life->active) {
			begin_life(life);
		}
		life->running = true;
		life->started++;
		assert_true(event->t_ms >= life->story->start_ms[0] - NOTICE_MS);
		break;
	case PRINTER_EVENT_JOB_PAUSED:
	case PRINTER_EVENT_JOB_RESUMED:
		check_pause(life, event);
		break;
	case PRINTER_EVENT_JOB_FINISHED:
	case PRINTER_EVENT_JOB_STOPPED:
		check_end(life, event);
		break;
	case PRINTER_EVENT_PROGRESS:
		check_growth(&life->percent, life, event->number);
		break;
	case PRINTER_EVENT_LAYER:
		check_growth(&life->layer, life, event->number);
		break;
	default:
		assert_int_equal(event->kind, PRINTER_EVENT_ONLINE);
		break;
	}
	assert_true(life->begun <= 2 && life->started <= 2 && life->prepared <= 2);
}

static void live(const struct story *story, struct life *life)
{
	static struct printer_state state;
	char payload[PAYLOAD_MAX * 8];

	*life = (struct life){.story = story};
	printer_state_init(&state, "AK1", NULL, FLAGSHIP_MODEL_M5C);
	for (size_t i = 0; i < story->count; i++) {
		const struct message *message = &story->messages[i];
		if (message->lost) {
			continue;
		}
		if (strcmp(message->what, LOST_MESSAGE) == 0) {
			printer_state_connection_lost(&state);
			life->gap = true;
			continue;
		}
		script_payload(message->what, payload, sizeof(payload));
		assert_int_equal(printer_state_apply(&state, payload, strlen(payload),
						     message->t_ms, check_event, life),
				 0);
	}
	printer_state_settle(&state, check_event, life);
}

static enum printer_event_kind true_end(const struct story *story, size_t job)
{
	return story->finished[job] ? PRINTER_EVENT_JOB_FINISHED : PRINTER_EVENT_JOB_STOPPED;
}

static struct story story;
static struct life life;

static void check_complete(void)
{
	assert_int_equal(life.prepared, 2);
	assert_int_equal(life.started, 2);
	assert_int_equal(life.ended, 2);
	assert_int_equal(life.end[0], true_end(&story, 0));
	assert_int_equal(life.end[1], true_end(&story, 1));
}

static void test_untouched(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, seed % 3 == 0);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
		assert_int_equal(life.resumed, story.pauses);
	}
}

static void test_repeated_and_overtaken(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, seed % 3 == 0);
		jitter(&story);
		repeat(&story);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
		assert_int_equal(life.resumed, story.pauses);
	}
}

static void test_lost(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, seed % 3 == 0);
		lose(&story, 1 + seed % 80);
		jitter(&story);
		repeat(&story);
		live(&story, &life);
	}
}

static void test_few_lost(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, false);
		/* One in a hundred: what is said every three seconds is heard in the end. */
		lose(&story, 1);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
	}
}

static void test_swapped(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, false);
		swap(&story);
		live(&story, &life);
		check_complete();
	}
}

static void test_connection_lost(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		tell(&story, seed, false);
		cut_connection(&story);
		live(&story, &life);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untouched), cmocka_unit_test(test_repeated_and_overtaken),
		cmocka_unit_test(test_lost),      cmocka_unit_test(test_few_lost),
		cmocka_unit_test(test_swapped),   cmocka_unit_test(test_connection_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
