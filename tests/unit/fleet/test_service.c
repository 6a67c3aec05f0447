/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/service.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

/* Who asks for commands of printers, and what is known of them afterwards. */
#define MANY    8000
#define WAITING 64 /* of one type, of one printer */

static struct scene scene;
static struct service *service;

struct ear {
	struct fleet_listener listener;
	unsigned int dones;
	unsigned int too_many;
	unsigned int unknown; /* ids that the service knew nothing of when they ended */
	unsigned int lines;
	char line[2048];
	uint64_t settled; /* the last one */
	uint64_t cancels; /* once another one has ended */
};

static struct ear ear;

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct ear *own = context;
	const struct service_command *command = service_find(service, report->id);

	own->dones++;
	own->too_many += strstr(report->detail, "too many waiting") != NULL;
	own->unknown += !command || !command->over;
	if (command) {
		assert_ptr_equal(command->printer, printer);
		assert_string_equal(command->report.detail, report->detail);
	}
	if (own->cancels) {
		uint64_t id = own->cancels;

		own->cancels = 0;
		assert_true(service_cancel(service, id));
	}
}

static void on_audit(void *context, const char *line)
{
	struct ear *own = context;

	own->lines++;
	snprintf(own->line, sizeof(own->line), "%s", line);
}

static void on_settled(void *context, uint64_t id)
{
	((struct ear *)context)->settled = id;
}

static void set_up(size_t printers)
{
	static const struct fleet_handlers handlers = {.on_done = on_done};
	const struct service_options options = {
		.on_audit = on_audit, .on_settled = on_settled, .context = &ear};

	scene_init(&scene, printers, true);
	assert_int_equal(service_create(scene.fleet, &options, &service), 0);
	ear = (struct ear){.listener = {.handlers = &handlers, .context = &ear}};
	fleet_subscribe(scene.fleet, &ear.listener);
}

static void tear_down(void)
{
	scene_finish(&scene);
	service_destroy(service);
}

static int ask(size_t number, int64_t percent, const char *key, uint64_t *id)
{
	const struct command_request request = {
		.kind = COMMAND_LIGHT, .value = percent, .force = true};

	return service_submit(service,
			      &(struct service_request){.printer = scene.printers[number],
							.command = &request,
							.asker = "test",
							.key = key},
			      id);
}

static uint64_t must_ask(size_t number, int64_t percent)
{
	uint64_t id;

	assert_int_equal(ask(number, percent, NULL, &id), 0);
	assert_int_not_equal(id, 0);
	return id;
}

static size_t count_known(void)
{
	const struct service_command *command = NULL;
	uint64_t last = 0;
	size_t count = 0;

	while ((command = service_next(service, command))) {
		assert_true(command->id > last);
		last = command->id;
		count++;
	}
	return count;
}

static void a_command_is_known_by_its_id(void **state)
{
	(void)state;
	set_up(2);
	uint64_t first = must_ask(0, 10);
	uint64_t second = must_ask(1, 20);
	assert_int_not_equal(first, second);
	const struct service_command *command = service_find(service, second);
	assert_non_null(command);
	assert_false(command->over);
	assert_string_equal(command->serial, scene.serials[1]);
	assert_string_equal(command->asker, "test");
	assert_int_equal(command->kind, COMMAND_LIGHT);
	assert_int_equal(command->value, 20);
	assert_int_equal(count_known(), 2);
	assert_true(service_cancel(service, first));
	assert_false(service_cancel(service, first));
	command = service_find(service, first);
	assert_true(command->over);
	assert_int_equal(command->report.outcome, COMMAND_UNANSWERED);
	assert_int_equal(count_known(), 2);
	assert_null(service_find(service, 999));
	assert_false(service_cancel(service, 999));
	assert_int_equal(ear.unknown, 0);
	tear_down();
}

