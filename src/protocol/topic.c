/* SPDX-License-Identifier: MIT */
#include <flagship/error.h>
#include <flagship/topic.h>

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
};

static const struct topic_shape shapes[] = {
	[FLAGSHIP_TOPIC_NOTICE] = {TOPIC_PRINTER_OUT, "/notice"},
	[FLAGSHIP_TOPIC_COMMAND_REPLY] = {TOPIC_PRINTER_OUT, "/command/reply"},
	[FLAGSHIP_TOPIC_QUERY_REPLY] = {TOPIC_PRINTER_OUT, "/query/reply"},
	[FLAGSHIP_TOPIC_CHANGE_NOTICE] = {TOPIC_PRINTER_OUT, "/change_notice"},
	[FLAGSHIP_TOPIC_COMMAND] = {TOPIC_PRINTER_IN, "/command"},
	[FLAGSHIP_TOPIC_QUERY] = {TOPIC_PRINTER_IN, "/query"},
	[FLAGSHIP_TOPIC_USER_CHANGE_NOTICE] = {TOPIC_USER, "/change_notice"},
	[FLAGSHIP_TOPIC_SMART_COMMAND] = {TOPIC_SMART, "/command"},
	[FLAGSHIP_TOPIC_SERVER_COMMAND] = {TOPIC_SERVER, "/command"},
};

#define SHAPE_COUNT (sizeof(shapes) / sizeof(shapes[0]))

static const enum flagship_topic_kind client_kinds[] = {
	FLAGSHIP_TOPIC_NOTICE,
	FLAGSHIP_TOPIC_COMMAND_REPLY,
	FLAGSHIP_TOPIC_QUERY_REPLY,
	FLAGSHIP_TOPIC_CHANGE_NOTICE,
};

#define CLIENT_KIND_COUNT ((int)(sizeof(client_kinds) / sizeof(client_kinds[0])))

/* Not isalnum: what it takes for a letter depends on the locale. */
static bool topic_is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool topic_owner_valid(enum flagship_topic_kind kind, const char *owner, size_t length)
{
	const bool is_user = kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE;

	if (length == 0 ||
	    length > (is_user ? FLAGSHIP_USER_ID_LENGTH_MAX : FLAGSHIP_SERIAL_LENGTH_MAX)) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		const bool joins = is_user && (owner[i] == '-' || owner[i] == '_');

		if (!topic_is_alphanumeric(owner[i]) && !joins) {
			return false;
		}
	}
	return true;
}

bool flagship_serial_valid(const char *serial)
{
	return serial && topic_owner_valid(FLAGSHIP_TOPIC_NOTICE, serial, strlen(serial));
}

int flagship_topic_build(enum flagship_topic_kind kind, const char *owner, char *out,
			 size_t capacity)
{
	const struct topic_shape *shape;

	if ((size_t)kind >= SHAPE_COUNT) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!owner || !topic_owner_valid(kind, owner, strlen(owner))) {
		return FLAGSHIP_ERROR_SERIAL;
	}
	shape = &shapes[kind];
	if (capacity <= strlen(shape->prefix) + strlen(owner) + strlen(shape->suffix)) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	snprintf(out, capacity, "%s%s%s", shape->prefix, owner, shape->suffix);
	return 0;
}

/* Finds the owner in a topic of this shape, whatever characters it has but a slash. */
static bool topic_match(const struct topic_shape *shape, const char *topic, size_t length,
			const char **owner, size_t *owner_length)
{
	const size_t prefix_length = strlen(shape->prefix);
	const size_t suffix_length = strlen(shape->suffix);

	if (length < prefix_length + suffix_length ||
	    memcmp(topic, shape->prefix, prefix_length) != 0 ||
	    memcmp(topic + length - suffix_length, shape->suffix, suffix_length) != 0) {
		return false;
	}
	*owner = topic + prefix_length;
	*owner_length = length - prefix_length - suffix_length;
	return !memchr(*owner, '/', *owner_length);
}

int flagship_topic_parse(const char *topic, size_t length, struct flagship_topic *out)
{
	for (size_t i = 0; i < SHAPE_COUNT; i++) {
		const enum flagship_topic_kind kind = (enum flagship_topic_kind)i;
		const char *owner;
		size_t owner_length;

		if (!topic_match(&shapes[i], topic, length, &owner, &owner_length)) {
			continue;
		}
		if (!topic_owner_valid(kind, owner, owner_length)) {
			return FLAGSHIP_ERROR_SERIAL;
		}
		out->kind = kind;
		memset(out->owner, 0, sizeof(out->owner));
		memcpy(out->owner, owner, owner_length);
		return 0;
	}
	return FLAGSHIP_ERROR_TOPIC;
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
	for (int i = 0; i < CLIENT_KIND_COUNT; i++) {
		flagship_topic_build(client_kinds[i], serial, topics[i], sizeof(topics[i]));
	}
	if (user_id_length == 0) {
		return CLIENT_KIND_COUNT;
	}
	flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, user_id, topics[CLIENT_KIND_COUNT],
			     sizeof(topics[CLIENT_KIND_COUNT]));
	return CLIENT_KIND_COUNT + 1;
}
