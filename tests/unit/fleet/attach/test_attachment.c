/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "base/clock.h"
#include "base/net/unix_socket.h"
#include "fake_clock.h"
#include "fake_session.h"
#include "fleet/attach/frame.h"
#include "fleet/fleet_internal.h"
#include "printer/state/image.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A fleet that goes by a gateway which is the test's own: one that says what was agreed on, one
 * that does not, and one that ends. */

#define KEY        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define PRINTERS   2
#define DETAIL_MAX 256
#define ANSWER_MS  5000
#define IDLE       "[{\"commandType\":1000,\"subType\":1,\"value\":0}]"
#define PRINTING   "[{\"commandType\":1000,\"subType\":1,\"value\":1}]"

static struct scene {
	char folder[32];
	char path[64];
	int listening;
	int gateway; /* its end of the connection */
	uv_loop_t loop;
	struct fleet *fleet;
	struct fleet_login *login;
	struct fleet_printer *printers[PRINTERS];
	struct flagship_key *key;
	struct fleet_listener listener;
	unsigned int closed;
	unsigned int detached;
	char detail[DETAIL_MAX]; /* of that; "-": nobody need know */
	unsigned int lost;
	unsigned int ready;
	unsigned int refused;
	unsigned int payloads;
	unsigned int replies;
	unsigned int dones;
	unsigned int acknowledged;
	enum command_outcome outcome;
	char done[COMMAND_DETAIL_MAX];
} scene;

static void on_event(void *context, const struct fleet_event *event)
{
	(void)context;
	scene.lost += event->kind == FLEET_LOGIN_LOST;
	scene.ready += event->kind == FLEET_PRINTER_READY;
	scene.refused += event->kind == FLEET_PAYLOAD_REFUSED;
	if (event->kind == FLEET_LOGIN_DETACHED) {
		scene.detached++;
		snprintf(scene.detail, sizeof(scene.detail), "%s",
			 event->detail ? event->detail : "-");
	}
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	(void)context;
	(void)printer;
	(void)kind;
	(void)payload;
	scene.payloads++;
}

static void on_reply(void *context, struct fleet_printer *printer, uint64_t command,
		     const struct flagship_message *message)
{
	(void)context;
	(void)printer;
	(void)command;
	(void)message;
	scene.replies++;
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	(void)context;
	(void)printer;
	scene.dones++;
	scene.outcome = report->outcome;
	snprintf(scene.done, sizeof(scene.done), "%s", report->detail);
}

static void on_acknowledged(void *context, struct fleet_printer *printer)
{
	(void)context;
	(void)printer;
	scene.acknowledged++;
}

static void on_closed(void *context)
{
	(void)context;
	scene.closed++;
}

static const struct fleet_handlers handlers = {
	.on_event = on_event,
	.on_payload = on_payload,
	.on_reply = on_reply,
	.on_done = on_done,
	.on_acknowledged = on_acknowledged,
	.on_closed = on_closed,
};

static int set_up(void **state)
{
	const struct mqtt_session_options options = {.host = "broker.example", .port = 8789};
	struct unix_address at;

	(void)state;
	scene = (struct scene){.folder = "/tmp/attach-XXXXXX"};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.path, sizeof(scene.path), "%s/" ATTACH_SOCKET_NAME, scene.folder);
	assert_int_equal(unix_address_init(&at, scene.path), 0);
	scene.listening = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
		bind(scene.listening, (const struct sockaddr *)&at.address, sizeof(at.address)), 0);
	unix_address_finish(&at);
	assert_int_equal(listen(scene.listening, 1), 0);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &scene.key), 0);
	assert_int_equal(fleet_create(&scene.loop, &scene.fleet), 0);
	scene.listener = (struct fleet_listener){.handlers = &handlers};
	fleet_subscribe(scene.fleet, &scene.listener);
	assert_int_equal(fleet_add_login(scene.fleet, &options, NULL, NULL, &scene.login), 0);
	for (size_t i = 0; i < PRINTERS; i++) {
		const struct fleet_printer_options printer = {
			.serial = i == 0 ? "AK7A" : "AK7B",
			.model = FLAGSHIP_MODEL_M5,
			.key = scene.key,
		};
		assert_int_equal(fleet_add_printer(scene.login, &printer, &scene.printers[i]), 0);
	}
	assert_int_equal(fleet_attach_login(scene.login, scene.path, true), 0);
	assert_int_equal(fleet_start(scene.fleet), 0);
	scene.gateway = accept(scene.listening, NULL, NULL);
	assert_true(scene.gateway >= 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fleet_close(scene.fleet);
	fake_clock_await(&scene.loop, &scene.closed, 1);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	flagship_key_destroy(scene.key);
	fake_sessions_reset();
	if (scene.gateway >= 0) {
		close(scene.gateway);
	}
	close(scene.listening);
	assert_int_equal(unlink(scene.path), 0);
	return rmdir(scene.folder);
}

