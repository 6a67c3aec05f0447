/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "farm.h"

#include <assert.h>
#include <locale.h>
#include <string.h>

static void rows_scroll(void **state)
{
	struct farm farm;
	struct top_row *row;
	struct top_view view = farm_view(WIDE, 7); /* two rows */
	struct top_screen screen;

	(void)state;
	farm_set_up(&farm);
	top_screen_init(&screen, &farm.model, &view, 0);
	assert_int_equal(screen.rows, 2);
	assert_int_equal(screen.first, 0);
	farm_type(&farm, "G");
	top_screen_init(&screen, &farm.model, &view, screen.first);
	assert_int_equal(screen.first, 2);
	farm_type(&farm, "k");
	top_screen_init(&screen, &farm.model, &view, screen.first);
	assert_int_equal(screen.first, 2);
	farm_type(&farm, "k");
	top_screen_init(&screen, &farm.model, &view, screen.first);
	assert_int_equal(screen.first, 1);
	(void)farm_press(&farm, TOP_KEY_PAGE_UP, &row);
	top_screen_init(&screen, &farm.model, &view, screen.first);
	assert_int_equal(screen.first, 0);
	farm_assert_selected(&farm, "AK7LEFT");
}

/* --- keys --- */

static void keys_select(void **state)
{
	static const struct {
		const char *keys;
		const char *serial;
	} cases[] = {
		{"", "AK7LEFT"},     {"j", "AK7RIGHT"},   {"jj", "AK7THIRD"}, {"jjjjjj", "AK7GONE"},
		{"jjk", "AK7RIGHT"}, {"kkk", "AK7LEFT"},  {"G", "AK7GONE"},   {"Gg", "AK7LEFT"},
		{"oj", "AK7RIGHT"},  {"x!\t", "AK7LEFT"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct farm farm;

		farm_set_up(&farm);
		farm_type(&farm, cases[i].keys);
		farm_assert_selected(&farm, cases[i].serial);
	}
}

static void keys_act_on_the_selected_one(void **state)
{
	struct farm farm;
	struct top_row *row;

	(void)state;
	farm_set_up(&farm);
	assert_int_equal(farm_press(&farm, 'p', &row), TOP_ACTION_PAUSE);
	assert_ptr_equal(row, &farm.rows[0]);
	farm_type(&farm, "j");
	assert_int_equal(farm_press(&farm, 'r', &row), TOP_ACTION_RESUME);
	assert_ptr_equal(row, &farm.rows[1]);
	assert_int_equal(farm_press(&farm, 'q', &row), TOP_ACTION_QUIT);
}

static void stop_asks_first(void **state)
{
	static const unsigned long others[] = {'n', 'N',           's',           'q',
					       ' ', TOP_KEY_ENTER, TOP_KEY_ESCAPE};
	struct farm farm;
	struct top_row *row;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		farm_set_up(&farm);
		farm_type(&farm, "s");
		assert_non_null(strstr(farm_line(&farm, WIDE, TALL, TALL - 1),
				       "Stop the job of AK7LEFT for good? y/N"));
		assert_int_equal(farm_press(&farm, others[i], &row), TOP_ACTION_NONE);
		assert_string_equal(farm.model.note, "AK7LEFT: not stopped");
		assert_int_equal(farm.model.mode, TOP_MODE_ROWS);
	}
	farm_set_up(&farm);
	farm_type(&farm, "s");
	/* Who was asked about is who is stopped, whatever the rows do meanwhile. */
	strcpy(farm.states[0].name, "Zoo");
	farm.model.order = TOP_ORDER_NAME;
	top_model_update(&farm.model);
	assert_int_equal(farm_press(&farm, 'y', &row), TOP_ACTION_STOP);
	assert_ptr_equal(row, &farm.rows[0]);
}

static void orders(void **state)
{
	static const char *const serials[TOP_ORDERS][PRINTERS] = {
		[TOP_ORDER_NUMBER] = {"AK7LEFT", "AK7RIGHT", "AK7THIRD", "AK7GONE"},
		[TOP_ORDER_NAME] = {"AK7THIRD", "AK7GONE", "AK7LEFT", "AK7RIGHT"},
		[TOP_ORDER_STATE] = {"AK7RIGHT", "AK7LEFT", "AK7THIRD", "AK7GONE"},
		[TOP_ORDER_LEFT] = {"AK7RIGHT", "AK7LEFT", "AK7THIRD", "AK7GONE"},
	};
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	farm_type(&farm, "j");
	for (size_t order = 0; order < TOP_ORDERS; order++) {
		assert_int_equal(farm.model.order, order);
		for (size_t i = 0; i < PRINTERS; i++) {
			assert_string_equal(farm.states[farm.shown[i]].serial, serials[order][i]);
		}
		farm_assert_selected(&farm, "AK7RIGHT");
		farm_type(&farm, "o");
	}
	assert_int_equal(farm.model.order, TOP_ORDER_NUMBER);
}

