/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_NETWORKS_H
#define GATEWAY_ACCESS_NETWORKS_H

#include <stdbool.h>

/* Lists of addresses and networks with blanks between them: "192.168.1.0/24 fd00::/8 10.0.0.7". */
bool networks_valid(const char *list);
/* False also where the address is none. One of IPv4 may come mapped into IPv6. */
bool networks_have(const char *list, const char *address);
bool address_is_loopback(const char *address);
/* Whether this is an address of IPv4 or IPv6 in numbers, IPv6 without brackets. */
bool address_is_numeric(const char *text);

#endif