static void turn(void)
{
	for (int i = 0; i < 3; i++) {
		uv_run(&scene.loop, UV_RUN_NOWAIT);
	}
}

static void put_image(struct attach_writer *writer)
{
	struct printer_state state;
	uint8_t image[PRINTER_IMAGE_MAX];

	printer_state_init(&state, "AK7A", NULL, FLAGSHIP_MODEL_M5);
	assert_int_equal(apply_json(&state, IDLE, clock_steady_ms(), NULL, NULL), 0);
	printer_image_write(&state, image);
	attach_put_bytes(writer, image, printer_image_size());
}

/* Values of a frame: n7 a number, b7 a byte, tX a text; V the version, I a state, R a report. */
static void put_value(struct attach_writer *writer, const char *word)
{
	const struct command_report report = {.kind = COMMAND_PAUSE,
					      .outcome = COMMAND_CONFIRMED,
					      .detail = "it is paused",
					      .text = ""};
	char version[ATTACH_VERSION_MAX];

	switch (word[0]) {
	case 'n':
		attach_put_number(writer, strtoull(word + 1, NULL, 10));
		break;
	case 'b':
		attach_put_byte(writer, (uint8_t)strtoul(word + 1, NULL, 10));
		break;
	case 't':
		attach_put_text(writer, word + 1);
		break;
	case 'V':
		attach_version(version);
		attach_put_text(writer, version);
		break;
	case 'I':
		put_image(writer);
		break;
	case 'R':
		attach_put_report(writer, &report);
		break;
	default:
		fail_msg("no such value: %s", word);
	}
}

static void say(uint8_t kind, const char *values)
{
	struct attach_writer writer;
	char copy[DETAIL_MAX];
	char *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", values);
	attach_begin(&writer, (enum attach_kind)kind);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		put_value(&writer, word);
	}
	assert_true(attach_finish(&writer));
	assert_int_equal(write(scene.gateway, writer.bytes, writer.length), writer.length);
	attach_writer_free(&writer);
	turn();
}

static void attach(void)
{
	say(ATTACH_HELLO, "V");
	say(ATTACH_FOLLOWED, "n0 b1 b0 b0");
	say(ATTACH_FOLLOWED, "n1 b1 b0 b0");
	assert_int_equal(scene.ready, PRINTERS);
	assert_true(fleet_printer_ready(scene.printers[0]));
	assert_int_equal(fake_session_count, 0);
}

static uint64_t pause_printer(void)
{
	const struct command_request request = {.kind = COMMAND_PAUSE, .force = true};

	return fleet_command(scene.printers[0], &request);
}

static void tell_state(const char *awaited, const char *state, enum printer_job_state shown)
{
	char words[DETAIL_MAX];

	snprintf(words, sizeof(words),
		 "n0 b0 b1 n%s t[{\"commandType\":1000,\"subType\":1,\"value\":%s}]", awaited,
		 state);
	say(ATTACH_PAYLOAD, words);
	assert_int_equal(fleet_printer_state(scene.printers[0])->job.state, shown);
}

/* The command is the gateway's, so that it has to say what the printer was asked for. */
static void a_state_that_was_asked_for_passes_at_once(void **state)
{
	(void)state;
	attach();
	tell_state("0", "1", PRINTER_JOB_PRINTING);
	tell_state("0", "2", PRINTER_JOB_PAUSED);
	tell_state("0", "1", PRINTER_JOB_PAUSED);
	tell_state("2", "1", PRINTER_JOB_PRINTING);
}

