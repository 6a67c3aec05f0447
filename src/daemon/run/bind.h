/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_BIND_H
#define DAEMON_RUN_BIND_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The addresses that broker and API listen on, as `flagship cloud init --bind` was given them:
 * numeric ones of this machine. 0.0.0.0 is all of IPv4 and nothing else, :: all of IPv6 likewise.
 */
#define BIND_MAX       4
#define BIND_TEXT_SIZE 46 /* of an IPv6 address, with the NUL */

struct bind {
	char addresses[BIND_MAX][BIND_TEXT_SIZE];
	size_t count;
};

/* Of the setting, whose addresses have blanks between them. False where there are none, or too
 * many, or one is too long to be an address. */
bool bind_read(const char *setting, struct bind *bind);

bool bind_is_ipv6(const char *address);

/* 0.0.0.0 or ::. */
bool bind_is_all(const char *address);

/* Whether only programs of this machine reach every one of them. */
bool bind_is_loopback(const struct bind *bind);

/* Whether this machine can listen on all of them now. False with a problem that names the address
 * and says why not. */
bool bind_check(const struct bind *bind, struct problem *problem);

/* The IPv4 address of this machine that leads to other networks; nothing is sent for it. False
 * where there is none. */
bool bind_own_address(char out[BIND_TEXT_SIZE]);

#endif
