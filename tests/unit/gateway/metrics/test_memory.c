/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "scene.h"

#include <flagship/error.h>

#define PRINTERS 100

static void reports_that_there_is_no_memory(void **state)
{
	struct metrics_buffer buffer = {0};
	struct scene scene;
	unsigned int number = 0;
	bool fell = true;

	(void)state;
	scene_init(&scene, PRINTERS);
	while (fell) {
		failing_memory_arm(++number);
		int error = metrics_write(&scene.input, METRICS_TEXT, metrics_buffer_add, &buffer);
		fell = failing_memory_fell();
		failing_memory_arm(0);
		assert_int_equal(error, fell ? FLAGSHIP_ERROR_MEMORY : 0);
		metrics_buffer_finish(&buffer);
	}
	assert_in_range(number, 4, 50);
	scene_finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_that_there_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
