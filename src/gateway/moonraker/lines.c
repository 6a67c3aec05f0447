/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/moonraker/internal.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 4096 /* of what is kept of one */

void moonraker_store_line(struct moonraker_printer *printer, const char *text, size_t length,
			  bool response)
{
	size_t kept = length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES;
	char *copy = malloc(kept + 1);

	if (!printer->lines) {
		printer->lines = calloc(MOONRAKER_STORE_MAX, sizeof(*printer->lines));
	}
	if (!copy || !printer->lines) {
		free(copy);
		return;
	}
	memcpy(copy, text, kept);
	copy[kept] = '\0';
	size_t at = (printer->line_first + printer->line_count) % MOONRAKER_STORE_MAX;

	if (printer->line_count == MOONRAKER_STORE_MAX) {
		free(printer->lines[at].text);
		printer->line_first = (printer->line_first + 1) % MOONRAKER_STORE_MAX;
	} else {
		printer->line_count++;
	}
	printer->lines[at] = (struct stored_line){
		.text = copy,
		.unix_s = (double)clock_unix_ms() / MOONRAKER_MS_PER_S,
		.response = response,
	};
}

struct response {
	const char *text;
	size_t length;
};

static void write_response(struct json_writer *writer, const void *context)
{
	const struct response *response = context;

	json_string_n(writer, response->text, response->length);
}

void moonraker_respond_gcode(struct moonraker_printer *printer, const char *text, size_t length)
{
	const struct response response = {text, length};

	moonraker_store_line(printer, text, length, true);
	moonraker_notify(printer->moonraker, printer, "notify_gcode_response", write_response,
			 &response);
}

void moonraker_drop_lines(struct moonraker_printer *printer)
{
	for (size_t i = 0; i < printer->line_count; i++) {
		free(printer->lines[(printer->line_first + i) % MOONRAKER_STORE_MAX].text);
	}
	free(printer->lines);
	printer->lines = NULL;
	printer->line_count = 0;
}
