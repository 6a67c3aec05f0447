/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "print/file.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define OUT_SIZE 4096

static const char plain[] = "; estimated printing time (normal mode) = 1m 1s\n"
			    ";LAYER_CHANGE\nG28\nG1 X10 Y10 E1\n";
static const char sent[] = ";TIME:61\n;LAYER_COUNT:1\n"
			   "; estimated printing time (normal mode) = 1m 1s\n"
			   ";LAYER_CHANGE\nG28\nG1 X10 Y10 E1\n";
#define SENT_MD5 "3e9b89a2b5069e67b801b3cfe00ffa8c"

static char path[] = "/tmp/flagship-print-XXXXXX";

static int make_path(void **state)
{
	int descriptor = mkstemp(path);

	(void)state;
	return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_plain(const void *data, size_t length)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, length, out), length);
	assert_int_equal(fclose(out), 0);
}

static void write_packed(const char *text)
{
	gzFile out = gzopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(gzputs(out, text), strlen(text));
	assert_int_equal(gzclose(out), Z_OK);
}

static struct print_file *open_file(void)
{
	struct printer_profile profile;
	struct print_file *file;
	struct problem problem;

	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	assert_int_equal(print_file_open(path, &profile, &file, &problem), 0);
	return file;
}

static int fail_to_open(struct problem *problem)
{
	struct printer_profile profile;
	struct print_file *file;

	printer_profile_init(&profile, FLAGSHIP_MODEL_M5);
	int error = print_file_open(path, &profile, &file, problem);
	assert_null(file);
	return error;
}

static void assert_reads(struct print_file *file, size_t piece, const char *wanted)
{
	char out[OUT_SIZE];
	size_t total = 0;
	size_t length;
	struct problem problem;

	do {
		assert_int_equal(print_file_read(file, out + total, piece, &length, &problem), 0);
		assert_true(length <= piece);
		total += length;
	} while (length > 0);
	assert_int_equal(total, strlen(wanted));
	assert_memory_equal(out, wanted, total);
}

static void is_what_the_printer_needs(void **state)
{
	const size_t pieces[] = {1, 7, 1024};
	struct problem problem;

	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		if (packed) {
			write_packed(plain);
		} else {
			write_plain(plain, strlen(plain));
		}
		struct print_file *file = open_file();
		assert_int_equal(print_file_size(file), strlen(sent));
		assert_string_equal(print_file_md5(file), SENT_MD5);
		assert_int_equal(print_file_findings(file)->count, 0);
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			assert_reads(file, pieces[i], sent);
			assert_int_equal(print_file_rewind(file, &problem), 0);
		}
		print_file_close(file);
	}
}

static void says_what_does_not_suit(void **state)
{
	static const char text[] = ";TIME:1\n;LAYER_COUNT:1\nM500\nG1 X10 E1\n";

	(void)state;
	write_plain(text, strlen(text));
	struct print_file *file = open_file();
	assert_true(print_file_findings(file)->refused);
	assert_reads(file, 100, text);
	print_file_close(file);
}

static void refuses_what_is_no_gcode(void **state)
{
	static const char stl[] = "solid cube\nfacet\n";
	struct problem problem;

	(void)state;
	write_plain(stl, strlen(stl));
	assert_int_equal(fail_to_open(&problem), FLAGSHIP_ERROR_ARGUMENT);
	assert_non_null(strstr(problem.text, "slice it"));
	write_plain("", 0);
	assert_int_equal(fail_to_open(&problem), FLAGSHIP_ERROR_ARGUMENT);
	write_packed(plain);
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(fail_to_open(&problem), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fail_to_open(&problem), FLAGSHIP_ERROR_STORE);
	assert_non_null(strstr(problem.text, path));
	write_plain("", 0);
}

/* Longer or shorter than what was announced. */
static void notices_that_it_was_changed(void **state)
{
	const size_t lengths[] = {sizeof(plain) - 2, sizeof(plain)};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char changed[sizeof(plain) + 1] = "";
		char out[OUT_SIZE];
		size_t length;
		struct problem problem;
		int error;

		write_plain(plain, strlen(plain));
		struct print_file *file = open_file();
		memset(changed, 'G', sizeof(changed));
		write_plain(changed, lengths[i]);
		do {
			error = print_file_read(file, out, sizeof(out), &length, &problem);
		} while (!error && length > 0);
		assert_int_equal(error, FLAGSHIP_ERROR_STORE);
		assert_non_null(strstr(problem.text, "was changed"));
		print_file_close(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_the_printer_needs),
		cmocka_unit_test(says_what_does_not_suit),
		cmocka_unit_test(refuses_what_is_no_gcode),
		cmocka_unit_test(notices_that_it_was_changed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("print_file", tests, make_path, remove_path);
}
