/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define M5           FLAGSHIP_MODEL_M5
#define M5C          FLAGSHIP_MODEL_M5C
#define AT_REST      "0:s0+h"
#define OK           "+ringbuf:0,512,1|ok|"
#define FOREVER_MS   200000

struct case_ {
	const char *what;
	enum flagship_model model;
	struct command_request request;
	const char *before; /* steps until it is submitted, at second 10 */
	const char *steps;  /* from second 10 on */
	const char *sent;   /* all of it, from second 10 on */
	enum command_outcome outcome;
	const char *detail;
	double end_s; /* when it ended */
	unsigned int attempts;
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
	assert_int_equal(command_pending(bench.engine), 0);
	const struct bench_report *kept = &bench.reports[0];
	assert_string_equal(kept->detail, c->detail);
	assert_int_equal(kept->report.outcome, c->outcome);
	assert_int_equal(kept->report.kind, c->request.kind);
	assert_int_equal(kept->t_ms, lround(c->end_s * 1000));
	assert_int_equal(kept->report.elapsed_ms, kept->t_ms - 10000);
	assert_int_equal(kept->report.attempts, c->attempts);
	bench_finish(&bench);
}

#define PAUSE                                                              \
	{                                                                  \
		.kind = COMMAND_PAUSE, .user_id = "u1", .user_name = "eve" \
	}
#define RESUME                                                              \
	{                                                                   \
		.kind = COMMAND_RESUME, .user_id = "u1", .user_name = "eve" \
	}
#define STOP                                                              \
	{                                                                 \
		.kind = COMMAND_STOP, .user_id = "u1", .user_name = "eve" \
	}

/* What is sent while the printer acknowledges and its state proves nothing. */
#define INSISTED(sent)                                                                  \
	"10:" sent " 12.5:q1027 15:" sent " 17.5:q1027 20:" sent " 22.5:q1027 25:" sent \
	" 27.5:q1027 30:" sent " 32.5:q1027"
#define PROBED           " 12.5:q1027 17.5:q1027 22.5:q1027 27.5:q1027 32.5:q1027"
#define NO_USER          "; perhaps since no account says who asks: flagship config set account.user_id ID"
#define PROGRESS(number) "N[{\"commandType\":1001,\"progress\":" number "}]"

