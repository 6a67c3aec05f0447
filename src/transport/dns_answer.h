/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_DNS_ANSWER_H
#define TRANSPORT_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_SIZE     256 /* with the NUL */
#define DNS_ADDRESS_SIZE  64  /* numeric, with the zone of a link-local one */
#define DNS_ALIASES_MAX   8
#define DNS_ADDRESSES_MAX 16
#define DNS_TYPE_A        1
#define DNS_TYPE_AAAA     28

/* What an answer of the DNS says of one name (RFC 1035). */
struct dns_answer {
	char aliases[DNS_ALIASES_MAX][DNS_NAME_SIZE]; /* each name that the one before leads to */
	size_t alias_count;
	char addresses[DNS_ADDRESSES_MAX][DNS_ADDRESS_SIZE]; /* of the last name */
	size_t address_count;
};

/*
 * Adds to *answer what the message says of `name`: its chain of aliases, unless one is there
 * already, and the addresses at its end. In names, what is no letter, digit, hyphen or underscore
 * becomes '?'. More than there is room for is left out. False where the message is none, or cut
 * short, or says that there was an error: *answer is left alone then.
 */
bool dns_answer_read(const uint8_t *message, size_t length, const char *name,
		     struct dns_answer *answer);

#endif
