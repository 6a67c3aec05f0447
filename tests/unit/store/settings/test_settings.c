/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "store/settings/settings.h"

#include <flagship/error.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "flagship.conf"
#define WRITERS   4

static int set_up(void **state)
{
	static struct folder folder;

	folder_create(&folder);
	*state = &folder;
	return 0;
}

static int tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}

static struct settings *load(const char *path)
{
	struct settings *settings;
	struct problem problem;
	int error = settings_load(path, &settings, &problem);

	if (error) {
		print_error("%s\n", problem.text);
	}
	assert_int_equal(error, 0);
	assert_non_null(settings);
	return settings;
}

static void an_absent_file_gives_the_defaults(void **state)
{
	struct settings *settings = load(folder_file(*state, FILE_NAME));
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		assert_string_equal(settings_get(settings, keys[i].section, keys[i].name),
				    keys[i].value);
		assert_false(settings_is_set(settings, keys[i].section, keys[i].name));
	}
	assert_string_equal(settings_get(settings, "cli", "timeout"), "10");
	assert_string_equal(settings_get(settings, "cli", "nonsense"), "");
	assert_string_equal(settings_get(settings, "nonsense", "timeout"), "");
	assert_false(settings_is_set(settings, "nonsense", "timeout"));
	settings_destroy(settings);
	settings_destroy(NULL);
}

static void every_key_is_told_once_and_takes_its_own_default(void **state)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);
	const char *reason;

	(void)state;
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(keys[i].help[0] != '\0');
		assert_true(keys[i].value[0] == '\0' || !keys[i].check ||
			    keys[i].check(keys[i].value, &reason));
		for (size_t j = i + 1; j < count; j++) {
			assert_false(strcmp(keys[i].section, keys[j].section) == 0 &&
				     strcmp(keys[i].name, keys[j].name) == 0);
		}
	}
}

static void a_new_file_has_every_key_as_a_comment(void **state)
{
	const char *path = folder_file(*state, "a/" FILE_NAME);
	struct problem problem;
	char wanted[256];
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	assert_int_equal(settings_create_file(path, &problem), 0);
	char *text = folder_read(path);
	const char *place = text;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
			snprintf(wanted, sizeof(wanted), "\n[%s]\n", keys[i].section);
			place = strstr(place, wanted);
			assert_non_null(place);
		}
		snprintf(wanted, sizeof(wanted), "\n#%s =%s%s\n", keys[i].name,
			 keys[i].value[0] != '\0' ? " " : "", keys[i].value);
		place = strstr(place, wanted);
		assert_non_null(place);
	}
	struct settings *settings = load(path);
	assert_false(settings_is_set(settings, "cli", "timeout"));
	settings_destroy(settings);

	/* One that is there is left as it is. */
	folder_write(path, "# mine\n", 0640);
	assert_int_equal(settings_create_file(path, &problem), 0);
	free(text);
	text = folder_read(path);
	assert_string_equal(text, "# mine\n");
	free(text);
}

#define LONG_LINE                                                                                  \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"0123456789012345678901234567890123456789"

static const struct {
	const char *text;
	const char *section;
	const char *name;
	const char *value;
} readings[] = {
	{"[cli]\ntimeout=5\n", "cli", "timeout", "5"},
	{"[cli]\ntimeout : 5", "cli", "timeout", "5"},
	{"\xef\xbb\xbf[cli]\r\n  timeout = 5s ; comment\r\n", "cli", "timeout", "5s"},
	{"# x\n; y\n\n[cli]\n\n#timeout = 7\n", "cli", "timeout", "10"},
	{"[cli]\ntimeout = 5\n[api]\ntimeout = 6\n", "cli", "timeout", "5"},
	{"[cli]\ntimeout = 5\ntimeout = 6\n", "cli", "timeout", "6"},
	{"[cli]\ntimeout = 5\n\tcolour = never\n", "cli", "colour", "never"},
	{"[printer]\ndefault = Left \xc3\xa9\n", "printer", "default", "Left \xc3\xa9"},
	{"[printer]\ndefault =\n", "printer", "default", ""},
	{"[account]\nuser_id = u1\nuser_name = Eve A.\n", "account", "user_name", "Eve A."},
	{"[m5c]\ncontrol = vendor\n", "m5c", "control", "vendor"},
	{"[broker]\nurl = mqtts://[::1]:8789\n", "broker", "url", "mqtts://[::1]:8789"},
	{"[unknown]\n", "cli", "timeout", "10"},
	{"# " LONG_LINE "\n[cli]\n;" LONG_LINE "\ntimeout = 5\n", "cli", "timeout", "5"},
};

