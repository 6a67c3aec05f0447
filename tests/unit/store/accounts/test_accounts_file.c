/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "kept.h"
#include "store/accounts/fields.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void an_absent_file_holds_no_accounts(void **state)
{
	struct store_accounts accounts;
	struct problem problem;

	assert_int_equal(store_accounts_load(folder_file(*state, FILE_NAME), &accounts, &problem),
			 0);
	assert_int_equal(accounts.count, 0);
	assert_string_equal(problem.text, "");
	store_accounts_finish(&accounts);
	assert_int_equal(folder_count(*state, FILE_NAME, NULL), 0);
}

static void the_file_and_its_folders_are_made_for_their_owner_alone(void **state)
{
	struct folder *folder = *state;
	struct problem problem;
	mode_t mask = umask(0);

	assert_int_equal(kept_update(folder_file(folder, "a/b/" FILE_NAME), "u1", &problem), 0);
	umask(mask);
	assert_string_equal(problem.text, "");
	assert_int_equal(folder_mode(folder->file), 0600);
	assert_int_equal(folder_mode(folder_file(folder, "a")), 0700);
	assert_int_equal(folder_mode(folder_file(folder, "a/b")), 0700);
	assert_int_equal(folder_mode(folder_file(folder, "a/b/." FILE_NAME ".lock")), 0600);
}

/* Every field with a text of its own, as long as it may be, with what JSON must escape. */
static void fill_text(char *out, size_t capacity, unsigned int seed)
{
	static const char pattern[] = "\"\\\n\t\x01/é€😀 ";
	size_t length = 0;

	memset(out, 0, capacity);
	length += (size_t)snprintf(out, capacity, "%u", seed);
	while (length + sizeof(pattern) <= capacity) {
		memcpy(out + length, pattern, sizeof(pattern));
		length += sizeof(pattern) - 1;
	}
	memset(out + length, 'x', capacity - 1 - length);
}

static void keep_filled(struct store_account *account, const char **place, unsigned int seed)
{
	char text[STORE_TEXT_MAX];

	fill_text(text, sizeof(text), seed);
	assert_true(store_account_keep(account, place, text));
}

static void add_filled(struct store_account *account, const char *serial, unsigned int seed)
{
	struct store_printer *printer = store_account_add_printer(account);

	assert_non_null(printer);
	printer->serial = serial;
	keep_filled(account, &printer->name, seed++);
	printer->model = FLAGSHIP_MODEL_E1;
	keep_filled(account, &printer->model_code, seed++);
	printer->key_hex = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	keep_filled(account, &printer->station_id, seed++);
	keep_filled(account, &printer->dsk_key, seed++);
	keep_filled(account, &printer->p2p_did, seed++);
	keep_filled(account, &printer->p2p_conn, seed++);
	keep_filled(account, &printer->app_conn, seed++);
	keep_filled(account, &printer->wifi_mac, seed++);
	keep_filled(account, &printer->address, seed++);
	keep_filled(account, &printer->firmware, seed++);
	keep_filled(account, &printer->p2p_license, seed++);
	keep_filled(account, &printer->member_type, seed++);
	printer->may_query = "yes";
	printer->may_command = "no";
	printer->may_camera = "yes";
	printer->created_at = INT64_MAX;
	printer->updated_at = 1;
}

static void fill_account(struct store_account *account)
{
	unsigned int seed = 100;

	*account = (struct store_account){0};
	fill_text(account->login.user_id, STORE_TEXT_MAX, seed++);
	fill_text(account->login.email, STORE_TEXT_MAX, seed++);
	fill_text(account->login.auth_token, STORE_TEXT_MAX, seed++);
	fill_text(account->login.country, STORE_TEXT_MAX, seed++);
	fill_text(account->login.domain, STORE_TEXT_MAX, seed++);
	account->login.token_expires_at = INT64_C(4102444800);
	account->login.region = FLAGSHIP_REGION_EU;
	fill_text(account->api, STORE_TEXT_MAX, seed++);
	fill_text(account->broker, STORE_TEXT_MAX, seed++);
	fill_text(account->ca_file, STORE_TEXT_MAX, seed++);
	fill_text(account->pin, STORE_TEXT_MAX, seed++);
	fill_text(account->mqtt_username, STORE_TEXT_MAX, seed++);
	fill_text(account->mqtt_password, STORE_TEXT_MAX, seed++);
	fill_text(account->source, STORE_TEXT_MAX, seed++);
	account->refreshed_at = 12345;
	add_filled(account, "AK1", 200);
	add_filled(account, "AK2", 300);
	add_filled(account, "AK3", 400);
}

static int put_filled(void *context, struct store_accounts *accounts)
{
	struct store_account account;

	(void)context;
	fill_account(&account);
	return store_accounts_put(accounts, &account, false);
}

