/* SPDX-License-Identifier: MIT */
#include "protocol/topic.h"

#include "base/words.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TOPIC_PRINTER_OUT "/phone/maker/"
#define TOPIC_PRINTER_IN  "/device/maker/"
#define TOPIC_USER        "/phone/user/"
#define TOPIC_SMART       "/smart/maker/"
#define TOPIC_SERVER      "/server/maker/"

/* A topic is a prefix, its owner (one level) and a suffix. */
struct topic_shape {
	const char *prefix;
	const char *suffix;
	uint8_t prefix_length;
	uint8_t suffix_length;
};

#define SHAPE(prefix, suffix)                                              \
	{                                                                  \
		(prefix), (suffix), sizeof(prefix) - 1, sizeof(suffix) - 1 \
	}

static const struct topic_shape shapes[] = {
	[FLAGSHIP_TOPIC_NOTICE] = SHAPE(TOPIC_PRINTER_OUT, "/notice"),
	[FLAGSHIP_TOPIC_COMMAND_REPLY] = SHAPE(TOPIC_PRINTER_OUT, "/command/reply"),
	[FLAGSHIP_TOPIC_QUERY_REPLY] = SHAPE(TOPIC_PRINTER_OUT, "/query/reply"),
	[FLAGSHIP_TOPIC_CHANGE_NOTICE] = SHAPE(TOPIC_PRINTER_OUT, "/change_notice"),
	[FLAGSHIP_TOPIC_COMMAND] = SHAPE(TOPIC_PRINTER_IN, "/command"),
	[FLAGSHIP_TOPIC_QUERY] = SHAPE(TOPIC_PRINTER_IN, "/query"),
	[FLAGSHIP_TOPIC_USER_CHANGE_NOTICE] = SHAPE(TOPIC_USER, "/change_notice"),
	[FLAGSHIP_TOPIC_SMART_COMMAND] = SHAPE(TOPIC_SMART, "/command"),
	[FLAGSHIP_TOPIC_SERVER_COMMAND] = SHAPE(TOPIC_SERVER, "/command"),
};

#define SHAPE_COUNT (sizeof(shapes) / sizeof(shapes[0]))

static_assert(SHAPE_COUNT == FLAGSHIP_TOPIC_KINDS, "each kind has a shape");
static_assert(FLAGSHIP_TOPIC_LENGTH_MAX <= UINT8_MAX, "lengths of a part fit into a byte");
static_assert(sizeof(TOPIC_PRINTER_OUT "/command/reply") - 1 + FLAGSHIP_SERIAL_LENGTH_MAX <=
		      FLAGSHIP_TOPIC_LENGTH_MAX,
	      "the longest topic of a printer");
static_assert(sizeof(TOPIC_USER "/change_notice") - 1 + FLAGSHIP_USER_ID_LENGTH_MAX <=
		      FLAGSHIP_TOPIC_LENGTH_MAX,
	      "the longest topic of a user");
static_assert(FLAGSHIP_SERIAL_LENGTH_MAX <= FLAGSHIP_USER_ID_LENGTH_MAX,
	      "struct flagship_topic has room for either owner");

static const enum flagship_topic_kind client_kinds[] = {
	FLAGSHIP_TOPIC_NOTICE,
	FLAGSHIP_TOPIC_COMMAND_REPLY,
	FLAGSHIP_TOPIC_QUERY_REPLY,
	FLAGSHIP_TOPIC_CHANGE_NOTICE,
};

#define CLIENT_KIND_COUNT ((int)(sizeof(client_kinds) / sizeof(client_kinds[0])))

static_assert(CLIENT_KIND_COUNT + 1 == FLAGSHIP_CLIENT_TOPICS, "those, and the user's own");

/* The letters and digits of ASCII, as bits. Not isalnum: what it takes for a letter depends on the
 * locale. */
#define ALPHABET UINT64_C(0x3ffffff)
static const uint64_t alphanumeric[] = {UINT64_C(0x3ff) << '0',
					ALPHABET << ('A' - 64) | ALPHABET << ('a' - 64)};

static bool topic_is_alphanumeric(char c)
{
	const unsigned int code = (unsigned char)c;

	return code < 128 && (alphanumeric[code / 64] >> code % 64 & 1);
}

