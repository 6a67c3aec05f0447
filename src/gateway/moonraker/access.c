/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"
#include "gateway/moonraker/internal.h"

/* Who asks. There are no users here yet: whoever reaches the port may use it. */

static void write_info(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_key(writer, "default_source");
	json_string(writer, "moonraker");
	json_key(writer, "available_sources");
	json_array_begin(writer);
	json_string(writer, "moonraker");
	json_array_end(writer);
	json_key(writer, "login_required");
	json_bool(writer, false);
	json_key(writer, "trusted");
	json_bool(writer, true);
	json_object_end(writer);
}

void moonraker_access_info(struct moonraker_call *call)
{
	moonraker_answer(call, write_info, NULL);
}

void moonraker_access_login(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_UNAUTHORIZED, "there are no users here: no login is needed");
}

static void write_text(struct json_writer *writer, const void *context)
{
	json_string(writer, context);
}

void moonraker_access_oneshot(struct moonraker_call *call)
{
	char token[FLAGSHIP_GUID_LENGTH + 1];

	if (guid_make(token)) {
		moonraker_answer(call, write_text, token);
	} else {
		moonraker_fail(call, MOONRAKER_BROKEN, "no random number can be had");
	}
}

void moonraker_access_key(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_NOT_FOUND, "there are no keys here: none is needed");
}
