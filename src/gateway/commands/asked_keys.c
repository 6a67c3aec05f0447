/* SPDX-License-Identifier: MIT */
#include "gateway/commands/asked_keys.h"

#include "base/net/unix_socket.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "fleet/attach/stream.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MS    5000
#define REFUSAL_SIZE 256

/* One question to the gateway, and its answer. */
struct exchange {
	struct attach_stream stream;
	uv_timer_t deadline;
	struct attach_writer question;
	enum attach_kind wanted; /* kind of the answer */
	bool (*take)(void *context, struct attach_reader *values);
	void *context;
	const char *trouble; /* for people; NULL: none */
	bool greeted;
	bool answered;
};

static void end_exchange(struct exchange *exchange, const char *trouble)
{
	exchange->trouble = exchange->answered ? NULL : trouble;
	attach_stream_close(&exchange->stream);
	if (!uv_is_closing((uv_handle_t *)&exchange->deadline)) {
		uv_close((uv_handle_t *)&exchange->deadline, NULL);
	}
}

static void on_end(void *context)
{
	end_exchange(context, "the gateway ended before it had answered");
}

static void on_deadline(uv_timer_t *timer)
{
	end_exchange(timer->data, "the gateway does not answer");
}

static void on_closed(void *context)
{
	(void)context;
}

static bool take_hello(struct exchange *exchange, struct attach_reader *values)
{
	if (!attach_take_hello(values)) {
		end_exchange(exchange, "the gateway that runs is of another version: start "
				       "flagship serve anew");
		return true;
	}
	exchange->greeted = true;
	(void)attach_stream_send(&exchange->stream, &exchange->question);
	return true;
}

static bool on_frame(void *context, uint8_t kind, struct attach_reader *values)
{
	struct exchange *exchange = context;

	if (!exchange->greeted) {
		return kind == ATTACH_HELLO && take_hello(exchange, values);
	}
	if (kind != exchange->wanted || !exchange->take(exchange->context, values)) {
		return false;
	}
	exchange->answered = true;
	end_exchange(exchange, NULL);
	return true;
}

static const struct attach_stream_handlers exchange_handlers = {
	.on_frame = on_frame, .on_end = on_end, .on_closed = on_closed};

static void begin_exchange(struct exchange *exchange, int descriptor)
{
	struct attach_writer writer;

	if (uv_pipe_open(&exchange->stream.pipe, descriptor) != 0) {
		close(descriptor);
		end_exchange(exchange, "the gateway's socket cannot be read");
		return;
	}
	if (geteuid() != 0 && !attach_stream_is_ours(&exchange->stream)) {
		end_exchange(exchange, "the gateway there is another user's");
		return;
	}
	uv_timer_start(&exchange->deadline, on_deadline, ANSWER_MS, 0);
	attach_put_hello(&writer);
	(void)attach_stream_send(&exchange->stream, &writer);
	attach_stream_start(&exchange->stream);
}

static int run_exchange(struct exchange *exchange, int descriptor)
{
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0) {
		close(descriptor);
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	signal(SIGPIPE, SIG_IGN); /* the gateway may be gone before it is asked */
	attach_stream_init(&exchange->stream, &loop, &exchange_handlers, exchange);
	uv_timer_init(&loop, &exchange->deadline);
	exchange->deadline.data = exchange;
	begin_exchange(exchange, descriptor);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (exchange->trouble) {
		cli_error("%s", exchange->trouble);
	}
	return exchange->trouble ? CLI_FAILED : OPTIONS_RUN;
}

/* Sends the question, and frees it. */
static int ask_gateway(const char *folder, struct exchange *exchange)
{
	char path[PATH_MAX];
	int descriptor = -1;
	int result = CLI_CANNOT_CONNECT;

	errno = ENAMETOOLONG;
	if ((size_t)snprintf(path, sizeof(path), "%s/" ATTACH_SOCKET_NAME, folder) < sizeof(path)) {
		descriptor = unix_socket_connect(path);
	}
	if (descriptor >= 0) {
		result = run_exchange(exchange, descriptor);
	} else if (errno != ENOENT && errno != ECONNREFUSED) {
		cli_error("the gateway cannot be asked by %s: %s", path, strerror(errno));
		result = CLI_FAILED;
	}
	attach_writer_free(&exchange->question);
	return result;
}

static bool take_asked(void *context, struct attach_reader *values)
{
	struct asked_keys *keys = context;
	uint64_t count = attach_take_number(values);

	if (values->failed || count > KEY_REQUESTS_MAX) {
		return false;
	}
	for (keys->count = 0; keys->count < count; keys->count++) {
		struct asked_key *key = &keys->items[keys->count];

		attach_take_text(values, key->id, sizeof(key->id));
		attach_take_text(values, key->app, sizeof(key->app));
		attach_take_text(values, key->serial, sizeof(key->serial));
		attach_take_text(values, key->address, sizeof(key->address));
	}
	return attach_end(values);
}

int asked_keys_list(const char *folder, struct asked_keys *keys)
{
	struct exchange exchange = {
		.wanted = ATTACH_ASKED_KEYS, .take = take_asked, .context = keys};

	keys->count = 0;
	attach_begin(&exchange.question, ATTACH_KEYS);
	return ask_gateway(folder, &exchange);
}

static bool take_decided(void *context, struct attach_reader *values)
{
	attach_take_text(values, context, REFUSAL_SIZE);
	return attach_end(values);
}

int asked_keys_decide(const char *folder, const char *id, const struct key_decision *decision)
{
	char refusal[REFUSAL_SIZE] = "";
	struct exchange exchange = {
		.wanted = ATTACH_DECIDED, .take = take_decided, .context = refusal};

	attach_begin(&exchange.question, ATTACH_DECIDE);
	attach_put_text(&exchange.question, id);
	attach_put_byte(&exchange.question, decision->accepts);
	attach_put_byte(&exchange.question, (uint8_t)decision->role);
	attach_put_byte(&exchange.question, decision->scoped && !decision->printers);
	attach_put_text(&exchange.question, decision->scoped ? decision->printers : NULL);
	int result = ask_gateway(folder, &exchange);
	if (result == OPTIONS_RUN && refusal[0] != '\0') {
		cli_error("%s", refusal);
		result = CLI_FAILED;
	}
	return result;
}
