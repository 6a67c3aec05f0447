/* SPDX-License-Identifier: MIT */
#include "cli/gateway/answer.h"

#include "cli/kit/cli.h"
#include "cli/output/output.h"
#include "cli/output/print.h"

#include <stdio.h>
#include <stdlib.h>
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

int answer_print_table(const cJSON *list, const struct answer_table *table)
{
	size_t rows = 1 + (size_t)cJSON_GetArraySize(list);
	char(*cells)[ANSWER_CELL_SIZE] = calloc(rows * table->columns, sizeof(*cells));
	const char **pointers = calloc(rows * table->columns, sizeof(*pointers));
	int result = cells && pointers ? CLI_DONE : answer_needs_memory();
	struct output output;
	size_t row = 1;
	const cJSON *item;

	if (result != CLI_DONE) {
		goto out;
	}
	memcpy(pointers, table->headings, table->columns * sizeof(*pointers));
	cJSON_ArrayForEach(item, list)
	{
		size_t first = row++ * table->columns;

		table->write_row(item, table->context, cells + first);
		for (size_t i = first; i < first + table->columns; i++) {
			pointers[i] = cells[i];
		}
	}
	output_init(&output, stdout);
	output_table(&output, pointers, row, table->columns);
out:
	free(cells);
	free(pointers);
	return result;
}
