/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_TAKEOVER_INTERNAL_H
#define CLOUD_COMMANDS_TAKEOVER_INTERNAL_H

#include "cloud/commands/cloud.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What other programs need so that printers find this machine (protocol.md 6). */
enum snippet_kind {
	SNIPPET_DNSMASQ,
	SNIPPET_UNBOUND,
	SNIPPET_PIHOLE,
	SNIPPET_ADGUARD,
	SNIPPET_OPENWRT,
	SNIPPET_HOSTS,
	SNIPPET_NFTABLES,
	SNIPPET_CHRONY,
};

/* "dnsmasq", …, NULL-terminated, in the order above. */
extern const char *const snippet_names[];

#define SNIPPET_BROKER_HOSTS 2
#define SNIPPET_API_HOSTS    2

/* The names that lead to the broker, then those that lead to the API; each NULL-terminated. */
extern const char *const snippet_broker_hosts[SNIPPET_BROKER_HOSTS + 1];
extern const char *const snippet_api_hosts[SNIPPET_API_HOSTS + 1];

struct snippet_values {
	const char *address; /* of this machine */
	const char *printer; /* of the printer */
	uint16_t mqtt_port;
	uint16_t api_port;
	bool brokers_only; /* leave the vendor's other names alone */
};

void snippet_print(enum snippet_kind kind, const struct snippet_values *values, FILE *out);

enum takeover_shape {
	TAKEOVER_TEXT,
	TAKEOVER_JSON,       /* one array, at the end */
	TAKEOVER_JSON_LINES, /* an object a line, each as it is found */
};

/*
 * Asks a name server (`resolver` is its IPv4 address; NULL: the system's) for the vendor's names,
 * connects to what it answers, and prints who answers there. Returns CLI_DONE where it is us behind
 * every broker's name, else CLI_FAILED.
 */
int takeover_check(const struct cloud *cloud, const char *resolver, enum takeover_shape shape);

#endif
