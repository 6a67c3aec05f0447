/* SPDX-License-Identifier: MIT */
#include "gateway/access/networks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORD_SIZE   64
#define SIZE        16
#define BITS        128
#define IPV4_BITS   32
#define IPV4_OFFSET 12
#define BYTE_BITS   8
#define BYTE_MASK   0xff

static const uint8_t mapped[IPV4_OFFSET] = {[10] = 0xff, [11] = 0xff};

struct network {
	uint8_t bytes[SIZE];
	unsigned int bits;
};

/* Of IPv4 as mapped into IPv6, so that both are compared alike. */
static bool read_address(const char *text, uint8_t bytes[SIZE], bool *ipv4)
{
	*ipv4 = inet_pton(AF_INET, text, bytes + IPV4_OFFSET) == 1;
	if (*ipv4) {
		memcpy(bytes, mapped, sizeof(mapped));
		return true;
	}
	return inet_pton(AF_INET6, text, bytes) == 1;
}

static bool read_network(const char *word, size_t length, struct network *network)
{
	char text[WORD_SIZE];
	bool ipv4;

	if (length == 0 || length >= sizeof(text)) {
		return false;
	}
	memcpy(text, word, length);
	text[length] = '\0';
	char *slash = strchr(text, '/');
	if (slash) {
		*slash++ = '\0';
	}
	if (!read_address(text, network->bytes, &ipv4)) {
		return false;
	}
	unsigned int most = ipv4 ? IPV4_BITS : BITS;
	network->bits = BITS;
	if (slash) {
		size_t digits = strspn(slash, "0123456789");

		if (digits == 0 || digits > 3 || slash[digits] != '\0') {
			return false;
		}
		unsigned long bits = strtoul(slash, NULL, 10);
		if (bits > most) {
			return false;
		}
		network->bits = BITS - most + (unsigned int)bits;
	}
	return true;
}

static bool holds(const struct network *network, const uint8_t bytes[SIZE])
{
	size_t whole = network->bits / BYTE_BITS;
	unsigned int rest = network->bits % BYTE_BITS;

	if (memcmp(network->bytes, bytes, whole) != 0) {
		return false;
	}
	unsigned int mask = rest ? (BYTE_MASK << (BYTE_BITS - rest)) & BYTE_MASK : 0;
	return rest == 0 || (network->bytes[whole] & mask) == (bytes[whole] & mask);
}

bool networks_valid(const char *list)
{
	struct network network;

	while (*list != '\0') {
		size_t length = strcspn(list, " ");

		if (!read_network(list, length, &network)) {
			return false;
		}
		list += length + (list[length] == ' ');
	}
	return true;
}

bool networks_have(const char *list, const char *address)
{
	struct network network;
	uint8_t bytes[SIZE];
	bool ipv4;

	if (!read_address(address, bytes, &ipv4)) {
		return false;
	}
	while (*list != '\0') {
		size_t length = strcspn(list, " ");

		if (read_network(list, length, &network) && holds(&network, bytes)) {
			return true;
		}
		list += length + (list[length] == ' ');
	}
	return false;
}

bool address_is_loopback(const char *address)
{
	return networks_have("127.0.0.0/8 ::1", address);
}

bool address_is_numeric(const char *text)
{
	uint8_t bytes[SIZE];
	bool ipv4;

	return read_address(text, bytes, &ipv4);
}
