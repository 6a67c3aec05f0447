/* SPDX-License-Identifier: MIT */
#include "transport/dns_answer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER_SIZE       12
#define FLAGS_OFFSET      2
#define QUESTIONS_OFFSET  4
#define ANSWERS_OFFSET    6
#define FLAG_RESPONSE     0x8000u
#define STATUS_MASK       0x000fu
#define QUESTION_TAIL     4 /* type, class */
#define RECORD_TAIL       10
#define TYPE_CNAME        5
#define CLASS_INTERNET    1
#define POINTER_MARK      0xc0u
#define POINTER_HIGH_MASK 0x3fu
#define POINTERS_MAX      32 /* followed for one name: more would go round in circles */

struct message {
	const uint8_t *data;
	size_t length;
};

struct record {
	char owner[DNS_NAME_SIZE];
	unsigned int type;
	unsigned int class;
	size_t data; /* offset */
	size_t length;
};

static unsigned int read_u16(const struct message *message, size_t offset)
{
	return (unsigned int)message->data[offset] << 8 | message->data[offset + 1];
}

static char printable(uint8_t c)
{
	bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_';

	return good ? (char)c : '?';
}

/* Appends a label and a dot before it where it is not the first. */
static bool append_label(const uint8_t *label, size_t length, char out[DNS_NAME_SIZE], size_t *used)
{
	if (*used + length + 2 > DNS_NAME_SIZE) {
		return false;
	}
	if (*used > 0) {
		out[(*used)++] = '.';
	}
	for (size_t i = 0; i < length; i++) {
		out[(*used)++] = printable(label[i]);
	}
	return true;
}

/* Reads a name, which may continue elsewhere in the message; *offset then stands behind it. */
static bool read_name(const struct message *message, size_t *offset, char out[DNS_NAME_SIZE])
{
	size_t at = *offset;
	size_t used = 0;
	unsigned int pointers = 0;

	while (at < message->length) {
		uint8_t length = message->data[at];

		if (length == 0) {
			*offset = pointers > 0 ? *offset : at + 1;
			out[used] = '\0';
			return true;
		}
		if ((length & POINTER_MARK) == POINTER_MARK) {
			if (at + 1 >= message->length || pointers == POINTERS_MAX) {
				return false;
			}
			if (pointers++ == 0) {
				*offset = at + 2;
			}
			at = (size_t)(length & POINTER_HIGH_MASK) << 8 | message->data[at + 1];
			continue;
		}
		if ((length & POINTER_MARK) != 0 || length >= message->length - at ||
		    !append_label(message->data + at + 1, length, out, &used)) {
			return false;
		}
		at += (size_t)length + 1;
	}
	return false;
}

static bool read_record(const struct message *message, size_t *offset, struct record *record)
{
	if (!read_name(message, offset, record->owner) || message->length - *offset < RECORD_TAIL) {
		return false;
	}
	record->type = read_u16(message, *offset);
	record->class = read_u16(message, *offset + 2);
	record->length = read_u16(message, *offset + 8);
	record->data = *offset + RECORD_TAIL;
	if (message->length - record->data < record->length) {
		return false;
	}
	*offset = record->data + record->length;
	return true;
}

/* Where the answers begin; 0 where the message is no answer. */
static size_t skip_questions(const struct message *message)
{
	char name[DNS_NAME_SIZE];
	size_t offset = HEADER_SIZE;

	if (message->length < HEADER_SIZE) {
		return 0;
	}
	unsigned int flags = read_u16(message, FLAGS_OFFSET);
	if ((flags & FLAG_RESPONSE) == 0 || (flags & STATUS_MASK) != 0) {
		return 0;
	}
	for (unsigned int i = read_u16(message, QUESTIONS_OFFSET); i > 0; i--) {
		if (!read_name(message, &offset, name) ||
		    message->length - offset < QUESTION_TAIL) {
			return 0;
		}
		offset += QUESTION_TAIL;
	}
	return offset;
}

/* The name that `name` is an alias of. False where it is none. */
static bool find_alias(const struct message *message, size_t answers, const char *name,
		       char out[DNS_NAME_SIZE])
{
	unsigned int count = read_u16(message, ANSWERS_OFFSET);
	struct record record;

	for (unsigned int i = 0; i < count && read_record(message, &answers, &record); i++) {
		size_t data = record.data;

		if (record.type == TYPE_CNAME && record.class == CLASS_INTERNET &&
		    strcasecmp(record.owner, name) == 0) {
			return read_name(message, &data, out);
		}
	}
	return false;
}

static void add_address(const struct message *message, const struct record *record,
			struct dns_answer *answer)
{
	bool four = record->type == DNS_TYPE_A && record->length == sizeof(struct in_addr);
	bool six = record->type == DNS_TYPE_AAAA && record->length == sizeof(struct in6_addr);

	if ((four || six) && answer->address_count < DNS_ADDRESSES_MAX &&
	    inet_ntop(four ? AF_INET : AF_INET6, message->data + record->data,
		      answer->addresses[answer->address_count], DNS_ADDRESS_SIZE)) {
		answer->address_count++;
	}
}

static void read_chain(const struct message *message, size_t answers, const char *name,
		       struct dns_answer *answer)
{
	char next[DNS_NAME_SIZE];

	while (answer->alias_count < DNS_ALIASES_MAX && find_alias(message, answers, name, next)) {
		memcpy(answer->aliases[answer->alias_count], next, sizeof(next));
		name = answer->aliases[answer->alias_count++];
	}
}

/* Of all records, so that half a message is told from a whole one. */
static bool is_whole(const struct message *message, size_t answers)
{
	struct record record;

	for (unsigned int i = read_u16(message, ANSWERS_OFFSET); i > 0; i--) {
		if (!read_record(message, &answers, &record)) {
			return false;
		}
	}
	return true;
}

bool dns_answer_read(const uint8_t *data, size_t length, const char *name,
		     struct dns_answer *answer)
{
	const struct message message = {.data = data, .length = length};
	struct record record;
	size_t answers = skip_questions(&message);

	if (answers == 0 || !is_whole(&message, answers)) {
		return false;
	}
	if (answer->alias_count == 0) {
		read_chain(&message, answers, name, answer);
	}
	if (answer->alias_count > 0) {
		name = answer->aliases[answer->alias_count - 1];
	}
	for (unsigned int i = read_u16(&message, ANSWERS_OFFSET);
	     i > 0 && read_record(&message, &answers, &record); i--) {
		if (record.class == CLASS_INTERNET && strcasecmp(record.owner, name) == 0) {
			add_address(&message, &record, answer);
		}
	}
	return true;
}
