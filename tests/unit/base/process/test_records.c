/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/process/records.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 8

struct input {
	const char *bytes;
	size_t length;
	const char *text; /* NULL: there is none */
};

#define INPUT(bytes, text)                     \
	{                                      \
		bytes, sizeof(bytes) - 1, text \
	}

static const struct input inputs[] = {
	INPUT("\0\0\0\3url", "url"),
	INPUT("\0\0\0\7sevenlt", "sevenlt"),
	INPUT("\0\0\0\3urland more", "url"),
	/* Too long, empty, cut. */
	INPUT("\0\0\0\10eightlet", NULL),
	INPUT("\200\0\0\3url", NULL),
	INPUT("\0\0\0\0", NULL),
	INPUT("\0\0\0\3ur", NULL),
	INPUT("\0\0\0", NULL),
	INPUT("", NULL),
};

static void a_text_is_read(void **state)
{
	int kept = dup(STDIN_FILENO);

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		char text[TEXT_SIZE];
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], inputs[i].bytes, inputs[i].length),
				 inputs[i].length);
		close(ends[1]);
		assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
		close(ends[0]);
		assert_int_equal(records_read_text(text, sizeof(text)), inputs[i].text != NULL);
		if (inputs[i].text) {
			assert_string_equal(text, inputs[i].text);
		}
	}
	assert_true(dup2(kept, STDIN_FILENO) >= 0);
	close(kept);
}

static void what_is_written_has_its_length(void **state)
{
	static const char wanted[] = "\0\0\0\2\1\0\200\0\0\3why\0\0\0\0";
	char bytes[2 * sizeof(wanted)];
	int kept = dup(STDOUT_FILENO);
	int ends[2];

	(void)state;
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
	close(ends[1]);
	bool written = records_write("\1\0", 2) && records_write_sentence("why") &&
		       records_write("", 0);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	assert_true(written);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, sizeof(wanted) - 1);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_read),
		cmocka_unit_test(what_is_written_has_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