static void check_same(struct store_printer *found, struct store_printer *wanted)
{
	for (size_t i = 0; i < accounts_printer_fields.count; i++) {
		const struct accounts_field *field = &accounts_printer_fields.fields[i];

		if (field->capacity > 0) {
			assert_string_equal(accounts_field_text(found, field),
					    accounts_field_text(wanted, field));
		} else {
			assert_int_equal(*accounts_field_time(found, field),
					 *accounts_field_time(wanted, field));
		}
	}
	assert_int_equal(found->model, wanted->model);
}

static void everything_is_read_as_it_was_written(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct store_account wanted;
	struct problem problem;

	assert_int_equal(store_accounts_update(path, put_filled, NULL, &problem), 0);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.count, 1);
	fill_account(&wanted);
	struct store_account *found = &accounts.accounts[0];
	assert_int_equal(found->printer_count, wanted.printer_count);
	for (size_t i = 0; i < wanted.printer_count; i++) {
		check_same(&found->printers[i], &wanted.printers[i]);
	}
	/* The account itself, but for where its printers are. */
	assert_memory_equal(found, &wanted, offsetof(struct store_account, printers));
	store_account_finish(&wanted);
	store_accounts_finish(&accounts);

	/* Nor does writing it again change a byte. */
	char *before = folder_read(path);
	assert_int_equal(store_accounts_update(path, put_filled, NULL, &problem), 0);
	char *after = folder_read(path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

#define BEGIN "{\n\"version\": 1,\n\"accounts\": [\n"

static const struct {
	const char *text;
	size_t line;
	const char *reason;
} damages[] = {
	{"", 1, "the end is missing"},
	{"{\n\"version\": 1,\n", 3, "the end is missing"},
	{"{\n\"version\" 1,\n", 2, "this is no JSON"},
	{BEGIN "]}\nmore", 5, "this is no JSON"},
	{BEGIN "]}\n\n]", 6, "this is no JSON"},
	{"[]", 1, "an object with \"version\" and \"accounts\""},
	{"\n{\"version\": 1}", 2, "an object with \"version\" and \"accounts\""},
	{"{\"version\":\n0, \"accounts\": []}", 2, "no version"},
	{"{\"version\":\n\"1\", \"accounts\": []}", 2, "no version"},
	{"{\"version\": 1,\n\"accounts\":\n{}}", 3, "a list of accounts"},
	{"{\"accounts\":\n{}, \"version\": 1}", 2, "a list of accounts"},
	{BEGIN "{\"user_id\": 7}]}\n]", 5, "this is no JSON"},
	{BEGIN "3]}", 4, "an account in { }"},
	{BEGIN "{}]}", 4, "no user_id"},
	{BEGIN "{\"user_id\": \"u\"},\n{\"user_id\": \"u\"}]}", 5,
	 "this account stands here twice"},
	{BEGIN "{\"user_id\":\n7}]}", 5, "a text in quotes"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": \"x\"}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": -1}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\",\n\"refreshed_at\": 1e99}]}", 5, "a time in whole seconds"},
	{BEGIN "{\"user_id\": \"u\", \"region\":\n\"cn\"}]}", 5, "the region is"},
	{BEGIN "{\"user_id\": \"u\", \"printers\":\n{}}]}", 5, "a list of printers"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n7]}]}", 5, "a printer in { }"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n{}]}]}", 5, "no valid serial number"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\"}],\n\"printers\":[]}]}", 5,
	 "the printers stand here twice"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\"},\n{\"serial\":\"A\"}]}]}", 5,
	 "this printer stands here twice"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [\n{\"serial\":\"A\",\"key\":\"12\"}]}]}", 5,
	 "not 32 or 64 hex digits"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\"A\",\n\"model\":\"M6\"}]}]}", 5,
	 "this model is not known"},
	{BEGIN "{\"user_id\": \"u\", \"printers\": [{\"serial\":\n"
	       "\"123456789012345678901234567890123\"}]}]}",
	 5, "this text is too long"},
};

static void a_damaged_file_is_reported_with_its_line_and_left_alone(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;
	char line[32];

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		folder_write(path, damages[i].text, 0600);
		snprintf(line, sizeof(line), "damaged: line %zu: ", damages[i].line);
		int error = store_accounts_load(path, &accounts, &problem);
		assert_int_equal(error, FLAGSHIP_ERROR_STORE);
		if (!strstr(problem.text, line) || !strstr(problem.text, damages[i].reason)) {
			print_error("%s\nbut wanted %s%s\n", problem.text, line, damages[i].reason);
		}
		assert_non_null(strstr(problem.text, path));
		assert_non_null(strstr(problem.text, line));
		assert_non_null(strstr(problem.text, damages[i].reason));
		assert_int_equal(accounts.count, 0);
		char *text = folder_read(path);
		assert_string_equal(text, damages[i].text);
		free(text);
	}
}

