/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/pppp_session.h>

#include <string.h>

/* A client that finds its printer by relays. Nothing is lost here, and nothing takes time. */

#define DUID     "EUPRAKM-012345-ABCDE"
#define DSK      "ABCDEFGHIJ0123456789"
#define MS       INT64_C(1000)
#define SECOND   (1000 * MS)
#define RELAYS   2
#define STEP_US  (20 * MS)
#define NAME_ALL 12 /* more than are kept */

static const struct flagship_pppp_host client_local = {{192, 168, 7, 2}, 40000};
static const struct flagship_pppp_host client_wan = {{198, 51, 100, 7}, 62001};
static const struct flagship_pppp_host relays[RELAYS] = {{{203, 0, 113, 1}, 32100},
							 {{203, 0, 113, 2}, 32100}};
static const struct flagship_pppp_host printer_named = {{198, 51, 100, 9}, 41234};
static const struct flagship_pppp_host printer_speaks = {{198, 51, 100, 9}, 50001};
static const struct flagship_pppp_host stranger = {{198, 51, 100, 66}, 32100};

static struct world {
	struct flagship_pppp_session *client;
	struct flagship_pppp_session *printer;
	int64_t now_us;
	bool mute[RELAYS]; /* answers nothing */
	bool unknowing;    /* tells the client's address, and knows no printer */
	bool walled;       /* nothing comes to the printer */
	unsigned int sent[256];
	uint8_t request[FLAGSHIP_PPPP_REQUEST_SIZE];
	uint8_t report[FLAGSHIP_PPPP_REPORT_SIZE];
} world;

static struct flagship_pppp_session *make(enum flagship_pppp_role role)
{
	struct flagship_pppp_options options = {.role = role};

	assert_int_equal(flagship_pppp_duid_parse(DUID, &options.duid), 0);
	struct flagship_pppp_session *session = flagship_pppp_session_create(&options);
	assert_non_null(session);
	return session;
}

static struct flagship_pppp_relays relays_of(size_t count)
{
	struct flagship_pppp_relays made = {.count = count, .local = client_local};

	memcpy(made.hosts, relays, count * sizeof(relays[0]));
	memcpy(made.dsk, DSK, sizeof(made.dsk));
	return made;
}

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.now_us = SECOND;
	world.client = make(FLAGSHIP_PPPP_ROLE_CLIENT);
	world.printer = make(FLAGSHIP_PPPP_ROLE_PRINTER);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	flagship_pppp_session_destroy(world.client);
	flagship_pppp_session_destroy(world.printer);
	return 0;
}

static void begin(size_t count)
{
	const struct flagship_pppp_relays some = relays_of(count);

	assert_int_equal(flagship_pppp_session_reach(world.client, &some, world.now_us), 0);
}

/* The client is told a packet of a type that has a host, or the duid, or nothing. */
static void tell(const struct flagship_pppp_host *from, uint8_t type,
		 const struct flagship_pppp_host *host, const char *duid)
{
	struct flagship_pppp_packet packet = {.type = type};
	uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];
	size_t length;

	if (host) {
		packet.host = *host;
	}
	assert_int_equal(flagship_pppp_duid_parse(duid, &packet.duid), 0);
	assert_int_equal(flagship_pppp_packet_write(&packet, bytes, sizeof(bytes), &length), 0);
	assert_int_equal(
		flagship_pppp_session_receive(world.client, from, bytes, length, world.now_us), 0);
}

static void relay_hears(size_t which, const struct flagship_pppp_packet *packet)
{
	if (world.mute[which]) {
		return;
	}
	if (packet->type == FLAGSHIP_PPPP_TYPE_HELLO) {
		tell(&relays[which], FLAGSHIP_PPPP_TYPE_HELLO_ACK, &client_wan, DUID);
	} else if (packet->type == FLAGSHIP_PPPP_TYPE_P2P_REQ_DSK) {
		assert_int_equal(packet->data_length, sizeof(world.request));
		memcpy(world.request, packet->data, sizeof(world.request));
		tell(&relays[which], FLAGSHIP_PPPP_TYPE_P2P_REQ_ACK, NULL, DUID);
		if (!world.unknowing) {
			tell(&relays[which], FLAGSHIP_PPPP_TYPE_PUNCH_TO, &printer_named, DUID);
		}
	} else if (packet->type == FLAGSHIP_PPPP_TYPE_REPORT_SESSION_READY) {
		assert_int_equal(packet->data_length, sizeof(world.report));
		flagship_pppp_simple_decode(packet->data, packet->data_length, world.report);
	}
}

static void deliver(const struct flagship_pppp_outgoing *outgoing)
{
	struct flagship_pppp_packet packet;

	assert_int_equal(flagship_pppp_packet_read(outgoing->data, outgoing->length, &packet), 0);
	world.sent[packet.type]++;
	for (size_t i = 0; i < RELAYS; i++) {
		if (flagship_pppp_host_equal(&outgoing->to, &relays[i])) {
			relay_hears(i, &packet);
			return;
		}
	}
	if (!world.walled) {
		assert_int_equal(flagship_pppp_session_receive(world.printer, &client_wan,
							       outgoing->data, outgoing->length,
							       world.now_us),
				 0);
	}
}

