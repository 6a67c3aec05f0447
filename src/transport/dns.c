/* SPDX-License-Identifier: MIT */
#include "transport/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MAX   4096
#define WAIT_S       2
#define TRIES        1
#define SERVICE_SIZE 8

int dns_resolve(const char *host, uint16_t port, struct dns_addresses *addresses)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char service[SERVICE_SIZE];

	addresses->count = 0;
	snprintf(service, sizeof(service), "%u", port);
	int error = getaddrinfo(host, service, &hints, &found);
	if (error) {
		return error;
	}
	for (const struct addrinfo *at = found; at && addresses->count < DNS_ADDRESSES_MAX;
	     at = at->ai_next) {
		struct dns_address *address = &addresses->items[addresses->count];

		if (at->ai_addrlen > sizeof(address->socket) ||
		    getnameinfo(at->ai_addr, at->ai_addrlen, address->text, sizeof(address->text),
				NULL, 0, NI_NUMERICHOST) != 0) {
			continue;
		}
		memcpy(&address->socket, at->ai_addr, at->ai_addrlen);
		address->length = at->ai_addrlen;
		addresses->count++;
	}
	freeaddrinfo(found);
	return addresses->count > 0 ? 0 : EAI_NONAME;
}

#ifdef __GLIBC__
static bool set_server(struct __res_state *state, const char *server)
{
	struct sockaddr_in *address = &state->nsaddr_list[0];

	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(NS_DEFAULTPORT)};
	state->nscount = 1;
	return inet_pton(AF_INET, server, &address->sin_addr) == 1;
}

/* Servers that do not answer would hold up the rest for half a minute. */
static int query(const char *server, const char *host, int type, unsigned char *answer, int size,
		 int *failure)
{
	struct __res_state state;
	int length = -1;

	*failure = TRY_AGAIN;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0) {
		return -1;
	}
	state.retrans = WAIT_S;
	state.retry = TRIES;
	/* By TCP it would wait for the rest of an answer for as long as the server likes. */
	state.options |= RES_IGNTC;
	if (!server || set_server(&state, server)) {
		length = res_nquery(&state, host, ns_c_in, type, answer, size);
		*failure = state.res_h_errno;
	}
	res_nclose(&state);
	return length;
}
#else
static int query(const char *server, const char *host, int type, unsigned char *answer, int size,
		 int *failure)
{
	int length = server ? -1 : res_query(host, ns_c_in, type, answer, size);

	*failure = server ? TRY_AGAIN : h_errno;
	return length;
}
#endif

bool dns_ask(const char *server, const char *host, struct dns_answer *answer)
{
	static const int types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	unsigned char message[ANSWER_MAX];
	bool known = false;
	int failure;

	*answer = (struct dns_answer){0};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int length = query(server, host, types[i], message, sizeof(message), &failure);

		if (length < 0) {
			/* A second question would fare no better. */
			break;
		}
		/* The length is that of the whole answer, also where it did not fit. */
		known = (size_t)length <= sizeof(message) &&
			(dns_answer_read(message, (size_t)length, host, answer) || known);
	}
	return known;
}

enum dns_ipv6 dns_ask_ipv6(const char *server, const char *host, struct dns_answer *answer)
{
	unsigned char message[ANSWER_MAX];
	int failure;
	int length = query(server, host, DNS_TYPE_AAAA, message, sizeof(message), &failure);

	*answer = (struct dns_answer){0};
	if (length < 0) {
		return failure == NO_DATA ? DNS_IPV6_NONE : DNS_IPV6_FAILS;
	}
	if ((size_t)length > sizeof(message) ||
	    !dns_answer_read(message, (size_t)length, host, answer)) {
		return DNS_IPV6_FAILS;
	}
	return answer->address_count > 0 ? DNS_IPV6_FOUND : DNS_IPV6_NONE;
}

static bool is_local_4(uint32_t address)
{
	static const struct {
		uint32_t network;
		uint32_t mask;
	} local[] = {
		{0x0a000000, 0xff000000}, /* 10.0.0.0/8 */
		{0x64400000, 0xffc00000}, /* 100.64.0.0/10: behind a provider's NAT, and of VPNs */
		{0x7f000000, 0xff000000}, /* 127.0.0.0/8 */
		{0xa9fe0000, 0xffff0000}, /* 169.254.0.0/16 */
		{0xac100000, 0xfff00000}, /* 172.16.0.0/12 */
		{0xc0a80000, 0xffff0000}, /* 192.168.0.0/16 */
	};

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if ((address & local[i].mask) == local[i].network) {
			return true;
		}
	}
	return false;
}

static bool is_local_6(const struct in6_addr *address)
{
	uint32_t mapped;

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&mapped, address->s6_addr + 12, sizeof(mapped));
		return is_local_4(ntohl(mapped));
	}
	/* fc00::/7 are the unique local ones. */
	return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_LINKLOCAL(address) ||
	       (address->s6_addr[0] & 0xfe) == 0xfc;
}

bool dns_is_local(const struct dns_address *address)
{
	if (address->socket.ss_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)&address->socket;

		return is_local_4(ntohl(four->sin_addr.s_addr));
	}
	if (address->socket.ss_family == AF_INET6) {
		return is_local_6(&((const struct sockaddr_in6 *)&address->socket)->sin6_addr);
	}
	return false;
}
