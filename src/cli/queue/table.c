/* SPDX-License-Identifier: MIT */
#include "cli/queue/table.h"

#include "cli/gateway/answer.h"
#include "cli/output/print.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS   6
#define CELL_SIZE ANSWER_CELL_SIZE

static const char *name_of(const char *serial, const cJSON *printers)
{
	const cJSON *printer;

	cJSON_ArrayForEach(printer, printers)
	{
		if (strcmp(answer_text(printer, "serial"), serial) == 0 &&
		    answer_text(printer, "name")[0] != '\0') {
			return answer_text(printer, "name");
		}
	}
	return serial;
}

/* Who has it, else who is to have it. */
static void write_for(const cJSON *entry, const cJSON *printers, char cell[CELL_SIZE])
{
	const char *serial = answer_text(entry, "taken_by");
	const char *model = answer_text(entry, "model");

	if (serial[0] == '\0') {
		serial = answer_text(entry, "printer");
	}
	if (serial[0] != '\0') {
		snprintf(cell, CELL_SIZE, "%s", name_of(serial, printers));
	} else {
		snprintf(cell, CELL_SIZE, "any %s", model[0] != '\0' ? model : "printer");
	}
}

static void write_copies(const cJSON *entry, char cell[CELL_SIZE])
{
	if (answer_number(entry, "copies") > 1) {
		snprintf(cell, CELL_SIZE, "%.0f of %.0f", answer_number(entry, "copies_done"),
			 answer_number(entry, "copies"));
	} else {
		strcpy(cell, "1");
	}
}

static void write_cells(const cJSON *entry, const void *printers, char (*cells)[CELL_SIZE])
{
	const char *name = answer_text(entry, "name");

	snprintf(cells[0], CELL_SIZE, "%.0f", answer_number(entry, "id"));
	snprintf(cells[1], CELL_SIZE, "%s", name[0] != '\0' ? name : answer_text(entry, "path"));
	write_for(entry, printers, cells[2]);
	write_copies(entry, cells[3]);
	snprintf(cells[4], CELL_SIZE, "%s", answer_text(entry, "state"));
	snprintf(cells[5], CELL_SIZE, "%s", answer_text(entry, "reason"));
}

bool queue_entry_is_open(const cJSON *entry)
{
	const char *state = answer_text(entry, "state");

	return strcmp(state, "finished") != 0 && strcmp(state, "failed") != 0 &&
	       strcmp(state, "cancelled") != 0;
}

int queue_table_print(const cJSON *entries, const cJSON *printers)
{
	static const char *const headings[COLUMNS] = {"ID",     "FILE",  "FOR",
						      "COPIES", "STATE", "WHY"};

	return answer_print_table(entries, &(struct answer_table){.headings = headings,
								  .columns = COLUMNS,
								  .write_row = write_cells,
								  .context = printers});
}

void queue_entry_print(const cJSON *entry, const cJSON *printers)
{
	char cells[COLUMNS][CELL_SIZE];

	write_cells(entry, printers, cells);
	print_to(stdout, "%s for %s (%s) is %s", cells[1], cells[2], cells[0], cells[4]);
	print_to(stdout, cells[5][0] != '\0' ? ": %s\n" : "%s\n", cells[5]);
}
