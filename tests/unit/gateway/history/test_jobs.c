/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_clock.h"
#include "fleet/fake_session.h"
#include "fleet/service.h"
#include "gateway/history/internal.h"
#include "gateway/printers/local_cloud.h"
#include "printer/script.h"
#include "store/accounts/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Which job is which, of printers that a gateway holds, on a clock that the test moves. */

#define KEY       "000102030405060708090a0b0c0d0e0f"
#define HASH      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SERIAL    "AK7A"
#define STEP_MAX  1024
#define MINUTE_MS INT64_C(60000)
#define JOBS_MAX  4
#define ENTRIES   64

static struct scene {
	char folder[32];
	char settings[PATH_MAX / 2];
	char accounts[PATH_MAX / 2];
	uv_loop_t loop;
	struct log log;
	struct gateway_printers *printers;
	struct mqtt_session *session;
	struct flagship_key *key;
	struct history *history;
	unsigned int closed;
	unsigned int read;
	size_t count;
	struct history_job jobs[JOBS_MAX];
	struct history_entry entries[ENTRIES];
} scene;

static void on_closed(void *context)
{
	((struct scene *)context)->closed++;
}

/* The file area has one file, under another name than printers call it by. */
static bool find_file(void *context, const char *serial, const char *name,
		      struct history_file *file)
{
	(void)context;
	assert_string_equal(serial, SERIAL);
	if (strcmp(name, "cube.gcode") != 0) {
		return false;
	}
	snprintf(file->path, sizeof(file->path), "plates/cube.gcode");
	snprintf(file->hash, sizeof(file->hash), HASH);
	file->thumbnail = 2;
	return true;
}

static void write_accounts(bool has_printer)
{
	struct store_accounts accounts = {0};
	struct store_account account = {0};
	size_t length;
	char *text;

	snprintf(account.login.user_id, sizeof(account.login.user_id), "anne");
	if (has_printer) {
		struct store_printer *printer = store_account_add_printer(&account);

		assert_true(store_account_keep(&account, &printer->serial, SERIAL));
		assert_true(store_account_keep(&account, &printer->name, "Left"));
		assert_true(store_account_keep(&account, &printer->key_hex, KEY));
		printer->model = FLAGSHIP_MODEL_M5;
	}
	assert_int_equal(accounts_append(&accounts, &account), 0);
	assert_int_equal(accounts_text_format(&accounts, &text, &length), 0);
	FILE *file = fopen(scene.accounts, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(scene.accounts, S_IRUSR | S_IWUSR), 0);
	free(text);
	store_accounts_finish(&accounts);
}

static void turn(void)
{
	while (uv_run(&scene.loop, UV_RUN_NOWAIT) != 0 && uv_backend_timeout(&scene.loop) == 0) {
	}
}

static void open_gateway(void)
{
	const struct gateway_printers_options options = {
		.settings_path = scene.settings,
		.accounts_path = scene.accounts,
		.cloud = LOCAL_CLOUD_OFF,
		.log = &scene.log,
		.on_closed = on_closed,
		.context = &scene,
	};
	struct problem problem;

	assert_int_equal(gateway_printers_create(&scene.loop, &options, &scene.printers, &problem),
			 0);
	const struct history_options history = {.folder = scene.folder,
						.printers = scene.printers,
						.log = &scene.log,
						.find_file = find_file};
	assert_int_equal(history_create(&scene.loop, &history, &scene.history), 0);
	assert_int_equal(gateway_printers_open(scene.printers, &problem), 0);
	scene.session = fake_sessions[0];
	fake_connect(scene.session);
	fake_grant(scene.session, NULL);
	turn();
}

static void close_gateway(void)
{
	history_keep_jobs(scene.history);
	gateway_printers_close(scene.printers);
	scene.closed = 0;
	fake_clock_await(&scene.loop, &scene.closed, 1);
	history_close(scene.history, on_closed, &scene);
	fake_clock_await(&scene.loop, &scene.closed, 2);
	gateway_printers_destroy(scene.printers);
	history_destroy(scene.history);
	fake_sessions_reset();
	scene.history = NULL;
}

