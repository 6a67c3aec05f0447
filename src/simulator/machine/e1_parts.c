/* SPDX-License-Identifier: MIT */
#include "simulator/machine/e1_parts.h"

#include "simulator/machine/random.h"

#include <flagship/message.h>

#include <inttypes.h>
#include <stdio.h>

#define RANDOM_STREAM_PARTS       4
#define INK_START_CENTI_PERCENT   9200
#define INK_STEP_CENTI_PERCENT    700 /* from one colour to the next */
#define INK_JOB_CENTI_PERCENT     120 /* that one job takes */
#define WASTE_START_CENTI_PERCENT 9200
#define COMPLETE_CENTI_PERCENT    10000
#define DAYS_LEAST                (-30)
#define DAYS_MOST                 400
#define DAYS_HIDDEN_ONE_IN        8 /* as often as that a cartridge tells null */
#define WASTE_DAYS_LEAST          30
#define SERIAL_NUMBERS            100000000
#define DAY_S                     INT64_C(86400)
#define SHELF_LIFE_DAYS           INT64_C(540)
#define TODAY_S                   INT64_C(1795824000) /* 2026-11-28: no clock is at hand here */
#define ACCESSORY_VERSION         "1.0.2"
#define PURIFIER_AUTOMATIC        4 /* the last one */
#define PURIFIER_DELAY_S          60

/* attType and plateType name the same things in two orders (protocol.md 3.9). */
static const int64_t plates_by_attachment[] = {
	0, /* mini flat bed */
	2, /* standard flat bed */
	1, /* none */
	4, /* roll-to-film */
	3, /* rotary */
};

#define ATTACHMENTS (sizeof(plates_by_attachment) / sizeof(plates_by_attachment[0]))

void e1_parts_init(struct e1_parts *parts, uint64_t seed)
{
	struct random_source random;

	random_init(&random, seed, RANDOM_STREAM_PARTS);
	for (size_t i = 0; i < E1_PARTS_INKS; i++) {
		struct e1_cartridge *cartridge = &parts->cartridges[i];

		snprintf(cartridge->serial, sizeof(cartridge->serial), "SIMINK%zu%08" PRIu32, i,
			 random_below(&random, SERIAL_NUMBERS));
		cartridge->shows_days = random_below(&random, DAYS_HIDDEN_ONE_IN) != 0;
		cartridge->days = (int64_t)random_between(&random, DAYS_LEAST, DAYS_MOST);
	}
	parts->waste_days = (int64_t)random_between(&random, WASTE_DAYS_LEAST, DAYS_MOST);
	parts->attachment = random_below(&random, ATTACHMENTS);
	parts->purifier_mode = PURIFIER_AUTOMATIC;
	parts->purifier_delay_s = PURIFIER_DELAY_S;
}

void e1_parts_level(struct e1_levels *levels, int64_t progress_centi_percent)
{
	int64_t used = INK_JOB_CENTI_PERCENT * progress_centi_percent / COMPLETE_CENTI_PERCENT;

	for (int64_t i = 0; i < E1_PARTS_INKS; i++) {
		levels->ink_centi_percent[i] = INK_START_CENTI_PERCENT -
					       i * INK_STEP_CENTI_PERCENT - used;
	}
	levels->waste_centi_percent = WASTE_START_CENTI_PERCENT - used;
}

bool e1_parts_is_mode(int64_t mode)
{
	return mode >= 0 && mode <= PURIFIER_AUTOMATIC;
}

bool e1_parts_is_delay(int64_t seconds)
{
	static const int64_t delays[] = {0, 60, 180, 300, 600};

	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		if (delays[i] == seconds) {
			return true;
		}
	}
	return false;
}

static void begin_message(struct json_writer *writer, int64_t type)
{
	json_object_begin(writer);
	json_member_int(writer, "commandType", type);
}

typedef void write_item(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
			struct json_writer *writer);

static void write_parts(const char *name, write_item *write, const struct e1_parts *parts,
			const struct e1_levels *levels, struct json_writer *writer)
{
	json_key(writer, name);
	json_array_begin(writer);
	for (size_t i = 0; i < E1_PARTS_INKS; i++) {
		write(parts, levels, i, writer);
	}
	json_array_end(writer);
}

static void write_index(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
			struct json_writer *writer)
{
	(void)parts;
	(void)levels;
	json_int(writer, (int64_t)index);
}

static void write_left(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
		       struct json_writer *writer)
{
	(void)parts;
	json_int(writer, levels->ink_centi_percent[index]);
}

