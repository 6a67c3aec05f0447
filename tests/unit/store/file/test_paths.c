/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/file/paths.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *home;
	const char *config; /* NULL: unset */
	const char *state;
	const char *settings_path;
	const char *accounts_path;
	const char *state_folder;
} places[] = {
	{"/h", NULL, NULL, "/h/.config/flagship/flagship.conf",
	 "/h/.local/state/flagship/accounts.json", "/h/.local/state/flagship"},
	{"/h", "/c", "/s", "/c/flagship/flagship.conf", "/s/flagship/accounts.json", "/s/flagship"},
	{"/h", "", "", "/h/.config/flagship/flagship.conf",
	 "/h/.local/state/flagship/accounts.json", "/h/.local/state/flagship"},
	{"/h", "c", "./s", "/h/.config/flagship/flagship.conf",
	 "/h/.local/state/flagship/accounts.json", "/h/.local/state/flagship"},
};

static void set(const char *name, const char *value)
{
	if (value) {
		setenv(name, value, 1);
	} else {
		unsetenv(name);
	}
}

static void places_follow_xdg(void **state)
{
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		set("HOME", places[i].home);
		set("XDG_CONFIG_HOME", places[i].config);
		set("XDG_STATE_HOME", places[i].state);
		assert_true(store_settings_path(path));
		assert_string_equal(path, places[i].settings_path);
		assert_true(store_accounts_path(path));
		assert_string_equal(path, places[i].accounts_path);
		assert_true(store_state_folder(path));
		assert_string_equal(path, places[i].state_folder);
	}
}

static void a_place_that_is_too_long_is_none(void **state)
{
	char home[PATH_MAX];
	char path[PATH_MAX];

	(void)state;
	memset(home, 'h', sizeof(home));
	home[0] = '/';
	home[PATH_MAX - 1] = '\0';
	set("HOME", home);
	set("XDG_CONFIG_HOME", home);
	set("XDG_STATE_HOME", NULL);
	assert_false(store_settings_path(path));
	assert_false(store_accounts_path(path));
	assert_false(store_state_folder(path));
}

/* HOME may be missing, as under cron. */
static void without_home_the_user_has_one(void **state)
{
	char path[PATH_MAX];

	(void)state;
	set("HOME", NULL);
	set("XDG_CONFIG_HOME", NULL);
	if (!store_settings_path(path)) {
		print_message("skipped: this user has no home folder\n");
		skip();
	}
	assert_int_equal(path[0], '/');
	assert_non_null(strstr(path, "/.config/flagship/flagship.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_follow_xdg),
		cmocka_unit_test(a_place_that_is_too_long_is_none),
		cmocka_unit_test(without_home_the_user_has_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
