/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/guard/guard.h"
#include "printer/guard/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* docs/safety.md says what is refused when; each of its examples is judged here. */

#define PAGE_MAX    65536
#define REASON_MAX  512
#define JSON_MAX    512
#define COLUMNS     4
#define EXAMPLE_MIN 150 /* so that a page that is not understood is no success */

enum column {
	COLUMN_EXAMPLE,
	COLUMN_M5,
	COLUMN_M5C,
	COLUMN_REASON,
};

struct cell {
	const char *text;
	size_t length;
};

static const char *read_page(void)
{
	static char page[PAGE_MAX];
	FILE *file = fopen(SAFETY_PAGE, "r");

	assert_non_null(file);
	size_t length = fread(page, 1, sizeof(page) - 1, file);
	fclose(file);
	page[length] = '\0';
	assert_in_range(length, 1000, sizeof(page) - 2);
	return page;
}

static bool is_word(const struct cell *cell, const char *word)
{
	return cell->length == strlen(word) && strncmp(cell->text, word, cell->length) == 0;
}

/* | a | b | c | d | */
static bool read_row(const char *line, struct cell cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (line[0] != '|' || line[1] != ' ') {
			return false;
		}
		cells[i].text = line + 2;
		const char *end = strstr(cells[i].text, " |");
		if (end == NULL) {
			return false;
		}
		cells[i].length = (size_t)(end - cells[i].text);
		line = end + 1;
	}
	return cells[COLUMN_EXAMPLE].text[0] == '`';
}

static void hear(struct printer_state *state, const char *json)
{
	assert_int_equal(apply_json(state, json, 0, NULL, NULL), 0);
}

static enum guard_verdict judge(enum flagship_model model, bool job,
				const struct command_request *request)
{
	struct printer_state state;
	struct printer_profile profile;
	char reason[REASON_MAX];

	printer_state_init(&state, NULL, NULL, model);
	printer_profile_init(&profile, model);
	hear(&state, "[{\"commandType\":1003,\"currentTemp\":20000,\"targetTemp\":20000},"
		     "{\"commandType\":1004,\"currentTemp\":6000,\"targetTemp\":6000},"
		     "{\"commandType\":1021,\"value\":-50}]");
	hear(&state, job ? "[{\"commandType\":1000,\"subType\":1,\"value\":1},"
			   "{\"commandType\":1001,\"name\":\"a.gcode\"}]"
			 : "{\"commandType\":1000,\"subType\":1,\"value\":0}");
	return guard_check(&state, &profile, NULL, request, reason, sizeof(reason));
}

static void check_model(enum flagship_model model, const struct cell *when,
			const struct command_request *request)
{
	struct command_request forced = *request;
	enum guard_verdict idle = judge(model, false, request);
	enum guard_verdict busy = judge(model, true, request);
	bool never = is_word(when, "never");
	bool always = is_word(when, "always");

	if (!never && !always && !is_word(when, "job") && !is_word(when, "—")) {
		fail_msg("%.*s is no time", (int)when->length, when->text);
	}
	enum guard_verdict wanted_idle = never ? GUARD_NEVER : always ? GUARD_REFUSED : GUARD_PASS;
	enum guard_verdict wanted_busy = is_word(when, "job") ? GUARD_REFUSED : wanted_idle;
	if (idle != wanted_idle || busy != wanted_busy) {
		fail_msg("%s on model %d: %d idle, %d in a job", request->text, model, idle, busy);
	}
	forced.force = true;
	assert_int_equal(judge(model, true, &forced), never ? GUARD_NEVER : GUARD_PASS);
}

static void check_request(const struct cell cells[COLUMNS], enum command_kind kind,
			  const char *text)
{
	struct command_request request = {.kind = kind, .text = text};

	check_model(FLAGSHIP_MODEL_M5, &cells[COLUMN_M5], &request);
	check_model(FLAGSHIP_MODEL_M5C, &cells[COLUMN_M5C], &request);
}

/* As a line, and as a message that carries it. */
static void check_example(const struct cell cells[COLUMNS], const char *example, size_t length)
{
	char text[JSON_MAX];
	char json[2 * JSON_MAX];

	assert_true(length < sizeof(text));
	memcpy(text, example, length);
	text[length] = '\0';
	if (text[0] == '{') {
		check_request(cells, COMMAND_SEND, text);
		check_request(cells, COMMAND_QUERY, text);
		return;
	}
	check_request(cells, COMMAND_GCODE, text);
	snprintf(json, sizeof(json), "{\"commandType\":1043,\"cmdData\":\"%s\",\"cmdLen\":%zu}",
		 text, length);
	check_request(cells, COMMAND_SEND, json);
}

static size_t check_examples(const struct cell cells[COLUMNS])
{
	const char *at = cells[COLUMN_EXAMPLE].text;
	const char *end = at + cells[COLUMN_EXAMPLE].length;
	size_t count = 0;

	while (at < end && *at == '`') {
		const char *close = memchr(at + 1, '`', (size_t)(end - at - 1));
		assert_non_null(close);
		check_example(cells, at + 1, (size_t)(close - at - 1));
		count++;
		at = close + 1;
		at += strspn(at, " ");
	}
	return count;
}

static void the_page_is_true(void **context)
{
	size_t count = 0;
	struct cell cells[COLUMNS];

	(void)context;
	for (const char *line = read_page(); line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (read_row(line, cells)) {
			count += check_examples(cells);
		}
	}
	assert_true(count >= EXAMPLE_MIN);
}

/* Every row of the table is on the page. */
static void the_page_is_whole(void **context)
{
	const char *page = read_page();
	size_t count;
	const struct guard_rule *rules = guard_rules(&count);

	(void)context;
	for (size_t i = 0; i < count; i++) {
		bool is_message = rules[i].subject == GUARD_MESSAGE;
		bool found = false;
		char name[32];

		for (int number = rules[i].first; !found && number <= rules[i].last; number++) {
			if (is_message) {
				snprintf(name, sizeof(name), "`{\"commandType\":%d", number);
			} else {
				snprintf(name, sizeof(name), "`%c%d",
					 rules[i].subject == GUARD_G ? 'G' : 'M', number);
			}
			found = strstr(page, name) != NULL;
		}
		if (!found) {
			fail_msg("the row of %s is not on the page", name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_true),
		cmocka_unit_test(the_page_is_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
