/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/login/familiar.h"

#include <stdio.h>
#include <stdlib.h>

static int make(void **state)
{
	*state = calloc(1, sizeof(struct familiar));
	return *state == NULL;
}

static int drop(void **state)
{
	free(*state);
	return 0;
}

static struct address_key address(int number)
{
	char text[32];

	snprintf(text, sizeof(text), "10.0.%d.%d", number / 200, number % 200);
	return address_of_text(text);
}

static void pairs_and_halves(void **state)
{
	struct familiar *familiar = *state;
	struct address_key home = address(1);
	struct address_key elsewhere = address(2);

	assert_int_equal(familiar_look(familiar, "anne", &home), FAMILIAR_STRANGER);
	familiar_note(familiar, "anne", &home);
	assert_int_equal(familiar_look(familiar, "anne", &home), FAMILIAR_PAIR);
	assert_int_equal(familiar_look(familiar, "anne", &elsewhere), FAMILIAR_HALF);
	assert_int_equal(familiar_look(familiar, "bob", &home), FAMILIAR_HALF);
	assert_int_equal(familiar_look(familiar, "bob", &elsewhere), FAMILIAR_STRANGER);
	/* An account that is none. */
	familiar_note(familiar, "", &elsewhere);
	assert_int_equal(familiar_look(familiar, "", &elsewhere), FAMILIAR_STRANGER);
}

static void an_account_has_its_share(void **state)
{
	struct familiar *familiar = *state;
	struct address_key home = address(1);
	char name[16];

	familiar_note(familiar, "anne", &home);
	for (int i = 0; i < 3 * FAMILIAR_MAX; i++) {
		struct address_key from = address(i + 100);

		familiar_note(familiar, "mallory", &from);
	}
	assert_int_equal(familiar_look(familiar, "anne", &home), FAMILIAR_PAIR);
	for (int i = 0; i < FAMILIAR_OF_ACCOUNT_MAX; i++) {
		struct address_key last = address(3 * FAMILIAR_MAX - 1 - i + 100);

		assert_int_equal(familiar_look(familiar, "mallory", &last), FAMILIAR_PAIR);
	}
	/* Of all, the oldest goes. */
	for (int i = 0; i < FAMILIAR_MAX; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		familiar_note(familiar, name, &home);
	}
	assert_int_equal(familiar_look(familiar, "anne", &home), FAMILIAR_HALF);
	assert_int_equal(familiar_look(familiar, "user0", &home), FAMILIAR_PAIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pairs_and_halves, make, drop),
		cmocka_unit_test_setup_teardown(an_account_has_its_share, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
