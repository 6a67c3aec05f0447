/* SPDX-License-Identifier: MIT */
#include "gateway/push/book.h"

#include <flagship/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/flagship-push-XXXXXX";
static char path[sizeof(folder) + sizeof("/" PUSH_FILE)];

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX", sizeof("XXXXXX") - 1);
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/" PUSH_FILE, folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static struct push_book *open_book(void)
{
	struct push_book *book;
	struct problem problem;

	assert_int_equal(push_book_open(folder, &book, &problem), 0);
	return book;
}

static struct push_subscription make(unsigned int number, const char *user)
{
	struct push_subscription made = {.kinds = 1U << PUSH_PAUSED | 1U << PUSH_OFFLINE,
					 .language = "fr",
					 .name = "Tablet \"one\"",
					 .printers = "A1 B2",
					 .created_at = 7,
					 .user_since = 5};

	snprintf(made.user, sizeof(made.user), "%s", user);
	snprintf(made.endpoint, sizeof(made.endpoint), "https://push.example.net/%u", number);
	memset(made.target.auth, (int)number, sizeof(made.target.auth));
	assert_true(push_id_of(made.endpoint, made.id));
	return made;
}

static bool is_of(const void *context, const struct push_subscription *subscription)
{
	return strcmp(subscription->user, context) == 0;
}

static void keeps_what_it_was_given(void **state)
{
	struct push_book *book = open_book();
	const struct push_subscription one = make(1, "anna");
	const struct push_subscription two = make(2, "");
	uint8_t first[WEBPUSH_SCALAR_SIZE];
	const uint8_t *scalar;
	struct problem problem;
	struct stat status;

	(void)state;
	assert_int_equal(push_book_put(book, &one, &problem), 0);
	assert_int_equal(push_book_key(book, &scalar, &problem), 0);
	memcpy(first, scalar, sizeof(first));
	assert_int_equal(push_book_put(book, &two, &problem), 0);
	push_book_close(book);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	book = open_book();
	assert_int_equal(push_book_count(book), 2);
	assert_int_equal(push_book_key(book, &scalar, &problem), 0);
	assert_memory_equal(scalar, first, sizeof(first));
	assert_memory_equal(push_book_at(book, 0), &one, sizeof(one));
	assert_memory_equal(push_book_find(book, two.id), &two, sizeof(two));
	assert_int_equal(push_book_drop(book, is_of, "anna", &problem), 0);
	assert_int_equal(push_book_drop(book, is_of, "anna", &problem), 0);
	assert_null(push_book_find(book, one.id));
	assert_int_equal(push_book_count(book), 1);
	push_book_close(book);
	push_book_close(NULL);
}

static void is_as_before_where_it_cannot_be_written(void **state)
{
	struct push_book *book = open_book();
	const struct push_subscription one = make(1, "anna");
	const struct push_subscription two = make(2, "anna");
	const uint8_t *scalar;
	struct problem problem;

	(void)state;
	assert_int_equal(push_book_put(book, &one, &problem), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0); /* a folder in its place */
	assert_int_equal(push_book_put(book, &two, &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(push_book_drop(book, is_of, "anna", &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(push_book_key(book, &scalar, &problem), FLAGSHIP_ERROR_STORE);
	assert_int_equal(push_book_count(book), 1);
	assert_memory_equal(push_book_at(book, 0), &one, sizeof(one));
	push_book_close(book);
	assert_int_equal(rmdir(path), 0);
}

static void holds_so_many_of_a_user(void **state)
{
	struct push_book *book = open_book();
	struct push_subscription one = make(0, "anna");
	struct problem problem;

	(void)state;
	for (unsigned int i = 0; i < PUSH_USER_MAX; i++) {
		one = make(i, "anna");
		assert_int_equal(push_book_put(book, &one, &problem), 0);
	}
	assert_int_equal(push_book_put(book, &one, &problem), 0); /* again */
	one = make(PUSH_USER_MAX, "anna");
	assert_int_equal(push_book_put(book, &one, &problem), FLAGSHIP_ERROR_ARGUMENT);
	one = make(PUSH_USER_MAX, "berta");
	assert_int_equal(push_book_put(book, &one, &problem), 0);
	push_book_close(book);
}

static int read_text(const char *text, struct push_book **book)
{
	struct problem problem;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
	return push_book_open(folder, book, &problem);
}

static void reads_no_file_that_is_none(void **state)
{
	static const char *const cases[] = {
		"{",
		"[]",
		"{}",
		"{\"subscriptions\":7}",
		"{\"subscriptions\":[],\"private_key\":\"AA\"}",
		"{\"subscriptions\":[],\"private_key\":7}",
	};
	struct push_book *book;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_text(cases[i], &book), FLAGSHIP_ERROR_STORE);
		assert_null(book);
	}
	assert_int_equal(
		read_text("{\"subscriptions\":[7,{},{\"endpoint\":\"http://x/\"}]}", &book), 0);
	assert_int_equal(push_book_count(book), 0);
	push_book_close(book);
}

int main(void)
{
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(keeps_what_it_was_given),
		IN_A_FOLDER(is_as_before_where_it_cannot_be_written),
		IN_A_FOLDER(holds_so_many_of_a_user),
		IN_A_FOLDER(reads_no_file_that_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