static int setup(void **state)
{
	struct log_levels levels = {.others = LOG_LEVEL_ERROR};

	(void)state;
	scene = (struct scene){.folder = "/tmp/jobs-XXXXXX"};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.settings, sizeof(scene.settings), "%s/flagship.conf", scene.folder);
	snprintf(scene.accounts, sizeof(scene.accounts), "%s/accounts.json", scene.folder);
	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &scene.key), 0);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	log_init(&scene.log, open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_FORMAT_TEXT, &levels);
	write_accounts(true);
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	if (scene.history) {
		close_gateway();
	}
	turn();
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	flagship_key_destroy(scene.key);
	close(scene.log.file);
	snprintf(command, sizeof(command), "rm -r '%s'", scene.folder);
	return system(command);
}

/* "s1+p5000" (printer/script.h), or "=30" for so many seconds that pass. */
static void live(const char *steps)
{
	char copy[STEP_MAX];
	char json[STEP_MAX];
	char *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", steps);
	for (char *step = strtok_r(copy, " ", &rest); step; step = strtok_r(NULL, " ", &rest)) {
		if (step[0] == '=') {
			fake_clock_pass(strtoll(step + 1, NULL, 10) * MS_PER_S);
		} else {
			script_payload(step, json, sizeof(json));
			fake_deliver(scene.session, scene.key, SERIAL, FLAGSHIP_TOPIC_NOTICE, json);
		}
		turn();
	}
}

static void lose_connection(void)
{
	fake_disconnect(scene.session);
	fake_connect(scene.session);
	fake_grant(scene.session, NULL);
}

static struct known_printer *printer(void)
{
	struct known_printer *known = history_find(scene.history, SERIAL);

	assert_non_null(known);
	return known;
}

static void on_jobs(void *context, const char *trouble, const struct history_job *jobs,
		    size_t count, int64_t total)
{
	struct scene *own = context;

	assert_null(trouble);
	assert_true(total >= (int64_t)count);
	memcpy(own->jobs, jobs, count * sizeof(*jobs));
	own->count = count;
	own->read++;
}

static void on_written(void *context)
{
	((struct scene *)context)->read++;
}

static void settle(void)
{
	scene.read = 0;
	history_await(scene.history, on_written, &scene);
	fake_clock_await(&scene.loop, &scene.read, 1);
}

/* "finished:cube.gcode:reason, …" of so many at most, the newest last. */
static void assert_newest_jobs(size_t most, const char *expected)
{
	const struct history_query query = {.limit = most};
	char seen[STEP_MAX] = "";
	size_t used = 0;

	settle();
	assert_int_equal(history_read_jobs(scene.history, &query, on_jobs, &scene), 0);
	fake_clock_await(&scene.loop, &scene.read, 2);
	for (size_t i = scene.count; i > 0; i--) {
		const struct history_job *job = &scene.jobs[i - 1];

		used += (size_t)snprintf(seen + used, sizeof(seen) - used, "%s%s:%s:%s",
					 used > 0 ? ", " : "", history_outcome_name(job->outcome),
					 job->file, job->reason);
	}
	assert_string_equal(seen, expected);
}

static void assert_jobs(const char *expected)
{
	assert_newest_jobs(JOBS_MAX, expected);
}

#define BEGUN "s0 jT1/cube.gcode+s8 =60 s1 =10 p2000+t100 =10"

static void live_through(const char *before, const char *after)
{
	open_gateway();
	live(before);
	close_gateway();
	fake_clock_pass(MINUTE_MS);
	open_gateway();
	live(after);
}

/* --- while a gateway runs --- */

