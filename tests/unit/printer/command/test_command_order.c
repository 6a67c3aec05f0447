/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define M5      FLAGSHIP_MODEL_M5
#define M5C     FLAGSHIP_MODEL_M5C
#define OK      "+ringbuf:0,512,1|ok|"
#define AFTER   100000
#define RAW(t)  (&(struct command_request){.kind = COMMAND_SEND, .text = (t)})
#define CODE(t) (&(struct command_request){.kind = COMMAND_GCODE, .text = (t)})
#define KIND(k) (&(struct command_request){.kind = (k)})

static void check_report(const struct bench *bench, size_t index, uint64_t id,
			 enum command_outcome outcome, const char *detail)
{
	assert_true(index < bench->report_count);
	assert_int_equal(bench->reports[index].report.id, id);
	assert_string_equal(bench->reports[index].detail, detail);
	assert_int_equal(bench->reports[index].report.outcome, outcome);
}

static void test_one_of_a_type(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_submit(&bench, RAW("{\"commandType\":1050}"));
	bench_submit(&bench, RAW("{\"commandType\":1050}"));
	bench_submit(&bench, RAW("{\"commandType\":1041}"));
	assert_string_equal(bench.log, "0:c1050 0:c1041");
	bench_run(&bench, "1:r1050=0");
	assert_string_equal(bench.log, "0:c1050 0:c1041 1:c1050");
	bench_run(&bench, "2:r1050=3 3:r1041=0");
	assert_int_equal(bench.report_count, 3);
	check_report(&bench, 0, 1, COMMAND_ACCEPTED, "the printer took it");
	check_report(&bench, 1, 2, COMMAND_REFUSED, "the printer refused it: reply 3");
	check_report(&bench, 2, 3, COMMAND_ACCEPTED, "the printer took it");
	assert_int_equal(command_next_deadline_ms(bench.engine), INT64_MAX);
	bench_finish(&bench);
}

static void test_moves_stay_together(void **context)
{
	struct command_request extrude = {.kind = COMMAND_EXTRUDE, .distance_mm = 1};
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_run(&bench, "0:s0+h");
	bench_submit(&bench, &extrude);
	bench_submit(&bench, CODE("M114"));
	bench_run(&bench, "1:G[" OK "] 2:G[" OK "] 3:G[" OK "] 4:G[X:1|" OK "]");
	assert_string_equal(bench.log, "0:g[M83] 1:g[G1 E1.000 F180] 2:g[M82] 3:g[M114]");
	assert_int_equal(bench.report_count, 2);
	assert_string_equal(bench.reports[1].text, "X:1");
	bench_finish(&bench);
}

static void test_late_reply(void **context)
{
	static const struct {
		const char *what;
		const char *steps; /* M114 is sent at 0 and given up at 10, M105 at 12 */
		const char *text;
		double end_s;
	} cases[] = {
		{"comes before the next is sent", "11:G[X:1|" OK "]", "T:2", 12.5},
		{"comes after, and ours behind it", "12.2:G[X:1|" OK "]", "T:2", 12.5},
		{"never comes", "", "T:2", 14},
	};
	struct bench bench;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5);
		bench_submit(&bench, CODE("M114"));
		bool early = i == 0;
		if (early) {
			bench_run(&bench, cases[i].steps);
		}
		bench_wait_until(&bench, 12000);
		bench_submit(&bench, CODE("M105"));
		if (!early) {
			bench_run(&bench, cases[i].steps);
		}
		bench_run(&bench, "12.5:G[ok~T:2|]");
		bench_wait_until(&bench, AFTER);
		assert_int_equal(bench.report_count, 2);
		check_report(&bench, 0, 1, COMMAND_UNANSWERED,
			     "the printer did not answer within 10 s");
		check_report(&bench, 1, 2, COMMAND_ACCEPTED, "the printer answered");
		assert_string_equal(bench.reports[1].text, cases[i].text);
		assert_int_equal(bench.reports[1].t_ms, lround(cases[i].end_s * 1000));
		bench_finish(&bench);
	}
}

