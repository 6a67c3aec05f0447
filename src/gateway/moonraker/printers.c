/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct moonraker_printer *moonraker_adopt(struct moonraker *moonraker,
					  struct fleet_printer *fleet_printer)
{
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);

		if (printer->printer == fleet_printer) {
			return printer;
		}
	}
	struct moonraker_printer *printer = calloc(1, sizeof(*printer));
	if (!printer) {
		return NULL;
	}
	printer->moonraker = moonraker;
	printer->printer = fleet_printer;
	printer->told_ms = -MOONRAKER_PERIOD_MS;
	snprintf(printer->serial, sizeof(printer->serial), "%s",
		 fleet_printer_serial(fleet_printer));
	list_init(&printer->sockets);
	list_init(&printer->groups);
	printer->klippy = moonraker_klippy(printer);
	list_insert(&moonraker->printers, &printer->place);
	return printer;
}

void moonraker_drop_printer(struct moonraker_printer *printer)
{
	list_remove(&printer->place);
	moonraker_drop_lines(printer);
	status_finish(&printer->image);
	free(printer);
}

const struct printer_state *moonraker_state(const struct moonraker_printer *printer)
{
	return fleet_printer_state(printer->printer);
}

const char *moonraker_printer_name(const struct moonraker_printer *printer)
{
	const struct printer_state *state = moonraker_state(printer);

	return state->name[0] ? state->name : state->serial;
}

enum klippy moonraker_klippy(const struct moonraker_printer *printer)
{
	return klippy_of(moonraker_state(printer), fleet_printer_ready(printer->printer));
}

double moonraker_event_time(const struct moonraker *moonraker)
{
	return (double)fleet_now_ms(gateway_printers_fleet(moonraker->options.printers)) /
	       MOONRAKER_MS_PER_S;
}

bool moonraker_fill_image(struct moonraker_printer *printer, struct status_image *image)
{
	const struct moonraker *moonraker = printer->moonraker;
	const struct printer_state *state = moonraker_state(printer);
	const struct files_entry *file = state->job.name[0] && moonraker->options.files
						 ? files_find(moonraker->options.files,
							      state->job.name)
						 : NULL;
	const struct status_source source = {
		.state = state,
		.profile = fleet_printer_profile(printer->printer),
		.klippy = moonraker_klippy(printer),
		.homed = printer->homed,
		.relative_moves = printer->modes.relative_moves,
		.relative_extrude = printer->modes.relative_extrude,
		.file_size = file && !file->is_folder ? file->size : -1,
		.gcode_start = file && file->metadata ? file->metadata->gcode_start : 0,
		.gcode_end = file && file->metadata ? file->metadata->gcode_end : 0,
		.root = "/" MOONRAKER_ROOT,
		.message = printer->message,
		.system = moonraker->system,
	};

	return status_fill(image, &source);
}
