/* SPDX-License-Identifier: MIT */
#include "gateway/metrics/internal.h"

#include "base/text.h"
#include "printer/state/parts.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 24
#define RADIX      10

static void flush_chunk(struct metrics_writer *writer)
{
	if (!writer->error && writer->length > 0) {
		writer->error = writer->sink(writer->context, writer->chunk, writer->length);
	}
	writer->length = 0;
}

/* A line is never cut: who writes one has its room before. */
static void need_line(struct metrics_writer *writer)
{
	if (METRICS_CHUNK_MAX - writer->length < METRICS_LINE_MAX) {
		flush_chunk(writer);
	}
}

static void append(struct metrics_writer *writer, const char *data, size_t length)
{
	assert(length <= METRICS_CHUNK_MAX - writer->length);
	memcpy(writer->chunk + writer->length, data, length);
	writer->length += length;
}

static void append_text(struct metrics_writer *writer, const char *text)
{
	append(writer, text, strlen(text));
}

/* Without a locale, and without zeros that say nothing. */
static void append_number(struct metrics_writer *writer, struct metric_number number)
{
	char digits[DIGITS_MAX];
	size_t at = sizeof(digits);
	uint64_t left = number.mantissa < 0 ? 0 - (uint64_t)number.mantissa
					    : (uint64_t)number.mantissa;
	unsigned int decimals = number.decimals;

	while (decimals > 0 && left % RADIX == 0) {
		left /= RADIX;
		decimals--;
	}
	for (; decimals > 0; decimals--) {
		digits[--at] = (char)('0' + left % RADIX);
		left /= RADIX;
		if (decimals == 1) {
			digits[--at] = '.';
		}
	}
	do {
		digits[--at] = (char)('0' + left % RADIX);
		left /= RADIX;
	} while (left > 0);
	if (number.mantissa < 0) {
		digits[--at] = '-';
	}
	append(writer, digits + at, sizeof(digits) - at);
}

static const char *suffix_of(const struct family *family)
{
	switch (family->type) {
	case FAMILY_COUNTER:
		return "_total";
	case FAMILY_INFO:
		return "_info";
	default:
		return "";
	}
}

static const char *type_name(enum metrics_format format, enum family_type type)
{
	switch (type) {
	case FAMILY_COUNTER:
		return " counter\n";
	case FAMILY_INFO:
		return format == METRICS_OPENMETRICS ? " info\n" : " gauge\n";
	default:
		return " gauge\n";
	}
}

/* OpenMetrics describes the family, the older text what its lines are called. */
static void append_description(struct metrics_writer *writer, const char *keyword)
{
	append_text(writer, keyword);
	append_text(writer, writer->family->name);
	if (writer->format == METRICS_TEXT) {
		append_text(writer, suffix_of(writer->family));
	}
}

void writer_begin_family(struct metrics_writer *writer, const struct family *family)
{
	writer->family = family;
	int length = snprintf(writer->name, sizeof(writer->name), "%s%s", family->name,
			      suffix_of(family));
	assert(length > 0 && (size_t)length < sizeof(writer->name));
	writer->name_length = (size_t)length;
	need_line(writer);
	append_description(writer, "# HELP ");
	append_text(writer, " ");
	append_text(writer, family->help);
	append_text(writer, "\n");
	append_description(writer, "# TYPE ");
	append_text(writer, type_name(writer->format, family->type));
	if (writer->format == METRICS_OPENMETRICS && family->unit) {
		append_description(writer, "# UNIT ");
		append_text(writer, " ");
		append_text(writer, family->unit);
		append_text(writer, "\n");
	}
}

static void append_name(struct metrics_writer *writer)
{
	need_line(writer);
	append(writer, writer->name, writer->name_length);
}

void writer_number(struct metrics_writer *writer, struct metric_number number)
{
	if (number.mantissa == PRINTER_NEVER) {
		return;
	}
	append_name(writer);
	if (writer->labels_length > 0) {
		append(writer, "{", 1);
		append(writer, writer->labels, writer->labels_length);
		append(writer, "}", 1);
	}
	append(writer, " ", 1);
	append_number(writer, number);
	append(writer, "\n", 1);
}

void writer_labelled(struct metrics_writer *writer, const char *label, const char *value,
		     struct metric_number number)
{
	if (number.mantissa == PRINTER_NEVER) {
		return;
	}
	append_name(writer);
	append(writer, "{", 1);
	append(writer, writer->labels, writer->labels_length);
	if (writer->labels_length > 0) {
		append(writer, ",", 1);
	}
	append_text(writer, label);
	append(writer, "=\"", 2);
	append_text(writer, value);
	append(writer, "\"} ", 3);
	append_number(writer, number);
	append(writer, "\n", 1);
}

void writer_info(struct metrics_writer *writer, const struct metric_label *labels, size_t count)
{
	char escaped[METRICS_ESCAPED_MAX(TEXT_BUFFER_MAX)];
	size_t before = writer->labels_length;

	append_name(writer);
	append(writer, "{", 1);
	append(writer, writer->labels, writer->labels_length);
	for (size_t i = 0; i < count; i++) {
		if (!labels[i].value) {
			continue;
		}
		append(writer, ",", before > 0 ? 1 : 0);
		before++;
		append_text(writer, labels[i].name);
		append(writer, "=\"", 2);
		append(writer, escaped, metrics_escape(labels[i].value, escaped));
		append(writer, "\"", 1);
	}
	append_text(writer, "} 1\n");
}

int writer_finish(struct metrics_writer *writer)
{
	if (writer->format == METRICS_OPENMETRICS) {
		need_line(writer);
		append_text(writer, "# EOF\n");
	}
	flush_chunk(writer);
	return writer->error;
}

static bool is_plain(char byte)
{
	return byte >= ' ' && byte <= '~' && byte != '\\' && byte != '"';
}

size_t metrics_escape(const char *text, char *out)
{
	size_t length = strnlen(text, TEXT_BUFFER_MAX - 1);
	size_t written = 0;

	for (size_t at = 0; at < length;) {
		uint32_t character;

		if (is_plain(text[at])) {
			out[written++] = text[at++];
			continue;
		}
		at += utf8_decode(text + at, length - at, &character);
		if (character == '\n') {
			out[written++] = '\\';
			out[written++] = 'n';
			continue;
		}
		if (character == '\\' || character == '"') {
			out[written++] = '\\';
		}
		written += utf8_encode(character, out + written);
	}
	return written;
}