static bool topic_serial_valid(const char *serial, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!topic_is_alphanumeric(serial[i])) {
			return false;
		}
	}
	return length > 0 && length <= FLAGSHIP_SERIAL_LENGTH_MAX;
}

static bool topic_user_id_valid(const char *user_id, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const bool joins = user_id[i] == '-' || user_id[i] == '_';

		if (!topic_is_alphanumeric(user_id[i]) && !joins) {
			return false;
		}
	}
	return length > 0 && length <= FLAGSHIP_USER_ID_LENGTH_MAX;
}

static bool topic_owner_valid(enum flagship_topic_kind kind, const char *owner, size_t length)
{
	return kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE ? topic_user_id_valid(owner, length)
							 : topic_serial_valid(owner, length);
}

bool flagship_serial_valid(const char *serial)
{
	return serial && topic_owner_valid(FLAGSHIP_TOPIC_NOTICE, serial, strlen(serial));
}

int flagship_topic_build(enum flagship_topic_kind kind, const char *owner, char *out,
			 size_t capacity)
{
	if ((size_t)kind >= SHAPE_COUNT) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!owner || !topic_owner_valid(kind, owner, strlen(owner))) {
		return FLAGSHIP_ERROR_SERIAL;
	}
	const struct topic_shape *shape = &shapes[kind];
	if (capacity <= strlen(shape->prefix) + strlen(owner) + strlen(shape->suffix)) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	snprintf(out, capacity, "%s%s%s", shape->prefix, owner, shape->suffix);
	return 0;
}

/* Finds what is the owner in a topic of this shape, whatever characters it has. */
static bool topic_match(const struct topic_shape *shape, const char *topic, size_t length,
			const char **owner, size_t *owner_length)
{
	const size_t prefix_length = shape->prefix_length;
	const size_t suffix_length = shape->suffix_length;

	if (length < prefix_length + suffix_length ||
	    !words_are_equal(topic, shape->prefix, prefix_length) ||
	    !words_are_equal(topic + length - suffix_length, shape->suffix, suffix_length)) {
		return false;
	}
	*owner = topic + prefix_length;
	*owner_length = length - prefix_length - suffix_length;
	return true;
}

bool topic_take_apart(const char *topic, size_t length, struct topic_parts *parts)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		/* No suffix ends with another one, so the first shape is the only one. */
		if (topic_match(&shapes[i], topic, length, &parts->owner, &parts->owner_length)) {
			parts->kind = (enum flagship_topic_kind)i;
			return true;
		}
	}
	return false;
}

int flagship_topic_parse(const char *topic, size_t length, struct flagship_topic *out)
{
	struct topic_parts parts;

	if (!topic_take_apart(topic, length, &parts)) {
		return FLAGSHIP_ERROR_TOPIC;
	}
	if (!topic_owner_valid(parts.kind, parts.owner, parts.owner_length)) {
		return memchr(parts.owner, '/', parts.owner_length) ? FLAGSHIP_ERROR_TOPIC
								    : FLAGSHIP_ERROR_SERIAL;
	}
	out->kind = parts.kind;
	memcpy(out->owner, parts.owner, parts.owner_length);
	out->owner[parts.owner_length] = '\0';
	return 0;
}

int flagship_topic_client(const char *serial, const char *user_id,
			  char topics[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1])
{
	const size_t user_id_length = user_id ? strlen(user_id) : 0;

	if (!flagship_serial_valid(serial)) {
		return FLAGSHIP_ERROR_SERIAL;
	}
	if (user_id_length > 0 &&
	    !topic_owner_valid(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, user_id, user_id_length)) {
		return FLAGSHIP_ERROR_SERIAL;
	}
	int error = 0;

	for (int i = 0; !error && i < CLIENT_KIND_COUNT; i++) {
		error = flagship_topic_build(client_kinds[i], serial, topics[i], sizeof(topics[i]));
	}
	if (error || user_id_length == 0) {
		return error ? error : CLIENT_KIND_COUNT;
	}
	error = flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, user_id,
				     topics[CLIENT_KIND_COUNT], sizeof(topics[CLIENT_KIND_COUNT]));
	return error ? error : CLIENT_KIND_COUNT + 1;
}
