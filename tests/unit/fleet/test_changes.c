/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Printers and logins come, change and go while the fleet runs. */
#define OTHER_KEY "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define UNACKED   100

static struct scene scene;

struct ear {
	struct fleet_listener listener;
	unsigned int count[FLEET_CLOCK_CHANGED + 1];
	struct fleet_printer *last;
	struct command_report report;
	char detail[COMMAND_DETAIL_MAX];
	unsigned int dones;
	bool removes_when_done;
	bool removes_link_when_lost;
	bool adds_when_removed;
};

static struct ear ear;

static void on_event(void *context, const struct fleet_event *event)
{
	struct ear *own = context;

	own->count[event->kind]++;
	own->last = event->printer;
	if (event->kind == FLEET_LOGIN_LOST && own->removes_link_when_lost) {
		fleet_remove_login(event->login);
	}
	if (event->kind == FLEET_PRINTER_REMOVED && own->adds_when_removed) {
		own->adds_when_removed = false;
		scene_add(&scene, 0, FLAGSHIP_MODEL_M5);
	}
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct ear *own = context;

	own->dones++;
	own->report = *report;
	snprintf(own->detail, sizeof(own->detail), "%s", report->detail);
	if (own->removes_when_done) {
		fleet_remove_printer(printer);
		assert_non_null(fleet_printer_serial(printer));
	}
}

static void set_up(size_t printers, bool connected)
{
	static const struct fleet_handlers handlers = {.on_event = on_event, .on_done = on_done};

	scene_init(&scene, printers, connected);
	ear = (struct ear){.listener = {.handlers = &handlers, .context = &ear}};
	fleet_subscribe(scene.fleet, &ear.listener);
}

static uint64_t light(size_t number, int64_t value)
{
	return fleet_command(
		scene.printers[number],
		&(struct command_request){.kind = COMMAND_LIGHT, .value = value, .force = true});
}

static void a_printer_comes(void **state)
{
	(void)state;
	set_up(1, true);
	scene_add(&scene, 1, FLAGSHIP_MODEL_M5);
	assert_int_equal(ear.count[FLEET_PRINTER_ADDED], 1);
	assert_false(fleet_printer_ready(scene.printers[1]));
	fake_grant(fake_sessions[0], NULL);
	scene_turn(&scene);
	assert_int_equal(ear.count[FLEET_PRINTER_READY], 1);
	assert_true(fleet_printer_ready(scene.printers[1]));
	scene_hear(&scene, 1, SCENE_HEAT);
	assert_true(fleet_printer_state(scene.printers[1])->online);
	/* It is one of those that come back with the connection. */
	fake_disconnect(fake_sessions[0]);
	assert_false(fleet_printer_ready(scene.printers[1]));
	fake_connect(fake_sessions[0]);
	fake_grant(fake_sessions[0], NULL);
	scene_turn(&scene);
	assert_int_equal(ear.count[FLEET_PRINTER_READY], 3);
	scene_finish(&scene);
}

static void a_second_one_of_that_number_does_not(void **state)
{
	struct fleet_printer *printer;

	(void)state;
	set_up(1, true);
	struct fleet_printer_options options = {.serial = scene.serials[0], .key = scene.key};
	assert_int_equal(fleet_add_printer(scene.link, &options, &printer),
			 FLAGSHIP_ERROR_ARGUMENT);
	/* Once the first one is gone it may. */
	fleet_remove_printer(scene.printers[0]);
	assert_int_equal(fleet_add_printer(scene.link, &options, &printer), 0);
	fake_grant(fake_sessions[0], NULL);
	scene_turn(&scene);
	assert_true(fleet_printer_ready(printer));
	scene_finish(&scene);
}

