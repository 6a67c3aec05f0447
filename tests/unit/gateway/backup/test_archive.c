/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/backup/archive.h"
#include "gateway/backup/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM    65536
#define LARGE   (INT64_C(3) << 33) /* beyond what eleven octal digits hold */
#define LONGEST (ARCHIVE_NAME_SIZE - 1)
#define SMALL   1000

struct memory {
	uint8_t bytes[ROOM];
	size_t length;
	size_t at;
};

static bool keep(void *context, const void *bytes, size_t length)
{
	struct memory *memory = context;

	assert_true(memory->length + length <= sizeof(memory->bytes));
	memcpy(memory->bytes + memory->length, bytes, length);
	memory->length += length;
	return true;
}

static ssize_t give(void *context, void *bytes, size_t capacity)
{
	struct memory *memory = context;
	size_t left = memory->length - memory->at;
	size_t some = left < capacity ? left : capacity;

	memcpy(bytes, memory->bytes + memory->at, some);
	memory->at += some;
	return (ssize_t)some;
}

static void put_file(struct archive_writer *writer, const char *name, size_t size)
{
	struct archive_entry entry = {.size = (int64_t)size, .modified_s = 1795930000};
	char content[SMALL];

	snprintf(entry.name, sizeof(entry.name), "%s", name);
	memset(content, 'x', sizeof(content));
	assert_true(archive_begin(writer, &entry));
	while (size > 0) {
		size_t some = size < sizeof(content) ? size : sizeof(content);

		assert_true(archive_write(writer, content, some));
		size -= some;
	}
}

static void make_name(char name[ARCHIVE_NAME_SIZE], size_t length)
{
	memset(name, 'n', length);
	name[length] = '\0';
}

static void make_archive(struct memory *memory)
{
	struct archive_writer writer;
	char name[ARCHIVE_NAME_SIZE];

	memory->length = 0;
	memory->at = 0;
	assert_int_equal(archive_writer_init(&writer, keep, memory), 0);
	put_file(&writer, "first", SMALL);
	make_name(name, LONGEST);
	put_file(&writer, name, ARCHIVE_BLOCK);
	put_file(&writer, "empty", 0);
	make_name(name, HEADER_NAME_SIZE);
	put_file(&writer, name, 1);
	assert_true(archive_end(&writer));
	archive_writer_finish(&writer);
}

/* Reads to the end; the last result. */
static enum archive_result read_all(struct memory *memory, size_t *count, const char **fault)
{
	struct archive_reader reader;
	struct archive_entry entry;
	enum archive_result result;
	char bytes[SMALL];
	ssize_t some;

	*count = 0;
	memory->at = 0;
	assert_int_equal(archive_reader_init(&reader, give, memory), 0);
	while ((result = archive_next(&reader, &entry)) == ARCHIVE_ENTRY) {
		(*count)++;
		/* Of every other one nothing is read. */
		while (*count % 2 == 0 && (some = archive_read(&reader, bytes, 7)) > 0) {
		}
	}
	*fault = reader.fault;
	archive_reader_finish(&reader);
	return result;
}

static void what_is_written_is_read(void **state)
{
	static struct memory memory;
	struct archive_reader reader;
	struct archive_entry entry;
	char name[ARCHIVE_NAME_SIZE];
	char bytes[2 * SMALL];

	(void)state;
	make_archive(&memory);
	assert_int_equal(archive_reader_init(&reader, give, &memory), 0);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_ENTRY);
	assert_string_equal(entry.name, "first");
	assert_int_equal(entry.size, SMALL);
	assert_int_equal(entry.modified_s, 1795930000);
	assert_int_equal(archive_read(&reader, bytes, sizeof(bytes)), SMALL);
	assert_int_equal(bytes[SMALL - 1], 'x');
	assert_int_equal(archive_read(&reader, bytes, sizeof(bytes)), 0);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_ENTRY);
	make_name(name, LONGEST);
	assert_string_equal(entry.name, name);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_ENTRY);
	assert_int_equal(entry.size, 0);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_ENTRY);
	make_name(name, HEADER_NAME_SIZE);
	assert_string_equal(entry.name, name);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_END);
	archive_reader_finish(&reader);
}

static void sizes_that_no_octal_number_holds_are_kept(void **state)
{
	static struct memory memory;
	struct archive_entry entry = {.name = "large", .size = LARGE};
	struct archive_writer writer;
	struct archive_reader reader;

	(void)state;
	memory.length = 0;
	memory.at = 0;
	assert_int_equal(archive_writer_init(&writer, keep, &memory), 0);
	assert_true(archive_begin(&writer, &entry));
	archive_writer_finish(&writer);
	assert_int_equal(archive_reader_init(&reader, give, &memory), 0);
	assert_int_equal(archive_next(&reader, &entry), ARCHIVE_ENTRY);
	assert_true(entry.size == LARGE);
	archive_reader_finish(&reader);
}

