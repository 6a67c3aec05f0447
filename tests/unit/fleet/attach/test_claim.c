/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/net/unix_socket.h"
#include "fake_clock.h"
#include "fleet/attach/claim.h"
#include "fleet/attach/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A claim on a printer's session, with a gateway that is the test's own. */

#define SERIAL    "AK7A"
#define HOLDER    "the one at the printer"
#define NOBODY    "-"
#define ANSWER_MS 15000

static struct scene {
	char folder[32];
	char path[64];
	int listening;
	int gateway; /* its end of the connection; -1: none */
	uv_loop_t loop;
	struct attach_claim *claim;
	unsigned int claimed;
	char holder[256]; /* NOBODY: it may be had */
} scene;

static void on_claimed(void *context, const char *holder)
{
	(void)context;
	scene.claimed++;
	snprintf(scene.holder, sizeof(scene.holder), "%s", holder ? holder : NOBODY);
}

static int set_up(void **state)
{
	struct unix_address at;

	(void)state;
	scene = (struct scene){.folder = "/tmp/claim-XXXXXX", .gateway = -1};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.path, sizeof(scene.path), "%s/" ATTACH_SOCKET_NAME, scene.folder);
	assert_int_equal(unix_address_init(&at, scene.path), 0);
	scene.listening = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
		bind(scene.listening, (const struct sockaddr *)&at.address, sizeof(at.address)), 0);
	unix_address_finish(&at);
	assert_int_equal(listen(scene.listening, 1), 0);
	return uv_loop_init(&scene.loop);
}

static int tear_down(void **state)
{
	(void)state;
	attach_claim_close(scene.claim);
	fake_clock_settle(&scene.loop);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	if (scene.gateway >= 0) {
		close(scene.gateway);
	}
	close(scene.listening);
	assert_int_equal(unlink(scene.path), 0);
	return rmdir(scene.folder);
}

static void claim_at(const char *path)
{
	assert_int_equal(
		attach_claim_open(&scene.loop, path, SERIAL, on_claimed, NULL, &scene.claim), 0);
	assert_int_equal(scene.claimed, 0);
}

static void send_text(enum attach_kind kind, const char *text)
{
	struct attach_writer writer;

	attach_begin(&writer, kind);
	attach_put_text(&writer, text);
	assert_true(attach_finish(&writer));
	assert_int_equal(write(scene.gateway, writer.bytes, writer.length), writer.length);
	attach_writer_free(&writer);
	fake_clock_settle(&scene.loop);
}

/* Frames of one text that the gateway received. */
static void assert_received(enum attach_kind kind, const char *expected)
{
	uint8_t bytes[256];
	struct attach_reader values;
	char text[128];
	uint8_t found;
	size_t size;

	ssize_t length = recv(scene.gateway, bytes, sizeof(bytes), MSG_PEEK);
	assert_true(length > 0);
	assert_int_equal(attach_next(bytes, (size_t)length, &found, &values, &size), 1);
	assert_int_equal(read(scene.gateway, bytes, size), size);
	assert_int_equal(found, kind);
	attach_take_text(&values, text, sizeof(text));
	assert_true(attach_end(&values));
	assert_string_equal(text, expected);
}

/* Greeted by a gateway of this version. */
static void claim(void)
{
	char version[ATTACH_VERSION_MAX];

	claim_at(scene.path);
	scene.gateway = accept(scene.listening, NULL, NULL);
	assert_true(scene.gateway >= 0);
	attach_version(version);
	fake_clock_settle(&scene.loop);
	assert_received(ATTACH_HELLO, version);
	send_text(ATTACH_HELLO, version);
	assert_received(ATTACH_CLAIM, SERIAL);
	assert_int_equal(scene.claimed, 0);
}

static void assert_claimed(const char *holder)
{
	fake_clock_await(&scene.loop, &scene.claimed, 1);
	assert_string_equal(scene.holder, holder);
}

static void test_it_is_had_where_no_gateway_runs(void **state)
{
	(void)state;
	claim_at("");
	assert_claimed(NOBODY);
}

static void test_it_is_had_where_nobody_listens(void **state)
{
	(void)state;
	claim_at("/nowhere/" ATTACH_SOCKET_NAME);
	assert_claimed(NOBODY);
}

static void test_the_gateway_leaves_it(void **state)
{
	(void)state;
	claim();
	send_text(ATTACH_CLAIMED, "");
	assert_claimed(NOBODY);
}

static void test_somebody_keeps_it(void **state)
{
	(void)state;
	claim();
	send_text(ATTACH_CLAIMED, HOLDER);
	assert_claimed(HOLDER);
}

static void test_what_the_gateway_says_later_is_of_no_account(void **state)
{
	(void)state;
	claim();
	send_text(ATTACH_CLAIMED, "");
	send_text(ATTACH_CLAIMED, HOLDER);
	close(scene.gateway);
	scene.gateway = -1;
	fake_clock_settle(&scene.loop);
	assert_claimed(NOBODY);
}

static void test_a_gateway_that_ends_holds_nothing(void **state)
{
	(void)state;
	claim();
	close(scene.gateway);
	scene.gateway = -1;
	assert_claimed(NOBODY);
}

static void test_a_gateway_of_another_version_is_gone_without(void **state)
{
	(void)state;
	claim_at(scene.path);
	scene.gateway = accept(scene.listening, NULL, NULL);
	send_text(ATTACH_HELLO, "another");
	assert_claimed(NOBODY);
}

static void test_another_answer_than_that_of_a_claim_is_the_end(void **state)
{
	(void)state;
	claim();
	send_text(ATTACH_DECIDED, "");
	assert_claimed(NOBODY);
}

static void test_a_gateway_that_does_not_answer_is_not_waited_for(void **state)
{
	(void)state;
	claim();
	fake_clock_pass(ANSWER_MS - 1);
	fake_clock_settle(&scene.loop);
	assert_int_equal(scene.claimed, 0);
	fake_clock_pass(2);
	fake_clock_settle(&scene.loop);
	assert_claimed(NOBODY);
}

static void test_a_closed_claim_is_not_reported(void **state)
{
	(void)state;
	claim_at("");
	attach_claim_close(scene.claim);
	scene.claim = NULL;
	fake_clock_settle(&scene.loop);
	assert_int_equal(scene.claimed, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_had_where_no_gateway_runs),
		TEST(test_it_is_had_where_nobody_listens),
		TEST(test_the_gateway_leaves_it),
		TEST(test_somebody_keeps_it),
		TEST(test_what_the_gateway_says_later_is_of_no_account),
		TEST(test_a_gateway_that_ends_holds_nothing),
		TEST(test_a_gateway_of_another_version_is_gone_without),
		TEST(test_another_answer_than_that_of_a_claim_is_the_end),
		TEST(test_a_gateway_that_does_not_answer_is_not_waited_for),
		TEST(test_a_closed_claim_is_not_reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
