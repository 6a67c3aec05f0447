/* SPDX-License-Identifier: MIT */
/* Anybody's bytes on the way to a terminal: every way of cli/output/print.h and of what builds on
 * it. What comes out holds no control, nothing that turns the order, is UTF-8, and no longer than
 * is said.
 */
#include "base/shown_text.h"
#include "cli/output/cell_text.h"
#include "cli/output/output.h"
#include "cli/output/print.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS     20
#define CELL_BYTES  64
#define GROWTH      3  /* U+FFFD for a byte */
#define JSON_GROWTH 12 /* two escapes for a character of 4 bytes; one of 6 for a byte */

static void demand(int holds)
{
	if (!holds) {
		abort();
	}
}

static void demand_clean(const char *text, size_t length, size_t most)
{
	demand(length <= most);
	demand(shown_text_is_clean(text, length));
}

/* Line breaks of the program's own are taken out first. */
static void demand_clean_lines(char *text, size_t length, size_t most)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			text[i] = ' ';
		}
	}
	demand_clean(text, length, most);
}

static FILE *open_text(char **text, size_t *length)
{
	FILE *stream = open_memstream(text, length);

	demand(stream != NULL);
	return stream;
}

static void try_stream(const char *data, size_t size)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_text(&text, &length);
	const struct output output = {.stream = stream};
	const char *cells[] = {"A", "B", data, "x"};

	print_to(stream, "%s|%-30.8s|%8s%c", data, data, data, data[0]);
	print_data(stream, "%.*s", (int)size, data);
	print_text(stream, true, data, size, false);
	output_text(&output, OUTPUT_PLAIN, data, size, false);
	fclose(stream);
	demand_clean(text, length, 7 * GROWTH * size + 64);
	free(text);
	stream = open_text(&text, &length);
	print_text(stream, false, data, size, true);
	output_table(&(struct output){.stream = stream}, cells, 2, 2);
	fclose(stream);
	demand_clean_lines(text, length, 4 * GROWTH * size + 64);
	free(text);
}

static void try_json(const char *data, size_t size)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_text(&text, &length);

	print_json(stream, data, size);
	fclose(stream);
	demand_clean(text, length, JSON_GROWTH * size);
	free(text);
	/* Inside a string it is what it was, for whoever reads it. */
	stream = open_text(&text, &length);
	fputc('"', stream);
	print_json(stream, data, size);
	fclose(stream);
	demand_clean(text, length, JSON_GROWTH * size + 1);
	free(text);
}

static void try_buffers(const char *data, size_t size)
{
	char *out = malloc(GROWTH * size + 1);
	char cell[CELL_BYTES];
	size_t needed;

	demand(out != NULL);
	needed = shown_text_copy(data, size, out, GROWTH * size + 1);
	demand_clean(out, needed, GROWTH * size);
	demand(strlen(out) == needed);
	demand(shown_text_copy(out, needed, NULL, 0) == needed);
	free(out);
	demand(cell_text_fit(data, COLUMNS, false, cell, sizeof(cell)) <= COLUMNS);
	demand_clean(cell, strlen(cell), sizeof(cell) - 1);
	demand(cell_text_fit(data, COLUMNS, true, cell, sizeof(cell)) <= COLUMNS);
	demand_clean(cell, strlen(cell), sizeof(cell) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	demand(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	try_stream(text, size);
	try_json(text, size);
	try_buffers(text, size);
	free(text);
	return 0;
}
