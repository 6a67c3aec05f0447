/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <stdio.h>
#include <string.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void on_closed(void *context)
{
	((struct scene *)context)->closed = true;
}

void scene_init(struct scene *scene, size_t printers, bool connected)
{
	static const struct fleet_handlers handlers = {.on_closed = on_closed};
	const struct mqtt_session_options options = {.host = "broker.example", .password = "old"};

	memset(scene, 0, sizeof(*scene));
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &scene->key), 0);
	assert_int_equal(fleet_create(&scene->loop, &scene->fleet), 0);
	scene->end = (struct fleet_listener){.handlers = &handlers, .context = scene};
	fleet_subscribe(scene->fleet, &scene->end);
	assert_int_equal(fleet_add_login(scene->fleet, &options, NULL, NULL, &scene->link), 0);
	for (size_t i = 0; i < printers; i++) {
		scene_add(scene, i, FLAGSHIP_MODEL_M5C);
	}
	assert_int_equal(fleet_start(scene->fleet), 0);
	if (connected) {
		fake_connect(fake_sessions[0]);
		fake_grant(fake_sessions[0], NULL);
		scene_turn(scene);
	}
}

void scene_add(struct scene *scene, size_t number, enum flagship_model model)
{
	struct fleet_printer_options options = {
		.serial = scene->serials[number], .model = model, .key = scene->key};

	snprintf(scene->serials[number], sizeof(scene->serials[number]), "AK7SCENE%zu", number);
	assert_int_equal(fleet_add_printer(scene->link, &options, &scene->printers[number]), 0);
}

void scene_turn(struct scene *scene)
{
	/* What takes long, as it does under valgrind, is done in slices: a loop with more of them
	 * does not sleep. */
	while (uv_run(&scene->loop, UV_RUN_NOWAIT) != 0 && uv_backend_timeout(&scene->loop) == 0) {
	}
}

void scene_hear(struct scene *scene, size_t number, const char *json)
{
	fake_deliver(fake_sessions[0], scene->key, scene->serials[number], FLAGSHIP_TOPIC_NOTICE,
		     json);
}

void scene_finish(struct scene *scene)
{
	fleet_close(scene->fleet);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_true(scene->closed);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	flagship_key_destroy(scene->key);
	fake_sessions_reset();
}
