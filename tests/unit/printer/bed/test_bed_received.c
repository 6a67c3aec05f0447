/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "printer/bed/received.h"

#include <string.h>

static void keeps_what_nobody_understands(void **state)
{
	static const char text[] = "echo:Invalid mesh.\n"
				   "BL-Grid-0 0.1 0.2 nan 0.4 0.5 0.6 0.7\n"
				   "BL-Grid-1 0.1 0.2\n"
				   "BL-Grid-9 0.1 0.2 0.3 0.4 0.5 0.6 0.7\n"
				   "BL-Grid-2 0.1 huge 0.3 0.4 0.5 0.6 0.7\r\n"
				   "echo:busy: processing\n"
				   "echo:Invalid mesh.\n"
				   "echo:Bed Leveling ON\necho:Fade Height 10.00\n"
				   "X:0.00 Y:0.00 Z:0.00 E:0.00 Count X:0 Y:0 Z:0\n"
				   "okay\nok\n\n+ringbuf:0,512,1\nthe last";
	struct bed_received heard = {.length = 0};

	(void)state;
	bed_received_add(&heard, text, strlen(text));
	bed_received_add(&heard, text, strlen(text));
	heard.text[heard.length] = '\0';
	assert_string_equal(heard.text, "echo:Invalid mesh.\n"
					"BL-Grid-1 0.1 0.2\n"
					"BL-Grid-9 0.1 0.2 0.3 0.4 0.5 0.6 0.7\n"
					"BL-Grid-2 0.1 huge 0.3 0.4 0.5 0.6 0.7\n"
					"okay\nthe last\n");
	assert_false(heard.more);
}

static void tells_lines_one_by_one(void **state)
{
	struct bed_received heard = {.length = 0};
	const char *line;
	size_t length;
	size_t at = 0;

	(void)state;
	assert_false(bed_received_next(&heard, &at, &line, &length));
	bed_received_add(&heard, "one\ntwo", 7);
	assert_true(bed_received_next(&heard, &at, &line, &length));
	assert_int_equal(length, 3);
	assert_memory_equal(line, "one", 3);
	assert_true(bed_received_next(&heard, &at, &line, &length));
	assert_memory_equal(line, "two", 3);
	assert_false(bed_received_next(&heard, &at, &line, &length));
}

static void says_that_there_was_more(void **state)
{
	struct bed_received heard = {.length = 0};
	char line[BED_RECEIVED_MAX];

	(void)state;
	memset(line, 'x', sizeof(line));
	bed_received_add(&heard, line, sizeof(line) - 1);
	assert_int_equal(heard.length, sizeof(line));
	assert_false(heard.more);
	bed_received_add(&heard, "y", 1);
	assert_true(heard.more);
	assert_int_equal(heard.length, sizeof(line));
	heard = (struct bed_received){.length = 0};
	bed_received_add(&heard, line, sizeof(line));
	assert_true(heard.more);
	assert_int_equal(heard.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_nobody_understands),
		cmocka_unit_test(tells_lines_one_by_one),
		cmocka_unit_test(says_that_there_was_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
