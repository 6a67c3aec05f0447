/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_COMMANDS_H
#define SIMULATOR_PRINTER_COMMANDS_H

#include <flagship/message.h>
#include <flagship/topic.h>

struct virtual_printer;

/*
 * Carries out one message as the model does and answers it: 1003 to 1010, 1021, 1023, 1026, 1032,
 * 1034 and 1043 as commands, 1027 as a query; of an E1 1600 and its own queries, while what is for
 * nozzle, bed, axes or filament is refused. Anything else gets no answer.
 */
void commands_handle(struct virtual_printer *printer, enum flagship_topic_kind kind,
		     const struct flagship_message *message);

/* The answer to a 1043 alone, of which nothing else is reported. */
void commands_run_gcode(struct virtual_printer *printer, const struct flagship_message *message);

#endif
