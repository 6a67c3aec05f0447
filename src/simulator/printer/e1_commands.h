/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_E1_COMMANDS_H
#define SIMULATOR_PRINTER_E1_COMMANDS_H

#include <flagship/message.h>
#include <flagship/topic.h>

#include <stdbool.h>

struct virtual_printer;

/*
 * Answers a bare 1100, 1118, 1153 or 1600 on the query topic (protocol.md 3.9; of 1100 and 1600
 * only clients' practice says so). False where it is none of them, or the printer is no E1.
 */
bool e1_commands_answer(struct virtual_printer *printer, enum flagship_topic_kind kind,
			const struct flagship_message *message);

/* 1600 as a command: returns what `reply` is to be. */
int e1_commands_set_purifier(struct virtual_printer *printer,
			     const struct flagship_message *message);

/* Whether a command is for parts that an E1 does not have: nozzle, bed, axes, filament. */
bool e1_commands_lacks(int64_t type);

#endif
