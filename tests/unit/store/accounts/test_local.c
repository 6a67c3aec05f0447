/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/accounts/accounts.h"
#include "store/accounts/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 1024
#define CLOUD    "mqtts://127.0.0.1:8789"

/* "anne@mqtts://h:1=AB bob=c": accounts with their broker and a letter a printer; a small letter is
 * one without a key. */
static void fill(const char *words, struct store_accounts *accounts)
{
	char text[SEEN_MAX];
	char *rest = text;

	*accounts = (struct store_accounts){0};
	snprintf(text, sizeof(text), "%s", words);
	for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct store_account account = {0};
		char *printers = strchr(word, '=');
		char *broker = strchr(word, '@');

		*printers++ = '\0';
		if (broker) {
			*broker++ = '\0';
			snprintf(account.broker, sizeof(account.broker), "%s", broker);
		}
		snprintf(account.login.user_id, sizeof(account.login.user_id), "%s", word);
		for (; *printers; printers++) {
			struct store_printer *printer = store_account_add_printer(&account);
			bool small = *printers >= 'a';
			char serial[] = {'S', (char)(small ? *printers - 'a' + 'A' : *printers), 0};

			assert_true(store_account_keep(&account, &printer->serial, serial));
			if (!small) {
				assert_true(store_account_keep(&account, &printer->key_hex,
							       "00112233445566778899aabbccddeeff"));
			}
		}
		assert_int_equal(accounts_append(accounts, &account), 0);
	}
}

/* "anne=AB ~bob=C": ~ is one of the cloud, ^ one of it with a namesake. */
static void show(const struct store_accounts *accounts, char out[SEEN_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < accounts->count; i++) {
		const struct store_account *account = &accounts->accounts[i];

		used += (size_t)snprintf(out + used, SEEN_MAX - used, "%s%s%s%s=", i > 0 ? " " : "",
					 account->has_namesake ? "^" : "",
					 account->local && !account->has_namesake ? "~" : "",
					 account->login.user_id);
		for (size_t j = 0; j < account->printer_count; j++) {
			const struct store_printer *printer = &account->printers[j];
			int letter = printer->serial[1];

			used += (size_t)snprintf(out + used, SEEN_MAX - used, "%c",
						 printer->key_hex[0] ? letter : letter - 'A' + 'a');
		}
	}
}

static const struct {
	const char *own;
	const char *local;
	const char *broker; /* of the settings */
	const char *merged;
	size_t doubled;
} cases[] = {
	{"", "", "", "", 0},
	{"anne=A", "", "", "anne=A", 0},
	{"", "anne@" CLOUD "=AB", "", "~anne=AB", 0},
	/* What accounts.json has goes first, by whichever account. */
	{"anne=A", "bob@" CLOUD "=AB", "", "anne=A ~bob=B", 1},
	{"anne=A bob=B", "carl@" CLOUD "=AB", "", "anne=A bob=B", 2},
	/* Without its key it is of no use there. */
	{"anne=a", "bob@" CLOUD "=A", "", "anne=a ~bob=A", 0},
	/* The same login: at the same broker one account, else two. */
	{"anne@" CLOUD "=A", "anne@" CLOUD "=AB", "", "anne=AB", 1},
	{"anne@mqtts://localhost:8789=A", "anne@" CLOUD "=AB", "", "anne=AB", 1},
	{"anne@mqtts://[::1]:8789=A", "anne@" CLOUD "=AB", "", "anne=AB", 1},
	{"anne@mqtts://SERVER.lan:8789=A", "anne@mqtts://server.lan:8789=AB", "", "anne=AB", 1},
	{"anne@mqtts://localhost:8790=A", "anne@" CLOUD "=AB", "", "anne=A ^anne=B", 1},
	{"anne@mqtts://server.lan:8789=A", "anne@" CLOUD "=AB", "", "anne=A ^anne=B", 1},
	{"anne=A", "anne@" CLOUD "=AB", "", "anne=A ^anne=B", 1},
	{"anne=A", "anne@" CLOUD "=AB", CLOUD, "anne=AB", 1},
	{"anne@" CLOUD "=A", "anne@" CLOUD "=AB", "mqtts://h:1", "anne=A ^anne=B", 1},
	{"anne@nonsense://x=A", "anne@" CLOUD "=AB", "", "anne=A ^anne=B", 1},
	/* The key of the cloud is taken over by the same account. */
	{"anne@" CLOUD "=aB", "anne@" CLOUD "=A", "", "anne=AB", 0},
	/* Several of the cloud that share a printer are left as they are. */
	{"anne=C", "bob@" CLOUD "=A carl@" CLOUD "=AC", "", "anne=C ~bob=A ~carl=A", 1},
	/* One printer in two accounts of accounts.json is known once. */
	{"anne=A bob=A", "carl@" CLOUD "=A", "", "anne=A bob=A", 1},
	/* Nothing without a printer. */
	{"anne=A", "bob@" CLOUD "=", "", "anne=A", 0},
};

static void test_what_accounts_json_says_goes_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_accounts own;
		struct store_accounts local;
		char merged[SEEN_MAX];
		size_t doubled = 99;

		fill(cases[i].own, &own);
		fill(cases[i].local, &local);
		assert_int_equal(store_accounts_add_local(&own, &local, cases[i].broker, &doubled),
				 0);
		show(&own, merged);
		assert_string_equal(merged, cases[i].merged);
		assert_int_equal(doubled, cases[i].doubled);
		assert_int_equal(local.count, 0);
		store_accounts_finish(&own);
	}
}

/* What is marked is of this run alone. */
static void test_marks_are_written_nowhere(void **state)
{
	struct store_accounts own;
	struct store_accounts local;
	struct store_accounts again = {0};
	struct accounts_fault fault;
	size_t doubled;
	size_t length;
	char *text;

	(void)state;
	fill("", &own);
	fill("anne@" CLOUD "=A", &local);
	assert_int_equal(store_accounts_add_local(&own, &local, "", &doubled), 0);
	assert_int_equal(accounts_text_format(&own, &text, &length), 0);
	assert_int_equal(accounts_text_parse(text, length, &again, &fault), 0);
	assert_false(again.accounts[0].local);
	free(text);
	store_accounts_finish(&again);
	store_accounts_finish(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_accounts_json_says_goes_first),
		cmocka_unit_test(test_marks_are_written_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