static void test_replies_to_repetitions(void **context)
{
	struct command_request rename = {.kind = COMMAND_RENAME, .text = "Ada"};
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_submit(&bench, &rename);
	/* Sent at 0 and 2.5; the first reply was late, the second is refused and nobody's. */
	bench_run(&bench, "3:r1034=0 3.1:r1034=5");
	assert_int_equal(bench.report_count, 1);
	bench_submit(&bench, &rename);
	bench_run(&bench, "4:r1034=0");
	assert_int_equal(bench.report_count, 2);
	check_report(&bench, 1, 2, COMMAND_ACCEPTED, "the printer took it");
	bench_finish(&bench);
}

static void test_stop_overtakes(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5C);
	bench_run(&bench, "0:s1 0:n[a]");
	bench_submit(&bench, KIND(COMMAND_PAUSE));
	bench_submit(&bench, KIND(COMMAND_RESUME));
	bench_submit(&bench, CODE("M105"));
	bench_run(&bench, "1:r1008=0");
	bench_submit(&bench, KIND(COMMAND_STOP));
	assert_string_equal(bench.log, "0:c1008=1,flagship,a 0:g[M105] 1:c1008=0 1:g[M2024]");
	check_report(&bench, 0, 1, COMMAND_ACCEPTED,
		     "the printer took it, then a stop overtook it");
	check_report(&bench, 1, 2, COMMAND_FAILED, "a stop overtook it; it was not sent");
	bench_run(&bench, "1.1:r1008=0 1.2:G[T:1|" OK "] 1.3:G[" OK "] 2:s0");
	assert_int_equal(bench.report_count, 4);
	assert_string_equal(bench.reports[2].text, "T:1");
	check_report(&bench, 3, 4, COMMAND_CONFIRMED, "no job is running any more");
	bench_finish(&bench);
}

static void test_connection(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_submit(&bench, RAW("{\"commandType\":1050}"));
	bench_submit(&bench, RAW("{\"commandType\":1050}"));
	bench_submit(&bench, &(struct command_request){.kind = COMMAND_EXTRUDE, .distance_mm = 1});
	bench_run(&bench, "1:lost");
	check_report(&bench, 0, 1, COMMAND_UNANSWERED,
		     "the connection was lost before the printer had answered");
	check_report(&bench, 1, 2, COMMAND_FAILED, "not connected; it was not sent");
	check_report(&bench, 2, 3, COMMAND_FAILED, "not connected; it was not sent");
	bench_run(&bench, "2:back 60:s0");
	assert_string_equal(bench.log, "0:c1050 0:q1027");
	assert_int_equal(bench.report_count, 3);
	bench_finish(&bench);
}

static void test_send_fails(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench.send_fails = true;
	bench_submit(&bench, KIND(COMMAND_STOP));
	check_report(&bench, 0, 1, COMMAND_FAILED, "not connected; it was not sent");
	bench.send_fails = false;
	bench_submit(&bench, KIND(COMMAND_STATUS));
	bench_run(&bench, "1:f1000=0");
	bench_wait_until(&bench, AFTER);
	check_report(&bench, 1, 2, COMMAND_CONFIRMED, "the printer answered");
	bench_finish(&bench);
}

static void test_cancel(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_submit(&bench, RAW("{\"commandType\":1050}"));
	uint64_t waiting = bench_submit(&bench, RAW("{\"commandType\":1050}"));
	command_cancel(bench.engine, waiting, 0);
	check_report(&bench, 0, 2, COMMAND_FAILED, "it was given up; it was not sent");
	command_cancel(bench.engine, waiting, 0);
	command_cancel(bench.engine, 99, 0);
	assert_int_equal(bench.report_count, 1);
	assert_true(command_next_deadline_ms(bench.engine) < INT64_MAX);
	bench_finish(&bench);
}

/* A handler that does from inside whatever it likes. */
struct nested {
	struct printer_state state;
	struct printer_profile profile;
	struct command_engine *engine;
	unsigned int done;
	unsigned int sent;
};

static bool nested_send(void *context, enum flagship_topic_kind kind, const char *json,
			size_t length)
{
	struct nested *nested = context;

	(void)kind;
	(void)json;
	(void)length;
	nested->sent++;
	return true;
}

static void nested_replied(void *context, uint64_t id, const struct flagship_message *message)
{
	struct nested *nested = context;

	(void)message;
	command_cancel(nested->engine, id, 1);
}