static void what_a_printer_tells_of_its_job_is_kept(void **state)
{
	struct history_job job;

	(void)state;
	open_gateway();
	live(BEGUN " l7/43");
	assert_true(history_current_job(scene.history, SERIAL, &job));
	assert_string_equal(job.printer_name, "Left");
	assert_string_equal(job.file, "cube.gcode");
	assert_string_equal(job.task_id, "T1");
	assert_string_equal(job.path, "plates/cube.gcode");
	assert_string_equal(job.hash, HASH);
	assert_int_equal(job.thumbnail, 2);
	assert_int_equal(job.layer, 7);
	assert_int_equal(job.layers, 43);
	assert_int_equal(job.elapsed_s, 100);
	assert_int_equal(job.progress_centi_percent, 2000);
	assert_int_equal(job.duration_ms, 80000);
	assert_int_equal(job.started_ms - job.begun_ms, 60000);
	live("p10000 s4");
	assert_false(history_current_job(scene.history, SERIAL, &job));
	assert_jobs("finished:cube.gcode:");
	assert_int_equal(scene.jobs[0].duration_ms, 80000);
}

/* What the file area does not have is nobody's picture. */
static void a_file_of_elsewhere_has_no_path(void **state)
{
	struct history_job job;

	(void)state;
	open_gateway();
	live("s0 jT1/other.gcode+s8 s1");
	assert_true(history_current_job(scene.history, SERIAL, &job));
	assert_string_equal(job.file, "other.gcode");
	assert_string_equal(job.path, "");
	assert_string_equal(job.hash, "");
	assert_int_equal(job.thumbnail, PRINTER_NEVER);
	/* The name that it turns out to have. */
	live("nmedia/cube.gcode");
}

/* It began before anybody looked: so long ago as it has printed. */
static void a_job_that_goes_on_is_joined(void **state)
{
	(void)state;
	open_gateway();
	live("s1 =5 jT1/cube.gcode+p3000+t600 =60 p3500+t660 =5 p10000 s4");
	assert_jobs("finished:cube.gcode:");
	assert_true(scene.jobs[0].joined);
	assert_int_equal(scene.jobs[0].duration_ms, 670000 - 5000 + 0);
}

/* The connection was lost, and meanwhile the next one began. */
static void another_job_ends_the_one_before(void **state)
{
	(void)state;
	open_gateway();
	live(BEGUN);
	lose_connection();
	live("s8 jT2/b.gcode");
	assert_jobs("unknown:cube.gcode:another job began, going_on:b.gcode:");
}

/* The connection was lost; what it says afterwards is another job, or none. */
static void a_job_that_is_gone_after_a_lost_connection_ended_unseen(void **state)
{
	(void)state;
	open_gateway();
	live(BEGUN);
	lose_connection();
	live("s1 jT2/b.gcode+p500 =10 p600");
	assert_string_equal(printer()->job->file, "b.gcode");
	lose_connection();
	/* It waits for what may explain that, and has nothing new to say afterwards. */
	live("s0 =30 s0 =60");
	assert_null(printer()->job);
	assert_jobs("unknown:cube.gcode:another job was found to go on, "
		    "unknown:b.gcode:the printer did not say how it ended");
}

static void a_printer_that_is_removed_takes_its_job_along(void **state)
{
	struct history_job job;

	(void)state;
	open_gateway();
	live(BEGUN);
	write_accounts(false);
	gateway_printers_reload(scene.printers);
	turn();
	assert_null(printer()->printer);
	assert_false(history_current_job(scene.history, SERIAL, &job));
	assert_jobs("unknown:cube.gcode:the printer was removed");
	/* It may come again. */
	write_accounts(true);
	gateway_printers_reload(scene.printers);
	fake_grant(scene.session, NULL);
	live("s1 jT1/cube.gcode+p3000");
	assert_non_null(printer()->printer);
	assert_jobs("unknown:cube.gcode:the printer was removed, going_on:cube.gcode:");
}

/* --- why it was stopped --- */

