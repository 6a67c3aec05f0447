/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/mqtt/reason.h"

#include <arpa/inet.h>
#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is said of a socket to the broker whose end was noticed by somebody else first. */

static int listen_somewhere(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(listening, (const struct sockaddr *)address, size), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)address, &size), 0);
	return listening;
}

static void a_reset_connection_was_not_refused(void **state)
{
	struct sockaddr_in address;
	int listening = listen_somewhere(&address);
	int ours = socket(AF_INET, SOCK_STREAM, 0);
	struct mosquitto *mosquitto = mosquitto_new(NULL, true, NULL);
	bool tcp_open = false;
	char byte = 0;

	(void)state;
	assert_int_equal(connect(ours, (const struct sockaddr *)&address, sizeof(address)), 0);
	int theirs = accept(listening, NULL, NULL);
	assert_int_equal(write(ours, "hello", 5), 5);
	assert_int_equal(recv(theirs, &byte, 1, MSG_PEEK), 1);
	close(theirs); /* with bytes that nobody read: a reset */
	assert_int_equal(read(ours, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET); /* which takes the error away */
	assert_int_equal(mqtt_socket_error(mosquitto, ours, &tcp_open), ECONNRESET);
	assert_true(tcp_open);
	mosquitto_destroy(mosquitto);
	close(ours);
	close(listening);
}

static void a_refused_connection_was_never_open(void **state)
{
	struct sockaddr_in address;
	int ours = socket(AF_INET, SOCK_STREAM, 0);
	struct mosquitto *mosquitto = mosquitto_new(NULL, true, NULL);
	bool tcp_open = false;

	(void)state;
	close(listen_somewhere(&address));
	assert_int_equal(connect(ours, (const struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(mqtt_socket_error(mosquitto, ours, &tcp_open), ECONNREFUSED);
	assert_false(tcp_open);
	mosquitto_destroy(mosquitto);
	close(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_connection_was_not_refused),
		cmocka_unit_test(a_refused_connection_was_never_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
