/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Commands that look for a file of the printer: 1009, 1010, 1044, 1008 (protocol.md 3.6). */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define M5           FLAGSHIP_MODEL_M5
#define M5C          FLAGSHIP_MODEL_M5C
#define FOREVER_MS   200000
#define MODEL        "/usr/data/local/model/"
#define STICK        "/tmp/udisk/udisk1/"
#define PAGE_FILES   47

#define FILE(folder, name) \
	"{\"name\":\"" name "\",\"path\":\"" folder name "\",\"timestamp\":1679000000}"
#define LIST(files)  "J[{\"commandType\":1009,\"reply\":0,\"fileLists\":[" files "]}]"
#define AB           LIST(FILE(MODEL, "a.gcode") "," FILE(MODEL, "b.gcode"))
#define ON_STICK     LIST(FILE(STICK, "a.gcode") "," FILE(STICK, "c.gcode"))
#define NOTHING      LIST("")
#define LOADED(path) "N[{\"commandType\":1044,\"filePath\":\"" path "\",\"url\":\"http://x/y\"}]"
#define NAMED(name)  "N[{\"commandType\":1001,\"name\":\"" name "\",\"progress\":0}]"
#define SELECT(path) "c1010=" path
#define START(path)  "c1008=1,eve," path "@u1"
#define REQUEST(what, file)                                                         \
	{                                                                           \
		.kind = (what), .text = (file), .user_id = "u1", .user_name = "eve" \
	}
#define ASKED "10:c1009=1/1 12.5:c1009=1/1 15.5:c1009=1/1"

struct case_ {
	const char *what;
	enum flagship_model model;
	struct command_request request;
	const char *before; /* steps until it is submitted, at second 10 */
	const char *steps;
	const char *sent;
	enum command_outcome outcome;
	const char *detail;
	double end_s;
};

static void run_case(const struct case_ *c)
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
	assert_string_equal(bench.reports[0].detail, c->detail);
	assert_int_equal(bench.reports[0].report.outcome, c->outcome);
	assert_int_equal(bench.reports[0].t_ms, lround(c->end_s * 1000));
	assert_false(bench.reports[0].report.guarded);
	bench_finish(&bench);
}

