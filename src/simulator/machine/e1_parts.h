/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_E1_PARTS_H
#define SIMULATOR_MACHINE_E1_PARTS_H

#include "base/json/writer.h"

#include <stdbool.h>
#include <stdint.h>

#define E1_PARTS_INKS       6 /* C M Y K W G */
#define E1_PARTS_SERIAL_MAX 24

/* One cartridge, but for what is left in it. */
struct e1_cartridge {
	char serial[E1_PARTS_SERIAL_MAX];
	bool shows_days;
	int64_t days; /* until it expires; negative where it has */
};

/* What an E1 has and no other model (protocol.md 3.9): the same for the same seed. */
struct e1_parts {
	struct e1_cartridge cartridges[E1_PARTS_INKS];
	int64_t waste_days;
	int64_t attachment; /* attType of 1153 */
	int64_t purifier_mode;
	int64_t purifier_delay_s;
};

/* What is left, in 0.01 %: of the inks, and of the room for waste. */
struct e1_levels {
	int64_t ink_centi_percent[E1_PARTS_INKS];
	int64_t waste_centi_percent;
};

void e1_parts_init(struct e1_parts *parts, uint64_t seed);

/* What is left when a job has come so far: 0 … 10000. */
void e1_parts_level(struct e1_levels *levels, int64_t progress_centi_percent);

/* Whether a purifier knows this mode, and this delay. */
bool e1_parts_is_mode(int64_t mode);
bool e1_parts_is_delay(int64_t seconds);

/* Each writes one object: 1100, 1118, 1153 and 1600. */
void e1_parts_write_ink(const struct e1_parts *parts, const struct e1_levels *levels,
			struct json_writer *writer);
void e1_parts_write_plate(const struct e1_parts *parts, struct json_writer *writer);
void e1_parts_write_accessory(const struct e1_parts *parts, struct json_writer *writer);
void e1_parts_write_purifier(const struct e1_parts *parts, struct json_writer *writer);

#endif
