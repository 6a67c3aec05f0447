/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/reload/configuration.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEEN_MAX 2048

static const char *const kind_names[] = {"-printer", "-account", "+account", "~account",
					 "+printer", "~printer", "setting",  "groups"};

struct files {
	char folder[PATH_MAX / 4];
	char settings[PATH_MAX / 2];
	char accounts[PATH_MAX / 2];
	char seen[SEEN_MAX];
};

static int make_files(void **state)
{
	static struct files files;

	files = (struct files){.folder = "/tmp/configuration-XXXXXX"};
	assert_non_null(mkdtemp(files.folder));
	snprintf(files.settings, sizeof(files.settings), "%s/flagship.conf", files.folder);
	snprintf(files.accounts, sizeof(files.accounts), "%s/accounts.json", files.folder);
	*state = &files;
	return 0;
}

static int remove_files(void **state)
{
	const struct files *files = *state;
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -r %s", files->folder);
	return system(command);
}

/* One word an account: its user id, then a letter a printer: "anne:ab". Capitals have another key.
 */
static int fill(void *context, struct store_accounts *accounts)
{
	char text[SEEN_MAX];
	char *rest = text;

	snprintf(text, sizeof(text), "%s", (const char *)context);
	while (accounts->count > 0) {
		char user_id[STORE_TEXT_MAX];

		snprintf(user_id, sizeof(user_id), "%s", accounts->accounts[0].login.user_id);
		store_accounts_remove(accounts, user_id);
	}
	for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct store_account account = {0};
		char *printers = strchr(word, ':');

		*printers++ = '\0';
		snprintf(account.login.user_id, sizeof(account.login.user_id), "%s", word);
		for (; *printers; printers++) {
			struct store_printer *printer = store_account_add_printer(&account);
			bool capital = *printers < 'a';
			char value[STORE_KEY_HEX_SIZE];

			snprintf(value, sizeof(value), "AK7%c",
				 capital ? *printers : *printers - 'a' + 'A');
			assert_true(store_account_keep(&account, &printer->serial, value));
			snprintf(value, sizeof(value), "%032d", capital);
			assert_true(store_account_keep(&account, &printer->key_hex, value));
		}
		assert_int_equal(store_accounts_put(accounts, &account, false), 0);
	}
	return 0;
}

static struct configuration *read_with(struct files *files, const char *accounts,
				       const char *settings)
{
	struct configuration *configuration;
	struct problem problem;
	FILE *file = fopen(files->settings, "w");

	fputs(settings, file);
	fclose(file);
	assert_int_equal(
		store_accounts_update(files->accounts, fill, (void *)(uintptr_t)accounts, &problem),
		0);
	assert_int_equal(
		configuration_read(&(struct configuration_source){.settings_path = files->settings,
								  .accounts_path = files->accounts},
				   &configuration, &problem),
		0);
	return configuration;
}

static void note(void *context, const struct configuration_change *change)
{
	struct files *files = context;
	size_t length = strlen(files->seen);

	snprintf(files->seen + length, SEEN_MAX - length, "%s%s %s%s", length > 0 ? ", " : "",
		 kind_names[change->kind],
		 change->setting   ? change->setting->name
		 : change->account ? change->account->login.user_id
				   : "",
		 change->printer ? change->printer->serial : "");
}

static const char *compare(struct files *files, struct configuration *older,
			   struct configuration *newer)
{
	files->seen[0] = '\0';
	assert_int_equal(configuration_compare(older, newer, note, files), 0);
	configuration_release(older);
	configuration_release(newer);
	return files->seen;
}

static void at_first_everything_is_added(void **state)
{
	struct files *files = *state;

	assert_string_equal(compare(files, NULL, read_with(files, "anne:ab bert:", "")),
			    "+account anne, +account bert, +printer anneAK7A, +printer anneAK7B");
}

static void what_is_the_same_is_not_reported(void **state)
{
	struct files *files = *state;
	struct configuration *older = read_with(files, "anne:ab bert:c", "");

	assert_string_equal(compare(files, older, read_with(files, "bert:c anne:ba", "")), "");
}

static void each_difference_is_reported_once(void **state)
{
	struct files *files = *state;
	struct configuration *older = read_with(files, "anne:abc bert:d",
						"[broker]\nurl = mqtts://a\n");
	struct configuration *newer = read_with(files, "anne:bCx carl:d",
						"[broker]\nurl = mqtts://b\n[group]\nup = AK7B\n");

	assert_string_equal(compare(files, older, newer),
			    "-printer anneAK7A, -printer bertAK7D, -account bert, +account carl, "
			    "+printer anneAK7X, +printer carlAK7D, ~printer anneAK7C, setting url, "
			    "groups ");
}

static void an_older_one_lives_while_it_is_held(void **state)
{
	struct files *files = *state;
	struct configuration *configuration = read_with(files, "anne:a", "");
	const struct configuration *held = configuration_hold(configuration);

	configuration_release(configuration);
	assert_int_equal(configuration_accounts(held)->count, 1);
	assert_string_equal(settings_get(configuration_settings(held), "broker", "url"), "");
	configuration_release(configuration);
	configuration_release(NULL);
}

static void a_damaged_file_is_a_problem(void **state)
{
	struct files *files = *state;
	struct configuration *configuration;
	struct problem problem;

	configuration_release(read_with(files, "anne:a", ""));
	assert_int_equal(truncate(files->accounts, 10), 0);
	assert_int_not_equal(
		configuration_read(&(struct configuration_source){.settings_path = files->settings,
								  .accounts_path = files->accounts},
				   &configuration, &problem),
		0);
	assert_null(configuration);
	assert_non_null(strstr(problem.text, files->accounts));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_files, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_first_everything_is_added),     TEST(what_is_the_same_is_not_reported),
		TEST(each_difference_is_reported_once), TEST(an_older_one_lives_while_it_is_held),
		TEST(a_damaged_file_is_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
