/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "gateway/backup/archive.h"
#include "gateway/backup/header.h"

#include <flagship/error.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MODE         "0000600"
#define RECORD_SIZE  (ARCHIVE_NAME_SIZE + 32)
#define NUMBER_ROOM  32
#define SIZE_OCTAL_0 INT64_C(077777777777) /* the largest that a header holds */

static const uint8_t zeroes[2 * ARCHIVE_BLOCK];

/* --- headers --- */

static void put_text(uint8_t *field, const char *text, size_t length)
{
	memcpy(field, text, length);
}

static void put_octal(uint8_t *field, size_t size, int64_t number)
{
	char text[NUMBER_ROOM];

	snprintf(text, sizeof(text), "%0*" PRIo64, (int)size - 1, (uint64_t)number);
	put_text(field, text, size - 1);
}

static void make_header(uint8_t *block, const char *name, int64_t size, int64_t modified_s,
			char type)
{
	char sum[HEADER_SUM_SIZE] = {0};

	memset(block, 0, ARCHIVE_BLOCK);
	size_t length = strlen(name);
	put_text(block, name, length < HEADER_NAME_SIZE ? length : HEADER_NAME_SIZE);
	put_text(block + HEADER_MODE_AT, MODE, sizeof(MODE));
	put_octal(block + HEADER_OWNER_AT, HEADER_ID_SIZE, 0);
	put_octal(block + HEADER_GROUP_AT, HEADER_ID_SIZE, 0);
	put_octal(block + HEADER_SIZE_AT, HEADER_NUMBER_SIZE, size > SIZE_OCTAL_0 ? 0 : size);
	put_octal(block + HEADER_TIME_AT, HEADER_NUMBER_SIZE,
		  modified_s < 0 || modified_s > SIZE_OCTAL_0 ? 0 : modified_s);
	block[HEADER_TYPE_AT] = (uint8_t)type;
	put_text(block + HEADER_MAGIC_AT, HEADER_MAGIC, HEADER_MAGIC_SIZE);
	snprintf(sum, sizeof(sum), "%06" PRIo32, header_sum(block));
	put_text(block + HEADER_SUM_AT, sum, sizeof(sum));
	block[HEADER_SUM_AT + HEADER_SUM_SIZE - 1] = ' ';
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static size_t make_record(char *out, size_t capacity, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + strlen(" =\n");
	size_t length = rest;

	for (size_t before = 0; before != length;) {
		before = length;
		length = rest + (size_t)snprintf(NULL, 0, "%zu", before);
	}
	int written = snprintf(out, capacity, "%zu %s=%s\n", length, key, value);
	assert(written > 0 && (size_t)written == length && length < capacity);
	return (size_t)written;
}

static size_t padding_of(int64_t size)
{
	return (size_t)((ARCHIVE_BLOCK - size % ARCHIVE_BLOCK) % ARCHIVE_BLOCK);
}

static size_t make_head(const struct archive_entry *entry, uint8_t out[ARCHIVE_HEAD_MAX])
{
	char records[2 * RECORD_SIZE];
	char number[NUMBER_ROOM];
	size_t used = 0;
	size_t length = 0;

	if (strlen(entry->name) > HEADER_NAME_SIZE) {
		used = make_record(records, sizeof(records), HEADER_PATH_KEY, entry->name);
	}
	if (entry->size > SIZE_OCTAL_0) {
		snprintf(number, sizeof(number), "%" PRId64, entry->size);
		used += make_record(records + used, sizeof(records) - used, HEADER_SIZE_KEY,
				    number);
	}
	if (used > 0) {
		make_header(out, "pax", (int64_t)used, entry->modified_s, HEADER_PAX);
		memset(out + ARCHIVE_BLOCK, 0, used + padding_of((int64_t)used));
		memcpy(out + ARCHIVE_BLOCK, records, used);
		length = ARCHIVE_BLOCK + used + padding_of((int64_t)used);
	}
	make_header(out + length, entry->name, entry->size, entry->modified_s, HEADER_FILE);
	return length + ARCHIVE_BLOCK;
}

uint32_t header_sum(const uint8_t *block)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
		bool is_sum = i >= HEADER_SUM_AT && i < HEADER_SUM_AT + HEADER_SUM_SIZE;

		sum += is_sum ? ' ' : block[i];
	}
	return sum;
}

/* --- the stream --- */

int archive_writer_init(struct archive_writer *writer,
			bool (*write)(void *context, const void *bytes, size_t length),
			void *context)
{
	*writer = (struct archive_writer){
		.write = write, .context = context, .digest = EVP_MD_CTX_new()};
	if (!writer->digest) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return EVP_DigestInit_ex(writer->digest, EVP_sha256(), NULL) == 1 ? 0
									  : FLAGSHIP_ERROR_CRYPTO;
}

static bool put(struct archive_writer *writer, const void *bytes, size_t length)
{
	return EVP_DigestUpdate(writer->digest, bytes, length) == 1 &&
	       writer->write(writer->context, bytes, length);
}

bool archive_begin(struct archive_writer *writer, const struct archive_entry *entry)
{
	uint8_t head[ARCHIVE_HEAD_MAX];
	size_t length = make_head(entry, head);

	assert(writer->left == 0);
	writer->left = entry->size;
	writer->size = entry->size;
	return put(writer, head, length);
}

bool archive_write(struct archive_writer *writer, const void *bytes, size_t length)
{
	assert((int64_t)length <= writer->left);
	writer->left -= (int64_t)length;
	return put(writer, bytes, length) &&
	       (writer->left > 0 || put(writer, zeroes, padding_of(writer->size)));
}

bool archive_end(struct archive_writer *writer)
{
	struct archive_entry entry = {.name = ARCHIVE_DIGEST, .size = ARCHIVE_HEX_SIZE - 1};
	uint8_t hash[EVP_MAX_MD_SIZE];
	char hex[ARCHIVE_HEX_SIZE];
	unsigned int length;
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	bool done = copy && EVP_MD_CTX_copy_ex(copy, writer->digest) == 1 &&
		    EVP_DigestFinal_ex(copy, hash, &length) == 1;

	EVP_MD_CTX_free(copy);
	if (!done) {
		return false;
	}
	hex_encode(hash, length, HEX_LOWER, hex);
	return archive_begin(writer, &entry) && archive_write(writer, hex, strlen(hex)) &&
	       put(writer, zeroes, sizeof(zeroes));
}

void archive_writer_finish(struct archive_writer *writer)
{
	EVP_MD_CTX_free(writer->digest);
	writer->digest = NULL;
}