static void test_start(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"the whole way", M5, REQUEST(COMMAND_START, MODEL "b.gcode"), "0:s0",
		 "10.1:r1009=0 10.2:" AB
		 " 11.3:r1010=0 11.5:" LOADED(MODEL "b.gcode") " 11.6:r1008=0 "
							       "12:" NAMED("b.gcode") " 12:s8",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "b.gcode") " 11.5:" START(MODEL "b.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 12},
		{"by its name alone", M5C, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.5:" LOADED(MODEL "a.gcode") " 11.6:r1008=0 12:s8",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(MODEL "a.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 12},
		{"on the stick", M5, REQUEST(COMMAND_START, STICK "a.gcode"), "0:s0",
		 "10.2:" ON_STICK " 11.5:" LOADED(STICK "a.gcode") " 12:s8",
		 "10:c1009=0/1 11.2:" SELECT(STICK "a.gcode") " 11.5:" START(STICK "a.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 12},
		{"by its name, on the stick", M5, REQUEST(COMMAND_START, "c.gcode"), "0:s0",
		 "10.2:" AB " 11.4:" ON_STICK " 13:" LOADED(STICK "c.gcode") " 14:s8",
		 "10:c1009=1/1 11.2:c1009=0/1 12.4:" SELECT(STICK "c.gcode") " 13:" START(
			 STICK "c.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 14},
		{"no such path", M5, REQUEST(COMMAND_START, MODEL "c.gcode"), "0:s0", "10.2:" AB,
		 "10:c1009=1/1", COMMAND_REFUSED,
		 "there is no file " MODEL "c.gcode on the printer; flagship files and flagship "
		 "files --usb list those that it has",
		 11.2},
		{"a path of neither place", M5, REQUEST(COMMAND_START, "/tmp/c.gcode"), "0:s0",
		 "10.2:" AB " 11.4:" ON_STICK, "10:c1009=1/1 11.2:c1009=0/1", COMMAND_REFUSED,
		 "there is no file /tmp/c.gcode on the printer; flagship files and flagship "
		 "files --usb list those that it has",
		 12.4},
		{"the stick is silent", M5, REQUEST(COMMAND_START, "c.gcode"), "0:s0", "10.2:" AB,
		 "10:c1009=1/1 11.2:c1009=0/1 13.7:c1009=0/1 16.7:c1009=0/1", COMMAND_UNANSWERED,
		 "c.gcode is not among the files that the printer told of, but it did not tell "
		 "all; "
		 "nothing was started",
		 21.2},
		{"no such name, and no stick", M5, REQUEST(COMMAND_START, "c.gcode"), "0:s0",
		 "10.2:" AB " 11.4:r1009=1", "10:c1009=1/1 11.2:c1009=0/1", COMMAND_REFUSED,
		 "there is no file c.gcode on the printer; flagship files and flagship files --usb "
		 "list those that it has",
		 11.4},
		{"no list", M5, REQUEST(COMMAND_START, MODEL "a.gcode"), "0:s0", "", ASKED,
		 COMMAND_UNANSWERED,
		 "the printer did not tell which files it has; nothing was started", 20},
		{"acknowledged, but no list", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:r1009=0 13.3:r1009=0", "10:c1009=1/1 13.2:c1009=0/1", COMMAND_UNANSWERED,
		 "a.gcode is not among the files that the printer told of, but it did not tell "
		 "all; "
		 "nothing was started",
		 16.3},
		{"the list comes late", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "13:" AB " 14.5:" LOADED(MODEL "a.gcode") " 15:s8",
		 "10:c1009=1/1 12.5:c1009=1/1 14:" SELECT(MODEL "a.gcode") " 14.5:" START(
			 MODEL "a.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 15},
		{"it is not loaded", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 16.2:" SELECT(
			 MODEL "a.gcode") " 21.2:" SELECT(MODEL "a.gcode"),
		 COMMAND_UNANSWERED,
		 "the printer did not say that it has loaded " MODEL "a.gcode; nothing was started",
		 25.2},
		{"another one is loaded", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(MODEL "b.gcode"),
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 16.2:" SELECT(
			 MODEL "a.gcode") " 21.2:" SELECT(MODEL "a.gcode"),
		 COMMAND_UNANSWERED,
		 "the printer loaded " MODEL "b.gcode in place of " MODEL "a.gcode; nothing was "
		 "started",
		 25.2},
		{"the same name elsewhere is another file", M5,
		 REQUEST(COMMAND_START, MODEL "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(STICK "a.gcode") " 13:" LOADED(
			 MODEL "a.gcode") " 14:s8",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 13:" START(MODEL "a.gcode"),
		 COMMAND_CONFIRMED, "the job has begun", 14},
		{"what was loaded before does not count", M5, REQUEST(COMMAND_START, "a.gcode"),
		 "0:s0 9:" LOADED(MODEL "a.gcode"), "10.2:" AB " 10.3:" LOADED(MODEL "a.gcode"),
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 13.7:" SELECT(
			 MODEL
			 "a.gcode") " 16.7:" SELECT(MODEL "a.gcode") " 21.7:" SELECT(MODEL
										     "a.gcode"),
		 COMMAND_UNANSWERED,
		 "the printer did not say that it has loaded " MODEL "a.gcode; nothing was started",
		 25.2},
		{"the selection is refused", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=1", "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode"),
		 COMMAND_REFUSED,
		 "the printer does not open " MODEL "a.gcode: reply 1; nothing was started", 11.3},
		{"the start is refused", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(MODEL "a.gcode") " 11.6:r1008=2",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(MODEL "a.gcode"),
		 COMMAND_REFUSED,
		 "the printer refused it: it needs levelling first: flagship level (reply 2)",
		 11.6},
		{"a start is never sent again", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(MODEL "a.gcode") " 11.6:r1008=0 20:s0",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(
			 MODEL "a.gcode") " 14:q1027 19:q1027 24:q1027 29:q1027 34:q1027",
		 COMMAND_ACCEPTED, "the printer acknowledged but is still idle", 36.5},
		{"another job begins", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(MODEL "a.gcode") " 11.6:r1008=0 12:" NAMED(
			 "z.gcode") " 12:s8",
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(
			 MODEL "a.gcode") " 14:q1027 19:q1027 24:q1027 29:q1027 34:q1027",
		 COMMAND_ACCEPTED, "the printer acknowledged but prints z.gcode, as it says", 36.5},
		{"the name comes behind the state", M5, REQUEST(COMMAND_START, "a.gcode"),
		 "0:s0 1:s8 2:" NAMED("old.gcode") " 3:s0",
		 "10.2:" AB " 11.3:r1010=0 11.5:" LOADED(
			 MODEL "a.gcode") " 11.6:r1008=0 22:s8 23:" NAMED("a.gcode"),
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(
			 MODEL "a.gcode") " 14:q1027 19:q1027",
		 COMMAND_CONFIRMED, "the job has begun", 23},
		{"lost before it was started", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1010=0 11.4:lost 11.5:back 12:" LOADED(MODEL "a.gcode"),
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode"), COMMAND_UNANSWERED,
		 "the connection was lost; nothing was started", 11.4},
		{"given up while it looks for it", M5, REQUEST(COMMAND_START, "a.gcode"), "0:s0",
		 "10.5:cancel 10.6:" AB, "10:c1009=1/1", COMMAND_UNANSWERED,
		 "it was given up; nothing was started", 10.5},
		{"without waiting",
		 M5,
		 {.kind = COMMAND_START,
		  .text = "a.gcode",
		  .user_id = "u1",
		  .user_name = "eve",
		  .no_wait = true},
		 "0:s0",
		 "10.2:" AB " 11.5:" LOADED(MODEL "a.gcode"),
		 "10:c1009=1/1 11.2:" SELECT(MODEL "a.gcode") " 11.5:" START(MODEL "a.gcode"),
		 COMMAND_ACCEPTED,
		 "it was sent",
		 11.5},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

static void test_delete(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"by its path", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1032=0", "10:c1009=1/1 11.2:c1032=" MODEL "a.gcode",
		 COMMAND_ACCEPTED, "the printer took it", 11.3},
		{"by its name", M5, REQUEST(COMMAND_DELETE, "b.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1032=0", "10:c1009=1/1 11.2:c1032=" MODEL "b.gcode",
		 COMMAND_ACCEPTED, "the printer took it", 11.3},
		{"no such file", M5, REQUEST(COMMAND_DELETE, "z"), "0:s0",
		 "10.2:" AB " 11.3:" NOTHING, "10:c1009=1/1 11.2:c1009=0/1", COMMAND_REFUSED,
		 "there is no file z on the printer; flagship files and flagship files --usb list "
		 "those that it has",
		 12.3},
		{"no list, but a path", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"), "0:s0",
		 "20.1:r1032=0", ASKED " 20:c1032=" MODEL "a.gcode", COMMAND_ACCEPTED,
		 "the printer took it", 20.1},
		{"it is sent once", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"), "0:s0",
		 "10.2:" AB, "10:c1009=1/1 11.2:c1032=" MODEL "a.gcode", COMMAND_UNANSWERED,
		 "the printer did not answer within 10 s", 21.2},
		{"refused", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"), "0:s0",
		 "10.2:" AB " 11.3:r1032=1", "10:c1009=1/1 11.2:c1032=" MODEL "a.gcode",
		 COMMAND_REFUSED, "the printer refused it: reply 1", 11.3},
		{"a job is not disturbed by a list", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"),
		 "0:s1 1:" NAMED("b.gcode"), "10.3:r1032=0", "10:c1032=" MODEL "a.gcode",
		 COMMAND_ACCEPTED, "the printer took it", 10.3},
		{"asks whether a job runs", M5, REQUEST(COMMAND_DELETE, MODEL "a.gcode"), "",
		 "10.2:s0 10.3:" AB " 11.4:r1032=0",
		 "10:q1027 10.2:c1009=1/1 11.3:c1032=" MODEL "a.gcode", COMMAND_ACCEPTED,
		 "the printer took it", 11.4},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

static void test_files(void **context)
{
	(void)context;
	static const struct command_request board = {
		.kind = COMMAND_FILES, .value = 1, .user_id = "u1"};
	static const struct command_request usb = {.kind = COMMAND_FILES, .user_id = "u1"};
	const struct case_ cases[] = {
		{"on board", M5, board, "0:s0", "10.1:" AB, "10:c1009=1/1", COMMAND_CONFIRMED,
		 "the printer answered", 11.1},
		{"on the stick", M5, usb, "0:s0", "10.1:" ON_STICK, "10:c1009=0/1",
		 COMMAND_CONFIRMED, "the printer answered", 11.1},
		{"none", M5, usb, "0:s0", "10.1:" NOTHING, "10:c1009=0/1", COMMAND_CONFIRMED,
		 "the printer answered", 11.1},
		{"in two messages behind an acknowledgement", M5, board, "0:s0",
		 "10.1:r1009=0 12.1:" LIST(FILE(MODEL, "a.gcode")) " 12.9:" LIST(FILE(MODEL, "b")),
		 "10:c1009=1/1", COMMAND_CONFIRMED, "the printer answered", 13.9},
		{"an acknowledgement behind the list changes nothing", M5, board, "0:s0",
		 "10.1:" AB " 10.2:r1009=0", "10:c1009=1/1", COMMAND_CONFIRMED,
		 "the printer answered", 11.2},
		{"an acknowledgement alone", M5, board, "0:s0", "10.1:r1009=0", "10:c1009=1/1",
		 COMMAND_ACCEPTED, "the printer took the question, but told no list of files",
		 13.1},
		{"nothing", M5, board, "0:s0", "", "10:c1009=1/1 12.5:c1009=1/1 15.5:c1009=1/1",
		 COMMAND_UNANSWERED, "the printer did not answer within 10 s", 20},
		{"refused", M5, board, "0:s0", "10.1:r1009=1", "10:c1009=1/1", COMMAND_REFUSED,
		 "the printer refused it: reply 1", 10.1},
		{"by a reply to a query", M5, board, "0:s0", "10.1:f1009=1 10.2:" AB,
		 "10:c1009=1/1", COMMAND_CONFIRMED, "the printer answered", 11.2},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

/* Tells the files first … last - 1 in one reply to 1009. */
static void tell_files(struct bench *bench, size_t first, size_t last)
{
	static char json[PAGE_FILES * 64 + 128];
	size_t length = (size_t)snprintf(json, sizeof(json),
					 "{\"commandType\":1009,\"reply\":0,"
					 "\"fileLists\":[");

	for (size_t i = first; i < last; i++) {
		length += (size_t)snprintf(json + length, sizeof(json) - length,
					   "%s{\"name\":\"f%zu\",\"path\":\"/m/f%zu\"}",
					   i > first ? "," : "", i, i);
	}
	snprintf(json + length, sizeof(json) - length, "]}");
	bench_hear(bench, FLAGSHIP_TOPIC_COMMAND_REPLY, json);
}

/* `index` may count pages or files, or be passed over: each way every file is asked for, and no
 * longer than something new comes. */
static void test_pages(void **context)
{
	static const struct {
		const char *what;
		size_t pages[4]
			    [2]; /* the files that the printer tells, one answer after the other */
		const char *sent;
		double end_s;
	} cases[] = {
		{"pages are counted",
		 {{0, 47}, {47, 94}, {94, 100}},
		 "0:c1009=1/1 1:c1009=1/2 2:c1009=1/3",
		 3},
		{"the last page is full",
		 {{0, 47}, {47, 94}, {0, 0}},
		 "0:c1009=1/1 1:c1009=1/2 2:c1009=1/3",
		 3},
		{"files are counted",
		 {{0, 47}, {1, 48}, {48, 95}, {95, 100}},
		 "0:c1009=1/1 1:c1009=1/2 2:c1009=1/49 3:c1009=1/96",
		 4},
		{"it is passed over", {{0, 47}, {0, 47}}, "0:c1009=1/1 1:c1009=1/2", 2},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5);
		bench_run(&bench, "0:s0");
		bench_submit(&bench, &(struct command_request){.kind = COMMAND_FILES, .value = 1});
		for (size_t page = 0; page < 4 && bench.report_count == 0; page++) {
			tell_files(&bench, cases[i].pages[page][0], cases[i].pages[page][1]);
			bench_wait_until(&bench, bench.now_ms + 1000);
		}
		assert_string_equal(bench.log, cases[i].sent);
		assert_int_equal(bench.report_count, 1);
		assert_int_equal(bench.reports[0].report.outcome, COMMAND_CONFIRMED);
		assert_int_equal(bench.reports[0].t_ms, lround(cases[i].end_s * 1000));
		bench_finish(&bench);
	}
}

static void test_a_page_is_missing(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_run(&bench, "0:s0");
	bench_submit(&bench, &(struct command_request){.kind = COMMAND_FILES, .value = 1});
	tell_files(&bench, 0, 47);
	bench_wait_until(&bench, FOREVER_MS);
	assert_int_equal(bench.report_count, 1);
	assert_int_equal(bench.reports[0].report.outcome, COMMAND_UNANSWERED);
	assert_string_equal(bench.reports[0].detail,
			    "the printer did not tell all of its files: 47 are known");
	bench_finish(&bench);
	bench_init(&bench, M5);
	bench_run(&bench, "0:s0");
	bench_submit(&bench, &(struct command_request)REQUEST(COMMAND_START, "/m/f60"));
	tell_files(&bench, 0, 47);
	bench_wait_until(&bench, FOREVER_MS);
	assert_int_equal(bench.report_count, 1);
	assert_int_equal(bench.reports[0].report.outcome, COMMAND_UNANSWERED);
	assert_string_equal(bench.reports[0].detail,
			    "/m/f60 is not among the files that the printer told of, but it did "
			    "not tell all; nothing was started");
	bench_finish(&bench);
}

/* What turns heaters and fans waits for the end of a stop (protocol.md 3.2). */
static void test_nothing_cools_together_with_a_stop(void **context)
{
	struct bench bench;

	(void)context;
	bench_init(&bench, M5);
	bench_run(&bench, "0:s1");
	bench_submit(&bench, &(struct command_request){.kind = COMMAND_STOP, .user_id = "u1"});
	bench_submit(&bench, &(struct command_request){.kind = COMMAND_GCODE, .text = "M114"});
	bench_submit(&bench, &(struct command_request){.kind = COMMAND_COOLDOWN, .force = true});
	bench_submit(&bench,
		     &(struct command_request){.kind = COMMAND_FAN, .value = 0, .force = true});
	bench_submit(&bench, &(struct command_request){
				     .kind = COMMAND_GCODE, .text = "M104 S0", .force = true});
	assert_string_equal(bench.log, "0:c1008=4,flagship,@u1 0:g[M114]");
	bench_run(&bench, "1:r1008=0 1.1:G[X:1|ok|] 2:s0");
	assert_string_equal(bench.log,
			    "0:c1008=4,flagship,@u1 0:g[M114] 2:c1003=0 2:g[M104 S0] 2:c1004=0");
	bench_finish(&bench);
}

/* However it is said: as a message, in lower case, with a line number. */
static void test_raw_messages_wait_for_a_stop_too(void **context)
{
	static const struct {
		enum command_kind kind;
		const char *text;
		bool waits;
	} cases[] = {
		{COMMAND_SEND, "{\"commandType\":1003,\"value\":0}", true},
		{COMMAND_SEND, "{\"commandType\":1004,\"value\":0}", true},
		{COMMAND_SEND, "{\"commandType\":1005,\"value\":0}", true},
		{COMMAND_SEND, "{\"commandType\":1038,\"nozzle\":0}", true},
		{COMMAND_SEND, "{\"commandType\":1043,\"cmdData\":\"M104 S0\",\"cmdLen\":7}", true},
		{COMMAND_SEND, "{\"commandType\":1043,\"cmdData\":\"\\u004d140\",\"cmdLen\":4}",
		 true},
		{COMMAND_GCODE, "m106 S0", true},
		{COMMAND_GCODE, "N5 M107", true},
		{COMMAND_SEND, "{\"commandType\":1006,\"value\":100}", false},
		{COMMAND_SEND, "{\"commandType\":1043,\"cmdData\":\"M105\",\"cmdLen\":4}", false},
		{COMMAND_GCODE, "M1040", false},
	};

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench;

		print_message("%s\n", cases[i].text);
		bench_init(&bench, M5);
		bench_run(&bench, "0:s1");
		bench_submit(&bench,
			     &(struct command_request){.kind = COMMAND_STOP, .user_id = "u1"});
		bench_submit(&bench, &(struct command_request){.kind = cases[i].kind,
							       .text = cases[i].text,
							       .force = true});
		assert_true((strcmp(bench.log, "0:c1008=4,flagship,@u1") == 0) == cases[i].waits);
		bench_run(&bench, "1:r1008=0 2:s0");
		assert_true(strlen(bench.log) > strlen("0:c1008=4,flagship,@u1"));
		bench_finish(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_a_page_is_missing),
		cmocka_unit_test(test_nothing_cools_together_with_a_stop),
		cmocka_unit_test(test_raw_messages_wait_for_a_stop_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
