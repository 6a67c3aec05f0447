/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "gateway/files/receive.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A path that is taken leads nowhere but into the file area, and is written as a URL that says it.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(const char *part, size_t length)
{
	assert(length > 0 && length <= FILES_NAME_MAX);
	assert(part[0] != '.' && part[0] != ' ' && part[length - 1] != ' ');
	assert(!memchr(part, '\\', length) && shown_text_is_clean(part, length));
}

static void check_url(const char *path)
{
	char url[FILES_URL_SIZE];
	size_t at = 0;

	files_write_url(path, url);
	for (const char *text = url; *text != '\0'; at++) {
		unsigned char byte = (unsigned char)*text++;

		assert(byte > ' ' && byte < 0x7f && byte != '"' && byte != '?' && byte != '#');
		if (byte == '%') {
			const char digits[3] = {text[0], text[1], '\0'};

			byte = (unsigned char)strtoul(digits, NULL, 16);
			text += 2;
		}
		assert(byte == (unsigned char)path[at]);
	}
	assert(path[at] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = {.text = ""};
	char *path = malloc(size + 1);

	assert(path);
	memcpy(path, data, size);
	path[size] = '\0';
	enum files_result folder = files_check_folder(path, &problem);
	enum files_result file = files_check_path(path, &problem);

	/* What a file may be called, a folder may. */
	assert(file != FILES_DONE || folder == FILES_DONE);
	assert(file == FILES_DONE || problem.text[0] != '\0');
	if (folder == FILES_DONE) {
		assert(strlen(path) < FILES_PATH_SIZE);
		for (const char *part = path;; part++) {
			size_t length = strcspn(part, "/");

			check_part(part, length);
			part += length;
			if (*part == '\0') {
				break;
			}
		}
		check_url(path);
	}
	free(path);
	return 0;
}
