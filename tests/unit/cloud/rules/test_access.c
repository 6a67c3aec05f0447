/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

#include "cloud/registry/credential.h"
#include "cloud/rules/access.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>

#define MINE   "AK7ABC0123456789"
#define OTHERS "AK8DEF0123456789"

enum who {
	ACCOUNT,
	PRINTER,
	UNPROVEN,
	NOBODY,
};

struct rule {
	enum who who;
	enum access_operation operation;
	const char *topic; /* %s: the account's user id */
	bool retain;
	bool allowed;
};

static const struct rule rules[] = {
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/notice", false, true},
	{ACCOUNT, ACCESS_RECEIVE, "/phone/maker/" MINE "/notice", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/command/reply", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/query/reply", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/change_notice", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/user/%s/change_notice", false, true},
	{ACCOUNT, ACCESS_PUBLISH, "/device/maker/" MINE "/command", false, true},
	{ACCOUNT, ACCESS_PUBLISH, "/device/maker/" MINE "/query", false, true},
	{ACCOUNT, ACCESS_PUBLISH, "/device/maker/" MINE "/command", true, false},
	{ACCOUNT, ACCESS_PUBLISH, "/phone/maker/" MINE "/notice", false, false},
	{ACCOUNT, ACCESS_PUBLISH, "/phone/maker/" MINE "/change_notice", false, false},
	{ACCOUNT, ACCESS_PUBLISH, "/phone/user/%s/change_notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/user/0/change_notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/device/maker/" MINE "/command", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/device/maker/" MINE "/query", false, true},
	{ACCOUNT, ACCESS_RECEIVE, "/device/maker/" MINE "/command", false, true},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/device/maker/" OTHERS "/command", false, false},
	{ACCOUNT, ACCESS_RECEIVE, "/device/maker/" OTHERS "/query", false, false},
	{ACCOUNT, ACCESS_PUBLISH, "/smart/maker/" MINE "/command", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/smart/maker/" MINE "/command", false, false},
	{ACCOUNT, ACCESS_PUBLISH, "/server/maker/" MINE "/command", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/server/maker/" MINE "/command", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" OTHERS "/notice", false, false},
	{ACCOUNT, ACCESS_RECEIVE, "/phone/maker/" OTHERS "/notice", false, false},
	{ACCOUNT, ACCESS_PUBLISH, "/device/maker/" OTHERS "/command", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/flagship/quarantine/" MINE, false, true},
	{ACCOUNT, ACCESS_RECEIVE, "/flagship/quarantine/" MINE, false, true},
	{ACCOUNT, ACCESS_PUBLISH, "/flagship/quarantine/" MINE, false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/flagship/quarantine/" OTHERS, false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/flagship/quarantine/", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/flagship/quarantine/" MINE MINE MINE, false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/flagship/quarantine/+", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/flagship/quarantine/" MINE, false, false},
	{PRINTER, ACCESS_PUBLISH, "/flagship/quarantine/" MINE, false, false},
	{UNPROVEN, ACCESS_SUBSCRIBE, "/flagship/quarantine/" MINE, false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "#", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/+/notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/#", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "$SYS/broker/version", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "$share/g//phone/maker/" MINE "/notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "phone/maker/" MINE "/notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker//notice", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "", false, false},
	{ACCOUNT, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "\xff/notice", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/device/maker/" MINE "/command", false, true},
	{PRINTER, ACCESS_SUBSCRIBE, "/device/maker/" MINE "/query", false, true},
	{PRINTER, ACCESS_SUBSCRIBE, "/smart/maker/" MINE "/command", false, true},
	{PRINTER, ACCESS_SUBSCRIBE, "/server/maker/" MINE "/command", false, true},
	{PRINTER, ACCESS_RECEIVE, "/server/maker/" MINE "/command", false, true},
	{PRINTER, ACCESS_PUBLISH, "/server/maker/" MINE "/command", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/smart/maker/" OTHERS "/command", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/smart/maker/" MINE "/query", false, false},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" MINE "/notice", false, true},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" MINE "/notice", true, true},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" OTHERS "/notice", true, false},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" MINE "/command/reply", false, true},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" MINE "/query/reply", false, true},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" MINE "/change_notice", false, false},
	{PRINTER, ACCESS_PUBLISH, "/device/maker/" MINE "/command", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/notice", false, false},
	{PRINTER, ACCESS_PUBLISH, "/phone/maker/" OTHERS "/notice", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/device/maker/" OTHERS "/command", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/device/maker/#", false, false},
	{PRINTER, ACCESS_SUBSCRIBE, "/phone/user/%s/change_notice", false, false},
	{UNPROVEN, ACCESS_SUBSCRIBE, "/device/maker/" OTHERS "/command", false, true},
	{UNPROVEN, ACCESS_SUBSCRIBE, "/smart/maker/" OTHERS "/command", false, true},
	{UNPROVEN, ACCESS_SUBSCRIBE, "/server/maker/" OTHERS "/command", false, true},
	{UNPROVEN, ACCESS_RECEIVE, "/server/maker/" OTHERS "/command", false, false},
	{UNPROVEN, ACCESS_RECEIVE, "/device/maker/" OTHERS "/command", false, false},
	{UNPROVEN, ACCESS_RECEIVE, "/device/maker/" OTHERS "/query", false, false},
	{UNPROVEN, ACCESS_PUBLISH, "/phone/maker/" OTHERS "/notice", false, true},
	{UNPROVEN, ACCESS_SUBSCRIBE, "/phone/maker/" OTHERS "/notice", false, false},
	{UNPROVEN, ACCESS_SUBSCRIBE, "#", false, false},
	{NOBODY, ACCESS_SUBSCRIBE, "/phone/maker/" MINE "/notice", false, false},
	{NOBODY, ACCESS_PUBLISH, "/device/maker/" MINE "/command", false, false},
};

static struct access_login make_login(enum who who, const struct registry_account *account)
{
	static const enum access_role roles[] = {
		[ACCOUNT] = ACCESS_ACCOUNT,
		[PRINTER] = ACCESS_PRINTER,
		[UNPROVEN] = ACCESS_UNPROVEN,
		[NOBODY] = ACCESS_NOBODY,
	};
	struct access_login login = {.role = roles[who]};

	if (who == ACCOUNT) {
		memcpy(login.user_id, account->user_id, sizeof(login.user_id));
	} else if (who == PRINTER) {
		strcpy(login.serial, MINE);
	}
	return login;
}

static void everyone_reaches_exactly_what_is_theirs(void **state)
{
	struct temporary temporary;

	(void)state;
	temporary_open(&temporary);
	struct registry_account account = temporary_account(&temporary, "anne@example.org", "");
	temporary_printer(&temporary, account.user_id, MINE);
	temporary_printer(&temporary, NULL, OTHERS);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct access_login login = make_login(rules[i].who, &account);
		char topic[256];

		snprintf(topic, sizeof(topic), rules[i].topic, account.user_id);
		const char *reason = access_check(temporary.registry, &login, rules[i].operation,
						  topic, strlen(topic), rules[i].retain);
		if ((reason == NULL) != rules[i].allowed) {
			fail_msg("rule %zu, %s: %s", i, topic, reason ? reason : "allowed");
		}
	}
	struct access_login administrator = {.role = ACCESS_ADMINISTRATOR};
	assert_null(
		access_check(temporary.registry, &administrator, ACCESS_SUBSCRIBE, "#", 1, false));
	temporary_close(&temporary);
}

static void an_unproven_printer_claims_one_serial_number(void **state)
{
	static const char first[] = "/device/maker/" MINE "/command";
	static const char other[] = "/device/maker/" OTHERS "/command";
	static const char wrong[] = "/phone/maker/" OTHERS "/notice";
	struct access_login login = {.role = ACCESS_UNPROVEN};
	struct temporary temporary;

	(void)state;
	temporary_open(&temporary);
	/* What is refused claims nothing. */
	assert_non_null(access_check(temporary.registry, &login, ACCESS_SUBSCRIBE, wrong,
				     strlen(wrong), false));
	assert_string_equal(login.serial, "");
	assert_null(access_check(temporary.registry, &login, ACCESS_SUBSCRIBE, first, strlen(first),
				 false));
	assert_string_equal(login.serial, MINE);
	assert_non_null(access_check(temporary.registry, &login, ACCESS_SUBSCRIBE, other,
				     strlen(other), false));
	temporary_close(&temporary);
}

static enum access_login_result log_in(struct temporary *temporary, const char *username,
				       const char *password, struct access_login *login)
{
	enum access_login_result result;

	assert_int_equal(access_login(temporary->registry, username, password, login, &result), 0);
	return result;
}

static void accounts_log_in_by_the_vendors_convention(void **state)
{
	struct temporary temporary;
	struct access_login login;
	char username[300];

	(void)state;
	temporary_open(&temporary);
	struct registry_account account = temporary_account(&temporary, "anne@example.org", "");
	struct registry_account strict = temporary_account(&temporary, "bob@example.org",
							   "a long random text");
	snprintf(username, sizeof(username), "eufy_%s", account.user_id);
	assert_int_equal(log_in(&temporary, username, "anne@example.org", &login),
			 ACCESS_LOGIN_TAKEN);
	assert_int_equal(login.role, ACCESS_ACCOUNT);
	assert_string_equal(login.user_id, account.user_id);
	assert_int_equal(log_in(&temporary, username, "anne@example.or", &login),
			 ACCESS_LOGIN_WRONG);
	assert_int_equal(login.role, ACCESS_NOBODY);
	assert_int_equal(log_in(&temporary, username, NULL, &login), ACCESS_LOGIN_WRONG);
	assert_int_equal(log_in(&temporary, username, "", &login), ACCESS_LOGIN_WRONG);
	assert_int_equal(log_in(&temporary, "eufy_", "anne@example.org", &login),
			 ACCESS_LOGIN_UNKNOWN);
	assert_int_equal(log_in(&temporary, account.user_id, "anne@example.org", &login),
			 ACCESS_LOGIN_UNKNOWN);
	assert_int_equal(log_in(&temporary, NULL, NULL, &login), ACCESS_LOGIN_UNKNOWN);
	snprintf(username, sizeof(username), "eufy_%s", strict.user_id);
	assert_int_equal(log_in(&temporary, username, "bob@example.org", &login),
			 ACCESS_LOGIN_WRONG);
	assert_int_equal(log_in(&temporary, username, "a long random text", &login),
			 ACCESS_LOGIN_TAKEN);
	strict.administrator = true;
	registry_update_account(temporary.registry, &strict);
	log_in(&temporary, username, "a long random text", &login);
	assert_int_equal(login.role, ACCESS_ADMINISTRATOR);
	temporary_close(&temporary);
}

static void a_bound_printer_logs_in_with_its_credential(void **state)
{
	struct temporary temporary;
	struct access_login login;
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];

	(void)state;
	temporary_open(&temporary);
	temporary_printer(&temporary, NULL, MINE);
	assert_int_equal(log_in(&temporary, "printer", "secret", &login), ACCESS_LOGIN_UNKNOWN);
	credential_secret(temporary.registry, secret);
	assert_true(credential_hash(secret, "printer", "secret", hash));
	assert_int_equal(registry_bind(temporary.registry, MINE, hash, 1), 1);
	assert_int_equal(log_in(&temporary, "printer", "secret", &login), ACCESS_LOGIN_TAKEN);
	assert_int_equal(login.role, ACCESS_PRINTER);
	assert_string_equal(login.serial, MINE);
	assert_int_equal(log_in(&temporary, "printer", "Secret", &login), ACCESS_LOGIN_UNKNOWN);
	temporary_close(&temporary);
}

static void a_printers_name_says_which_it_is_and_proves_nothing(void **state)
{
	static const struct {
		const char *username;
		bool named;
		const char *serial;
	} cases[] = {
		{"eufy_fdm_" MINE, true, MINE},
		{"eufy_fdm_", true, ""},
		{"eufy_fdm_with-hyphen", true, ""},
		{"eufy_fdm_" MINE MINE MINE, true, ""},
		{"eufy_fdm_+", true, ""},
		{"eufy_FDM_" MINE, false, ""},
		{"eufy_" MINE, false, ""},
		{"fdm_" MINE, false, ""},
		{"", false, ""},
		{NULL, false, ""},
	};
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];
	struct temporary temporary;
	struct access_login login;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(access_names_printer(cases[i].username, serial), cases[i].named);
		assert_string_equal(serial, cases[i].serial);
	}
	temporary_open(&temporary);
	temporary_printer(&temporary, NULL, MINE);
	temporary_printer(&temporary, NULL, OTHERS);
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, "secret", &login),
			 ACCESS_LOGIN_UNKNOWN);
	credential_secret(temporary.registry, secret);
	assert_true(credential_hash(secret, "eufy_fdm_" MINE, "secret", hash));
	assert_int_equal(registry_bind(temporary.registry, MINE, hash, 1), 1);
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, "secret", &login),
			 ACCESS_LOGIN_TAKEN);
	assert_int_equal(login.role, ACCESS_PRINTER);
	assert_string_equal(login.serial, MINE);
	/* Even where somebody bound one printer to another's name. */
	assert_int_equal(registry_bind(temporary.registry, OTHERS, hash, 1), 1);
	assert_int_equal(registry_unbind(temporary.registry, MINE), 1);
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, "secret", &login),
			 ACCESS_LOGIN_UNKNOWN);
	/* A name alone is no secret. */
	assert_true(credential_hash(secret, "eufy_fdm_" MINE, NULL, hash));
	assert_int_equal(registry_bind(temporary.registry, MINE, hash, 1), 1);
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, NULL, &login), ACCESS_LOGIN_UNKNOWN);
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, "", &login), ACCESS_LOGIN_UNKNOWN);
	temporary_close(&temporary);
}