static void run(int64_t for_us)
{
	struct flagship_pppp_outgoing outgoing;
	int64_t until_us = world.now_us + for_us;

	for (; world.now_us < until_us; world.now_us += STEP_US) {
		while (flagship_pppp_session_next(world.client, world.now_us, &outgoing)) {
			uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];

			memcpy(bytes, outgoing.data, outgoing.length);
			outgoing.data = bytes;
			deliver(&outgoing);
		}
		while (flagship_pppp_session_next(world.printer, world.now_us, &outgoing)) {
			assert_int_equal(flagship_pppp_session_receive(
						 world.client, &printer_speaks, outgoing.data,
						 outgoing.length, world.now_us),
					 0);
		}
		assert_true(flagship_pppp_session_deadline(world.client, world.now_us) >=
			    world.now_us);
	}
}

static enum flagship_pppp_state state_of_client(void)
{
	return flagship_pppp_session_state(world.client);
}

static void test_a_printer_is_reached(void **state)
{
	static const uint8_t greeting[] = "hello";
	struct flagship_pppp_piece_in piece;

	(void)state;
	begin(RELAYS);
	run(SECOND);
	assert_int_equal(state_of_client(), FLAGSHIP_PPPP_STATE_OPEN);
	assert_int_equal(flagship_pppp_session_state(world.printer), FLAGSHIP_PPPP_STATE_OPEN);
	/* Its port was another than the one that was named. */
	assert_true(flagship_pppp_host_equal(flagship_pppp_session_peer(world.client),
					     &printer_speaks));
	assert_int_equal(flagship_pppp_session_write(world.client, 0, greeting, sizeof(greeting)),
			 sizeof(greeting));
	run(SECOND);
	assert_true(flagship_pppp_session_read(world.printer, 0, &piece));
	assert_memory_equal(piece.data, greeting, sizeof(greeting));
	assert_int_equal(world.sent[FLAGSHIP_PPPP_TYPE_LAN_SEARCH], 0);
}

static void test_what_relays_are_told(void **state)
{
	/* protocol.md 5, WAN: by hand. */
	static const uint8_t request[FLAGSHIP_PPPP_REQUEST_SIZE] =
		"EUPRAKM\0\0\0\x30\x39"
		"ABCDE\0\0\0"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\1\0\0" DSK;
	static const uint8_t report[FLAGSHIP_PPPP_REPORT_SIZE] =
		"EUPRAKM\0\0\0\x30\x39"
		"ABCDE\0\0\0"
		"\0\0\0\1\1\0\0\1\1\x91\0\0\x7e\0\0\0"
		"\0\2\x40\x9c\x02\x07\xa8\xc0\0\0\0\0\0\0\0\0"
		"\0\2\x31\xf2\x07\x64\x33\xc6\0\0\0\0\0\0\0\0"
		"\0\2\x64\x7d\x01\x71\x00\xcb\0\0\0\0\0\0\0";

	(void)state;
	begin(1);
	run(SECOND);
	assert_memory_equal(world.request, request, sizeof(request));
	assert_memory_equal(world.report, report, sizeof(report));
}

static void test_one_relay_is_enough(void **state)
{
	(void)state;
	world.mute[1] = true;
	begin(RELAYS);
	run(SECOND);
	assert_int_equal(state_of_client(), FLAGSHIP_PPPP_STATE_OPEN);
}

static void test_silent_relays(void **state)
{
	(void)state;
	world.mute[0] = world.mute[1] = true;
	begin(RELAYS);
	run(FLAGSHIP_PPPP_RELAY_US - SECOND);
	assert_int_equal(state_of_client(), FLAGSHIP_PPPP_STATE_SEARCHING);
	/* Nobody but who knows the client is told the secret. */
	assert_int_equal(world.sent[FLAGSHIP_PPPP_TYPE_P2P_REQ_DSK], 0);
	run(2 * SECOND);
	assert_int_equal(flagship_pppp_session_end(world.client), FLAGSHIP_PPPP_END_NO_RELAY);
}

static void test_relays_that_know_no_printer(void **state)
{
	(void)state;
	world.unknowing = true;
	begin(RELAYS);
	run(FLAGSHIP_PPPP_RELAY_US + SECOND);
	assert_true(world.sent[FLAGSHIP_PPPP_TYPE_P2P_REQ_DSK] > RELAYS);
	assert_int_equal(flagship_pppp_session_end(world.client), FLAGSHIP_PPPP_END_NO_RELAY);
}

static void test_a_printer_behind_a_wall(void **state)
{
	struct flagship_pppp_relays some = relays_of(RELAYS);

	(void)state;
	world.walled = true;
	some.limit_us = 10 * SECOND;
	assert_int_equal(flagship_pppp_session_reach(world.client, &some, world.now_us), 0);
	run(11 * SECOND);
	/* Each 300 ms, to each relay. */
	assert_in_range(world.sent[FLAGSHIP_PPPP_TYPE_REPORT_SESSION_READY], RELAYS * 30,
			RELAYS * 36);
	assert_int_equal(flagship_pppp_session_end(world.client), FLAGSHIP_PPPP_END_NO_WAY);
}

