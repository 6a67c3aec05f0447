/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/log/log.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_MAX 65536

struct pipe_log {
	struct log log;
	int source;
	char text[READ_MAX];
};

static int open_log(void **state)
{
	static struct pipe_log fixture;
	const struct log_levels levels = {.others = LOG_LEVEL_INFO};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	log_init(&fixture.log, ends[1], LOG_FORMAT_TEXT, &levels);
	fixture.source = ends[0];
	*state = &fixture;
	return 0;
}

static int close_log(void **state)
{
	const struct pipe_log *fixture = *state;

	close(fixture->log.file);
	close(fixture->source);
	return 0;
}

static const char *read_log(struct pipe_log *fixture)
{
	ssize_t length = read(fixture->source, fixture->text, sizeof(fixture->text) - 1);

	fixture->text[length > 0 ? length : 0] = '\0';
	return fixture->text;
}

static void a_line_has_time_part_and_fields(void **state)
{
	struct pipe_log *fixture = *state;

	log_event(&fixture->log, LOG_LEVEL_INFO, "api", "logged in", LOG_TEXT("account", "a b"),
		  LOG_NUMBER("port", 80));
	assert_non_null(strstr(read_log(fixture), " api: logged in account=\"a b\" port=80\n"));
	log_event(&fixture->log, LOG_LEVEL_ERROR, "api", "no memory");
	assert_non_null(strstr(read_log(fixture), " api: error: no memory\n"));
}

static void a_line_of_json_can_be_parsed(void **state)
{
	struct pipe_log *fixture = *state;

	fixture->log.format = LOG_FORMAT_JSON;
	log_event(&fixture->log, LOG_LEVEL_WARNING, "broker", "a \"name\"\x1b[2J\n",
		  LOG_TEXT("printer", "M5\xff"), LOG_NUMBER("code", -7));
	cJSON *line = cJSON_Parse(read_log(fixture));

	assert_non_null(line);
	assert_string_equal(cJSON_GetObjectItem(line, "level")->valuestring, "warning");
	assert_string_equal(cJSON_GetObjectItem(line, "part")->valuestring, "broker");
	assert_string_equal(cJSON_GetObjectItem(line, "message")->valuestring,
			    "a \"name\"\xef\xbf\xbd[2J\xef\xbf\xbd");
	assert_string_equal(cJSON_GetObjectItem(line, "printer")->valuestring, "M5\xef\xbf\xbd");
	assert_int_equal(cJSON_GetObjectItem(line, "code")->valueint, -7);
	assert_int_equal(strlen(cJSON_GetObjectItem(line, "time")->valuestring), 20);
	cJSON_Delete(line);
}

/* Of all that can be given, a line is whole JSON or nothing. */
static void a_long_line_of_json_is_whole(void **state)
{
	struct pipe_log *fixture = *state;
	static char quotes[30000];

	memset(quotes, '"', sizeof(quotes) - 1);
	fixture->log.format = LOG_FORMAT_JSON;
	log_event(&fixture->log, LOG_LEVEL_INFO, "api", quotes, LOG_TEXT("a", quotes),
		  LOG_TEXT("b", quotes), LOG_TEXT("c", quotes), LOG_TEXT("d", quotes));
	cJSON *line = cJSON_Parse(read_log(fixture));

	assert_non_null(line);
	cJSON_Delete(line);
}

/* As the end of a command is, which is a line of JSON itself. */
static void a_long_message_is_whole(void **state)
{
	struct pipe_log *fixture = *state;
	static char message[LOG_MESSAGE_MAX];

	memset(message, '"', sizeof(message) - 1);
	fixture->log.format = LOG_FORMAT_JSON;
	log_event(&fixture->log, LOG_LEVEL_INFO, "commands", message);
	cJSON *line = cJSON_Parse(read_log(fixture));

	assert_non_null(line);
	assert_string_equal(cJSON_GetObjectItem(line, "message")->valuestring, message);
	cJSON_Delete(line);
	fixture->log.format = LOG_FORMAT_TEXT;
	log_event(&fixture->log, LOG_LEVEL_INFO, "commands", message);
	assert_non_null(strstr(read_log(fixture), message));
}

