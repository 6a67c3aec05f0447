/* SPDX-License-Identifier: MIT */
#ifndef FLEET_INDEX_H
#define FLEET_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Finds a printer by its login and serial number: open addressing, with the hash beside the
 * pointer, so that of the printers themselves only the right one is looked at. Zeroed is empty.
 */
struct fleet_printer;
struct fleet_login;

struct index_slot {
	uint32_t hash;
	struct fleet_printer *printer; /* NULL: empty */
};

struct index {
	struct index_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

void index_finish(struct index *index);

/* False where there is no memory. */
bool index_add(struct index *index, struct fleet_printer *printer);
void index_remove(struct index *index, const struct fleet_printer *printer);

/* serial: of `length` bytes, at most FLAGSHIP_SERIAL_LENGTH_MAX, without a NUL. NULL where there is
 * none. */
struct fleet_printer *index_find(const struct index *index, const struct fleet_login *login,
				 const char *serial, size_t length);

#endif
