/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "transport/lan/camera.h"
#include "transport/lan/probe.h"
#include "transport/lan/search.h"
#include "transport/lan/upload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The system has no memory, no socket, or gives no port: who asked is told, and nothing is left. */
#define LIVES_MAX 40

/* On this machine, and nobody's: simulated printers are at 127.0.0.1. */
#define NOBODY "127.81.9.3"

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol)
{
	if (failing_memory_due()) {
		errno = EMFILE;
		return -1;
	}
	return __real_socket(domain, type, protocol);
}

int __real_bind(int descriptor, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int descriptor, const struct sockaddr *address, socklen_t size)
{
	if (failing_memory_due()) {
		errno = EACCES;
		return -1;
	}
	return __real_bind(descriptor, address, size);
}

int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int descriptor);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int descriptor);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int descriptor)
{
	return failing_memory_due() ? UV_ENOMEM : __real_uv_poll_init(loop, poll, descriptor);
}

int __real_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop);
int __wrap_uv_loop_init(uv_loop_t *loop)
{
	return failing_memory_due() ? UV_ENOMEM : __real_uv_loop_init(loop);
}

static struct scene {
	uv_loop_t loop;
	unsigned int ended;
} scene;

static int setup(void **state)
{
	(void)state;
	failing_memory_arm(0);
	scene.ended = 0;
	return uv_loop_init(&scene.loop);
}

/* Nothing is open any more. */
static int teardown(void **state)
{
	(void)state;
	failing_memory_arm(0);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	return 0;
}

static void on_search_end(void *context)
{
	(void)context;
	scene.ended++;
}

static void on_link_end(void *context, enum flagship_pppp_end end)
{
	(void)context;
	(void)end;
	scene.ended++;
}

static void on_upload_end(void *context, const struct lan_upload_report *report)
{
	(void)context;
	(void)report;
	scene.ended++;
}

static void on_camera_end(void *context, enum lan_camera_end end, const char *detail)
{
	(void)context;
	(void)end;
	(void)detail;
	scene.ended++;
}

/* --- one life each: 0, or the error --- */

static const struct lan_link_options loopback = {.duid = "", .address = NOBODY};

static int search(void)
{
	static const char *const addresses[] = {NOBODY};
	static const struct lan_search_handlers handlers = {.on_end = on_search_end};
	struct lan_search *search;
	int error = lan_search_create(&scene.loop, addresses, 1, 0, &handlers, NULL, &search);

	if (!error) {
		lan_search_stop(search);
		lan_search_stop(search);
	}
	return error;
}

static int link_up(void)
{
	static const struct lan_link_handlers handlers = {.on_end = on_link_end};
	struct lan_link *link;
	int error = lan_link_create(&scene.loop, &loopback, &handlers, NULL, &link);

	if (!error) {
		assert_int_equal(lan_link_pending(link, 0), 0);
		lan_link_close(link);
	}
	return error;
}

static int upload(void)
{
	static const struct lan_upload_handlers handlers = {.on_end = on_upload_end};
	const struct lan_upload_options options = {
		.link = loopback, .name = "a", .md5 = "", .user_name = "", .user_id = ""};
	struct lan_upload *made;
	int error = lan_upload_create(&scene.loop, &options, &handlers, NULL, &made);

	if (!error) {
		lan_upload_cancel(made);
	}
	return error;
}

static int watch(void)
{
	static const struct lan_camera_handlers handlers = {.on_end = on_camera_end};
	const struct lan_camera_options options = {.link = loopback};
	struct lan_camera *camera;
	int error = lan_camera_create(&scene.loop, &options, &handlers, NULL, &camera);

	if (!error) {
		lan_camera_close(camera);
	}
	return error;
}

static int probe_search(void)
{
	struct lan_probe_search found;
	int error = lan_probe_search(NOBODY, NULL, 0, &found);

	assert_int_equal(found.count, 0);
	scene.ended += !error;
	return error;
}

static int probe_session(void)
{
	static const struct lan_probe_answer printer = {.address = NOBODY};
	struct lan_probe_session session;
	int error = lan_probe_session(&printer, 1, &session);

	assert_false(session.opened);
	scene.ended += !error;
	return error;
}

