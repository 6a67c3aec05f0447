/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/output/cell_text.h"
#include "cli/top/draw.h"

#include "farm.h"
#include "stride.h"

#include <assert.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* --- text in columns --- */

static void texts_fit(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		bool ascii;
		const char *fits;
		size_t used;
	} cases[] = {
		{"Left", 4, false, "Left", 4},
		{"Left", 6, false, "Left", 4},
		{"Kitchen", 4, false, "Kit~", 4},
		{"Kitchen", 1, false, "~", 1},
		{"Kitchen", 0, false, "", 0},
		{"Küche", 5, false, "Küche", 5},
		{"Küche", 5, true, "K?che", 5},
		{"印刷機", 6, false, "印刷機", 6},
		{"印刷機", 5, false, "印刷~", 5},
		{"印刷機", 4, false, "印~", 3},
		{"a\033[2Jb", 9, false, "a\xef\xbf\xbd[2Jb", 6},
		{"a\033[2Jb", 9, true, "a?[2Jb", 6},
		{"a\xc2\x9b"
		 "b",
		 9, true, "a?b", 3},
		{"a\xff\xfe", 9, true, "a??", 3},
		{"a\xe5\x8d", 9, true, "a??", 3},
		{"\xed\xa0\x80", 9, true, "???", 3},
		{"\xc0\xaf", 9, true, "??", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[64];
		size_t used = cell_text_fit(cases[i].text, cases[i].columns, cases[i].ascii, out,
					    sizeof(out));

		assert_string_equal(out, cases[i].fits);
		assert_int_equal(used, cases[i].used);
	}
}

static void texts_fit_their_memory(void **state)
{
	char out[6];

	(void)state;
	for (size_t capacity = 1; capacity <= sizeof(out); capacity++) {
		memset(out, 'x', sizeof(out));
		(void)cell_text_fit("印刷機 Kitchen", 40, false, out, capacity);
		assert_in_range(strlen(out), 0, capacity - 1);
	}
}

static void characters_encode(void **state)
{
	static const unsigned long characters[] = {'a', 0xe4, 0x5370, 0x1f600};
	char bytes[CELL_TEXT_CHARACTER_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		assert_int_equal(cell_text_encode(characters[i], bytes), i + 1);
	}
	assert_int_equal(cell_text_encode(0x110000, bytes), 0);
}

/* --- cells --- */

static void times_are_short(void **state)
{
	static const struct {
		int64_t seconds;
		const char *left;
		const char *age;
	} cases[] = {
		{-5, "0s", "now"},       {0, "0s", "now"},           {2, "2s", "2s"},
		{59, "59s", "59s"},      {60, "1m00s", "1m"},        {3599, "59m59s", "59m"},
		{3600, "1h00m", "1h"},   {86399, "23h59m", "23h"},   {86400, "1d00h", "24h"},
		{172800, "2d00h", "2d"}, {8553600, "99d00h", "99d"},
	};
	char text[TOP_TIME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(top_format_left(cases[i].seconds, text), cases[i].left);
		assert_in_range(strlen(text), 1, 6);
		assert_string_equal(top_format_age(cases[i].seconds * SECOND, text), cases[i].age);
		assert_in_range(strlen(text), 1, 4);
	}
}

static void sparks_show_the_course(void **state)
{
	static const struct {
		int64_t values[6];
		size_t count;
		const char *letters;
	} cases[] = {
		{{0}, 0, ""},
		{{PRINTER_NEVER, PRINTER_NEVER}, 2, ""},
		{{2000, 2000, 2000}, 3, "___"},
		{{2000, 2100, 2000}, 3, "___"},
		{{2000, PRINTER_NEVER, 22000}, 3, "_ #"},
		{{0, 4000, 8000, 12000, 16000, 21000}, 6, "__.--#"},
		{{INT64_MIN + 1, INT64_MAX}, 2, "_#"},
	};
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct top_history history = {.count = cases[i].count};
		struct top_cell cell;

		memcpy(history.values, cases[i].values, sizeof(cases[i].values));
		top_cell_spark(&cell, &farm.rows[0], &history, 8, true);
		assert_string_equal(cell.text, cases[i].letters);
		top_cell_spark(&cell, &farm.rows[0], &history, 8, false);
		assert_int_equal(cell_text_width(cell.text), strlen(cases[i].letters));
	}
}

static void samples_are_kept_for_a_while(void **state)
{
	struct farm farm;
	const struct top_history *history = &farm.rows[0].nozzle;

	(void)state;
	farm_set_up(&farm);
	for (size_t i = 0; i < 2 * TOP_HISTORY_MAX; i++) {
		farm.states[0].nozzle.current_centi_c = (int64_t)i;
		top_model_sample(&farm.model);
	}
	assert_int_equal(history->count, TOP_HISTORY_MAX);
	assert_int_equal(history->values[0], TOP_HISTORY_MAX);
	assert_int_equal(history->values[TOP_HISTORY_MAX - 1], 2 * TOP_HISTORY_MAX - 1);
	assert_int_equal(farm.rows[3].nozzle.values[0], PRINTER_NEVER);
	/* What is not heard any more is not known. */
	farm.states[0].online = false;
	top_model_sample(&farm.model);
	assert_int_equal(history->values[TOP_HISTORY_MAX - 1], PRINTER_NEVER);
}

static void states_in_a_word(void **state)
{
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	assert_string_equal(top_row_state(&farm.rows[0]), "printing");
	assert_string_equal(top_row_state(&farm.rows[1]), "paused");
	assert_string_equal(top_row_state(&farm.rows[2]), "idle");
	assert_string_equal(top_row_state(&farm.rows[3]), "no answer");
	farm.rows[3].unreachable = true;
	assert_string_equal(top_row_state(&farm.rows[3]), "no link");
	printer_state_check_online(&farm.states[0], NOW + 60 * SECOND, NULL, NULL);
	assert_string_equal(top_row_state(&farm.rows[0]), "offline");
	farm.rows[1].busy = true;
	farm.rows[1].command = COMMAND_STOP;
	assert_string_equal(top_row_state(&farm.rows[1]), "stopping");
}