static void files_are_read_as_people_write_them(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		folder_write(path, readings[i].text, 0644);
		struct settings *settings = load(path);
		assert_string_equal(settings_get(settings, readings[i].section, readings[i].name),
				    readings[i].value);
		settings_destroy(settings);
	}
}

static const struct {
	const char *text;
	size_t line;
	const char *reason;
} damages[] = {
	{"[cli]\n\ntiemout = 5\n", 3, "there is no setting cli.tiemout"},
	{"timeout = 5\n", 1, "there is no setting .timeout"},
	{"[cli]\ntimeout = soon\n", 2, "cli.timeout is 'soon', but a time above 0"},
	{"[cli]\ntimeout =\n", 2, "cli.timeout is '', but"},
	{"[cli]\nhello\n", 2, "neither [section] nor key = value"},
	{"[cli]\n\n[cli\ntimeout = 5\n", 3, "neither [section] nor key = value"},
	{"[printer]\n# fine\ndefault = " LONG_LINE "\n", 3, "too long"},
	{"[cli]\ncolour = pink\ntimeout = soon\n", 2, "auto, always or never"},
};

static void a_damaged_file_is_reported_with_its_line(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct settings *settings;
	struct problem problem;
	char line[32];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		folder_write(path, damages[i].text, 0644);
		snprintf(line, sizeof(line), ", line %zu: ", damages[i].line);
		assert_int_equal(settings_load(path, &settings, &problem), FLAGSHIP_ERROR_STORE);
		assert_null(settings);
		if (!strstr(problem.text, line) || !strstr(problem.text, damages[i].reason)) {
			print_error("%s\nbut wanted %s%s\n", problem.text, line, damages[i].reason);
		}
		assert_non_null(strstr(problem.text, path));
		assert_non_null(strstr(problem.text, line));
		assert_non_null(strstr(problem.text, damages[i].reason));

		assert_int_equal(settings_set(path, "cli", "timeout", "7", &problem),
				 FLAGSHIP_ERROR_STORE);
		assert_non_null(strstr(problem.text, line));
		char *text = folder_read(path);
		assert_string_equal(text, damages[i].text);
		free(text);
	}
}

static void a_zero_byte_is_no_text(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct settings *settings;
	struct problem problem;

	folder_write(path, "[cli]\nxtimeout = 5\n", 0644);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, 6, SEEK_SET), 0);
	assert_int_equal(fputc('\0', file), 0);
	fclose(file);
	assert_int_equal(settings_load(path, &settings, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "line 2: there is a zero byte"));
}

