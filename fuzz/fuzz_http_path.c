/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/path.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
	for (const char *at = path; at; at = strchr(at + 1, '/')) {
		assert(strncmp(at, "/../", 4) != 0 && strcmp(at, "/..") != 0);
		assert(strncmp(at, "/./", 3) != 0 && strcmp(at, "/.") != 0);
	}
	for (const char *at = path; *at; at++) {
		assert((unsigned char)*at >= ' ');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = {
		"/",
		"/api/v1/printers/{printer}",
		"/api/v1/printers/{printer}/commands",
		"/{one}/{two}",
		"/files/{path...}",
		"/{all...}",
	};
	char *target = malloc(size + 1);
	char path[HTTP_PATH_MAX];
	struct http_match match;

	assert(target);
	memcpy(target, data, size);
	target[size] = '\0';
	if (http_path_decode(target, path)) {
		check_path(path);
		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
			if (!http_path_match(patterns[i], target, &match)) {
				continue;
			}
			assert(match.count <= HTTP_PARAMETERS_MAX);
			for (size_t j = 0; j < match.count; j++) {
				/* What a parameter holds stands in the path. */
				assert(match.items[j].value[0] &&
				       strstr(path, match.items[j].value));
			}
		}
		/* A path of one part and more is one of the last pattern. */
		assert(target[1] == '\0' || http_path_match("/{all...}", target, &match));
	}
	free(target);
	return 0;
}