static void what_follows_from_a_command_is_told_with_it(void **state)
{
	(void)state;
	set_up(1);
	uint64_t id = must_ask(0, 10);
	const struct service_command *command = service_find(service, id);
	assert_string_equal(command->warning, "");
	assert_false(service_command_is_settled(command));
	service_hold(service, id);
	assert_true(service_cancel(service, id));
	assert_true(command->over);
	assert_false(service_command_is_settled(command));
	service_settle(service, id, "first");
	assert_true(service_command_is_settled(command));
	assert_string_equal(command->warning, "first");
	assert_int_equal(ear.settled, id);
	service_settle(service, id, NULL);
	assert_string_equal(command->warning, "");
	/* One that is known no more is none of its business, but whoever waits for it hears of it.
	 */
	service_hold(service, 999);
	service_settle(service, 999, "second");
	assert_int_equal(ear.settled, 999);
	tear_down();
}

static void the_last_hundred_are_known(void **state)
{
	uint64_t first = 0;
	uint64_t last = 0;

	(void)state;
	set_up(1);
	fake_sessions[0]->refuses_publishes = true; /* each fails at once */
	for (size_t i = 0; i < 105; i++) {
		last = must_ask(0, 10);
		first = first ? first : last;
	}
	assert_int_equal(ear.dones, 105);
	assert_int_equal(ear.lines, ear.dones);
	assert_int_equal(ear.unknown, 0);
	assert_int_equal(count_known(), 100);
	assert_null(service_find(service, first));
	assert_non_null(service_find(service, last));
	tear_down();
}

static void a_queue_has_an_end(void **state)
{
	(void)state;
	set_up(2);
	for (size_t i = 0; i < MANY; i++) {
		(void)must_ask(0, (int64_t)(i % 100));
	}
	/* One is sent, 64 wait. */
	assert_int_equal(ear.too_many, MANY - 1 - WAITING);
	assert_int_equal(ear.dones, ear.too_many);
	assert_int_equal(count_known(), 1 + WAITING + 100);
	/* Of another printer, and of another type, there is room. */
	(void)must_ask(1, 10);
	uint64_t id;
	const struct command_request request = {.kind = COMMAND_SPEED, .value = 100, .force = true};
	assert_int_equal(service_submit(service,
					&(struct service_request){.printer = scene.printers[0],
								  .command = &request,
								  .asker = "test"},
					&id),
			 0);
	assert_false(service_find(service, id)->over);
	/* A stop waits for nothing. */
	const struct command_request stop = {.kind = COMMAND_STOP, .force = true};
	assert_int_equal(service_submit(service,
					&(struct service_request){.printer = scene.printers[0],
								  .command = &stop,
								  .asker = "test"},
					&id),
			 0);
	assert_false(service_find(service, id)->over);
	tear_down();
}

