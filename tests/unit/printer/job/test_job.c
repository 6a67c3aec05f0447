/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct job_case {
	const char *what;
	const char *steps;
	const char *events;
	const char *state; /* at the end, or NULL */
};

static void run_cases(enum flagship_model model, const struct job_case *cases, size_t count)
{
	static struct script script;

	for (size_t i = 0; i < count; i++) {
		script_init(&script, model);
		script_run(&script, cases[i].steps);
		print_message("# %s\n", cases[i].what);
		assert_string_equal(script.events, cases[i].events);
		if (cases[i].state) {
			assert_true(script.state.job.state_received);
			assert_string_equal(printer_job_state_name(script.state.job.state),
					    cases[i].state);
		}
	}
}

#define RUN_AS(model, cases) run_cases(model, cases, sizeof(cases) / sizeof((cases)[0]))
#define RUN(cases)           RUN_AS(FLAGSHIP_MODEL_M5C, cases)

static void test_whole_jobs(void **context)
{
	static const struct job_case cases[] = {
		{"a job as an M5C tells it",
		 "0:s0 60:jA/cube+p0+s8 63:jA/cube+p0+s8 120:s1 123:p119+s1 126:p250+s1 "
		 "200:p9999+s1 203:p10000+s1 206:s4 209:s0",
		 "60:job_preparing 120:job_started 123:progress=1 126:progress=2 200:progress=99 "
		 "203:progress=100 206:job_finished",
		 "idle"},
		{"the first state ever heard is 8", "0:s8 9:s1", "0:job_preparing 9:job_started",
		 "printing"},
		{"no preparing was heard", "0:s0 9:s1", "9:job_started", "printing"},
		{"downloading to print and slicing prepare too", "0:s0 1:s10 2:s15 9:s8 20:s1",
		 "1:job_preparing 20:job_started", "printing"},
		{"what comes before a print begins no job", "0:s7 3:s5 9:s12 12:s11 13:s9 20:s0",
		 "", "idle"},
		{"levelling, then a print", "0:s7 3:s5 9:s1", "9:job_started", "printing"},
		{"a change of filament neither pauses nor ends it",
		 "0:s0 3:s8 9:s1 20:s2 30:s17 40:s16 50:s1",
		 "3:job_preparing 9:job_started 20:job_paused 50:job_resumed", "printing"},
		{"paused twice", "0:s0 9:s1 20:s2 23:s2 30:s1 33:s1 40:s2 50:s1",
		 "9:job_started 20:job_paused 30:job_resumed 40:job_paused 50:job_resumed",
		 "printing"},
		{"paused while it prepares", "0:s8 9:s2 20:s1",
		 "0:job_preparing 9:job_started 9:job_paused 20:job_resumed", "printing"},
		{"two jobs", "0:jA/a+s8 9:s1 12:p10000+s1 15:s4 18:s0 60:jB/b+p0+s8 90:s1",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 60:job_preparing "
		 "90:job_started",
		 "printing"},
		{"the same file twice",
		 "0:j/a+s8 9:s1 12:p10000+s1 15:s4 18:s0 60:s8 90:s1 99:p100",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 60:job_preparing "
		 "90:job_started 99:progress=1",
		 "printing"},
	};

	(void)context;
	RUN(cases);
}

