/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "gateway/timelapse/internal.h"

#include <stdlib.h>
#include <string.h>

/* A job that is filmed, through connections that are lost and gateways that begin anew. The camera,
 * the printer and the disk are this file's. */

#define SERIAL   "S1"
#define AGAIN_MS 10000 /* after a picture that could not be had */

static const uint8_t slice[] = {0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21};

static struct {
	uv_loop_t loop;
	struct log log;
	struct timelapse timelapse;
	struct printer_state state;
	struct history_job job;
	struct lapse_film films[4];
	size_t film_count;
	struct camera_look *look; /* that waits for a picture */
	unsigned int looks;
	unsigned int appended;
} scene;

/* --- in place of the rest of the gateway --- */

void cameras_look(struct cameras *cameras, const char *serial, struct camera_look *look)
{
	(void)cameras;
	assert_string_equal(serial, SERIAL);
	assert_null(scene.look);
	scene.look = look;
	scene.looks++;
}

void cameras_look_away(struct camera_look *look)
{
	if (scene.look == look) {
		scene.look = NULL;
	}
}

bool cameras_have_film(const struct cameras *cameras, const struct fleet_printer *printer)
{
	(void)cameras;
	(void)printer;
	return true;
}

bool lapse_settings_want_any(const struct timelapse *timelapse)
{
	(void)timelapse;
	return true;
}

struct lapse_choice lapse_settings_choice(const struct timelapse *timelapse, const char *serial)
{
	(void)timelapse;
	(void)serial;
	return (struct lapse_choice){.mode = LAPSE_INTERVAL, .interval_s = 1};
}

struct fleet_printer *gateway_printers_next(const struct gateway_printers *printers,
					    const struct fleet_printer *printer)
{
	(void)printers;
	return printer ? NULL : (struct fleet_printer *)(void *)&scene;
}

const struct printer_state *fleet_printer_state(const struct fleet_printer *printer)
{
	(void)printer;
	return &scene.state;
}

const char *fleet_printer_serial(const struct fleet_printer *printer)
{
	(void)printer;
	return SERIAL;
}

bool history_current_job(const struct history *history, const char *serial, struct history_job *job)
{
	(void)history;
	(void)serial;
	*job = scene.job;
	return scene.job.id > 0;
}

struct lapse_film *films_of_job(const struct timelapse *timelapse, int64_t job)
{
	(void)timelapse;
	for (size_t i = 0; i < scene.film_count; i++) {
		if (scene.films[i].job == job && !scene.films[i].is_ending) {
			return &scene.films[i];
		}
	}
	return NULL;
}

struct lapse_film *films_begin(struct timelapse *timelapse, const struct history_job *job)
{
	struct lapse_film *film = &scene.films[scene.film_count++];

	*film = (struct lapse_film){.id = (int64_t)scene.film_count, .job = job->id};
	strcpy(film->serial, job->serial);
	list_insert(&timelapse->films, &film->place);
	return film;
}

void films_append(struct timelapse *timelapse, struct lapse_film *film, uint8_t *sample,
		  size_t length)
{
	(void)timelapse;
	assert_true(length > 0);
	film->extent.frames++;
	scene.appended++;
	free(sample);
}

void films_end(struct timelapse *timelapse, struct lapse_film *film)
{
	(void)timelapse;
	film->is_ending = true;
}

/* --- the scene --- */

static void open_gateway(void)
{
	list_init(&scene.timelapse.watches);
	scene.timelapse.loop = &scene.loop;
	scene.timelapse.options.log = &scene.log;
	scene.look = NULL;
}

static int open_scene(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	log_init(&scene.log, 2, LOG_FORMAT_TEXT, &(struct log_levels){0});
	list_init(&scene.timelapse.films);
	scene.state.job.state = PRINTER_JOB_PRINTING;
	scene.job = (struct history_job){.id = 7, .outcome = HISTORY_GOING_ON};
	strcpy(scene.job.serial, SERIAL);
	open_gateway();
	return uv_loop_init(&scene.loop);
}

static int close_scene(void **state)
{
	(void)state;
	shots_stop(&scene.timelapse);
	return uv_loop_close(&scene.loop);
}

static void beat_after(int64_t ms)
{
	fake_clock_pass(ms);
	uv_update_time(&scene.loop);
	shots_beat(&scene.timelapse);
}

