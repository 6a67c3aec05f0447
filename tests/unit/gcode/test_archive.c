/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gcode/archive.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

/* What stands in a tar before a file: long names of GNU, records of pax. */

#define BLOCK     512
#define TAR_MAX   16384
#define SIZE_OWN  SIZE_MAX /* as long as the data */
#define CONTENT   "G28\nG1 X1\n"
#define LONG_PATH "a/long/name/that/no/block/has/room/for/cube.gcode"
#define PATH      "path=" LONG_PATH

struct tar_entry {
	char type;
	const char *name;
	const char *data;
	size_t size; /* as its block says it */
};

struct found {
	char text[TAR_MAX];
	size_t length;
};

static int keep_bytes(void *context, const unsigned char *data, size_t length,
		      struct problem *problem)
{
	struct found *found = context;

	(void)problem;
	memcpy(found->text + found->length, data, length);
	found->length += length;
	return 0;
}

static size_t write_tar_entry(unsigned char *out, const struct tar_entry *entry)
{
	size_t length = strlen(entry->data);
	size_t blocks = (length + BLOCK - 1) / BLOCK;
	unsigned int sum = 0;

	memset(out, 0, BLOCK * (blocks + 1));
	snprintf((char *)out, 100, "%s", entry->name);
	snprintf((char *)out + 124, 12, "%011o",
		 (unsigned int)(entry->size == SIZE_OWN ? length : entry->size));
	memset(out + 148, ' ', 8);
	out[156] = (unsigned char)entry->type;
	memcpy(out + 257, "ustar", 5);
	for (size_t i = 0; i < BLOCK; i++) {
		sum += out[i];
	}
	snprintf((char *)out + 148, 8, "%06o", sum);
	memcpy(out + BLOCK, entry->data, length);
	return BLOCK * (blocks + 1);
}

static int read_tar(const unsigned char *tar, size_t size, size_t piece, struct found *found)
{
	struct gcode_archive archive = {0};
	struct problem problem = {""};
	int error = 0;

	found->length = 0;
	for (size_t at = 0; at < size && !error; at += piece) {
		error = gcode_archive_feed(&archive, tar + at,
					   size - at < piece ? size - at : piece, keep_bytes, found,
					   &problem);
	}
	if (!error) {
		error = gcode_archive_end(&archive, keep_bytes, found, &problem);
	}
	assert_true(!error || problem.text[0] != '\0');
	return error;
}

#define LIKE_FRONT                                        \
	{                                                 \
		'0', "front.akpic", "no G-code", SIZE_OWN \
	}
#define LIKE_GCODE                            \
	{                                     \
		'0', "cut", CONTENT, SIZE_OWN \
	}
#define NOTE(t, d)                              \
	{                                       \
		t, "././@LongLink", d, SIZE_OWN \
	}
#define ENTRIES_MAX 5
#define ERROR       FLAGSHIP_ERROR_ARGUMENT
#define SIZE_RECORD "11 size=10\n"

static const struct {
	const char *what;
	struct tar_entry entries[ENTRIES_MAX];
	int error;
} tars[] = {
	{"a long name of GNU", {LIKE_FRONT, NOTE('L', LONG_PATH), LIKE_GCODE}, 0},
	{"one that is no G-code",
	 {NOTE('L', "a/cube.akpic"),
	  {'0', "a.gcode", "x", SIZE_OWN},
	  {'0', "b.gcode", CONTENT, SIZE_OWN}},
	 0},
	{"of a link, too", {NOTE('K', "a/link.gcode"), NOTE('L', LONG_PATH), LIKE_GCODE}, 0},
	{"a record of pax", {NOTE('x', "58 " PATH "\n"), LIKE_GCODE}, 0},
	{"among others",
	 {NOTE('x', "30 mtime=1764460800.123456789\n58 " PATH "\n13 uid=70000\n"), LIKE_GCODE},
	 0},
	{"of all files: none of its names count",
	 {NOTE('g', "16 path=a.gcode\n"), LIKE_FRONT, {'0', "b.gcode", CONTENT, SIZE_OWN}},
	 0},
	{"a size", {NOTE('x', SIZE_RECORD), {'0', "cube.gcode", CONTENT, 0}}, 0},
	{"a size that is taken back",
	 {NOTE('x', "9 size=3\n8 size=\n"), {'0', "cube.gcode", CONTENT, SIZE_OWN}},
	 0},
	{"a name that is taken back",
	 {NOTE('x', "12 path=a.x\n8 path=\n"), {'0', "cube.gcode", CONTENT, SIZE_OWN}},
	 0},
	{"nothing", {NOTE('x', ""), {'0', "cube.gcode", CONTENT, SIZE_OWN}}, 0},
	{"no number", {NOTE('x', " path=a.gcode\n"), LIKE_GCODE}, ERROR},
	{"another than a number", {NOTE('x', "1x path=a.gcode\n"), LIKE_GCODE}, ERROR},
	{"a number without an end", {NOTE('x', "999999999999999999999 a=b\n"), LIKE_GCODE}, ERROR},
	{"shorter than its number", {NOTE('x', "99 path=a.gcode\n"), LIKE_GCODE}, ERROR},
	{"longer than its number", {NOTE('x', "12 path=a.gcode\n"), LIKE_GCODE}, ERROR},
	{"shorter than its key", {NOTE('x', "5 path=a\n"), LIKE_GCODE}, ERROR},
	{"shorter than its own number", {NOTE('x', "2 a=\n"), LIKE_GCODE}, ERROR},
	{"no value", {NOTE('x', "9 a.gcode\n"), LIKE_GCODE}, ERROR},
	{"a size that is none", {NOTE('x', "11 size=-1\n"), LIKE_GCODE}, ERROR},
	{"a size beyond all", {NOTE('x', "30 size=99999999999999999999\n"), LIKE_GCODE}, ERROR},
	{"a size beyond files", {NOTE('x', "20 size=99999999999\n"), LIKE_GCODE}, ERROR},
	{"a note that is too long", {{'L', "././@LongLink", "", (1 << 20) + 1}}, ERROR},
};

static void reads_what_stands_before_a_file(void **state)
{
	static const size_t pieces[] = {1, 7, 512, TAR_MAX};
	static unsigned char tar[TAR_MAX];
	static struct found found;

	(void)state;
	for (size_t i = 0; i < sizeof(tars) / sizeof(tars[0]); i++) {
		size_t size = 0;

		for (size_t k = 0; k < ENTRIES_MAX && tars[i].entries[k].name; k++) {
			size += write_tar_entry(tar + size, &tars[i].entries[k]);
		}
		memset(tar + size, 0, 2 * (size_t)BLOCK);
		size += 2 * (size_t)BLOCK;
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			int error = read_tar(tar, size, pieces[k], &found);

			if (error != tars[i].error) {
				fail_msg("%s: %d", tars[i].what, error);
			}
			if (!error) {
				assert_int_equal(found.length, strlen(CONTENT));
				assert_memory_equal(found.text, CONTENT, found.length);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_stands_before_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
