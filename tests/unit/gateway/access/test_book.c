/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/book.h"

#include "base/memory/wiping.h"

#include <stdbool.h>
#include <string.h>

static void add(struct access_book *book, const char *name, enum access_role role,
		const char *printers)
{
	struct access_change change = {.name = name,
				       .password = "hash",
				       .role = role,
				       .printers = printers,
				       .scoped = true,
				       .now_s = 7};

	assert_null(access_add_user(book, &change));
}

static void a_book_is_read_as_it_was_written(void **state)
{
	struct access_change key = {.name = "orca",
				    .role = ACCESS_OPERATOR,
				    .printers = "SN1 SN2",
				    .scoped = true,
				    .digest = true,
				    .maker = "ann",
				    .now_s = 8};
	struct access_book book;
	struct access_book again;
	size_t length;

	(void)state;
	assert_int_equal(access_book_init(&book), 0);
	assert_int_equal(access_book_init(&again), 0);
	add(&book, "ann", ACCESS_ADMIN, NULL);
	add(&book, "bob", ACCESS_VIEWER, "SN1");
	assert_null(access_add_key(&book, &key));
	char *text = access_book_print(&book, &length);
	assert_non_null(text);
	assert_null(strstr(text, key.secret));
	assert_null(access_book_parse(&again, text, length));
	assert_string_equal(again.secret, book.secret);
	assert_string_equal(access_book_user(&again, "bob")->grant.printers, "SN1");
	const struct access_key *found = access_book_find_secret(&again, key.secret);
	assert_non_null(found);
	assert_string_equal(found->id, key.id);
	assert_string_equal(found->ha1, book.keys[0].ha1);
	assert_string_equal(access_book_maker(&again, found), "ann");
	assert_null(access_book_find_secret(&again, ""));
	/* Another one of her name did not make it. */
	access_book_user(&again, "ann")->created_at = found->created_at + 1;
	assert_string_equal(access_book_maker(&again, found), "");
	wiping_free(text);
	access_book_finish(&book);
	access_book_finish(&again);
}

static void there_is_always_somebody_who_manages(void **state)
{
	struct access_change ann = {.name = "ann", .role = ACCESS_VIEWER};
	struct access_change first = {.name = "bob", .password = "hash", .role = ACCESS_OPERATOR};
	struct access_change narrow = {.name = "ann", .printers = "SN1", .scoped = true};
	struct access_book book;

	(void)state;
	assert_int_equal(access_book_init(&book), 0);
	assert_non_null(access_add_user(&book, &first));
	assert_int_equal(book.user_count, 0);
	add(&book, "ann", ACCESS_ADMIN, NULL);
	add(&book, "bob", ACCESS_OPERATOR, NULL);
	assert_non_null(access_set_user(&book, &ann));
	access_book_user(&book, "ann")->grant.role = ACCESS_ADMIN; /* refused ones are not kept */
	assert_non_null(access_set_user(&book, &narrow));
	access_book_finish(&book);
}

static void wrong_changes_are_refused_and_change_nothing(void **state)
{
	static const char user_name[] =
		"a user's name is of letters, digits and . _ - @, 63 at most";
	static const char key_name[] = "a key's name is of letters, digits and . _ - @, 63 at most";
	static const char role[] = "a role is viewer, operator or admin";
	static const char printers[] = "printers are serial numbers";
	static const struct {
		access_apply *apply;
		struct access_change change;
		const char *refusal;
	} cases[] = {
		{access_add_user, {.role = ACCESS_ADMIN}, user_name},
		{access_add_user, {.name = "a b", .role = ACCESS_ADMIN}, user_name},
		{access_add_user, {.name = "ann"}, role},
		{access_add_user, {.name = "ann", .role = ACCESS_ADMIN, .printers = ""}, printers},
		{access_add_user,
		 {.name = "ann", .role = ACCESS_ADMIN},
		 "there is a user of this name already"},
		{access_add_first_user,
		 {.name = "bob", .role = ACCESS_ADMIN},
		 "there is a user already"},
		{access_set_user, {.name = "bob"}, "there is no such user"},
		{access_set_user, {.name = "ann", .printers = "a/b", .scoped = true}, printers},
		{access_remove_user, {.name = "bob"}, "there is no such user"},
		{access_add_key, {.role = ACCESS_ADMIN}, key_name},
		{access_add_key, {.name = "orca"}, role},
		{access_add_key, {.name = "orca", .role = ACCESS_ADMIN, .printers = " "}, printers},
		{access_remove_key, {.id = "0123456789ab"}, "there is no such key"},
	};
	struct access_book book;

	(void)state;
	assert_int_equal(access_book_init(&book), 0);
	add(&book, "ann", ACCESS_ADMIN, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct access_change change = cases[i].change;

		change.password = "other";
		const char *refusal = cases[i].apply(&book, &change);
		assert_non_null(refusal);
		assert_string_equal(refusal, cases[i].refusal);
		assert_int_equal(book.user_count, 1);
		assert_int_equal(book.key_count, 0);
		assert_string_equal(book.users[0].password, "hash");
		assert_null(book.users[0].grant.printers);
	}
	access_book_finish(&book);
}

