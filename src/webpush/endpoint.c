/* SPDX-License-Identifier: MIT */
#include "webpush/endpoint.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SCHEME        "https://"
#define PORT_DEFAULT  443
#define PORT_MAX      65535
#define HOST_LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"
#define ADDRESS_CHARS "ABCDEFabcdef0123456789:."
#define DIGITS        "0123456789"
#define IPV4_SIZE     4
#define IPV6_SIZE     16

/* --- the URL --- */

static bool is_printable(const char *url)
{
	for (const unsigned char *at = (const unsigned char *)url; *at != '\0'; at++) {
		if (*at <= ' ' || *at >= 0x7F || *at == '"' || *at == '\\') {
			return false;
		}
	}
	return true;
}

/* Returns what follows the host; NULL where there is none. */
static const char *read_host(const char *text, struct webpush_endpoint *endpoint, bool *bracketed)
{
	bool is_bracketed = text[0] == '[';
	const char *host = is_bracketed ? text + 1 : text;
	size_t length = strspn(host, is_bracketed ? ADDRESS_CHARS : HOST_LETTERS);

	*bracketed = is_bracketed;
	if (length == 0 || length >= sizeof(endpoint->host) ||
	    (is_bracketed && host[length] != ']')) {
		return NULL;
	}
	memcpy(endpoint->host, host, length);
	endpoint->host[length] = '\0';
	return host + length + is_bracketed;
}

/* Likewise; at the colon, if there is one. */
static const char *read_port(const char *text, struct webpush_endpoint *endpoint)
{
	unsigned long port = 0;

	endpoint->port = PORT_DEFAULT;
	if (*text != ':') {
		return text;
	}
	size_t length = strspn(++text, DIGITS);
	for (size_t i = 0; i < length && port <= PORT_MAX; i++) {
		port = port * 10 + (unsigned long)(text[i] - '0');
	}
	if (port == 0 || port > PORT_MAX) {
		return NULL;
	}
	endpoint->port = (uint16_t)port;
	return text + length;
}

const char *webpush_endpoint_read(const char *url, struct webpush_endpoint *endpoint)
{
	bool bracketed;

	if (strlen(url) > WEBPUSH_ENDPOINT_MAX) {
		return "the endpoint is too long";
	}
	if (!is_printable(url)) {
		return "an endpoint has no blanks, no quotes and nothing beyond ASCII";
	}
	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
		return "an endpoint begins with https://";
	}
	const char *rest = read_host(url + strlen(SCHEME), endpoint, &bracketed);
	rest = rest ? read_port(rest, endpoint) : NULL;
	/* A name and password, or a query, would stand where the path begins. */
	if (!rest || *rest != '/' || strchr(rest, '#')) {
		return "an endpoint is https://HOST/PATH, with no login in it and no fragment";
	}
	int length = snprintf(endpoint->audience, sizeof(endpoint->audience),
			      bracketed ? SCHEME "[%s]" : SCHEME "%s", endpoint->host);
	if (endpoint->port != PORT_DEFAULT) {
		snprintf(endpoint->audience + length, sizeof(endpoint->audience) - (size_t)length,
			 ":%u", (unsigned int)endpoint->port);
	}
	return NULL;
}

/* --- addresses --- */

struct network {
	uint8_t bytes[IPV6_SIZE];
	unsigned int bits;
	enum webpush_reach reach;
};

/* Of IANA's registry of special addresses: what is not globally reachable, and what is many at
 * once. */
static const struct network ipv4_networks[] = {
	{{127}, 8, WEBPUSH_LOOPBACK},         {{0}, 8, WEBPUSH_PRIVATE},
	{{10}, 8, WEBPUSH_PRIVATE},           {{100, 64}, 10, WEBPUSH_PRIVATE},
	{{169, 254}, 16, WEBPUSH_PRIVATE},    {{172, 16}, 12, WEBPUSH_PRIVATE},
	{{192, 0, 0}, 24, WEBPUSH_PRIVATE},   {{192, 0, 2}, 24, WEBPUSH_PRIVATE},
	{{192, 88, 99}, 24, WEBPUSH_PRIVATE}, {{192, 168}, 16, WEBPUSH_PRIVATE},
	{{198, 18}, 15, WEBPUSH_PRIVATE},     {{198, 51, 100}, 24, WEBPUSH_PRIVATE},
	{{203, 0, 113}, 24, WEBPUSH_PRIVATE}, {{224}, 4, WEBPUSH_PRIVATE},
	{{240}, 4, WEBPUSH_PRIVATE},          {{0}, 0, WEBPUSH_PUBLIC},
};

static const struct network ipv6_networks[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, WEBPUSH_LOOPBACK},
	{{0x20, 0x01, 0}, 23, WEBPUSH_PRIVATE}, /* Teredo and others of IETF */
	{{0x20, 0x01, 0x0D, 0xB8}, 32, WEBPUSH_PRIVATE},
	{{0x20, 0x02}, 16, WEBPUSH_PRIVATE}, /* 6to4 */
	{{0x3F, 0xFF}, 20, WEBPUSH_PRIVATE},
	{{0x20}, 3, WEBPUSH_PUBLIC},
	{{0}, 0, WEBPUSH_PRIVATE},
};

/* Those that hold an address of IPv4 in their last bytes: mapped ones, and of NAT64. */
static const struct network ipv4_inside[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96, WEBPUSH_PUBLIC},
	{{0, 0x64, 0xFF, 0x9B}, 96, WEBPUSH_PUBLIC},
};

static bool is_within(const uint8_t *address, const struct network *network)
{
	unsigned int whole = network->bits / 8;
	unsigned int rest = network->bits % 8;

	return memcmp(address, network->bytes, whole) == 0 &&
	       (rest == 0 || (address[whole] ^ network->bytes[whole]) >> (8 - rest) == 0);
}

/* The last network of a table holds all. */
static enum webpush_reach find_reach(const uint8_t *address, const struct network *network)
{
	while (!is_within(address, network)) {
		network++;
	}
	return network->reach;
}

static enum webpush_reach reach_of_ipv6(const uint8_t address[IPV6_SIZE])
{
	for (size_t i = 0; i < sizeof(ipv4_inside) / sizeof(ipv4_inside[0]); i++) {
		if (is_within(address, &ipv4_inside[i])) {
			return find_reach(address + IPV6_SIZE - IPV4_SIZE, ipv4_networks);
		}
	}
	return find_reach(address, ipv6_networks);
}

enum webpush_reach webpush_reach_of(const struct sockaddr *address)
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	uint8_t bytes[IPV6_SIZE];

	if (address->sa_family == AF_INET) {
		memcpy(&ipv4, address, sizeof(ipv4));
		memcpy(bytes, &ipv4.sin_addr, IPV4_SIZE);
		return find_reach(bytes, ipv4_networks);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&ipv6, address, sizeof(ipv6));
		memcpy(bytes, &ipv6.sin6_addr, IPV6_SIZE);
		return reach_of_ipv6(bytes);
	}
	return WEBPUSH_PRIVATE;
}
