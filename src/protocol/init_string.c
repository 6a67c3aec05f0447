/* SPDX-License-Identifier: MIT */
#include <flagship/codes.h>

#include <flagship/error.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FIRST_LETTER     'A'
#define LETTERS          16
#define START_VALUE      0x39
#define TABLE_SIZE       54
#define LETTERS_PER_BYTE 2
#define LETTERS_MAX \
	(LETTERS_PER_BYTE * FLAGSHIP_INIT_STRING_HOSTS_MAX * (FLAGSHIP_HOST_LENGTH_MAX + 1))

static const uint8_t table[TABLE_SIZE] = {
	0x49, 0x59, 0x43, 0x3d, 0xb5, 0xbf, 0x6d, 0xa3, 0x47, 0x53, 0x4f, 0x61, 0x65, 0xe3,
	0x71, 0xe9, 0x67, 0x7f, 0x02, 0x03, 0x0b, 0xad, 0xb3, 0x89, 0x2b, 0x2f, 0x35, 0xc1,
	0x6b, 0x8b, 0x95, 0x97, 0x11, 0xe5, 0xa7, 0x0d, 0xef, 0xf1, 0x05, 0x07, 0x83, 0xfb,
	0x9d, 0x3b, 0xc5, 0xc7, 0x13, 0x17, 0x1d, 0x1f, 0x25, 0x29, 0xd3, 0xdf,
};

/* Where the decoded bytes go, one after another. */
struct host_list {
	char (*hosts)[FLAGSHIP_HOST_LENGTH_MAX + 1]; /* NULL to count only */
	size_t capacity;                             /* of them */
	size_t count;                                /* finished ones */
	size_t length;                               /* of the one that is not finished */
};

static bool is_host_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

static bool host_list_end_host(struct host_list *list)
{
	if (list->length == 0) {
		return false;
	}
	if (list->hosts) {
		list->hosts[list->count][list->length] = '\0';
	}
	list->count++;
	list->length = 0;
	return true;
}

static bool host_list_add(struct host_list *list, char c)
{
	if (list->count == list->capacity) {
		return false;
	}
	if (c == ',') {
		return host_list_end_host(list);
	}
	if (!is_host_character(c) || list->length == FLAGSHIP_HOST_LENGTH_MAX) {
		return false;
	}
	if (list->hosts) {
		list->hosts[list->count][list->length] = c;
	}
	list->length++;
	return true;
}

/* Each letter stands for half a byte. */
static bool read_letter(char letter, unsigned int *half)
{
	*half = (unsigned int)(unsigned char)letter - FIRST_LETTER;
	return *half < LETTERS;
}

static bool decode(const char *encoded, size_t length, struct host_list *list)
{
	uint8_t chain = START_VALUE;

	for (size_t i = 0; i < length / LETTERS_PER_BYTE; i++) {
		unsigned int high;
		unsigned int low;
		if (!read_letter(encoded[LETTERS_PER_BYTE * i], &high) ||
		    !read_letter(encoded[LETTERS_PER_BYTE * i + 1], &low)) {
			return false;
		}
		uint8_t pair = (uint8_t)(high << 4 | low);
		uint8_t byte = chain ^ table[i % TABLE_SIZE] ^ pair;
		chain ^= byte;
		if (!host_list_add(list, (char)byte)) {
			return false;
		}
	}
	return list->length == 0 && list->count > 0;
}

int flagship_init_string_decode(const char *encoded, size_t length,
				char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1], size_t capacity)
{
	struct host_list counted = {.capacity = SIZE_MAX};
	struct host_list written = {.hosts = hosts, .capacity = capacity};

	if (length > LETTERS_MAX || length % LETTERS_PER_BYTE ||
	    !decode(encoded, length, &counted)) {
		return FLAGSHIP_ERROR_INIT_STRING;
	}
	if (counted.count > capacity) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	decode(encoded, length, &written);
	return (int)written.count;
}

/* What the host takes with its comma, or 0 where it is none. */
static size_t measure(const char *host)
{
	size_t length = strlen(host);

	for (size_t i = 0; i < length; i++) {
		if (!is_host_character(host[i])) {
			return 0;
		}
	}
	return length == 0 || length > FLAGSHIP_HOST_LENGTH_MAX ? 0 : length + 1;
}

static void encode(uint8_t byte, size_t place, uint8_t *chain, char *out)
{
	uint8_t pair = byte ^ *chain ^ table[place % TABLE_SIZE];

	*chain ^= byte;
	out[LETTERS_PER_BYTE * place] = (char)(FIRST_LETTER + (pair >> 4));
	out[LETTERS_PER_BYTE * place + 1] = (char)(FIRST_LETTER + (pair & 0x0F));
}

int flagship_init_string_encode(const char hosts[][FLAGSHIP_HOST_LENGTH_MAX + 1], size_t count,
				char *out, size_t capacity)
{
	uint8_t chain = START_VALUE;
	size_t total = 0;
	size_t place = 0;

	for (size_t i = 0; i < count; i++) {
		size_t length = measure(hosts[i]);

		if (length == 0) {
			return FLAGSHIP_ERROR_INIT_STRING;
		}
		total += length;
	}
	if (count == 0 || count > FLAGSHIP_INIT_STRING_HOSTS_MAX) {
		return FLAGSHIP_ERROR_INIT_STRING;
	}
	if (LETTERS_PER_BYTE * total >= capacity) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	for (size_t i = 0; i < count; i++) {
		for (const char *c = hosts[i]; *c; c++) {
			encode((uint8_t)*c, place++, &chain, out);
		}
		encode(',', place++, &chain, out);
	}
	out[LETTERS_PER_BYTE * place] = '\0';
	return 0;
}
