/* SPDX-License-Identifier: MIT */
#include "gateway/webcam/book.h"

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

#define ONE "http://camera/one"
#define TWO "https://anna:secret@camera:8443/two?a=1"

static char folder[] = "/tmp/flagship-webcam-XXXXXX";
static char path[sizeof(folder) + sizeof("/cameras.json")];

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX", sizeof("XXXXXX") - 1);
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/cameras.json", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static struct webcam_book *open_book(void)
{
	struct webcam_book *book;
	struct problem problem;

	assert_int_equal(webcam_book_open(folder, &book, &problem), 0);
	return book;
}

static void test_what_is_set_is_kept(void **state)
{
	struct webcam_book *book = open_book();
	struct problem problem;
	struct stat status;
	(void)state;

	assert_null(webcam_book_url(book, "A"));
	assert_int_equal(webcam_book_set(book, "A", ONE, &problem), 0);
	assert_int_equal(webcam_book_set(book, "B", TWO, &problem), 0);
	assert_int_equal(webcam_book_set(book, "C", ONE, &problem), 0);
	assert_int_equal(webcam_book_set(book, "A", TWO, &problem), 0);
	assert_int_equal(webcam_book_set(book, "C", NULL, &problem), 0);
	webcam_book_close(book);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	book = open_book();
	assert_string_equal(webcam_book_url(book, "A"), TWO);
	assert_string_equal(webcam_book_url(book, "B"), TWO);
	assert_null(webcam_book_url(book, "C"));
	webcam_book_close(book);
}

static void test_what_cannot_be_written_is_not_set(void **state)
{
	struct webcam_book *book = open_book();
	struct problem problem;
	(void)state;

	assert_int_equal(webcam_book_set(book, "A", ONE, &problem), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0); /* a folder in its place */
	assert_int_equal(webcam_book_set(book, "A", TWO, &problem), FLAGSHIP_ERROR_STORE);
	assert_string_equal(webcam_book_url(book, "A"), ONE);
	assert_int_equal(webcam_book_set(book, "B", TWO, &problem), FLAGSHIP_ERROR_STORE);
	assert_null(webcam_book_url(book, "B"));
	assert_int_equal(webcam_book_set(book, "A", NULL, &problem), FLAGSHIP_ERROR_STORE);
	assert_string_equal(webcam_book_url(book, "A"), ONE);
	webcam_book_close(book);
	assert_int_equal(rmdir(path), 0);
}

static int read_text(const char *text, struct webcam_book **book)
{
	struct problem problem;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return webcam_book_read(path, book, &problem);
}

static void test_what_is_malformed_is_left_out(void **state)
{
	struct webcam_book *book;
	(void)state;

	assert_int_equal(
		read_text("{\"cameras\":[7,{},{\"serial\":\"A\"},{\"serial\":\"\",\"url\":\"" ONE
			  "\"},{\"serial\":\"B\",\"url\":\"file:///a\"},"
			  "{\"serial\":\"C\",\"url\":\"" ONE "\"},{\"serial\":\"C\",\"url\":\"" TWO
			  "\"}]}",
			  &book),
		0);
	assert_null(webcam_book_url(book, "A"));
	assert_null(webcam_book_url(book, "B"));
	assert_string_equal(webcam_book_url(book, "C"), ONE);
	webcam_book_close(book);
}

static void test_what_is_no_list(void **state)
{
	static const char *const texts[] = {"", "[]", "{}", "{\"cameras\":7}", "{\"cameras\":["};
	struct webcam_book *book;
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_text(texts[i], &book), FLAGSHIP_ERROR_STORE);
		assert_null(book);
	}
}

static void test_urls(void **state)
{
	static const struct {
		const char *url;
		const char *reason; /* NULL: it is good */
	} cases[] = {
		{ONE, NULL},
		{TWO, NULL},
		{"http://[::1]:8080/?action=stream", NULL},
		{"", "http://, https:// or rtsp://"},
		{"rtsp://anna:secret@camera:8554/1?channel=2", NULL},
		{"rtsp://", "no host"},
		{"RTSP://camera/1", "http://, https:// or rtsp://"},
		{"RTSPS://camera/1", "certificate"},
		{"rtsps://camera/1", "certificate"},
		{"HTTP://camera", "http://, https:// or rtsp://"},
		{"ftp://camera", "http://, https:// or rtsp://"},
		{"http:/camera", "http://, https:// or rtsp://"},
		{"http://", "no host"},
		{"https:///a", "no host"},
		{"http://a\tb", "no blanks"},
		{"http://a/\x7f", "no blanks"},
		{"http://a/\xc3\xa4", "no blanks"},
	};
	const char *reason;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(webcam_url_is_good(cases[i].url, &reason), !cases[i].reason);
		if (cases[i].reason) {
			assert_non_null(strstr(reason, cases[i].reason));
		}
	}
}

static void test_what_a_url_gives(void **state)
{
	(void)state;

	assert_true(webcam_url_has_film("rtsp://camera/1"));
	assert_false(webcam_url_has_film(ONE));
	assert_false(webcam_url_has_film("rtsps://camera/1"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_set_is_kept),
		TEST(test_what_cannot_be_written_is_not_set),
		TEST(test_what_is_malformed_is_left_out),
		TEST(test_what_is_no_list),
		TEST(test_urls),
		TEST(test_what_a_url_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
