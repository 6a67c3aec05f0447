/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_link.h"
#include "transport/lan/camera.h"

#include <string.h>

#define PICTURE_MS 10000

static struct scene {
	uv_loop_t loop;
	struct lan_camera *camera;
	size_t bytes;
	unsigned int pictures;
	unsigned int gaps;
	unsigned int ended;
	enum lan_camera_end end;
	const char *detail;
} scene;

static void on_video(void *context, const uint8_t *data, size_t length)
{
	(void)context;
	(void)data;
	scene.bytes += length;
}

static void on_frame_end(void *context)
{
	(void)context;
	scene.pictures++;
}

static void on_gap(void *context)
{
	(void)context;
	scene.gaps++;
}

static void on_end(void *context, enum lan_camera_end end, const char *detail)
{
	(void)context;
	scene.ended++;
	scene.end = end;
	scene.detail = detail;
}

static int create(const struct lan_camera_options *options)
{
	static const struct lan_camera_handlers handlers = {on_video, on_frame_end, on_gap, on_end};

	return lan_camera_create(&scene.loop, options, &handlers, NULL, &scene.camera);
}

static int setup(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	fake_link_begin();
	return uv_loop_init(&scene.loop);
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	return 0;
}

static void end(enum flagship_pppp_end how)
{
	fake_link_end(how);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.ended, 1);
}

/* Whether these words were written to the printer since it was asked last; forgets all of it. */
static bool told(const char *words)
{
	size_t length = fake_link.length[0];
	bool found = false;

	for (size_t at = 0; at + strlen(words) <= length; at++) {
		found = found || memcmp(fake_link.written[0] + at, words, strlen(words)) == 0;
	}
	fake_link.length[0] = 0;
	return found;
}

static void shows_pictures(void **state)
{
	const struct lan_camera_options options = {.hd = true};

	(void)state;
	assert_int_equal(create(&options), 0);
	lan_camera_set_quality(scene.camera, false); /* as soon as it is open */
	assert_false(fake_link_wrote(0));
	fake_link_open();
	assert_true(told("\"commandType\":1000"));
	lan_camera_set_quality(scene.camera, true);
	assert_true(told("\"mode\":1"));
	lan_camera_set_quality(scene.camera, false);
	assert_true(told("\"mode\":0"));
	lan_camera_set_light(scene.camera, true);
	assert_true(told("\"open\":true"));
	fake_link_say_xzyh(0, "{}", 2); /* what it says to that */
	fake_link_say_xzyh(1, "picture", 7);
	assert_int_equal(scene.pictures, 1);
	assert_int_equal(scene.bytes, 7);
	fake_clock_pass(PICTURE_MS);
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	assert_false(fake_link.closed);
	lan_camera_close(scene.camera);
	assert_true(told("\"commandType\":1001"));
	lan_camera_close(scene.camera);
	assert_false(fake_link_wrote(0));
	fake_link_say_xzyh(1, "late", 4);
	assert_int_equal(scene.pictures, 1);
	end(FLAGSHIP_PPPP_END_DONE);
	assert_int_equal(scene.end, LAN_CAMERA_CLOSED);
	assert_string_equal(scene.detail, "");
}

static void lights_as_soon_as_it_is_open(void **state)
{
	static const struct lan_camera_options options;

	(void)state;
	assert_int_equal(create(&options), 0);
	lan_camera_set_light(scene.camera, false);
	assert_false(fake_link_wrote(0));
	assert_false(lan_camera_is_heard(scene.camera)); /* of what it was not told */
	fake_link_open();
	assert_true(told("\"open\":false"));
	fake_link.room = 0;
	lan_camera_set_light(scene.camera, true);
	assert_false(lan_camera_is_heard(scene.camera));
	lan_camera_close(scene.camera);
	end(FLAGSHIP_PPPP_END_DONE);
}

static void goes_on_behind_a_gap(void **state)
{
	static const struct lan_camera_options options;
	uint8_t frame[FLAGSHIP_XZYH_HEADER_SIZE + 5];
	const struct flagship_xzyh header = {.length = 5};
	const struct flagship_pppp_piece_in behind = {
		.data = frame, .length = sizeof(frame), .gap = true};

	(void)state;
	flagship_xzyh_write(&header, frame);
	memcpy(frame + FLAGSHIP_XZYH_HEADER_SIZE, "12345", 5);
	assert_int_equal(create(&options), 0);
	fake_link_open();
	fake_link_say(1, frame, sizeof(frame) - 3);
	fake_link.handlers->on_data(fake_link.context, 1, &behind);
	assert_int_equal(scene.gaps, 1);
	assert_int_equal(scene.pictures, 1);
	assert_int_equal(scene.bytes, 2 + 5);
	lan_camera_close(scene.camera);
	end(FLAGSHIP_PPPP_END_DONE);
}

static void gives_up_where_no_picture_comes(void **state)
{
	const struct lan_camera_options options = {.picture_ms = 300};

	(void)state;
	assert_int_equal(create(&options), 0);
	fake_link_open();
	fake_clock_pass(options.picture_ms - 1);
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	assert_false(fake_link.closed);
	fake_clock_pass(1);
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	assert_true(fake_link.closed);
	end(FLAGSHIP_PPPP_END_DONE);
	assert_int_equal(scene.end, LAN_CAMERA_NO_PICTURE);
	assert_non_null(strstr(scene.detail, "no picture"));
}

static void tells_why_the_session_ended(void **state)
{
	static const struct {
		enum flagship_pppp_end end;
		enum lan_camera_end told;
	} cases[] = {
		{FLAGSHIP_PPPP_END_REFUSED, LAN_CAMERA_BUSY},
		{FLAGSHIP_PPPP_END_NOT_FOUND, LAN_CAMERA_UNREACHABLE},
		{FLAGSHIP_PPPP_END_PEER, LAN_CAMERA_LOST},
		{FLAGSHIP_PPPP_END_SILENT, LAN_CAMERA_LOST},
	};
	static const struct lan_camera_options options;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (i > 0) {
			setup(state);
		}
		assert_int_equal(create(&options), 0);
		end(cases[i].end);
		assert_int_equal(scene.end, cases[i].told);
		assert_string_equal(scene.detail, lan_link_explain(cases[i].end));
		if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
			teardown(state);
		}
	}
}

static void needs_a_link(void **state)
{
	static const struct lan_camera_options options;

	(void)state;
	fake_link.refusal = UV_EMFILE;
	assert_int_equal(create(&options), UV_EMFILE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_pictures),
		TEST(lights_as_soon_as_it_is_open),
		TEST(goes_on_behind_a_gap),
		TEST(gives_up_where_no_picture_comes),
		TEST(tells_why_the_session_ended),
		TEST(needs_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