static uint64_t ask_to_stop(const char *asker)
{
	struct fleet_printer *fleet_printer = gateway_printers_next(scene.printers, NULL);
	const struct command_request request = {.kind = COMMAND_STOP};
	uint64_t id = 0;

	assert_int_equal(service_submit(gateway_printers_commands(scene.printers),
					&(struct service_request){.printer = fleet_printer,
								  .command = &request,
								  .asker = asker},
					&id),
			 0);
	turn();
	return id;
}

static void who_had_it_stopped_is_kept(void **state)
{
	(void)state;
	open_gateway();
	live(BEGUN);
	(void)ask_to_stop("api: ann");
	live("s0 =6 s0");
	assert_jobs("cancelled:cube.gcode:stopped by api: ann");
}

/* Nor is it asked for much later: the printer was stopped by somebody else. */
static void a_stop_that_came_to_nothing_stopped_nothing(void **state)
{
	(void)state;
	open_gateway();
	live(BEGUN);
	scene.session->refuses_publishes = true;
	uint64_t id = ask_to_stop("api: ann");
	scene.session->refuses_publishes = false;
	const struct service_command *command = service_find(
		gateway_printers_commands(scene.printers), id);
	assert_true(command && command->over);
	assert_int_equal(command->report.outcome, COMMAND_FAILED);
	live("s0 =6 s0");
	assert_jobs("cancelled:cube.gcode:stopped at the printer or by another program");
}

static void an_error_explains_an_end_for_a_while(void **state)
{
	static const struct {
		const char *steps;
		const char *expected;
	} cases[] = {
		{"e0xFF01030005/S1 =2 s0 =6 s0", "failed:cube.gcode:G-code transfer failed"},
		{"e0xFFEE000000/S1 =2 s0 =6 s0", "failed:cube.gcode:error 0xFFEE000000"},
		{"e0xFF01030005/S1 =2 x0xFF01030005 =20 s0 =6 s0",
		 "failed:cube.gcode:G-code transfer failed"},
		{"e0xFF01030005/S1 =2 x0xFF01030005 =31 s0 =6 s0",
		 "cancelled:cube.gcode:stopped at the printer or by another program"},
	};

	(void)state;
	open_gateway();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		live(BEGUN);
		live(cases[i].steps);
		assert_newest_jobs(1, cases[i].expected);
		/* What comes of the job before is an old message no longer. */
		live("=121");
	}
}

/* --- while none ran --- */

static void a_job_goes_on_where_it_was(void **state)
{
	struct history_job job;

	(void)state;
	live_through(BEGUN, "");
	assert_true(printer()->is_resumed);
	int64_t id = printer()->job->id;
	/* Nobody knows yet. */
	assert_false(history_current_job(scene.history, SERIAL, &job));
	live("s1 jT1/cube.gcode+p3000");
	assert_true(history_current_job(scene.history, SERIAL, &job));
	assert_int_equal(job.id, id);
	assert_int_equal(job.progress_centi_percent, 3000);
	live("=20 p10000 s4");
	assert_jobs("finished:cube.gcode:");
	assert_int_equal(scene.jobs[0].duration_ms, 80000 + MINUTE_MS + 20000);
}

static void copy_file(const char *from, const char *to)
{
	char command[STEP_MAX];

	snprintf(command, sizeof(command), "cp '%s/%s' '%s/%s'", scene.folder, from, scene.folder,
		 to);
	assert_int_equal(system(command), 0);
}

