/* SPDX-License-Identifier: MIT */
#include "gateway/backup/archive.h"
#include "gateway/backup/header.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#define RECORDS_MAX  ((size_t)4 * ARCHIVE_BLOCK)
#define SKIP_BYTES   4096
#define OCTAL_BITS   3
#define DIGITS_BASE  10
#define DIGITS_MAX   16
#define NO_SIZE      INT64_C(-1)
#define NO_HEADER    "a header of it is damaged, or it is no tar archive"
#define FOLLOWED     "something follows its end"
#define CUT          "it ends too early: it is not all of a backup"
#define RECORD_FAULT "a record of a long name is damaged"

static enum archive_result break_off(struct archive_reader *reader, const char *fault)
{
	reader->fault = fault;
	return ARCHIVE_BROKEN;
}

int archive_reader_init(struct archive_reader *reader,
			ssize_t (*read)(void *context, void *bytes, size_t capacity), void *context)
{
	*reader = (struct archive_reader){.read = read,
					  .context = context,
					  .digest = EVP_MD_CTX_new(),
					  .before = EVP_MD_CTX_new()};
	return reader->digest && reader->before &&
			       EVP_DigestInit_ex(reader->digest, EVP_sha256(), NULL) == 1
		       ? 0
		       : FLAGSHIP_ERROR_MEMORY;
}

void archive_reader_finish(struct archive_reader *reader)
{
	EVP_MD_CTX_free(reader->digest);
	EVP_MD_CTX_free(reader->before);
	reader->digest = NULL;
	reader->before = NULL;
}

/* --- bytes --- */

static bool read_whole(struct archive_reader *reader, void *bytes, size_t length)
{
	size_t have = 0;

	while (have < length) {
		ssize_t some = reader->read(reader->context, (char *)bytes + have, length - have);

		if (some <= 0) {
			reader->fault = some == 0 ? CUT : strerror(errno);
			return false;
		}
		have += (size_t)some;
	}
	if (EVP_DigestUpdate(reader->digest, bytes, length) != 1) {
		reader->fault = "its digest cannot be made";
		return false;
	}
	return true;
}

static bool skip_padding(struct archive_reader *reader)
{
	uint8_t bytes[ARCHIVE_BLOCK];
	size_t padding = reader->padding;

	reader->padding = 0;
	return read_whole(reader, bytes, padding);
}

ssize_t archive_read(struct archive_reader *reader, void *bytes, size_t capacity)
{
	size_t length = reader->left < (int64_t)capacity ? (size_t)reader->left : capacity;

	if (length > 0 && !read_whole(reader, bytes, length)) {
		return -1;
	}
	reader->left -= (int64_t)length;
	return (ssize_t)length;
}

static bool skip_rest(struct archive_reader *reader)
{
	uint8_t bytes[SKIP_BYTES];

	while (reader->left > 0) {
		if (archive_read(reader, bytes, sizeof(bytes)) < 0) {
			return false;
		}
	}
	return skip_padding(reader);
}

/* --- headers --- */

static bool read_octal(const uint8_t *field, size_t size, int64_t *number)
{
	size_t i = 0;

	*number = 0;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
		*number = (*number << OCTAL_BITS) | (field[i] - '0');
	}
	return i > 0 && (i == size || field[i] == '\0' || field[i] == ' ');
}

static bool read_header(const uint8_t *block, struct archive_entry *entry, char *type)
{
	int64_t sum;

	if (!read_octal(block + HEADER_SUM_AT, HEADER_SUM_SIZE, &sum) ||
	    sum != (int64_t)header_sum(block) ||
	    memcmp(block + HEADER_MAGIC_AT, HEADER_MAGIC, HEADER_MAGIC_SIZE) != 0 ||
	    block[HEADER_PREFIX_AT] != '\0' ||
	    !read_octal(block + HEADER_SIZE_AT, HEADER_NUMBER_SIZE, &entry->size) ||
	    !read_octal(block + HEADER_TIME_AT, HEADER_NUMBER_SIZE, &entry->modified_s)) {
		return false;
	}
	size_t length = strnlen((const char *)block, HEADER_NAME_SIZE);
	memcpy(entry->name, block, length);
	entry->name[length] = '\0';
	*type = (char)block[HEADER_TYPE_AT];
	return length > 0;
}

static bool read_decimal(const char *text, size_t length, int64_t *number)
{
	*number = 0;
	if (length == 0 || length > DIGITS_MAX) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		*number = *number * DIGITS_BASE + (text[i] - '0');
	}
	return true;
}

/* What pax records say in place of a header. */
struct said {
	char name[ARCHIVE_NAME_SIZE]; /* "": nothing */
	int64_t size;
};

static bool take_record(struct said *said, const char *key, size_t key_length, const char *value,
			size_t length)
{
	if (key_length == strlen(HEADER_PATH_KEY) &&
	    memcmp(key, HEADER_PATH_KEY, key_length) == 0) {
		if (length == 0 || length >= sizeof(said->name) || memchr(value, '\0', length)) {
			return false;
		}
		memcpy(said->name, value, length);
		said->name[length] = '\0';
		return true;
	}
	if (key_length == strlen(HEADER_SIZE_KEY) &&
	    memcmp(key, HEADER_SIZE_KEY, key_length) == 0) {
		return read_decimal(value, length, &said->size);
	}
	/* Of times and owners: nobody here needs them. */
	return true;
}

