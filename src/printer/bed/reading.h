/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_BED_READING_H
#define PRINTER_BED_READING_H

#include "printer/bed/mesh.h"

#include <flagship/message.h>

/* More than any printer says of its bed, in all the messages of one answer. */
#define BED_READING_MAX 8192

/*
 * What came since the printer was asked for its bed: the messages of the answer, and what was left
 * over and came with the answer to the next command. Memory of the caller, no heap.
 */
struct bed_reading {
	char text[BED_READING_MAX];
	size_t length;
	size_t messages; /* with text in it */
	size_t handed;   /* of them, to the mesh */
	bool at_limit;   /* one was as long as they get, and may be spliced */
	bool truncated;  /* more came than there is room for */
};

void bed_reading_clear(struct bed_reading *reading);

/* Takes any message from the printer; only replies to G-code count. Acknowledgements before
 * what goes on are left out: they may stand between the halves of a line. */
void bed_reading_add(struct bed_reading *reading, const struct flagship_message *message);

/* Hands what was read to the mesh; again where more came since: what only another reply can confirm
 * is not counted twice. */
void bed_reading_finish(struct bed_reading *reading, struct bed_mesh *mesh);

/*
 * What to ask after `asked` commands, one after the other, while heights are unknown: each that
 * tells heights is followed by a harmless one, with which comes what was left over. NULL: give up.
 */
const char *bed_reading_command(size_t asked);

/* Whether this command begins a reading, rather than going on with the last. */
bool bed_reading_begins(size_t asked);

#endif