static void the_journal_gets_a_priority(void **state)
{
	struct pipe_log *fixture = *state;

	fixture->log.format = LOG_FORMAT_JOURNAL;
	log_event(&fixture->log, LOG_LEVEL_WARNING, "cloud", "hangs");
	assert_string_equal(read_log(fixture), "<4>cloud: hangs\n");
}

static void levels_are_of_parts(void **state)
{
	struct pipe_log *fixture = *state;

	assert_null(log_levels_read("warning,api=debug,broker=error", &fixture->log.levels));
	assert_true(log_admits(&fixture->log, LOG_LEVEL_DEBUG, "api"));
	assert_false(log_admits(&fixture->log, LOG_LEVEL_WARNING, "broker"));
	assert_true(log_admits(&fixture->log, LOG_LEVEL_WARNING, "mirror"));
	assert_false(log_admits(&fixture->log, LOG_LEVEL_INFO, "mirror"));
	log_write(&fixture->log, LOG_LEVEL_INFO, "mirror", "not written");
	assert_string_equal(read_log(fixture), "");
}

static void wrong_levels_change_nothing(void **state)
{
	static const char *const wrong[] = {
		"loud",           "api=",    "=debug",
		"api=debug=info", "info,,x", "a234567890123456789012345=info"};
	struct log_levels levels = {.others = LOG_LEVEL_DEBUG};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_non_null(log_levels_read(wrong[i], &levels));
	}
	assert_int_equal(levels.others, LOG_LEVEL_DEBUG);
	assert_int_equal(levels.count, 0);
}

/* A reader that stalls costs lines, which are counted, and never time. */
static void lines_that_nobody_reads_are_counted(void **state)
{
	struct pipe_log *fixture = *state;

	while (fixture->log.dropped == 0) {
		log_write(&fixture->log, LOG_LEVEL_INFO, "api", "%0512d", 7);
	}
	log_write(&fixture->log, LOG_LEVEL_INFO, "api", "one more");
	assert_int_equal(fixture->log.dropped, 2);
	while (*read_log(fixture) != '\0') {
	}
	log_write(&fixture->log, LOG_LEVEL_INFO, "api", "read again");
	assert_non_null(strstr(read_log(fixture), "2 lines were dropped: nobody read them\n"));
	assert_non_null(strstr(fixture->text, "api: read again\n"));
	assert_int_equal(fixture->log.dropped, 0);
}

static void what_others_cause_is_bounded(void **state)
{
	struct pipe_log *fixture = *state;
	size_t lines = 0;

	for (int i = 0; i < 1000; i++) {
		log_bounded(&fixture->log, LOG_LEVEL_INFO, "broker", "Client loud denied");
	}
	for (const char *c = read_log(fixture); *c; c++) {
		lines += *c == '\n';
	}
	assert_int_equal(lines, LOG_LIMIT_LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_has_time_part_and_fields, open_log,
						close_log),
		cmocka_unit_test_setup_teardown(a_line_of_json_can_be_parsed, open_log, close_log),
		cmocka_unit_test_setup_teardown(a_long_line_of_json_is_whole, open_log, close_log),
		cmocka_unit_test_setup_teardown(a_long_message_is_whole, open_log, close_log),
		cmocka_unit_test_setup_teardown(the_journal_gets_a_priority, open_log, close_log),
		cmocka_unit_test_setup_teardown(levels_are_of_parts, open_log, close_log),
		cmocka_unit_test(wrong_levels_change_nothing),
		cmocka_unit_test_setup_teardown(lines_that_nobody_reads_are_counted, open_log,
						close_log),
		cmocka_unit_test_setup_teardown(what_others_cause_is_bounded, open_log, close_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
