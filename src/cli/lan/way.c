/* SPDX-License-Identifier: MIT */
#include "cli/lan/way.h"

#include <flagship/codes.h>

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define STORED_RELAYS "stored"
#define PORT_MAX      65535
#define HOST_SIZE     (FLAGSHIP_HOST_LENGTH_MAX + 1)

void lan_way_clear(struct flagship_pppp_relays *relays)
{
	OPENSSL_cleanse(relays, sizeof(*relays));
}

/* "HOST" or "HOST:PORT". */
static bool split_host(const char *text, char host[HOST_SIZE], uint16_t *port)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	int64_t number = FLAGSHIP_PPPP_RELAY_PORT;

	if (length == 0 || length >= HOST_SIZE ||
	    (colon &&
	     (!options_read_integer(colon + 1, &number) || number < 1 || number > PORT_MAX))) {
		return false;
	}
	memcpy(host, text, length);
	host[length] = '\0';
	*port = (uint16_t)number;
	return true;
}

/* Relays speak IPv4 alone. */
static int add_relay(const char *text, struct flagship_pppp_relays *relays)
{
	static const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
	char host[HOST_SIZE];
	uint16_t port;
	struct addrinfo *found;

	if (!split_host(text, host, &port)) {
		cli_error("--relay wants a host such as 203.0.113.7 or relay.example:32100, or "
			  "\"stored\", not '%s'",
			  text);
		return CLI_USAGE;
	}
	if (relays->count == FLAGSHIP_PPPP_RELAYS_MAX) {
		cli_error("--relay: at most %d relays are asked", FLAGSHIP_PPPP_RELAYS_MAX);
		return CLI_USAGE;
	}
	int error = getaddrinfo(host, NULL, &hints, &found);
	if (error) {
		cli_error("relay %s: %s", host, gai_strerror(error));
		return CLI_CANNOT_CONNECT;
	}
	const struct sockaddr_in *address = (const void *)found->ai_addr;
	struct flagship_pppp_host *relay = &relays->hosts[relays->count++];
	memcpy(relay->address, &address->sin_addr, sizeof(relay->address));
	relay->port = port;
	freeaddrinfo(found);
	return OPTIONS_RUN;
}

static int add_stored(const struct store_printer *stored, struct flagship_pppp_relays *relays)
{
	char hosts[FLAGSHIP_PPPP_RELAYS_MAX][HOST_SIZE];
	int count = flagship_init_string_decode(stored->p2p_conn, strlen(stored->p2p_conn), hosts,
						FLAGSHIP_PPPP_RELAYS_MAX);
	int result = OPTIONS_RUN;

	if (count <= 0) {
		cli_error("the account tells no relays (p2p_conn): run flagship refresh, or name "
			  "one with --relay");
		return CLI_NOT_CONFIGURED;
	}
	for (int i = 0; i < count && result == OPTIONS_RUN; i++) {
		result = add_relay(hosts[i], relays);
	}
	return result;
}

static const char *given_or_stored(const char *given, const char *stored)
{
	return given ? given : stored ? stored : "";
}

bool lan_way_is_given(const struct lan_way *way)
{
	return way->address || way->duid || way->relays.count > 0;
}

struct lan_link_options lan_way_link(const struct lan_way *way, const struct target *target,
				     const struct flagship_pppp_relays *relays)
{
	const struct store_printer *stored = target->stored;

	return (struct lan_link_options){
		.duid = given_or_stored(way->duid, stored ? stored->p2p_did : NULL),
		.address = given_or_stored(way->address, stored ? stored->address : NULL),
		.relays = way->relays.count > 0 ? relays : NULL};
}

int lan_way_relays(const struct lan_way *way, const struct target *target,
		   struct flagship_pppp_relays *relays)
{
	const struct options_list *names = &way->relays;
	const struct store_printer *stored = target->stored;
	int result = OPTIONS_RUN;

	*relays = (struct flagship_pppp_relays){0};
	if (names->count == 0) {
		return OPTIONS_RUN;
	}
	if (!stored || strlen(stored->dsk_key) != sizeof(relays->dsk)) {
		cli_error("--relay needs the secret of the printer (its dsk key), which the "
			  "account tells: run flagship refresh, or import anew");
		return CLI_NOT_CONFIGURED;
	}
	memcpy(relays->dsk, stored->dsk_key, sizeof(relays->dsk));
	for (size_t i = 0; i < names->count && result == OPTIONS_RUN; i++) {
		result = strcmp(names->items[i], STORED_RELAYS) == 0
				 ? add_stored(stored, relays)
				 : add_relay(names->items[i], relays);
	}
	return result;
}
