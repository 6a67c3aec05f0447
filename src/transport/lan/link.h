/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_LINK_H
#define TRANSPORT_LAN_LINK_H

#include "transport/lan/udp.h"

#include <flagship/pppp_session.h>

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * A PPPP session with one printer on a loop: flagship_pppp_session with a socket and a timer. A
 * loop may have any number. Whoever uploads or watches stands on this (upload.h).
 */
struct lan_link;

struct lan_link_options {
	const char *duid; /* as the device list has it; "" takes whoever answers at the address */
	const char *address; /* IPv4, "" where it is not known: only a broadcast searches then */
	uint64_t rate;       /* of data, bytes a second; 0 for as fast as can be */
	bool adaptive;       /* that is where it begins (flagship_pppp_session_rate) */
	int64_t search_us;   /* 0 for the session's default, and likewise: */
	int64_t connect_us;
	/* NULL: in the local network. EXPERIMENTAL: else these are asked where it is, and address
	 * is not used; duid has to be known. Copied. */
	const struct flagship_pppp_relays *relays;
};

struct lan_link_handlers {
	void (*on_open)(void *context);
	/* Data of a stream, in order. */
	void (*on_data)(void *context, uint8_t channel, const struct flagship_pppp_piece_in *piece);
	/* Something was acknowledged: lan_link_write may take more. May be NULL. */
	void (*on_room)(void *context);
	/* It is closed: why. The link is gone after this call. */
	void (*on_end)(void *context, enum flagship_pppp_end end);
};

/* Begins the search. Errors: those of libuv, UV_EINVAL for a duid or an address that is none. */
int lan_link_create(uv_loop_t *loop, const struct lan_link_options *options,
		    const struct lan_link_handlers *handlers, void *context,
		    struct lan_link **link);

/* Bytes that were taken; see flagship_pppp_session_write. */
size_t lan_link_write(struct lan_link *link, uint8_t channel, const uint8_t *data, size_t length);
size_t lan_link_pending(const struct lan_link *link, uint8_t channel);

/* Orderly; on_end follows with FLAGSHIP_PPPP_END_DONE, also where it is closed already. */
void lan_link_close(struct lan_link *link);

/* For gaps, counts, rate, peer. Only to ask and to set: the link drives it. */
struct flagship_pppp_session *lan_link_session(struct lan_link *link);

/* Why there is no session, and what to do: a sentence without a full stop. */
const char *lan_link_explain(enum flagship_pppp_end end);

#endif