static void nested_done(void *context, const struct command_report *report)
{
	struct nested *nested = context;

	nested->done++;
	if (report->id < 10) {
		command_submit(nested->engine, RAW("{\"commandType\":1050}"), 1);
		command_submit(nested->engine, RAW("{"), 1);
		command_cancel(nested->engine, report->id + 1, 1);
		command_advance(nested->engine, 1);
	}
}

static void test_nested(void **context)
{
	struct nested nested = {0};
	struct command_output output = {nested_send, nested_replied, nested_done, &nested};
	struct flagship_message message = {.type = 1050, .has_reply = true, .json = {"{}", 2}};

	(void)context;
	printer_state_init(&nested.state, NULL, NULL, M5);
	printer_profile_init(&nested.profile, M5);
	nested.engine = command_engine_create(&nested.state, &nested.profile, &output);
	command_submit(nested.engine, RAW("{\"commandType\":1050}"), 0);
	assert_int_equal(nested.done, 3 + 2 * 8);
	command_set_connected(nested.engine, true, 1);
	for (size_t i = 0; i < 20; i++) {
		command_submit(nested.engine, RAW("{\"commandType\":1050}"), 1);
	}
	for (size_t i = 0; i < 20; i++) {
		command_receive(nested.engine, FLAGSHIP_TOPIC_COMMAND_REPLY, &message, 1);
	}
	assert_int_equal(nested.sent, 20);
	assert_int_equal(nested.done, 3 + 2 * 8 + 20);
	assert_int_equal(command_next_deadline_ms(nested.engine), INT64_MAX);
	command_engine_destroy(nested.engine);
	command_engine_destroy(NULL);
}

#define NAMED      "0:n[a] "
#define PROGRESS_1 "N[{\"commandType\":1001,\"progress\":100}]"
#define PROGRESS_2 "N[{\"commandType\":1001,\"progress\":200}]"
#define REPLIED_1  "J[{\"commandType\":1000,\"subType\":1,\"value\":1}]"

/* A state that comes within a second of the one before passes where it shows what was asked for. */
static void test_state_that_was_asked_for(void **context)
{
	const struct {
		const char *what;
		const char *before; /* until the command is sent */
		const struct command_request *request;
		const char *after;
		enum printer_job_state shown;
		size_t reports;
	} cases[] = {
		{"a resume", NAMED "0:s1 10:s2", KIND(COMMAND_RESUME), "10.5:s1",
		 PRINTER_JOB_PRINTING, 1},
		{"a pause", NAMED "0:s2 10:s1", KIND(COMMAND_PAUSE), "10.5:s2", PRINTER_JOB_PAUSED,
		 1},
		{"a stop", NAMED "0:s0 10:s1", KIND(COMMAND_STOP), "10.5:s0", PRINTER_JOB_IDLE, 1},
		{"a resume, after which 3 stands for 1", NAMED "0:s3 0:" PROGRESS_1 " 10:s2",
		 KIND(COMMAND_RESUME), "10.5:s3 11:" PROGRESS_2, PRINTER_JOB_PRINTING, 1},
		{"nothing", NAMED "0:s1 10:s2", NULL, "10.5:s1", PRINTER_JOB_PAUSED, 0},
		{"something else", NAMED "0:s1 10:s2", KIND(COMMAND_STOP), "10.5:s1",
		 PRINTER_JOB_PAUSED, 0},
		{"a resume that is not sent yet", "0:s1 10:s2", KIND(COMMAND_RESUME), "10.5:s1",
		 PRINTER_JOB_PAUSED, 0},
		{"a resume, of which a reply repeats it", NAMED "0:s1 10:s2", KIND(COMMAND_RESUME),
		 "10.5:" REPLIED_1, PRINTER_JOB_PAUSED, 0},
		{"a resume, and an old pause comes behind it", NAMED "0:s1 10:s2",
		 KIND(COMMAND_RESUME), "10.5:s1 10.9:s2", PRINTER_JOB_PRINTING, 1},
	};
	struct bench bench;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5C);
		bench_run(&bench, cases[i].before);
		if (cases[i].request) {
			bench_submit(&bench, cases[i].request);
		}
		bench_run(&bench, cases[i].after);
		assert_int_equal(bench.state.job.state, cases[i].shown);
		assert_int_equal(bench.report_count, cases[i].reports);
		for (size_t j = 0; j < bench.report_count; j++) {
			assert_int_equal(bench.reports[j].report.outcome, COMMAND_CONFIRMED);
		}
		bench_finish(&bench);
	}
}

