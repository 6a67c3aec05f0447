/* SPDX-License-Identifier: MIT */
#include "apply.h"
#include "printer/state/image.h"

#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 40

struct told {
	size_t count;
	enum printer_event_kind last;
};

static void count_event(const struct printer_event *event, void *context)
{
	struct told *told = context;

	told->count++;
	told->last = event->kind;
}

static void apply(struct printer_state *state, const struct message *message, struct told *told)
{
	if (strcmp(message->what, LOST_MESSAGE) == 0) {
		printer_state_connection_lost(state);
	} else if (!message->lost) {
		(void)apply_json(state, message->what, message->t_ms, count_event, told);
	}
	(void)printer_state_check_online(state, message->t_ms, count_event, told);
}

static void assert_alike(const struct printer_state *one, const struct printer_state *other)
{
	uint8_t first[PRINTER_IMAGE_MAX];
	uint8_t second[PRINTER_IMAGE_MAX];

	printer_image_write(one, first);
	printer_image_write(other, second);
	assert_memory_equal(first, second, printer_image_size());
}

/* Wherever in two jobs it is taken, what follows is the same life with the same events. */
static void test_life_goes_on(void **test)
{
	static struct story story;
	static struct printer_state first;
	static struct printer_state second;
	uint8_t image[PRINTER_IMAGE_MAX];

	(void)test;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct told told = {0};
		struct told again = {0};

		story_tell(&story, seed, seed % 2 == 0);
		story_jitter(&story);
		printer_state_init(&first, "AK7", "Left", FLAGSHIP_MODEL_M5);
		size_t cut = story.count * seed / (SEEDS + 1);
		for (size_t i = 0; i < cut; i++) {
			apply(&first, &story.messages[i], &told);
		}
		told = (struct told){0};
		printer_state_init(&second, "AK7", "Right", FLAGSHIP_MODEL_UNKNOWN);
		printer_image_write(&first, image);
		assert_true(printer_image_read(&second, image, printer_image_size()));
		for (size_t i = cut; i < story.count; i++) {
			apply(&first, &story.messages[i], &told);
			apply(&second, &story.messages[i], &again);
			assert_int_equal(again.count, told.count);
			assert_int_equal(again.last, told.last);
		}
		assert_alike(&first, &second);
		assert_string_equal(second.name, "Right");
	}
}

static void receive(struct printer_state *state, const char *json)
{
	assert_int_equal(apply_json(state, json, 1000, NULL, NULL), 0);
}

/* Texts are of the program, and follow from the codes. */
static void test_texts_are_found_again(void **test)
{
	struct printer_state state;
	struct printer_state copy;
	uint8_t image[PRINTER_IMAGE_MAX];

	(void)test;
	printer_state_init(&state, "AK7", NULL, FLAGSHIP_MODEL_M5);
	receive(&state,
		"{\"commandType\":1085,\"errorCode\":\"0xFF01030005\",\"errorLevel\":\"P0\"}");
	receive(&state, "{\"commandType\":1000,\"subType\":2,\"value\":7}");
	assert_string_equal(state.error.text, "G-code transfer failed");
	printer_state_init(&copy, "AK7", NULL, FLAGSHIP_MODEL_UNKNOWN);
	printer_image_write(&state, image);
	assert_true(printer_image_read(&copy, image, printer_image_size()));
	assert_string_equal(copy.error.text, state.error.text);
	assert_string_equal(copy.errors[0].text, state.errors[0].text);
	assert_null(copy.errors[1].text);
	assert_string_equal(copy.alert.text, state.alert.text);
	assert_string_equal(copy.alert.text, "the nozzle is blocked");
	assert_int_equal(copy.model, FLAGSHIP_MODEL_M5);
}

/* A byte that no value has, wherever it is, changes nothing at all. */
static void test_what_is_no_image(void **test)
{
	struct printer_state state;
	struct printer_state before;
	uint8_t image[PRINTER_IMAGE_MAX];
	uint8_t spoilt[PRINTER_IMAGE_MAX];
	size_t refused = 0;

	(void)test;
	printer_state_init(&state, "AK7", NULL, FLAGSHIP_MODEL_M5);
	printer_image_write(&state, image);
	before = state;
	assert_false(printer_image_read(&state, image, printer_image_size() - 1));
	assert_false(printer_image_read(&state, image, printer_image_size() + 1));
	assert_false(printer_image_read(&state, image, 0));
	for (size_t i = 0; i < printer_image_size(); i++) {
		memcpy(spoilt, image, sizeof(spoilt));
		spoilt[i] = 0xff;
		struct printer_state read = before;
		if (!printer_image_read(&read, spoilt, printer_image_size())) {
			assert_memory_equal(&read, &before, sizeof(read));
			refused++;
		}
	}
	assert_true(refused > 40); /* flags, enums and counts */
	memset(spoilt, 'x', sizeof(spoilt));
	assert_false(printer_image_read(&state, spoilt, printer_image_size()));
	assert_memory_equal(&state, &before, sizeof(state));
}

/* A field that is new in the state is missed here where the table does not have it. */
static void test_every_byte_is_carried(void **test)
{
	static uint8_t carried[sizeof(struct printer_state)];
	static struct printer_state zero;
	static struct printer_state changed;
	uint8_t first[PRINTER_IMAGE_MAX];
	uint8_t second[PRINTER_IMAGE_MAX];
	size_t lost = 0;

	(void)test;
	printer_image_write(&zero, first);
	for (size_t i = 0; i < sizeof(zero); i++) {
		memset(&changed, 0, sizeof(changed));
		((uint8_t *)&changed)[i] = 1;
		printer_image_write(&changed, second);
		carried[i] = memcmp(first, second, printer_image_size()) != 0;
	}
	memset(carried + offsetof(struct printer_state, serial), 1, sizeof(zero.serial));
	memset(carried + offsetof(struct printer_state, name), 1, sizeof(zero.name));
	memset(carried + offsetof(struct printer_state, alert.text), 1, sizeof(zero.alert.text));
	memset(carried + offsetof(struct printer_state, error.text), 1, sizeof(zero.error.text));
	for (size_t i = 0; i < PRINTER_ERRORS_MAX; i++) {
		memset(carried + offsetof(struct printer_state, errors) +
			       i * sizeof(zero.errors[0]) + offsetof(struct printer_error, text),
		       1, sizeof(zero.errors[0].text));
	}
	for (size_t i = 0; i < sizeof(carried); i++) {
		/* What is not carried is padding: it ends where the next field is aligned. */
		lost = carried[i] ? 0 : lost + 1;
		assert_true(lost < sizeof(int64_t));
		assert_true(carried[i] || i + 1 == sizeof(carried) || !carried[i + 1] ||
			    (i + 1) % sizeof(int32_t) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life_goes_on),
		cmocka_unit_test(test_texts_are_found_again),
		cmocka_unit_test(test_what_is_no_image),
		cmocka_unit_test(test_every_byte_is_carried),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