static void a_broker_refuses_one_of_them(void **state)
{
	(void)state;
	set_up(3, false);
	fake_connect(fake_sessions[0]);
	fake_grant(fake_sessions[0], "SCENE1/notice");
	scene_turn(&scene);
	assert_true(fleet_printer_ready(scene.printers[0]));
	assert_false(fleet_printer_ready(scene.printers[1]));
	assert_true(fleet_printer_ready(scene.printers[2]));
	assert_int_equal(ear.count[FLEET_PRINTER_REFUSED], 1);
	/* Of what only the cloud tells nobody depends. */
	scene_add(&scene, 3, FLAGSHIP_MODEL_M5);
	fake_grant(fake_sessions[0], "change_notice");
	scene_turn(&scene);
	assert_true(fleet_printer_ready(scene.printers[3]));
	scene_finish(&scene);
}

static void what_is_asked_for_at_the_start_waits_for_the_connection(void **state)
{
	(void)state;
	set_up(3, false);
	light(0, 10);
	fake_connect(fake_sessions[0]);
	light(1, 10);
	assert_int_equal(ear.dones, 0);
	assert_int_equal(fake_publishes, 0);
	fake_grant(fake_sessions[0], "SCENE1/notice");
	scene_turn(&scene);
	/* The one is sent, the other may not be followed. */
	assert_int_equal(fake_publishes, 1);
	assert_int_equal(ear.dones, 1);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	fake_disconnect(fake_sessions[0]);
	light(2, 10);
	/* Nothing outlives a connection that was lost, or waits for the next one. */
	assert_int_equal(ear.dones, 3);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	assert_int_equal(fake_publishes, 1);
	scene_finish(&scene);
}

static void what_waits_for_a_connection_in_vain_fails(void **state)
{
	const struct mqtt_session_event event = {.kind = MQTT_SESSION_CONNECT_FAILED,
						 .detail = "no route"};

	(void)state;
	set_up(1, false);
	light(0, 10);
	assert_int_equal(ear.dones, 0);
	fake_sessions[0]->handlers.on_event(fake_sessions[0]->context, &event);
	assert_int_equal(ear.dones, 1);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	assert_int_equal(ear.report.attempts, 0);
	light(0, 20);
	assert_int_equal(ear.dones, 2);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	scene_finish(&scene);
}

static void a_printer_goes(void **state)
{
	(void)state;
	set_up(2, true);
	light(0, 10); /* sent */
	light(0, 20); /* waits */
	fleet_remove_printer(scene.printers[0]);
	assert_int_equal(ear.dones, 2);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	assert_non_null(strstr(ear.detail, "removed"));
	assert_int_equal(ear.count[FLEET_PRINTER_REMOVED], 1);
	assert_false(fake_has_topic(fake_sessions[0], "SCENE0"));
	assert_true(fake_has_topic(fake_sessions[0], "SCENE1"));
	/* What was under way for it is nobody's. */
	scene_hear(&scene, 0, SCENE_HEAT);
	fake_sessions[0]->handlers.on_published(fake_sessions[0]->context, 1);
	scene_hear(&scene, 1, SCENE_HEAT);
	assert_true(fleet_printer_state(scene.printers[1])->online);
	scene_finish(&scene);
}

static void a_printer_goes_as_its_command_ends(void **state)
{
	(void)state;
	set_up(2, true);
	ear.removes_when_done = true;
	/* Ends inside of the submission. */
	fake_sessions[0]->refuses_publishes = true;
	light(0, 10);
	assert_int_equal(ear.dones, 1);
	assert_int_equal(ear.count[FLEET_PRINTER_REMOVED], 1);
	fake_sessions[0]->refuses_publishes = false;
	/* Ends as the connection does, while all of the login are gone through. */
	light(1, 10);
	light(1, 20);
	fake_disconnect(fake_sessions[0]);
	assert_true(ear.dones >= 2);
	assert_int_equal(ear.count[FLEET_PRINTER_REMOVED], 2);
	assert_null(fleet_next_printer(scene.fleet, NULL));
	scene_finish(&scene);
}

