/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply.h"
#include "gateway/events/internal.h"
#include "printer/state/changes.h"
#include "printer/state/state_json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_MS       INT64_C(5000)
#define MEMBERS_MAX  512
#define PRINTERS     3

/* Printers of which the patches are; the fleet is none but these. */
static struct printer_state states[PRINTERS];

static size_t index_of(const struct fleet_printer *printer)
{
	return (size_t)((const struct printer_state *)printer - states);
}

const struct printer_state *fleet_printer_state(const struct fleet_printer *printer)
{
	return &states[index_of(printer)];
}

const char *fleet_printer_serial(const struct fleet_printer *printer)
{
	static const char *const serials[PRINTERS] = {"AK1", "AK2", "AK3"};

	return serials[index_of(printer)];
}

int64_t fleet_now_ms(struct fleet *fleet)
{
	(void)fleet;
	return NOW_MS;
}

struct fleet *gateway_printers_fleet(struct gateway_printers *printers)
{
	(void)printers;
	return NULL;
}

size_t gateway_printers_count(const struct gateway_printers *printers)
{
	(void)printers;
	return PRINTERS;
}

struct fleet_printer *gateway_printers_next(const struct gateway_printers *printers,
					    const struct fleet_printer *printer)
{
	size_t next = printer ? index_of(printer) + 1 : 0;

	(void)printers;
	return next < PRINTERS ? (struct fleet_printer *)&states[next] : NULL;
}

/* This reader may not see AK2. */
bool events_wants(const struct events_reader *reader, const char *serial)
{
	(void)reader;
	return strcmp(serial, "AK2") != 0;
}

static struct gateway_events events = {.sequence = 7, .name = "stream"};

static void receive(size_t index, const char *json)
{
	assert_int_equal(apply_json(&states[index], json, NOW_MS, NULL, NULL), 0);
}

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < PRINTERS; i++) {
		printer_state_init(&states[i], fleet_printer_serial((void *)&states[i]), "Left",
				   i == 2 ? FLAGSHIP_MODEL_E1 : FLAGSHIP_MODEL_M5);
	}
	receive(0, "[{\"commandType\":1000,\"subType\":1,\"value\":0},"
		   "{\"commandType\":1003,\"currentTemp\":20000,\"targetTemp\":21000}]");
	return 0;
}

static const struct fleet_printer *printer_at(size_t index)
{
	return (const struct fleet_printer *)&states[index];
}

/* A message as JSON, which is freed. */
static cJSON *parsed(char *text, const size_t *length, const char *type)
{
	assert_non_null(text);
	assert_int_equal(strlen(text), *length);
	cJSON *message = cJSON_Parse(text);
	assert_non_null(message);
	free(text);
	assert_int_equal(cJSON_GetObjectItem(message, "seq")->valuedouble, 7);
	assert_string_equal(cJSON_GetObjectItem(message, "type")->valuestring, type);
	return message;
}

static cJSON *patch_of(size_t index, uint32_t parts)
{
	size_t length = 0;
	cJSON *message = parsed(events_write_patch(&events, printer_at(index), parts, &length),
				&length, "patch");

	assert_string_equal(cJSON_GetObjectItem(message, "printer")->valuestring,
			    fleet_printer_serial(printer_at(index)));
	return message;
}

/* The names of a patch's members, in their order. */
static void check_members(size_t index, uint32_t parts, const char *expected)
{
	cJSON *message = patch_of(index, parts);
	char names[MEMBERS_MAX] = "";
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(message, "patch"))
	{
		assert_true(strlen(names) + strlen(item->string) + 2 < sizeof(names));
		strcat(names, names[0] != '\0' ? "," : "");
		strcat(names, item->string);
	}
	assert_string_equal(names, expected);
	cJSON_Delete(message);
}

