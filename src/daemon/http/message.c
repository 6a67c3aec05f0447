/* SPDX-License-Identifier: MIT */
#include "daemon/http/message.h"

#include <assert.h>
#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_HEAD_MAX 20 /* a size as hex digits, and the end of its line */
#define LINE_END       "\r\n"

static struct http_message *allocate(enum http_message_kind kind, size_t capacity)
{
	struct http_message *message = malloc(sizeof(*message) + capacity);

	if (message) {
		*message = (struct http_message){.references = 1, .kind = kind};
	}
	return message;
}

static void add(struct http_message *message, const void *bytes, size_t length)
{
	memcpy(message->bytes + message->length, bytes, length);
	message->length += length;
}

struct http_message *http_message_create(enum http_message_kind kind, const void *bytes,
					 size_t length)
{
	uint8_t head[HTTP_FRAME_OWN_MAX] = {0};

	if (kind == HTTP_MESSAGE_EVENT) {
		return http_message_create_event(NULL, NULL, bytes, length);
	}
	struct http_message *message = allocate(kind, sizeof(head) + length);
	if (message) {
		enum http_opcode opcode = kind == HTTP_MESSAGE_TEXT ? HTTP_OPCODE_TEXT
								    : HTTP_OPCODE_BINARY;

		size_t size = http_frame_head(head, opcode, length);

		add(message, head, size);
		add(message, bytes, length);
	}
	return message;
}

static size_t count_lines(const char *data, size_t length)
{
	size_t lines = 1;

	for (size_t i = 0; i < length; i++) {
		lines += data[i] == '\n' || data[i] == '\r';
	}
	return lines;
}

static void add_field(struct http_message *message, const char *name, const char *value,
		      size_t length)
{
	add(message, name, strlen(name));
	add(message, ": ", 2);
	add(message, value, length);
	add(message, "\n", 1);
}

/* Each line of the data has a field of its own: the reader joins them again. */
static void add_data(struct http_message *message, const char *data, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i < length; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			add_field(message, "data", data + start, i - start);
			i += data[i] == '\r' && i + 1 < length && data[i + 1] == '\n';
			start = i + 1;
		}
	}
	add_field(message, "data", data + start, length - start);
	add(message, "\n", 1);
}

/* The size of the chunk stands before it, and is known afterwards. */
static void frame(struct http_message *message)
{
	char head[CHUNK_HEAD_MAX + 1];
	int size = snprintf(head, sizeof(head), "%zx" LINE_END, message->length);

	memmove(message->bytes + size, message->bytes, message->length);
	memcpy(message->bytes, head, (size_t)size);
	message->length += (size_t)size;
	add(message, LINE_END, strlen(LINE_END));
}

static bool is_line(const char *text)
{
	return !text || !strpbrk(text, "\r\n");
}

struct http_message *http_message_create_event(const char *id, const char *name, const char *data,
					       size_t length)
{
	size_t capacity = length + (id ? strlen(id) : 0) + (name ? strlen(name) : 0) +
			  (count_lines(data, length) + 3) * sizeof("event: \n") +
			  2 * CHUNK_HEAD_MAX;
	struct http_message *message = is_line(id) && is_line(name)
					       ? allocate(HTTP_MESSAGE_EVENT, capacity)
					       : NULL;

	if (!message) {
		return NULL;
	}
	if (id) {
		add_field(message, "id", id, strlen(id));
	}
	if (name) {
		add_field(message, "event", name, strlen(name));
	}
	add_data(message, data, length);
	frame(message);
	return message;
}

void http_message_release(struct http_message *message)
{
	if (!message) {
		return;
	}
	assert(message->references > 0);
	if (--message->references == 0) {
		free(message);
	}
}

/* --- queues --- */

int http_queue_init(struct http_queue *queue, size_t messages, size_t bytes)
{
	*queue = (struct http_queue){.capacity = messages, .bytes_max = bytes};
	queue->items = calloc(messages, sizeof(struct http_message *));
	return queue->items ? 0 : FLAGSHIP_ERROR_MEMORY;
}

static void remove_first(struct http_queue *queue)
{
	struct http_message *message = queue->items[queue->first];

	assert(queue->count > 0 && queue->bytes >= message->length);
	queue->first = (queue->first + 1) % queue->capacity;
	queue->count--;
	queue->bytes -= message->length;
	queue->offset = 0;
	http_message_release(message);
}

void http_queue_finish(struct http_queue *queue)
{
	while (queue->count > 0) {
		remove_first(queue);
	}
	free(queue->items);
	*queue = (struct http_queue){0};
}

bool http_queue_push(struct http_queue *queue, struct http_message *message)
{
	/* One that is larger than the whole goes where nothing else waits. */
	if (queue->count == queue->capacity ||
	    (queue->count > 0 && queue->bytes + message->length > queue->bytes_max)) {
		return false;
	}
	message->references++;
	queue->items[(queue->first + queue->count) % queue->capacity] = message;
	queue->count++;
	queue->bytes += message->length;
	return true;
}

bool http_queue_drop(struct http_queue *queue)
{
	struct http_message *begun = queue->items[queue->first];
	size_t offset = queue->offset;

	if (queue->count == 0 || (offset > 0 && queue->count == 1)) {
		return false;
	}
	if (offset == 0) {
		remove_first(queue);
		return true;
	}
	/* The second goes, and the first, of which some was sent, takes its place. */
	size_t second = (queue->first + 1) % queue->capacity;
	struct http_message *dropped = queue->items[second];

	queue->items[second] = begun;
	queue->first = second;
	queue->count--;
	queue->bytes -= dropped->length;
	http_message_release(dropped);
	return true;
}

size_t http_queue_take(struct http_queue *queue, char *out, size_t capacity)
{
	size_t written = 0;

	while (queue->count > 0 && written < capacity) {
		const struct http_message *message = queue->items[queue->first];
		size_t left = message->length - queue->offset;
		size_t count = left < capacity - written ? left : capacity - written;

		memcpy(out + written, message->bytes + queue->offset, count);
		written += count;
		queue->offset += count;
		if (queue->offset == message->length) {
			remove_first(queue);
		}
	}
	return written;
}