/* --- lines --- */

static void rows_at_usual_widths(void **state)
{
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	assert_string_equal(
		farm_line(&farm, 80, TALL, 1),
		"  NAME          STATE      PROGRESS       NOZZLE           BED         LEFT  AGE");
	assert_string_equal(
		farm_line(&farm, 80, TALL, 2),
		"> Left          printing   ###-----  39% 220/220            60        1h05m  now");
	assert_string_equal(
		farm_line(&farm, 80, TALL, 3),
		"  Right         !paused    #######-  90%                              1m00s  20s");
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, 4), "  AK7THIRD "));
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, 5), "no answer"));
}

/* The important columns are the last to go. */
static void narrow_terminals(void **state)
{
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	assert_string_equal(farm_line(&farm, 40, TALL, 2),
			    "> Left              printing    39%  now");
	assert_string_equal(farm_line(&farm, 20, TALL, 2), "> Left              ");
	assert_string_equal(farm_line(&farm, 5, TALL, 2), "> Le~");
}

static size_t widest(struct farm *farm, size_t width, size_t height)
{
	static struct top_line line;
	struct top_view view = farm_view(width, height);
	struct top_screen screen;
	size_t most = 0;

	top_screen_init(&screen, &farm->model, &view, 0);
	for (size_t i = 0; i < height; i++) {
		size_t columns = 0;

		top_screen_line(&screen, i, &line);
		columns = cell_text_width(line.text);
		assert_int_equal(columns, line.columns);
		most = columns > most ? columns : most;
		/* Spans follow each other, and cover the text. */
		size_t at = 0;
		for (size_t j = 0; j < line.span_count; j++) {
			assert_int_equal(line.spans[j].start, at);
			at += line.spans[j].length;
		}
		assert_int_equal(at, line.length);
		assert_int_equal(line.length, strlen(line.text));
	}
	return most;
}

static void every_size_of_terminal(void **state)
{
	struct farm farm;
	static const unsigned long modes[] = {TOP_KEY_ESCAPE, '/', '?'};

	(void)state;
	farm_set_up(&farm);
	farm_hear(&farm.states[0],
		  "{\"commandType\":1001,\"name\":\"印刷機-boat\",\"progress\":4000}", NOW);
	top_model_note(&farm.model, OUTPUT_RED, "%0200d", 1);
	for (int i = 0; i < TOP_HISTORY_MAX; i++) {
		top_model_sample(&farm.model);
	}
	for (size_t mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) {
		struct top_row *row;

		(void)farm_press(&farm, modes[mode], &row);
		for (size_t width = 1; width < 240; width += test_stride()) {
			for (size_t height = 1; height < 12; height++) {
				assert_in_range(widest(&farm, width, height), 0, width);
			}
		}
		(void)farm_press(&farm, TOP_KEY_ESCAPE, &row);
	}
}

static void the_rest_of_the_screen(void **state)
{
	struct farm farm;
	char clock[OUTPUT_TIME_MAX];
	char selected[256];

	(void)state;
	farm_set_up(&farm);
	snprintf(selected, sizeof(selected),
		 "AK7LEFT  M5  boat.gcode  layer 17 of 43  124 mm/s  done at %s",
		 output_time_of_day(UNIX_NOW - SECOND + 3900 * SECOND, UNIX_NOW, clock));
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, 0),
			       "4 printers, 1 printing, 1 paused, 1 silent  by number"));
	assert_string_equal(farm_line(&farm, WIDE, TALL, TALL - 3), selected);
	assert_string_equal(farm_line(&farm, WIDE, TALL, TALL - 2), "");
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, TALL - 1), "q quit"));
	farm_type(&farm, "j");
	assert_string_equal(farm_line(&farm, WIDE, TALL, TALL - 3),
			    "AK7RIGHT  M5  the filament ran out or broke  filament broken "
			    "0xFF01030001  gear.gcode");
	top_model_note(&farm.model, OUTPUT_GREEN, "%s: paused", "Left");
	assert_string_equal(farm_line(&farm, WIDE, TALL, TALL - 2), "Left: paused");
	farm_type(&farm, "?");
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, 4), "pause its job"));
}

static void commands_under_way_in_a_word(void **state)
{
	static const struct {
		enum command_kind command;
		const char *word;
	} cases[] = {
		{COMMAND_PAUSE, "pausing"},
		{COMMAND_RESUME, "resuming"},
		{COMMAND_STOP, "stopping"},
		{COMMAND_HOME, "printing"},
	};
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	farm.rows[0].busy = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		farm.rows[0].command = cases[i].command;
		assert_string_equal(top_row_state(&farm.rows[0]), cases[i].word);
		assert_true(top_row_matches(&farm.rows[0], cases[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_fit),
		cmocka_unit_test(texts_fit_their_memory),
		cmocka_unit_test(characters_encode),
		cmocka_unit_test(times_are_short),
		cmocka_unit_test(sparks_show_the_course),
		cmocka_unit_test(samples_are_kept_for_a_while),
		cmocka_unit_test(states_in_a_word),
		cmocka_unit_test(rows_at_usual_widths),
		cmocka_unit_test(narrow_terminals),
		cmocka_unit_test(every_size_of_terminal),
		cmocka_unit_test(the_rest_of_the_screen),
		cmocka_unit_test(commands_under_way_in_a_word),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	/* Widths of characters are those of the locale. */
	assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
