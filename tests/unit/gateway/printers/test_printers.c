/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/fake_session.h"
#include "gateway/printers/internal.h"
#include "store/accounts/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX_BYTES 4096
#define KEY            "000102030405060708090a0b0c0d0e0f"
#define OTHER_KEY      "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

/* A gateway's printers of files in a folder, with sessions of the test's own. */
struct scene {
	uv_loop_t loop;
	struct log log;
	struct gateway_printers *printers;
	char folder[PATH_MAX / 4];
	char settings[PATH_MAX / 2];
	char accounts[PATH_MAX / 2];
	char cloud[PATH_MAX / 2]; /* its folder */
	char handed[PATH_MAX];    /* what it hands over */
	const char
		*late; /* written to accounts.json as soon as the files were read; NULL: nothing */
	int log_file;
	bool closed;
};

static struct scene scene;

static void on_closed(void *context)
{
	((struct scene *)context)->closed = true;
}

static void write_to(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, S_IRUSR | S_IWUSR), 0);
}

/* "anne@broker:5:AB bob:c": a letter a printer, a small one with another key, '-' for the next one
 * without a key. */
static void write_accounts(const char *path, const char *words)
{
	char text[TEXT_MAX_BYTES];
	struct store_accounts accounts = {0};
	char *rest = text;
	size_t length;
	char *out;

	snprintf(text, sizeof(text), "%s", words);
	for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct store_account account = {0};
		char *letters = strrchr(word, ':');
		char *broker = strchr(word, '@');

		*letters++ = '\0';
		if (broker) {
			*broker++ = '\0';
			snprintf(account.broker, sizeof(account.broker), "mqtts://%s", broker);
		}
		snprintf(account.login.user_id, sizeof(account.login.user_id), "%s", word);
		snprintf(account.login.email, sizeof(account.login.email), "%s@example.org", word);
		for (; *letters; letters++) {
			struct store_printer *printer = store_account_add_printer(&account);
			bool keyless = *letters == '-';
			char name[] = {keyless ? *++letters : *letters, '\0'};
			char serial[] = "AK7A";

			serial[3] = (char)(name[0] >= 'a' ? name[0] - 'a' + 'A' : name[0]);
			assert_true(store_account_keep(&account, &printer->serial, serial));
			assert_true(store_account_keep(&account, &printer->name, name));
			assert_true(store_account_keep(&account, &printer->key_hex,
						       keyless          ? ""
						       : name[0] >= 'a' ? OTHER_KEY
									: KEY));
			printer->model = FLAGSHIP_MODEL_M5;
		}
		assert_int_equal(accounts_append(&accounts, &account), 0);
	}
	assert_int_equal(accounts_text_format(&accounts, &out, &length), 0);
	write_to(path, out);
	free(out);
	store_accounts_finish(&accounts);
}

static int setup(void **state)
{
	static const struct log_levels levels = {.others = LOG_LEVEL_DEBUG};

	(void)state;
	scene = (struct scene){.folder = "/tmp/printers-XXXXXX"};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.settings, sizeof(scene.settings), "%s/flagship.conf", scene.folder);
	snprintf(scene.accounts, sizeof(scene.accounts), "%s/accounts.json", scene.folder);
	snprintf(scene.cloud, sizeof(scene.cloud), "%s/cloud", scene.folder);
	snprintf(scene.handed, sizeof(scene.handed), "%s/" LOCAL_CLOUD_FILE, scene.cloud);
	assert_int_equal(mkdir(scene.cloud, S_IRWXU), 0);
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/log", scene.folder);
	scene.log_file = open(path, O_RDWR | O_CREAT | O_APPEND, S_IRUSR | S_IWUSR);
	assert_true(scene.log_file >= 0);
	log_init(&scene.log, scene.log_file, LOG_FORMAT_TEXT, &levels);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	if (scene.printers) {
		gateway_printers_close(scene.printers);
		gateway_printers_close(scene.printers);
		uv_run(&scene.loop, UV_RUN_DEFAULT);
		assert_true(scene.closed);
		/* It ends, and a change of a file is nothing to it any more. */
		gateway_printers_reload(scene.printers);
		assert_null(gateway_printers_next(scene.printers, NULL));
		gateway_printers_destroy(scene.printers);
	}
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	fake_sessions_reset();
	close(scene.log_file);
	snprintf(command, sizeof(command), "rm -r '%s'", scene.folder);
	return system(command);
}