static void each_failure_is_told(void **state)
{
	static int (*const lives[])(void) = {search, link_up,      upload,
					     watch,  probe_search, probe_session};

	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		unsigned int number = 0;
		bool fell = true;

		while (fell) {
			assert_in_range(++number, 1, LIVES_MAX);
			scene.ended = 0;
			failing_memory_arm(number);
			int error = lives[i]();
			fell = failing_memory_fell();
			failing_memory_arm(0);
			uv_run(&scene.loop, UV_RUN_DEFAULT);
			assert_int_equal(error != 0, fell);
			assert_int_equal(scene.ended, error == 0);
		}
		/* At least memory, a socket, its port, and its place on the loop. */
		assert_in_range(number, 5, LIVES_MAX);
	}
}

static void refuses_what_is_no_address(void **state)
{
	static const struct lan_link_options bad[] = {
		{.duid = "no duid", .address = NOBODY},
		{.duid = "", .address = "localhost"},
		{.duid = "", .address = ""},
	};
	static const char *const names[] = {NOBODY, "::1"};
	static const char *many[LAN_SEARCH_ADDRESSES_MAX + 1];
	static const struct lan_link_handlers handlers = {.on_end = on_link_end};
	static const struct lan_search_handlers search_handlers = {.on_end = on_search_end};
	struct lan_probe_search found;
	struct lan_link *link;
	struct lan_search *search;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(lan_link_create(&scene.loop, &bad[i], &handlers, NULL, &link),
				 UV_EINVAL);
	}
	assert_int_equal(
		lan_search_create(&scene.loop, names, 2, 0, &search_handlers, NULL, &search),
		UV_EINVAL);
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		many[i] = NOBODY;
	}
	assert_int_equal(lan_search_create(&scene.loop, many, sizeof(many) / sizeof(many[0]), 0,
					   &search_handlers, NULL, &search),
			 UV_EINVAL);
	assert_int_equal(lan_probe_search("printer.local", NULL, 0, &found), UV_EINVAL);
	assert_int_equal(scene.ended, 0);
}

static void on_datagram(void *context, const struct flagship_pppp_host *from, const uint8_t *data,
			size_t length)
{
	(void)context;
	(void)from;
	(void)data;
	(void)length;
}

static void on_batch(void *context)
{
	(void)context;
}