static void write_serial(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
			 struct json_writer *writer)
{
	(void)levels;
	json_string(writer, parts->cartridges[index].serial);
}

static void write_zero(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
		       struct json_writer *writer)
{
	(void)parts;
	(void)levels;
	(void)index;
	json_int(writer, 0);
}

static void write_or_null(bool is_reported, int64_t value, struct json_writer *writer)
{
	if (is_reported) {
		json_int(writer, value);
	} else {
		json_null(writer);
	}
}

static void write_days(const struct e1_parts *parts, const struct e1_levels *levels, size_t index,
		       struct json_writer *writer)
{
	const struct e1_cartridge *cartridge = &parts->cartridges[index];

	(void)levels;
	write_or_null(cartridge->shows_days, cartridge->days, writer);
}

static void write_expiration(const struct e1_parts *parts, const struct e1_levels *levels,
			     size_t index, struct json_writer *writer)
{
	const struct e1_cartridge *cartridge = &parts->cartridges[index];

	(void)levels;
	write_or_null(cartridge->shows_days, TODAY_S + cartridge->days * DAY_S, writer);
}

static void write_manufacture(const struct e1_parts *parts, const struct e1_levels *levels,
			      size_t index, struct json_writer *writer)
{
	const struct e1_cartridge *cartridge = &parts->cartridges[index];

	(void)levels;
	write_or_null(cartridge->shows_days, TODAY_S + (cartridge->days - SHELF_LIFE_DAYS) * DAY_S,
		      writer);
}

static void write_expired(const struct e1_parts *parts, const struct e1_levels *levels,
			  size_t index, struct json_writer *writer)
{
	const struct e1_cartridge *cartridge = &parts->cartridges[index];

	(void)levels;
	json_int(writer, cartridge->shows_days && cartridge->days < 0 ? 1 : 0);
}

static void write_waste(const struct e1_parts *parts, const struct e1_levels *levels,
			struct json_writer *writer)
{
	json_object_begin(writer);
	json_member_int(writer, "count", 1);
	/* Real ones tell these as a list or as one number: here is one of each. */
	json_key(writer, "leftInk");
	json_array_begin(writer);
	json_int(writer, levels->waste_centi_percent);
	json_array_end(writer);
	json_member_int(writer, "distanceExpiration", parts->waste_days);
	json_member_int(writer, "status", 0);
	json_member_int(writer, "expirationTimestamp", TODAY_S + parts->waste_days * DAY_S);
	json_member_int(writer, "expired", 0);
	json_object_end(writer);
}

void e1_parts_write_ink(const struct e1_parts *parts, const struct e1_levels *levels,
			struct json_writer *writer)
{
	begin_message(writer, FLAGSHIP_MESSAGE_INK);
	json_key(writer, "ink");
	json_object_begin(writer);
	json_member_int(writer, "count", E1_PARTS_INKS);
	write_parts("colorSort", write_index, parts, levels, writer);
	write_parts("leftInk", write_left, parts, levels, writer);
	write_parts("sn", write_serial, parts, levels, writer);
	write_parts("status", write_zero, parts, levels, writer);
	write_parts("manufactureTimestamp", write_manufacture, parts, levels, writer);
	write_parts("expirationTimestamp", write_expiration, parts, levels, writer);
	write_parts("distanceExpiration", write_days, parts, levels, writer);
	write_parts("expired", write_expired, parts, levels, writer);
	json_object_end(writer);
	json_key(writer, "wasteInk");
	write_waste(parts, levels, writer);
	json_object_end(writer);
}

void e1_parts_write_plate(const struct e1_parts *parts, struct json_writer *writer)
{
	begin_message(writer, FLAGSHIP_MESSAGE_E1_PLATES);
	json_member_int(writer, "plateType", plates_by_attachment[parts->attachment]);
	json_object_end(writer);
}

void e1_parts_write_accessory(const struct e1_parts *parts, struct json_writer *writer)
{
	begin_message(writer, FLAGSHIP_MESSAGE_E1_ACCESSORY);
	json_member_string(writer, "version", ACCESSORY_VERSION);
	json_member_int(writer, "attType", parts->attachment);
	json_object_end(writer);
}

void e1_parts_write_purifier(const struct e1_parts *parts, struct json_writer *writer)
{
	begin_message(writer, FLAGSHIP_MESSAGE_AIR_PURIFIER);
	json_member_int(writer, "mode", parts->purifier_mode);
	json_member_int(writer, "delay", parts->purifier_delay_s);
	json_object_end(writer);
}
