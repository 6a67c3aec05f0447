/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Watchers with sockets of this file, which take as much as a test says. */

#define WATCHERS 17
#define ROOM     65536
#define HEAD     "--flagship-picture\r\n"
#define PART     "Content-Type: image/jpeg\r\nContent-Length: 3\r\n\r\n"
#define TAIL     "\r\n--flagship-picture\r\n"

static struct {
	uv_loop_t loop;
	struct cameras cameras;
	struct camera camera;
	struct http_source source;
	void *watchers[WATCHERS];
	size_t count;
	size_t resumed;
	const char *fps; /* of the query; NULL: none */
	int refused;     /* with which status */
	bool holds;      /* the login */
	bool stored;     /* the printer */
	struct access_identity identity;
} world;

/* --- in place of the HTTP server and the rest of the gateway --- */

void http_respond_stream(struct http_request *request, const struct http_response *response,
			 int64_t length, const struct http_source *source, void *context)
{
	(void)request;
	assert_int_equal(response->status, 200);
	assert_int_equal(length, -1);
	world.source = *source;
	world.watchers[world.count++] = context;
}

void http_respond_resume(struct http_request *request)
{
	(void)request;
	world.resumed++;
}

bool http_request_query_value(const struct http_request *request, const char *name, char *out,
			      size_t capacity)
{
	(void)request;
	assert_string_equal(name, "fps");
	snprintf(out, capacity, "%s", world.fps ? world.fps : "");
	return world.fps != NULL;
}

const struct access_identity *access_identity(const struct http_request *request)
{
	(void)request;
	return &world.identity;
}

struct access_identity *access_identity_copy(const struct access_identity *identity)
{
	struct access_identity *copy = malloc(sizeof(*copy));

	assert_non_null(copy);
	*copy = *identity;
	return copy;
}

void access_identity_free(void *identity)
{
	free(identity);
}

bool access_identity_holds(const struct access *access, const struct access_identity *identity)
{
	(void)access;
	(void)identity;
	return world.holds;
}

const struct store_printer *gateway_printers_stored(const struct gateway_printers *printers,
						    const char *serial)
{
	static const struct store_printer printer;

	(void)printers;
	(void)serial;
	return world.stored ? &printer : NULL;
}

void rest_respond_problem(struct http_request *request, int status, const char *format, ...)
{
	(void)request;
	(void)format;
	world.refused = status;
}

void camera_tidy(struct camera *camera)
{
	(void)camera;
}

void camera_jpeg_release(struct camera_jpeg *jpeg)
{
	if (jpeg && --jpeg->references == 0) {
		free(jpeg);
	}
}

struct camera_jpeg *camera_jpeg_hold(struct camera_jpeg *jpeg)
{
	jpeg->references++;
	return jpeg;
}

/* --- the world --- */

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.holds = true;
	world.stored = true;
	world.cameras.loop = &world.loop;
	world.camera.cameras = &world.cameras;
	list_init(&world.camera.watchers);
	return uv_loop_init(&world.loop);
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < world.count; i++) {
		if (world.watchers[i]) {
			world.source.release(world.watchers[i]);
		}
	}
	camera_jpeg_release(world.camera.jpeg);
	assert_true(list_is_empty(&world.camera.watchers));
	assert_int_equal(uv_loop_close(&world.loop), 0);
	return 0;
}

static void show(const char *three)
{
	struct camera_jpeg *jpeg = malloc(sizeof(*jpeg) + strlen(three));

	assert_non_null(jpeg);
	jpeg->references = 1;
	jpeg->length = strlen(three);
	memcpy(jpeg->data, three, jpeg->length);
	camera_jpeg_release(world.camera.jpeg);
	world.camera.jpeg = jpeg;
	mjpeg_show(&world.camera);
}

/* A watcher to whom every picture is due. */
static size_t watch(void)
{
	mjpeg_begin(&world.camera, NULL, MJPEG_FPS_MAX);
	return world.count - 1;
}

static const char *take(size_t number, size_t capacity)
{
	static char text[ROOM + 1];
	ssize_t count = world.source.read(world.watchers[number], text, capacity);

	if (count == HTTP_SOURCE_WAIT) {
		return "(waits)";
	}
	assert_in_range(count, 0, capacity);
	text[count] = '\0';
	return text;
}

static void let_time_pass(uint64_t ms)
{
	world.loop.time += ms; /* of libuv: what uv_now gives */
}

/* --- tests --- */

static void test_parts_have_a_boundary_on_either_side(void **state)
{
	(void)state;
	show("one");
	size_t watcher = watch();
	assert_string_equal(take(watcher, ROOM), HEAD PART "one" TAIL);
	assert_string_equal(take(watcher, ROOM), "(waits)");
	let_time_pass(1000);
	assert_string_equal(take(watcher, ROOM), "(waits)");
	show("two");
	assert_int_equal(world.resumed, 1);
	assert_string_equal(take(watcher, ROOM), PART "two" TAIL);
}

static void test_a_socket_that_takes_single_bytes_gets_all_of_them(void **state)
{
	static const char whole[] = HEAD PART "one" TAIL;
	(void)state;

	show("one");
	size_t watcher = watch();
	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		const char *taken = take(watcher, 1);

		assert_int_equal(taken[0], whole[i]);
		assert_int_equal(strlen(taken), 1);
	}
	assert_string_equal(take(watcher, 1), "(waits)");
}

