/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants those above. */
#include <cmocka.h>

#include <openssl/crypto.h>

struct fixture {
	struct world *world;
	struct world_queue open;
	char folder[PATH_MAX];
};

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

static void restart(struct fixture *fixture)
{
	world_close(&fixture->open);
	world_open(&fixture->open, fixture->world, fixture->folder);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	world_close(&fixture->open);
	world_remove_folder(fixture->folder);
	free(fixture);
	return 0;
}

static const struct queue_request of_world = {.serial = WORLD_SERIAL};

static void prints_once_the_plate_is_clear(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t id = world_add(open, 1, of_world);
	int64_t next = world_add(open, 2, of_world);

	world_until_reason(open, id, "the plate of World is to be confirmed as clear");
	assert_int_equal(fixture->world->starts[1], 0);
	world_plate(open, 1, -1, NULL);
	assert_int_equal(open->result, QUEUE_DONE);
	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 1);
	world_until_reason(open, next, "the plate of World");
	assert_int_equal(fixture->world->starts[2], 0);
	assert_false(queue_plate_of(open->queue, WORLD_SERIAL).is_clear);
}

static void keeps_what_it_was_told(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t id = world_add(open, 1,
			       (struct queue_request){.serial = WORLD_SERIAL,
						      .copies = 3,
						      .hold = true,
						      .force = true,
						      .material = "PETG",
						      .not_before_ms = INT64_C(99999999999999)});

	world_plate(open, 1, 1, "PLA");
	restart(fixture);
	const struct queue_entry *entry = queue_find(open->queue, id);

	assert_non_null(entry);
	assert_string_equal(entry->path, "parts/job-1.gcode");
	assert_string_equal(entry->name, "job-1.gcode");
	assert_string_equal(entry->material, "PETG");
	assert_string_equal(entry->asker, "test");
	assert_int_equal(entry->copies, 3);
	assert_true(entry->hold && entry->force);
	assert_true(entry->not_before_ms == INT64_C(99999999999999));
	struct queue_plate plate = queue_plate_of(open->queue, WORLD_SERIAL);

	assert_true(plate.is_clear && plate.auto_clear);
	assert_string_equal(plate.material, "PLA");
}

static void prints_copies_of_a_printer_that_clears_itself(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, -1, 1, NULL);
	int64_t id = world_add(open, 1,
			       (struct queue_request){.model = FLAGSHIP_MODEL_M5C, .copies = 3});

	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 3);
	assert_int_equal(queue_find(open->queue, id)->copies_done, 3);
}

static void says_why_it_waits(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, -1, "PLA");
	open->lacks = "its address is not known";
	int64_t id = world_add(open, 1,
			       (struct queue_request){.serial = WORLD_SERIAL, .material = "PETG"});

	world_until_reason(open, id, "World: its address is not known");
	open->lacks = NULL;
	world_until_reason(open, id, "World is loaded with PLA, and it wants PETG");
	fixture->world->offline = true;
	struct queue_change change = QUEUE_NO_CHANGE;

	change.material = "pla";
	queue_change(open->queue, id, &change, world_done, open);
	world_await(open);
	world_until_reason(open, id, "World is offline");
	change.hold = 1;
	queue_change(open->queue, id, &change, world_done, open);
	world_await(open);
	world_until_reason(open, id, "it is held");
	change.hold = 0;
	change.not_before_ms = INT64_C(4102444800000);
	queue_change(open->queue, id, &change, world_done, open);
	world_await(open);
	world_until_reason(open, id, "not before 2100-01-01 00:00:00 UTC");
	change.not_before_ms = 0;
	queue_change(open->queue, id, &change, world_done, open);
	world_await(open);
	open->file_is_gone = true;
	fixture->world->offline = false;
	world_until_reason(open, id, "the file is not kept any more");
	int64_t any = (open->file_is_gone = false,
		       world_add(open, 2, (struct queue_request){.model = FLAGSHIP_MODEL_M5}));

	world_until_reason(open, any, "the gateway has no M5");
}

static void never_starts_over_a_job(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, 1, NULL);
	strcpy(fixture->world->job, "by-hand.gcode");
	fixture->world->prints = true;
	int64_t id = world_add(open, 1, of_world);

	world_until_reason(open, id, "World prints 'by-hand.gcode'");
	world_plate(open, 1, -1, NULL);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	fixture->world->steps_left = 1;
	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 1);
}

static void gives_the_upload_up_when_a_job_begins(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, 1, NULL);
	int64_t id = world_add(open, 1, of_world);

	world_until(open, id, QUEUE_UPLOADING);
	strcpy(fixture->world->job, "by-hand.gcode");
	fixture->world->prints = true;
	world_until_reason(open, id, "World prints 'by-hand.gcode'");
	assert_int_equal(queue_find(open->queue, id)->state, QUEUE_WAITING);
	assert_int_equal(fixture->world->starts[1], 0);
}