static void on_configured(void *context)
{
	struct scene *configured = context;
	const char *late = configured->late;

	configured->late = NULL;
	if (late) {
		write_accounts(configured->accounts, late);
	}
}

static int open_with(const char *cloud, struct problem *problem)
{
	const struct gateway_printers_options options = {
		.settings_path = scene.settings,
		.accounts_path = scene.accounts,
		.cloud = cloud,
		.log = &scene.log,
		.on_configured = on_configured,
		.on_closed = on_closed,
		.context = &scene,
	};
	int error = gateway_printers_create(&scene.loop, &options, &scene.printers, problem);

	return error ? error : gateway_printers_open(scene.printers, problem);
}

static void open_scene(const char *cloud)
{
	struct problem problem;

	assert_int_equal(open_with(cloud, &problem), 0);
}

static bool was_logged(const char *words)
{
	char text[16 * TEXT_MAX_BYTES];
	ssize_t length = pread(scene.log_file, text, sizeof(text) - 1, 0);

	assert_true(length >= 0);
	text[length] = '\0';
	return strstr(text, words) != NULL;
}

/* "A=anne B=bob": in the order of letters, with whose session it is on. */
static void assert_held(const char *expected)
{
	char seen[TEXT_MAX_BYTES] = "";
	size_t used = 0;

	for (int letter = 'A'; letter <= 'Z'; letter++) {
		const char serial[] = {'A', 'K', '7', (char)letter, '\0'};
		const struct held_printer *held = held_find(scene.printers, serial);

		if (held) {
			used += (size_t)snprintf(
				seen + used, sizeof(seen) - used, "%s%c=%s%s", used > 0 ? " " : "",
				letter, held->login->has_namesake ? "^" : "", held->login->user_id);
		}
	}
	assert_string_equal(seen, expected);
}

static void test_accounts_and_printers_come_and_go(void **state)
{
	(void)state;
	open_scene(LOCAL_CLOUD_OFF);
	assert_held("");
	assert_int_equal(gateway_printers_sessions(scene.printers).count, 0);
	write_accounts(scene.accounts, "anne:AB");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
	write_accounts(scene.accounts, "anne:BC bob:D");
	gateway_printers_reload(scene.printers);
	assert_held("B=anne C=anne D=bob");
	assert_int_equal(gateway_printers_count(scene.printers), 3);
	struct gateway_sessions sessions = gateway_printers_sessions(scene.printers);
	assert_int_equal(sessions.count, 2);
	assert_int_equal(sessions.connected, 0);
	fake_connect(fake_sessions[0]);
	assert_int_equal(gateway_printers_sessions(scene.printers).connected, 1);
	assert_true(was_logged("connected broker="));
	fake_disconnect(fake_sessions[0]);
	assert_int_equal(gateway_printers_sessions(scene.printers).connected, 0);
	write_accounts(scene.accounts, "bob:D");
	gateway_printers_reload(scene.printers);
	assert_held("D=bob");
}

/* A login that is stored while a gateway starts, or reads its files again. */
static void test_what_is_written_while_it_reads_is_read_too(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:A");
	write_accounts(scene.handed, "bob:Z");
	scene.late = "anne:AB";
	open_scene(scene.cloud);
	assert_held("A=anne Z=bob");
	while (gateway_printers_count(scene.printers) == 2) {
		uv_run(&scene.loop, UV_RUN_ONCE);
	}
	assert_held("A=anne B=anne Z=bob");
	scene.late = "anne:ABC";
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne Z=bob");
	while (gateway_printers_count(scene.printers) == 3) {
		uv_run(&scene.loop, UV_RUN_ONCE);
	}
	assert_held("A=anne B=anne C=anne Z=bob");
}