static void filters(void **state)
{
	static const struct {
		const char *text;
		size_t shown;
	} cases[] = {
		{"", 4}, {"left", 1}, {"LEFT", 1}, {"ak7", 4}, {"paused", 1}, {"m5", 4}, {"zz", 0},
	};
	struct farm farm;
	struct top_row *row;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		farm_set_up(&farm);
		farm_type(&farm, "/");
		farm_type(&farm, cases[i].text);
		assert_int_equal(farm.model.shown_count, cases[i].shown);
		assert_non_null(strstr(farm_line(&farm, WIDE, TALL, TALL - 1), "show only: "));
		assert_int_equal(farm_press(&farm, TOP_KEY_ENTER, &row), TOP_ACTION_NONE);
		assert_string_equal(farm.model.filter, cases[i].text);
		assert_int_equal(farm_press(&farm, 'p', &row),
				 cases[i].shown > 0 ? TOP_ACTION_PAUSE : TOP_ACTION_NONE);
		(void)farm_press(&farm, TOP_KEY_ESCAPE, &row);
		assert_int_equal(farm.model.shown_count, PRINTERS);
	}
}

static void a_filter_is_typed(void **state)
{
	struct farm farm;
	struct top_row *row;

	(void)state;
	farm_set_up(&farm);
	farm_type(&farm, "/ab");
	(void)farm_press(&farm, 0xe4, &row);
	assert_string_equal(farm.model.filter, "ab\xc3\xa4");
	(void)farm_press(&farm, TOP_KEY_BACKSPACE, &row);
	assert_string_equal(farm.model.filter, "ab");
	for (int i = 0; i < 3; i++) {
		(void)farm_press(&farm, TOP_KEY_BACKSPACE, &row);
	}
	assert_string_equal(farm.model.filter, "");
	(void)farm_press(&farm, TOP_KEY_DOWN, &row);
	farm_assert_selected(&farm, "AK7RIGHT");
	for (int i = 0; i < 2 * TOP_FILTER_MAX; i++) {
		(void)farm_press(&farm, 'x', &row);
	}
	assert_int_equal(strlen(farm.model.filter), TOP_FILTER_MAX - 1);
	assert_null(top_model_selected(&farm.model));
	assert_non_null(strstr(farm_line(&farm, WIDE, TALL, TALL - 3), "escape shows all"));
}

/* The selected one left the filter: its neighbour is selected. */
static void the_selection_stays_with_what_is_shown(void **state)
{
	struct farm farm;

	(void)state;
	farm_set_up(&farm);
	farm_type(&farm, "jj/a");
	farm_assert_selected(&farm, "AK7THIRD");
	farm_type(&farm, "k7r");
	farm_assert_selected(&farm, "AK7RIGHT");
}

static void pages_turn(void **state)
{
	struct farm farm;
	struct top_row *row;

	(void)state;
	farm_set_up(&farm);
	farm.model.page = 3;
	farm_press(&farm, TOP_KEY_PAGE_DOWN, &row);
	farm_assert_selected(&farm, "AK7GONE");
	farm_press(&farm, TOP_KEY_PAGE_DOWN, &row);
	farm_assert_selected(&farm, "AK7GONE");
	farm_press(&farm, TOP_KEY_PAGE_UP, &row);
	farm_assert_selected(&farm, "AK7LEFT");
	farm.model.page = 0; /* no room for any: by one */
	farm_press(&farm, TOP_KEY_PAGE_DOWN, &row);
	farm_press(&farm, TOP_KEY_PAGE_DOWN, &row);
	farm_assert_selected(&farm, "AK7THIRD");
	farm_press(&farm, TOP_KEY_PAGE_UP, &row);
	farm_assert_selected(&farm, "AK7RIGHT");
}

static void keys_do_nothing_where_nobody_is_shown(void **state)
{
	struct farm farm;
	struct top_row *row;

	(void)state;
	farm_set_up(&farm);
	farm_type(&farm, "/nobody");
	farm_press(&farm, TOP_KEY_ENTER, &row);
	assert_null(top_model_selected(&farm.model));
	farm_type(&farm, "jkgGs");
	assert_int_equal(farm.model.mode, TOP_MODE_ROWS);
	assert_null(top_model_selected(&farm.model));
}

static void a_filter_has_an_end(void **state)
{
	struct farm farm;
	struct top_row *row;

	(void)state;
	farm_set_up(&farm);
	farm_type(&farm, "/");
	farm_press(&farm, 1, &row);
	farm_press(&farm, '\x7f', &row);
	assert_string_equal(farm.model.filter, "");
	for (size_t i = 0; i < 2 * TOP_FILTER_MAX; i++) {
		farm_press(&farm, 'a', &row);
	}
	assert_int_equal(strlen(farm.model.filter), TOP_FILTER_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_scroll),
		cmocka_unit_test(keys_select),
		cmocka_unit_test(keys_act_on_the_selected_one),
		cmocka_unit_test(stop_asks_first),
		cmocka_unit_test(orders),
		cmocka_unit_test(filters),
		cmocka_unit_test(a_filter_is_typed),
		cmocka_unit_test(the_selection_stays_with_what_is_shown),
		cmocka_unit_test(pages_turn),
		cmocka_unit_test(keys_do_nothing_where_nobody_is_shown),
		cmocka_unit_test(a_filter_has_an_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	/* Widths of characters are those of the locale. */
	assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
