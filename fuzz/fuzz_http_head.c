/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/head.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct http_head *head, const char *bytes, size_t length)
{
	assert(head->field_count <= HTTP_HEADERS_MAX);
	assert(head->target >= bytes && head->target < bytes + length);
	assert(head->target[0] == '/' && !strpbrk(head->target, "? \r\n"));
	assert(!strpbrk(head->query, " \r\n"));
	for (size_t i = 0; i < head->field_count; i++) {
		assert(head->fields[i].name[0] && !strpbrk(head->fields[i].name, " :\t\r\n"));
		assert(!strpbrk(head->fields[i].value, "\r\n"));
	}
	/* One end of the body, or none. */
	assert(!http_head_field(head, "transfer-encoding") ||
	       !http_head_field(head, "content-length"));
	assert(head->framing != HTTP_FRAMING_LENGTH || head->length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);
	struct http_head head;
	size_t length;

	assert(bytes);
	memcpy(bytes, data, size);
	length = http_head_find_end(bytes, size, 0);
	for (size_t i = 0; i < size; i++) {
		size_t found = http_head_find_end(bytes, size, i);

		assert(found == 0 || found >= length);
		assert(i + 4 > length || found == length || length == 0);
	}
	if (length > 0 && http_head_parse(bytes, length, &head) == 0) {
		check(&head, bytes, length);
	}
	free(bytes);
	return 0;
}
