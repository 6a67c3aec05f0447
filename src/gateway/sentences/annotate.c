/* SPDX-License-Identifier: MIT */
#include "gateway/sentences/sentences.h"
#include "gateway/sentences/table.h"
#include "store/file/json.h"

#include <stdio.h>

#define ANNOTATED_SIZE 8192

void sentence_annotate(cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
	struct sentence_found found;
	char json[ANNOTATED_SIZE];
	struct json_writer writer;
	size_t length;

	if (!text || !sentence_find(text, &found)) {
		return;
	}
	json_writer_init(&writer, json, sizeof(json));
	json_object_begin(&writer);
	sentence_write_beside(&writer, name, &found);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length)) {
		return;
	}
	cJSON *beside = store_json_parse(json, length);
	cJSON *item;

	while (beside && (item = beside->child)) {
		char member[SENTENCE_MEMBER_SIZE];

		snprintf(member, sizeof(member), "%s", item->string);
		cJSON_DetachItemViaPointer(beside, item);
		if (!cJSON_AddItemToObject(object, member, item)) {
			cJSON_Delete(item);
		}
	}
	cJSON_Delete(beside);
}