static void what_the_gateway_tells_is_as_if_the_printer_did(void **state)
{
	char words[DETAIL_MAX];

	(void)state;
	attach();
	say(ATTACH_STATE, "n0 I");
	assert_true(fleet_printer_state(scene.printers[0])->online);
	assert_int_equal(scene.payloads, 1);
	say(ATTACH_PAYLOAD, "n0 b0 b1 n0 t" PRINTING);
	assert_int_equal(scene.payloads, 2);
	assert_int_equal(fleet_printer_state(scene.printers[0])->job.state, PRINTER_JOB_PRINTING);
	say(ATTACH_REFUSED, "n1 b3 n99");
	assert_int_equal(scene.refused, 1);
	uint64_t id = pause_printer();
	turn();
	assert_int_equal(scene.dones, 0);
	/* Of a command that is none of its own nothing is told. */
	say(ATTACH_REPLY, "n0 n99999 t" PRINTING);
	assert_int_equal(scene.replies, 0);
	snprintf(words, sizeof(words), "n0 n%llu t" PRINTING, (unsigned long long)id);
	say(ATTACH_REPLY, words);
	assert_int_equal(scene.replies, 1);
	say(ATTACH_DONE, "n0 n99999 n0 R");
	assert_int_equal(scene.dones, 0);
	snprintf(words, sizeof(words), "n0 n%llu n2 R", (unsigned long long)id);
	say(ATTACH_DONE, words);
	assert_int_equal(scene.dones, 1);
	assert_int_equal(scene.outcome, COMMAND_CONFIRMED);
	assert_string_equal(scene.done, "it is paused");
	assert_int_equal(fleet_printer_unacknowledged(scene.printers[0]), 2);
	say(ATTACH_ACKNOWLEDGED, "n0");
	assert_int_equal(fleet_printer_unacknowledged(scene.printers[0]), 0);
	assert_int_equal(scene.acknowledged, 1);
	say(ATTACH_LOST, "tgone n2000");
	assert_int_equal(scene.lost, 1);
	assert_false(fleet_printer_ready(scene.printers[0]));
	say(ATTACH_READY, "n0");
	assert_true(fleet_printer_ready(scene.printers[0]));
	assert_int_equal(scene.detached, 0);
	assert_int_equal(fake_session_count, 0);
}

enum since {
	SINCE_START,
	SINCE_HELLO,
	SINCE_UP,
};

static void assert_gone_without(const char *detail)
{
	turn();
	assert_int_equal(scene.detached, 1);
	assert_string_equal(scene.detail, detail);
	/* It goes on by a session of its own. */
	assert_int_equal(fake_session_count, 1);
	assert_true(fake_sessions[0]->started);
	fake_connect(fake_sessions[0]);
	fake_grant(fake_sessions[0], NULL);
	turn();
	assert_true(fleet_printer_ready(scene.printers[0]));
}

static void what_was_not_agreed_on_is_gone_without(void **state)
{
	static const char version[] = "the gateway that runs here is of another version, so this "
				      "goes without it; start flagship serve anew";
	static const char ended[] = "the gateway ended; going on without it";
	static const struct {
		enum since since;
		uint8_t kind;
		const char *values;
		const char *detail;
	} cases[] = {
		{SINCE_START, ATTACH_FOLLOWED, "n0 b1 b0 b0", "-"},
		{SINCE_START, ATTACH_HELLO, "t0.0.0/0", version},
		{SINCE_START, ATTACH_HELLO, "V b0", version},
		{SINCE_START, ATTACH_HELLO, "", version},
		/* It does not have the printer: nobody need know. */
		{SINCE_HELLO, ATTACH_FOLLOWED, "n0 b0 b0 b0", "-"},
		{SINCE_HELLO, ATTACH_FOLLOWED, "n0 b1", "-"},
		{SINCE_HELLO, ATTACH_FOLLOWED, "n1 b1 b0 b0", "-"},
		{SINCE_HELLO, ATTACH_FOLLOWED, "n7 b1 b0 b0", "-"},
		{SINCE_HELLO, ATTACH_LOST, "tgone n1", "-"},
		{SINCE_HELLO, ATTACH_READY, "n0", "-"},
		{SINCE_HELLO, ATTACH_HELLO, "V", "-"},
		{SINCE_UP, ATTACH_FOLLOWED, "n1 b1 b0 b0", ended},
		{SINCE_UP, ATTACH_STATE, "n2 I", ended},
		{SINCE_UP, ATTACH_STATE, "n0 I b0", ended},
		{SINCE_UP, ATTACH_STATE, "n0 tnonsense", ended},
		{SINCE_UP, ATTACH_STATE, "", ended},
		{SINCE_UP, ATTACH_PAYLOAD, "n2 b0 b1 n0 t" PRINTING, ended},
		{SINCE_UP, ATTACH_PAYLOAD, "n0 b0 b1 n0 t" PRINTING " b0", ended},
		{SINCE_UP, ATTACH_PAYLOAD, "n0 b99 b1 n0 t" PRINTING, ended},
		{SINCE_UP, ATTACH_PAYLOAD, "n0 b0 b99 n0 t" PRINTING, ended},
		{SINCE_UP, ATTACH_PAYLOAD, "n0 b0 b1 n0 tnonsense", ended},
		{SINCE_UP, ATTACH_REFUSED, "n2 b3 n99", ended},
		{SINCE_UP, ATTACH_REFUSED, "n0 b3", ended},
		{SINCE_UP, ATTACH_LOST, "tgone", ended},
		{SINCE_UP, ATTACH_READY, "n2", ended},
		{SINCE_UP, ATTACH_READY, "n0 b0", ended},
		{SINCE_UP, ATTACH_REPLY, "n2 n1 t" PRINTING, ended},
		{SINCE_UP, ATTACH_REPLY, "n0 n1 t" PRINTING " b0", ended},
		{SINCE_UP, ATTACH_REPLY, "n0 n1 tnonsense", ended},
		{SINCE_UP, ATTACH_REPLY, "n0 n1 t[]", ended},
		{SINCE_UP, ATTACH_DONE, "n2 n1 n0 R", ended},
		{SINCE_UP, ATTACH_DONE, "n0 n1 n0", ended},
		{SINCE_UP, ATTACH_ACKNOWLEDGED, "n2", ended},
		{SINCE_UP, ATTACH_ACKNOWLEDGED, "n0 b0", ended},
		{SINCE_UP, ATTACH_COMMAND, "n0", ended},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (i > 0) {
			assert_int_equal(set_up(state), 0);
		}
		if (cases[i].since == SINCE_UP) {
			attach();
		} else if (cases[i].since == SINCE_HELLO) {
			say(ATTACH_HELLO, "V");
		}
		uint64_t before = fleet_printer_counts(scene.printers[0])->payloads;
		say(cases[i].kind, cases[i].values);
		assert_gone_without(cases[i].detail);
		assert_int_equal(fleet_printer_counts(scene.printers[0])->payloads, before);
		if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
			assert_int_equal(tear_down(state), 0);
		}
	}
}

