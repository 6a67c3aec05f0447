/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

#include "cloud/registry/credential.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERIAL       "AK7ABC0123456789"
#define OTHER_SERIAL "AK8DEF0123456789"
#define NOW          INT64_C(1800000000)

static void the_file_is_private_and_reopens(void **state)
{
	struct temporary temporary;
	struct stat status;
	struct registry *again;
	struct problem problem;

	(void)state;
	temporary_open(&temporary);
	assert_int_equal(stat(temporary.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(registry_open(temporary.path, REGISTRY_READ, 0, &again, &problem), 0);
	assert_true(registry_set(again, "name", "value") < 0);
	registry_close(again);
	temporary_close(&temporary);
	registry_close(NULL);
}

static void what_is_no_registry_is_refused(void **state)
{
	struct temporary temporary;
	struct registry *registry;
	struct problem problem;
	char path[PATH_MAX + 16];
	FILE *file;

	(void)state;
	temporary_open(&temporary);
	snprintf(path, sizeof(path), "%s.other", temporary.path);
	assert_int_equal(registry_open(path, REGISTRY_WRITE, 0, &registry, &problem),
			 FLAGSHIP_ERROR_STORE);
	assert_null(registry);
	assert_non_null(strstr(problem.text, path));
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("this is a text and no database, long enough to be told apart from one at once, "
	      "since SQLite looks at the first hundred bytes of a file before it decides",
	      file);
	fclose(file);
	assert_int_equal(registry_open(path, REGISTRY_CREATE, 0, &registry, &problem),
			 FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, "not a database"));
	unlink(path);
	temporary_close(&temporary);
}

static void user_ids_are_random_and_emails_unique(void **state)
{
	struct temporary temporary;
	struct registry_account first, second, found;
	struct registry_account same = {.email = "ANNE@example.org"};

	(void)state;
	temporary_open(&temporary);
	first = temporary_account(&temporary, "anne@example.org", "");
	second = temporary_account(&temporary, "bob@example.org", "");
	assert_int_equal(strlen(first.user_id), REGISTRY_USER_ID_SIZE - 1);
	assert_string_not_equal(first.user_id, second.user_id);
	assert_int_equal(registry_add_account(temporary.registry, &same), 0);
	assert_int_equal(registry_find_account(temporary.registry, "Anne@Example.org", &found), 1);
	assert_string_equal(found.user_id, first.user_id);
	assert_int_equal(found.created_at, 1700000000);
	snprintf(found.nick_name, sizeof(found.nick_name), "Anne");
	found.administrator = true;
	assert_int_equal(registry_update_account(temporary.registry, &found), 1);
	assert_int_equal(registry_find_user(temporary.registry, first.user_id, &found), 1);
	assert_string_equal(found.nick_name, "Anne");
	assert_true(found.administrator);
	assert_int_equal(registry_remove_account(temporary.registry, first.user_id), 1);
	assert_int_equal(registry_remove_account(temporary.registry, first.user_id), 0);
	assert_int_equal(registry_find_user(temporary.registry, first.user_id, &found), 0);
	temporary_close(&temporary);
}

static bool count_printer(void *context, const struct registry_printer *printer)
{
	assert_true(printer->serial[0] != '\0');
	++*(size_t *)context;
	return true;
}

static size_t printers_of(struct temporary *temporary, const char *user_id)
{
	size_t count = 0;

	assert_int_equal(registry_each_printer(temporary->registry, user_id, count_printer, &count),
			 1);
	return count;
}

static void several_accounts_share_a_printer(void **state)
{
	struct temporary temporary;
	struct registry_account first, second;

	(void)state;
	temporary_open(&temporary);
	first = temporary_account(&temporary, "anne@example.org", "");
	second = temporary_account(&temporary, "bob@example.org", "");
	temporary_printer(&temporary, first.user_id, SERIAL);
	temporary_printer(&temporary, second.user_id, OTHER_SERIAL);
	assert_int_equal(registry_share(temporary.registry, second.user_id, SERIAL), 1);
	assert_int_equal(printers_of(&temporary, first.user_id), 1);
	assert_int_equal(printers_of(&temporary, second.user_id), 2);
	assert_int_equal(printers_of(&temporary, NULL), 2);
	assert_int_equal(registry_reaches(temporary.registry, first.user_id, SERIAL), 1);
	assert_int_equal(registry_reaches(temporary.registry, first.user_id, OTHER_SERIAL), 0);
	assert_int_equal(registry_unshare(temporary.registry, second.user_id, SERIAL), 1);
	assert_int_equal(registry_reaches(temporary.registry, second.user_id, SERIAL), 0);
	assert_int_equal(registry_remove_account(temporary.registry, first.user_id), 1);
	assert_int_equal(printers_of(&temporary, NULL), 2);
	assert_int_equal(registry_remove_printer(temporary.registry, SERIAL), 1);
	assert_int_equal(printers_of(&temporary, NULL), 1);
	/* Nobody and nothing that is not there can be shared. */
	assert_true(registry_share(temporary.registry, "nobody", OTHER_SERIAL) < 0);
	temporary_close(&temporary);
}

static void an_update_keeps_what_it_does_not_say(void **state)
{
	struct temporary temporary;
	struct registry_printer printer = {.serial = SERIAL, .name = "Left", .key_hex = "00ff"};
	struct registry_printer update = {.serial = SERIAL, .name = "Right", .model_code = "V8110"};
	struct registry_printer found;

	(void)state;
	temporary_open(&temporary);
	assert_int_equal(registry_put_printer(temporary.registry, &printer), 1);
	assert_int_equal(registry_put_printer(temporary.registry, &update), 1);
	assert_int_equal(registry_find_printer(temporary.registry, SERIAL, &found), 1);
	assert_string_equal(found.name, "Right");
	assert_string_equal(found.key_hex, "00ff");
	assert_int_equal(found.model, FLAGSHIP_MODEL_M5C);
	temporary_close(&temporary);
}

static bool take_token(void *context, const struct registry_token *token)
{
	*(struct registry_token *)context = *token;
	return false;
}

#define YEAR INT64_C(31536000)

/* The attack: the clock was a year ahead when it was issued, and is right now. */
/* As a call of the API does. */
static int use_token(struct temporary *temporary, const char *token, int64_t now_s,
		     char user_id[REGISTRY_TEXT_MAX])
{
	bool note_due;
	int found = registry_look_token(temporary->registry, token, now_s, user_id, &note_due);

	if (note_due) {
		assert_int_equal(found, 1);
		assert_int_equal(registry_note_token(temporary->registry, token, now_s), 1);
	}
	return found;
}

static void a_token_of_the_future_lasts_no_longer(void **state)
{
	struct temporary temporary;
	struct registry_account account;
	char token[REGISTRY_TOKEN_SIZE];
	char user_id[REGISTRY_TEXT_MAX];

	(void)state;
	temporary_open(&temporary);
	account = temporary_account(&temporary, "anne@example.org", "secret");
	assert_int_equal(registry_issue_token(temporary.registry, account.user_id, "", NOW + YEAR,
					      NOW + YEAR + 100, token),
			 1);
	/* A clock that is not set yet changes nothing. */
	assert_int_equal(use_token(&temporary, token, 1000, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW + 99, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW + 100, user_id), 0);
	temporary_close(&temporary);
}

/* A machine without a clock that runs on issued it in 1970. */
static void a_token_of_an_unset_clock_lasts_as_long(void **state)
{
	struct temporary temporary;
	struct registry_account account;
	char token[REGISTRY_TOKEN_SIZE], other[REGISTRY_TOKEN_SIZE];
	char user_id[REGISTRY_TEXT_MAX];

	(void)state;
	temporary_open(&temporary);
	account = temporary_account(&temporary, "anne@example.org", "secret");
	assert_int_equal(
		registry_issue_token(temporary.registry, account.user_id, "", 60, 160, token), 1);
	assert_int_equal(
		registry_issue_token(temporary.registry, account.user_id, "", 60, 160, other), 1);
	assert_int_equal(use_token(&temporary, token, 70, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW + 99, user_id), 1);
	assert_int_equal(use_token(&temporary, token, NOW + 100, user_id), 0);
	/* Whoever does not use it has it no longer: it counts from the next upkeep. */
	assert_int_equal(registry_drop_expired_tokens(temporary.registry, NOW), 0);
	assert_int_equal(use_token(&temporary, other, NOW + 99, user_id), 1);
	assert_int_equal(use_token(&temporary, other, NOW + 100, user_id), 0);
	temporary_close(&temporary);
}

static void a_queue_of_the_future_is_kept_no_longer(void **state)
{
	struct temporary temporary;

	(void)state;
	temporary_open(&temporary);
	assert_int_equal(registry_take_queue(temporary.registry, "q", "anne", NOW + YEAR, 100), 1);
	assert_int_equal(registry_take_queue(temporary.registry, "q", "bob", NOW + YEAR, 100), 0);
	assert_int_equal(registry_take_queue(temporary.registry, "q", "bob", NOW, 100), 1);
	assert_int_equal(registry_take_queue(temporary.registry, "q", "anne", NOW + 100, 100), 0);
	assert_int_equal(registry_take_queue(temporary.registry, "q", "anne", NOW + 101, 100), 1);
	temporary_close(&temporary);
}

static void tokens_expire_and_can_be_revoked(void **state)
{
	struct temporary temporary;
	struct registry_account account;
	struct registry_token listed;
	char token[REGISTRY_TOKEN_SIZE], other[REGISTRY_TOKEN_SIZE];
	char user_id[REGISTRY_TEXT_MAX];
	char prefix[2 * REGISTRY_HASH_SIZE + 1];

	(void)state;
	temporary_open(&temporary);
	account = temporary_account(&temporary, "anne@example.org", "");
	assert_int_equal(registry_issue_token(temporary.registry, account.user_id, "slicer", NOW,
					      NOW + 100, token),
			 1);
	assert_int_equal(use_token(&temporary, token, NOW + 99, user_id), 1);
	assert_string_equal(user_id, account.user_id);
	assert_int_equal(use_token(&temporary, token, NOW + 100, user_id), 0);
	assert_int_equal(use_token(&temporary, "", NOW, user_id), 0);
	assert_int_equal(registry_each_token(temporary.registry, take_token, &listed), 1);
	assert_string_equal(listed.label, "slicer");
	assert_int_equal(listed.used_at, NOW + 99);
	for (size_t i = 0; i < REGISTRY_HASH_SIZE; i++) {
		sprintf(prefix + 2 * i, "%02x", listed.hash[i]);
	}
	prefix[7] = '\0';
	assert_int_equal(registry_revoke_token(temporary.registry, prefix), 0);
	assert_int_equal(registry_revoke_token(temporary.registry, "%%%%%%%%"), 0);
	sprintf(prefix, "%02x%02x%02X%02x", listed.hash[0], listed.hash[1], listed.hash[2],
		listed.hash[3]);
	assert_int_equal(registry_revoke_token(temporary.registry, prefix), 1);
	assert_int_equal(use_token(&temporary, token, NOW, user_id), 0);

	registry_issue_token(temporary.registry, account.user_id, "", NOW, NOW + 1, token);
	registry_issue_token(temporary.registry, account.user_id, "", NOW, NOW + 100, other);
	assert_int_equal(registry_drop_expired_tokens(temporary.registry, NOW + 50), 1);
	assert_int_equal(use_token(&temporary, other, NOW, user_id), 1);
	assert_int_equal(registry_revoke_tokens_of(temporary.registry, account.user_id), 1);
	assert_int_equal(use_token(&temporary, other, NOW, user_id), 0);
	temporary_close(&temporary);
}

struct claims {
	struct registry_pairing items[REGISTRY_PAIRINGS_MAX + 4];
	size_t count;
};

static bool note_claim(void *context, const struct registry_pairing *pairing)
{
	struct claims *claims = context;

	assert_true(claims->count < sizeof(claims->items) / sizeof(claims->items[0]));
	claims->items[claims->count++] = *pairing;
	return true;
}

static enum registry_pairing_state state_of(struct registry *registry, uint8_t credential)
{
	struct claims claims = {0};

	assert_int_equal(registry_each_pairing(registry, note_claim, &claims), 1);
	for (size_t i = 0; i < claims.count; i++) {
		if (claims.items[i].credential[0] == credential) {
			return claims.items[i].state;
		}
	}
	fail_msg("no claim %02x", credential);
	return REGISTRY_PAIRING_WAITING;
}

static int claim_from(struct registry *registry, uint8_t credential, unsigned int place)
{
	struct registry_pairing pairing = {
		.serial = SERIAL, .client_id = "client", .first_seen = credential};

	memset(pairing.credential, credential, sizeof(pairing.credential));
	snprintf(pairing.place, sizeof(pairing.place), "%032x", place);
	return registry_add_pairing(registry, &pairing);
}

static int claim(struct registry *registry, uint8_t credential)
{
	return claim_from(registry, credential, credential);
}

static void approving_binds_the_credential(void **state)
{
	struct temporary temporary;
	uint8_t expected[REGISTRY_HASH_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	(void)state;
	temporary_open(&temporary);
	memset(expected, 7, sizeof(expected));
	assert_int_equal(registry_bound(temporary.registry, SERIAL, hash), 0);
	assert_int_equal(registry_approve_pairing(temporary.registry, SERIAL, NULL, NOW), 0);
	assert_int_equal(claim(temporary.registry, 7), 1);
	assert_int_equal(claim(temporary.registry, 7), 0);
	assert_int_equal(registry_approve_pairing(temporary.registry, SERIAL, NULL, NOW), 1);
	assert_int_equal(registry_bound(temporary.registry, SERIAL, hash), 1);
	assert_memory_equal(hash, expected, sizeof(hash));
	assert_int_equal(registry_find_bound(temporary.registry, expected, serial), 1);
	assert_string_equal(serial, SERIAL);
	assert_int_equal(state_of(temporary.registry, 7), REGISTRY_PAIRING_APPROVED);
	assert_int_equal(registry_unbind(temporary.registry, SERIAL), 1);
	assert_int_equal(registry_bound(temporary.registry, SERIAL, hash), 0);
	temporary_close(&temporary);
}

static void a_second_claim_does_not_replace_the_first(void **state)
{
	struct temporary temporary;
	struct registry *registry;
	uint8_t hash[REGISTRY_HASH_SIZE];

	(void)state;
	temporary_open(&temporary);
	registry = temporary.registry;
	assert_int_equal(claim(registry, 0x17), 1);
	assert_int_equal(claim(registry, 0x28), 1);
	assert_int_equal(registry_approve_pairing(registry, SERIAL, NULL, NOW), REGISTRY_SEVERAL);
	assert_int_equal(registry_bound(registry, SERIAL, hash), 0);
	assert_int_equal(registry_approve_pairing(registry, SERIAL, "39", NOW), 0);
	assert_int_equal(registry_approve_pairing(registry, SERIAL, "2828", NOW), 1);
	assert_int_equal(registry_bound(registry, SERIAL, hash), 1);
	assert_int_equal(hash[0], 0x28);
	/* The claims of all others have ended with that. */
	struct claims left = {0};
	assert_int_equal(registry_each_pairing(registry, note_claim, &left), 1);
	assert_int_equal(left.count, 1);
	assert_int_equal(claim(registry, 0x17), 1);
	assert_int_equal(registry_approve_pairing(registry, SERIAL, "17", NOW), REGISTRY_TAKEN);
	assert_int_equal(registry_bound(registry, SERIAL, hash), 1);
	assert_int_equal(hash[0], 0x28);

	/* Rejecting another one leaves the approved one; rejecting all takes it back. */
	assert_int_equal(registry_reject_pairing(registry, SERIAL, "17"), 1);
	assert_int_equal(claim(registry, 0x17), 0);
	assert_int_equal(state_of(registry, 0x17), REGISTRY_PAIRING_REJECTED);
	assert_int_equal(registry_bound(registry, SERIAL, hash), 1);
	assert_int_equal(registry_reject_pairing(registry, SERIAL, NULL), 1);
	assert_int_equal(registry_bound(registry, SERIAL, hash), 0);
	assert_int_equal(registry_reject_pairing(registry, "NOBODY", NULL), 0);
	temporary_close(&temporary);
}

static size_t waiting(struct registry *registry, const char *place)
{
	struct claims claims = {0};
	size_t count = 0;

	assert_int_equal(registry_each_pairing(registry, note_claim, &claims), 1);
	for (size_t i = 0; i < claims.count; i++) {
		count += claims.items[i].state == REGISTRY_PAIRING_WAITING &&
			 (!place || strcmp(claims.items[i].place, place) == 0);
	}
	return count;
}

/* A flood from few places does not keep out who comes from another one. */
static void claims_that_wait_are_bounded(void **state)
{
	struct temporary temporary;
	struct registry *registry;
	uint8_t number = 1;

	(void)state;
	temporary_open(&temporary);
	registry = temporary.registry;
	for (unsigned int place = 1; place <= 16; place++) {
		for (int i = 0; i < REGISTRY_PAIRINGS_PLACE_MAX; i++) {
			assert_int_equal(claim_from(registry, number++, place), 1);
		}
		assert_int_equal(claim_from(registry, number++, place), REGISTRY_FULL);
	}
	assert_int_equal(waiting(registry, NULL), REGISTRY_PAIRINGS_MAX);
	assert_int_equal(claim_from(registry, 200, 99), 1);
	assert_int_equal(waiting(registry, NULL), REGISTRY_PAIRINGS_MAX);
	assert_int_equal(waiting(registry, "00000000000000000000000000000063"), 1);
	/* Its second one finds no room: others wait longer. */
	assert_int_equal(claim_from(registry, 201, 99), REGISTRY_FULL);
	assert_int_equal(claim_from(registry, 200, 99), 0);
	assert_int_equal(registry_reject_pairing(registry, SERIAL, "01"), 1);
	assert_int_equal(claim_from(registry, 1, 1), 0);
	assert_int_equal(registry_clear_pairings(registry, false), 1);
	assert_int_equal(waiting(registry, NULL), 0);
	assert_int_equal(state_of(registry, 1), REGISTRY_PAIRING_REJECTED);
	assert_int_equal(registry_clear_pairings(registry, true), 1);
	assert_int_equal(claim_from(registry, 1, 1), 1);
	assert_int_equal(registry_end_pairings(registry), 1);
	assert_int_equal(waiting(registry, NULL), 0);
	temporary_close(&temporary);
}

static void a_binding_is_never_replaced(void **state)
{
	struct temporary temporary;
	struct registry_account account;
	uint8_t first[REGISTRY_HASH_SIZE] = {1};
	uint8_t second[REGISTRY_HASH_SIZE] = {2};
	uint8_t bound[REGISTRY_HASH_SIZE];

	(void)state;
	temporary_open(&temporary);
	account = temporary_account(&temporary, "anne@example.org", "");
	temporary_printer(&temporary, account.user_id, SERIAL);
	assert_int_equal(registry_bind(temporary.registry, SERIAL, first, NOW), 1);
	assert_int_equal(registry_bind(temporary.registry, SERIAL, first, NOW), 1);
	assert_int_equal(registry_bind(temporary.registry, SERIAL, second, NOW), 0);
	assert_int_equal(registry_bound(temporary.registry, SERIAL, bound), 1);
	assert_memory_equal(bound, first, sizeof(first));
	assert_int_equal(registry_unbind(temporary.registry, SERIAL), 1);
	assert_int_equal(registry_bind(temporary.registry, SERIAL, second, NOW), 1);
	temporary_close(&temporary);
}

static void the_window_is_for_a_time_and_for_printers(void **state)
{
	struct temporary temporary;
	struct registry *registry;

	(void)state;
	temporary_open(&temporary);
	registry = temporary.registry;
	assert_false(registry_pairing_is_open(registry, NULL, NOW));
	assert_true(registry_set(registry, REGISTRY_PAIRING_UNTIL, "1800000600") >= 0);
	assert_true(registry_pairing_is_open(registry, NULL, NOW));
	assert_true(registry_pairing_is_open(registry, SERIAL, NOW));
	assert_true(registry_set(registry, REGISTRY_PAIRING_SERIALS, "ONE " SERIAL) >= 0);
	assert_true(registry_pairing_is_open(registry, NULL, NOW));
	assert_true(registry_pairing_is_open(registry, SERIAL, NOW));
	assert_true(registry_pairing_is_open(registry, "ONE", NOW));
	assert_false(registry_pairing_is_open(registry, "ON", NOW));
	assert_true(registry_set(registry, REGISTRY_PAIRING_UNTIL, "1") >= 0);
	assert_false(registry_pairing_is_open(registry, SERIAL, NOW));
	temporary_close(&temporary);
}

static void a_backup_is_whole_and_private(void **state)
{
	struct temporary temporary;
	struct registry *copy;
	struct problem problem;
	struct registry_account found;
	struct stat status;
	char path[PATH_MAX + 16];

	(void)state;
	temporary_open(&temporary);
	temporary_account(&temporary, "anne@example.org", "");
	snprintf(path, sizeof(path), "%s.backup", temporary.path);
	assert_int_equal(registry_backup(temporary.registry, path), 1);
	assert_true(registry_backup(temporary.registry, path) < 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(registry_open(path, REGISTRY_WRITE, 0, &copy, &problem), 0);
	assert_int_equal(registry_find_account(copy, "anne@example.org", &found), 1);
	registry_close(copy);
	temporary_close(&temporary);
}

static void others_see_that_something_changed(void **state)
{
	struct temporary temporary;
	struct registry *reader;
	struct problem problem;

	(void)state;
	temporary_open(&temporary);
	assert_int_equal(registry_open(temporary.path, REGISTRY_READ, 0, &reader, &problem), 0);
	int64_t before = registry_version(reader);
	assert_int_equal(registry_version(reader), before);
	registry_set(temporary.registry, "name", "value");
	assert_int_not_equal(registry_version(reader), before);
	registry_begin(temporary.registry);
	registry_set(temporary.registry, "name", "other");
	registry_rollback(temporary.registry);
	char value[REGISTRY_TEXT_MAX];
	assert_int_equal(registry_get(reader, "name", value), 1);
	assert_string_equal(value, "value");
	assert_int_equal(registry_get(reader, "nothing", value), 0);
	assert_string_equal(value, "");
	registry_close(reader);
	temporary_close(&temporary);
}

static void credentials_are_told_apart(void **state)
{
	struct temporary temporary;
	uint8_t secret[CREDENTIAL_SECRET_SIZE], again[CREDENTIAL_SECRET_SIZE];
	uint8_t first[REGISTRY_HASH_SIZE], second[REGISTRY_HASH_SIZE];

	(void)state;
	temporary_open(&temporary);
	assert_int_equal(credential_secret(temporary.registry, secret), 1);
	assert_int_equal(credential_secret(temporary.registry, again), 1);
	assert_memory_equal(secret, again, sizeof(secret));
	assert_true(credential_hash(secret, "ab", "c", first));
	assert_true(credential_hash(secret, "a", "bc", second));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_true(credential_hash(secret, "ab", NULL, second));
	assert_memory_not_equal(first, second, sizeof(first));
	assert_false(credential_hash(secret, NULL, NULL, first));
	assert_false(credential_hash(secret, "", "", first));
	registry_set(temporary.registry, "credential_secret", "damaged");
	assert_int_equal(credential_secret(temporary.registry, secret), FLAGSHIP_ERROR_STORE);
	temporary_close(&temporary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_private_and_reopens),
		cmocka_unit_test(what_is_no_registry_is_refused),
		cmocka_unit_test(user_ids_are_random_and_emails_unique),
		cmocka_unit_test(several_accounts_share_a_printer),
		cmocka_unit_test(an_update_keeps_what_it_does_not_say),
		cmocka_unit_test(tokens_expire_and_can_be_revoked),
		cmocka_unit_test(a_token_of_the_future_lasts_no_longer),
		cmocka_unit_test(a_token_of_an_unset_clock_lasts_as_long),
		cmocka_unit_test(a_queue_of_the_future_is_kept_no_longer),
		cmocka_unit_test(approving_binds_the_credential),
		cmocka_unit_test(a_second_claim_does_not_replace_the_first),
		cmocka_unit_test(claims_that_wait_are_bounded),
		cmocka_unit_test(a_binding_is_never_replaced),
		cmocka_unit_test(the_window_is_for_a_time_and_for_printers),
		cmocka_unit_test(a_backup_is_whole_and_private),
		cmocka_unit_test(others_see_that_something_changed),
		cmocka_unit_test(credentials_are_told_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
