/* SPDX-License-Identifier: MIT */
#include "cloud/commands/show/json_print.h"

#include "cli/kit/cli.h"
#include "cli/output/json.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_SUFFIX "_at"
#define MS_PER_S    1000
#define SECONDS_MAX 1e11

static bool is_time(const cJSON *item)
{
	size_t length = item->string ? strlen(item->string) : 0;
	size_t suffix = strlen(TIME_SUFFIX);

	return cJSON_IsNumber(item) && length > suffix &&
	       (strcmp(item->string + length - suffix, TIME_SUFFIX) == 0 ||
		strcmp(item->string, "first_seen") == 0 || strcmp(item->string, "last_seen") == 0);
}

/* NULL where it stays as it is. */
static cJSON *styled(const cJSON *item)
{
	char text[TIME_TEXT_MAX];
	const char *time = NULL;

	if (is_time(item)) {
		if (item->valuedouble > 0 && item->valuedouble < SECONDS_MAX) {
			time = time_text_write((int64_t)item->valuedouble * MS_PER_S, text);
		}
		return time ? cJSON_CreateString(time) : cJSON_CreateNull();
	}
	return cJSON_IsString(item) && item->string && item->valuestring[0] == '\0'
		       ? cJSON_CreateNull()
		       : NULL;
}

static void style(cJSON *parent, unsigned int depth)
{
	cJSON *next;

	for (cJSON *item = parent->child; item; item = next) {
		cJSON *better = styled(item);

		next = item->next;
		if (better) {
			better->string = item->string ? strdup(item->string) : NULL;
			cJSON_ReplaceItemViaPointer(parent, item, better);
		} else if (depth > 0) {
			style(item, depth - 1);
		}
	}
}

int json_print(cJSON *root)
{
	char *text;

	style(root, CJSON_NESTING_LIMIT);
	text = cJSON_PrintUnformatted(root);
	if (!text) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	print_json_line(stdout, text, strlen(text));
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return CLI_DONE;
}
