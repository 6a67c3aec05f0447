/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cloud/broker/plugin/gate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PER_ADDRESS 24
#define COUNT       64

struct peers {
	int listener;
	struct sockaddr_in address;
	int clients[COUNT];
	int servers[COUNT];
	size_t count;
	size_t unproven;
};

/* The broker's; it calls what the gate puts in the place of OpenSSL's. */
void *mosquitto_client_certificate(const struct mosquitto *client)
{
	return SSL_get1_peer_certificate((const SSL *)(const void *)client);
}

static size_t count_unproven(void *context, const struct address_key *address)
{
	const struct peers *peers = context;

	(void)address;
	return peers->unproven;
}

static void listen_here(struct peers *peers, size_t descriptors)
{
	socklen_t size = sizeof(peers->address);

	memset(peers, 0, sizeof(*peers));
	peers->address.sin_family = AF_INET;
	peers->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peers->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(peers->listener, (struct sockaddr *)&peers->address, size), 0);
	assert_int_equal(listen(peers->listener, COUNT), 0);
	assert_int_equal(getsockname(peers->listener, (struct sockaddr *)&peers->address, &size),
			 0);
	gate_open(&(struct gate_options){
		.descriptors = descriptors,
		.per_address = PER_ADDRESS,
		.count_unproven = count_unproven,
		.context = peers,
	});
	(void)gate_take_counts();
}

/* As the broker does, which comes back after an error. */
static int accept_one(struct peers *peers)
{
	int server = accept(peers->listener, NULL, NULL);

	return server < 0 && errno == EAGAIN ? accept(peers->listener, NULL, NULL) : server;
}

static int come(struct peers *peers)
{
	int client = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(
		connect(client, (struct sockaddr *)&peers->address, sizeof(peers->address)), 0);
	peers->clients[peers->count] = client;
	peers->servers[peers->count] = accept_one(peers);
	return peers->servers[peers->count++];
}

static bool was_shut(int server)
{
	char byte;

	return recv(server, &byte, 1, MSG_DONTWAIT) == 0;
}

static void leave(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		close(peers->clients[i]);
		if (peers->servers[i] >= 0) {
			close(peers->servers[i]);
		}
	}
	close(peers->listener);
	gate_run(clock_steady_s() + GATE_LOGIN_S);
}

static void the_longest_waiting_makes_room(void **state)
{
	struct peers peers;

	(void)state;
	listen_here(&peers, 0);
	for (size_t i = 0; i < PER_ADDRESS; i++) {
		assert_true(come(&peers) >= 0);
	}
	gate_note_login(peers.servers[0]);
	assert_true(come(&peers) >= 0);
	assert_false(was_shut(peers.servers[1]));
	assert_true(come(&peers) >= 0);
	assert_false(was_shut(peers.servers[0]));
	assert_true(was_shut(peers.servers[1]));
	assert_false(was_shut(peers.servers[2]));
	assert_int_equal(gate_take_counts().closed, 1);
	gate_note_end();
	leave(&peers);
}

static void who_is_not_proven_shares_the_room(void **state)
{
	struct peers peers;

	(void)state;
	listen_here(&peers, 0);
	peers.unproven = PER_ADDRESS;
	for (size_t i = 0; i < GATE_ALWAYS; i++) {
		assert_true(come(&peers) >= 0);
	}
	assert_false(was_shut(peers.servers[0]));
	assert_true(come(&peers) >= 0);
	assert_true(was_shut(peers.servers[0]));
	leave(&peers);
}

static void one_that_the_broker_closed_takes_no_room(void **state)
{
	struct peers peers;

	(void)state;
	listen_here(&peers, 0);
	for (size_t i = 0; i < COUNT; i++) {
		assert_true(come(&peers) >= 0);
		if (i % 2) {
			close(peers.servers[i]);
			peers.servers[i] = -1;
		} else if (i > PER_ADDRESS) {
			/* The descriptor is another connection's by now. */
			gate_note_login(peers.servers[i]);
			gate_note_end();
		}
	}
	assert_int_equal(gate_take_counts().closed, 0);
	leave(&peers);
}

static void nobody_waits_for_ever(void **state)
{
	struct peers peers;

	(void)state;
	listen_here(&peers, 0);
	int64_t now_s = clock_steady_s();

	come(&peers);
	come(&peers);
	gate_note_login(peers.servers[1]);
	gate_run(now_s + GATE_LOGIN_S - 1);
	assert_false(was_shut(peers.servers[0]));
	gate_run(now_s + GATE_LOGIN_S + 1);
	assert_true(was_shut(peers.servers[0]));
	assert_false(was_shut(peers.servers[1]));
	gate_note_end();
	leave(&peers);
}

static void a_full_broker_refuses_where_nobody_waits(void **state)
{
	struct peers peers;
	size_t in = 0;

	(void)state;
	listen_here(&peers, 32 + 10);
	for (size_t i = 0; i < 20; i++) {
		if (come(&peers) >= 0) {
			gate_note_login(peers.servers[i]);
			in++;
		}
	}
	assert_int_equal(in, 10);
	assert_int_equal(gate_take_counts().refused, 10);
	assert_false(was_shut(peers.servers[0]));
	gate_note_end();
	assert_true(come(&peers) >= 0);
	for (size_t i = 0; i < in; i++) {
		gate_note_end();
	}
	leave(&peers);
}

static void peers_are_probed(void **state)
{
	struct peers peers;
	int on = 0;
	socklen_t size = sizeof(on);

	(void)state;
	listen_here(&peers, 0);
	int server = come(&peers);

	assert_int_equal(getsockopt(server, SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
	assert_int_equal(on, 1);
	leave(&peers);
}

static void who_takes_nothing_is_owed_so_much(void **state)
{
	struct peers peers;
	char block[65536] = {0};
	size_t owed = 0;

	(void)state;
	listen_here(&peers, 0);
	int server = come(&peers);

	for (int i = 0; i < 100; i++) {
		assert_true(gate_takes(server, GATE_OWED_MAX / 2, &owed));
	}
	while (send(server, block, sizeof(block), MSG_DONTWAIT) > 0) {
	}
	owed = 0;
	assert_true(gate_takes(server, GATE_OWED_MAX, &owed));
	assert_false(gate_takes(server, 1, &owed));
	assert_false(gate_takes(server, GATE_OWED_MAX, &owed));
	assert_true(gate_takes(-1, GATE_OWED_MAX, &owed));
	leave(&peers);
}

static void a_clients_descriptor_is_found(void **state)
{
	struct peers peers;
	SSL_CTX *settings = SSL_CTX_new(TLS_server_method());
	SSL *connection = SSL_new(settings);

	(void)state;
	listen_here(&peers, 0);
	int server = come(&peers);

	assert_int_equal(gate_descriptor((const struct mosquitto *)(const void *)connection), -1);
	assert_int_equal(SSL_set_fd(connection, server), 1);
	assert_int_equal(gate_descriptor((const struct mosquitto *)(const void *)connection),
			 server);
	assert_null(SSL_get1_peer_certificate(connection));
	assert_true(gate_is_in_place());
	SSL_free(connection);
	SSL_CTX_free(settings);
	leave(&peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_waiting_makes_room),
		cmocka_unit_test(who_is_not_proven_shares_the_room),
		cmocka_unit_test(one_that_the_broker_closed_takes_no_room),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(a_full_broker_refuses_where_nobody_waits),
		cmocka_unit_test(peers_are_probed),
		cmocka_unit_test(who_takes_nothing_is_owed_so_much),
		cmocka_unit_test(a_clients_descriptor_is_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
