/* SPDX-License-Identifier: MIT */
#include "gateway/backup/archive.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* A backup that comes back, as anybody may have made it: no name and no size is out of bounds, no
 * more bytes come of a file than it has, and nothing but the whole one ends well. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

static ssize_t give(void *context, void *bytes, size_t capacity)
{
	struct input *input = context;
	size_t some = input->left < capacity ? input->left : capacity;

	memcpy(bytes, input->data, some);
	input->data += some;
	input->left -= some;
	return (ssize_t)some;
}

static int64_t read_file(struct archive_reader *reader)
{
	uint8_t bytes[100];
	int64_t length = 0;
	ssize_t some;

	while ((some = archive_read(reader, bytes, sizeof(bytes))) > 0) {
		length += some;
	}
	return some < 0 ? -1 : length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.data = data, .left = size};
	struct archive_reader reader;
	struct archive_entry entry;
	enum archive_result result;

	if (archive_reader_init(&reader, give, &input)) {
		return 0;
	}
	while ((result = archive_next(&reader, &entry)) == ARCHIVE_ENTRY) {
		assert(memchr(entry.name, '\0', sizeof(entry.name)) && entry.name[0] != '\0');
		assert(entry.size >= 0 && entry.size <= ARCHIVE_SIZE_MAX);
		int64_t length = entry.name[0] % 2 ? read_file(&reader) : entry.size;
		assert(length < 0 || length == entry.size);
	}
	assert(result == ARCHIVE_END ? reader.whole && input.left == 0 : reader.fault != NULL);
	archive_reader_finish(&reader);
	return 0;
}