static void a_damaged_file_is_kept_when_a_new_one_is_written(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	char kept[PATH_MAX];

	folder_write(path, "{\n\"version\": 1,", 0600);
	assert_int_equal(kept_update(path, "u1", &problem), 0);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", kept), 1);
	assert_non_null(strstr(problem.text, "damaged: line 2: "));
	assert_non_null(strstr(problem.text, kept));
	char *text = folder_read(kept);
	assert_string_equal(text, "{\n\"version\": 1,");
	free(text);
	assert_int_equal(kept_count(path), 1);

	/* Twice in a second: neither overwrites the other. */
	folder_write(path, "second", 0600);
	assert_int_equal(kept_update(path, "u1", &problem), 0);
	folder_write(path, "third", 0600);
	assert_int_equal(kept_update(path, "u1", &problem), 0);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", NULL), 3);
}

static void what_edit_refuses_changes_nothing(void **state)
{
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct problem problem;
	struct kept_addition refused = {
		.user_id = "u2", .name = "", .result = FLAGSHIP_ERROR_RANGE};

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	assert_int_equal(store_accounts_update(path, kept_add, &refused, &problem),
			 FLAGSHIP_ERROR_RANGE);
	assert_true(refused.changed);
	assert_int_equal(kept_count(path), 1);

	folder_write(path, "damaged", 0600);
	assert_int_equal(store_accounts_update(path, kept_add, &refused, &problem),
			 FLAGSHIP_ERROR_RANGE);
	char *text = folder_read(path);
	assert_string_equal(text, "damaged");
	free(text);
	assert_int_equal(folder_count(folder, FILE_NAME ".damaged-", NULL), 0);
}

static void the_file_of_a_later_version_is_not_touched(void **state)
{
	static const char text[] = "{\"version\": 2,\n\"accounts\": [], \"more\": {}}";
	struct folder *folder = *state;
	const char *path = folder_file(folder, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	folder_write(path, text, 0600);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a later flagship wrote this file"));
	assert_int_equal(kept_update(path, "u1", &problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "a later flagship wrote this file"));
	char *after = folder_read(path);
	assert_string_equal(after, text);
	free(after);
	assert_int_equal(folder_count(folder, FILE_NAME, NULL), 1);
}

static void what_people_write_by_hand_is_read(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct store_accounts accounts;
	struct problem problem;

	folder_write(path,
		     "\xef\xbb\xbf{\r\n\"version\":1,\"comment\":[{}],\"accounts\":[{\"user_id\":"
		     "\"u\",\"country\":\"nz\",\"email\":null,\"later\":{\"a\":[1]},"
		     "\"printers\":[{\"serial\":\"A\",\"model_code\":\"V8110\",\"x\":true}]}]}\r\n",
		     0600);
	assert_int_equal(store_accounts_load(path, &accounts, &problem), 0);
	assert_int_equal(accounts.accounts[0].login.region, FLAGSHIP_REGION_US);
	assert_string_equal(accounts.accounts[0].login.email, "");
	assert_int_equal(accounts.accounts[0].printers[0].model, FLAGSHIP_MODEL_M5C);
	store_accounts_finish(&accounts);
}

static int spoil(void *context, struct store_accounts *accounts)
{
	accounts->accounts[0].printers[0].serial = context;
	return 0;
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
	const char *path = folder_file(*state, FILE_NAME);
	struct problem problem;

	assert_int_equal(kept_update(path, "u1", &problem), 0);
	assert_int_equal(store_accounts_update(path, spoil, "no/serial", &problem),
			 FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "would be damaged"));
	assert_non_null(strstr(problem.text, "nothing was changed"));
	assert_int_equal(kept_count(path), 1);
	assert_int_equal(store_accounts_update(path, spoil, "AK2", &problem), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_absent_file_holds_no_accounts, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(
			the_file_and_its_folders_are_made_for_their_owner_alone, kept_set_up,
			kept_tear_down),
		cmocka_unit_test_setup_teardown(everything_is_read_as_it_was_written, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(
			a_damaged_file_is_reported_with_its_line_and_left_alone, kept_set_up,
			kept_tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_kept_when_a_new_one_is_written,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(what_edit_refuses_changes_nothing, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(the_file_of_a_later_version_is_not_touched,
						kept_set_up, kept_tear_down),
		cmocka_unit_test_setup_teardown(what_people_write_by_hand_is_read, kept_set_up,
						kept_tear_down),
		cmocka_unit_test_setup_teardown(what_could_not_be_read_again_is_not_written,
						kept_set_up, kept_tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
