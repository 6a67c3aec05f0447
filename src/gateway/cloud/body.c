/* SPDX-License-Identifier: MIT */
#include "gateway/cloud/internal.h"

#include <flagship/topic.h>

#include <string.h>

/* Members of a body as words of a command. */

void call_add_member(struct call_words *words, const cJSON *body, const char *member)
{
	call_add_option(words, member, rest_body_text(body, member));
}

bool call_make_line(const char *secret, char out[CALL_SECRET_SIZE])
{
	size_t length = strlen(secret);

	if (length + 2 > CALL_SECRET_SIZE || secret[strcspn(secret, "\r\n")] != '\0') {
		return false;
	}
	/* The next one ends it. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(out, secret, length);
	memcpy(out + length, "\n", 2);
	return true;
}

bool call_is_serial(const char *text)
{
	return text[0] != '-' && flagship_serial_valid(text);
}
