/* SPDX-License-Identifier: MIT */
#ifndef BASE_NET_ADDRESS_H
#define BASE_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#define ADDRESS_KEY_SIZE 16

struct sockaddr_storage;

/*
 * Where a connection comes from, as far as one household or machine can choose it: an address of
 * IPv4, also where it comes mapped into IPv6, and the first 64 bits of one of IPv6.
 */
struct address_key {
	uint8_t bytes[ADDRESS_KEY_SIZE];
};

struct address_key address_of_socket(const struct sockaddr_storage *address);

/* Of the broker's text; all zero where it is none. */
struct address_key address_of_text(const char *text);

bool address_same(const struct address_key *one, const struct address_key *other);

#endif