static const struct {
	const char *before;
	const char *value; /* of cli.timeout; NULL: taken out */
	const char *after;
} edits[] = {
	/* In place, all else as it was. */
	{"[cli]\ntimeout = 5\n", "7", "[cli]\ntimeout = 7\n"},
	{"# a\n[cli]\n; b\ntimeout=5 ; c\ncolour = auto\n\n[api]\ntimeout = 5\n", "7",
	 "# a\n[cli]\n; b\ntimeout = 7 ; c\ncolour = auto\n\n[api]\ntimeout = 5\n"},
	{"[api]\ntimeout = 5\n[cli]\r\ntimeout = 5\r\n", "7",
	 "[api]\ntimeout = 5\n[cli]\r\ntimeout = 7\r\n"},
	{"[cli]\ntimeout = 5", "7", "[cli]\ntimeout = 7\n"},
	{"\xef\xbb\xbf[cli]\ntimeout = 5\n", "7", "\xef\xbb\xbf[cli]\ntimeout = 7\n"},
	/* The last one counts. */
	{"[cli]\ntimeout = 5\ntimeout = 6\n", "7", "[cli]\ntimeout = 5\ntimeout = 7\n"},
	{"[cli]\ntimeout = 5\n[api]\n[cli]\ntimeout = 6\n", "7",
	 "[cli]\ntimeout = 5\n[api]\n[cli]\ntimeout = 7\n"},
	/* Below its comment, else at the end of its section, else in a new one. */
	{"[cli]\n# help\n#timeout = 10\n\n#colour = auto\n", "7",
	 "[cli]\n# help\n#timeout = 10\ntimeout = 7\n\n#colour = auto\n"},
	{"[cli]\n; timeout: 10\n", "7", "[cli]\n; timeout: 10\ntimeout = 7\n"},
	{"[cli]\n#timeout = 10", "7", "[cli]\n#timeout = 10\ntimeout = 7\n"},
	{"[api]\n#timeout = 10\n[cli]\ncolour = auto\n\n\n[m5]\n", "7",
	 "[api]\n#timeout = 10\n[cli]\ncolour = auto\ntimeout = 7\n\n\n[m5]\n"},
	{"[cli]", "7", "[cli]\ntimeout = 7\n"},
	{"[cli]\r\n", "7", "[cli]\r\ntimeout = 7\r\n"},
	{"# only this", "7", "# only this\n\n[cli]\ntimeout = 7\n"},
	{"[api]\ntimeout = 5\n", "7", "[api]\ntimeout = 5\n\n[cli]\ntimeout = 7\n"},
	{"", "7", "[cli]\ntimeout = 7\n"},
	/* Taken out, every one of them. */
	{"[cli]\n# a\ntimeout = 5\n#timeout = 10\ncolour = auto\ntimeout = 6\n", NULL,
	 "[cli]\n# a\n#timeout = 10\ncolour = auto\n"},
	{"[api]\ntimeout = 5\n", NULL, "[api]\ntimeout = 5\n"},
};

static void one_value_is_changed_and_nothing_else(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct problem problem;

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		folder_write(path, edits[i].before, 0640);
		assert_int_equal(settings_set(path, "cli", "timeout", edits[i].value, &problem), 0);
		char *text = folder_read(path);
		assert_string_equal(text, edits[i].after);
		free(text);
		assert_int_equal(folder_mode(path), 0640);
		struct settings *settings = load(path);
		assert_string_equal(settings_get(settings, "cli", "timeout"),
				    edits[i].value ? edits[i].value : "10");
		settings_destroy(settings);
	}
}

static void every_key_can_be_set_in_a_new_file(void **state)
{
	const char *path = folder_file(*state, "a/b/" FILE_NAME);
	struct problem problem;
	size_t count;
	const struct settings_key *keys = settings_keys(&count);
	static const char *const tries[] = {"7",
					    "true",
					    "mqtts://h:1",
					    "auto",
					    "vendor",
					    "mailto:me@example.net",
					    "00112233445566778899aabbccddeeff00112233445566778899"
					    "aabbccddeeff"};

	for (size_t i = 0; i < count; i++) {
		const char *value = NULL;
		const char *reason;

		for (size_t j = 0; !value && j < sizeof(tries) / sizeof(tries[0]); j++) {
			value = !keys[i].check || keys[i].check(tries[j], &reason) ? tries[j]
										   : NULL;
		}
		assert_non_null(value);
		assert_int_equal(settings_set(path, keys[i].section, keys[i].name, value, &problem),
				 0);
		struct settings *settings = load(path);
		assert_string_equal(settings_get(settings, keys[i].section, keys[i].name), value);
		assert_true(settings_is_set(settings, keys[i].section, keys[i].name));
		settings_destroy(settings);
	}
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(settings_set(path, keys[i].section, keys[i].name, NULL, &problem),
				 0);
	}
	char *text = folder_read(path);
	assert_int_equal(settings_create_file(folder_file(*state, "other"), &problem), 0);
	char *fresh = folder_read(folder_file(*state, "other"));
	assert_string_equal(text, fresh);
	free(text);
	free(fresh);
}

