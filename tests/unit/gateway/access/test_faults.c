/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory/wiping.h"
#include "failing_memory.h"
#include "gateway/access/book.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdio.h>
#include <string.h>

/* Memory is short, or libcrypto fails: whoever is let in then is let in by mistake. */

int __real_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size)
{
	return failing_memory_due() ? 0 : __real_RAND_bytes(out, size);
}

int __real_EVP_Digest(const void *data, size_t length, unsigned char *out, unsigned int *size,
		      const EVP_MD *algorithm, ENGINE *engine);
int __wrap_EVP_Digest(const void *data, size_t length, unsigned char *out, unsigned int *size,
		      const EVP_MD *algorithm, ENGINE *engine);
int __wrap_EVP_Digest(const void *data, size_t length, unsigned char *out, unsigned int *size,
		      const EVP_MD *algorithm, ENGINE *engine)
{
	return failing_memory_due() ? 0
				    : __real_EVP_Digest(data, length, out, size, algorithm, engine);
}

static char text[] =
	"{\"version\":1,\"secret\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccdd"
	"eeff\",\"users\":[{\"name\":\"ann\",\"role\":\"admin\",\"password\":\"x\"},{\"name\":"
	"\"bob\","
	"\"role\":\"viewer\",\"printers\":\"SN1\",\"password\":\"x\"}],\"keys\":[{\"name\":"
	"\"orca\","
	"\"id\":\"0123456789ab\",\"role\":\"viewer\",\"printers\":\"SN1\",\"hash\":"
	"\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}],\"settings\":{"
	"\"names\":\"host\",\"trusted_networks\":\"10.0.0.0/8\",\"cors_origins\":\"https://a\"}}";

/* A book of two users and a key, that is good. */
static void fill(struct access_book *book)
{
	failing_memory_pause();
	assert_int_equal(access_book_init(book), 0);
	assert_null(access_book_parse(book, text, strlen(text)));
	failing_memory_resume();
}

static bool init(void)
{
	struct access_book book;
	int error = access_book_init(&book);

	access_book_finish(&book);
	return error == 0;
}

static bool parse(void)
{
	struct access_book book;

	failing_memory_pause();
	assert_int_equal(access_book_init(&book), 0);
	failing_memory_resume();
	const char *fault = access_book_parse(&book, text, strlen(text));
	if (fault) {
		assert_string_equal(fault, "out of memory");
	}
	access_book_finish(&book);
	return !fault;
}

static bool print(void)
{
	struct access_book book;
	size_t length;

	fill(&book);
	char *printed = access_book_print(&book, &length);
	access_book_finish(&book);
	wiping_free(printed);
	return printed != NULL;
}

static struct access_change change_of(const char *name)
{
	return (struct access_change){.name = name,
				      .password = "new",
				      .role = ACCESS_OPERATOR,
				      .printers = "SN2",
				      .scoped = true,
				      .digest = true};
}

static bool add_user(void)
{
	struct access_change change = change_of("cid");
	struct access_book book;

	fill(&book);
	const char *refusal = access_add_user(&book, &change);
	assert_int_equal(book.user_count, refusal ? 2 : 3);
	access_book_finish(&book);
	return !refusal;
}

static bool set_user(void)
{
	struct access_change change = change_of("bob");
	struct access_book book;

	fill(&book);
	const char *refusal = access_set_user(&book, &change);
	assert_string_equal(access_book_user(&book, "bob")->password, refusal ? "x" : "new");
	access_book_finish(&book);
	return !refusal;
}

static bool add_key(void)
{
	struct access_change change = change_of("cura");
	struct access_book book;

	fill(&book);
	const char *refusal = access_add_key(&book, &change);
	assert_int_equal(book.key_count, refusal ? 1 : 2);
	access_book_finish(&book);
	return !refusal;
}

/* A key that cannot be hashed is nobody's. */
static bool find_key(void)
{
	struct access_change change = change_of("cura");
	struct access_book book;

	fill(&book);
	failing_memory_pause();
	assert_null(access_add_key(&book, &change));
	failing_memory_resume();
	const struct access_key *found = access_book_find_secret(&book, change.secret);
	bool is_found = found && strcmp(found->name, "cura") == 0;
	assert_true(is_found || !found);
	access_book_finish(&book);
	return is_found;
}

static bool set_settings(void)
{
	struct access_settings_change change = {
		.names = "a", .trusted_networks = "10.0.0.1", .cors_origins = "https://b"};
	struct access_book book;

	fill(&book);
	const char *refusal = access_set_settings(&book, &change);
	assert_non_null(book.settings.names);
	assert_non_null(book.settings.trusted_networks);
	assert_non_null(book.settings.cors_origins);
	access_book_finish(&book);
	return !refusal;
}

static bool copy_grant(void)
{
	struct access_book book;
	struct access_grant grant;

	fill(&book);
	int error = access_grant_copy(&grant, &book.users[1].grant);
	access_grant_finish(&grant);
	access_book_finish(&book);
	return error == 0;
}

static void each_fault_is_told_and_lets_nobody_in(void **state)
{
	static const struct {
		const char *name;
		bool (*run)(void);
		unsigned int faults; /* the calls that can fail */
	} operations[] = {
		{"init", init, 4},         {"parse", parse, 8},           {"print", print, 1},
		{"add user", add_user, 2}, {"set user", set_user, 1},     {"add key", add_key, 6},
		{"find key", find_key, 1}, {"settings", set_settings, 3}, {"grant", copy_grant, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		unsigned int number = 0;
		bool fell = true;

		while (fell) {
			failing_memory_arm(++number);
			bool done = operations[i].run();
			fell = failing_memory_fell();
			failing_memory_arm(0);
			if (done == fell) {
				print_error("%s, call %u\n", operations[i].name, number);
			}
			assert_int_equal(done, !fell);
		}
		if (number - 1 != operations[i].faults) {
			print_error("%s\n", operations[i].name);
		}
		assert_int_equal(number - 1, operations[i].faults);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_told_and_lets_nobody_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