static void test_what_several_accounts_share_is_held_once(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:AB bob:BC");
	open_scene(LOCAL_CLOUD_OFF);
	assert_held("A=anne B=anne C=bob");
	/* The other one takes it over. */
	write_accounts(scene.accounts, "anne:A bob:BC");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=bob C=bob");
	write_accounts(scene.accounts, "anne:AB bob:BC");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=bob C=bob");
	/* It is gone with its account, too. */
	write_accounts(scene.accounts, "anne:AB");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
}

static void test_a_printer_needs_a_key_and_may_get_one(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:A-B");
	open_scene(LOCAL_CLOUD_OFF);
	assert_held("A=anne");
	assert_true(was_logged("the key of a printer is not known: run flagship refresh"));
	write_accounts(scene.accounts, "anne:AB");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
	const struct held_printer *held = held_find(scene.printers, "AK7B");
	const struct flagship_key *before = held->key;
	/* Another key and name: the same printer. */
	write_accounts(scene.accounts, "anne:Ab");
	gateway_printers_reload(scene.printers);
	assert_ptr_equal(held_find(scene.printers, "AK7B"), held);
	assert_ptr_not_equal(held->key, before);
	assert_string_equal(fleet_printer_state(held->printer)->name, "b");
	/* One that is lost is no reason to give it up. */
	write_accounts(scene.accounts, "anne:A-B");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
}

static void test_a_damaged_file_changes_nothing(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:A");
	open_scene(LOCAL_CLOUD_OFF);
	write_to(scene.accounts, "{\"version\": 1, \"accounts\": [");
	gateway_printers_reload(scene.printers);
	assert_true(was_logged("settings and accounts stay as they were"));
	assert_held("A=anne");
	write_accounts(scene.accounts, "anne:AB");
	write_to(scene.settings, "[broker]\nurl = nonsense\n");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne");
	write_to(scene.settings, "");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
}

static void test_one_that_is_damaged_at_first_is_an_error(void **state)
{
	struct problem problem;

	(void)state;
	write_to(scene.accounts, "{");
	assert_int_not_equal(open_with(LOCAL_CLOUD_OFF, &problem), 0);
	assert_non_null(strstr(problem.text, "accounts.json is damaged"));
}

static void test_settings_change_broker_and_profiles(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:A");
	open_scene(LOCAL_CLOUD_OFF);
	assert_int_equal(fake_session_count, 1);
	write_to(scene.settings, "[broker]\nurl = mqtts://other.example:1\n");
	gateway_printers_reload(scene.printers);
	assert_int_equal(fake_session_count, 2);
	assert_true(fake_sessions[0]->closed);
	assert_string_equal(fake_sessions[1]->host, "other.example");
	const struct held_printer *held = held_find(scene.printers, "AK7A");
	int64_t before = held->profile.nozzle_max_c;
	write_to(scene.settings,
		 "[broker]\nurl = mqtts://other.example:1\n[m5]\nnozzle_max_c = 200\n");
	gateway_printers_reload(scene.printers);
	assert_int_equal(held->profile.nozzle_max_c, 200);
	assert_true(before > 200);
	assert_int_equal(fake_session_count, 2);
}

static void test_a_printer_is_found_by_serial_and_by_name(void **state)
{
	bool several = true;

	(void)state;
	write_accounts(scene.accounts, "anne:AB");
	open_scene(LOCAL_CLOUD_OFF);
	assert_non_null(gateway_printers_find(scene.printers, "AK7A", &several));
	assert_false(several);
	struct fleet_printer *found = gateway_printers_find(scene.printers, "b", &several);
	assert_string_equal(fleet_printer_serial(found), "AK7B");
	assert_null(gateway_printers_find(scene.printers, "", &several));
	assert_false(several);
	fleet_printer_set_name(found, "A");
	assert_null(gateway_printers_find(scene.printers, "a", &several));
	assert_true(several);
	assert_non_null(gateway_printers_find(scene.printers, "AK7A", &several));
	assert_false(several);
	struct command_request request = {0};
	gateway_printers_fill_request(found, &request);
	assert_string_equal(request.user_id, "anne");
	assert_string_equal(request.user_name, "anne");
}