static void test_control(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"pause, reply and state", M5, PAUSE, "0:s1", "10.1:r1008=0 11:s2",
		 "10:c1008=2,eve,@u1", COMMAND_CONFIRMED, "the job is paused", 11, 1},
		{"pause, state before the reply", M5, PAUSE, "0:s1", "10.5:s2 11:r1008=0",
		 "10:c1008=2,eve,@u1", COMMAND_CONFIRMED, "the job is paused", 10.5, 1},
		{"resume", M5, RESUME, "0:s2", "10.1:r1008=0 11:s1", "10:c1008=3,eve,@u1",
		 COMMAND_CONFIRMED, "the job goes on", 11, 1},
		{"resumed to 3, and progress goes on", M5, RESUME,
		 "0:s1 1:" PROGRESS("2000") " 2:s2",
		 "10.1:r1008=0 11:s3 12:" PROGRESS("2000") " 14:" PROGRESS("2010"),
		 "10:c1008=3,eve,@u1 12.5:q1027", COMMAND_CONFIRMED, "the job goes on", 14, 1},
		{"3 after progress", M5, RESUME, "0:s1 1:" PROGRESS("2000") " 2:s2",
		 "10.1:r1008=0 11:" PROGRESS("2005") " 12:s3", "10:c1008=3,eve,@u1",
		 COMMAND_CONFIRMED, "the job goes on", 12, 1},
		{"3 alone proves nothing", M5, RESUME, "0:s1 1:" PROGRESS("2000") " 2:s2",
		 "10.1:r1008=0 11:s3 12:" PROGRESS("2000"), INSISTED("c1008=3,eve,@u1"),
		 COMMAND_ACCEPTED, "the printer acknowledged but is still paused", 35, 5},
		{"stop to idle", M5, STOP, "0:s1", "10.1:r1008=0 12:s0", "10:c1008=4,eve,@u1",
		 COMMAND_CONFIRMED, "no job is running any more", 12, 1},
		{"stop to 4", M5, STOP, "0:s1", "10.1:r1008=0 12:s4", "10:c1008=4,eve,@u1",
		 COMMAND_CONFIRMED, "no job is running any more", 12, 1},
		{"3 is no end", M5, STOP, "0:s1", "10.1:r1008=0 12:s3", INSISTED("c1008=4,eve,@u1"),
		 COMMAND_ACCEPTED, "the printer acknowledged but is still printing", 35, 5},
		{"stop while it prepares", M5, STOP, "0:s8", "10.1:r1008=0 16:r1008=0 16.5:s0",
		 "10:c1008=4,eve,@u1 12.5:q1027 15:c1008=4,eve,@u1", COMMAND_CONFIRMED,
		 "no job is running any more", 16.5, 2},
		{"M5C names the job", M5C, PAUSE, "0:s1 1:n[a.gcode]", "10.1:r1008=0 12:s2",
		 "10:c1008=1,eve,a.gcode", COMMAND_CONFIRMED, "the job is paused", 12, 1},
		{"M5C asks for the name", M5C, RESUME, "0:s2", "10.5:n[b] 10.6:r1008=0 11:s1",
		 "10:q1027 10.5:c1008=2,eve,b", COMMAND_CONFIRMED, "the job goes on", 11, 1},
		{"M5C stop is two", M5C, STOP, "0:s1 1:n[a]", "10.1:r1008=0 10.2:G[" OK "] 12:s0",
		 "10:c1008=0 10:g[M2024]", COMMAND_CONFIRMED, "no job is running any more", 12, 1},
		{"M5C stop, G-code not answered", M5C, STOP, "0:s1 1:n[a]", "10.1:r1008=0 12:s0",
		 "10:c1008=0 10:g[M2024]", COMMAND_CONFIRMED, "no job is running any more", 12, 1},
		{"acknowledged, still printing", M5, PAUSE, "0:s1",
		 "10.1:r1008=0 13:s1 16:s1 30:s1", INSISTED("c1008=2,eve,@u1"), COMMAND_ACCEPTED,
		 "the printer acknowledged but is still printing", 35, 5},
		{"acknowledged, still paused", M5, RESUME, "0:s2", "10.1:r1008=0 13:s2",
		 INSISTED("c1008=3,eve,@u1"), COMMAND_ACCEPTED,
		 "the printer acknowledged but is still paused", 35, 5},
		{"acknowledged, then silent", M5, PAUSE, "0:s1", "10.1:r1008=0",
		 INSISTED("c1008=2,eve,@u1"), COMMAND_ACCEPTED,
		 "the printer acknowledged but did not tell its state since", 35, 5},
		{"1 and 0 are never sent again: pause of an M5C", M5C, PAUSE, "0:s1 1:n[a]",
		 "10.1:r1008=0 13:s1", "10:c1008=1,eve,a" PROBED, COMMAND_ACCEPTED,
		 "the printer acknowledged but is still printing", 35, 1},
		{"1 and 0 are never sent again: stop of an M5C", M5C, STOP, "0:s1 1:n[a]", "13:s1",
		 "10:c1008=0 10:g[M2024]" PROBED, COMMAND_UNANSWERED,
		 "the printer did not answer and is still printing", 35, 1},
		{"with a time limit",
		 M5,
		 {.kind = COMMAND_PAUSE, .timeout_ms = 3000, .user_id = "u1"},
		 "0:s1",
		 "10.1:r1008=0 11:s1",
		 "10:c1008=2,flagship,@u1 12.5:q1027",
		 COMMAND_ACCEPTED,
		 "the printer acknowledged but is still printing",
		 13,
		 1},
		{"nobody asks",
		 M5,
		 {.kind = COMMAND_STOP, .timeout_ms = 3000},
		 "0:s1",
		 "11:s1",
		 "10:c1008=4,flagship,@flagship 10.75:c1008=4,flagship,@flagship "
		 "11.65:c1008=4,flagship,@flagship 12.5:q1027",
		 COMMAND_UNANSWERED,
		 "the printer did not answer and is still printing" NO_USER,
		 13,
		 3},
		{"refused", M5, PAUSE, "0:s1", "10.1:r1008=7", "10:c1008=2,eve,@u1",
		 COMMAND_REFUSED, "the printer refused it: reply 7", 10.1, 1},
		{"failed", M5, PAUSE, "0:s1", "10.1:r1008=1", "10:c1008=2,eve,@u1", COMMAND_REFUSED,
		 "the printer refused it: it failed (reply 1)", 10.1, 1},
		{"needs levelling", M5, RESUME, "0:s2", "10.1:r1008=2", "10:c1008=3,eve,@u1",
		 COMMAND_REFUSED,
		 "the printer refused it: it needs levelling first: flagship level (reply 2)", 10.1,
		 1},
		{"not known", M5, STOP, "0:s1", "10.1:r1008=6", "10:c1008=4,eve,@u1",
		 COMMAND_REFUSED, "the printer refused it: it does not know this command (reply 6)",
		 10.1, 1},
		{"silent", M5, PAUSE, "0:s1", "",
		 "10:c1008=2,eve,@u1 12.5:c1008=2,eve,@u1 12.5:q1027 15.5:c1008=2,eve,@u1 "
		 "17.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer within 10 s", 20, 3},
		{"reply lost, state seen", M5, PAUSE, "0:s1", "13:s2",
		 "10:c1008=2,eve,@u1 12.5:c1008=2,eve,@u1 12.5:q1027", COMMAND_CONFIRMED,
		 "the job is paused", 13, 2},
		{"not answered and still printing", M5, PAUSE, "0:s1", "13:s1",
		 "10:c1008=2,eve,@u1 12.5:c1008=2,eve,@u1 12.5:q1027 15.5:c1008=2,eve,@u1 "
		 "17.5:q1027 20.5:c1008=2,eve,@u1 22.5:q1027 25.5:c1008=2,eve,@u1 27.5:q1027 "
		 "32.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer and is still printing", 35, 5},
		{"reply with another type", M5, PAUSE, "0:s1", "10.1:r1009=0 12:s2",
		 "10:c1008=2,eve,@u1", COMMAND_CONFIRMED, "the job is paused", 12, 1},
		{"idle M5C has nothing to name", M5C, PAUSE, "0:s0", "10.1:r1008=0 11:s0",
		 "10:c1008=1,eve" PROBED, COMMAND_ACCEPTED,
		 "the printer acknowledged but is still idle", 35, 1},
		{"silent M5C", M5C, PAUSE, "", "",
		 "10:q1027 11.5:q1027 13:q1027 15:c1008=1,eve 17.5:q1027 22.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer within 10 s", 25, 1},
		{"lost before the state", M5, PAUSE, "0:s1", "10.1:r1008=0 11:lost 12:back 14:s2",
		 "10:c1008=2,eve,@u1", COMMAND_CONFIRMED, "the job is paused", 14, 1},
		{"lost and never proven", M5, PAUSE, "0:s1", "11:lost 12:back",
		 "10:c1008=2,eve,@u1", COMMAND_UNANSWERED,
		 "the printer did not answer and did not tell its state since", 35, 1},
		{"given up", M5, PAUSE, "0:s1", "11:cancel", "10:c1008=2,eve,@u1",
		 COMMAND_UNANSWERED, "it was given up before the printer had answered", 11, 1},
		{"given up after the reply", M5, PAUSE, "0:s1", "10.1:r1008=0 11:cancel",
		 "10:c1008=2,eve,@u1", COMMAND_ACCEPTED,
		 "the printer took it, then it was given up", 11, 1},
		{"an echo in a reply proves nothing", M5, STOP, "0:s1", "10.1:r1000=0 13:s1",
		 INSISTED("c1008=4,eve,@u1"), COMMAND_ACCEPTED,
		 "the printer acknowledged but is still printing", 35, 5},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

