/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_OUTPUT_H
#define CLI_OUTPUT_OUTPUT_H

#include "printer/state/state.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What people see: colours, columns, times. Nothing here is for output that programs read. */

enum output_style {
	OUTPUT_PLAIN,
	OUTPUT_BOLD,
	OUTPUT_DIM,
	OUTPUT_RED,
	OUTPUT_GREEN,
	OUTPUT_YELLOW,
	OUTPUT_BLUE,
	OUTPUT_CYAN,
};

/* A stream, whether colours may go there, and whether ASCII alone may (cli/output/ascii.h). */
struct output {
	FILE *stream;
	bool colour;
	bool ascii;
};

/* Colour only on a terminal that is not dumb, unless the setting cli.colour says otherwise; never
 * where NO_COLOR is set and not empty. */
void output_init(struct output *output, FILE *stream);

/* print_to (cli/output/print.h) in a style. */
void output_print(const struct output *output, enum output_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text that came over the network, as print_text shows it; line breaks stay where `lines` is set.
 */
void output_text(const struct output *output, enum output_style style, const char *text,
		 size_t length, bool lines);

/* JSON that came over the network, as print_json shows it. */
void output_json(const struct output *output, enum output_style style, struct flagship_json json);

/* Columns that `length` bytes of UTF-8 take, one for each character. */
size_t output_width(const char *text, size_t length);

#define OUTPUT_TIME_MAX 48

/* "12 s", "5 min 36 s", "1 h 05 min", "2 d 3 h". */
const char *output_duration(int64_t seconds, char out[OUTPUT_TIME_MAX]);

/* "now", "12 s ago", "5 min ago", "3 h ago", "2 days ago". */
const char *output_age(double seconds, char out[OUTPUT_TIME_MAX]);

/* Local time of day: "15:46:13". */
const char *output_clock(int64_t unix_ms, char out[OUTPUT_TIME_MAX]);

/* Local time of day as people say it: "15:46", of another day "Sun 06:10", of a later week
 * "2026-12-24 06:10". Both in Unix ms. */
const char *output_time_of_day(int64_t unix_ms, int64_t now_ms, char out[OUTPUT_TIME_MAX]);

#define OUTPUT_TABLE_COLUMNS_MAX 16

/*
 * Prints rows as columns as wide as their widest cell, two spaces between; the last column is not
 * padded. cells: row by row, `columns` to a row, the first row being the headings; as safe as
 * output_text makes them.
 */
void output_table(const struct output *output, const char *const *cells, size_t rows,
		  size_t columns);

/* auto, always or never: what output_init goes by. */
#define COLOUR_ENVIRONMENT "FLAGSHIP_COLOUR"

/*
 * Hands the setting cli.colour to output_init, and to the programs that this one becomes, by way of
 * the environment; what is there already stays. A settings file that is damaged is as good as none:
 * the commands that need it tell of it.
 */
void colour_apply_setting(void);

/* The colour that tells how a job is doing. */
enum output_style job_style(enum printer_job_state state);

#endif