/* Also one who may manage, but not all printers, is nobody to begin with. */
static void the_first_user_manages_everything(void **state)
{
	struct access_change narrow = {.name = "ann",
				       .password = "hash",
				       .role = ACCESS_ADMIN,
				       .printers = "SN1",
				       .scoped = true};
	struct access_book book;

	(void)state;
	assert_int_equal(access_book_init(&book), 0);
	assert_string_equal(access_add_user(&book, &narrow),
			    "the first user has to be an admin, for all printers");
	assert_int_equal(book.user_count, 0);
	access_book_finish(&book);
}

static void grants_are_compared(void **state)
{
	char one[] = "SN1";
	char other[] = "SN2";
	const struct access_grant narrow = {.role = ACCESS_VIEWER, .printers = one};
	const struct access_grant elsewhere = {.role = ACCESS_VIEWER, .printers = other};
	const struct access_grant wide = {.role = ACCESS_VIEWER};
	const struct access_grant higher = {.role = ACCESS_ADMIN};

	(void)state;
	assert_true(access_grant_same(&narrow, &narrow));
	assert_true(access_grant_same(&wide, &wide));
	assert_false(access_grant_same(&narrow, &elsewhere));
	assert_false(access_grant_same(&narrow, &wide));
	assert_false(access_grant_same(&wide, &higher));
}

static void grants_see_their_printers(void **state)
{
	char printers[] = "SN1 SN2";
	const struct access_grant some = {.role = ACCESS_VIEWER, .printers = printers};
	const struct access_grant all = {.role = ACCESS_VIEWER};
	const struct access_grant none = {0};

	(void)state;
	assert_true(access_grant_sees(&some, "SN1"));
	assert_false(access_grant_sees(&some, "SN"));
	assert_false(access_grant_sees(&some, "SN1 SN2"));
	assert_false(access_grant_sees(&some, "SN3"));
	assert_true(access_grant_sees(&all, "SN3"));
	assert_false(access_grant_sees(&none, "SN1"));
	assert_false(access_grant_same(&some, &all));
}

static void names_and_printers_are_checked(void **state)
{
	static const char *const names[] = {"", " a", "a b", ".a", "-a", "a\n", "a/b", "\xc3\xa4"};
	static const char *const printers[] = {"", " ", "SN1 ", " SN1", "SN1  SN2", "a/b", "SN1\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_false(access_name_valid(names[i]));
	}
	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++) {
		assert_false(access_printers_valid(printers[i]));
	}
	assert_false(access_name_valid(NULL));
	assert_false(access_printers_valid("0123456789012345678901234567890123"));
	assert_true(access_name_valid("ann.b@example-1"));
	assert_true(access_printers_valid(NULL));
	assert_true(access_printers_valid("SN1 SN2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_book_is_read_as_it_was_written),
		cmocka_unit_test(there_is_always_somebody_who_manages),
		cmocka_unit_test(wrong_changes_are_refused_and_change_nothing),
		cmocka_unit_test(the_first_user_manages_everything),
		cmocka_unit_test(grants_are_compared),
		cmocka_unit_test(grants_see_their_printers),
		cmocka_unit_test(names_and_printers_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