static void what_became_of_a_job_is_found_out(void **state)
{
	static const struct {
		const char *after;
		const char *expected;
	} cases[] = {
		{"jT1/cube.gcode+p10000+s0",
		 "finished:cube.gcode:it ended while no gateway ran: when is not known"},
		{"jT1/cube.gcode+p5000+s0", "unknown:cube.gcode:it ended while no gateway ran"},
		{"s0", "unknown:cube.gcode:it ended while no gateway ran"},
		{"s1 jT2/b.gcode+p2500",
		 "unknown:cube.gcode:it ended while no gateway ran, going_on:b.gcode:"},
		/* The same file, begun anew. */
		{"s1 jT1/cube.gcode+p500",
		 "unknown:cube.gcode:it ended while no gateway ran, going_on:cube.gcode:"},
		/* Which one it is at is awaited for a minute. */
		{"s1+p2500 =30 p2600", "going_on:cube.gcode:"},
		{"s1+p2500 =61 p2600",
		 "unknown:cube.gcode:it ended while no gateway ran, going_on::"},
	};

	(void)state;
	open_gateway();
	live(BEGUN);
	close_gateway();
	fake_clock_pass(MINUTE_MS);
	copy_file(HISTORY_FILE, "kept.db");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		copy_file("kept.db", HISTORY_FILE);
		open_gateway();
		live(cases[i].after);
		assert_jobs(cases[i].expected);
		close_gateway();
	}
}

/* Two of one printer that go on, as a crash may leave them: only the newer one may. */
static void of_two_jobs_of_a_printer_the_older_one_is_over(void **state)
{
	struct history_job second;

	(void)state;
	live_through(BEGUN, "");
	second = *printer()->job;
	second.id++;
	strcpy(second.file, "second.gcode");
	second.task_id[0] = '\0';
	struct history_job *first = printer()->job;
	*first = second;
	jobs_resume(scene.history, &second); /* the same again is nothing new */
	assert_ptr_equal(printer()->job, first);
	second.id--;
	strcpy(second.file, "cube.gcode");
	jobs_resume(scene.history, &second);
	assert_ptr_equal(printer()->job, first);
	assert_true(printer()->is_resumed);
	assert_jobs("unknown:cube.gcode:it ended while no gateway ran");
}

/* --- entries --- */

static void on_entries(void *context, const char *trouble, const struct history_entry *entries,
		       size_t count)
{
	struct scene *own = context;

	assert_null(trouble);
	memcpy(own->entries, entries, count * sizeof(*entries));
	own->count = count;
	own->read++;
}

static const struct history_entry *find_entry(const char *kind)
{
	const struct history_query query = {.limit = ENTRIES, .type = HISTORY_ENTRY_TYPES};

	settle();
	assert_int_equal(history_read_entries(scene.history, &query, on_entries, &scene), 0);
	fake_clock_await(&scene.loop, &scene.read, 2);
	for (size_t i = 0; i < scene.count; i++) {
		if (strcmp(scene.entries[i].kind, kind) == 0) {
			return &scene.entries[i];
		}
	}
	fail_msg("no entry of %s", kind);
	return NULL;
}

static void what_happens_is_told_in_words(void **state)
{
	(void)state;
	open_gateway();
	live("s0 fPLA =5 fPLA,PETG a6 =20 i1 =10 e0xFFEE000000/S1");
	assert_string_equal(find_entry("filament_changed")->text, "PLA, PETG");
	assert_string_equal(find_entry("error")->value, "0xFFEE000000");
	assert_string_equal(find_entry("error")->text, "");
	assert_string_equal(find_entry("alert")->value, "ai 1");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_printer_tells_of_its_job_is_kept),
		TEST(a_file_of_elsewhere_has_no_path),
		TEST(a_job_that_goes_on_is_joined),
		TEST(another_job_ends_the_one_before),
		TEST(a_job_that_is_gone_after_a_lost_connection_ended_unseen),
		TEST(a_printer_that_is_removed_takes_its_job_along),
		TEST(who_had_it_stopped_is_kept),
		TEST(a_stop_that_came_to_nothing_stopped_nothing),
		TEST(an_error_explains_an_end_for_a_while),
		TEST(a_job_goes_on_where_it_was),
		TEST(what_became_of_a_job_is_found_out),
		TEST(of_two_jobs_of_a_printer_the_older_one_is_over),
		TEST(what_happens_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
