/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/accounts/accounts.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY_B "ffeeddccbbaa99887766554433221100"

static struct store_printer *add_printer(struct store_account *account, const char *serial,
					 const char *name)
{
	struct store_printer *printer = store_account_add_printer(account);

	assert_non_null(printer);
	assert_true(store_account_keep(account, &printer->serial, serial));
	assert_true(store_account_keep(account, &printer->name, name));
	return printer;
}

static struct store_account make_account(const char *user_id, const char *email)
{
	struct store_account account = {0};

	strcpy(account.login.user_id, user_id);
	strcpy(account.login.email, email);
	return account;
}

static void put(struct store_accounts *accounts, struct store_account *account, bool drop_missing)
{
	static const struct store_account zero;

	assert_int_equal(store_accounts_put(accounts, account, drop_missing), 0);
	assert_memory_equal(account, &zero, sizeof(zero));
}

static void accounts_are_found_by_their_user_id(void **state)
{
	struct store_accounts accounts = {0};
	char user_id[8];

	(void)state;
	assert_null(store_accounts_find(&accounts, "u0"));
	for (int i = 0; i < 9; i++) {
		snprintf(user_id, sizeof(user_id), "u%d", i);
		struct store_account account = make_account(user_id, "");
		put(&accounts, &account, false);
	}
	assert_int_equal(accounts.count, 9);
	for (int i = 0; i < 9; i++) {
		snprintf(user_id, sizeof(user_id), "u%d", i);
		assert_ptr_equal(store_accounts_find(&accounts, user_id), &accounts.accounts[i]);
	}
	assert_null(store_accounts_find(&accounts, "u"));
	store_accounts_finish(&accounts);
	assert_int_equal(accounts.count, 0);
	store_accounts_finish(&accounts);
}

static void a_printer_is_removed_from_all_accounts_and_can_come_again(void **state)
{
	struct store_accounts accounts = {0};

	(void)state;
	assert_false(store_accounts_remove_printer(&accounts, "AK1"));
	for (int i = 0; i < 2; i++) {
		struct store_account account = make_account(i == 0 ? "a" : "b", "");
		add_printer(&account, "AK0", "zero");
		add_printer(&account, "AK1", "one");
		add_printer(&account, "AK2", "two");
		put(&accounts, &account, false);
	}
	assert_true(store_accounts_remove_printer(&accounts, "AK1"));
	assert_false(store_accounts_remove_printer(&accounts, "AK1"));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(accounts.accounts[i].printer_count, 2);
		assert_string_equal(accounts.accounts[i].printers[0].serial, "AK0");
		assert_string_equal(accounts.accounts[i].printers[1].name, "two");
	}
	struct store_account again = make_account("a", "");
	add_printer(&again, "AK1", "one again");
	put(&accounts, &again, false);
	assert_int_equal(store_accounts_find(&accounts, "a")->printer_count, 3);
	store_accounts_finish(&accounts);
}

static void a_printer_is_renamed_in_every_account(void **state)
{
	struct store_accounts accounts = {0};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct store_account account = make_account(i == 0 ? "a" : "b", "");
		add_printer(&account, "AK0", "zero");
		add_printer(&account, "AK1", "one");
		put(&accounts, &account, false);
	}
	assert_int_equal(store_accounts_rename_printer(&accounts, "AK1", "uno"), 0);
	assert_int_equal(store_accounts_rename_printer(&accounts, "AK2", "due"),
			 FLAGSHIP_ERROR_ARGUMENT);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(accounts.accounts[i].printers[0].name, "zero");
		assert_string_equal(accounts.accounts[i].printers[1].name, "uno");
	}
	store_accounts_finish(&accounts);
}

static void removing_keeps_the_others_in_order(void **state)
{
	struct store_accounts accounts = {0};
	static const char *const ids[] = {"a", "b", "c", "d"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct store_account account = make_account(ids[i], "");
		add_printer(&account, "AK1", ids[i]);
		put(&accounts, &account, false);
	}
	assert_true(store_accounts_remove(&accounts, "b"));
	assert_false(store_accounts_remove(&accounts, "b"));
	assert_int_equal(accounts.count, 3);
	assert_string_equal(accounts.accounts[0].login.user_id, "a");
	assert_string_equal(accounts.accounts[1].login.user_id, "c");
	assert_string_equal(accounts.accounts[2].printers[0].name, "d");
	struct store_account account = make_account("e", "");
	put(&accounts, &account, false);
	assert_string_equal(accounts.accounts[3].login.user_id, "e");
	while (accounts.count > 0) {
		char first[STORE_TEXT_MAX];
		strcpy(first, accounts.accounts[0].login.user_id);
		assert_true(store_accounts_remove(&accounts, first));
	}
	account = make_account("f", "");
	put(&accounts, &account, false);
	assert_int_equal(accounts.count, 1);
	store_accounts_finish(&accounts);
}

