/* SPDX-License-Identifier: MIT */
#include "printer/profile.h"
#include "store/settings/settings.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define VALUE_MAX 128

/* The settings file and the profiles of the models each have a table of the same keys. */
static const char *const sections[] = {"m5", "m5c", "e1"};
static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_M5C,
					     FLAGSHIP_MODEL_E1};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

static const struct settings_key *find(const char *section, const char *name)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0) {
			return &keys[i];
		}
	}
	return NULL;
}

static void test_every_key_of_a_profile_is_a_setting(void **state)
{
	(void)state;
	for (size_t i = 0; i < SECTIONS; i++) {
		for (const char *const *name = printer_profile_keys(); *name != NULL; name++) {
			assert_non_null(find(sections[i], *name));
		}
	}
}

static void test_every_setting_of_a_model_is_a_key_of_its_profile(void **state)
{
	struct printer_profile profile;
	char value[VALUE_MAX];
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	(void)state;
	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < SECTIONS; j++) {
			if (strcmp(keys[i].section, sections[j]) == 0) {
				assert_int_equal(printer_profile_get(&profile, keys[i].name, value,
								     sizeof(value)),
						 0);
			}
		}
	}
}

/* What a profile has by itself can be written into the file and read back. */
static void test_the_file_takes_what_profiles_hold(void **state)
{
	struct printer_profile profile;
	char value[VALUE_MAX];
	const char *reason;

	(void)state;
	for (size_t i = 0; i < SECTIONS; i++) {
		printer_profile_init(&profile, models[i]);
		for (const char *const *name = printer_profile_keys(); *name != NULL; name++) {
			const struct settings_key *key = find(sections[i], *name);

			assert_int_equal(printer_profile_get(&profile, *name, value, sizeof(value)),
					 0);
			assert_true(key->check(value, &reason));
			assert_int_equal(printer_profile_set(&profile, *name, value), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_of_a_profile_is_a_setting),
		cmocka_unit_test(test_every_setting_of_a_model_is_a_key_of_its_profile),
		cmocka_unit_test(test_the_file_takes_what_profiles_hold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
