/* SPDX-License-Identifier: MIT */
#include "printer/e1/e1.h"

#include "printer/state/parts.h"

#include "base/json/reader.h"

#include <flagship/text.h>

struct e1_activity {
	int64_t state;
	int64_t step;
	const char *name;
	int64_t job_state;
};

static const struct e1_activity activities[] = {
	{0, 0, "idle", FLAGSHIP_JOB_STATE_IDLE},
	{2, 3, "paused", FLAGSHIP_JOB_STATE_PAUSED},
	{2, 4, "printing", FLAGSHIP_JOB_STATE_PRINTING},
	{5, 7, "cleaning itself", PRINTER_NEVER},
	{8, 0, "taking a photo", PRINTER_NEVER},
};

/* The two count in different orders. */
static const char *const attachments[] = {"mini flat bed", "standard flat bed", "none",
					  "roll-to-film", "rotary"};
static const char *const plates[] = {"mini flat bed", "none", "standard flat bed", "rotary",
				     "roll-to-film"};
static const char *const purifier_modes[] = {"standby", "silent", "high", "full", "automatic"};
static const char *const ink_names[E1_INKS] = {"cyan",  "magenta", "yellow",
					       "black", "white",   "gloss"};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct e1_ink unknown_ink = {PRINTER_NEVER, PRINTER_NEVER, PRINTER_NEVER};

void e1_init(struct printer_e1 *e1)
{
	*e1 = (struct printer_e1){
		.state = PRINTER_NEVER,
		.step = PRINTER_NEVER,
		.waste = unknown_ink,
		.attachment = PRINTER_NEVER,
		.plate = PRINTER_NEVER,
		.purifier_mode = PRINTER_NEVER,
		.purifier_delay_s = PRINTER_NEVER,
		.ink_ms = PRINTER_NEVER,
	};
	for (size_t i = 0; i < E1_INKS; i++) {
		e1->inks[i] = unknown_ink;
	}
}

static const struct e1_activity *find_activity(const struct printer_e1 *e1)
{
	for (size_t i = 0; i < LENGTH(activities); i++) {
		if (activities[i].state == e1->state && activities[i].step == e1->step) {
			return &activities[i];
		}
	}
	return NULL;
}

bool e1_receive_status(struct printer_e1 *e1, struct flagship_json status)
{
	struct json_value value;
	int64_t state;
	int64_t step;

	if (!json_object_find(status, "state", &value) || !json_value_to_int(&value, &state) ||
	    !json_object_find(status, "step", &value) || !json_value_to_int(&value, &step)) {
		return false;
	}
	e1->state = state;
	e1->step = step;
	return true;
}

int64_t e1_job_state(const struct printer_e1 *e1)
{
	const struct e1_activity *activity = find_activity(e1);

	return activity ? activity->job_state : PRINTER_NEVER;
}

/* --- ink --- */

enum ink_member {
	INK_LEFT,
	INK_DAYS,
	INK_EXPIRED,
};

static void take_e1_number(struct e1_ink *ink, enum ink_member member,
			   const struct json_value *value)
{
	int64_t number;
	bool known = json_value_to_int(value, &number);

	switch (member) {
	case INK_LEFT:
		known = known && number >= 0 && number <= PRINTER_PROGRESS_COMPLETE;
		ink->left_centi_percent = known ? number : PRINTER_NEVER;
		break;
	case INK_DAYS:
		ink->days_left = known ? number : PRINTER_NEVER;
		break;
	case INK_EXPIRED:
		ink->expired = known ? number != 0 : PRINTER_NEVER;
		break;
	}
}

/* A list of up to `count`, or one value. What the list does not reach stays as it is. */
static size_t take_values(struct e1_ink *inks, size_t count, enum ink_member member,
			  const struct json_value *value)
{
	struct json_reader reader = {value->json.data, value->json.data + value->json.length};
	struct json_value item;
	size_t taken = 0;

	if (value->kind != JSON_ARRAY) {
		take_e1_number(&inks[0], member, value);
		return 1;
	}
	if (!json_take(&reader, '[') || json_take(&reader, ']')) {
		return 0;
	}
	do {
		if (json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &item) != 0) {
			break;
		}
		take_e1_number(&inks[taken++], member, &item);
	} while (taken < count && json_take(&reader, ','));
	return taken;
}

static void take_e1_list(struct flagship_json object, const char *name, enum ink_member member,
			 struct e1_ink *inks, size_t count)
{
	struct json_value value;

	/* One value for all the inks says nothing of any of them. */
	if (json_object_find(object, name, &value) && value.kind == JSON_ARRAY) {
		(void)take_values(inks, count, member, &value);
	}
}

