/* SPDX-License-Identifier: MIT */
#include <flagship/mqtt.h>

#include <string.h>
#include <strings.h>

#define VENDOR_PREFIX "ZZ_MQTT_CMD_"

static bool vendor_name_is(const char *vendor_name, const char *name)
{
	if (vendor_name[0] == '\0') {
		return false;
	}
	return strcasecmp(vendor_name, name) == 0 ||
	       strcasecmp(vendor_name + strlen(VENDOR_PREFIX), name) == 0;
}

const struct flagship_message_info *flagship_message_info_by_name(const char *name)
{
	size_t count;
	const struct flagship_message_info *infos = flagship_message_infos(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(infos[i].name, name) == 0 ||
		    vendor_name_is(infos[i].vendor_name, name)) {
			return &infos[i];
		}
	}
	return NULL;
}