static struct store_accounts one_stored(void)
{
	struct store_accounts accounts = {0};
	struct store_account account = make_account("u1", "old@example.com");

	strcpy(account.login.auth_token, "token-1");
	strcpy(account.broker, "mqtts://home:8789");
	account.login.token_expires_at = 1000;
	account.refreshed_at = 500;
	add_printer(&account, "AK1", "left")->key_hex = KEY_A;
	add_printer(&account, "AK2", "right")->model = FLAGSHIP_MODEL_M5C;
	add_printer(&account, "AK3", "old");
	put(&accounts, &account, false);
	return accounts;
}

static void what_is_not_said_again_is_kept(void **state)
{
	struct store_accounts accounts = one_stored();
	struct store_account account = make_account("u1", "new@example.com");

	(void)state;
	account.login.region = FLAGSHIP_REGION_EU;
	add_printer(&account, "AK4", "new")->key_hex = KEY_B;
	add_printer(&account, "AK1", "LEFT");
	add_printer(&account, "AK2", "")->address = "192.168.1.7";
	put(&accounts, &account, false);

	assert_int_equal(accounts.count, 1);
	const struct store_account *stored = &accounts.accounts[0];
	assert_string_equal(stored->login.email, "new@example.com");
	assert_string_equal(stored->login.auth_token, "token-1");
	assert_int_equal(stored->login.token_expires_at, 1000);
	assert_int_equal(stored->login.region, FLAGSHIP_REGION_EU);
	assert_int_equal(stored->refreshed_at, 500);
	assert_string_equal(stored->broker, "mqtts://home:8789");
	/* Numbers of printers stay, new ones come last. */
	assert_int_equal(stored->printer_count, 4);
	assert_string_equal(stored->printers[0].name, "LEFT");
	assert_string_equal(stored->printers[0].key_hex, KEY_A);
	assert_string_equal(stored->printers[1].name, "right");
	assert_string_equal(stored->printers[1].address, "192.168.1.7");
	assert_int_equal(stored->printers[1].model, FLAGSHIP_MODEL_M5C);
	assert_string_equal(stored->printers[2].serial, "AK3");
	assert_string_equal(stored->printers[3].key_hex, KEY_B);
	store_accounts_finish(&accounts);
}

static void printers_that_are_gone_can_be_dropped(void **state)
{
	struct store_accounts accounts = one_stored();
	struct store_account account = make_account("u1", "");

	(void)state;
	add_printer(&account, "AK3", "");
	add_printer(&account, "AK9", "nine");
	put(&accounts, &account, true);
	assert_int_equal(accounts.accounts[0].printer_count, 2);
	assert_string_equal(accounts.accounts[0].printers[0].name, "old");
	assert_string_equal(accounts.accounts[0].printers[1].name, "nine");
	store_accounts_finish(&accounts);
}

static void the_end_of_a_token_goes_with_the_token(void **state)
{
	struct store_accounts accounts = one_stored();
	struct store_account account = make_account("u1", "");

	(void)state;
	strcpy(account.login.auth_token, "token-2");
	put(&accounts, &account, false);
	assert_string_equal(accounts.accounts[0].login.auth_token, "token-2");
	assert_int_equal(accounts.accounts[0].login.token_expires_at, 0);

	account = make_account("u1", "");
	strcpy(account.login.auth_token, "token-2");
	account.login.token_expires_at = 77;
	put(&accounts, &account, false);
	account = make_account("u1", "");
	strcpy(account.login.auth_token, "token-2");
	put(&accounts, &account, false);
	assert_int_equal(accounts.accounts[0].login.token_expires_at, 77);
	store_accounts_finish(&accounts);
}

static void a_printer_that_is_told_twice_is_stored_once(void **state)
{
	struct store_accounts accounts = {0};
	struct store_account account = make_account("u1", "");

	(void)state;
	add_printer(&account, "AK1", "first");
	add_printer(&account, "AK1", "second");
	put(&accounts, &account, false);
	assert_int_equal(accounts.accounts[0].printer_count, 1);
	assert_string_equal(accounts.accounts[0].printers[0].name, "first");
	store_accounts_finish(&accounts);
}

