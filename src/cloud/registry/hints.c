/* SPDX-License-Identifier: MIT */
#include "cloud/registry/hints.h"

#include "base/net/address.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MADE_BY_BROKER "auto-" /* where a client left it empty */
#define HEX_PART_LEAST 8
#define NUMBER_LEAST   3
#define IPV4_NETWORK   15 /* bytes of the key: a mapped address, but for its last one */

struct form {
	char *out;
	size_t used;
};

static void append_text(struct form *form, const char *text, size_t length)
{
	size_t room = REGISTRY_TEXT_MAX - 1 - form->used;

	length = length < room ? length : room;
	memcpy(form->out + form->used, text, length);
	form->used += length;
	form->out[form->used] = '\0';
}

static size_t span(const char *text, int (*is)(int))
{
	size_t length = 0;

	while (is((unsigned char)text[length])) {
		length++;
	}
	return length;
}

static void add_part(struct form *form, const char *part, size_t length, const char *serial)
{
	if (length == strlen(serial) && memcmp(part, serial, length) == 0) {
		append_text(form, "SERIAL", strlen("SERIAL"));
	} else if (length >= NUMBER_LEAST && span(part, isdigit) >= length) {
		append_text(form, "NUMBER", strlen("NUMBER"));
	} else if (length >= HEX_PART_LEAST && span(part, isxdigit) >= length) {
		append_text(form, "HEX", strlen("HEX"));
	} else {
		append_text(form, part, length);
	}
}

void hints_form(const char *client_id, const char *serial, char out[REGISTRY_TEXT_MAX])
{
	struct form form = {.out = out};

	out[0] = '\0';
	if (strncmp(client_id, MADE_BY_BROKER, strlen(MADE_BY_BROKER)) == 0) {
		append_text(&form, MADE_BY_BROKER, strlen(MADE_BY_BROKER));
		return;
	}
	while (*client_id != '\0') {
		size_t length = span(client_id, isalnum);

		if (length > 0) {
			add_part(&form, client_id, length, serial);
		} else {
			length = 1;
			append_text(&form, client_id, length);
		}
		client_id += length;
	}
}

static bool is_mapped_ipv4(const struct address_key *key)
{
	return key->bytes[ADDRESS_KEY_SIZE - 1 - sizeof(uint32_t)] == 0xff;
}

static bool same_network(const char *one, const char *other)
{
	struct address_key first = address_of_text(one);
	struct address_key second = address_of_text(other);

	return is_mapped_ipv4(&first) && is_mapped_ipv4(&second)
		       ? memcmp(first.bytes, second.bytes, IPV4_NETWORK) == 0
		       : address_same(&first, &second);
}

unsigned int hints_changes(const struct registry_hints *kept, const struct registry_hints *now)
{
	unsigned int changes = 0;

	changes |= strcmp(kept->username, now->username) != 0 ? HINTS_USERNAME : 0;
	changes |= strcmp(kept->client_form, now->client_form) != 0 ? HINTS_FORM : 0;
	if (strcmp(kept->address, now->address) != 0) {
		changes |= HINTS_ADDRESS;
		changes |= same_network(kept->address, now->address) ? 0 : HINTS_NETWORK;
	}
	return changes;
}

bool hints_ask(unsigned int changes, bool is_here)
{
	return (changes & (HINTS_USERNAME | HINTS_FORM | HINTS_NETWORK)) != 0 ||
	       (is_here && (changes & HINTS_ADDRESS) != 0);
}

void hints_describe(unsigned int changes, const struct registry_hints *kept,
		    const struct registry_hints *now, char *out, size_t capacity)
{
	const struct {
		unsigned int bit;
		const char *what;
		const char *kept;
		const char *now;
	} rows[] = {
		{HINTS_ADDRESS, "address", kept->address, now->address},
		{HINTS_USERNAME, "user name", kept->username, now->username},
		{HINTS_FORM, "kind of client id", kept->client_form, now->client_form},
	};
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && used < capacity; i++) {
		if (changes & rows[i].bit) {
			int length = snprintf(out + used, capacity - used,
					      "%sthe %s %.100s instead of %.100s",
					      used > 0 ? ", " : "", rows[i].what,
					      rows[i].now[0] ? rows[i].now : "(none)",
					      rows[i].kept[0] ? rows[i].kept : "(none)");

			used += length > 0 ? (size_t)length : 0;
		}
	}
}
