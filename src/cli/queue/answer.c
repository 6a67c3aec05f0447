/* SPDX-License-Identifier: MIT */
#include "cli/queue/answer.h"

#include "cli/kit/cli.h"
#include "cli/output/print.h"

#include <string.h>

const char *answer_text(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

double answer_number(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

int answer_needs_memory(void)
{
	cli_error("out of memory");
	return CLI_FAILED;
}

int answer_print(const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value);

	if (!text) {
		return answer_needs_memory();
	}
	print_json_line(stdout, text, strlen(text));
	cJSON_free(text);
	return CLI_DONE;
}
