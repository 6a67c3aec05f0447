/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/option.h"

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <stdlib.h>
#include <string.h>

const char *option_text(const struct mosquitto_opt *options, int option_count, const char *key)
{
	for (int i = 0; i < option_count; i++) {
		if (strcmp(options[i].key, key) == 0) {
			return options[i].value;
		}
	}
	mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: plugin_opt_%s is missing", key);
	return NULL;
}

size_t option_number(const struct mosquitto_opt *options, int option_count, const char *key,
		     size_t otherwise)
{
	const char *text = option_text(options, option_count, key);

	return text ? strtoul(text, NULL, 10) : otherwise;
}
