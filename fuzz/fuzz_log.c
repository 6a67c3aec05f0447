/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "daemon/log/limit.h"
#include "daemon/log/log.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a broker writes, and through it anybody who connects, on its way to the cloud's log: masked,
 * bounded, and shown. Each line of the input begins with a byte that lets so many seconds pass.
 */
#define LINE_SIZE 512
#define HEX_RUN   24 /* of a user id or a key */
#define USER_MARK "eufy_"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_masked(const char *line)
{
	size_t run = 0;

	for (const char *at = strstr(line, USER_MARK); at; at = strstr(at + 1, USER_MARK)) {
		assert(strchr("*'\"(),: \t", at[strlen(USER_MARK)]) != NULL);
	}
	for (; *line != '\0'; line++) {
		run = isxdigit((unsigned char)*line) ? run + 1 : 0;
		assert(run < HEX_RUN);
	}
}

static void check_shown(const char *line)
{
	char shown[LINE_SIZE];
	size_t needed = shown_text_copy(line, strlen(line), shown, sizeof(shown));

	assert(strlen(shown) < sizeof(shown) && needed <= 3 * strlen(line));
	assert(shown_text_is_clean(shown, strlen(shown)));
}

static void check_line(struct log_limit *limit, char *line, int64_t now_s, size_t *admitted)
{
	char name[LOG_LIMIT_NAME_SIZE];

	log_limit_name_of(line, name);
	assert(memchr(name, '\0', sizeof(name)) != NULL);
	*admitted += log_limit_admits(limit, name, now_s);
	log_mask(line);
	check_masked(line);
	check_shown(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_limit *limit = calloc(1, sizeof(*limit));
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;
	size_t admitted = 0;
	size_t counted = 0;
	size_t lines = 0;
	int64_t now_s = 1;

	assert(limit);
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;
		char line[LINE_SIZE] = "";

		now_s += data[0];
		if (length > 1) {
			memcpy(line, data + 1, length < LINE_SIZE ? length - 1 : LINE_SIZE - 1);
		}
		check_line(limit, line, now_s, &admitted);
		lines++;
		size -= length + (end != NULL);
		data += length + (end != NULL);
	}
	/* No line is lost: it was written, or it is told how many were not. */
	while (log_limit_over(limit, now_s + LOG_LIMIT_WINDOW_S, name, &more)) {
		counted += more;
	}
	assert(admitted + counted == lines);
	free(limit);
	return 0;
}
