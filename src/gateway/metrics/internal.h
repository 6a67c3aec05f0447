/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_METRICS_INTERNAL_H
#define GATEWAY_METRICS_INTERNAL_H

#include "gateway/metrics/metrics.h"

#include <stddef.h>
#include <stdint.h>

/* Private to metrics: how lines are written, and the tables of families. */

#define METRICS_CHUNK_MAX 16384
/* Bytes of a line: the labels of a printer are escaped texts of TEXT_BUFFER_MAX at most. */
#define METRICS_LINE_MAX 4096
#define METRICS_NAME_MAX 128 /* of a family's lines */

enum family_type {
	FAMILY_GAUGE,
	FAMILY_COUNTER,
	FAMILY_INFO,
};

/* name and unit as in OpenMetrics: without _total and _info; the name ends with the unit. */
struct family {
	const char *name;
	const char *unit; /* NULL where it has none */
	const char *help; /* without backslashes and line breaks */
	enum family_type type;
};

/* mantissa / 10^decimals; PRINTER_NEVER where there is no value. */
struct metric_number {
	int64_t mantissa;
	unsigned int decimals;
};

struct metrics_writer {
	enum metrics_format format;
	metrics_sink *sink;
	void *context;
	int error; /* the first one; nothing is written after it */
	const struct family *family;
	char name[METRICS_NAME_MAX]; /* that each line of the family begins with */
	size_t name_length;
	const char *labels; /* of the printer whose lines come: 'serial="…",name="…"', or "" */
	size_t labels_length;
	size_t length;
	char chunk[METRICS_CHUNK_MAX];
};

/* HELP, TYPE and UNIT; the lines that follow are of this family. */
void writer_begin_family(struct metrics_writer *writer, const struct family *family);

/* Nothing where there is no value. */
void writer_number(struct metrics_writer *writer, struct metric_number number);

/* The same with one more label, whose value needs no escapes: it is one of ours. */
void writer_labelled(struct metrics_writer *writer, const char *label, const char *value,
		     struct metric_number number);

/* An info, which is 1, with labels of its own. Pairs whose value is NULL are left out. */
struct metric_label {
	const char *name;
	const char *value;
};

void writer_info(struct metrics_writer *writer, const struct metric_label *labels, size_t count);

/* Sends what is left. Returns the first error. */
int writer_finish(struct metrics_writer *writer);

/* Room for an escaped text: all of its bytes may need a backslash or be no UTF-8. */
#define METRICS_ESCAPED_MAX(length) (3 * (length))

/* A label's value: backslash, quote and line feed escaped, valid UTF-8. Returns its bytes. */
size_t metrics_escape(const char *text, char *out);

void metrics_write_printers(struct metrics_writer *writer, const struct metrics_input *input,
			    const char *const *labels);
void metrics_write_gateway(struct metrics_writer *writer, const struct metrics_gateway *gateway);

#endif
