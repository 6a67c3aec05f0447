/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

/* Several who listen, and come and go while they are told. */
#define LISTENERS 4

struct ear {
	struct fleet_listener listener;
	struct scene *scene;
	unsigned int payloads;
	unsigned int printer_events;
	unsigned int changes;
	uint32_t parts;
	unsigned int dones;
	unsigned int closed;
	struct fleet_listener *drops;      /* at the first payload */
	struct fleet_listener *subscribes; /* likewise */
	bool delivers;                     /* another message, from inside of the first */
	bool closes;
	size_t removes; /* this printer, less one */
};

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	struct ear *ear = context;

	(void)kind;
	assert_true(payload->count > 0);
	assert_non_null(fleet_printer_serial(printer));
	assert_non_null(ear->listener.fleet); /* it is subscribed */
	if (ear->payloads++ > 0) {
		return;
	}
	if (ear->drops) {
		fleet_unsubscribe(ear->drops);
	}
	if (ear->subscribes) {
		fleet_subscribe(ear->scene->fleet, ear->subscribes);
	}
	if (ear->removes) {
		fleet_remove_printer(ear->scene->printers[ear->removes - 1]);
		/* It is in memory still. */
		assert_non_null(fleet_printer_serial(printer));
	}
	if (ear->delivers) {
		scene_hear(ear->scene, 1, SCENE_HEAT);
	}
	if (ear->closes) {
		fleet_close(ear->scene->fleet);
	}
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	struct ear *ear = context;

	(void)printer;
	(void)event;
	ear->printer_events++;
}

static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	struct ear *ear = context;

	(void)printer;
	assert_true(parts != 0);
	ear->changes++;
	ear->parts = parts;
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	(void)printer;
	assert_true(report->id != 0);
	((struct ear *)context)->dones++;
}

static void on_closed(void *context)
{
	((struct ear *)context)->closed++;
}

static const struct fleet_handlers handlers = {
	.on_payload = on_payload,
	.on_printer_event = on_printer_event,
	.on_changed = on_changed,
	.on_done = on_done,
	.on_closed = on_closed,
};

static struct scene scene;
static struct ear ears[LISTENERS];

static void set_up(size_t subscribed)
{
	scene_init(&scene, 2, true);
	for (size_t i = 0; i < LISTENERS; i++) {
		ears[i] = (struct ear){.scene = &scene,
				       .listener = {.handlers = &handlers, .context = &ears[i]}};
		if (i < subscribed) {
			fleet_subscribe(scene.fleet, &ears[i].listener);
		}
	}
}

static void all_are_notified(void **state)
{
	(void)state;
	set_up(3);
	scene_hear(&scene, 0, SCENE_HEAT);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ears[i].payloads, 1);
		assert_int_equal(ears[i].printer_events, 1); /* online */
	}
	fleet_unsubscribe(&ears[1].listener);
	fleet_unsubscribe(&ears[1].listener);
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[0].payloads, 2);
	assert_int_equal(ears[1].payloads, 1);
	assert_int_equal(ears[2].payloads, 2);
	scene_finish(&scene);
	assert_int_equal(ears[0].closed, 1);
	assert_int_equal(ears[1].closed, 0);
}

static void what_changed_is_reported_once_a_payload(void **state)
{
	(void)state;
	set_up(1);
	scene_hear(&scene, 0,
		   "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000},"
		   "{\"commandType\":1004,\"currentTemp\":3990,\"targetTemp\":6000}]");
	assert_int_equal(ears[0].changes, 1);
	assert_int_equal(ears[0].parts,
			 PRINTER_PART_ONLINE | PRINTER_PART_NOZZLE | PRINTER_PART_BED);
	/* The same again is none. */
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[0].changes, 1);
	scene_hear(&scene, 0, "{\"commandType\":1003,\"currentTemp\":5300,\"targetTemp\":18000}");
	assert_int_equal(ears[0].changes, 2);
	assert_int_equal(ears[0].parts, PRINTER_PART_NOZZLE);
	scene_finish(&scene);
}

/* Who drops whom: itself, the one before, the one after, and the last. */
static void they_unsubscribe_inside(void **state)
{
	(void)state;
	for (size_t dropped = 0; dropped < LISTENERS; dropped++) {
		set_up(LISTENERS);
		ears[1].drops = &ears[dropped].listener;
		scene_hear(&scene, 0, SCENE_HEAT);
		for (size_t i = 0; i < LISTENERS; i++) {
			assert_int_equal(ears[i].payloads, i != dropped || i <= 1);
		}
		scene_hear(&scene, 0, SCENE_HEAT);
		for (size_t i = 0; i < LISTENERS; i++) {
			assert_int_equal(ears[i].payloads, i != dropped ? 2 : i <= 1 ? 1 : 0);
		}
		scene_finish(&scene);
	}
}

static void they_drop_inside_of_what_is_inside(void **state)
{
	(void)state;
	set_up(LISTENERS);
	/* The first one has another message delivered; the third, told of that first, drops the
	 * second, at which the outer round would go on. */
	ears[0].delivers = true;
	ears[2].drops = &ears[1].listener;
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[0].payloads, 2);
	assert_int_equal(ears[1].payloads, 1);
	assert_int_equal(ears[2].payloads, 2);
	assert_int_equal(ears[3].payloads, 2);
	scene_finish(&scene);
}

static void who_comes_inside_is_notified_from_then_on(void **state)
{
	(void)state;
	/* Two, since the round is at its end already where there is one. */
	set_up(2);
	ears[0].subscribes = &ears[2].listener;
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[1].payloads, 1);
	assert_int_equal(ears[2].payloads, 0);
	assert_int_equal(ears[2].changes, 1); /* of the same payload, and afterwards */
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[2].payloads, 1);
	scene_finish(&scene);
}

static void they_close_inside(void **state)
{
	(void)state;
	set_up(3);
	ears[1].closes = true;
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(ears[0].payloads, 1);
	assert_int_equal(ears[2].payloads, 0);
	assert_int_equal(ears[0].changes, 0);
	scene_finish(&scene);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ears[i].closed, 1);
	}
}

/* The one that is told of, and another one. */
static void they_remove_inside(void **state)
{
	(void)state;
	for (size_t removed = 0; removed < 2; removed++) {
		set_up(2);
		ears[0].removes = removed + 1;
		scene_hear(&scene, 0, SCENE_HEAT);
		assert_int_equal(ears[1].payloads, removed == 1);
		assert_int_equal(ears[1].changes, removed == 1);
		assert_ptr_equal(fleet_next_printer(scene.fleet, NULL),
				 scene.printers[removed == 0 ? 1 : 0]);
		scene_finish(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_notified),
		cmocka_unit_test(what_changed_is_reported_once_a_payload),
		cmocka_unit_test(they_unsubscribe_inside),
		cmocka_unit_test(they_drop_inside_of_what_is_inside),
		cmocka_unit_test(who_comes_inside_is_notified_from_then_on),
		cmocka_unit_test(they_close_inside),
		cmocka_unit_test(they_remove_inside),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}
