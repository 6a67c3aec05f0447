/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_OPTION_H
#define CLOUD_BROKER_PLUGIN_OPTION_H

#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stddef.h>

/* plugin_opt_KEY of the broker's configuration; NULL, and logged, where it is missing. */
const char *option_text(const struct mosquitto_opt *options, int option_count, const char *key);

/* Likewise, as a number; otherwise: where it is missing. */
size_t option_number(const struct mosquitto_opt *options, int option_count, const char *key,
		     size_t otherwise);

#endif
