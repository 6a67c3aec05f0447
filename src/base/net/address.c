/* SPDX-License-Identifier: MIT */
#include "base/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define MAPPED_AT    10 /* of two bytes 0xff, before the four of IPv4 */
#define MAPPED_BYTES 2
#define PREFIX_SIZE  8

static struct address_key key_of_ipv4(const struct in_addr *address)
{
	struct address_key key = {{0}};

	memset(key.bytes + MAPPED_AT, 0xff, MAPPED_BYTES);
	memcpy(key.bytes + MAPPED_AT + MAPPED_BYTES, address, sizeof(*address));
	return key;
}

static struct address_key key_of_ipv6(const struct in6_addr *address)
{
	struct address_key key = {{0}};

	memcpy(key.bytes, address, IN6_IS_ADDR_V4MAPPED(address) ? sizeof(*address) : PREFIX_SIZE);
	return key;
}

struct address_key address_of_socket(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET) {
		return key_of_ipv4(&((const struct sockaddr_in *)address)->sin_addr);
	}
	if (address->ss_family == AF_INET6) {
		return key_of_ipv6(&((const struct sockaddr_in6 *)address)->sin6_addr);
	}
	return (struct address_key){{0}};
}

struct address_key address_of_text(const char *text)
{
	struct in_addr ipv4;
	struct in6_addr ipv6;

	if (text && inet_pton(AF_INET, text, &ipv4) == 1) {
		return key_of_ipv4(&ipv4);
	}
	if (text && inet_pton(AF_INET6, text, &ipv6) == 1) {
		return key_of_ipv6(&ipv6);
	}
	return (struct address_key){{0}};
}

bool address_same(const struct address_key *one, const struct address_key *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}