static void receive_inks(struct printer_e1 *e1, struct flagship_json ink, int64_t now_ms)
{
	take_e1_list(ink, "leftInk", INK_LEFT, e1->inks, E1_INKS);
	take_e1_list(ink, "distanceExpiration", INK_DAYS, e1->inks, E1_INKS);
	take_e1_list(ink, "expired", INK_EXPIRED, e1->inks, E1_INKS);
	e1->ink_received = true;
	e1->ink_ms = now_ms;
}

static int64_t *member_of(struct e1_ink *ink, enum ink_member member)
{
	switch (member) {
	case INK_LEFT:
		return &ink->left_centi_percent;
	case INK_DAYS:
		return &ink->days_left;
	default:
		return &ink->expired;
	}
}

/* Of several containers the one that is worst off. */
static void take_waste(struct flagship_json object, const char *name, enum ink_member member,
		       struct e1_ink *waste)
{
	struct e1_ink all[E1_INKS];
	struct json_value value;
	int64_t worst = PRINTER_NEVER;

	if (!json_object_find(object, name, &value)) {
		return;
	}
	size_t count = take_values(all, E1_INKS, member, &value);
	for (size_t i = 0; i < count; i++) {
		int64_t number = *member_of(&all[i], member);
		bool worse = member == INK_EXPIRED ? number > worst : number < worst;

		if (number != PRINTER_NEVER && (worst == PRINTER_NEVER || worse)) {
			worst = number;
		}
	}
	*member_of(waste, member) = worst;
}

static void receive_waste(struct printer_e1 *e1, struct flagship_json waste)
{
	take_waste(waste, "leftInk", INK_LEFT, &e1->waste);
	take_waste(waste, "distanceExpiration", INK_DAYS, &e1->waste);
	take_waste(waste, "expired", INK_EXPIRED, &e1->waste);
	e1->waste_received = true;
}

/* --- the rest --- */

static void receive_accessory(struct printer_e1 *e1, const struct flagship_e1_accessory *accessory)
{
	if (accessory->present & FLAGSHIP_E1_ACCESSORY_HAS_ATTACHMENT) {
		e1->attachment = accessory->attachment;
	}
	if (accessory->present & FLAGSHIP_E1_ACCESSORY_HAS_VERSION) {
		flagship_text_copy(accessory->version, e1->version, sizeof(e1->version));
	}
}

static void receive_purifier(struct printer_e1 *e1, const struct flagship_air_purifier *purifier)
{
	if (purifier->present & FLAGSHIP_AIR_PURIFIER_HAS_MODE) {
		e1->purifier_mode = purifier->mode;
	}
	if (purifier->present & FLAGSHIP_AIR_PURIFIER_HAS_DELAY_S) {
		e1->purifier_delay_s = purifier->delay_s;
	}
}

void e1_receive(struct printer_e1 *e1, const struct flagship_message *message, int64_t now_ms)
{
	switch (message->type) {
	case FLAGSHIP_MESSAGE_INK:
		if (message->as.ink.present & FLAGSHIP_INK_HAS_INK) {
			receive_inks(e1, message->as.ink.ink, now_ms);
		}
		if (message->as.ink.present & FLAGSHIP_INK_HAS_WASTE_INK) {
			receive_waste(e1, message->as.ink.waste_ink);
		}
		break;
	case FLAGSHIP_MESSAGE_E1_PLATES:
		e1->plate = message->as.e1_plates.plate_type;
		break;
	case FLAGSHIP_MESSAGE_E1_ACCESSORY:
		receive_accessory(e1, &message->as.e1_accessory);
		break;
	case FLAGSHIP_MESSAGE_AIR_PURIFIER:
		receive_purifier(e1, &message->as.air_purifier);
		break;
	default:
		break;
	}
}

/* --- names --- */

static const char *name_of(const char *const *names, size_t count, int64_t number)
{
	return number >= 0 && number < (int64_t)count ? names[number] : NULL;
}

const char *e1_activity_name(const struct printer_e1 *e1)
{
	const struct e1_activity *activity = find_activity(e1);

	return activity ? activity->name : NULL;
}

const char *e1_attachment_name(const struct printer_e1 *e1)
{
	return name_of(attachments, LENGTH(attachments), e1->attachment);
}

const char *e1_plate_name(const struct printer_e1 *e1)
{
	return name_of(plates, LENGTH(plates), e1->plate);
}

const char *e1_purifier_name(const struct printer_e1 *e1)
{
	return name_of(purifier_modes, LENGTH(purifier_modes), e1->purifier_mode);
}

const char *e1_ink_name(size_t index)
{
	return ink_names[index];
}
