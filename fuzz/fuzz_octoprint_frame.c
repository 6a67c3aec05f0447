/* SPDX-License-Identifier: MIT */
#include "gateway/access/requests.h"
#include "gateway/octoprint/frame.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * What strangers send to OctoPrint's interface before anything is known of them: a frame of the
 * socket, and the name of a program that asks for a key.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const char *text, size_t size)
{
	struct push_frame frame;

	push_frame_read(text, size, &frame);
	assert(frame.throttle >= 0 && frame.throttle <= FRAME_THROTTLE_MAX);
	assert(frame.secret[0] == '\0' || frame.has_auth);
	assert(frame.secret[0] == '\0' || strlen(frame.secret) == FRAME_SECRET_SIZE - 1);
	assert(size <= FRAME_MAX || (!frame.throttle && !frame.has_auth));
}

static void check_name(const char *text)
{
	char name[ACCESS_NAME_SIZE];
	bool valid = key_request_app_valid(text);

	assert(!valid ||
	       (text[0] != '\0' && strlen(text) < ACCESS_NAME_SIZE && !strchr(text, '\n')));
	key_request_name(text, name);
	assert(access_name_valid(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text) {
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	check_frame(text, size);
	check_name(text);
	free(text);
	return 0;
}
