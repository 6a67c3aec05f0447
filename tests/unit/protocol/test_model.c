/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/model.h>

struct name_case {
	const char *name;
	enum flagship_model model;
};

static const struct name_case names[] = {
	{"M5", FLAGSHIP_MODEL_M5},        {"m5", FLAGSHIP_MODEL_M5},
	{"V8111", FLAGSHIP_MODEL_M5},     {"v8111", FLAGSHIP_MODEL_M5},
	{"M5C", FLAGSHIP_MODEL_M5C},      {"m5c", FLAGSHIP_MODEL_M5C},
	{"m5C", FLAGSHIP_MODEL_M5C},      {"V8110", FLAGSHIP_MODEL_M5C},
	{"E1", FLAGSHIP_MODEL_E1},        {"e1", FLAGSHIP_MODEL_E1},
	{"v8260", FLAGSHIP_MODEL_E1},     {"", FLAGSHIP_MODEL_UNKNOWN},
	{"M", FLAGSHIP_MODEL_UNKNOWN},    {"M5 ", FLAGSHIP_MODEL_UNKNOWN},
	{" M5", FLAGSHIP_MODEL_UNKNOWN},  {"M5CC", FLAGSHIP_MODEL_UNKNOWN},
	{"V811", FLAGSHIP_MODEL_UNKNOWN}, {"V8112", FLAGSHIP_MODEL_UNKNOWN},
	{"E", FLAGSHIP_MODEL_UNKNOWN},    {NULL, FLAGSHIP_MODEL_UNKNOWN},
};

static void models_are_known_by_name_and_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(flagship_model_from_name(names[i].name), names[i].model);
	}
}

static void names_and_codes_lead_back(void **state)
{
	(void)state;
	assert_string_equal(flagship_model_name(FLAGSHIP_MODEL_M5), "M5");
	assert_string_equal(flagship_model_name(FLAGSHIP_MODEL_M5C), "M5C");
	assert_string_equal(flagship_model_name(FLAGSHIP_MODEL_E1), "E1");
	assert_string_equal(flagship_model_code(FLAGSHIP_MODEL_M5), "V8111");
	assert_string_equal(flagship_model_code(FLAGSHIP_MODEL_M5C), "V8110");
	assert_string_equal(flagship_model_code(FLAGSHIP_MODEL_E1), "V8260");
}

static void an_unknown_model_has_neither(void **state)
{
	static const int values[] = {FLAGSHIP_MODEL_UNKNOWN, FLAGSHIP_MODEL_E1 + 1, -1, 1 << 20};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_null(flagship_model_name((enum flagship_model)values[i]));
		assert_null(flagship_model_code((enum flagship_model)values[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(models_are_known_by_name_and_code),
		cmocka_unit_test(names_and_codes_lead_back),
		cmocka_unit_test(an_unknown_model_has_neither),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
