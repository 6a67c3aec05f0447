/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_DNS_H
#define TRANSPORT_DNS_H

#include "transport/dns_answer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Look-ups of names for a diagnosis: they block, for as long as the system's resolver takes. */

struct dns_address {
	struct sockaddr_storage socket;
	socklen_t length;
	char text[DNS_ADDRESS_SIZE]; /* numeric */
};

struct dns_addresses {
	struct dns_address items[DNS_ADDRESSES_MAX];
	size_t count;
};

/*
 * What a connection to this name or address would try, in its order: DNS, the hosts file, and
 * whatever else the system asks. Returns 0, or the error of getaddrinfo.
 */
int dns_resolve(const char *host, uint16_t port, struct dns_addresses *addresses);

/*
 * What the DNS alone says: the chain of aliases, which getaddrinfo does not tell. `server` is the
 * IPv4 address of a name server, or NULL for those of the system. False where no server answers, or
 * knows the name.
 */
bool dns_ask(const char *server, const char *host, struct dns_answer *answer);

enum dns_ipv6 {
	DNS_IPV6_NONE,  /* the name has none, as it should where it is led to an IPv4 address */
	DNS_IPV6_FOUND, /* in answer->addresses */
	DNS_IPV6_FAILS, /* no answer, or that there is no such name: many clients give up then,
			   though they have an IPv4 address (musl among them) */
};

/* What `server` says of the name's IPv6 addresses alone; otherwise as dns_ask. */
enum dns_ipv6 dns_ask_ipv6(const char *server, const char *host, struct dns_answer *answer);

/* Of this machine, or of a network that is not the internet's. */
bool dns_is_local(const struct dns_address *address);

#endif
