/* SPDX-License-Identifier: MIT */
#include "gateway/commands/sockets.h"

#include "gateway/access/networks.h"

#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>

bool socket_is_local(int descriptor, bool *is_unix)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	*is_unix = false;
	if (getsockname(descriptor, (struct sockaddr *)&address, &length)) {
		return false;
	}
	*is_unix = address.ss_family == AF_UNIX;
	return *is_unix || (getnameinfo((const struct sockaddr *)&address, length, text,
					sizeof(text), NULL, 0, NI_NUMERICHOST) == 0 &&
			    address_is_loopback(text));
}
