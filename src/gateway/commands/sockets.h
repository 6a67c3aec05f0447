/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_SOCKETS_H
#define GATEWAY_COMMANDS_SOCKETS_H

#include <stdbool.h>

/* Whether only programs of this machine reach a socket of the service manager. */
bool socket_is_local(int descriptor, bool *is_unix);

#endif