static bool read_records(struct said *said, const char *text, size_t length)
{
	while (length > 0) {
		const char *blank = memchr(text, ' ', length);
		int64_t record;

		if (!blank || !read_decimal(text, (size_t)(blank - text), &record) ||
		    record > (int64_t)length || record < blank - text + 2 ||
		    text[record - 1] != '\n') {
			return false;
		}
		const char *key = blank + 1;
		const char *end = text + record - 1;
		const char *equals = memchr(key, '=', (size_t)(end - key));
		if (!equals || !take_record(said, key, (size_t)(equals - key), equals + 1,
					    (size_t)(end - equals - 1))) {
			return false;
		}
		text += record;
		length -= (size_t)record;
	}
	return true;
}

static bool read_pax(struct archive_reader *reader, int64_t size, struct said *said)
{
	char records[RECORDS_MAX];

	reader->fault = RECORD_FAULT;
	if (size > (int64_t)sizeof(records)) {
		return false;
	}
	reader->padding = (size_t)((ARCHIVE_BLOCK - size % ARCHIVE_BLOCK) % ARCHIVE_BLOCK);
	if (!read_whole(reader, records, (size_t)size) || !skip_padding(reader)) {
		return false;
	}
	reader->fault = RECORD_FAULT;
	return read_records(said, records, (size_t)size);
}

/* --- files --- */

static bool is_zero(const uint8_t *block)
{
	for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
		if (block[i] != 0) {
			return false;
		}
	}
	return true;
}

static enum archive_result end_archive(struct archive_reader *reader)
{
	uint8_t block[ARCHIVE_BLOCK];
	ssize_t more;

	if (!reader->whole) {
		return break_off(reader, CUT);
	}
	if (!read_whole(reader, block, sizeof(block))) {
		return ARCHIVE_BROKEN;
	}
	if (!is_zero(block)) {
		return break_off(reader, FOLLOWED);
	}
	/* tar fills its last record with zeroes. */
	while ((more = reader->read(reader->context, block, sizeof(block))) > 0) {
		for (ssize_t i = 0; i < more; i++) {
			if (block[i] != 0) {
				return break_off(reader, FOLLOWED);
			}
		}
	}
	return more == 0 ? ARCHIVE_END : break_off(reader, strerror(errno));
}

static enum archive_result check_digest(struct archive_reader *reader,
					const struct archive_entry *entry)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	char hex[ARCHIVE_HEX_SIZE];
	char said[ARCHIVE_HEX_SIZE - 1];
	unsigned int length;

	if (entry->size != (int64_t)sizeof(said)) {
		return break_off(reader, NO_HEADER);
	}
	if (archive_read(reader, said, sizeof(said)) < 0) {
		return ARCHIVE_BROKEN;
	}
	if (EVP_DigestFinal_ex(reader->before, hash, &length) != 1) {
		return break_off(reader, "its digest cannot be made");
	}
	hex_encode(hash, length, HEX_LOWER, hex);
	if (CRYPTO_memcmp(said, hex, sizeof(said)) != 0) {
		return break_off(reader, "it was changed or damaged: its digest is another one");
	}
	reader->whole = true;
	return ARCHIVE_ENTRY;
}

static enum archive_result read_entry(struct archive_reader *reader, uint8_t *block,
				      struct archive_entry *entry)
{
	struct said said = {.size = NO_SIZE};
	char type;

	if (!read_header(block, entry, &type)) {
		return break_off(reader, NO_HEADER);
	}
	if (type == HEADER_PAX) {
		if (!read_pax(reader, entry->size, &said) ||
		    !read_whole(reader, block, ARCHIVE_BLOCK)) {
			return ARCHIVE_BROKEN;
		}
		if (!read_header(block, entry, &type)) {
			return break_off(reader, NO_HEADER);
		}
	}
	if (type != HEADER_FILE) {
		return break_off(reader, "it holds something else than files");
	}
	if (said.name[0] != '\0') {
		memcpy(entry->name, said.name, sizeof(said.name));
	}
	entry->size = said.size != NO_SIZE ? said.size : entry->size;
	if (entry->size > ARCHIVE_SIZE_MAX) {
		return break_off(reader, "a file in it is larger than any can be");
	}
	reader->left = entry->size;
	reader->padding = (size_t)((ARCHIVE_BLOCK - entry->size % ARCHIVE_BLOCK) % ARCHIVE_BLOCK);
	return ARCHIVE_ENTRY;
}

enum archive_result archive_next(struct archive_reader *reader, struct archive_entry *entry)
{
	uint8_t block[ARCHIVE_BLOCK];

	if (!skip_rest(reader)) {
		return ARCHIVE_BROKEN;
	}
	if (EVP_MD_CTX_copy_ex(reader->before, reader->digest) != 1) {
		return break_off(reader, "its digest cannot be made");
	}
	if (!read_whole(reader, block, sizeof(block))) {
		return ARCHIVE_BROKEN;
	}
	if (is_zero(block)) {
		return end_archive(reader);
	}
	if (reader->whole) {
		return break_off(reader, FOLLOWED);
	}
	enum archive_result result = read_entry(reader, block, entry);
	if (result != ARCHIVE_ENTRY || strcmp(entry->name, ARCHIVE_DIGEST) != 0) {
		return result;
	}
	result = check_digest(reader, entry);
	return result == ARCHIVE_ENTRY ? archive_next(reader, entry) : result;
}