/* Nobody knows whether it was done. */
static void a_gateway_that_ends_leaves_its_commands_unanswered(void **state)
{
	(void)state;
	attach();
	(void)pause_printer();
	turn();
	close(scene.gateway);
	scene.gateway = -1;
	assert_gone_without("the gateway ended; going on without it");
	assert_int_equal(scene.dones, 1);
	assert_int_equal(scene.outcome, COMMAND_UNANSWERED);
}

static void one_that_ends_at_once_is_passed_over(void **state)
{
	(void)state;
	close(scene.gateway);
	scene.gateway = -1;
	assert_gone_without("-");
}

static void one_that_says_nothing_is_gone_without(void **state)
{
	(void)state;
	say(ATTACH_HELLO, "V");
	fake_clock_pass(ANSWER_MS - 1);
	turn();
	assert_int_equal(scene.detached, 0);
	fake_clock_pass(2);
	assert_gone_without("the gateway that runs here does not answer; going without it");
}

static void one_that_is_up_may_be_silent(void **state)
{
	(void)state;
	attach();
	fake_clock_pass(ANSWER_MS + 1);
	turn();
	assert_int_equal(scene.detached, 0);
}

static void what_is_too_long_for_a_frame_fails(void **state)
{
	char *text = malloc(ATTACH_FRAME_MAX + 1);

	(void)state;
	attach();
	assert_non_null(text);
	memset(text, 'G', ATTACH_FRAME_MAX);
	text[ATTACH_FRAME_MAX] = '\0';
	const struct command_request request = {.kind = COMMAND_GCODE, .text = text, .force = true};
	(void)fleet_command(scene.printers[0], &request);
	turn();
	assert_int_equal(scene.dones, 1);
	assert_int_equal(scene.outcome, COMMAND_FAILED);
	assert_string_equal(scene.done, "it is too long for the gateway; --direct goes without it");
	assert_int_equal(scene.detached, 0);
	free(text);
}

/* What goes on says nothing more; the gateway is not asked either. */
static void a_login_that_is_removed_lets_go_of_it(void **state)
{
	char rest[DETAIL_MAX];

	(void)state;
	attach();
	(void)pause_printer();
	fleet_remove_login(scene.login);
	turn();
	assert_int_equal(scene.detached, 0);
	assert_int_equal(fake_session_count, 0);
	while (read(scene.gateway, rest, sizeof(rest)) > 0) {
	}
	assert_int_equal(read(scene.gateway, rest, sizeof(rest)), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_state_that_was_asked_for_passes_at_once),
		TEST(what_the_gateway_tells_is_as_if_the_printer_did),
		TEST(what_was_not_agreed_on_is_gone_without),
		TEST(a_gateway_that_ends_leaves_its_commands_unanswered),
		TEST(one_that_ends_at_once_is_passed_over),
		TEST(one_that_says_nothing_is_gone_without),
		TEST(one_that_is_up_may_be_silent),
		TEST(what_is_too_long_for_a_frame_fails),
		TEST(a_login_that_is_removed_lets_go_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
