/* SPDX-License-Identifier: MIT */
#include "base/process/records.h"

#include "base/bytes.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LENGTH_SIZE 4
#define SENTENCE    0x80000000U

static bool read_whole(void *out, size_t length)
{
	uint8_t *bytes = out;

	while (length > 0) {
		ssize_t count = read(STDIN_FILENO, bytes, length);

		if (count < 0 && errno == EINTR) {
			continue;
		}
		if (count <= 0) {
			return false;
		}
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

bool records_read_text(char *out, size_t capacity)
{
	uint8_t head[LENGTH_SIZE];

	if (!read_whole(head, sizeof(head))) {
		return false;
	}
	size_t length = bytes_read_u32be(head);
	if (length == 0 || length >= capacity || !read_whole(out, length)) {
		return false;
	}
	out[length] = '\0';
	return true;
}

static bool write_record(uint32_t mark, const void *bytes, size_t length)
{
	uint8_t head[LENGTH_SIZE];

	bytes_write_u32be(head, mark | (uint32_t)length);
	return fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
	       fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0;
}

bool records_write(const void *bytes, size_t length)
{
	return write_record(0, bytes, length);
}

bool records_write_sentence(const char *sentence)
{
	return write_record(SENTENCE, sentence, strlen(sentence));
}