static void what_could_not_be_read_again_is_not_taken(void **state)
{
	static const struct {
		const char *user_id;
		const char *serial;
		const char *key;
	} cases[] = {
		{"", "AK1", KEY_A},    {"u1", "", KEY_A},         {"u1", "AK/1", KEY_A},
		{"u1", "AK1", "0011"}, {"u1", "AK1", "zz" KEY_B}, {"u1", "AK+", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_accounts accounts = one_stored();
		struct store_account account = make_account(cases[i].user_id, "");
		struct store_printer *printer = add_printer(&account, cases[i].serial, "");

		printer->key_hex = cases[i].key;
		assert_int_equal(store_accounts_put(&accounts, &account, false),
				 FLAGSHIP_ERROR_ARGUMENT);
		assert_int_equal(account.printer_count, 1);
		assert_int_equal(accounts.accounts[0].printer_count, 3);
		store_account_finish(&account);
		store_accounts_finish(&accounts);
	}
}

static void the_login_follows_the_vendor_unless_told_otherwise(void **state)
{
	struct store_account account = make_account("12ab", "me@example.com");
	char text[STORE_TEXT_MAX];

	(void)state;
	account.login.region = FLAGSHIP_REGION_EU;
	store_account_mqtt_username(&account, text);
	assert_string_equal(text, "eufy_12ab");
	store_account_mqtt_password(&account, text);
	assert_string_equal(text, "me@example.com");
	store_account_broker(&account, text);
	assert_string_equal(text, "mqtts://make-mqtt-eu.ankermake.com:8789");
	store_account_api(&account, text);
	assert_string_equal(text, "https://make-app-eu.ankermake.com");

	/* The login names the service of all later calls, if that is the vendor's. */
	static const char *const domains[][2] = {
		{"make-app.ankermake.com", "https://make-app.ankermake.com"},
		{"https://aiot-api-us.ankermake.com", "https://aiot-api-us.ankermake.com"},
		{"ankermake.com.example.org", "https://make-app-eu.ankermake.com"},
		{"example.org/.ankermake.com", "https://make-app-eu.ankermake.com"},
		{"user@x.ankermake.com", "https://make-app-eu.ankermake.com"},
		{".ankermake.com", "https://make-app-eu.ankermake.com"},
		{"http://make-app.ankermake.com", "https://make-app-eu.ankermake.com"},
	};
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		strcpy(account.login.domain, domains[i][0]);
		store_account_api(&account, text);
		assert_string_equal(text, domains[i][1]);
	}

	strcpy(account.mqtt_username, "me");
	strcpy(account.mqtt_password, "hunter2");
	strcpy(account.broker, "mqtt://localhost:1883");
	strcpy(account.api, "https://localhost:8443");
	store_account_mqtt_username(&account, text);
	assert_string_equal(text, "me");
	store_account_mqtt_password(&account, text);
	assert_string_equal(text, "hunter2");
	store_account_broker(&account, text);
	assert_string_equal(text, "mqtt://localhost:1883");
	store_account_api(&account, text);
	assert_string_equal(text, "https://localhost:8443");

	/* The longest that fits is cut, not written beyond. */
	memset(account.login.user_id, 'x', sizeof(account.login.user_id) - 1);
	account.mqtt_username[0] = '\0';
	store_account_mqtt_username(&account, text);
	assert_int_equal(strlen(text), STORE_TEXT_MAX - 1);
}

/* As a refresh does: the account as it was, with the printers that the service names now. */
static void a_copied_account_gets_printers_of_its_own(void **state)
{
	struct store_account account = {0};

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_non_null(store_account_add_printer(&account));
	}
	struct store_account copy = account;
	char serial[8];

	copy.printers = NULL;
	copy.texts = (struct text_arena){0};
	copy.printer_count = 0;
	for (int i = 0; i < 9; i++) {
		struct store_printer *printer = store_account_add_printer(&copy);

		assert_non_null(printer);
		snprintf(serial, sizeof(serial), "AK7%d", i);
		assert_true(store_account_keep(&copy, &printer->serial, serial));
	}
	assert_string_equal(copy.printers[0].serial, "AK70");
	assert_string_equal(copy.printers[8].serial, "AK78");
	store_account_finish(&copy);
	store_account_finish(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_are_found_by_their_user_id),
		cmocka_unit_test(a_printer_is_removed_from_all_accounts_and_can_come_again),
		cmocka_unit_test(a_printer_is_renamed_in_every_account),
		cmocka_unit_test(removing_keeps_the_others_in_order),
		cmocka_unit_test(what_is_not_said_again_is_kept),
		cmocka_unit_test(printers_that_are_gone_can_be_dropped),
		cmocka_unit_test(the_end_of_a_token_goes_with_the_token),
		cmocka_unit_test(a_printer_that_is_told_twice_is_stored_once),
		cmocka_unit_test(what_could_not_be_read_again_is_not_taken),
		cmocka_unit_test(the_login_follows_the_vendor_unless_told_otherwise),
		cmocka_unit_test(a_copied_account_gets_printers_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
