/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "gateway/access/internal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tokens that were changed, and those that whoever knew the key could have made. */

#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HASH   "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define BOOK                                                                                    \
	"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":[{\"name\":\"ann\",\"role\":"       \
	"\"viewer\",\"password\":\"kept\"},{\"name\":\"bob\",\"role\":\"admin\",\"password\":"  \
	"\"other\"}],\"keys\":[{\"name\":\"orca\",\"id\":\"0123456789ab\",\"role\":\"viewer\"," \
	"\"hash\":\"" HASH "\"},{\"name\":\"old\",\"id\":\"ba9876543210\",\"role\":\"viewer\"," \
	"\"hash\":\"" SECRET "\",\"expires_at\":1767225600}],\"settings\":{}}"
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define SERIAL "AK7ALEFT"

static struct access *access_of_test;

static int setup(void **state)
{
	struct access *access = calloc(1, sizeof(*access));

	assert_non_null(access);
	access->loop = calloc(1, sizeof(*access->loop));
	assert_non_null(access->loop);
	assert_int_equal(uv_loop_init(access->loop), 0);
	assert_int_equal(access_book_init(&access->book), 0);
	const char *fault = access_book_parse(&access->book, BOOK, strlen(BOOK));
	if (fault) {
		print_error("%s\n", fault);
	}
	assert_null(fault);
	memset(access->token_secret, 7, sizeof(access->token_secret));
	access->stopping = true;
	access_of_test = access;
	*state = access;
	return 0;
}

static int teardown(void **state)
{
	struct access *access = *state;

	access_book_finish(&access->book);
	assert_int_equal(uv_loop_close(access->loop), 0);
	free(access->loop);
	free(access);
	return 0;
}

static bool is_let_in(const char *token)
{
	struct access_identity *identity = access_token_identity(access_of_test, token);
	bool known = identity != NULL;

	access_identity_free(identity);
	return known;
}

/* Of any bytes as the middle part, with the signature that is due. */
static void forge(const char *header, const char *middle, char token[ACCESS_TOKEN_SIZE])
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	char encoded[BASE64_LENGTH(EVP_MAX_MD_SIZE) + 1];
	unsigned int size;

	int length = snprintf(token, ACCESS_TOKEN_SIZE, "%s.%s", header, middle);
	assert_in_range(length, 1, ACCESS_TOKEN_SIZE - sizeof(encoded));
	assert_non_null(HMAC(EVP_sha256(), access_of_test->token_secret,
			     sizeof(access_of_test->token_secret), (const unsigned char *)token,
			     (size_t)length, hash, &size));
	EVP_EncodeBlock((unsigned char *)encoded, hash, (int)size);
	encoded[strcspn(encoded, "=")] = '\0';
	for (char *at = encoded; *at != '\0'; at++) {
		*at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
	}
	token[length++] = '.';
	snprintf(token + length, ACCESS_TOKEN_SIZE - (size_t)length, "%s", encoded);
}

static void forge_claims(const char *claims, char token[ACCESS_TOKEN_SIZE])
{
	char middle[ACCESS_TOKEN_SIZE];

	EVP_EncodeBlock((unsigned char *)middle, (const unsigned char *)claims,
			(int)strlen(claims));
	middle[strcspn(middle, "=")] = '\0';
	forge(HEADER, middle, token);
}

static void each_token_serves_its_purpose(void **state)
{
	struct access_tokens tokens;
	char token[ACCESS_TOKEN_SIZE];
	char name[ACCESS_NAME_SIZE];

	assert_false(access_begin_tokens(*state, "nobody", &tokens));
	assert_true(access_begin_tokens(*state, "ann", &tokens));
	assert_true(is_let_in(tokens.access));
	assert_false(is_let_in(tokens.refresh));
	assert_false(access_refresh_token(*state, tokens.access, token, name));
	assert_true(access_refresh_token(*state, tokens.refresh, token, name));
	assert_string_equal(name, "ann");
	assert_true(is_let_in(token));
	sessions_end_of(&access_of_test->sessions, "ann");
	assert_false(is_let_in(tokens.access));
	assert_false(access_refresh_token(*state, tokens.refresh, token, name));
}

static void a_changed_token_is_none(void **state)
{
	struct access_tokens tokens;
	char token[2 * ACCESS_TOKEN_SIZE];

	assert_true(access_begin_tokens(*state, "ann", &tokens));
	size_t length = strlen(tokens.access);
	for (size_t i = 0; i < length; i++) {
		snprintf(token, sizeof(token), "%s", tokens.access);
		token[i] = token[i] == 'A' ? 'B' : 'A';
		assert_false(is_let_in(token));
		snprintf(token, sizeof(token), "%.*s", (int)i, tokens.access);
		assert_false(is_let_in(token));
	}
	snprintf(token, sizeof(token), "%sA", tokens.access);
	assert_false(is_let_in(token));
	memset(token, '.', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	assert_false(is_let_in(token));
	assert_true(is_let_in(tokens.access));
}

static void what_is_signed_but_says_something_else_is_none(void **state)
{
	static const char *const claims[] = {
		"no JSON",
		"[]",
		"{}",
		"{\"token_type\":7}",
		"{\"token_type\":\"refresh\",\"until\":%lld,\"sid\":\"%s\"}",
		"{\"token_type\":\"auth\"}",
		"{\"token_type\":\"auth\",\"until\":\"%lld\",\"sid\":\"%s\"}",
		"{\"token_type\":\"auth\",\"until\":0,\"sid\":\"" SECRET "\"}",
		"{\"token_type\":\"auth\",\"until\":%lld}",
		"{\"token_type\":\"auth\",\"until\":%lld,\"sid\":7}",
		"{\"token_type\":\"auth\",\"until\":%lld,\"sid\":\"%.62s\"}",
		"{\"token_type\":\"auth\",\"until\":%lld,\"sid\":\"%.63sg\"}",
		"{\"token_type\":\"auth\",\"until\":%lld,\"sid\":\"" SECRET "\"}",
	};
	static const char right[] = "{\"token_type\":\"auth\",\"until\":%lld,\"sid\":\"%s\"}";
	const struct access_user *user = access_book_user(&access_of_test->book, "ann");
	char unused[SESSION_TOKEN_SIZE];
	char id[2 * ACCESS_HASH_SIZE + 1];
	char text[ACCESS_TOKEN_SIZE];
	char token[ACCESS_TOKEN_SIZE];
	uint8_t proof[ACCESS_HASH_SIZE];
	long long until_s = clock_steady_s() + ACCESS_TOKEN_LIFE_S;

	(void)state;
	assert_true(access_proof(user, proof));
	const struct session *session = sessions_begin(&access_of_test->sessions, "ann", proof,
						       clock_steady_s(), unused);
	assert_non_null(session);
	hex_encode(session->hash, sizeof(session->hash), HEX_LOWER, id);
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		snprintf(text, sizeof(text), claims[i], until_s, id);
		forge_claims(text, token);
		if (is_let_in(token)) {
			fail_msg("%s is let in", text);
		}
	}
	snprintf(text, sizeof(text), right, until_s, id);
	forge_claims(text, token);
	assert_true(is_let_in(token));
	forge("eyJhbGciOiJub25lIn0", strchr(token, '.') + 1, text);
	assert_false(is_let_in(text));
	forge(HEADER, "!!!!", token);
	assert_false(is_let_in(token));
	forge(HEADER, "", token);
	assert_false(is_let_in(token));
}

static void a_pass_shows_one_printer(void **state)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 2];
	char pass[ACCESS_PASS_SIZE];
	struct access_grant viewer = {.role = ACCESS_VIEWER};
	struct access *access = *state;
	struct access_identity *open = access_identity_make(ACCESS_BY_OPEN, "", &viewer);

	assert_non_null(open);
	assert_false(access_make_pass(open, SERIAL, pass));
	access_identity_free(open);
	for (size_t i = 0; i < access->book.user_count; i++) {
		struct access_identity *own = access_identity_of_user(ACCESS_BY_PASSWORD,
								      &access->book.users[i]);

		assert_non_null(own);
		assert_true(access_make_pass(own, SERIAL, pass));
		struct access_identity *found = access_pass_identity(access, SERIAL, pass);
		assert_non_null(found);
		assert_string_equal(found->name, own->name);
		access_identity_free(found);
		assert_null(access_pass_identity(access, "AK7ARIGHT", pass));
		pass[strlen(pass) - 1] = '\0';
		assert_null(access_pass_identity(access, SERIAL, pass));
		memset(serial, 'A', sizeof(serial) - 1);
		serial[sizeof(serial) - 1] = '\0';
		assert_false(access_make_pass(own, serial, pass));
		access_identity_free(own);
	}
}

static void the_pass_of_a_key_ends_with_it(void **state)
{
	struct access *access = *state;
	char pass[ACCESS_PASS_SIZE];

	for (size_t i = 0; i < access->book.key_count; i++) {
		struct access_key *key = &access->book.keys[i];
		struct access_identity *own = access_identity_of_key(key);

		assert_non_null(own);
		assert_true(access_make_pass(own, SERIAL, pass));
		struct access_identity *found = access_pass_identity(access, SERIAL, pass);
		assert_int_equal(found != NULL, !access_key_is_over(key, clock_unix_s()));
		access_identity_free(found);
		access_identity_free(own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_token_serves_its_purpose, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changed_token_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_signed_but_says_something_else_is_none,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_pass_shows_one_printer, setup, teardown),
		cmocka_unit_test_setup_teardown(the_pass_of_a_key_ends_with_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
