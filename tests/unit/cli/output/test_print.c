/* SPDX-License-Identifier: MIT */
#include "cli/output/json.h"
#include "cli/output/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPLACEMENT "\xef\xbf\xbd"

static char *shown;
static size_t shown_length;

__attribute__((format(printf, 2, 3))) static const char *print(bool ascii, const char *format, ...)
{
	FILE *stream;
	va_list arguments;

	free(shown);
	shown = NULL;
	stream = open_memstream(&shown, &shown_length);
	assert_non_null(stream);
	va_start(arguments, format);
	print_vto(stream, ascii, format, arguments);
	va_end(arguments);
	assert_int_equal(fclose(stream), 0);
	return shown;
}

/* Each as printf itself has it. */
static void prints_numbers_as_printf(void **state)
{
	char expected[512];

	(void)state;
#define AS_PRINTF(...)                                                    \
	do {                                                              \
		snprintf(expected, sizeof(expected), __VA_ARGS__);        \
		assert_string_equal(print(false, __VA_ARGS__), expected); \
	} while (0)
	AS_PRINTF("%d|%i|%5d|%-5d|%05d|%+d|% d", -7, 8, 9, 10, 11, 12, 13);
	AS_PRINTF("%u|%x|%X|%#x|%o", 7u, 0xbeefu, 0xbeefu, 1u, 8u);
	AS_PRINTF("%ld|%lld|%zd|%jd|%td", -1L, -2LL, (ssize_t)-3, (intmax_t)-4, (ptrdiff_t)-5);
	AS_PRINTF("%lu|%llu|%zu|%ju", 1UL, 2ULL, (size_t)3, UINTMAX_MAX);
	AS_PRINTF("%hhd|%hd|%hhu|%hu|%02hhx", (signed char)-1, (short)-2, (unsigned char)250,
		  (unsigned short)65000, (unsigned char)0xab);
	AS_PRINTF("%.3f|%8.2f|%-8.2f|%+.1f|%g|%e|%.0f", 1.2345, 2.5, 3.5, 4.0, 5e10, 6.0, 7.5);
	AS_PRINTF("%*d|%-*d|%.*f|%+*.3f", 6, 1, 6, 2, 2, 3.14159, 9, 1.0);
	AS_PRINTF("%f", 1.7e308);
	AS_PRINTF("%%|%c|%3c|%s|%8s|%-8s|%.2s|%*s|%.*s", 'x', 'y', "text", "right", "left", "cut",
		  5, "w", 3, "precise");
}

static void keeps_what_is_foreign_on_its_line(void **state)
{
	(void)state;
	assert_string_equal(print(false, "\033[1m%s\033[0m\n\t%s\n", "a\033[2J\n", "b\tc\r"),
			    "\033[1ma" REPLACEMENT "[2J" REPLACEMENT "\033[0m\n\tb" REPLACEMENT
			    "c" REPLACEMENT "\n");
	assert_string_equal(print(false, "%c%c", '\033', (char)0x9b), REPLACEMENT REPLACEMENT);
	assert_string_equal(print(false, "%.3s|", "\xe8\x88\xb9\xe8"), "\xe8\x88\xb9|");
	assert_string_equal(print(false, "%.2s|", "\xe8\x88\xb9"), REPLACEMENT REPLACEMENT "|");
}

static void pads_by_characters(void **state)
{
	(void)state;
	assert_string_equal(print(false, "%-4s|%4s|", "\xc3\xa4\xc3\xb6", "\xc3\xbc"),
			    "\xc3\xa4\xc3\xb6  |   \xc3\xbc|");
	assert_string_equal(print(false, "%-3s|", "\033"), REPLACEMENT "  |");
	assert_string_equal(print(true, "%-3s|%s", "\xc3\xa4", "\xe2\x86\x92\033"), "?  |->?");
}

static const char *json(const char *text)
{
	FILE *stream;

	free(shown);
	shown = NULL;
	stream = open_memstream(&shown, &shown_length);
	assert_non_null(stream);
	print_json_line(stream, text, strlen(text));
	assert_int_equal(fclose(stream), 0);
	return shown;
}

static void escapes_in_json(void **state)
{
	(void)state;
	assert_string_equal(json("{\n\t\"a\": \"b\"\r\n}"), "{  \"a\": \"b\"  }\n");
	assert_string_equal(json("\"\033\x7f\t\xc2\x9b\xe2\x80\xae\""),
			    "\"\\u001b\\u007f\\u0009\\u009b\\u202e\"\n");
	assert_string_equal(json("[\"a\\\"\n\",\n\"\\\\\",\n1]"),
			    "[\"a\\\"\\u000a\", \"\\\\\", 1]\n");
	assert_string_equal(json("\"\x9b\xe2\x82\""),
			    "\"" REPLACEMENT REPLACEMENT REPLACEMENT "\"\n");
	assert_string_equal(json("\"" REPLACEMENT "\xf3\xa0\x81\x81\""),
			    "\"" REPLACEMENT "\\udb40\\udc41\"\n");
}

static void keeps_lines_where_they_are_wanted(void **state)
{
	FILE *stream;

	(void)state;
	free(shown);
	shown = NULL;
	stream = open_memstream(&shown, &shown_length);
	assert_non_null(stream);
	print_text(stream, false, "ok\r\nX:1\tY:2\n\rZ\r", 15, true);
	print_text(stream, false, "ok\r\n", 4, false);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(shown, "ok\nX:1 Y:2\n" REPLACEMENT "Z" REPLACEMENT
				   "ok" REPLACEMENT REPLACEMENT);
}

static const size_t item_lengths[] = {3,     20000, 1,     20000, 32764,  32765,
				      32766, 32767, 32768, 0,     100000, 7};

static void write_item(struct json_writer *writer, size_t index, const void *context)
{
	json_string_n(writer, context, item_lengths[index]);
}

/* Of items that fill the buffer, that just do not fit, and that are longer than it. */
static void prints_arrays_in_pieces(void **state)
{
	const size_t count = sizeof(item_lengths) / sizeof(item_lengths[0]);
	char *letters = malloc(100000);
	FILE *stream;

	(void)state;
	assert_non_null(letters);
	memset(letters, 'x', 100000);
	for (size_t items = 0; items <= count; items++) {
		free(shown);
		shown = NULL;
		stream = open_memstream(&shown, &shown_length);
		assert_non_null(stream);
		assert_int_equal(json_array_print(write_item, items, letters, stream), 0);
		assert_int_equal(fclose(stream), 0);
		const char *at = shown;
		assert_int_equal(*at++, '[');
		for (size_t i = 0; i < items; i++) {
			assert_true(i == 0 || *at++ == ',');
			assert_int_equal(*at++, '"');
			assert_memory_equal(at, letters, item_lengths[i]);
			at += item_lengths[i];
			assert_int_equal(*at++, '"');
		}
		assert_string_equal(at, "]\n");
	}
	free(letters);
}

static int free_shown(void **state)
{
	(void)state;
	free(shown);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_numbers_as_printf),
		cmocka_unit_test(keeps_what_is_foreign_on_its_line),
		cmocka_unit_test(pads_by_characters),
		cmocka_unit_test(escapes_in_json),
		cmocka_unit_test(keeps_lines_where_they_are_wanted),
		cmocka_unit_test(prints_arrays_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, free_shown);
}