static void test_ends(void **context)
{
	static const struct job_case cases[] = {
		{"4 below 100 % is stopped, once nothing else can come",
		 "0:s8 9:s1 20:p5000 30:s4 33:s4 36:s4",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped", "stopped"},
		{"4 below 100 % at the end of what is heard", "0:s8 9:s1 30:s4 30:settle",
		 "0:job_preparing 9:job_started 30:job_stopped", "stopped"},
		{"the timer decides where nothing more comes", "0:s8 9:s1 30:s4 34:check 35:check",
		 "0:job_preparing 9:job_started 30:job_stopped", "stopped"},
		{"the last progress comes after the end", "0:s8 9:s1 20:p9900 30:s4 30.1:p10000",
		 "0:job_preparing 9:job_started 20:progress=99 30.1:progress=100 30:job_finished",
		 "finished"},
		{"no 4, only idle", "0:s8 9:s1 20:p10000 30:s0",
		 "0:job_preparing 9:job_started 30:progress=100 30:job_finished", "idle"},
		{"no 4, only idle, below 100 %", "0:s8 9:s1 20:p3000 30:s0 40:s0",
		 "0:job_preparing 9:job_started 20:progress=30 30:job_stopped", "idle"},
		{"cancelled while it prepares", "0:s8 9:s0 20:s0", "0:job_preparing 9:job_stopped",
		 "idle"},
		{"the next job decides too", "0:jA/a+s8 9:s1 30:s4 31:jB/b 32:s8",
		 "0:job_preparing 9:job_started 30:job_stopped 32:job_preparing", "preparing"},
		{"ended, idle and again preparing, all at once", "0:s8 9:s1 30:s4 31:s0 32:s8",
		 "0:job_preparing 9:job_started 30:job_stopped 32:job_preparing", "preparing"},
		{"the first thing heard is the end of a job", "0:s4 3:s4 6:s0", "", "idle"},
		{"found ended at 100 %", "0:p10000+s4", "", "finished"},
	};

	(void)context;
	RUN(cases);
}

static void test_ends_of_an_m5(void **context)
{
	static const struct job_case cases[] = {
		{"4 is finished, whatever the progress", "0:s8 9:s1 20:p9900 30:s4 33:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_finished", "idle"},
		{"straight to idle is stopped", "0:s8 9:s1 20:p9900 30:s0 36:check",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_stopped", "idle"},
		{"and is finished where only the 4 was lost", "0:s8 9:s1 20:p9900 29:p10000 30:s0",
		 "0:job_preparing 9:job_started 20:progress=99 29:progress=100 30:job_finished",
		 "idle"},
		{"0 that overtook 4", "0:s8 9:s1 20:p9900 30:s0 30.2:s4 33:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_finished", "idle"},
		{"4 while it prepares is no finish", "0:s8 9:s4 20:s0",
		 "0:job_preparing 9:job_stopped", "idle"},
		{"trigger 3 at the end of a finished one",
		 "0:s8 9:s1 20:p9900 29:p10000 30:s4 31:u3 33:s0",
		 "0:job_preparing 9:job_started 20:progress=99 29:progress=100 30:job_finished",
		 "idle"},
		{"trigger 4, before the end", "0:s8 9:s1 20:p9900 29:u4 30:s4 33:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_finished", "idle"},
		{"trigger 2 of a stopped one", "0:s8 9:s1 20:p5000 30:s0 31:u2 36:check",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped", "idle"},
		{"found finished", "0:s4", "", "finished"},
		{"finished while nobody listened, perhaps", "0:s8 9:s1 12:p500 20:lost 60:s4 70:s0",
		 "0:job_preparing 9:job_started 12:progress=5", "idle"},
	};

	(void)context;
	RUN_AS(FLAGSHIP_MODEL_M5, cases);
}

static void test_triggers(void **context)
{
	static const struct job_case cases[] = {
		{"2, 3 and 4 change nothing of a stopped one",
		 "0:jA/a+s8 9:s1 20:p5000 29:u2/a 30:s4 31:u3/a 32:u4/a 36:check 40:u2/a 50:s0",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped", "idle"},
		{"2 stands for a last progress that was lost",
		 "0:jA/a+s8 9:s1 20:p9950 30:s4 31:u2/a 50:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_finished", "idle"},
		{"3 does not", "0:jA/a+s8 9:s1 20:p9950 30:s4 31:u3/a 50:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_stopped", "idle"},
		{"nor does that of another job", "0:jA/a+s8 9:s1 20:p9950 30:s4 31:u2/b 50:s0",
		 "0:job_preparing 9:job_started 20:progress=99 30:job_stopped", "idle"},
		{"nor of a finished one",
		 "0:jA/a+s8 9:s1 20:p5000 25:p10000 29:u3/a 30:s4 31:u4/a 36:check 50:s0",
		 "0:job_preparing 9:job_started 20:progress=50 25:progress=100 30:job_finished",
		 "idle"},
	};

	(void)context;
	RUN(cases);
}

static void test_state_3(void **context)
{
	static const struct job_case cases[] = {
		{"in place of 1 after a pause, with progress that goes on",
		 "0:s8 9:s1 12:p500+t99 20:s2 40:p500+t99+s3 43:p520+t102+s3 46:p600+t105+s3 "
		 "60:p10000+s3 63:s4 66:s0",
		 "0:job_preparing 9:job_started 12:progress=5 20:job_paused 43:job_resumed "
		 "46:progress=6 60:progress=100 63:job_finished",
		 "idle"},
		{"with time that goes on", "0:s0 9:s1 12:p500+t99 20:s2 40:t99+s3 43:t102+s3",
		 "9:job_started 12:progress=5 20:job_paused 43:job_resumed", "printing"},
		{"and nothing more: it is still paused",
		 "0:s0 9:s1 12:p500+t99 20:s2 40:p500+t99+s3 43:t99+s3 70:check",
		 "9:job_started 12:progress=5 20:job_paused", "paused"},
		{"and then idle: it was stopped",
		 "0:s0 9:s1 12:p500+t99 20:s2 40:t99+s3 43:s0 50:check",
		 "9:job_started 12:progress=5 20:job_paused 43:job_stopped", "idle"},
		{"paused again after it",
		 "0:s0 9:s1 12:p500+t99 20:s2 40:t99+s3 43:t102+s3 60:s2 70:s1",
		 "9:job_started 12:progress=5 20:job_paused 43:job_resumed 60:job_paused "
		 "70:job_resumed",
		 "printing"},
		{"without a pause, and it goes on",
		 "0:s0 9:s1 12:p500+t99 20:t107+s3 23:t110+s3 40:p600+s3",
		 "9:job_started 12:progress=5 40:progress=6", "printing"},
		{"without a pause, and nothing goes on", "0:s0 9:s1 12:p500+t99 20:t99+s3 35:check",
		 "9:job_started 12:progress=5 20:job_stopped", "stopped"},
		{"without a pause, at 100 %", "0:s0 9:s1 12:p500 20:p10000 30:s3 45:check",
		 "9:job_started 12:progress=5 20:progress=100 30:job_finished", "stopped"},
		{"the first that is heard", "0:p500+t99+s3 3:p600+t102+s3 6:p700",
		 "3:progress=6 6:progress=7", "printing"},
		{"perhaps stopped meanwhile", "0:s8 9:s1 12:p500 20:lost 60:s3 80:check",
		 "0:job_preparing 9:job_started 12:progress=5", "stopped"},
	};

	(void)context;
	RUN(cases);
	RUN_AS(FLAGSHIP_MODEL_M5, cases);
}

static void test_stays_at_100(void **context)
{
	static const struct job_case cases[] = {
		{"with nothing left, and no return to idle",
		 "0:s0 9:s1 12:p500 60:p9999+r3 63:p10000+r0+s1 66:p10000+r0+s1 90:p10000+r0+s1 "
		 "93:p10000+r0+s1 300:p10000+r0+s1 900:s1",
		 "9:job_started 12:progress=5 60:progress=99 63:progress=100 63:job_finished",
		 "finished"},
		{"the end of the recording", "0:s0 9:s1 12:p500 63:p10000+r0+s1 66:settle",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished", "finished"},
		{"by the timer", "0:s0 9:s1 12:p500 63:p10000+s1 80:s1 92.9:check 93:check",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished", "finished"},
		{"with a wild time left, longer",
		 "0:s0 9:s1 12:p500 63:p10000+r900000+s1 120:s1 182:s1 183:s1",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished", "finished"},
		{"and idle after all", "0:s0 9:s1 12:p500 63:p10000+s1 93:s1 400:s0 500:s0",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished", "idle"},
		{"and 4 after all", "0:s0 9:s1 12:p500 63:p10000+s1 93:s1 400:s4 500:s0",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished", "idle"},
		{"and the next one prepares",
		 "0:s0 9:s1 12:p500 63:p10000+s1 93:s1 400:p10000+s1 600:s8 700:s1 720:p100",
		 "9:job_started 12:progress=5 63:progress=100 63:job_finished 600:job_preparing "
		 "700:job_started 720:progress=1",
		 "printing"},
		{"and the next one is known by its name",
		 "0:jA/a+s8 9:s1 12:p500 63:p10000+s1 93:s1 400:jB/b+p0+s1 420:p100",
		 "0:job_preparing 9:job_started 12:progress=5 63:progress=100 63:job_finished "
		 "400:job_started 420:progress=1",
		 "printing"},
		{"and the next one of the same name is known by its progress",
		 "0:j/a+s8 9:s1 12:p500 63:p10000+s1 93:s1 400:j/a+p10000+s1 600:j/a+p50+s1 "
		 "620:p100",
		 "0:job_preparing 9:job_started 12:progress=5 63:progress=100 63:job_finished "
		 "600:job_started 620:progress=1",
		 "printing"},
		{"paused there, it goes on", "0:s0 9:s1 12:p500 63:p10000+s1 64:s2 200:s2 210:s4",
		 "9:job_started 12:progress=5 63:progress=100 64:job_paused 210:job_finished",
		 "finished"},
		{"found so, it ended long ago", "0:p10000+s1 3:p10000+s1 60:p10000+s1 90:s0", "",
		 "idle"},
		{"found so, and shown so", "0:p10000+s1 60:p10000+s1", "", "finished"},
	};

	(void)context;
	RUN(cases);
	RUN_AS(FLAGSHIP_MODEL_M5, cases);
}

static void test_leftovers(void **context)
{
	static const struct job_case cases[] = {
		{"100 % of the job before, while this one prepares",
		 "0:jA/a+s8 9:s1 20:p5000 25:p10000 30:s4 33:s0 200:s8 201:p10000 203:p0 300:s1 "
		 "301:p0 310:p200",
		 "0:job_preparing 9:job_started 20:progress=50 25:progress=100 30:job_finished "
		 "200:job_preparing 300:job_started 310:progress=2",
		 "printing"},
		{"with its task_id, before the new one is told",
		 "0:jA/a+s8 9:s1 20:p5000 25:p10000 30:s4 33:s0 60:s8 61:jA/a+p10000 63:jB/b+p0 "
		 "120:s1 130:jB/b+p200",
		 "0:job_preparing 9:job_started 20:progress=50 25:progress=100 30:job_finished "
		 "60:job_preparing 120:job_started 130:progress=2",
		 "printing"},
		{"at the start of the print",
		 "0:s0 9:s8 60:s1 61:p10000+s1 63:p10000+s1 66:p0+s1 90:p100 95:s0 101:check",
		 "9:job_preparing 60:job_started 90:progress=1 95:job_stopped", "idle"},
		{"stopped while it prepares, after 100 % of the one before",
		 "0:s0 9:s8 12:p10000 20:s0 30:check", "9:job_preparing 20:job_stopped", "idle"},
		{"1 without progress, up to two minutes later",
		 "0:jA/a+s8 9:s1 20:p5000 25:p10000 30:s4 33:s0 60:s1 90:s1 149:s1 160:s0",
		 "0:job_preparing 9:job_started 20:progress=50 25:progress=100 30:job_finished",
		 "idle"},
		{"2 likewise", "0:s0 9:s1 20:p5000 30:s4 33:s0 60:s2 90:s0",
		 "9:job_started 20:progress=50 30:job_stopped", "idle"},
		{"1001 of the ended task, up to two minutes later",
		 "0:jA/a+s8 9:s1 20:p5000 30:s4 36:s0 60:jA/a+p5000+s1 90:jA/a+p5000+s1 149:s1",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped", "idle"},
		{"1 after two minutes is a new job", "0:s0 9:s1 20:p5000 30:s4 33:s0 150:s1",
		 "9:job_started 20:progress=50 30:job_stopped 150:job_started", "printing"},
		{"2 after two minutes is one too", "0:s0 9:s1 20:p5000 30:s4 33:s0 150:s2",
		 "9:job_started 20:progress=50 30:job_stopped 150:job_started 150:job_paused",
		 "paused"},
		{"a new task_id is one at once",
		 "0:jA/a+s8 9:s1 20:p5000 30:s4 36:s0 60:jB/a+p0+s1 90:jB/a+p200+s1",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped 60:job_started "
		 "90:progress=2",
		 "printing"},
		{"the same name with less progress is one too",
		 "0:j/a+s8 9:s1 20:p5000 30:s4 36:s0 60:j/a+p0+s1 90:j/a+p200+s1",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped 60:job_started "
		 "90:progress=2",
		 "printing"},
		{"what is heard again after a lost connection is no leftover",
		 "0:jA/a+s8 9:s1 20:p5000 30:s4 36:s0 60:jB/a+s8 70:lost 80:jB/a+p200+s1 "
		 "90:jB/a+p300",
		 "0:job_preparing 9:job_started 20:progress=50 30:job_stopped 60:job_preparing "
		 "80:job_started 80:progress=2 90:progress=3",
		 "printing"},
	};

	(void)context;
	RUN(cases);
}

static void test_joined(void **context)
{
	static const struct job_case cases[] = {
		{"in the middle of a print", "0:jA/a+p3971+l17/43+s1 3:p4010+l18/43+s1",
		 "3:progress=40 3:layer=18", "printing"},
		{"in the middle of a pause", "0:s2 9:s1", "9:job_resumed", "printing"},
		{"with the filament being loaded", "0:s16 9:s1", "", "printing"},
		{"and its end", "0:s1 9:p10000 12:s4", "12:job_finished", "finished"},
		{"an M5 that does not say its state", "0:p3971 9:p4000 12:l3/9 13:l4/9",
		 "9:progress=40 13:layer=4", NULL},
		{"and then does", "0:p3971 9:s1 12:p4000", "12:progress=40", "printing"},
	};

	(void)context;
	RUN(cases);
}

static void test_repeated_and_reordered(void **context)
{
	static const struct job_case cases[] = {
		{"everything twice",
		 "0:s0 0:s0 3:s8 3:s8 9:s1 9:s1 12:p100 12:p100 15:s2 15:s2 20:s1 20:s1 "
		 "30:p10000 30:p10000 33:s4 33:s4 36:s0 36:s0 60:s0",
		 "3:job_preparing 9:job_started 12:progress=1 15:job_paused 20:job_resumed "
		 "30:progress=100 33:job_finished",
		 "idle"},
		{"8 after 1, at once", "0:s8 9:s1 9.1:s8", "0:job_preparing 9:job_started",
		 "printing"},
		{"8 after 1, late", "0:s8 9:s1 12:s8 15:s1", "0:job_preparing 9:job_started",
		 "printing"},
		{"0 after 8", "0:s0 3:s8 3.2:s0 6:s8 9:s1", "3:job_preparing 9:job_started",
		 "printing"},
		{"0 after 8, a notice late", "0:s0 3:s8 6:s0 9:s8 12:s1",
		 "3:job_preparing 12:job_started", "printing"},
		{"1 after 2", "0:s0 9:s1 20:s2 20.5:s1 23:s2 30:s1",
		 "9:job_started 20:job_paused 30:job_resumed", "printing"},
		{"1 after 2 and nothing more: it was so", "0:s0 9:s1 20:s2 20.5:s1 23:p100 26:p200",
		 "9:job_started 20:job_paused 23:progress=1 26:progress=2 20.5:job_resumed",
		 "printing"},
		{"1 after 2 and the end of the recording", "0:s0 9:s1 20:s2 20.5:s1 20.6:settle",
		 "9:job_started 20:job_paused 20.5:job_resumed", "printing"},
		{"1 after 4 at 100 %", "0:s0 9:s1 12:p10000 15:s4 15.1:s1 16.5:s1 18:s0 40:s0",
		 "9:job_started 15:progress=100 15:job_finished", "idle"},
		{"1 after 4 below 100 %", "0:s0 9:s1 15:s4 17:s1 18:s4 21:s0 40:s0",
		 "9:job_started 18:job_stopped", "idle"},
		{"1 and 8 after 4 and 0", "0:s0 3:s8 9:s1 15:s4 16:s0 18:s1 19:s2 40:s0",
		 "3:job_preparing 9:job_started 15:job_stopped", "idle"},
		{"8 after 4", "0:s0 3:s8 9:s1 12:p10000 15:s4 17:s8 40:s0",
		 "3:job_preparing 9:job_started 15:progress=100 15:job_finished", "idle"},
		{"8 after 4, below 100 %", "0:s0 3:s8 9:s1 15:s4 17:s8 40:s0",
		 "3:job_preparing 9:job_started 15:job_stopped", "idle"},
		{"4 after 0", "0:s0 3:s8 9:s1 12:p10000 15:s0 15.1:s4 18:s0",
		 "3:job_preparing 9:job_started 15:progress=100 15:job_finished", "idle"},
		{"progress and layers backwards",
		 "0:s8 9:s1 12:p500+l2/9 13:p400+l1/9 14:p599+l2/9 15:p1400+l5/9",
		 "0:job_preparing 9:job_started 12:progress=5 12:layer=2 15:progress=14 15:layer=5",
		 "printing"},
		{"nothing after the end",
		 "0:s8 9:s1 12:p10000 15:s4 15:p10000 16:l9/9 17:p-1 18:s0 19:p300 20:s2",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished", "idle"},
		{"the clock goes back", "1000:s8 1009:s1 1020:p5000 1030:s4 10:s0 20:s8",
		 "1000:job_preparing 1009:job_started 1020:progress=50 1030:job_stopped "
		 "20:job_preparing",
		 "preparing"},
	};

	(void)context;
	RUN(cases);
}

static void test_identity(void **context)
{
	static const struct job_case cases[] = {
		{"the state comes before the name", "0:s0 3:s8 4:jA/a 9:s1",
		 "3:job_preparing 9:job_started", "printing"},
		{"also of the second job",
		 "0:jA/a+s8 9:s1 12:p10000 15:s4 18:s0 60:s8 61:jB/b 63:jB/b+s8 90:s1 93:p100",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 60:job_preparing "
		 "90:job_started 93:progress=1",
		 "printing"},
		{"another job, though the end of this one was lost",
		 "0:jA/a+s8 9:s1 12:p10000 60:jB/b+p0+s8 90:s1",
		 "0:job_preparing 9:job_started 60:progress=100 60:job_finished 60:job_preparing "
		 "90:job_started",
		 "printing"},
		{"likewise, below 100 %", "0:jA/a+s8 9:s1 12:p9000 60:jB/b+p0+s1",
		 "0:job_preparing 9:job_started 12:progress=90 60:job_stopped 60:job_started",
		 "printing"},
		{"likewise, while this one prepared", "0:jA/a+s8 60:jB/b+p0 70:s1",
		 "0:job_preparing 60:job_stopped 60:job_preparing 70:job_started", "printing"},
		{"likewise, without names", "0:s8 9:s1 12:p10000 60:s8",
		 "0:job_preparing 9:job_started 60:progress=100 60:job_finished 60:job_preparing",
		 "preparing"},
		{"an old name after the new one",
		 "0:jA/a+s8 9:s1 12:p10000 15:s4 18:s0 60:jB/b+p0+s8 61:jA/a 62:jB/b 63:s8 90:s1",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 60:job_preparing "
		 "90:job_started",
		 "printing"},
		{"the same without task_id",
		 "0:j/a+s8 9:s1 12:p10000 15:s4 18:s0 60:j/b+p0+s8 61:j/a 62:j/b 63:s8 90:s1",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 60:job_preparing "
		 "90:job_started",
		 "printing"},
		{"A, B and A again are three", "0:j/a+s8 60:j/b 90:j/a 99:s1",
		 "0:job_preparing 60:job_stopped 60:job_preparing 90:job_stopped "
		 "90:job_preparing 99:job_started",
		 "printing"},
		{"a new job that runs at once is believed by its name",
		 "0:jA/a+s8 9:s1 12:p10000 15:s4 18:jB/b 19:s1",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 19:job_started",
		 "printing"},
		{"a task_id that is told later is no other job", "0:j/a+s8 9:jA/a+s1 12:jA 15:j/a",
		 "0:job_preparing 9:job_started", "printing"},
		{"a name without the task_id is another job",
		 "0:jA/a+s8 9:s1 30:j/a 60:jA 61:j/b 64:s1",
		 "0:job_preparing 9:job_started 61:job_stopped 64:job_started", "printing"},
	};

	(void)context;
	RUN(cases);
}

static void test_connection_lost(void **context)
{
	static const struct job_case cases[] = {
		{"and back in the same print",
		 "0:jA/a+s8 9:s1 12:p500 20:lost 60:s1 63:jA/a+p900+s1",
		 "0:job_preparing 9:job_started 12:progress=5 63:progress=9", "printing"},
		{"the job started meanwhile, and it is the same", "0:jA/a+s8 20:lost 60:jA/a+s1",
		 "0:job_preparing 60:job_started", "printing"},
		{"the job started meanwhile, if it is the same", "0:jA/a+s8 20:lost 60:s1 61:jA/a",
		 "0:job_preparing", "printing"},
		{"paused meanwhile", "0:jA/a+s8 9:s1 20:lost 60:jA/a+s2 70:s1",
		 "0:job_preparing 9:job_started 60:job_paused 70:job_resumed", "printing"},
		{"perhaps paused meanwhile", "0:jA/a+s8 9:s1 20:lost 60:s2 70:s1",
		 "0:job_preparing 9:job_started 70:job_resumed", "printing"},
		{"finished meanwhile", "0:s8 9:s1 12:p10000 20:lost 60:s0 70:s0",
		 "0:job_preparing 9:job_started 60:progress=100 60:job_finished", "idle"},
		{"over meanwhile, nobody knows how", "0:s8 9:s1 12:p500 20:lost 60:s0 70:s0",
		 "0:job_preparing 9:job_started 12:progress=5", "idle"},
		{"stopped after it came back", "0:jA/a+s8 9:s1 20:lost 60:jA/a+p500+s1 70:s4 80:s0",
		 "0:job_preparing 9:job_started 60:progress=5 70:job_stopped", "idle"},
		{"another job runs", "0:jA/a+s8 9:s1 12:p5000 20:lost 60:jB/b+p300+s1 63:p400+s1",
		 "0:job_preparing 9:job_started 12:progress=50 63:progress=4", "printing"},
		{"another job runs, its name comes later",
		 "0:jA/a+s8 9:s1 12:p5000 20:lost 60:s1 61:jB/b+p300 63:p400+s1",
		 "0:job_preparing 9:job_started 12:progress=50 63:progress=4", "printing"},
		{"another job is paused, its name comes later",
		 "0:jA/a+s8 9:s1 12:p5000 20:lost 60:s2 61:jB/b+p300 63:s1",
		 "0:job_preparing 9:job_started 12:progress=50 63:job_resumed", "printing"},
		{"another job prepares", "0:jA/a+s8 9:s1 12:p5000 20:lost 60:s8 61:jB/b 63:s1",
		 "0:job_preparing 9:job_started 12:progress=50 60:job_preparing 63:job_started",
		 "printing"},
		{"another job prepares, as the one before did",
		 "0:jA/a+s8 20:lost 60:s8 61:jB/b 63:s1",
		 "0:job_preparing 61:job_preparing 63:job_started", "printing"},
		{"the one before had finished", "0:jA/a+s8 9:s1 12:p10000 20:lost 60:jB/b+p300+s1",
		 "0:job_preparing 9:job_started 60:progress=100 60:job_finished", "printing"},
		{"a job began while nobody listened", "0:s0 20:lost 60:s1 63:p500 66:p600",
		 "66:progress=6", "printing"},
		{"a second one too", "0:s8 9:s1 12:p10000 15:s4 20:lost 22:s1 63:p500 66:p600",
		 "0:job_preparing 9:job_started 15:progress=100 15:job_finished 66:progress=6",
		 "printing"},
		{"what waited is decided as before", "0:s8 9:s1 12:s4 13:lost 20:s0",
		 "0:job_preparing 9:job_started 12:job_stopped", "idle"},
		{"what waited is not taken back", "0:s8 9:s1 12:s4 13:lost 14:s1",
		 "0:job_preparing 9:job_started 12:job_stopped", "printing"},
		{"a state held back is forgotten", "0:s0 9:s1 20:s2 20.1:s1 20.2:lost 60:s2",
		 "9:job_started 20:job_paused", "paused"},
	};

	(void)context;
	RUN(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_jobs),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_ends_of_an_m5),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_state_3),
		cmocka_unit_test(test_stays_at_100),
		cmocka_unit_test(test_leftovers),
		cmocka_unit_test(test_repeated_and_reordered),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_connection_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
