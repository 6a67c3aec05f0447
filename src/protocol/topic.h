/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_TOPIC_H
#define PROTOCOL_TOPIC_H

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>

/* A topic taken apart, where it lies: owner leads into it and has no NUL behind it. */
struct topic_parts {
	enum flagship_topic_kind kind;
	const char *owner;
	size_t owner_length;
};

/* flagship_topic_parse without a copy and without a look at the characters of the owner: for who
 * looks it up among those that it knows. False where the topic is none of ours. */
bool topic_take_apart(const char *topic, size_t length, struct topic_parts *parts);

#endif