static void another_comes_as_one_is_gone(void **state)
{
	(void)state;
	set_up(2, true);
	ear.adds_when_removed = true;
	fleet_remove_printer(scene.printers[0]);
	fake_grant(fake_sessions[0], NULL);
	scene_turn(&scene);
	assert_int_equal(fleet_printer_state(scene.printers[0])->model, FLAGSHIP_MODEL_M5);
	assert_true(fleet_printer_ready(scene.printers[0]));
	scene_finish(&scene);
}

static void its_key_name_and_rights_change(void **state)
{
	struct flagship_key *other;

	(void)state;
	set_up(1, true);
	assert_int_equal(flagship_key_create_hex(OTHER_KEY, strlen(OTHER_KEY), &other), 0);
	fleet_printer_set_key(scene.printers[0], other);
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(fleet_printer_counts(scene.printers[0])->payloads, 0);
	fake_deliver(fake_sessions[0], other, scene.serials[0], FLAGSHIP_TOPIC_NOTICE, SCENE_HEAT);
	assert_int_equal(fleet_printer_counts(scene.printers[0])->payloads, 1);
	fleet_printer_set_name(scene.printers[0], "Left");
	assert_string_equal(fleet_printer_state(scene.printers[0])->name, "Left");
	char name[PRINTER_TEXT_MAX + sizeof("\xc3\xbc")];
	memset(name, 'n', sizeof(name));
	snprintf(name + PRINTER_TEXT_MAX - 2, sizeof("\xc3\xbc"), "\xc3\xbc");
	fleet_printer_set_name(scene.printers[0], name);
	assert_int_equal(strlen(fleet_printer_state(scene.printers[0])->name),
			 PRINTER_TEXT_MAX - 2);
	fleet_printer_set_rights(scene.printers[0], (struct command_rights){.no_command = true});
	(void)fleet_command(scene.printers[0],
			    &(struct command_request){.kind = COMMAND_LIGHT, .value = 10});
	assert_int_equal(ear.report.outcome, COMMAND_REFUSED);
	assert_int_equal(ear.count[FLEET_PRINTER_CHANGED], 4);
	scene_finish(&scene);
	flagship_key_destroy(other);
}

static void a_profile_waits_for_the_end_of_a_command(void **state)
{
	struct printer_profile profile;

	(void)state;
	set_up(1, true);
	scene_hear(&scene, 0, SCENE_IDLE);
	profile = *fleet_printer_profile(scene.printers[0]);
	profile.confirm_ms++;
	uint64_t id = light(0, 10);
	fleet_printer_set_profile(scene.printers[0], &profile);
	assert_int_not_equal(fleet_printer_profile(scene.printers[0])->confirm_ms,
			     profile.confirm_ms);
	fleet_cancel(scene.printers[0], id);
	scene_hear(&scene, 0, SCENE_IDLE);
	assert_int_equal(fleet_printer_profile(scene.printers[0])->confirm_ms, profile.confirm_ms);
	scene_finish(&scene);
}

static void hear_as(enum flagship_device_type type)
{
	fake_deliver_of(fake_sessions[0], scene.key, scene.serials[0], FLAGSHIP_TOPIC_NOTICE,
			SCENE_IDLE, (uint8_t)type);
}

static void the_model_is_asked_for_and_stays(void **state)
{
	(void)state;
	set_up(0, true);
	scene_add(&scene, 0, FLAGSHIP_MODEL_UNKNOWN);
	fake_grant(fake_sessions[0], NULL);
	scene_turn(&scene);
	size_t before = fake_publishes;
	uint64_t id = fleet_command(scene.printers[0],
				    &(struct command_request){.kind = COMMAND_LIGHT, .value = 1});
	assert_int_equal(fake_publishes, before + 1); /* the question, and no command */
	hear_as(FLAGSHIP_DEVICE_TYPE_M5C);
	assert_int_equal(fleet_printer_state(scene.printers[0])->model, FLAGSHIP_MODEL_M5C);
	assert_int_equal(fake_publishes, before + 2);
	/* It is under way: what says now that it is another one has to wait. */
	hear_as(FLAGSHIP_DEVICE_TYPE_M5);
	assert_int_equal(fleet_printer_state(scene.printers[0])->model, FLAGSHIP_MODEL_M5C);
	fleet_cancel(scene.printers[0], id);
	hear_as(FLAGSHIP_DEVICE_TYPE_M5);
	assert_int_equal(fleet_printer_state(scene.printers[0])->model, FLAGSHIP_MODEL_M5);
	scene_finish(&scene);
}

