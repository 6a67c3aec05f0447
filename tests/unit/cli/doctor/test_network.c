/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/doctor/doctor.h"
#include "cli/kit/cli.h"
#include "cloud/broker/certificate.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_MS  20000
#define CLIENTS_MAX 8
#define ANOTHER_PIN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* What listens on loopback. */
struct server {
	int socket;
	uint16_t port;
	SSL_CTX *context; /* NULL: it says something that is no TLS */
	pthread_t thread;
};

struct scene {
	struct doctor doctor;
	struct target_login login;
	struct server server;
	char *printed;
	size_t printed_length;
	FILE *stream;
	char folder[PATH_MAX / 4];
	char authority[PATH_MAX / 2];
	char certificate[PATH_MAX / 2];
	char key[PATH_MAX / 2];
};

static struct scene scene;

/* --- the other side --- */

static void *serve(void *context)
{
	const struct server *server = context;
	int clients[CLIENTS_MAX];
	size_t count = 0;
	int client;

	while ((client = accept(server->socket, NULL, NULL)) >= 0) {
		SSL *tls = server->context ? SSL_new(server->context) : NULL;

		if (tls) {
			(void)SSL_set_fd(tls, client);
			(void)SSL_accept(tls);
		} else {
			(void)!write(client, "220 mail.example\r\n", 18);
		}
		SSL_free(tls);
		/* It looks twice at once, and ends its connections itself. */
		assert_true(count < CLIENTS_MAX);
		clients[count++] = client;
	}
	while (count > 0) {
		close(clients[--count]);
	}
	return NULL;
}

static void listen_to(SSL_CTX *context)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	struct server *server = &scene.server;

	server->context = context;
	server->socket = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(server->socket >= 0);
	assert_int_equal(bind(server->socket, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->socket, 8), 0);
	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &length), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop_listening(void)
{
	if (scene.server.socket >= 0) {
		shutdown(scene.server.socket, SHUT_RDWR);
		pthread_join(scene.server.thread, NULL);
		close(scene.server.socket);
		SSL_CTX_free(scene.server.context);
	}
	scene.server.socket = -1;
}

/* A certificate of a CA of its own, for this name. */
static SSL_CTX *make_context(const char *host)
{
	char authority_key[PATH_MAX];

	snprintf(authority_key, sizeof(authority_key), "%s/ca.key", scene.folder);
	assert_int_equal(certificate_make_key(authority_key, CERTIFICATE_ECDSA), 0);
	assert_int_equal(certificate_make_key(scene.key, CERTIFICATE_ECDSA), 0);
	assert_int_equal(certificate_make_authority(authority_key, scene.authority, "A test"), 0);
	assert_int_equal(certificate_issue(authority_key, scene.authority, scene.key,
					   scene.certificate, "broker", &host, 1),
			 0);
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	assert_non_null(context);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(context, scene.certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(context, scene.key, SSL_FILETYPE_PEM), 1);
	return context;
}

/* --- the scene --- */

static int setup(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	scene = (struct scene){.folder = "/tmp/doctor-XXXXXX"};
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.authority, sizeof(scene.authority), "%s/ca.pem", scene.folder);
	snprintf(scene.certificate, sizeof(scene.certificate), "%s/server.pem", scene.folder);
	snprintf(scene.key, sizeof(scene.key), "%s/server.key", scene.folder);
	scene.server.socket = -1;
	scene.stream = open_memstream(&scene.printed, &scene.printed_length);
	assert_non_null(scene.stream);
	output_init(&scene.doctor.report.output, scene.stream);
	scene.doctor.socket = -1;
	scene.doctor.targets.timeout_ms = TIMEOUT_MS;
	scene.doctor.login = &scene.login;
	static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
						"ALL_PROXY",   "no_proxy",    "NO_PROXY"};
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		assert_int_equal(unsetenv(variables[i]), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	stop_listening();
	SSL_CTX_free(scene.doctor.trust.context);
	fclose(scene.stream);
	free(scene.printed);
	snprintf(command, sizeof(command), "rm -r '%s'", scene.folder);
	return system(command);
}