static void answer(bool with_picture)
{
	struct h264_parameters parameters = {.width = 64, .height = 48};
	const struct h264_unit unit = {
		.data = slice, .length = sizeof(slice), .key = true, .parameters = &parameters};
	struct camera_look *look = scene.look;

	assert_non_null(look);
	parameters.sequence_length = 4;
	parameters.picture_length = 2;
	memcpy(parameters.sequence, "\x67\x64\x10\x0a", 4);
	memcpy(parameters.picture, "\x68\xee", 2);
	scene.look = NULL;
	look->on_picture(look->context, with_picture ? &unit : NULL, "the connection is lost");
}

/* --- what is to hold --- */

static void a_lost_connection_costs_pictures_and_no_film(void **state)
{
	(void)state;
	beat_after(0);
	answer(true);
	beat_after(1000);
	answer(false);
	assert_int_equal(scene.films[0].missed, 1);
	beat_after(AGAIN_MS - 1);
	assert_null(scene.look);
	beat_after(1);
	answer(false);
	beat_after(AGAIN_MS);
	answer(true);
	assert_int_equal(scene.film_count, 1);
	assert_int_equal(scene.films[0].extent.frames, 2);
	assert_int_equal(scene.films[0].missed, 2);
	/* As usual from then on. */
	beat_after(1000);
	answer(true);
	assert_int_equal(scene.films[0].extent.frames, 3);
}

static void what_is_missed_before_the_first_picture_counts(void **state)
{
	(void)state;
	beat_after(0);
	answer(false);
	assert_int_equal(scene.film_count, 0);
	beat_after(AGAIN_MS);
	answer(true);
	assert_int_equal(scene.films[0].missed, 1);
}

static void a_printer_that_is_offline_is_left_alone(void **state)
{
	(void)state;
	beat_after(0);
	answer(true);
	scene.state.job.state = PRINTER_JOB_UNKNOWN;
	beat_after(60000);
	assert_null(scene.look);
	scene.state.job.state = PRINTER_JOB_PRINTING;
	beat_after(1000);
	answer(true);
	assert_int_equal(scene.film_count, 1);
	assert_int_equal(scene.films[0].extent.frames, 2);
}

static void a_restart_goes_on_with_the_film_of_the_job(void **state)
{
	(void)state;
	beat_after(0);
	answer(true);
	beat_after(1000);
	assert_non_null(scene.look); /* the gateway ends in the middle of a picture */
	shots_stop(&scene.timelapse);
	assert_null(scene.look);
	open_gateway();
	beat_after(0);
	answer(true);
	assert_int_equal(scene.film_count, 1);
	assert_int_equal(scene.films[0].extent.frames, 2);
}

static void another_job_after_a_restart_ends_the_film(void **state)
{
	(void)state;
	beat_after(0);
	answer(true);
	shots_stop(&scene.timelapse);
	open_gateway();
	scene.job.id = 8;
	beat_after(0);
	answer(true);
	assert_true(scene.films[0].is_ending);
	assert_int_equal(scene.films[0].outcome, HISTORY_UNKNOWN);
	assert_int_equal(scene.film_count, 2);
	assert_int_equal(scene.films[1].job, 8);
}

static void the_last_picture_may_be_lost(void **state)
{
	struct history_job ended;
	(void)state;

	beat_after(0);
	answer(true);
	ended = scene.job;
	ended.outcome = HISTORY_FINISHED;
	ended.ended_ms = 5;
	shots_end_job(&scene.timelapse, &ended);
	assert_false(scene.films[0].is_ending);
	answer(false);
	assert_true(scene.films[0].is_ending);
	assert_int_equal(scene.films[0].outcome, HISTORY_FINISHED);
	assert_int_equal(scene.films[0].ended_ms, 5);
	assert_int_equal(scene.films[0].missed, 1);
	assert_true(list_is_empty(&scene.timelapse.watches));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_scene, close_scene)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_connection_costs_pictures_and_no_film),
		TEST(what_is_missed_before_the_first_picture_counts),
		TEST(a_printer_that_is_offline_is_left_alone),
		TEST(a_restart_goes_on_with_the_film_of_the_job),
		TEST(another_job_after_a_restart_ends_the_film),
		TEST(the_last_picture_may_be_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gateway_shots", tests, NULL, NULL);
}
