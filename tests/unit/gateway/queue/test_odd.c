/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "gateway/queue/internal.h"

#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants those above. */
#include <cmocka.h>

/* What printers and people do besides what they are asked to. */

struct fixture {
	struct world *world;
	struct world_queue open;
	char folder[PATH_MAX];
};

static const struct queue_request of_world = {.serial = WORLD_SERIAL};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->world = world_create();
	world_make_folder(fixture->folder);
	world_open(&fixture->open, fixture->world, fixture->folder);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	world_close(&fixture->open);
	world_remove_folder(fixture->folder);
	free(fixture);
	return 0;
}

static const char *reason_of(const struct world_queue *open, int64_t id)
{
	return queue_find(open->queue, id)->reason;
}

/* The printer said yes to the order; it has all the time to begin. */
static void await_sent(struct world_queue *open, int64_t id)
{
	open->queue->options.start_limit_ms = INT64_MAX;
	while (!queue_item_of(open->queue, id)->was_sent) {
		uv_run(&open->loop, UV_RUN_ONCE);
	}
}

/* It had time enough. */
static void judge(struct world_queue *open)
{
	open->queue->options.start_limit_ms = 0;
}

/* Whatever it does from now on, it is at this job. */
static void print_another(struct world *world)
{
	world->prints = true;
	world->steps_left = 0;
	strcpy(world->job, "by-hand.gcode");
}

/* Thousands of printers tell how far they are each three seconds. */
static void chooses_only_where_something_changed(void **state)
{
	struct world_queue *open = &((struct fixture *)*state)->open;
	struct queue_view view = {.serial = "OTHER1", .printer = "Other", .seen = QUEUE_SEEN_JOB};

	queue_observe(open->queue, &view);
	uint64_t chosen = open->queue->choice;
	queue_observe(open->queue, &view);
	queue_observe(open->queue, &view);
	assert_int_equal(open->queue->choice, chosen);
	view.seen = QUEUE_SEEN_IDLE;
	queue_observe(open->queue, &view);
	assert_int_equal(open->queue->choice, chosen + 1);
}

static void waits_while_somebody_else_has_the_session(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->answer = QUEUE_SENT_BUSY;
	strcpy(fixture->world->words, "somebody looks at its camera");
	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1, of_world);

	world_until_reason(open, id, "somebody looks at its camera: it is tried again");
	assert_int_equal(queue_find(open->queue, id)->state, QUEUE_WAITING);
	assert_true(queue_plate_of(open->queue, WORLD_SERIAL).is_clear);
	fixture->world->answer = QUEUE_SENT;
	queue_known_printer(open->queue, WORLD_SERIAL)->busy_until_ms = 0; /* it is time */
	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 1);
}

static void fails_where_another_job_begins(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->is_deaf = true;
	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1, of_world);
	await_sent(open, id);
	print_another(fixture->world);
	judge(open);
	world_until(open, id, QUEUE_FAILED);
	assert_non_null(strstr(reason_of(open, id), "prints another job, 'by-hand.gcode'"));
}

static void takes_a_job_without_a_name_for_its_own(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->is_deaf = true;
	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1, of_world);
	await_sent(open, id);
	print_another(fixture->world);
	fixture->world->job[0] = '\0';
	judge(open);
	world_until(open, id, QUEUE_PRINTING);
	fixture->world->prints = false;
	world_until(open, id, QUEUE_FINISHED);
	assert_string_equal(reason_of(open, id), "its end was not seen");
}

static void says_that_the_end_was_not_seen(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, 1, NULL);
	int64_t id = world_add(open, 1, of_world);
	world_until(open, id, QUEUE_PRINTING);
	print_another(fixture->world);
	world_until(open, id, QUEUE_FINISHED);
	assert_string_equal(reason_of(open, id),
			    "its end was not seen: World prints another job, 'by-hand.gcode'");
	fixture->world->prints = false;
	id = world_add(open, 2, of_world);
	world_until(open, id, QUEUE_PRINTING);
	fixture->world->prints = false;
	fixture->world->steps_left = 0;
	fixture->world->ended = QUEUE_ENDED_UNSEEN;
	world_until(open, id, QUEUE_FINISHED);
	assert_string_equal(reason_of(open, id), "its end was not seen");
}

