/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printer/state/state.h"

#include <string.h>

#define START_MS INT64_C(1000000)
#define STEP_MS  INT64_C(3000)

struct step {
	const char *json;
	uint32_t parts;
};

static uint32_t merge(struct printer_state *state, const char *json, int64_t now_ms)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;

	assert_int_equal(flagship_payload_read(json, strlen(json), messages,
					       FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count),
			 0);
	return printer_state_merge(state, messages, count, now_ms, NULL, NULL);
}

static void run(enum flagship_model model, const struct step *steps, size_t count)
{
	struct printer_state state;

	printer_state_init(&state, "AK7TEST", NULL, model);
	for (size_t i = 0; i < count; i++) {
		uint32_t parts = merge(&state, steps[i].json, START_MS + (int64_t)i * STEP_MS);

		if (parts != steps[i].parts) {
			fail_msg("%s changed %#x in place of %#x", steps[i].json, parts,
				 steps[i].parts);
		}
	}
}

#define TEMPERATURES(nozzle, bed)                                               \
	"[{\"commandType\":1003,\"currentTemp\":" #nozzle ",\"targetTemp\":0}," \
	"{\"commandType\":1004,\"currentTemp\":" #bed ",\"targetTemp\":0}]"
#define PROGRESS(value) \
	"{\"commandType\":1001,\"name\":\"a.gcode\",\"progress\":" #value ",\"time\":900}"

static void reports_what_changed_and_nothing_else(void **context)
{
	static const struct step steps[] = {
		{TEMPERATURES(2500, 2400),
		 PRINTER_PART_ONLINE | PRINTER_PART_NOZZLE | PRINTER_PART_BED},
		{TEMPERATURES(2500, 2400), 0},
		{TEMPERATURES(2500, 2410), PRINTER_PART_BED},
		{TEMPERATURES(2600, 2410), PRINTER_PART_NOZZLE},
		{"{\"commandType\":1006,\"value\":50}", PRINTER_PART_MOTION},
		{"{\"commandType\":1006,\"value\":50}", 0},
		{"{\"commandType\":1021,\"value\":12}", PRINTER_PART_MOTION},
		{"{\"commandType\":1000,\"subType\":1,\"value\":1}", PRINTER_PART_JOB},
		{"{\"commandType\":1000,\"subType\":1,\"value\":1}", 0},
		{PROGRESS(1000), PRINTER_PART_JOB},
		{PROGRESS(1000), 0},
		{PROGRESS(1100), PRINTER_PART_JOB},
		{"{\"commandType\":1085,\"errorCode\":\"0xFF01030005\",\"errorLevel\":\"P1\"}",
		 PRINTER_PART_ERROR},
		{"{\"commandType\":1086,\"errorCode\":\"0xFF01030005\"}", PRINTER_PART_ERROR},
		{"{\"commandType\":1000,\"subType\":2,\"value\":7}", PRINTER_PART_ALERT},
		{"{\"commandType\":1000,\"subType\":2,\"value\":0}", PRINTER_PART_ALERT},
		{"{\"commandType\":1027}", 0},
	};

	(void)context;
	run(FLAGSHIP_MODEL_M5, steps, sizeof(steps) / sizeof(steps[0]));
}

static void reports_what_changed_of_an_e1(void **context)
{
	static const struct step steps[] = {
		{"{\"commandType\":1000,\"status\":{\"state\":5,\"step\":7}}",
		 PRINTER_PART_ONLINE | PRINTER_PART_E1},
		{"{\"commandType\":1000,\"status\":{\"state\":5,\"step\":7}}", 0},
		{"{\"commandType\":1118,\"plateType\":2}", PRINTER_PART_E1},
		{"{\"commandType\":1118,\"plateType\":2}", 0},
	};

	(void)context;
	run(FLAGSHIP_MODEL_E1, steps, sizeof(steps) / sizeof(steps[0]));
}

static void time_alone_changes_who_is_online(void **context)
{
	struct printer_state state;

	(void)context;
	printer_state_init(&state, "AK7TEST", NULL, FLAGSHIP_MODEL_M5);
	merge(&state, TEMPERATURES(2500, 2400), START_MS);
	assert_int_equal(printer_state_check_online(&state, START_MS + 1, NULL, NULL), 0);
	assert_int_equal(
		printer_state_check_online(&state, START_MS + PRINTER_OFFLINE_AFTER_MS, NULL, NULL),
		PRINTER_PART_ONLINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_what_changed_and_nothing_else),
		cmocka_unit_test(reports_what_changed_of_an_e1),
		cmocka_unit_test(time_alone_changes_who_is_online),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