/* seen_at and age_s change with whatever came. */
static void a_patch_has_the_members_of_its_parts(void **state)
{
	static const struct {
		uint32_t parts;
		const char *members;
	} cases[] = {
		{PRINTER_PART_ONLINE, "online,seen_at,age_s"},
		{PRINTER_PART_MODEL, "name,model,seen_at,age_s"},
		{PRINTER_PART_JOB, "seen_at,job,age_s"},
		{PRINTER_PART_NOZZLE, "seen_at,nozzle,age_s"},
		{PRINTER_PART_BED | PRINTER_PART_NOZZLE, "seen_at,nozzle,bed,age_s"},
		{PRINTER_PART_MOTION,
		 "seen_at,fan_percent,speed_mm_s,max_speed_mm_s,z_offset_mm,levelled,age_s"},
		{PRINTER_PART_FILAMENT, "seen_at,filament,age_s"},
		{PRINTER_PART_ERROR, "seen_at,error,age_s"},
		{PRINTER_PART_ALERT, "seen_at,alert,age_s"},
		{PRINTER_STATE_WHOLE, "serial,name,model,online,seen_at,job,nozzle,bed,fan_percent,"
				      "speed_mm_s,max_speed_mm_s,"
				      "z_offset_mm,levelled,filament,error,alert,activity,ink,"
				      "waste,accessory,purifier,age_s"},
		{PRINTER_PART_E1, "seen_at,activity,ink,waste,accessory,purifier,age_s"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_members(0, cases[i].parts, cases[i].members);
	}
}

static void a_patch_has_the_values_of_now(void **state)
{
	(void)state;
	receive(0, "{\"commandType\":1003,\"currentTemp\":20150,\"targetTemp\":21000}");
	cJSON *message = patch_of(0, PRINTER_PART_NOZZLE);
	const cJSON *nozzle = cJSON_GetObjectItem(cJSON_GetObjectItem(message, "patch"), "nozzle");
	assert_true(cJSON_GetObjectItem(nozzle, "current_c")->valuedouble == 201.5);
	cJSON_Delete(message);
}

static void a_snapshot_has_whom_the_reader_may_see(void **state)
{
	static const struct events_reader reader;
	size_t length = 0;
	cJSON *message = parsed(events_write_snapshot(&events, &reader, &length), &length,
				"snapshot");
	const cJSON *printers = cJSON_GetObjectItem(message, "printers");

	(void)state;
	assert_string_equal(cJSON_GetObjectItem(message, "stream")->valuestring, "stream");
	assert_int_equal(cJSON_GetArraySize(printers), 2);
	for (int i = 0; i < 2; i++) {
		const cJSON *serial = cJSON_GetObjectItem(cJSON_GetArrayItem(printers, i),
							  "serial");
		assert_string_equal(serial->valuestring, i == 0 ? "AK1" : "AK3");
	}
	cJSON_Delete(message);
}

static void what_is_gone_and_what_happened_name_their_printer(void **state)
{
	const struct printer_event event = {
		.kind = PRINTER_EVENT_JOB_PAUSED, .t_ms = NOW_MS, .job = &states[0].job};
	size_t length = 0;
	cJSON *message = parsed(events_write_removed(&events, "AK2", &length), &length, "removed");

	(void)state;
	assert_string_equal(cJSON_GetObjectItem(message, "printer")->valuestring, "AK2");
	cJSON_Delete(message);
	message = parsed(events_write_event(&events, "AK1", &event, &length), &length, "event");
	assert_string_equal(cJSON_GetObjectItem(message, "printer")->valuestring, "AK1");
	assert_true(cJSON_IsObject(cJSON_GetObjectItem(message, "event")));
	cJSON_Delete(message);
}

static void crowds_get_fewer_patches(void **state)
{
	(void)state;
	assert_int_equal(events_pause_ms(0), 100);
	assert_int_equal(events_pause_ms(39), 100);
	assert_int_equal(events_pause_ms(40), 200);
	assert_int_equal(events_pause_ms(200), 1000);
	assert_int_equal(events_pause_ms(GATEWAY_EVENTS_MAX), 1000);
	assert_int_equal(events_pause_ms(SIZE_MAX), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_patch_has_the_members_of_its_parts, set_up),
		cmocka_unit_test_setup(a_patch_has_the_values_of_now, set_up),
		cmocka_unit_test_setup(a_snapshot_has_whom_the_reader_may_see, set_up),
		cmocka_unit_test_setup(what_is_gone_and_what_happened_name_their_printer, set_up),
		cmocka_unit_test(crowds_get_fewer_patches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