/* One setting chooses between the two forms of protocol.md 3.2. */
static void test_the_other_form(void **context)
{
	static const struct {
		enum flagship_model model;
		enum printer_control control;
		const char *sent;
	} cases[] = {
		{M5C, PRINTER_CONTROL_VENDOR,
		 "10:c1008=2,eve,@u1 20:c1008=3,eve,@u1 30:c1008=4,eve,@u1"},
		{M5, PRINTER_CONTROL_OBSERVED,
		 "10:c1008=1,eve,a 20:c1008=2,eve,a 30:c1008=0 30:g[M2024]"},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		bench_init(&bench, cases[i].model);
		bench.profile.control = cases[i].control;
		bench_run(&bench, "0:s1 1:n[a] 10:s1");
		bench_submit(&bench, &(struct command_request)PAUSE);
		bench_run(&bench, "10.1:r1008=0 11:s2 20:s2");
		bench_submit(&bench, &(struct command_request)RESUME);
		bench_run(&bench, "20.1:r1008=0 21:s1 30:s1");
		bench_submit(&bench, &(struct command_request)STOP);
		bench_run(&bench, "30.1:r1008=0 30.1:G[" OK "] 31:s0");
		assert_string_equal(bench.log, cases[i].sent);
		assert_int_equal(bench.report_count, 3);
		for (size_t j = 0; j < bench.report_count; j++) {
			assert_int_equal(bench.reports[j].report.outcome, COMMAND_CONFIRMED);
		}
		bench_finish(&bench);
	}
}

