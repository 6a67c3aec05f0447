/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_STATE_JSON_H
#define PRINTER_STATE_STATE_JSON_H

#include "base/json/writer.h"
#include "printer/state/state.h"

#define PRINTER_CENTI_DECIMALS 2

/*
 * One line without a newline; what was never received is null. now: of this moment.
 * PRINTER_STATE_JSON_MAX bytes always suffice. Errors: BUFFER.
 */
int printer_state_to_json(const struct printer_state *state, const struct printer_moment *now,
			  char *out, size_t capacity, size_t *length);

/*
 * The same as a value of what is being written: of these parts (enum printer_part) alone, and of
 * when they were received, which nearly every message changes. The serial is of the whole.
 */
#define PRINTER_STATE_WHOLE UINT32_MAX
void printer_state_write(struct json_writer *writer, const struct printer_state *state,
			 const struct printer_moment *now, uint32_t parts);

/* Values that may never have been received, as JSON: null where they were not. */
void value_write_int(struct json_writer *writer, int64_t value);
void value_write_scaled(struct json_writer *writer, int64_t value, unsigned int decimals);
/* "" is null. */
void value_write_text(struct json_writer *writer, const char *value);
void value_write_filament(struct json_writer *writer, const struct printer_filament *filament);

/* Its members, without the braces. */
void value_write_alert(struct json_writer *writer, const struct printer_alert *alert);

#endif