static const struct {
	const char *section;
	const char *name;
	const char *value;
	const char *reason;
} refusals[] = {
	{"cli", "tiemout", "5", "there is no setting cli.tiemout"},
	{"push", "contact", "me@example.net", "mailto:"},
	{"push", "contact", "mailto:\"me\"@example.net", "mailto:"},
	{"clu", "timeout", "5", "there is no setting clu.timeout"},
	{"cli", "timeout", "", "a time above 0"},
	{"cli", "timeout", "0", "a time above 0"},
	{"cli", "timeout", "0.0s", "a time above 0"},
	{"cli", "timeout", "1.", "a time above 0"},
	{"cli", "timeout", ".5", "a time above 0"},
	{"cli", "timeout", "-1", "a time above 0"},
	{"cli", "timeout", "5 s", "a time above 0"},
	{"cli", "timeout", "5d", "a time above 0"},
	{"cli", "timeout", "12345678901", "a time above 0"},
	{"cli", "colour", "AUTO", "auto, always or never"},
	{"api", "retries", "11", "0 to 10"},
	{"api", "retries", "-1", "0 to 10"},
	{"api", "refresh", "0.5", "1s or more"},
	{"api", "refresh", "often", "1s or more"},
	{"api", "refresh", "", "1s or more"},
	{"print", "rate", "fast", "from 0 to 1000"},
	{"print", "rate", "1001", "from 0 to 1000"},
	{"print", "rate", "-1", "from 0 to 1000"},
	{"print", "rate", "10 ", "from 0 to 1000"},
	{"print", "rate", "", "from 0 to 1000"},
	{"broker", "url", "http://x", "mqtts://HOST:PORT"},
	{"broker", "url", "mqtts://", "the name of its host is missing"},
	{"broker", "url", "mqtts://a@b", "a login does not stand in it"},
	{"broker", "pin", "00:11", "64 hex digits"},
	{"m5", "nozzle_max_c", "two", "whole number"},
	{"m5", "nozzle_max_c", "12345678901234567890", "whole number"},
	{"m5", "control", "Vendor", "vendor or observed"},
	{"m5c", "z_home_is_dangerous", "yes", "true or false"},
	{"m5c", "stop_gcode", "M524", "control = vendor or observed"},
	{"m5", "pause_value", "2", "control = vendor or observed"},
	{"printer", "default", "a\n[cli]", "cannot hold a line break"},
	{"printer", "default", "a\rb", "cannot hold a line break"},
	{"printer", "default", "a ;b", "no ';' behind a space"},
	{"printer", "default", " a", "no space at either end"},
	{"printer", "default", LONG_LINE, "too long"},
};

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} durations[] = {
		{"10", 10000},  {"1.5", 1500},  {"1.5s", 1500},
		{"500ms", 500}, {"2m", 120000}, {"6h", 21600000},
		{"never", 0},   {"", 0},        {"0", 0},
		{"-1", 0},      {"5d", 0},      {"999999h", INT64_C(3599996400000)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		assert_int_equal(settings_duration_ms(durations[i].text), durations[i].ms);
	}
}

static void rates_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes_per_s;
		bool adaptive;
	} rates[] = {
		{"10", 1250000, false}, {"2.5", 312500, false},  {"0", 0, false},
		{"0.0", 0, false},      {"auto", 1250000, true}, {"1000", 125000000, false},
		{"", 1250000, false},   {"1.", 1250000, false},  {"1e3", 1250000, false},
		{"0.000001", 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct settings_rate rate = settings_rate(rates[i].text);
		assert_int_equal(rate.bytes_per_s, rates[i].bytes_per_s);
		assert_int_equal(rate.adaptive, rates[i].adaptive);
	}
}