#define NOZZLE                                                \
	{                                                     \
		.kind = COMMAND_NOZZLE_TARGET, .value = 20050 \
	}
#define BED                                               \
	{                                                 \
		.kind = COMMAND_BED_TARGET, .value = 6000 \
	}
#define SPEED                                       \
	{                                           \
		.kind = COMMAND_SPEED, .value = 250 \
	}

static void test_targets(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"nozzle", M5, NOZZLE, "0:t0", "10.1:r1003=0 10.2:G[" OK "] 11:t20050",
		 "10:c1003=20050 10:g[M104 S200.5]", COMMAND_CONFIRMED,
		 "the nozzle target is 200.5 °C", 11, 1},
		{"bed", M5, BED, "0:b0", "10.1:r1004=0 10.2:G[" OK "] 11:b6000",
		 "10:c1004=6000 10:g[M140 S60]", COMMAND_CONFIRMED, "the bed target is 60 °C", 11,
		 1},
		{"off",
		 M5,
		 {.kind = COMMAND_BED_TARGET},
		 "0:s0+b6000",
		 "10.1:r1004=0 10.2:G[" OK "] 11:b0",
		 "10:c1004=0 10:g[M140 S0]",
		 COMMAND_CONFIRMED,
		 "the bed is off",
		 11,
		 1},
		{"unchanged, so left out", M5C, BED, "0:b6000", "10.1:r1004=0 10.2:G[" OK "] 12:b",
		 "10:c1004=6000 10:g[M140 S60]", COMMAND_CONFIRMED, "the bed target is 60 °C", 12,
		 1},
		{"cooldown",
		 M5,
		 {.kind = COMMAND_COOLDOWN},
		 "0:s0+t100+b100",
		 "10.1:r1003=0+r1004=0 10.2:G[" OK "] 10.3:G[" OK "] 11:t0 12:b0",
		 "10:c1003=0 10:g[M104 S0] 10:c1004=0 10.2:g[M140 S0]",
		 COMMAND_CONFIRMED,
		 "nozzle and bed are off",
		 12,
		 1},
		{"no effect", M5, NOZZLE, "0:t0", "10.1:r1003=0 10.2:G[" OK "] 12:t0",
		 "10:c1003=20050 10:g[M104 S200.5] 12.5:q1027 17.5:q1027 22.5:q1027",
		 COMMAND_ACCEPTED, "the printer acknowledged but its nozzle target is still 0 °C",
		 25, 1},
		{"both refused", M5, NOZZLE, "0:t0", "10.1:r1003=1+r1043=1",
		 "10:c1003=20050 10:g[M104 S200.5]", COMMAND_REFUSED,
		 "the printer refused it: reply 1", 10.1, 1},
		{"typed refused, G-code heats", M5, NOZZLE, "0:t0",
		 "10.1:r1003=1 10.2:G[" OK "] 12:t20050", "10:c1003=20050 10:g[M104 S200.5]",
		 COMMAND_CONFIRMED, "the nozzle target is 200.5 °C", 12, 1},
		{"G-code is never repeated", M5, NOZZLE, "0:t0", "",
		 "10:c1003=20050 10:g[M104 S200.5] 12.5:c1003=20050 12.5:q1027 15.5:c1003=20050 "
		 "17.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer within 10 s", 20, 3},
		{"speed", M5, SPEED, "0:v1006=100", "10.1:r1006=0 11:v1006=250", "10:c1006=250",
		 COMMAND_CONFIRMED, "the speed is 250 mm/s", 11, 1},
		{"speed shown by the burst", M5, SPEED, "0:v1006=100",
		 "10.1:r1006=0 12.6:f1006=250", "10:c1006=250 12.5:q1027", COMMAND_CONFIRMED,
		 "the speed is 250 mm/s", 12.6, 1},
		{"speed stays", M5, SPEED, "0:v1006=100", "10.1:r1006=0 12.6:f1006=100",
		 "10:c1006=250 12.5:q1027 17.5:q1027 22.5:q1027", COMMAND_ACCEPTED,
		 "the printer acknowledged but its speed is still 100 mm/s", 25, 1},
		{"too hot",
		 M5,
		 {.kind = COMMAND_NOZZLE_TARGET, .value = 26001},
		 "0:s0",
		 "",
		 "",
		 COMMAND_REFUSED,
		 "a nozzle target above 260 °C may damage the hot end",
		 10,
		 0},
		{"too hot, forced",
		 M5,
		 {.kind = COMMAND_NOZZLE_TARGET, .value = 26500, .force = true},
		 "0:t0",
		 "10.1:r1003=0 10.2:t26500",
		 "10:c1003=26500 10:g[M104 S265]",
		 COMMAND_CONFIRMED,
		 "the nozzle target is 265 °C",
		 10.2,
		 1},
		{"clamped by the firmware",
		 M5,
		 {.kind = COMMAND_BED_TARGET, .value = 11000, .force = true},
		 "0:s0+b0",
		 "10.1:r1004=0 10.2:b10000 10.3:G[" OK "]",
		 "10:c1004=11000 10:g[M140 S110]",
		 COMMAND_ACCEPTED,
		 "the bed target became 100 °C instead of 110: the printer's firmware goes no "
		 "higher",
		 10.3,
		 1},
		{"clamped to what it was",
		 M5,
		 {.kind = COMMAND_BED_TARGET, .value = 11000, .force = true},
		 "0:s0+b10000",
		 "10.1:r1004=0 10.2:G[" OK "] 11:b10000",
		 "10:c1004=11000 10:g[M140 S110]",
		 COMMAND_ACCEPTED,
		 "the bed target became 100 °C instead of 110: the printer's firmware goes no "
		 "higher",
		 11,
		 1},
		{"clamped to a ceiling that nobody knew",
		 M5C,
		 {.kind = COMMAND_NOZZLE_TARGET, .value = 30000},
		 "0:s0+t0",
		 "10.1:r1003=0 10.2:G[" OK "] 11:t28000",
		 "10:c1003=30000 10:g[M104 S300]",
		 COMMAND_ACCEPTED,
		 "the nozzle target became 280 °C instead of 300: the printer's firmware goes no "
		 "higher",
		 11,
		 1},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