/* --- a cloud on this machine --- */

static void test_its_printers_are_held_too(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne:A");
	open_scene(scene.cloud);
	assert_held("A=anne");
	write_accounts(scene.handed, "bob:AB");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=bob");
	/* What accounts.json gives up, the cloud has. */
	write_accounts(scene.accounts, "");
	gateway_printers_reload(scene.printers);
	assert_held("A=bob B=bob");
	write_accounts(scene.accounts, "anne:A");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=bob");
	assert_int_equal(unlink(scene.handed), 0);
	gateway_printers_reload(scene.printers);
	assert_held("A=anne");
}

static void test_one_that_is_damaged_stays_as_it_was(void **state)
{
	static const char *const damaged[] = {"", "{", "[]", "{\"version\": 99, \"accounts\": []}"};

	(void)state;
	write_to(scene.handed, "{");
	open_scene(scene.cloud);
	assert_held("");
	assert_true(was_logged("the printers of the cloud on this machine are left out"));
	write_accounts(scene.handed, "bob:AB");
	gateway_printers_reload(scene.printers);
	assert_held("A=bob B=bob");
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		write_to(scene.handed, damaged[i]);
		/* What accounts.json says is taken over all the same. */
		write_accounts(scene.accounts, i % 2 == 0 ? "anne:C" : "anne:D");
		gateway_printers_reload(scene.printers);
		assert_held(i % 2 == 0 ? "A=bob B=bob C=anne" : "A=bob B=bob D=anne");
	}
	assert_true(was_logged("its printers stay as they were"));
	write_accounts(scene.handed, "bob:B");
	gateway_printers_reload(scene.printers);
	assert_held("B=bob D=anne");
}

static void test_the_same_login_elsewhere_is_another_one(void **state)
{
	(void)state;
	write_accounts(scene.accounts, "anne@localhost:5:A");
	write_accounts(scene.handed, "anne@127.0.0.1:5:AB");
	open_scene(scene.cloud);
	/* Both go to the same broker: it is one login. */
	assert_held("A=anne B=anne");
	assert_int_equal(gateway_printers_sessions(scene.printers).count, 1);
	/* The settings lead those of accounts.json elsewhere. */
	write_to(scene.settings, "[broker]\nurl = mqtts://other.example:1\n");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=^anne");
	assert_int_equal(gateway_printers_sessions(scene.printers).count, 2);
	write_to(scene.settings, "");
	gateway_printers_reload(scene.printers);
	assert_held("A=anne B=anne");
	assert_int_equal(gateway_printers_sessions(scene.printers).count, 1);
}

static void test_the_settings_say_where_it_is(void **state)
{
	char text[PATH_MAX];

	(void)state;
	write_accounts(scene.handed, "bob:A");
	write_to(scene.settings, "[serve]\ncloud = off\n");
	open_scene(NULL);
	assert_held("");
	snprintf(text, sizeof(text), "[serve]\ncloud = %s\n", scene.cloud);
	write_to(scene.settings, text);
	gateway_printers_reload(scene.printers);
	assert_held("A=bob");
	write_to(scene.settings, "[serve]\ncloud = /nonexistent\n");
	gateway_printers_reload(scene.printers);
	assert_held("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accounts_and_printers_come_and_go),
		TEST(test_what_is_written_while_it_reads_is_read_too),
		TEST(test_what_several_accounts_share_is_held_once),
		TEST(test_a_printer_needs_a_key_and_may_get_one),
		TEST(test_a_damaged_file_changes_nothing),
		TEST(test_one_that_is_damaged_at_first_is_an_error),
		TEST(test_settings_change_broker_and_profiles),
		TEST(test_a_printer_is_found_by_serial_and_by_name),
		TEST(test_its_printers_are_held_too),
		TEST(test_one_that_is_damaged_stays_as_it_was),
		TEST(test_the_same_login_elsewhere_is_another_one),
		TEST(test_the_settings_say_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