static void prints_where_the_printer_heats_while_it_is_sent(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	strcpy(fixture->world->job, "last.gcode");
	world_plate(open, 1, 1, NULL);
	int64_t id = world_add(open, 1, of_world);

	/* It heats because of what comes, not before. */
	while (queue_progress(open->queue, queue_find(open->queue, id)) < 0) {
		uv_run(&open->loop, UV_RUN_ONCE);
	}
	fixture->world->heats = true;
	world_until(open, id, QUEUE_PRINTING);
	fixture->world->heats = false;
	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 1);
}

static void says_what_the_printer_refused(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->answer = QUEUE_SENT_NOT;
	strcpy(fixture->world->words, "the printer is busy");
	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1, of_world);

	world_until(open, id, QUEUE_FAILED);
	assert_string_equal(queue_find(open->queue, id)->reason, "the printer is busy");
	assert_true(queue_plate_of(open->queue, WORLD_SERIAL).is_clear);
	fixture->world->answer = QUEUE_SENT;
	queue_retry(open->queue, id, world_done, open);
	world_await(open);
	world_until(open, id, QUEUE_FINISHED);
	assert_int_equal(fixture->world->starts[1], 1);
}

static void fails_where_nothing_begins(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->is_deaf = true;
	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1, of_world);

	world_until(open, id, QUEUE_FAILED);
	assert_non_null(strstr(queue_find(open->queue, id)->reason,
			       "took the file, and did not begin to print it"));
}

