/* SPDX-License-Identifier: MIT */
#include "gateway/preferences/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_SIZE    1024
#define NAME_LENGTH  256
#define PRESET(rest) "{\"presets\":[{\"name\":\"PLA\",\"nozzle_c\":200" rest "]}"

static bool fits(const char *json)
{
	cJSON *changes = cJSON_Parse(json);

	assert_non_null(changes);
	bool result = preferences_fit(changes);
	cJSON_Delete(changes);
	return result;
}

static void what_pages_write_fits(void **state)
{
	static const char *const good[] = {
		"{}",
		"{\"theme\":\"auto\",\"language\":\"zh\"}",
		"{\"theme\":null,\"presets\":null}",
		"{\"fleet_sort\":\"own\",\"fleet_size\":\"l\",\"files_sort\":\"longest\"}",
		"{\"fleet_order\":[],\"fleet_hidden\":[\"AK1\",\"AK2\"]}",
		"{\"fleet_groups\":{},\"move_step\":0}",
		"{\"fleet_groups\":{\"AK1\":\"left\",\"AK2\":\"\"}}",
		"{\"move_step\":0.1,\"filament_length\":1000}",
		"{\"presets\":[]}",
		PRESET(",\"bed_c\":0}"),
		PRESET(",\"bed_c\":500},{\"name\":\"\",\"nozzle_c\":0,\"bed_c\":0}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		print_message("# %s\n", good[i]);
		assert_true(fits(good[i]));
	}
}

static void what_a_page_could_not_show_does_not(void **state)
{
	static const char *const bad[] = {
		"{\"other\":1}",
		"{\"other\":null}",
		"{\"Theme\":\"auto\"}",
		"{\"theme\":\"light\",\"other\":\"\"}",
		"{\"theme\":\"\"}",
		"{\"theme\":\"ligh\"}",
		"{\"theme\":\"lights\"}",
		"{\"theme\":\"light dark\"}",
		"{\"theme\":\"dark \"}",
		"{\"theme\":1}",
		"{\"fleet_size\":\"xl\"}",
		"{\"fleet_order\":\"AK1\"}",
		"{\"fleet_order\":{\"a\":\"AK1\"}}",
		"{\"fleet_hidden\":[\"AK1\",2]}",
		"{\"fleet_groups\":[\"left\"]}",
		"{\"fleet_groups\":{\"AK1\":null}}",
		"{\"move_step\":-1}",
		"{\"move_step\":1000.5}",
		"{\"filament_length\":\"5\"}",
		"{\"presets\":{}}",
		"{\"presets\":[7]}",
		PRESET("}"),
		PRESET(",\"bed_c\":501}"),
		PRESET(",\"bed_c\":-1}"),
		PRESET(",\"bed_c\":60,\"fan\":1}"),
		PRESET(",\"bed_c\":60},{\"name\":1,\"nozzle_c\":0,\"bed_c\":0}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("# %s\n", bad[i]);
		assert_false(fits(bad[i]));
	}
}

static void names_have_a_length(void **state)
{
	static const char *const forms[] = {
		"{\"fleet_order\":[\"%.*s\"]}",
		"{\"fleet_groups\":{\"AK1\":\"%.*s\"}}",
		"{\"presets\":[{\"name\":\"%.*s\",\"nozzle_c\":0,\"bed_c\":0}]}",
	};
	char name[NAME_LENGTH + 2];
	char json[TEXT_SIZE];

	(void)state;
	memset(name, 'x', sizeof(name));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(json, sizeof(json), forms[i], NAME_LENGTH, name);
		assert_true(fits(json));
		snprintf(json, sizeof(json), forms[i], NAME_LENGTH + 1, name);
		assert_false(fits(json));
	}
}

/* The list that errors show is the list of what is taken: null is good for each of them. */
static void the_list_names_what_is_taken(void **state)
{
	const char *name = preferences_members;
	char json[TEXT_SIZE];
	size_t count = 0;

	(void)state;
	for (size_t length; *name != '\0'; name += length + (name[length] == ' ')) {
		length = strcspn(name, " ");
		snprintf(json, sizeof(json), "{\"%.*s\":null}", (int)length, name);
		assert_true(fits(json));
		count++;
	}
	assert_int_equal(count, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_pages_write_fits),
		cmocka_unit_test(what_a_page_could_not_show_does_not),
		cmocka_unit_test(names_have_a_length),
		cmocka_unit_test(the_list_names_what_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
