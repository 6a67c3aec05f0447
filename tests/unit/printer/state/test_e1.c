/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/state/state.h"
#include "printer/state/state_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Longer than what counts as overtaken. */
#define NOTICE_MS 3000

static struct printer_state state;
static int64_t now_ms;

static int begin(void **context)
{
	(void)context;
	now_ms = 0;
	printer_state_init(&state, "E1X", NULL, FLAGSHIP_MODEL_E1);
	return 0;
}

static void hear(const char *json)
{
	now_ms += NOTICE_MS;
	assert_int_equal(apply_json(&state, json, now_ms, NULL, NULL), 0);
}

static void status_is_the_job_state(void **context)
{
	static const struct {
		int state;
		int step;
		const char *activity;
		enum printer_job_state job;
	} cases[] = {
		{2, 4, "printing", PRINTER_JOB_PRINTING},
		{2, 3, "paused", PRINTER_JOB_PAUSED},
		{2, 4, "printing", PRINTER_JOB_PRINTING},
		/* They say nothing of the job, which goes on. */
		{5, 7, "cleaning itself", PRINTER_JOB_PRINTING},
		{8, 0, "taking a photo", PRINTER_JOB_PRINTING},
		{2, 9, NULL, PRINTER_JOB_PRINTING},
		{77, 0, NULL, PRINTER_JOB_PRINTING},
	};
	char json[128];

	(void)context;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		snprintf(json, sizeof(json),
			 "{\"commandType\":1000,\"status\":{\"state\":%d,\"step\":%d}}",
			 cases[i].state, cases[i].step);
		hear(json);
		assert_int_equal(state.e1.state, cases[i].state);
		assert_int_equal(state.e1.step, cases[i].step);
		assert_int_equal(state.job.state, cases[i].job);
		if (cases[i].activity != NULL) {
			assert_string_equal(e1_activity_name(&state.e1), cases[i].activity);
		} else {
			assert_null(e1_activity_name(&state.e1));
		}
	}
	hear("{\"commandType\":1000,\"status\":{\"state\":0,\"step\":0}}");
	assert_string_equal(e1_activity_name(&state.e1), "idle");
	assert_int_not_equal(state.job.state, PRINTER_JOB_PRINTING);
}

static void half_a_status_is_none(void **context)
{
	static const char *const halves[] = {
		"{\"commandType\":1000,\"status\":{\"state\":2}}",
		"{\"commandType\":1000,\"status\":{\"step\":4}}",
		"{\"commandType\":1000,\"status\":[2,4]}",
		"{\"commandType\":1000,\"status\":{\"state\":null,\"step\":4}}",
		"{\"commandType\":1000,\"status\":null}",
	};

	(void)context;
	for (size_t i = 0; i < LENGTH(halves); i++) {
		hear(halves[i]);
		assert_int_equal(state.e1.state, PRINTER_NEVER);
		assert_false(state.job.state_received);
	}
}

static void cleaning_alone_reports_no_job(void **context)
{
	(void)context;
	hear("{\"commandType\":1000,\"status\":{\"state\":5,\"step\":7}}");
	assert_false(state.job.state_received);
	assert_int_equal(state.e1.state, 5);
}

static void ink_comes_in_lists(void **context)
{
	(void)context;
	hear("{\"commandType\":1100,\"ink\":{\"count\":6,\"leftInk\":[9200,8501,0,10000,-1,10001],"
	     "\"distanceExpiration\":[300,null,-12,0,\"45\",7],\"expired\":[0,0,1,false,true,"
	     "null]},"
	     "\"wasteInk\":{\"leftInk\":6250,\"distanceExpiration\":null,\"expired\":0}}");
	assert_true(state.e1.ink_received);
	assert_int_equal(state.e1.ink_ms, NOTICE_MS);
	assert_int_equal(state.e1.inks[0].left_centi_percent, 9200);
	assert_int_equal(state.e1.inks[1].left_centi_percent, 8501);
	assert_int_equal(state.e1.inks[2].left_centi_percent, 0);
	assert_int_equal(state.e1.inks[3].left_centi_percent, 10000);
	assert_int_equal(state.e1.inks[4].left_centi_percent, PRINTER_NEVER);
	assert_int_equal(state.e1.inks[5].left_centi_percent, PRINTER_NEVER);
	assert_int_equal(state.e1.inks[0].days_left, 300);
	assert_int_equal(state.e1.inks[1].days_left, PRINTER_NEVER);
	assert_int_equal(state.e1.inks[2].days_left, -12);
	assert_int_equal(state.e1.inks[4].days_left, 45);
	assert_int_equal(state.e1.inks[2].expired, 1);
	assert_int_equal(state.e1.inks[3].expired, 0);
	assert_int_equal(state.e1.inks[4].expired, 1);
	assert_int_equal(state.e1.inks[5].expired, PRINTER_NEVER);
	assert_int_equal(state.e1.waste.left_centi_percent, 6250);
	assert_int_equal(state.e1.waste.days_left, PRINTER_NEVER);
	assert_int_equal(state.e1.waste.expired, 0);
}

static void waste_may_be_a_list(void **context)
{
	(void)context;
	hear("{\"commandType\":1100,\"wasteInk\":{\"leftInk\":[9000,4100,null],"
	     "\"distanceExpiration\":[200,-3],\"expired\":[0,1]}}");
	assert_false(state.e1.ink_received);
	assert_true(state.e1.waste_received);
	assert_int_equal(state.e1.waste.left_centi_percent, 4100);
	assert_int_equal(state.e1.waste.days_left, -3);
	assert_int_equal(state.e1.waste.expired, 1);
	/* What is left out is unchanged, what is null is not known any more. */
	hear("{\"commandType\":1100,\"wasteInk\":{\"leftInk\":[null,null]}}");
	assert_int_equal(state.e1.waste.left_centi_percent, PRINTER_NEVER);
	assert_int_equal(state.e1.waste.days_left, -3);
	hear("{\"commandType\":1100,\"wasteInk\":{\"leftInk\":[]}}");
	assert_int_equal(state.e1.waste.left_centi_percent, PRINTER_NEVER);
}

