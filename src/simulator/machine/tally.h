/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_TALLY_H
#define SIMULATOR_MACHINE_TALLY_H

#include "base/json/writer.h"

#include <stddef.h>
#include <stdint.h>

#define TALLY_TYPES 24 /* of messages; more are not told apart */

/* How often a command of one type came to what. */
struct tally_entry {
	int32_t type;
	uint32_t executed;
	uint32_t refused;
};

/* What a printer received and what it did, so that a test can compare it with what was sent. */
struct tally {
	struct tally_entry entries[TALLY_TYPES];
	uint32_t count;
};

void tally_executed(struct tally *tally, int64_t type);
void tally_refused(struct tally *tally, int64_t type);

/* Adds what another printer did. */
void tally_add(struct tally *tally, const struct tally *other);

/* Writes two members: "executed":{"1003":2},"refused":{} */
void tally_write(const struct tally *tally, struct json_writer *writer);

#endif
