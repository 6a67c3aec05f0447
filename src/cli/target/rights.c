/* SPDX-License-Identifier: MIT */
#include "cli/target/rights.h"

#include <stdio.h>
#include <string.h>

void rights_read(const struct store_printer *printer, struct right out[RIGHTS_COUNT])
{
	out[0] = (struct right){"query", store_right_from_text(printer->may_query)};
	out[1] = (struct right){"command", store_right_from_text(printer->may_command)};
	out[2] = (struct right){"camera", store_right_from_text(printer->may_camera)};
}

const char *rights_text(const struct store_printer *printer, char out[RIGHTS_TEXT_MAX])
{
	struct right rights[RIGHTS_COUNT];
	size_t given = 0;
	size_t known = 0;
	size_t used = 0;

	rights_read(printer, rights);
	out[0] = '\0';
	for (size_t i = 0; i < RIGHTS_COUNT; i++) {
		known += rights[i].right != STORE_RIGHT_UNKNOWN;
		if (rights[i].right == STORE_RIGHT_NO) {
			continue;
		}
		given++;
		used += (size_t)snprintf(out + used, RIGHTS_TEXT_MAX - used, "%s%s",
					 used > 0 ? ", " : "", rights[i].name);
	}
	if (known == 0) {
		out[0] = '\0';
	} else if (given == RIGHTS_COUNT || given == 0) {
		snprintf(out, RIGHTS_TEXT_MAX, "%s", given == 0 ? "none" : "all");
	}
	return out;
}

void rights_write(const struct store_printer *printer, struct json_writer *writer)
{
	struct right rights[RIGHTS_COUNT];

	json_key(writer, "rights");
	if (!printer) {
		json_null(writer);
		return;
	}
	rights_read(printer, rights);
	json_object_begin(writer);
	for (size_t i = 0; i < RIGHTS_COUNT; i++) {
		json_key(writer, rights[i].name);
		if (rights[i].right == STORE_RIGHT_UNKNOWN) {
			json_null(writer);
		} else {
			json_bool(writer, rights[i].right == STORE_RIGHT_YES);
		}
	}
	json_object_end(writer);
}