static void look(const char *host, uint16_t port, bool plain, const struct trust_options *trust)
{
	scene.login.session = (struct mqtt_session_options){
		.host = host, .port = port, .plain = plain};
	if (trust) {
		assert_int_equal(trust_init(&scene.doctor.trust, trust, host), 0);
	}
	doctor_check_network(&scene.doctor);
	assert_true(scene.doctor.socket < 0);
}

/* The state of the link, and what it says; words may be "". */
static void assert_link(size_t number, const char *name, enum doctor_state state, const char *words)
{
	const struct doctor_link *link = &scene.doctor.report.links[number];

	assert_true(number < scene.doctor.report.count);
	assert_string_equal(link->name, name);
	assert_int_equal(link->state, state);
	if (!strstr(link->detail, words)) {
		assert_string_equal(link->detail, words);
	}
}

static void assert_advice(size_t number, const char *words)
{
	const char *advice = scene.doctor.report.links[number].advice;

	if (!strstr(advice, words)) {
		assert_string_equal(advice, words);
	}
}

static const char *json(void)
{
	scene.doctor.report.json = true;
	(void)doctor_conclude(&scene.doctor.report);
	fflush(scene.stream);
	return scene.printed;
}

/* --- tests --- */

static void test_plain_mqtt_to_an_address(void **state)
{
	(void)state;
	listen_to(NULL);
	look("127.0.0.1", scene.server.port, true, NULL);
	assert_link(0, "dns", DOCTOR_WELL,
		    "127.0.0.1 is an address: there is nothing to look up; local");
	assert_link(1, "tcp", DOCTOR_WELL, "127.0.0.1 port ");
	assert_link(2, "tls", DOCTOR_WELL, "the login goes over the network in clear");
	assert_int_equal(scene.doctor.report.statuses[DOCTOR_BROKER], CLI_DONE);
	assert_non_null(strstr(json(), "\"looks_like\":\"local\""));
	assert_non_null(strstr(json(), "\"addresses\":[\"127.0.0.1\"]"));
}

static void test_a_name_of_this_machine(void **state)
{
	(void)state;
	listen_to(NULL);
	look("localhost", scene.server.port, true, NULL);
	assert_link(0, "dns", DOCTOR_WELL, "localhost → ");
	assert_link(0, "dns", DOCTOR_WELL, "127.0.0.1");
	assert_link(0, "dns", DOCTOR_WELL, ": local");
	assert_link(1, "tcp", DOCTOR_WELL, "127.0.0.1 port ");
}

static void test_a_name_that_there_is_not(void **state)
{
	(void)state;
	look("no-such-name.invalid", 1, false, NULL);
	assert_link(0, "dns", DOCTOR_BROKEN,
		    "there is no address for the name no-such-name.invalid");
	assert_link(1, "tcp", DOCTOR_SKIPPED, "");
	assert_link(2, "tls", DOCTOR_SKIPPED, "");
	assert_int_equal(scene.doctor.report.statuses[DOCTOR_BROKER], CLI_CANNOT_CONNECT);
}

static void test_nothing_listens(void **state)
{
	(void)state;
	listen_to(NULL);
	uint16_t port = scene.server.port;
	stop_listening();
	look("127.0.0.1", port, false, NULL);
	assert_link(1, "tcp", DOCTOR_BROKEN, "127.0.0.1: Connection refused");
	assert_string_equal(scene.doctor.report.links[1].advice,
			    "nothing listens there: check that the broker runs, and its port");
	assert_link(2, "tls", DOCTOR_SKIPPED, "");
}

static void test_a_proxy_is_named_without_its_login(void **state)
{
	(void)state;
	listen_to(NULL);
	uint16_t port = scene.server.port;
	stop_listening();
	assert_int_equal(setenv("https_proxy", "http://anne:secret@proxy.example:3128", 1), 0);
	look("127.0.0.1", port, false, NULL);
	assert_link(1, "tcp", DOCTOR_BROKEN, "Connection refused");
	assert_advice(1, "not through the proxy ");
	assert_advice(1, "proxy.example:3128 that the variable https_proxy names");
	assert_null(strstr(scene.doctor.report.links[1].advice, "secret"));
}