static void more_than_64_wait_for_the_broker(void **state)
{
	(void)state;
	set_up(2, true);
	for (size_t i = 0; i < UNACKED; i++) {
		assert_true(fleet_ask_status(scene.printers[0]));
	}
	assert_int_equal(fleet_printer_unacknowledged(scene.printers[0]), UNACKED);
	for (int i = 1; i <= UNACKED; i++) {
		fake_sessions[0]->handlers.on_published(fake_sessions[0]->context, i);
	}
	assert_int_equal(fleet_printer_unacknowledged(scene.printers[0]), 0);
	scene_finish(&scene);
}

static void a_login_changes(void **state)
{
	char host[] = "broker.example";
	char address[] = "10.0.0.1";
	char password[] = "new";
	struct mqtt_session_options options = {
		.host = host, .address = address, .password = password};

	(void)state;
	set_up(2, true);
	light(0, 10);
	light(0, 20);
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	/* All that is told is copied. */
	memset(host, 'x', sizeof(host) - 1);
	memset(address, 'x', sizeof(address) - 1);
	assert_int_equal(fake_session_count, 2);
	assert_true(fake_sessions[0]->closed);
	assert_string_equal(fake_sessions[1]->password, "new");
	assert_true(fake_has_topic(fake_sessions[1], "SCENE1/notice"));
	assert_true(fake_has_topic(fake_sessions[1], "user/change_notice"));
	assert_false(fleet_printer_ready(scene.printers[0]));
	assert_int_equal(ear.count[FLEET_LOGIN_CHANGED], 1);
	assert_int_equal(ear.dones, 2);
	assert_int_equal(ear.report.outcome, COMMAND_FAILED);
	fake_connect(fake_sessions[1]);
	fake_grant(fake_sessions[1], NULL);
	scene_turn(&scene);
	assert_true(fleet_printer_ready(scene.printers[0]));
	/* And again, which shows that the copies were good. */
	fake_session_create_fails = FLAGSHIP_ERROR_CRYPTO;
	assert_int_equal(fleet_change_login(scene.link, &options, NULL), FLAGSHIP_ERROR_CRYPTO);
	fake_session_create_fails = 0;
	assert_true(fleet_printer_ready(scene.printers[0]));
	assert_int_equal(fake_session_count, 2);
	fake_session_subscribe_fails = FLAGSHIP_ERROR_MEMORY;
	assert_int_equal(fleet_change_login(scene.link, &options, NULL), FLAGSHIP_ERROR_MEMORY);
	fake_session_subscribe_fails = 0;
	assert_false(fake_sessions[1]->closed);
	assert_true(fleet_printer_ready(scene.printers[0]));
	scene_finish(&scene);
}

static void a_login_that_is_the_same_stays(void **state)
{
	struct mqtt_session_options options = {
		.host = "broker.example", .address = "10.0.0.1", .password = "new"};

	(void)state;
	set_up(1, true);
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	assert_int_equal(fake_session_count, 2);
	/* One that is not up is made anew: its certificate may have been made good. */
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	assert_int_equal(fake_session_count, 3);
	fake_connect(fake_sessions[2]);
	fake_grant(fake_sessions[2], NULL);
	scene_turn(&scene);
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	assert_int_equal(fake_session_count, 3);
	assert_true(fleet_printer_ready(scene.printers[0]));
	options.password = "newer";
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	assert_int_equal(fake_session_count, 4);
	scene_finish(&scene);
}