static void test_who_reads_slowly_gets_the_newest_and_holds_one(void **state)
{
	(void)state;
	show("one");
	size_t slow = watch();
	assert_string_equal(take(slow, 3), "--f");
	struct camera_jpeg *first = camera_jpeg_hold(world.camera.jpeg);
	for (int i = 0; i < 100; i++) {
		let_time_pass(1000);
		show("mid");
	}
	assert_int_equal(first->references, 2); /* his, and of this test */
	show("new");
	assert_int_equal(world.resumed, 0);
	assert_string_equal(take(slow, ROOM), "lagship-picture\r\n" PART "one" TAIL);
	assert_int_equal(first->references, 2);
	assert_string_equal(take(slow, ROOM), PART "new" TAIL);
	assert_int_equal(first->references, 1);
	camera_jpeg_release(first);
}

static void test_each_gets_no_more_than_he_asked_for(void **state)
{
	size_t taken = 0;
	(void)state;

	show("one");
	mjpeg_begin(&world.camera, NULL, 5);
	for (int i = 0; i < 100; i++) { /* ten seconds of ten a second, which come unevenly */
		let_time_pass(i % 2 ? 130 : 70);
		show("new");
		taken += strcmp(take(0, ROOM), "(waits)") != 0;
	}
	assert_in_range(taken, 49, 51);
	assert_int_equal(mjpeg_pause_ms(&world.camera), 200);
	watch();
	assert_int_equal(mjpeg_pause_ms(&world.camera), 40);
}

static void test_nobody_is_nothing_to_paint_for(void **state)
{
	(void)state;
	assert_int_equal(mjpeg_pause_ms(&world.camera), 0);
}

static void test_too_many_are_refused(void **state)
{
	(void)state;
	show("one");
	for (size_t i = 0; i < WATCHERS; i++) {
		assert_int_equal(world.refused, 0);
		mjpeg_begin(&world.camera, NULL, 1);
	}
	assert_int_equal(world.refused, 503);
	assert_int_equal(world.count, WATCHERS - 1);
}

static void test_one_cannot_take_all(void **state)
{
	(void)state;
	show("one");
	world.identity = (struct access_identity){.kind = ACCESS_BY_SESSION, .name = "one"};
	for (size_t i = 0; i <= FOLLOWERS_OF_ONE; i++) {
		assert_int_equal(world.refused, 0);
		mjpeg_begin(&world.camera, NULL, 1);
	}
	assert_int_equal(world.refused, 503);
	assert_int_equal(world.count, FOLLOWERS_OF_ONE);
	/* A key that is called so is another. */
	world.refused = 0;
	world.identity.kind = ACCESS_BY_KEY;
	mjpeg_begin(&world.camera, NULL, 1);
	assert_int_equal(world.refused, 0);
	assert_int_equal(world.count, FOLLOWERS_OF_ONE + 1);
}

static void test_it_ends_with_the_login(void **state)
{
	(void)state;
	show("one");
	size_t watcher = watch();
	take(watcher, ROOM);
	assert_string_equal(take(watcher, ROOM), "(waits)");
	mjpeg_beat(&world.camera);
	assert_int_equal(world.resumed, 0);
	world.holds = false;
	mjpeg_beat(&world.camera);
	assert_int_equal(world.resumed, 1);
	assert_string_equal(take(watcher, ROOM), "");
}

static void test_it_ends_with_the_printer_and_the_gateway(void **state)
{
	(void)state;
	show("one");
	size_t watcher = watch();
	take(watcher, 1);
	world.stored = false;
	mjpeg_beat(&world.camera);
	/* What has begun is sent whole. */
	assert_string_equal(take(watcher, ROOM), "-flagship-picture\r\n" PART "one" TAIL);
	assert_string_equal(take(watcher, ROOM), "");
	size_t other = watch();
	take(other, ROOM);
	mjpeg_end(&world.camera);
	assert_string_equal(take(other, ROOM), "");
}

static void test_rates(void **state)
{
	static const struct {
		const char *text;
		unsigned int fps; /* 0: refused */
	} cases[] = {{NULL, 10}, {"1", 1},   {"25", 25},   {"007", 7}, {"0", 0},
		     {"26", 0},  {"-1", 0},  {"+5", 0},    {"", 0},    {"ten", 0},
		     {"5s", 0},  {"5.0", 0}, {"999999", 0}};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int fps;

		world.fps = cases[i].text;
		assert_int_equal(mjpeg_read_fps(NULL, &fps), cases[i].fps > 0);
		if (cases[i].fps > 0) {
			assert_int_equal(fps, cases[i].fps);
		}
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts_have_a_boundary_on_either_side),
		TEST(test_a_socket_that_takes_single_bytes_gets_all_of_them),
		TEST(test_who_reads_slowly_gets_the_newest_and_holds_one),
		TEST(test_each_gets_no_more_than_he_asked_for),
		TEST(test_nobody_is_nothing_to_paint_for),
		TEST(test_too_many_are_refused),
		TEST(test_one_cannot_take_all),
		TEST(test_it_ends_with_the_login),
		TEST(test_it_ends_with_the_printer_and_the_gateway),
		TEST(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
