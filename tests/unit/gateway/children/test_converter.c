/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "gateway/children/converter.h"

#include <stdlib.h>
#include <unistd.h>

/* Children that read and never answer: it is seen when a picture is overdue, and not before. */

static void on_any_picture(void *context, const uint8_t *jpeg, size_t length)
{
	(void)context;
	(void)jpeg;
	(void)length;
	fail_msg("a child that says nothing painted");
}

static void on_unexpected_end(void *context)
{
	(void)context;
	fail_msg("a child that waits ended");
}

static const struct converter_handlers handlers = {.on_picture = on_any_picture,
						   .on_end = on_unexpected_end};

static void pass(uv_loop_t *loop, int64_t ms)
{
	fake_clock_pass(ms);
	uv_update_time(loop);
}

static void a_picture_that_never_comes_is_overdue(void **state)
{
	uv_loop_t loop;
	struct converter *converter;
	struct problem problem;

	(void)state;
	assert_false(converter_is_stuck(NULL));
	assert_int_equal(uv_loop_init(&loop), 0);
	/* It answers nothing before its input ends. */
	assert_int_equal(converter_start(&loop, "/usr/bin/sort", NULL, &handlers, NULL, &converter,
					 &problem),
			 0);
	pass(&loop, CONVERTER_DUE_MS);
	assert_false(converter_is_stuck(converter)); /* it owes nothing */
	converter_feed(converter, (const uint8_t *)"unseen", 6, false);
	pass(&loop, CONVERTER_DUE_MS);
	assert_false(converter_is_stuck(converter));
	converter_feed(converter, (const uint8_t *)"one", 3, true);
	pass(&loop, CONVERTER_DUE_MS - 1);
	converter_feed(converter, (const uint8_t *)"two", 3, true);
	assert_false(converter_is_stuck(converter));
	pass(&loop, 1);
	assert_true(converter_is_stuck(converter));
	converter_stop(converter);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_that_never_comes_is_overdue),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gateway_converter", tests, NULL, NULL);
}
