/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/file/secrecy.h"

#include <sys/resource.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static void nothing_of_the_process_can_be_dumped(void **state)
{
	struct rlimit limit;

	(void)state;
	core_dump_forbid();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_the_process_can_be_dumped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
