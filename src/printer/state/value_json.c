/* SPDX-License-Identifier: MIT */
#include "printer/state/value_json.h"

#include <stddef.h>

void value_write_int(struct json_writer *writer, int64_t value)
{
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, value);
	}
}

void value_write_scaled(struct json_writer *writer, int64_t value, unsigned int decimals)
{
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_scaled(writer, value, decimals);
	}
}

void value_write_text(struct json_writer *writer, const char *value)
{
	json_string(writer, value[0] ? value : NULL);
}

void value_write_filament(struct json_writer *writer, const struct printer_filament *filament)
{
	if (!filament->heard) {
		json_null(writer);
		return;
	}
	json_array_begin(writer);
	for (size_t i = 0; i < filament->count; i++) {
		json_string(writer, filament->names[i]);
	}
	json_array_end(writer);
}

void value_write_alert(struct json_writer *writer, const struct printer_alert *alert)
{
	json_key(writer, "source");
	json_string(writer, alert->source == PRINTER_ALERT_AI ? "ai" : "printer");
	json_key(writer, "number");
	json_int(writer, alert->number);
	json_key(writer, "text");
	json_string(writer, alert->text);
}
