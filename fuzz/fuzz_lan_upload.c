/* SPDX-License-Identifier: MIT */
#include "simulator/printer/upload.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * What a client sends to the simulated printer: pieces of the two streams. The input is a list of
 * steps, each a channel, a length and as many bytes. Answers are frames that can be read.
 */

#define STEP_HEAD 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_reply(void *context, uint8_t channel, const uint8_t *data, size_t length)
{
	struct flagship_aabb_reader reader;
	struct flagship_pppp_piece piece;

	(void)context;
	assert(channel <= 1 && length > 0);
	if (channel == 1) {
		flagship_aabb_reader_init(&reader, 1);
		assert(flagship_aabb_reader_push(&reader, &data, &length, &piece) ==
		       FLAGSHIP_PPPP_FOUND_BEGIN);
		assert(reader.header.kind >= FLAGSHIP_AABB_KIND_BEGIN_REPLY);
	}
}

static bool on_busy(void *context)
{
	(void)context;
	return false;
}

static void on_begun(void *context, const char *name)
{
	(void)context;
	assert(name[0] != '\0' && !strchr(name, '/'));
}

static bool on_uploaded(void *context, const struct uploaded_file *file)
{
	(void)context;
	assert(file->size > 0 && file->layers >= 0 && file->print_s >= 0);
	return true;
}

static void on_crashed(void *context)
{
	(void)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fault_plan none;
	static const struct upload_output output = {.reply = on_reply,
						    .busy = on_busy,
						    .begun = on_begun,
						    .uploaded = on_uploaded,
						    .crashed = on_crashed};
	struct upload *upload = malloc(sizeof(*upload));

	assert(upload);
	upload_init(upload, &none, &output);
	while (size >= STEP_HEAD) {
		size_t length = data[1] < size - STEP_HEAD ? data[1] : size - STEP_HEAD;
		upload_take(upload, data[0] & 1, data + STEP_HEAD, length);
		assert(upload->received <= upload->size || !upload->md5);
		data += STEP_HEAD + length;
		size -= STEP_HEAD + length;
	}
	upload_finish(upload);
	free(upload);
	return 0;
}
