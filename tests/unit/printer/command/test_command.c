/* SPDX-License-Identifier: MIT */
#include "command/cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
		 "10:c1008=2,eve,@u1 12.5:q1027", COMMAND_CONFIRMED, "the job is paused", 14, 1},
		{"the printer is back later than we", M5, PAUSE, "0:s1",
		 "10.1:r1008=0 11:lost 18:back 23.1:s2", "10:c1008=2,eve,@u1 18:q1027 23:q1027",
		 COMMAND_CONFIRMED, "the job is paused", 23.1, 1},
		{"lost and never proven", M5, PAUSE, "0:s1", "11:lost 12:back",
		 "10:c1008=2,eve,@u1" PROBED, COMMAND_UNANSWERED,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_the_other_form),
		cmocka_unit_test(test_targets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
