/* SPDX-License-Identifier: MIT */
#include "gateway/metrics/metrics.h"

#include "gateway/metrics/internal.h"

#include "base/text.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define LABEL_FRAME "serial=\"\",name=\"\""

/* Each printer's labels, made once for all of its lines. The end of one is the start of the next.
 */
struct printer_labels {
	const char **starts; /* one more than printers */
	char *text;
};

static size_t escaped_max(const char *text)
{
	return METRICS_ESCAPED_MAX(strnlen(text, TEXT_BUFFER_MAX));
}

static size_t labels_size(const struct metrics_input *input)
{
	size_t size = 1;

	for (size_t i = 0; i < input->count; i++) {
		size += sizeof(LABEL_FRAME) + escaped_max(input->printers[i].serial) +
			escaped_max(input->printers[i].name);
	}
	return size;
}

static char *put_text(char *at, const char *text)
{
	while (*text) {
		*at++ = *text++;
	}
	return at;
}

static void labels_finish(struct printer_labels *labels)
{
	free((void *)labels->starts);
	free(labels->text);
}

static int labels_init(struct printer_labels *labels, const struct metrics_input *input)
{
	labels->starts = calloc(input->count + 1, sizeof(*labels->starts));
	labels->text = malloc(labels_size(input));
	if (!labels->starts || !labels->text) {
		labels_finish(labels);
		return FLAGSHIP_ERROR_MEMORY;
	}
	char *at = labels->text;
	for (size_t i = 0; i < input->count; i++) {
		labels->starts[i] = at;
		at = put_text(at, "serial=\"");
		at += metrics_escape(input->printers[i].serial, at);
		at = put_text(at, "\",name=\"");
		at += metrics_escape(input->printers[i].name, at);
		*at++ = '"';
	}
	labels->starts[input->count] = at;
	return 0;
}

int metrics_write(const struct metrics_input *input, enum metrics_format format, metrics_sink *sink,
		  void *context)
{
	struct printer_labels labels;
	struct metrics_writer writer;

	int error = labels_init(&labels, input);
	if (error) {
		return error;
	}
	writer.format = format;
	writer.sink = sink;
	writer.context = context;
	writer.error = 0;
	writer.labels = "";
	writer.labels_length = 0;
	writer.length = 0;
	metrics_write_printers(&writer, input, labels.starts);
	if (input->gateway) {
		metrics_write_gateway(&writer, input->gateway);
	}
	labels_finish(&labels);
	return writer_finish(&writer);
}

int metrics_buffer_add(void *context, const char *data, size_t length)
{
	struct metrics_buffer *buffer = context;

	if (length > buffer->capacity - buffer->length) {
		size_t capacity = 2 * (buffer->capacity + length);
		char *grown = realloc(buffer->data, capacity);

		if (!grown) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		buffer->data = grown;
		buffer->capacity = capacity;
	}
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return 0;
}

void metrics_buffer_finish(struct metrics_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct metrics_buffer){0};
}