static void odd_ink_harms_nothing(void **context)
{
	static const char *const odd[] = {
		"{\"commandType\":1100,\"ink\":[]}",
		"{\"commandType\":1100,\"ink\":null,\"wasteInk\":null}",
		"{\"commandType\":1100,\"ink\":{\"leftInk\":5}}",
		"{\"commandType\":1100,\"ink\":{\"leftInk\":[[1],{\"a\":2},\"x\"]}}",
		"{\"commandType\":1100,\"ink\":{\"leftInk\":[1,2,3,4,5,6,7,8]},\"wasteInk\":7}",
	};

	(void)context;
	for (size_t i = 0; i < LENGTH(odd); i++) {
		hear(odd[i]);
	}
	assert_int_equal(state.e1.inks[5].left_centi_percent, 6);
}

static void accessory_and_plate_count_differently(void **context)
{
	static const char *const attached[] = {"mini flat bed", "standard flat bed", "none",
					       "roll-to-film", "rotary"};
	static const char *const plates[] = {"mini flat bed", "none", "standard flat bed", "rotary",
					     "roll-to-film"};
	char json[128];

	(void)context;
	assert_null(e1_attachment_name(&state.e1));
	assert_null(e1_plate_name(&state.e1));
	for (size_t i = 0; i < LENGTH(plates); i++) {
		snprintf(json, sizeof(json),
			 "[{\"commandType\":1153,\"version\":\"1.2\",\"attType\":%zu},"
			 "{\"commandType\":1118,\"plateType\":%zu}]",
			 i, i);
		hear(json);
		assert_string_equal(e1_attachment_name(&state.e1), attached[i]);
		assert_string_equal(e1_plate_name(&state.e1), plates[i]);
	}
	assert_string_equal(state.e1.version, "1.2");
	hear("[{\"commandType\":1153,\"attType\":5},{\"commandType\":1118,\"plateType\":-1}]");
	assert_null(e1_attachment_name(&state.e1));
	assert_null(e1_plate_name(&state.e1));
}

static void the_purifier_has_modes(void **context)
{
	(void)context;
	hear("{\"commandType\":1600,\"mode\":4,\"delay\":180,\"reply\":0}");
	assert_string_equal(e1_purifier_name(&state.e1), "automatic");
	assert_int_equal(state.e1.purifier_delay_s, 180);
	/* Refused: it repeats what was asked. */
	hear("{\"commandType\":1600,\"mode\":1,\"reply\":1}");
	assert_string_equal(e1_purifier_name(&state.e1), "automatic");
}

static void it_is_written_as_json(void **context)
{
	char out[PRINTER_STATE_JSON_MAX];
	size_t length;

	(void)context;
	hear("[{\"commandType\":1000,\"status\":{\"state\":5,\"step\":7}},"
	     "{\"commandType\":1100,\"ink\":{\"leftInk\":[9250,1,2,3,4,null],"
	     "\"distanceExpiration\":[-4]},\"wasteInk\":{\"leftInk\":[6250]}},"
	     "{\"commandType\":1153,\"version\":\"1.2\",\"attType\":4},"
	     "{\"commandType\":1118,\"plateType\":9},{\"commandType\":1600,\"mode\":1}]");
	const struct printer_moment now = {.now_ms = now_ms, .unix_ms = PRINTER_NEVER};
	assert_int_equal(printer_state_to_json(&state, &now, out, sizeof(out), &length), 0);
	assert_non_null(strstr(out, "\"activity\":{\"name\":\"cleaning itself\",\"state\":5,"
				    "\"step\":7}"));
	assert_non_null(strstr(out, "\"ink\":[{\"colour\":\"cyan\",\"remaining_percent\":92.5,"
				    "\"days_left\":-4,\"expired\":null},"));
	assert_non_null(strstr(out, "{\"colour\":\"gloss\",\"remaining_percent\":null,"
				    "\"days_left\":null,\"expired\":null}]"));
	assert_non_null(strstr(out, "\"waste\":{\"remaining_percent\":62.5,\"days_left\":null,"
				    "\"expired\":null}"));
	assert_non_null(strstr(out, "\"accessory\":{\"name\":\"rotary\",\"type\":4,\"plate\":null,"
				    "\"plate_type\":9,\"version\":\"1.2\"}"));
	assert_non_null(strstr(out, "\"purifier\":{\"name\":\"silent\",\"mode\":1,"
				    "\"delay_s\":null}"));
}

static void a_fan_above_full_is_full(void **context)
{
	(void)context;
	hear("{\"commandType\":1005,\"value\":255}");
	assert_int_equal(state.fan_percent, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(status_is_the_job_state, begin),
		cmocka_unit_test_setup(half_a_status_is_none, begin),
		cmocka_unit_test_setup(cleaning_alone_reports_no_job, begin),
		cmocka_unit_test_setup(ink_comes_in_lists, begin),
		cmocka_unit_test_setup(waste_may_be_a_list, begin),
		cmocka_unit_test_setup(odd_ink_harms_nothing, begin),
		cmocka_unit_test_setup(accessory_and_plate_count_differently, begin),
		cmocka_unit_test_setup(the_purifier_has_modes, begin),
		cmocka_unit_test_setup(it_is_written_as_json, begin),
		cmocka_unit_test_setup(a_fan_above_full_is_full, begin),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