#define MOVE_RELATIVE                                                                  \
	{                                                                              \
		.kind = COMMAND_MOVE, .position_mm = {10, NAN, 0.5}, .relative = true, \
		.feed_mm_s = 20                                                        \
	}
#define EXTRUDE                                            \
	{                                                  \
		.kind = COMMAND_EXTRUDE, .distance_mm = -5 \
	}
#define Z_OFFSET(centi, is_relative)                                              \
	{                                                                         \
		.kind = COMMAND_Z_OFFSET, .value = centi, .relative = is_relative \
	}
#define Z_OFFSET_FORCED(centi)                                          \
	{                                                               \
		.kind = COMMAND_Z_OFFSET, .value = centi, .force = true \
	}

static void test_motion(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"absolute move",
		 M5,
		 {.kind = COMMAND_MOVE, .position_mm = {10, 20.5, NAN}},
		 AT_REST,
		 "10.1:G[" OK "] 10.2:G[" OK "]",
		 "10:g[G90] 10.1:g[G1 X10.000 Y20.500 F3000]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 10.2,
		 1},
		{"relative move", M5, MOVE_RELATIVE, AT_REST,
		 "10.1:G[" OK "] 10.2:G[" OK "] 10.3:G[" OK "]",
		 "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200] 10.2:g[G90]", COMMAND_ACCEPTED,
		 "the printer took the move", 10.3, 1},
		{"not moved where G91 was not answered", M5, MOVE_RELATIVE, AT_REST,
		 "40.5:G[" OK "]", "10:g[G91] 40:g[G90]", COMMAND_UNANSWERED,
		 "the printer answered only a part of it within 30 s", 42, 1},
		{"absolute again where the move was not answered", M5, MOVE_RELATIVE, AT_REST,
		 "10.1:G[" OK "]", "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200] 40.1:g[G90]",
		 COMMAND_UNANSWERED,
		 "the printer answered only a part of it within 30 s; it may be left in relative "
		 "coordinates: send G90",
		 70.1, 1},
		{"lost in the middle", M5, MOVE_RELATIVE, AT_REST, "10.1:G[" OK "] 11:lost 12:back",
		 "10:g[G91] 10.1:g[G1 X10.000 Z0.500 F1200]", COMMAND_UNANSWERED,
		 "the connection was lost before the printer had answered; it may be left in "
		 "relative coordinates: send G90",
		 11, 1},
		{"retract", M5, EXTRUDE, AT_REST, "10.1:G[" OK "] 10.2:G[" OK "] 10.3:G[" OK "]",
		 "10:g[M83] 10.1:g[G1 E-5.000 F180] 10.2:g[M82]", COMMAND_ACCEPTED,
		 "the printer took the move", 10.3, 1},
		{"extrude asks whether a job runs", M5, EXTRUDE, "", "10.2:s1", "10:q1027",
		 COMMAND_REFUSED,
		 "a job is running, and moving the printer, or changing how moves are read, would "
		 "spoil it",
		 10.2, 0},
		{"extrude asks how warm the nozzle is", M5, EXTRUDE, "0:s0", "10.2:t0", "10:q1027",
		 COMMAND_REFUSED,
		 "the nozzle has 20 °C, and filament moves from 165 °C on; below that the extruder "
		 "grinds it",
		 10.2, 0},
		{"too cold for the printer", M5, EXTRUDE, AT_REST,
		 "10.1:G[" OK "] 10.2:G[echo:~cold~extrusion~prevented|" OK "] 10.3:G[" OK "]",
		 "10:g[M83] 10.1:g[G1 E-5.000 F180] 10.2:g[M82]", COMMAND_REFUSED,
		 "the printer refused it: the nozzle is too cold to move filament", 10.3, 1},
		{"not homed",
		 M5,
		 {.kind = COMMAND_MOVE, .position_mm = {10, 20.5, NAN}},
		 AT_REST,
		 "10.1:G[" OK "] 10.2:G[echo:Home~XY~First|" OK "]",
		 "10:g[G90] 10.1:g[G1 X10.000 Y20.500 F3000]",
		 COMMAND_REFUSED,
		 "the printer refused it: it has to be homed first",
		 10.2,
		 1},
		{"nothing moves where nobody answers", M5, EXTRUDE, "", "",
		 "10:q1027 11.5:q1027 13:q1027", COMMAND_UNANSWERED,
		 "the printer did not tell its state, which must be known first; nothing was "
		 "changed",
		 15, 0},
		{"home all on an M5",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL},
		 AT_REST,
		 "10.1:r1026=0 18:v1026=2",
		 "10:c1026=2 12.5:q1027 17.5:q1027",
		 COMMAND_CONFIRMED,
		 "homed",
		 18,
		 1},
		{"home X",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_X},
		 AT_REST,
		 "18:G[ok||ok||" OK "]",
		 "10:g[G28 X]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"home all on an M5C",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL},
		 AT_REST,
		 "",
		 "",
		 COMMAND_REFUSED,
		 "homing Z drove the nozzle of such a printer into its plate: name X, Y or both",
		 10,
		 0},
		{"forced",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXES_ALL, .force = true},
		 AT_REST,
		 "18:G[" OK "]",
		 "10:g[G28]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"home X Y on an M5C",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_X | COMMAND_AXIS_Y},
		 AT_REST,
		 "10.1:r1026=0 18:v1026=0",
		 "10:c1026=0 12.5:q1027 17.5:q1027",
		 COMMAND_CONFIRMED,
		 "homed",
		 18,
		 1},
		{"home Z on an M5",
		 M5,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z},
		 AT_REST,
		 "10.1:r1026=0 12:v1026=1",
		 "10:c1026=1",
		 COMMAND_CONFIRMED,
		 "homed",
		 12,
		 1},
		{"home Z on an M5C, forced",
		 M5C,
		 {.kind = COMMAND_HOME, .value = COMMAND_AXIS_Z, .force = true},
		 AT_REST,
		 "18:G[" OK "]",
		 "10:g[G28 Z]",
		 COMMAND_ACCEPTED,
		 "the printer took the move",
		 18.2,
		 1},
		{"Z offset in steps", M5, Z_OFFSET_FORCED(-325), "0:s0+v1021=15",
		 "10.1:G[" OK "] 10.2:v1021=-185+s0 10.3:G[" OK "] 11:v1021=-325",
		 "10:g[M290 Z-2.00] 10.1:g[M290 Z-1.40]", COMMAND_CONFIRMED,
		 "the Z offset is -3.25 mm", 11, 1},
		{"Z offset from where it is", M5, Z_OFFSET(-5, true), "",
		 "10.2:v1021=15 10.3:G[" OK "] 11:v1021=10", "10:q1027 10.2:g[M290 Z-0.05]",
		 COMMAND_CONFIRMED, "the Z offset is 0.10 mm", 11, 1},
		{"Z offset is that already", M5, Z_OFFSET(15, false), "0:v1021=15", "", "",
		 COMMAND_CONFIRMED, "the Z offset is 0.15 mm", 10, 0},
		{"Z offset unknown", M5, Z_OFFSET(15, false), "0:s0", "11:s0",
		 "10:q1027 11.5:q1027 13:q1027", COMMAND_UNANSWERED,
		 "the printer did not tell its Z offset, which must be known first; nothing was "
		 "changed",
		 15, 0},
		{"Z offset too far", M5, Z_OFFSET(-325, false), "0:s0+v1021=15", "", "",
		 COMMAND_REFUSED,
		 "a Z offset of -3.25 mm is beyond 2 mm, and may drive the nozzle into the plate",
		 10, 0},
		{"Z offset ends too far", M5, Z_OFFSET(-90, true), "", "10.2:v1021=-150",
		 "10:q1027", COMMAND_REFUSED,
		 "a Z offset of -2.40 mm is beyond 2 mm, and may drive the nozzle into the plate",
		 10.2, 0},
		{"Z offset step lost", M5, Z_OFFSET_FORCED(-325), "0:s0+v1021=15",
		 "10.2:v1021=-185", "10:g[M290 Z-2.00] 12.5:q1027 17.5:q1027 22.5:q1027",
		 COMMAND_UNANSWERED, "the printer did not answer and its Z offset is -1.85 mm", 25,
		 1},
		{"level",
		 M5,
		 {.kind = COMMAND_LEVEL},
		 AT_REST,
		 "10.1:r1007=0 11:s7",
		 "10:c1007",
		 COMMAND_CONFIRMED,
		 "levelling has begun",
		 11,
		 1},
		{"level in a job",
		 M5,
		 {.kind = COMMAND_LEVEL},
		 "0:s1",
		 "",
		 "",
		 COMMAND_REFUSED,
		 "a job is running, and levelling would drive the nozzle through it",
		 10,
		 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

#define TEXT(kind_, text_)                   \
	{                                    \
		.kind = kind_, .text = text_ \
	}

static void test_others(void **context)
{
	(void)context;
	static const struct case_ cases[] = {
		{"fan",
		 M5,
		 {.kind = COMMAND_FAN, .value = 50},
		 AT_REST,
		 "10.1:G[" OK "]",
		 "10:g[M106 S128]",
		 COMMAND_ACCEPTED,
		 "the printer took it; it does not tell a speed that was set by G-code",
		 10.1,
		 1},
		{"fan too fast",
		 M5,
		 {.kind = COMMAND_FAN, .value = 101},
		 AT_REST,
		 "",
		 "",
		 COMMAND_FAILED,
		 "cannot send it: a value is out of its range",
		 10,
		 0},
		{"rename", M5, TEXT(COMMAND_RENAME, "Ada"), "", "10.1:r1034=0", "10:c1034",
		 COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"rename, first reply lost", M5, TEXT(COMMAND_RENAME, "Ada"), "", "12.6:r1034=0",
		 "10:c1034 12.5:c1034", COMMAND_ACCEPTED, "the printer took it", 12.6, 2},
		{"light",
		 M5C,
		 {.kind = COMMAND_LIGHT, .value = 1},
		 "",
		 "10.1:G[echo:M3012~S1|" OK "]",
		 "10:g[M3012 S1]",
		 COMMAND_ACCEPTED,
		 "the printer took it; it does not tell what its light is",
		 10.1,
		 1},
		{"light of an M5",
		 M5,
		 {.kind = COMMAND_LIGHT, .value = 1, .force = true},
		 "",
		 "",
		 "",
		 COMMAND_REFUSED,
		 "the light of an M5 is switched over the local network, which flagship cannot do "
		 "yet",
		 10,
		 0},
		{"no light",
		 M5C,
		 {.kind = COMMAND_LIGHT, .value = 1},
		 "",
		 "10.1:G[echo:Unknown~command:~M3012|" OK "]",
		 "10:g[M3012 S1]",
		 COMMAND_REFUSED,
		 "the printer refused it: \"Unknown command\"",
		 10.1,
		 1},
		{"status",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "10.1:f1000=0+f1006=1 10.2:s0",
		 "10:q1027",
		 COMMAND_CONFIRMED,
		 "the printer answered",
		 10.6,
		 1},
		{"status by notices",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "10.1:t0 12:s0",
		 "10:q1027",
		 COMMAND_CONFIRMED,
		 "the printer answered",
		 12.4,
		 1},
		{"status, silent",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "",
		 "",
		 "10:q1027 12.5:q1027 15.5:q1027",
		 COMMAND_UNANSWERED,
		 "the printer did not answer within 10 s",
		 20,
		 3},
		{"send", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "", "10.1:r1050=0",
		 "10:c1050", COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"reply without a number", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1050", "10:c1050", COMMAND_ACCEPTED, "the printer took it", 10.1, 1},
		{"send is not repeated", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "", "",
		 "10:c1050", COMMAND_UNANSWERED, "the printer did not answer within 10 s", 20, 1},
		{"reply of another type", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1051=0", "10:c1050", COMMAND_ACCEPTED, "the printer took it", 11.1, 1},
		{"the right type counts more", M5, TEXT(COMMAND_SEND, "{\"commandType\":1050}"), "",
		 "10.1:r1051=0 10.5:r1050=4", "10:c1050", COMMAND_REFUSED,
		 "the printer refused it: reply 4", 10.5, 1},
		{"send no JSON", M5, TEXT(COMMAND_SEND, "{"), "", "", "", COMMAND_FAILED,
		 "cannot send it: it is not one JSON object", 10, 0},
		{"send nothing",
		 M5,
		 {.kind = COMMAND_SEND},
		 "",
		 "",
		 "",
		 COMMAND_FAILED,
		 "cannot send it: an argument is not valid",
		 10,
		 0},
		{"query", M5, TEXT(COMMAND_QUERY, "{\"commandType\":1002}"), "", "10.1:f1002=1",
		 "10:q1002", COMMAND_CONFIRMED, "the printer answered", 10.5, 1},
		{"not connected",
		 M5,
		 {.kind = COMMAND_STATUS},
		 "5:lost",
		 "",
		 "",
		 COMMAND_FAILED,
		 "not connected; it was not sent",
		 10,
		 0},
		{"reply after the connection was lost", M5, TEXT(COMMAND_RENAME, "Ada"), "",
		 "11:lost 12:back 13:r1034=0", "10:c1034", COMMAND_UNANSWERED,
		 "the connection was lost before the printer had answered", 11, 1},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		run_case(&cases[i]);
	}
}

static void test_gcode_text(void **context)
{
	static const struct {
		const char *what;
		const char *steps;
		const char *text;
		bool whole;
		double end_s;
	} cases[] = {
		{"whole", "0.1:G[T:20|" OK "]", "T:20", true, 0.1},
		{"oks first, then the answer", "0.1:G[ok|] 0.2:G[T:20|" OK "]", "T:20", true, 0.2},
		{"oks alone", "0.1:G[ok|]", "", false, 0.3},
		{"in two parts", "0.1:G[X:1] 0.2:G[~Y:2|" OK "]", "X:1 Y:2", true, 0.2},
		{"cut", "0.1:G[X:1]", "X:1", false, 0.6},
		{"with another type", "0.1:O[T:20|" OK "]", "T:20", true, 0.1},
	};

	(void)context;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench bench;

		print_message("# %s\n", cases[i].what);
		bench_init(&bench, M5C);
		bench_submit(&bench, &(struct command_request)TEXT(COMMAND_GCODE, "M105"));
		bench_run(&bench, cases[i].steps);
		bench_wait_until(&bench, FOREVER_MS);
		assert_string_equal(bench.log, "0:g[M105]");
		assert_int_equal(bench.report_count, 1);
		assert_int_equal(bench.reports[0].report.outcome, COMMAND_ACCEPTED);
		assert_string_equal(bench.reports[0].text, cases[i].text);
		assert_int_equal(bench.reports[0].report.text_whole, cases[i].whole);
		assert_int_equal(bench.reports[0].t_ms, lround(cases[i].end_s * 1000));
		assert_false(bench.reports[0].report.effect_expected);
		bench_finish(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control), cmocka_unit_test(test_the_other_form),
		cmocka_unit_test(test_targets), cmocka_unit_test(test_motion),
		cmocka_unit_test(test_others),  cmocka_unit_test(test_gcode_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