static void test_what_others_say_changes_nothing(void **state)
{
	struct flagship_pppp_relays some = relays_of(1);

	(void)state;
	world.mute[0] = true;
	assert_int_equal(flagship_pppp_session_reach(world.client, &some, world.now_us), 0);
	/* No relay, and a relay that was not asked for the printer yet. */
	tell(&stranger, FLAGSHIP_PPPP_TYPE_HELLO_ACK, &client_wan, DUID);
	tell(&stranger, FLAGSHIP_PPPP_TYPE_PUNCH_TO, &printer_named, DUID);
	tell(&relays[0], FLAGSHIP_PPPP_TYPE_PUNCH_TO, &printer_named, DUID);
	tell(&printer_named, FLAGSHIP_PPPP_TYPE_P2P_RDY, NULL, DUID);
	assert_int_equal(flagship_pppp_session_counts(world.client)->unexpected, 4);
	tell(&relays[0], FLAGSHIP_PPPP_TYPE_HELLO_ACK, &client_wan, DUID);
	tell(&relays[0], FLAGSHIP_PPPP_TYPE_PUNCH_TO, &printer_named, DUID);
	/* Another printer, and somebody elsewhere. */
	tell(&printer_named, FLAGSHIP_PPPP_TYPE_P2P_RDY, NULL, "EUPRAKM-012345-OTHER");
	tell(&stranger, FLAGSHIP_PPPP_TYPE_P2P_RDY, NULL, DUID);
	tell(&printer_named, FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK, &client_wan, DUID);
	assert_int_equal(state_of_client(), FLAGSHIP_PPPP_STATE_SEARCHING);
	assert_int_equal(flagship_pppp_session_counts(world.client)->unexpected, 7);
	tell(&printer_named, FLAGSHIP_PPPP_TYPE_P2P_RDY, NULL, DUID);
	assert_int_equal(state_of_client(), FLAGSHIP_PPPP_STATE_OPEN);
}

static void test_a_relay_that_names_everybody(void **state)
{
	struct flagship_pppp_host named = printer_named;

	(void)state;
	world.walled = true;
	world.unknowing = true;
	begin(1);
	tell(&relays[0], FLAGSHIP_PPPP_TYPE_HELLO_ACK, &client_wan, DUID);
	for (unsigned int i = 0; i < NAME_ALL; i++) {
		named.port++;
		tell(&relays[0], FLAGSHIP_PPPP_TYPE_PUNCH_TO, &named, DUID);
		tell(&relays[0], FLAGSHIP_PPPP_TYPE_PUNCH_TO, &named, DUID);
	}
	run(STEP_US);
	assert_int_equal(world.sent[FLAGSHIP_PPPP_TYPE_P2P_RDY], 8);
	assert_int_equal(world.sent[FLAGSHIP_PPPP_TYPE_PUNCH_PKT], 8);
}

static void test_what_is_no_beginning(void **state)
{
	const struct flagship_pppp_relays none = relays_of(0);
	struct flagship_pppp_relays many = relays_of(RELAYS);
	const struct flagship_pppp_relays some = relays_of(RELAYS);
	const struct flagship_pppp_options nobody = {.role = FLAGSHIP_PPPP_ROLE_CLIENT};
	struct flagship_pppp_session *any = flagship_pppp_session_create(&nobody);

	(void)state;
	many.count = FLAGSHIP_PPPP_RELAYS_MAX + 1;
	assert_int_equal(flagship_pppp_session_reach(world.client, &none, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_pppp_session_reach(world.client, &many, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_pppp_session_reach(world.printer, &some, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_pppp_session_reach(any, &some, 0), FLAGSHIP_ERROR_ARGUMENT);
	begin(1);
	assert_int_equal(flagship_pppp_session_reach(world.client, &some, world.now_us),
			 FLAGSHIP_ERROR_ARGUMENT);
	flagship_pppp_session_destroy(any);
}

static void test_it_can_be_given_up(void **state)
{
	(void)state;
	begin(RELAYS);
	flagship_pppp_session_close(world.client, world.now_us);
	assert_int_equal(flagship_pppp_session_end(world.client), FLAGSHIP_PPPP_END_DONE);
	run(SECOND);
	assert_int_equal(world.sent[FLAGSHIP_PPPP_TYPE_HELLO], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_printer_is_reached),
		TEST(test_what_relays_are_told),
		TEST(test_one_relay_is_enough),
		TEST(test_silent_relays),
		TEST(test_relays_that_know_no_printer),
		TEST(test_a_printer_behind_a_wall),
		TEST(test_what_others_say_changes_nothing),
		TEST(test_a_relay_that_names_everybody),
		TEST(test_what_is_no_beginning),
		TEST(test_it_can_be_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