static void no_account_has_a_printers_name(void **state)
{
	struct registry_account account = {.user_id = "fdm_" MINE, .email = "eve@example.org"};
	struct temporary temporary;
	struct access_login login;

	(void)state;
	temporary_open(&temporary);
	assert_true(registry_add_account(temporary.registry, &account) < 0);
	assert_non_null(strstr(registry_problem(temporary.registry), "belong to printers"));
	/* One that came with an old backup is nobody. */
	strcpy(account.user_id, "x");
	assert_int_equal(registry_add_account(temporary.registry, &account), 1);
	temporary_execute(&temporary, "UPDATE account SET user_id = 'fdm_" MINE "'");
	assert_int_equal(log_in(&temporary, "eufy_fdm_" MINE, "eve@example.org", &login),
			 ACCESS_LOGIN_UNKNOWN);
	assert_int_equal(login.role, ACCESS_NOBODY);
	temporary_close(&temporary);
}

static void only_frames_pass(void **state)
{
	static const char plaintext[] = "{\"commandType\":1003}";
	static const uint8_t bytes[] = {1, 2, 3};
	static const char phone[] = "/phone/maker/X/notice";
	static const char device[] = "/device/maker/X/y";
	static const char user[] = "/phone/user/1/change_notice";
	struct flagship_key *key;
	struct flagship_frame frame;
	uint8_t sealed[256];
	size_t length;

	(void)state;
	assert_int_equal(flagship_key_create_hex(
				 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
				 64, &key),
			 0);
	flagship_frame_init(&frame, "00000000-0000-4000-8000-000000000000");
	assert_int_equal(flagship_frame_seal(key, &frame, plaintext, strlen(plaintext), sealed,
					     sizeof(sealed), &length),
			 0);
	assert_true(access_payload_well_formed(sealed, length));
	assert_false(access_payload_well_formed(sealed, length - 1));
	sealed[20] ^= 1;
	assert_false(access_payload_well_formed(sealed, length));
	assert_int_equal(flagship_gcm_seal(key, plaintext, strlen(plaintext), sealed,
					   sizeof(sealed), &length),
			 0);
	assert_true(access_payload_well_formed(sealed, length));
	sealed[0] ^= 1;
	assert_false(access_payload_well_formed(sealed, length));
	assert_false(access_payload_well_formed(bytes, sizeof(bytes)));
	assert_false(access_payload_well_formed(plaintext, strlen(plaintext)));
	assert_false(access_payload_well_formed(NULL, 0));
	flagship_key_destroy(key);
	assert_true(access_topic_wants_payload(phone, strlen(phone)));
	assert_true(access_topic_wants_payload(device, strlen(device)));
	assert_false(access_topic_wants_payload(user, strlen(user)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyone_reaches_exactly_what_is_theirs),
		cmocka_unit_test(an_unproven_printer_claims_one_serial_number),
		cmocka_unit_test(accounts_log_in_by_the_vendors_convention),
		cmocka_unit_test(a_bound_printer_logs_in_with_its_credential),
		cmocka_unit_test(a_printers_name_says_which_it_is_and_proves_nothing),
		cmocka_unit_test(no_account_has_a_printers_name),
		cmocka_unit_test(only_frames_pass),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
