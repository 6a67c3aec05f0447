/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_SEARCH_H
#define TRANSPORT_LAN_SEARCH_H

#include <flagship/pppp_packet.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Who is on the local network: asks for a while and tells each printer that answers. */
struct lan_search;

#define LAN_SEARCH_ADDRESSES_MAX 16
#define LAN_SEARCH_FOUND_MAX     1024 /* printers; more are not told */

struct lan_search_handlers {
	/* Once for each duid and address. */
	void (*on_found)(void *context, const struct flagship_pppp_duid *duid,
			 const struct flagship_pppp_host *host);
	/* The search is gone after this call. */
	void (*on_end)(void *context);
};

/*
 * addresses: IPv4, asked one by one; none for a broadcast. Asks twice a second for as long. Errors:
 * of libuv, UV_EINVAL for an address that is none.
 */
int lan_search_create(uv_loop_t *loop, const char *const *addresses, size_t count,
		      int64_t duration_ms, const struct lan_search_handlers *handlers,
		      void *context, struct lan_search **search);

/* Before its time; on_end follows. */
void lan_search_stop(struct lan_search *search);

#endif
