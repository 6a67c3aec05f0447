/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "gateway/queue/view.h"

/* What the queue sees of a printer that stopped one job and begins another. The printer is a state
 * alone; the fleet is none but it. */

static struct printer_state state;
static struct printer_profile profile;

const struct printer_state *fleet_printer_state(const struct fleet_printer *printer)
{
	return (const struct printer_state *)printer;
}

const char *fleet_printer_serial(const struct fleet_printer *printer)
{
	(void)printer;
	return "AK1";
}

bool fleet_printer_ready(const struct fleet_printer *printer)
{
	(void)printer;
	return true;
}

const struct printer_profile *fleet_printer_profile(const struct fleet_printer *printer)
{
	(void)printer;
	return &profile;
}

static struct queue_view view_after(const char *json, int64_t now_ms)
{
	struct queue_view view;

	assert_int_equal(apply_json(&state, json, now_ms, NULL, NULL), 0);
	printer_state_check_online(&state, now_ms, NULL, NULL);
	queue_view_of((const struct fleet_printer *)&state, &view);
	return view;
}

static void test_the_end_of_a_job_is_not_that_of_the_next_one(void **context)
{
	(void)context;
	printer_state_init(&state, "AK1", "Left", FLAGSHIP_MODEL_M5);
	view_after("[{\"commandType\":1000,\"subType\":1,\"value\":0}]", 0);
	view_after(
		"[{\"commandType\":1000,\"subType\":1,\"value\":1},"
		"{\"commandType\":1001,\"name\":\"one.gcode\",\"task_id\":\"1\",\"progress\":100}]",
		60000);
	struct queue_view view = view_after("[{\"commandType\":1000,\"subType\":1,\"value\":0}]",
					    120000);
	view = view_after("[{\"commandType\":1003,\"currentTemp\":2000,\"targetTemp\":0}]", 130000);
	assert_int_equal(view.seen, QUEUE_SEEN_IDLE);
	assert_int_equal(view.ended, QUEUE_ENDED_STOPPED);
	assert_string_equal(view.job, "one.gcode");
	/* Of the next one its name comes first, and its state late. */
	view = view_after("[{\"commandType\":1001,\"name\":\"two.gcode\",\"task_id\":\"2\","
			  "\"progress\":0}]",
			  140000);
	assert_string_equal(view.job, "two.gcode");
	assert_int_equal(view.seen, QUEUE_SEEN_IDLE);
	assert_int_equal(view.ended, QUEUE_ENDED_UNSEEN);
	view = view_after("[{\"commandType\":1000,\"subType\":1,\"value\":1}]", 141000);
	assert_int_equal(view.seen, QUEUE_SEEN_JOB);
	view = view_after("[{\"commandType\":1000,\"subType\":1,\"value\":0}]", 200000);
	view = view_after("[{\"commandType\":1003,\"currentTemp\":2000,\"targetTemp\":0}]", 210000);
	assert_string_equal(view.job, "two.gcode");
	assert_int_equal(view.ended, QUEUE_ENDED_STOPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_end_of_a_job_is_not_that_of_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