/* The values of 1008 were settings once; a file that has them is still read. */
static void what_was_a_setting_is_passed_over(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct settings *settings;
	struct problem problem;

	folder_write(path, "[m5c]\nstop_value = 4\ncontrol = vendor\n", 0600);
	assert_int_equal(settings_load(path, &settings, &problem), 0);
	assert_non_null(strstr(problem.text, "line 2: m5c.stop_value is passed over"));
	assert_non_null(strstr(problem.text, "control = vendor or observed"));
	assert_string_equal(settings_get(settings, "m5c", "control"), "vendor");
	settings_destroy(settings);
	assert_int_equal(settings_set(path, "m5c", "control", "observed", &problem), 0);
	assert_int_equal(settings_set(path, "m5c", "stop_value", NULL, &problem), 0);
	char *text = folder_read(path);
	assert_string_equal(text, "[m5c]\ncontrol = observed\n");
	free(text);
	assert_int_equal(settings_load(path, &settings, &problem), 0);
	assert_string_equal(problem.text, "");
	settings_destroy(settings);
	assert_null(settings_key_retired("cli", "stop_value"));
	assert_null(settings_key_retired("m5c", "control"));
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state)
{
	static const char text[] = "# mine\n[printer]\ndefault = x\n";
	const char *path = folder_file(*state, FILE_NAME);
	struct problem problem;

	folder_write(path, text, 0600);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		int error = settings_set(path, refusals[i].section, refusals[i].name,
					 refusals[i].value, &problem);
		if (error != FLAGSHIP_ERROR_ARGUMENT || !strstr(problem.text, refusals[i].reason)) {
			print_error("%s: %d %s\n", refusals[i].value, error, problem.text);
		}
		assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
		assert_non_null(strstr(problem.text, refusals[i].reason));
		char *after = folder_read(path);
		assert_string_equal(after, text);
		free(after);
	}
}

static void a_full_disk_changes_nothing(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	struct rlimit limit;
	struct rlimit small;

	folder_write(path, "[cli]\n", 0600);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 8;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int error = settings_set(path, "cli", "timeout", "7", &problem);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(error, FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, strerror(EFBIG)));
	char *text = folder_read(path);
	assert_string_equal(text, "[cli]\n");
	free(text);
	assert_int_equal(folder_count(folder, "." FILE_NAME ".new", NULL), 0);
}

static void processes_that_write_at_the_same_time_lose_nothing(void **state)
{
	static const char *const models[WRITERS] = {"m5", "m5c", "e1", "m5"};
	static const char *const names[WRITERS] = {"nozzle_max_c", "nozzle_max_c", "nozzle_max_c",
						   "bed_max_c"};
	const char *path = folder_file(*state, FILE_NAME);
	struct problem problem;
	pid_t children[WRITERS];
	char value[16];
	int status;

	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		for (int j = 1; children[i] == 0 && j <= 10; j++) {
			snprintf(value, sizeof(value), "%d", 100 * i + j);
			if (settings_set(path, models[i], names[i], value, &problem) != 0) {
				_exit(1);
			}
		}
		if (children[i] == 0) {
			_exit(0);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	struct settings *settings = load(path);
	for (int i = 0; i < WRITERS; i++) {
		snprintf(value, sizeof(value), "%d", 100 * i + 10);
		assert_string_equal(settings_get(settings, models[i], names[i]), value);
	}
	settings_destroy(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_absent_file_gives_the_defaults, set_up,
						tear_down),
		cmocka_unit_test(every_key_is_told_once_and_takes_its_own_default),
		cmocka_unit_test_setup_teardown(a_new_file_has_every_key_as_a_comment, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(files_are_read_as_people_write_them, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_reported_with_its_line, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_zero_byte_is_no_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_value_is_changed_and_nothing_else, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_key_can_be_set_in_a_new_file, set_up,
						tear_down),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(rates_are_read),
		cmocka_unit_test_setup_teardown(what_was_a_setting_is_passed_over, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_refused_and_changes_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(processes_that_write_at_the_same_time_lose_nothing,
						set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