static void asks_where_the_order_is_lost(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->is_deaf = true;
	fixture->world->answer = QUEUE_SENT_PERHAPS;
	world_plate(open, 1, 1, NULL);
	int64_t id = world_add(open, 1, of_world);
	int64_t next = world_add(open, 2, of_world);

	world_until_doubtful(open, id);
	assert_string_equal(queue_find(open->queue, id)->reason,
			    "started or not: look at World and choose");
	world_until_reason(open, next, "whether 'job-1.gcode' was started on World");
	restart(fixture);
	assert_true(queue_find(open->queue, id)->is_doubtful);
	queue_remove(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(queue_find(open->queue, id)->state, QUEUE_CANCELLED);
	fixture->world->is_deaf = false;
	fixture->world->answer = QUEUE_SENT;
	world_until(open, next, QUEUE_FINISHED);
}

static void is_cancelled_where_the_job_is_stopped(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	world_plate(open, 1, -1, NULL);
	int64_t id = world_add(open, 1,
			       (struct queue_request){.serial = WORLD_SERIAL, .copies = 2});

	world_until(open, id, QUEUE_PRINTING);
	queue_remove(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	fixture->world->steps_left = 0;
	fixture->world->prints = false;
	fixture->world->ended = QUEUE_ENDED_STOPPED;
	world_until(open, id, QUEUE_CANCELLED);
	assert_string_equal(queue_find(open->queue, id)->reason, "it was stopped");
}

static void keeps_the_order_that_it_is_given(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t ids[4];

	for (int i = 0; i < 3; i++) {
		ids[i] = world_add(open, i, of_world);
	}
	ids[3] = world_add(open, 3, (struct queue_request){.serial = WORLD_SERIAL, .front = true});
	for (int i = 0; i < 30; i++) {
		queue_move(open->queue, ids[2], ids[0], world_done, open);
		world_await(open);
		queue_move(open->queue, ids[1], ids[2], world_done, open);
		world_await(open);
		queue_move(open->queue, ids[2], ids[1], world_done, open);
		world_await(open);
	}
	queue_move(open->queue, ids[3], QUEUE_TO_BACK, world_done, open);
	world_await(open);
	restart(fixture);
	const int64_t order[] = {ids[2], ids[1], ids[0], ids[3]};
	const struct queue_entry *entry = NULL;

	for (size_t i = 0; i < 4; i++) {
		entry = queue_next(open->queue, entry);
		assert_int_equal(entry->id, order[i]);
	}
	assert_null(queue_next(open->queue, entry));
	queue_move(open->queue, ids[3], ids[3], world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_CONFLICT);
	queue_move(open->queue, 77, QUEUE_TO_FRONT, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_NOT_FOUND);
}

static void forgets_what_is_over_when_it_is_taken_out(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;
	int64_t id = world_add(open, 1, of_world);

	queue_remove(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(queue_find(open->queue, id)->state, QUEUE_CANCELLED);
	queue_remove(open->queue, id, world_done, open);
	world_await(open);
	assert_null(queue_find(open->queue, id));
	restart(fixture);
	assert_null(queue_find(open->queue, id));
	queue_retry(open->queue, id, world_done, open);
	world_await(open);
	assert_int_equal(open->result, QUEUE_NOT_FOUND);
	/* Its number is not another's. */
	assert_int_equal(world_add(open, 2, of_world), id + 1);
}

static bool sees_all(const void *context, const char *serial)
{
	(void)context;
	(void)serial;
	return true;
}

static bool sees_others(const void *context, const char *serial)
{
	(void)context;
	return strcmp(serial, WORLD_SERIAL) != 0;
}

static void assert_coming(const struct world_queue *open, queue_sight *may_see, const char *text)
{
	char told[256];
	struct json_writer writer;
	size_t length = 0;

	json_writer_init(&writer, told, sizeof(told));
	queue_write_coming(open->queue, &writer, may_see, NULL);
	assert_int_equal(json_writer_finish(&writer, &length), 0);
	assert_string_equal(told, text);
}

#define COMES(name, wants) \
	"{\"" WORLD_SERIAL "\":{\"name\":\"" name "\",\"wants_plate\":" wants "}}"

static void tells_what_a_printer_prints_next(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	assert_coming(open, sees_all, "{}");
	(void)world_add(open, 1, (struct queue_request){.model = FLAGSHIP_MODEL_M5});
	(void)world_add(open, 2, (struct queue_request){.serial = WORLD_SERIAL, .hold = true});
	(void)world_add(open, 3, (struct queue_request){.not_before_ms = INT64_C(99999999999999)});
	assert_coming(open, sees_all, "{}");
	int64_t id = world_add(
		open, 4, (struct queue_request){.model = FLAGSHIP_MODEL_M5C, .material = "PLA"});

	world_until_reason(open, id, "the plate of World is to be confirmed as clear");
	assert_coming(open, sees_all, COMES("job-4.gcode", "true"));
	assert_coming(open, sees_others, "{}");
	open->lacks = "its address is not known";
	assert_coming(open, sees_all, COMES("job-4.gcode", "false"));
	open->lacks = NULL;
	world_plate(open, -1, -1, "PETG");
	assert_coming(open, sees_all, "{}");
	id = world_add(open, 5, (struct queue_request){.material = "PLA", .force = true});
	assert_coming(open, sees_all, COMES("job-5.gcode", "true"));
	world_plate(open, 1, -1, NULL);
	(void)world_add(open, 6,
			(struct queue_request){.serial = WORLD_SERIAL, .material = "PETG"});
	assert_coming(open, sees_all, COMES("job-6.gcode", "false"));
	world_until(open, id, QUEUE_FINISHED);
}

static void tells_what_comes_of_one_that_is_off(void **state)
{
	struct fixture *fixture = *state;
	struct world_queue *open = &fixture->open;

	fixture->world->offline = true;
	int64_t any = world_add(open, 1, (struct queue_request){.model = FLAGSHIP_MODEL_M5C});

	world_until_reason(open, any, "World is offline");
	assert_coming(open, sees_all, "{}");
	(void)world_add(open, 2, of_world);
	assert_coming(open, sees_all, COMES("job-2.gcode", "false"));
}

static void names_jobs_as_printers_take_them(void **state)
{
	static const char *const cases[][2] = {
		{"a/b/cube.gcode", "cube.gcode"},
		{"cube.gcode.gz", "cube.gcode"},
		{"Würfel (2).gcode", "W_rfel__2_.gcode"},
		{".gcode", "_gcode"},
	};
	char name[QUEUE_NAME_SIZE];
	char path[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		queue_job_name(cases[i][0], name);
		assert_string_equal(name, cases[i][1]);
	}
	memset(path, 'x', sizeof(path));
	strcpy(path + sizeof(path) - sizeof(".gcode"), ".gcode");
	queue_job_name(path, name);
	assert_int_equal(strlen(name), QUEUE_NAME_SIZE - 1);
	assert_string_equal(name + strlen(name) - strlen(".gcode"), ".gcode");
}

static void knows_what_material_fits(void **state)
{
	(void)state;
	assert_true(queue_material_fits("", "PLA"));
	assert_true(queue_material_fits("PLA", ""));
	assert_true(queue_material_fits("PLA;pla", "PLA"));
	assert_false(queue_material_fits("PLA;PETG", "PLA"));
	assert_false(queue_material_fits("PLA+", "PLA"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prints_once_the_plate_is_clear, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_what_it_was_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(prints_copies_of_a_printer_that_clears_itself,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(says_why_it_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never_starts_over_a_job, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gives_the_upload_up_when_a_job_begins, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(prints_where_the_printer_heats_while_it_is_sent,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(says_what_the_printer_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fails_where_nothing_begins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(asks_where_the_order_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(is_cancelled_where_the_job_is_stopped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(keeps_the_order_that_it_is_given, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(forgets_what_is_over_when_it_is_taken_out, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(tells_what_a_printer_prints_next, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(tells_what_comes_of_one_that_is_off, set_up,
						tear_down),
		cmocka_unit_test(names_jobs_as_printers_take_them),
		cmocka_unit_test(knows_what_material_fits),
	};

	/* On a thread that ends it would leave behind what belongs to that thread. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