/* Makes the session anew, which is up then. */
static void change_login(const struct mqtt_session_options *options, const char *user_id,
			 size_t sessions)
{
	assert_int_equal(fleet_change_login(scene.link, options, user_id), 0);
	assert_int_equal(fake_session_count, sessions);
	fake_connect(fake_sessions[sessions - 1]);
	fake_grant(fake_sessions[sessions - 1], NULL);
	scene_turn(&scene);
	assert_int_equal(fleet_change_login(scene.link, options, user_id), 0);
	assert_int_equal(fake_session_count, sessions);
}

static void each_option_makes_a_login_another(void **state)
{
	struct mqtt_session_options options = {.host = "broker.example", .address = "10.0.0.1"};
	const struct mqtt_session_options first = options;
	size_t sessions = 2;

	(void)state;
	set_up(1, true);
	change_login(&options, NULL, sessions);
	options.host = "other.example";
	change_login(&options, NULL, ++sessions);
	options.address = NULL;
	change_login(&options, NULL, ++sessions);
	options.trust.ca_file = "/ca.pem";
	change_login(&options, NULL, ++sessions);
	options.trust.pin_sha256 = "00";
	change_login(&options, NULL, ++sessions);
	options.client_id = "me";
	change_login(&options, NULL, ++sessions);
	options.username = "eufy";
	change_login(&options, NULL, ++sessions);
	options.port = 8883;
	change_login(&options, NULL, ++sessions);
	options.plain = true;
	change_login(&options, NULL, ++sessions);
	options.trust.insecure = true;
	change_login(&options, NULL, ++sessions);
	options.trust.web = true;
	change_login(&options, NULL, ++sessions);
	options.mqtt5 = true;
	change_login(&options, NULL, ++sessions);
	options.keepalive_s = 10;
	change_login(&options, NULL, ++sessions);
	options.open_timeout_ms = 500;
	change_login(&options, NULL, ++sessions);
	options.retains = true;
	change_login(&options, NULL, ++sessions);
	options.retry_final = true;
	change_login(&options, NULL, ++sessions);
	change_login(&options, "user", ++sessions);
	change_login(&options, "", ++sessions);
	change_login(&first, NULL, ++sessions);
	scene_finish(&scene);
}

static void a_change_notice_is_an_event(void **state)
{
	struct mqtt_session_options options = {.host = "broker.example", .address = "10.0.0.1"};

	(void)state;
	set_up(1, true);
	assert_int_equal(fleet_change_login(scene.link, &options, "user"), 0);
	fake_connect(fake_sessions[1]);
	fake_grant(fake_sessions[1], NULL);
	scene_turn(&scene);
	fake_deliver_text(fake_sessions[1], "/phone/user/user/change_notice", "{}");
	assert_int_equal(ear.count[FLEET_CHANGE_NOTICE], 1);
	/* Of a printer's, too, whatever is in it. */
	fake_deliver_text(fake_sessions[1], "/phone/maker/AK7SCENE0/change_notice", "no frame");
	assert_int_equal(ear.count[FLEET_CHANGE_NOTICE], 2);
	fake_deliver_text(fake_sessions[1], "/phone/maker/AK7SCENE0/notice", "no frame");
	assert_int_equal(ear.count[FLEET_CHANGE_NOTICE], 2);
	scene_finish(&scene);
}

/* As the gateway's metrics tell it. */
static void what_cannot_be_read_is_counted(void **state)
{
	(void)state;
	set_up(1, true);
	assert_int_equal(fleet_printer_state(scene.printers[0])->malformed, 0);
	fake_deliver_text(fake_sessions[0], "/phone/maker/AK7SCENE0/notice", "no frame");
	assert_int_equal(fleet_printer_state(scene.printers[0])->malformed, 1);
	scene_hear(&scene, 0, "no JSON");
	assert_int_equal(fleet_printer_state(scene.printers[0])->malformed, 2);
	scene_hear(&scene, 0, SCENE_HEAT);
	assert_int_equal(fleet_printer_state(scene.printers[0])->malformed, 2);
	scene_finish(&scene);
}