static void test_a_certificate_of_the_authority(void **state)
{
	const struct trust_options trust = {.ca_file = scene.authority};

	(void)state;
	listen_to(make_context("127.0.0.1"));
	look("127.0.0.1", scene.server.port, false, &trust);
	assert_link(2, "tls", DOCTOR_WELL, "trusted by its issuer");
	assert_link(2, "tls", DOCTOR_WELL, "CN=broker of CN=A test");
	assert_null(strstr(scene.doctor.report.links[2].detail, "out of date"));
	assert_non_null(strstr(json(), "\"pinned\":false"));
	assert_non_null(strstr(json(), "\"not_after\":\""));
}

static void test_a_certificate_of_another_name(void **state)
{
	const struct trust_options trust = {.ca_file = scene.authority};

	(void)state;
	listen_to(make_context("broker.example"));
	look("127.0.0.1", scene.server.port, false, &trust);
	assert_link(2, "tls", DOCTOR_BROKEN, "(certificate CN=broker of CN=A test, valid from ");
	assert_link(2, "tls", DOCTOR_BROKEN, "; this machine says ");
	assert_advice(2, "; if this is not your broker, somebody stands in between");
	assert_non_null(strstr(json(), "\"subject\":\"CN=broker\""));
}

static void test_a_pinned_certificate_and_another_one(void **state)
{
	const struct trust_options trust = {.pin_sha256 = ANOTHER_PIN};

	(void)state;
	listen_to(make_context("broker.example"));
	look("127.0.0.1", scene.server.port, false, &trust);
	assert_link(2, "tls", DOCTOR_BROKEN, "certificate CN=broker of CN=A test");
	char pin[TRUST_PIN_TEXT_SIZE];
	snprintf(pin, sizeof(pin), "%s", scene.doctor.tls.fingerprint);

	/* The one that was shown, whatever its name. */
	const struct trust_options right = {.pin_sha256 = pin};
	SSL_CTX_free(scene.doctor.trust.context);
	scene.doctor.report.count = 0;
	scene.doctor.report.statuses[DOCTOR_BROKER] = CLI_DONE;
	scene.doctor.tls = (struct probe_tls){0};
	look("127.0.0.1", scene.server.port, false, &right);
	assert_link(2, "tls", DOCTOR_WELL, "it is the pinned one");
	assert_non_null(strstr(json(), "\"pinned\":true"));
}

static void test_an_unchecked_certificate_is_said(void **state)
{
	const struct trust_options trust = {.insecure = true};

	(void)state;
	listen_to(make_context("broker.example"));
	look("127.0.0.1", scene.server.port, false, &trust);
	assert_link(2, "tls", DOCTOR_WELL, "not checked: anybody could stand in between");
}

static void test_what_speaks_no_tls(void **state)
{
	const struct trust_options trust = {.pin_sha256 = ANOTHER_PIN};

	(void)state;
	listen_to(NULL);
	look("127.0.0.1", scene.server.port, false, &trust);
	assert_link(1, "tcp", DOCTOR_WELL, "");
	assert_link(2, "tls", DOCTOR_BROKEN, "");
	assert_int_not_equal(scene.doctor.report.links[2].detail[0], '\0');
	assert_int_not_equal(scene.doctor.report.links[2].advice[0], '\0');
	assert_int_equal(scene.doctor.report.statuses[DOCTOR_BROKER], CLI_CANNOT_CONNECT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain_mqtt_to_an_address),
		TEST(test_a_name_of_this_machine),
		TEST(test_a_name_that_there_is_not),
		TEST(test_nothing_listens),
		TEST(test_a_proxy_is_named_without_its_login),
		TEST(test_a_certificate_of_the_authority),
		TEST(test_a_certificate_of_another_name),
		TEST(test_a_pinned_certificate_and_another_one),
		TEST(test_an_unchecked_certificate_is_said),
		TEST(test_what_speaks_no_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
