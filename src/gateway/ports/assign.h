/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PORTS_ASSIGN_H
#define GATEWAY_PORTS_ASSIGN_H

#include "base/problem.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which port is whose: base + the index that a printer got when it was seen first, or a port of its
 * own. Kept in a file, by serial number, so that a printer that is away for a while has its port
 * when it is back. Pure, but for the last two.
 */
#define PORTS_OPEN_MAX 256  /* indexes, and so ports by default */
#define PORTS_KEPT_MAX 1024 /* printers that are remembered */
#define PORTS_NONE     (-1)

struct port_entry {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	int index; /* 0 … PORTS_OPEN_MAX - 1, or PORTS_NONE */
	int port;  /* of its own, as somebody wrote into the file; 0: none for it; or PORTS_NONE */
	bool exists; /* it is held now */
};

struct port_table {
	struct port_entry *entries; /* in the order that they were adopted in */
	size_t count;
	size_t capacity;
	bool changed; /* since it was read or written */
};

/* Of a printer that exists; one that is new gets the lowest index that nobody has, else that of one
 * that is away. NULL: it gets none, and has no entry; or there is no memory. */
struct port_entry *ports_adopt(struct port_table *table, const char *serial);
struct port_entry *ports_find(const struct port_table *table, const char *serial);

/* As it stands in a file; NULL where it stood there before, or for want of memory. */
struct port_entry *ports_add_kept(struct port_table *table, const char *serial, int index,
				  int port);

/* 0: it has none. */
uint16_t ports_number(const struct port_entry *entry, uint16_t base);

void ports_finish(struct port_table *table);

/* {"printers":[{"serial":"AK…","index":0},{"serial":"AK…","port":8000}]}. Whatever is malformed is
 * left out. Errors: JSON (it is no such object at all), MEMORY. */
int ports_read(struct port_table *table, const char *json, size_t length)
	__attribute__((warn_unused_result));

/* An absent file is an empty table. Errors: STORE (with problem), MEMORY. */
int ports_load(const char *path, struct port_table *table, struct problem *problem)
	__attribute__((warn_unused_result));
int ports_save(const char *path, struct port_table *table, struct problem *problem)
	__attribute__((warn_unused_result));

#endif
