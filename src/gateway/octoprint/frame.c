/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/frame.h"

#include "store/file/json.h"

#include <cjson/cJSON.h>
#include <string.h>

/* "user:session" */
static void read_auth(const char *text, struct push_frame *frame)
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	const char *secret = colon ? colon + 1 : "";

	frame->has_auth = true;
	if (strlen(secret) == FRAME_SECRET_SIZE - 1) {
		memcpy(frame->secret, secret, FRAME_SECRET_SIZE);
	}
}

void push_frame_read(const char *bytes, size_t length, struct push_frame *frame)
{
	cJSON *json = length <= FRAME_MAX ? store_json_parse(bytes, length) : NULL;
	const cJSON *throttle = cJSON_GetObjectItemCaseSensitive(json, "throttle");
	const cJSON *auth = cJSON_GetObjectItemCaseSensitive(json, "auth");

	*frame = (struct push_frame){0};
	if (cJSON_IsNumber(throttle) && throttle->valuedouble >= 1 &&
	    throttle->valuedouble <= FRAME_THROTTLE_MAX) {
		frame->throttle = (int)throttle->valuedouble;
	}
	if (auth) {
		read_auth(cJSON_GetStringValue(auth), frame);
	}
	cJSON_Delete(json);
}
