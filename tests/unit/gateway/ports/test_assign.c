/* SPDX-License-Identifier: MIT */
#include "gateway/ports/assign.h"

#include <flagship/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BASE      7200
#define NAME_SIZE 16

static struct port_table table;

static int finish(void **state)
{
	(void)state;
	ports_finish(&table);
	return 0;
}

static struct port_entry *adopt(size_t number)
{
	char serial[NAME_SIZE];

	snprintf(serial, sizeof(serial), "AK%zu", number);
	return ports_adopt(&table, serial);
}

static void read_list(const char *json)
{
	assert_int_equal(ports_read(&table, json, strlen(json)), 0);
}

static uint16_t number_of(const char *serial)
{
	return ports_number(ports_find(&table, serial), BASE);
}

static void each_gets_the_lowest_that_is_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < 20; i++) {
		const struct port_entry *entry = adopt(i);
		assert_non_null(entry);
		assert_int_equal(ports_number(entry, BASE), BASE + i);
		assert_int_equal(ports_number(entry, 0), 0);
	}
	assert_true(table.changed);
	table.changed = false;
	assert_int_equal(adopt(7)->index, 7);
	assert_int_equal(table.count, 20);
	assert_false(table.changed);
}

static void who_is_away_keeps_his_while_there_are_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORTS_OPEN_MAX; i++) {
		assert_int_equal(adopt(i)->index, i);
	}
	/* All are held: there is none for one more, and no entry. */
	assert_null(adopt(PORTS_OPEN_MAX));
	assert_int_equal(table.count, PORTS_OPEN_MAX);
	ports_find(&table, "AK9")->exists = false;
	ports_find(&table, "AK5")->exists = false;
	assert_int_equal(adopt(9)->index, 9);
	assert_int_equal(adopt(PORTS_OPEN_MAX)->index, 5);
	assert_null(ports_find(&table, "AK5"));
	assert_null(adopt(5));
}

static void so_many_are_remembered_and_the_oldest_go(void **state)
{
	char serial[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < PORTS_KEPT_MAX; i++) {
		snprintf(serial, sizeof(serial), "AK%zu", i);
		assert_non_null(ports_add_kept(&table, serial, PORTS_NONE, 8000));
	}
	adopt(0);
	assert_non_null(ports_add_kept(&table, "NEW", PORTS_NONE, 8001));
	assert_int_equal(table.count, PORTS_KEPT_MAX);
	/* The oldest is held. */
	assert_non_null(ports_find(&table, "AK0"));
	assert_null(ports_find(&table, "AK1"));
	for (size_t i = 0; i < table.count; i++) {
		table.entries[i].exists = true;
	}
	assert_null(ports_add_kept(&table, "ONEMORE", PORTS_NONE, 8002));
	assert_null(adopt(1));
}

static void a_port_of_its_own_goes_before(void **state)
{
	(void)state;
	read_list("{\"printers\":[{\"serial\":\"OWN\",\"port\":8000},"
		  "{\"serial\":\"OFF\",\"index\":3,\"port\":0},"
		  "{\"serial\":\"ONE\",\"index\":1}]}");
	assert_false(table.changed);
	assert_int_equal(ports_adopt(&table, "OWN")->index, PORTS_NONE);
	assert_int_equal(number_of("OWN"), 8000);
	assert_int_equal(ports_number(ports_find(&table, "OWN"), 0), 8000);
	assert_int_equal(number_of("OFF"), 0);
	assert_int_equal(number_of("ONE"), BASE + 1);
	assert_int_equal(ports_number(ports_find(&table, "ONE"), UINT16_MAX), 0);
	assert_int_equal(ports_number(ports_find(&table, "ONE"), UINT16_MAX - 1), UINT16_MAX);
	assert_int_equal(adopt(0)->index, 0);
	assert_int_equal(adopt(1)->index, 2);
	assert_int_equal(adopt(2)->index, 4);
}

static void what_is_malformed_is_left_out(void **state)
{
	static const char *const none[] = {
		"", "[]", "{}", "{\"printers\":{}}", "{\"printers\":[]", "7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(ports_read(&table, none[i], strlen(none[i])), FLAGSHIP_ERROR_JSON);
	}
	read_list("{\"printers\":[7,{},{\"serial\":\"\",\"index\":0},{\"serial\":7},"
		  "{\"serial\":\"A234567890123456789012345678901234567890123456789012345678901234"
		  "5678901234567890123456789012345678901234567890123456789012345678901234567890\"},"
		  "{\"serial\":\"ONE\",\"index\":1},{\"serial\":\"ONE\",\"index\":2},"
		  "{\"serial\":\"SAME\",\"index\":1},"
		  "{\"serial\":\"HIGH\",\"index\":256,\"port\":65536},"
		  "{\"serial\":\"LOW\",\"index\":-1,\"port\":-1},"
		  "{\"serial\":\"HALF\",\"index\":0.5},"
		  "{\"serial\":\"LAST\",\"index\":255,\"port\":65535}]}");
	assert_int_equal(table.count, 6);
	assert_int_equal(number_of("ONE"), BASE + 1);
	assert_int_equal(number_of("SAME"), 0);
	assert_int_equal(number_of("HIGH"), 0);
	assert_int_equal(number_of("LOW"), 0);
	assert_int_equal(number_of("HALF"), 0);
	assert_int_equal(number_of("LAST"), UINT16_MAX);
	/* Whom the list leaves without gets one as if he were new. */
	assert_int_equal(ports_adopt(&table, "SAME")->index, 0);
	assert_int_equal(ports_adopt(&table, "HIGH")->index, 2);
	assert_int_equal(table.count, 6);
}

#define TEST(function) cmocka_unit_test_teardown(function, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_gets_the_lowest_that_is_free),
		TEST(who_is_away_keeps_his_while_there_are_others),
		TEST(so_many_are_remembered_and_the_oldest_go),
		TEST(a_port_of_its_own_goes_before),
		TEST(what_is_malformed_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
