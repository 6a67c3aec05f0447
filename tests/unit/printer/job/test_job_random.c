/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "script.h"
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define RUNS 1000

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
		assert_int_equal(apply_json(&state, payload, message->t_ms, check_event, life), 0);
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
		story_tell(&story, seed, seed % 3 == 0);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
		assert_int_equal(life.resumed, story.pauses);
	}
}

static void test_leftovers(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		story.leftovers = true;
		story_tell(&story, seed, false);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
		assert_int_equal(life.resumed, story.pauses);
	}
	story.leftovers = false;
}

static void test_repeated_and_overtaken(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		story_tell(&story, seed, seed % 3 == 0);
		story_jitter(&story);
		story_repeat(&story);
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
		story_tell(&story, seed, seed % 3 == 0);
		story_lose(&story, 1 + seed % 80);
		story_jitter(&story);
		story_repeat(&story);
		live(&story, &life);
	}
}

static void test_few_lost(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		story_tell(&story, seed, false);
		/* One in a hundred: what is said every three seconds is heard in the end. */
		story_lose(&story, 1);
		live(&story, &life);
		check_complete();
		assert_int_equal(life.paused, story.pauses);
	}
}

static void test_swapped(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		story_tell(&story, seed, false);
		story_swap(&story);
		live(&story, &life);
		check_complete();
	}
}

static void test_connection_lost(void **context)
{
	(void)context;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		story_tell(&story, seed, false);
		story_cut_connection(&story);
		live(&story, &life);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leftovers),
		cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_repeated_and_overtaken),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_few_lost),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_connection_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
