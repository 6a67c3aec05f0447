/* SPDX-License-Identifier: MIT */
#include "fleet/attach/claim.h"

#include "base/net/unix_socket.h"
#include "fleet/attach/stream.h"

#include <flagship/error.h>
#include <flagship/topic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDLES    2     /* its connection and its timer */
#define ANSWER_MS  15000 /* for a camera to be left in order */
#define HOLDER_MAX 256

struct attach_claim {
	attach_on_claimed *on_claimed; /* NULL once it was called */
	void *context;
	struct attach_stream stream;
	uv_timer_t deadline;
	unsigned int open; /* handles */
	bool greeted;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
};

static void report(struct attach_claim *claim, const char *holder)
{
	attach_on_claimed *on_claimed = claim->on_claimed;

	claim->on_claimed = NULL;
	uv_timer_stop(&claim->deadline);
	if (on_claimed) {
		on_claimed(claim->context, holder);
	}
}

/* Without a gateway, nobody of this machine has the session. */
static void on_claim_end(void *context)
{
	struct attach_claim *claim = context;

	attach_stream_close(&claim->stream);
	report(claim, NULL);
}

static void on_claim_deadline(uv_timer_t *timer)
{
	report(timer->data, NULL);
}

/* --- what the gateway says --- */

static bool take_claim_hello(struct attach_claim *claim, struct attach_reader *values)
{
	struct attach_writer writer;

	claim->greeted = true;
	if (!attach_take_hello(values)) {
		return false;
	}
	attach_begin(&writer, ATTACH_CLAIM);
	attach_put_text(&writer, claim->serial);
	(void)attach_stream_send(&claim->stream, &writer);
	return true;
}

static bool on_claim_frame(void *context, uint8_t kind, struct attach_reader *values)
{
	struct attach_claim *claim = context;
	char holder[HOLDER_MAX];

	if (!claim->greeted) {
		return kind == ATTACH_HELLO && take_claim_hello(claim, values);
	}
	attach_take_text(values, holder, sizeof(holder));
	if (kind != ATTACH_CLAIMED || !attach_end(values)) {
		return false;
	}
	report(claim, holder[0] != '\0' ? holder : NULL);
	return true;
}

/* --- its handles --- */

static void close_claim_handle(struct attach_claim *claim)
{
	if (--claim->open == 0) {
		free(claim);
	}
}

static void on_claim_stream_closed(void *context)
{
	close_claim_handle(context);
}

static void on_claim_timer_closed(uv_handle_t *handle)
{
	close_claim_handle(handle->data);
}

static const struct attach_stream_handlers handlers = {
	.on_frame = on_claim_frame, .on_end = on_claim_end, .on_closed = on_claim_stream_closed};

/* Whether somebody may answer. */
static bool ask(struct attach_claim *claim, const char *path)
{
	struct attach_writer writer;
	int descriptor = path[0] != '\0' ? unix_socket_connect(path) : -1;

	if (descriptor < 0) {
		return false;
	}
	if (uv_pipe_open(&claim->stream.pipe, descriptor) != 0) {
		close(descriptor);
		return false;
	}
	if (geteuid() != 0 && !attach_stream_is_ours(&claim->stream)) {
		return false;
	}
	attach_put_hello(&writer);
	(void)attach_stream_send(&claim->stream, &writer);
	attach_stream_start(&claim->stream);
	return !claim->stream.ended;
}

int attach_claim_open(uv_loop_t *loop, const char *path, const char *serial,
		      attach_on_claimed *on_claimed, void *context, struct attach_claim **out)
{
	struct attach_claim *claim = calloc(1, sizeof(*claim));

	*out = claim;
	if (!claim) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	claim->context = context;
	claim->open = HANDLES;
	snprintf(claim->serial, sizeof(claim->serial), "%s", serial);
	attach_stream_init(&claim->stream, loop, &handlers, claim);
	uv_timer_init(loop, &claim->deadline);
	claim->deadline.data = claim;
	uv_timer_start(&claim->deadline, on_claim_deadline, ask(claim, path) ? ANSWER_MS : 0, 0);
	claim->on_claimed = on_claimed;
	return 0;
}

void attach_claim_close(struct attach_claim *claim)
{
	if (claim) {
		claim->on_claimed = NULL;
		attach_stream_close(&claim->stream);
		uv_close((uv_handle_t *)&claim->deadline, on_claim_timer_closed);
	}
}