static void a_login_comes_and_goes(void **state)
{
	struct fleet_login *link;
	struct fleet_printer *printer;
	struct mqtt_session_options options = {.host = "other.example", .address = "10.0.0.2"};
	struct fleet_printer_options of_printer = {.serial = "AK7SCENE0"};

	(void)state;
	set_up(1, true);
	assert_int_equal(fleet_add_login(scene.fleet, &options, "user", NULL, &link), 0);
	assert_true(fake_sessions[1]->started);
	assert_string_equal(fake_sessions[1]->address, "10.0.0.2");
	/* A name is looked up once for all logins. */
	assert_non_null(fake_sessions[0]->resolver);
	assert_ptr_equal(fake_sessions[1]->resolver, fake_sessions[0]->resolver);
	of_printer.key = scene.key;
	/* Another login may see the same printer. */
	assert_int_equal(fleet_add_printer(link, &of_printer, &printer), 0);
	fake_connect(fake_sessions[1]);
	fake_grant(fake_sessions[1], NULL);
	scene_turn(&scene);
	assert_true(fleet_printer_ready(printer));
	fleet_remove_login(link);
	assert_true(fake_sessions[1]->closed);
	assert_int_equal(ear.count[FLEET_PRINTER_REMOVED], 1);
	assert_true(fleet_printer_ready(scene.printers[0]));
	/* Inside of what it tells itself. */
	ear.removes_link_when_lost = true;
	fake_disconnect(fake_sessions[0]);
	assert_int_equal(ear.count[FLEET_PRINTER_REMOVED], 2);
	assert_null(fleet_next_printer(scene.fleet, NULL));
	/* What cannot be opened is not there. */
	fake_session_create_fails = FLAGSHIP_ERROR_CRYPTO;
	assert_int_equal(fleet_add_login(scene.fleet, &options, NULL, NULL, &link),
			 FLAGSHIP_ERROR_CRYPTO);
	fake_session_create_fails = 0;
	assert_int_equal(fleet_add_login(scene.fleet, &options, "no user", NULL, &link),
			 FLAGSHIP_ERROR_SERIAL);
	scene_finish(&scene);
}

static void what_cannot_be_subscribed_is_not_added(void **state)
{
	struct fleet_printer *printer;

	(void)state;
	set_up(1, true);
	struct fleet_printer_options options = {.serial = "AK7OTHER", .key = scene.key};
	fake_session_subscribe_fails = FLAGSHIP_ERROR_MEMORY;
	assert_int_equal(fleet_add_printer(scene.link, &options, &printer), FLAGSHIP_ERROR_MEMORY);
	assert_null(printer);
	fake_session_subscribe_fails = 0;
	assert_int_equal(fleet_add_printer(scene.link, &options, &printer), 0);
	scene_finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_printer_comes),
		cmocka_unit_test(a_second_one_of_that_number_does_not),
		cmocka_unit_test(a_broker_refuses_one_of_them),
		cmocka_unit_test(what_is_asked_for_at_the_start_waits_for_the_connection),
		cmocka_unit_test(what_waits_for_a_connection_in_vain_fails),
		cmocka_unit_test(a_printer_goes),
		cmocka_unit_test(a_printer_goes_as_its_command_ends),
		cmocka_unit_test(another_comes_as_one_is_gone),
		cmocka_unit_test(its_key_name_and_rights_change),
		cmocka_unit_test(a_profile_waits_for_the_end_of_a_command),
		cmocka_unit_test(the_model_is_asked_for_and_stays),
		cmocka_unit_test(more_than_64_wait_for_the_broker),
		cmocka_unit_test(a_login_changes),
		cmocka_unit_test(a_login_that_is_the_same_stays),
		cmocka_unit_test(each_option_makes_a_login_another),
		cmocka_unit_test(a_change_notice_is_an_event),
		cmocka_unit_test(what_cannot_be_read_is_counted),
		cmocka_unit_test(a_login_comes_and_goes),
		cmocka_unit_test(what_cannot_be_subscribed_is_not_added),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