static void what_is_cut_is_none(void **state)
{
	static struct memory memory;
	const char *fault;
	size_t count;

	(void)state;
	make_archive(&memory);
	size_t whole = memory.length;
	for (size_t length = 0; length < whole; length += ARCHIVE_BLOCK / 2) {
		memory.length = length;
		assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_BROKEN);
		assert_non_null(fault);
	}
	memory.length = whole;
	assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_END);
	assert_int_equal(count, 4);
}

/* Each bit of it counts, but for the padding of its end, and of the sum in the last header. */
static void what_was_changed_is_none(void **state)
{
	static struct memory memory;
	const char *fault;
	size_t count;

	(void)state;
	make_archive(&memory);
	size_t sum_end = memory.length - 4 * (size_t)ARCHIVE_BLOCK + HEADER_SUM_AT +
			 HEADER_SUM_SIZE;
	for (size_t i = 0; i < memory.length; i += 3) {
		if (i == sum_end - 1 || i == sum_end - 2) {
			continue;
		}
		bool is_padding = i >= memory.length - 3 * (size_t)ARCHIVE_BLOCK +
						  ARCHIVE_HEX_SIZE - 1 &&
				  i < memory.length - 2 * (size_t)ARCHIVE_BLOCK;

		memory.bytes[i] ^= 1U << (i % 8);
		assert_int_equal(read_all(&memory, &count, &fault),
				 is_padding ? ARCHIVE_END : ARCHIVE_BROKEN);
		memory.bytes[i] ^= 1U << (i % 8);
	}
}

static void what_follows_its_end_is_refused(void **state)
{
	static struct memory memory;
	const char *fault;
	size_t count;

	(void)state;
	make_archive(&memory);
	/* As tar fills its last record. */
	memset(memory.bytes + memory.length, 0, ARCHIVE_BLOCK);
	memory.length += ARCHIVE_BLOCK;
	assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_END);
	memory.bytes[memory.length - 1] = 'x';
	assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_BROKEN);
}

static void mend_sum(uint8_t *block)
{
	char sum[HEADER_SUM_SIZE];

	snprintf(sum, sizeof(sum), "%06o", (unsigned int)header_sum(block));
	memcpy(block + HEADER_SUM_AT, sum, strlen(sum) + 1);
}

/* Whose sums are right: other kinds of entries, numbers that are none, names that are none. */
static void headers_of_others_are_refused(void **state)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t length;
	} changes[] = {
		{HEADER_TYPE_AT, "2", 1}, /* a link */
		{HEADER_TYPE_AT, "5", 1}, /* a folder */
		{HEADER_TYPE_AT, "L", 1}, /* a long name of GNU's */
		{HEADER_TYPE_AT, "x", 1}, /* records that are none */
		{HEADER_SIZE_AT, "-0000000001", 11},
		{HEADER_SIZE_AT, "\x80\0\0\0\0\0\0\0\0\0\1", 11},
		{HEADER_SIZE_AT, "", 1},
		{HEADER_MAGIC_AT, "other", 5},
		{HEADER_PREFIX_AT, "folder", 6},
		{0, "", 1},
	};
	static struct memory memory;
	const char *fault;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make_archive(&memory);
		memcpy(memory.bytes + changes[i].at, changes[i].bytes, changes[i].length);
		mend_sum(memory.bytes);
		assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_BROKEN);
		assert_int_equal(count, 0);
	}
}

static void records_that_lie_are_refused(void **state)
{
	static const char *const records[] = {
		"5 path=x\n",
		"99 path=x\n",
		"0 path=x\n",
		"path=x\n",
		"9 path=\n",
		"9 pathxx\n",
		"9 path=x!",
		" path=x\n",
		"-9 path=x\n",
		"12 size=12x4\n",
		"99999999999999999 path=x\n",
	};
	static struct memory memory;
	const char *fault;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		char size[32];

		make_archive(&memory);
		snprintf(size, sizeof(size), "%011zo", strlen(records[i]));
		memcpy(memory.bytes + HEADER_SIZE_AT, size, HEADER_NUMBER_SIZE);
		memory.bytes[HEADER_TYPE_AT] = HEADER_PAX;
		mend_sum(memory.bytes);
		memset(memory.bytes + ARCHIVE_BLOCK, 0, ARCHIVE_BLOCK);
		memcpy(memory.bytes + ARCHIVE_BLOCK, records[i], strlen(records[i]));
		assert_int_equal(read_all(&memory, &count, &fault), ARCHIVE_BROKEN);
		assert_int_equal(count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(sizes_that_no_octal_number_holds_are_kept),
		cmocka_unit_test(what_is_cut_is_none),
		cmocka_unit_test(what_was_changed_is_none),
		cmocka_unit_test(what_follows_its_end_is_refused),
		cmocka_unit_test(headers_of_others_are_refused),
		cmocka_unit_test(records_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