static void another_port_will_do_where_one_is_wanted(void **state)
{
	static const struct udp_handlers handlers = {on_datagram, on_batch};
	struct udp first;
	struct udp second;
	struct flagship_pppp_host nobody = {.port = 9};

	(void)state;
	assert_int_equal(udp_open(&first, &scene.loop, "nowhere", 0, true, &handlers, NULL),
			 UV_EINVAL);
	assert_int_equal(first.descriptor, -1);
	assert_int_equal(udp_open(&first, &scene.loop, "127.0.0.1", 0, false, &handlers, NULL), 0);
	assert_true(first.port > 0);
	assert_int_equal(
		udp_open(&second, &scene.loop, "127.0.0.1", first.port, false, &handlers, NULL),
		UV_EADDRINUSE);
	assert_int_equal(
		udp_open(&second, &scene.loop, "127.0.0.1", first.port, true, &handlers, NULL), 0);
	assert_true(second.port > 0 && second.port != first.port);
	/* No datagram is so long. */
	static const uint8_t long_data[70000];
	assert_int_equal(udp_send(&second, &nobody, long_data, sizeof(long_data)), UV_EMSGSIZE);
	udp_close(&first, NULL);
	udp_close(&second, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(second.descriptor, -1);
}

static void on_counted(void *context, const struct flagship_pppp_host *from, const uint8_t *data,
		       size_t length)
{
	unsigned int *count = context;

	(void)from;
	(void)data;
	(void)length;
	(*count)++;
}

/* As simulated printers do beside a gateway that searches. */
static void one_address_is_free_beside_a_client_at_all(void **state)
{
	static const struct udp_handlers handlers = {on_counted, on_batch};
	static const uint8_t data[] = {1};
	struct udp client;
	struct udp printer;
	struct udp other;
	struct flagship_pppp_host host;
	unsigned int of_client = 0;
	unsigned int of_printer = 0;

	(void)state;
	assert_int_equal(udp_open(&client, &scene.loop, "", 0, true, &handlers, &of_client), 0);
	assert_int_equal(udp_open(&printer, &scene.loop, "127.9.8.7", client.port, false, &handlers,
				  &of_printer),
			 0);
	assert_int_equal(printer.port, client.port);
	assert_int_equal(
		udp_open(&other, &scene.loop, "127.9.8.7", client.port, false, &handlers, NULL),
		UV_EADDRINUSE);
	assert_int_equal(udp_open(&other, &scene.loop, "", client.port, true, &handlers, NULL), 0);
	assert_int_not_equal(other.port, client.port);
	assert_true(udp_host_parse("127.9.8.7", printer.port, &host));
	assert_int_equal(udp_send(&other, &host, data, sizeof(data)), 0);
	while (of_printer == 0) {
		uv_run(&scene.loop, UV_RUN_ONCE);
	}
	assert_int_equal(of_client, 0);
	udp_close(&client, NULL);
	udp_close(&printer, NULL);
	udp_close(&other, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
}

/* --- a host that answers --- */

static struct answers {
	struct lan_search *search;
	unsigned int found;
} answers;

static void on_found(void *context, const struct flagship_pppp_duid *duid,
		     const struct flagship_pppp_host *host)
{
	(void)context;
	(void)duid;
	assert_true(udp_host_is_loopback(host));
	answers.found++;
	if (answers.found == 2) {
		lan_search_stop(answers.search);
	}
}

static size_t write_packet(uint8_t type, char letter, uint8_t out[FLAGSHIP_PPPP_PACKET_MAX])
{
	struct flagship_pppp_packet packet = {.type = type};
	size_t length = 0;
	char duid[] = "EUPRAKM-000001-AAAAA";

	duid[sizeof(duid) - 2] = letter;
	assert_int_equal(flagship_pppp_duid_parse(duid, &packet.duid), 0);
	assert_int_equal(
		flagship_pppp_packet_write(&packet, out, FLAGSHIP_PPPP_PACKET_MAX, &length), 0);
	return length;
}

static void find_port(uv_handle_t *handle, void *context)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	uv_os_fd_t descriptor;

	if (handle->type == UV_POLL && uv_fileno(handle, &descriptor) == 0 &&
	    getsockname(descriptor, (struct sockaddr *)&own, &size) == 0) {
		*(uint16_t *)context = ntohs(own.sin_port);
	}
}

/* Of the one socket on the loop: the system chose it. */
static uint16_t port_of(uv_loop_t *loop)
{
	uint16_t port = 0;

	uv_walk(loop, find_port, &port);
	return port;
}

static void tells_each_printer_once(void **state)
{
	static const char *const addresses[] = {NOBODY};
	static const struct lan_search_handlers handlers = {on_found, on_search_end};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];
	int own = socket(AF_INET, SOCK_DGRAM, 0);
	size_t length;

	(void)state;
	answers.found = 0;
	assert_true(own >= 0);
	assert_int_equal(lan_search_create(&scene.loop, addresses, 1, INT64_C(60000), &handlers,
					   NULL, &answers.search),
			 0);
	to.sin_port = htons(port_of(&scene.loop));
	assert_true(to.sin_port != 0);
	/* No packet, another packet, one printer twice, another printer, and one too late. */
	assert_int_equal(sendto(own, "?", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	length = write_packet(FLAGSHIP_PPPP_TYPE_P2P_RDY, 'A', bytes);
	assert_true(sendto(own, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)) > 0);
	for (const char *letter = "AABC"; *letter; letter++) {
		length = write_packet(FLAGSHIP_PPPP_TYPE_PUNCH_PKT, *letter, bytes);
		assert_true(sendto(own, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)) > 0);
	}
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(answers.found, 2);
	assert_int_equal(scene.ended, 1);
	close(own);
}

static void every_end_has_its_sentence(void **state)
{
	(void)state;
	for (int end = FLAGSHIP_PPPP_END_NONE; end <= FLAGSHIP_PPPP_END_SILENT; end++) {
		for (int other = FLAGSHIP_PPPP_END_DONE; other < end; other++) {
			assert_string_not_equal(lan_link_explain((enum flagship_pppp_end)end),
						lan_link_explain((enum flagship_pppp_end)other));
		}
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_failure_is_told),
		TEST(refuses_what_is_no_address),
		TEST(another_port_will_do_where_one_is_wanted),
		TEST(one_address_is_free_beside_a_client_at_all),
		TEST(tells_each_printer_once),
		TEST(every_end_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
