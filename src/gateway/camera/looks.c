/* SPDX-License-Identifier: MIT */
#include "gateway/camera/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Single key pictures for parts of the gateway, which hold the session for that moment alone, and
 * the light, of which nobody but who switched it knows how it is.
 */

#define LOOK_MS   30000 /* a printer may take 20 s to take another session */
#define SETTLE_MS 2000  /* the camera gets used to the light */
#define DARKEN_MS 3000  /* for the printer to hear that it goes out */

/* --- lights that somebody has on --- */

struct camera_light {
	struct list place;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
};

static struct camera_light *find_light(const struct cameras *cameras, const char *serial)
{
	for (struct list *at = cameras->lights.next; at != &cameras->lights; at = at->next) {
		struct camera_light *light = LIST_OF(at, struct camera_light, place);

		if (strcmp(light->serial, serial) == 0) {
			return light;
		}
	}
	return NULL;
}

void looks_note_light(struct cameras *cameras, const char *serial, bool on)
{
	struct camera_light *light = find_light(cameras, serial);

	if (light && !on) {
		list_remove(&light->place);
		free(light);
	} else if (!light && on) {
		light = calloc(1, sizeof(*light));
		if (light) {
			snprintf(light->serial, sizeof(light->serial), "%s", serial);
			list_insert(&cameras->lights, &light->place);
		}
	}
}

void looks_forget_lights(struct cameras *cameras)
{
	while (!list_is_empty(&cameras->lights)) {
		struct camera_light *light = LIST_OF(cameras->lights.next, struct camera_light,
						     place);

		list_remove(&light->place);
		free(light);
	}
}

/* --- one look --- */

static void put_light_out(struct camera_look *look)
{
	struct camera *camera = look->camera;

	/* One that was detached is in the list no more.
	 * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	if (look->light && camera_is_open(camera) && !find_light(camera->cameras, camera->serial)) {
		lan_camera_set_light(camera->session, false);
		camera->dark_until_ms = uv_now(camera->cameras->loop) + DARKEN_MS;
	}
}

/* Whether it is over now. */
static bool is_darkened(struct camera *camera)
{
	if (camera->dark_until_ms == 0 ||
	    (uv_now(camera->cameras->loop) < camera->dark_until_ms && camera_is_open(camera) &&
	     !lan_camera_is_heard(camera->session))) {
		return false;
	}
	camera->dark_until_ms = 0;
	return true;
}

/* From now on who looked may go. */
static struct camera *detach_look(struct camera_look *look)
{
	struct camera *camera = look->camera;

	put_light_out(look);
	list_remove(&look->place);
	look->camera = NULL;
	return camera;
}

static struct camera_look *first_look(const struct camera *camera)
{
	return list_is_empty(&camera->looks)
		       ? NULL
		       : LIST_OF(camera->looks.next, struct camera_look, place);
}

void looks_fail(struct camera *camera, const char *why)
{
	struct camera_look *look;

	while ((look = first_look(camera))) {
		(void)detach_look(look);
		look->on_picture(look->context, NULL, why);
	}
}

void looks_beat(struct camera *camera)
{
	struct camera_look *look = first_look(camera);

	/* In the order that they came in they are due. */
	while (look && uv_now(camera->cameras->loop) >= look->due_ms) {
		(void)detach_look(look);
		look->on_picture(look->context, NULL, "no picture came in time");
		look = first_look(camera);
	}
	(void)is_darkened(camera);
}

void looks_opened(struct camera *camera)
{
	for (struct list *at = camera->looks.next; at != &camera->looks; at = at->next) {
		struct camera_look *look = LIST_OF(at, struct camera_look, place);

		look->shows_ms = 0;
		if (look->light) {
			lan_camera_set_light(camera->session, true);
		}
	}
}

/* Whether this picture shows what is wanted. */
static bool is_good(struct camera_look *look, const struct h264_unit *unit)
{
	uint64_t now_ms = uv_now(look->camera->cameras->loop);

	if (look->shows_ms == 0) {
		look->shows_ms = look->light ? now_ms + SETTLE_MS : now_ms;
	}
	return unit->key && now_ms >= look->shows_ms;
}

void looks_take(struct camera *camera, const struct h264_unit *unit)
{
	struct list *next;
	bool was_shown = is_darkened(camera);

	for (struct list *at = camera->looks.next; at != &camera->looks; at = next) {
		struct camera_look *look = LIST_OF(at, struct camera_look, place);

		next = at->next;
		if (is_good(look, unit)) {
			(void)detach_look(look);
			look->on_picture(look->context, unit, NULL);
			was_shown = true;
		}
	}
	if (was_shown) {
		camera_tidy(camera);
	}
}

void cameras_look(struct cameras *cameras, const char *serial, struct camera_look *look)
{
	struct camera *camera = cameras->stopped ? NULL : cameras_of(cameras, serial);
	const char *why = "the gateway ends, or is out of memory";
	int status;

	look->camera = NULL;
	if (camera && camera_is_claimed(camera)) {
		why = camera_first_claim(camera)->why;
	} else if (camera) {
		look->camera = camera;
		look->due_ms = uv_now(cameras->loop) + LOOK_MS;
		look->shows_ms = 0;
		list_insert(&camera->looks, &look->place);
		bool was_open = camera_is_open(camera);
		if (camera_begin(camera, &status, &why)) {
			if (was_open && look->light) {
				lan_camera_set_light(camera->session, true);
			}
			return;
		}
		list_remove(&look->place);
		look->camera = NULL;
		camera_tidy(camera);
	}
	look->on_picture(look->context, NULL, why);
}

void cameras_look_away(struct camera_look *look)
{
	if (look->camera) {
		camera_tidy(detach_look(look));
	}
}