/* The same of a command that nobody waits for (`--no-wait`): what shows it is told once. */
static void test_state_of_what_was_only_sent(void **context)
{
	static const struct command_request resume = {.kind = COMMAND_RESUME, .no_wait = true};
	static const struct command_request stop = {.kind = COMMAND_STOP, .no_wait = true};
	const struct {
		const char *what;
		const struct command_request *request;
		const char *after;
		enum printer_job_state shown;
	} cases[] = {
		{"a resume", &resume, "10.5:s1", PRINTER_JOB_PRINTING},
		{"a resume, and an old pause comes behind it", &resume, "10.5:s1 10.9:s2",
		 PRINTER_JOB_PRINTING},
		{"a resume, of which a reply repeats it", &resume, "10.5:" REPLIED_1,
		 PRINTER_JOB_PAUSED},
		{"a resume that was told, and the same again", &resume, "11.5:s1 20:s2 20.5:s1",
		 PRINTER_JOB_PAUSED},
		{"something else", &stop, "10.5:s1", PRINTER_JOB_PAUSED},
	};
	struct bench bench;

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5C);
		bench_run(&bench, NAMED "0:s1 10:s2");
		bench_submit(&bench, cases[i].request);
		assert_int_equal(bench.report_count, 1);
		assert_int_equal(bench.reports[0].report.outcome, COMMAND_ACCEPTED);
		bench_run(&bench, cases[i].after);
		assert_int_equal(bench.state.job.state, cases[i].shown);
		bench_finish(&bench);
	}
}

static uint64_t awaited_after(const struct bench *bench, int64_t ms)
{
	return command_awaited_states(bench->engine, FLAGSHIP_TOPIC_NOTICE, bench->now_ms + ms);
}

static void test_what_was_only_sent_is_shown_for_a_while(void **context)
{
	static const struct command_request resume = {.kind = COMMAND_RESUME, .no_wait = true};
	struct bench bench;

	(void)context;
	bench_init(&bench, M5C);
	bench_run(&bench, NAMED "0:s1 10:s2");
	for (int i = 0; i < 6; i++) { /* more than are kept */
		bench_submit(&bench, &resume);
	}
	assert_true(awaited_after(&bench, 14999) & 1 << 1);
	assert_int_equal(awaited_after(&bench, 15000), 0);
	command_set_connected(bench.engine, false, bench.now_ms);
	assert_int_equal(awaited_after(&bench, 0), 0);
	bench_finish(&bench);
}

/* A connection that is being made is waited for as long as for an answer. */
static void test_connection_that_does_not_come(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	command_set_connected(bench.engine, false, bench.now_ms);
	command_set_joining(bench.engine, true, bench.now_ms);
	bench_submit(&bench, CODE("M105"));
	int64_t due_ms = command_next_deadline_ms(bench.engine);
	assert_true(due_ms > bench.now_ms && due_ms < INT64_MAX);
	command_advance(bench.engine, due_ms - 1);
	assert_int_equal(bench.report_count, 0);
	command_advance(bench.engine, due_ms);
	assert_int_equal(bench.report_count, 1);
	assert_int_equal(bench.reports[0].report.outcome, COMMAND_FAILED);
	assert_int_equal(command_next_deadline_ms(bench.engine), INT64_MAX);
	bench_finish(&bench);
}

static void test_destroy_in_flight(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_submit(&bench, CODE("M105"));
	bench_submit(&bench, CODE("M114"));
	bench_run(&bench, "0.1:G[T:1]");
	bench_finish(&bench);
	assert_int_equal(bench.report_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_a_type),
		cmocka_unit_test(test_moves_stay_together),
		cmocka_unit_test(test_late_reply),
		cmocka_unit_test(test_replies_to_repetitions),
		cmocka_unit_test(test_stop_overtakes),
		cmocka_unit_test(test_connection),
		cmocka_unit_test(test_send_fails),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_state_that_was_asked_for),
		cmocka_unit_test(test_state_of_what_was_only_sent),
		cmocka_unit_test(test_what_was_only_sent_is_shown_for_a_while),
		cmocka_unit_test(test_connection_that_does_not_come),
		cmocka_unit_test(test_destroy_in_flight),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
