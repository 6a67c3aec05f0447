/* SPDX-License-Identifier: MIT */
#include "command/cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void run_case(const struct case_ *c)
{
	struct bench bench;

	print_message("# %s\n", c->what);
	bench_init(&bench, c->model);
	bench_run(&bench, c->before);
	bench_wait_until(&bench, 10000);
	bench_submit(&bench, &c->request);
	bench_run(&bench, c->steps);
	bench_wait_until(&bench, FOREVER_MS);
	assert_string_equal(bench.log, c->sent);
	assert_int_equal(bench.report_count, 1);
	assert_int_equal(command_next_deadline_ms(bench.engine), INT64_MAX);
	const struct bench_report *kept = &bench.reports[0];
	assert_string_equal(kept->detail, c->detail);
	assert_int_equal(kept->report.outcome, c->outcome);
	assert_int_equal(kept->report.kind, c->request.kind);
	assert_int_equal(kept->t_ms, lround(c->end_s * 1000));
	assert_int_equal(kept->report.elapsed_ms, kept->t_ms - 10000);
	assert_int_equal(kept->report.attempts, c->attempts);
	bench_finish(&bench);
}