static void a_key_makes_it_safe_to_repeat(void **state)
{
	uint64_t first;
	uint64_t again;

	(void)state;
	set_up(2);
	size_t before = fake_publishes;
	assert_int_equal(ask(0, 10, "k1", &first), 0);
	assert_int_equal(ask(0, 10, "k1", &again), 0);
	assert_int_equal(again, first);
	assert_int_equal(fake_publishes, before + 1);
	/* Another thing under the same key, another printer, another key. */
	assert_int_equal(ask(0, 20, "k1", &again), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(ask(1, 10, "k1", &again), 0);
	assert_int_not_equal(again, first);
	assert_int_equal(ask(0, 10, "k2", &again), 0);
	assert_int_not_equal(again, first);
	/* Also once it is over. */
	assert_true(service_cancel(service, first));
	assert_int_equal(ask(0, 10, "k1", &again), 0);
	assert_int_equal(again, first);
	char long_key[SERVICE_KEY_MAX + 2];
	memset(long_key, 'k', sizeof(long_key) - 1);
	long_key[sizeof(long_key) - 1] = '\0';
	assert_int_equal(ask(0, 10, long_key, &again), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(ask(0, 10, "", &again), FLAGSHIP_ERROR_ARGUMENT);
	tear_down();
}

static void each_end_is_one_line(void **state)
{
	(void)state;
	set_up(1);
	fleet_printer_set_name(scene.printers[0], "Left\n\"one\"");
	uint64_t id = must_ask(0, 10);
	assert_int_equal(ear.lines, 0);
	assert_true(service_cancel(service, id));
	assert_int_equal(ear.lines, 1);
	assert_null(strchr(ear.line, '\n'));
	assert_non_null(strstr(ear.line, "\"by\":\"test\""));
	assert_non_null(strstr(ear.line, "\"printer\":\"AK7SCENE0\""));
	assert_non_null(strstr(ear.line, "\"command\":\"light\",\"value\":10"));
	assert_non_null(strstr(ear.line, "\"outcome\":\"unanswered\""));
	tear_down();
}

static void a_removed_printer_leaves_its_reports(void **state)
{
	(void)state;
	set_up(2);
	uint64_t sent = must_ask(0, 10);
	uint64_t waiting = must_ask(0, 20);
	uint64_t other = must_ask(1, 20);
	fleet_remove_printer(scene.printers[0]);
	const struct service_command *command = service_find(service, waiting);
	assert_true(command->over);
	assert_null(command->printer);
	assert_int_equal(command->report.outcome, COMMAND_FAILED);
	assert_non_null(strstr(command->report.detail, "removed"));
	assert_int_equal(service_find(service, sent)->report.outcome, COMMAND_UNANSWERED);
	assert_false(service_cancel(service, waiting));
	assert_false(service_find(service, other)->over);
	tear_down();
}

static void one_is_cancelled_as_another_ends(void **state)
{
	(void)state;
	set_up(1);
	uint64_t first = must_ask(0, 10);
	uint64_t second = must_ask(0, 20);
	ear.cancels = second;
	assert_true(service_cancel(service, first));
	assert_true(service_find(service, second)->over);
	assert_int_equal(service_find(service, second)->report.outcome, COMMAND_FAILED);
	assert_int_equal(ear.dones, 2);
	tear_down();
}

static void guards_are_data(void **state)
{
	struct service_guard guard;

	(void)state;
	set_up(1);
	const struct command_request level = {.kind = COMMAND_LEVEL};
	service_guard(scene.printers[0], &level, &guard);
	assert_int_equal(guard.verdict, SERVICE_UNKNOWN);
	scene_hear(&scene, 0, SCENE_PRINTING);
	service_guard(scene.printers[0], &level, &guard);
	assert_int_equal(guard.verdict, SERVICE_NEEDS_FORCE);
	assert_true(guard.reason[0] != '\0');
	assert_string_equal(service_verdict_name(guard.verdict), "needs force");
	const struct command_request pause = {.kind = COMMAND_PAUSE};
	service_guard(scene.printers[0], &pause, &guard);
	assert_int_equal(guard.verdict, SERVICE_ALLOWED);
	assert_string_equal(guard.reason, "");
	const struct command_request lines = {.kind = COMMAND_GCODE, .text = "G28\nM104 S200"};
	service_guard(scene.printers[0], &lines, &guard);
	assert_int_equal(guard.verdict, SERVICE_NEVER);
	tear_down();
}

static void it_outlives_its_fleet(void **state)
{
	uint64_t id;

	(void)state;
	set_up(1);
	uint64_t before = must_ask(0, 10);
	scene_finish(&scene);
	assert_int_equal(ask(0, 10, NULL, &id), FLAGSHIP_ERROR_ARGUMENT);
	assert_false(service_cancel(service, before));
	assert_null(service_find(service, before)->printer);
	service_destroy(service);
	service_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_known_by_its_id),
		cmocka_unit_test(what_follows_from_a_command_is_told_with_it),
		cmocka_unit_test(the_last_hundred_are_known),
		cmocka_unit_test(a_queue_has_an_end),
		cmocka_unit_test(a_key_makes_it_safe_to_repeat),
		cmocka_unit_test(each_end_is_one_line),
		cmocka_unit_test(a_removed_printer_leaves_its_reports),
		cmocka_unit_test(one_is_cancelled_as_another_ends),
		cmocka_unit_test(guards_are_data),
		cmocka_unit_test(it_outlives_its_fleet),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
