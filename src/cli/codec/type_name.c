/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr */
#include "cli/codec/type_name.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/suggest.h"

#include <flagship/mqtt.h>

#include <stddef.h>
#include <string.h>

#define _GNU_SOURCE         /* strcasestr */

#define MESSAGE_TYPE_PREFIX "ZZ_MQTT_CMD_"

/* Shorter parts are in too many names. */
#define PART_MIN 4

const struct flagship_message_info *message_type_find(const char *word)
{
	int64_t id;

	return options_read_integer(word, &id) ? flagship_message_info(id)
					       : flagship_message_info_by_name(word);
}

/* "status" for app_query_status: far away by edits, and yet plain. */
static void offer_part(struct suggest *suggest, const struct flagship_message_info *infos,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasestr(infos[i].name, suggest->word)) {
			suggest->best = infos[i].name;
			suggest->distance = 0;
			return;
		}
	}
}

void message_type_explain_unknown(const char *word)
{
	struct suggest suggest;
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);

	suggest_init(&suggest, word);
	for (size_t i = 0; i < count; i++) {
		const char *vendor_name = infos[i].vendor_name;

		suggest_offer(&suggest, infos[i].name);
		if (vendor_name[0] != '\0') {
			suggest_offer(&suggest, vendor_name);
		}
		if (strncmp(vendor_name, MESSAGE_TYPE_PREFIX, strlen(MESSAGE_TYPE_PREFIX)) == 0) {
			suggest_offer(&suggest, vendor_name + strlen(MESSAGE_TYPE_PREFIX));
		}
	}
	if (!suggest_best(&suggest) && strlen(word) >= PART_MIN) {
		offer_part(&suggest, infos, count);
	}
	if (suggest_best(&suggest) && word[strspn(word, "+-0123456789")] != '\0') {
		cli_error("no type of message is called '%s'; did you mean %s?", word,
			  suggest_best(&suggest));
	} else {
		cli_error("no type of message '%s' is known; flagship types lists them", word);
	}
}

const char *const packet_type_choices[] = {"single", "begin", "append", "finish", NULL};

static const uint8_t packet_types[] = {
	FLAGSHIP_PACKET_TYPE_SINGLE,
	FLAGSHIP_PACKET_TYPE_MULTI_BEGIN,
	FLAGSHIP_PACKET_TYPE_MULTI_APPEND,
	FLAGSHIP_PACKET_TYPE_MULTI_FINISH,
};

const char *packet_type_name(uint8_t type)
{
	for (size_t i = 0; i < sizeof(packet_types); i++) {
		if (packet_types[i] == type) {
			return packet_type_choices[i];
		}
	}
	return NULL;
}

uint8_t packet_type_at(int index)
{
	return packet_types[index];
}
