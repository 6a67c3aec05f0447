/* SPDX-License-Identifier: MIT */
#include "account_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define PATH_SIZE 4096
#define FILE_SIZE 65536

cJSON *vectors_read(const char *name)
{
	static char text[FILE_SIZE];
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", VECTORS_DIR, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t length = fread(text, 1, sizeof(text), file);
	assert_true(length < sizeof(text));
	fclose(file);

	cJSON *json = cJSON_ParseWithLength(text, length);
	assert_non_null(json);
	return json;
}

const char *vectors_text(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	assert_non_null(text);
	return text;
}

const cJSON *vectors_list(const cJSON *object, const char *name)
{
	const cJSON *list = cJSON_GetObjectItem(object, name);

	assert_true(cJSON_IsArray(list) && cJSON_GetArraySize(list) > 0);
	return list;
}