static void knows_a_job_without_its_ending(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, 1, NULL);
	int64_t id = world_add(open, 1, of_world);
	world_until(open, id, QUEUE_PRINTING);
	strcpy(fixture->world->job, "job-1"); /* as some firmware has it */
	world_until(open, id, QUEUE_FINISHED);
	assert_string_equal(reason_of(open, id), "");
	assert_int_equal(fixture->world->starts[1], 1);
}

static void refuses_what_does_not_fit(void **state)
{
	static const struct queue_change no_change = QUEUE_NO_CHANGE;
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t id = world_add(open, 1, of_world);

	queue_retry(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	queue_remove(open->queue, id, world_done, open);
	world_await(open);
	queue_change(open->queue, id, &no_change, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	open->file_is_gone = true;
	queue_retry_forced(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	assert_non_null(strstr(open->detail, "not kept any more"));
	open->file_is_gone = false;
	queue_retry_forced(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_DONE);
	assert_true(queue_find(open->queue, id)->force);
	queue_change(open->queue, id + 1, &no_change, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_NOT_FOUND);
	queue_remove(open->queue, id + 1, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_NOT_FOUND);
	assert_true(queue_is_of(queue_find(open->queue, id), WORLD_SERIAL));
	assert_false(queue_is_of(queue_find(open->queue, id), "ANOTHER"));
	assert_false(queue_plate_of(open->queue, "ANOTHER").is_clear);
}

static void ranks_anew_where_there_is_no_room(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t last = world_add(open, 1, of_world);
	int64_t movers[] = {world_add(open, 2, of_world), world_add(open, 3, of_world)};
	bool fell = false;
	int64_t rank = queue_find(open->queue, last)->rank;

	/* Each halves the room in front of the last. */
	for (int i = 0; i < 24; i++) {
		queue_move(open->queue, movers[i % 2], last, world_done, open);
		world_await(open);
		assert_int_equal(open->result, QUEUE_DONE);
		fell = fell || queue_find(open->queue, last)->rank != rank;
		assert_ptr_equal(queue_next(open->queue, queue_find(open->queue, movers[i % 2])),
				 queue_find(open->queue, last));
	}
	assert_true(fell);
}

static void on_broken_closed(void *context)
{
	*(bool *)context = true;
}

static void there_is_no_queue_without_its_file(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue broken = {.world = fixture->world};
	const struct queue_options options = {
		.folder = "/nowhere/at/all", .log = &fixture->open.log, .context = &broken};
	struct queue_request request = of_world;
	struct queue *queue;
	bool is_closed = false;

	assert_int_equal(queue_create(&fixture->open.loop, &options, &queue), 0);
	request.path = "a.gcode";
	queue_add(queue, &request, world_done, &broken);
	assert_true(broken.answered);
	assert_int_equal(broken.result, QUEUE_BROKEN);
	assert_non_null(strstr(broken.detail, "/nowhere/at/all"));
	assert_non_null(queue_lacks_sender(queue, WORLD_SERIAL));
	uv_run(&fixture->open.loop, UV_RUN_NOWAIT);
	queue_close(queue, on_broken_closed, &is_closed);
	uv_run(&fixture->open.loop, UV_RUN_NOWAIT);
	assert_true(is_closed);
	queue_destroy(queue);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chooses_only_where_something_changed),
		TEST(waits_while_somebody_else_has_the_session),
		TEST(fails_where_another_job_begins),
		TEST(takes_a_job_without_a_name_for_its_own),
		TEST(says_that_the_end_was_not_seen),
		TEST(knows_a_job_without_its_ending),
		TEST(refuses_what_does_not_fit),
		TEST(ranks_anew_where_there_is_no_room),
		TEST(there_is_no_queue_without_its_file),
	};

	/* On a thread that ends it would leave behind what belongs to that thread. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
