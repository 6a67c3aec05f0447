/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_PPPP_SESSION_INTERNAL_H
#define PROTOCOL_PPPP_SESSION_INTERNAL_H

#include "protocol/pppp/channel.h"
#include "protocol/pppp/path.h"

#include <flagship/pppp_session.h>

#include <stdint.h>

/* Small packets that are to be sent, each kind counted and not queued: a flood costs a number. */
enum session_due {
	SESSION_DUE_SEARCH, /* how many of the addresses are still to be asked */
	SESSION_DUE_PUNCH,
	SESSION_DUE_CLOSE,
	SESSION_DUE_READY,
	SESSION_DUE_READY_ACK,
	SESSION_DUE_HELLO_ACK,
	SESSION_DUE_ALIVE,
	SESSION_DUE_ALIVE_ACK,
	SESSION_DUE_COUNT,
};

#define SESSION_DUE_MAX 16 /* of each kind, in one batch */

struct flagship_pppp_session {
	struct flagship_pppp_options options;
	enum flagship_pppp_state state;
	enum flagship_pppp_end end;
	struct flagship_pppp_host peer;
	struct flagship_pppp_host asker; /* a printer: whom the next PUNCH_PKT goes to */
	struct flagship_pppp_host searched[FLAGSHIP_PPPP_SEARCH_MAX];
	size_t searched_count;

	uint8_t due[SESSION_DUE_COUNT];
	bool found; /* the printer has answered a search */
	int64_t begun_us;
	int64_t ticked_us;
	int64_t heard_us;    /* anything of the peer */
	int64_t answered_us; /* a printer: the last P2P_RDY_ACK */
	int64_t search_us;   /* when to search next */
	int64_t ready_us;    /* when to send P2P_RDY next */
	int64_t readying_us; /* since when */
	int64_t alive_us;    /* when to send ALIVE next */
	int64_t close_us;    /* when to send CLOSE next */
	uint8_t closes_left;

	struct session_relay *relay; /* NULL: in the local network */

	struct pppp_path path;
	struct pppp_channel *channels[FLAGSHIP_PPPP_CHANNELS];
	struct flagship_pppp_counts counts;
	uint8_t scratch[FLAGSHIP_PPPP_PACKET_MAX];
};

/* What the passing of time does; once for each moment. */
void session_tick(struct flagship_pppp_session *session, int64_t now_us);
int64_t session_timer(const struct flagship_pppp_session *session);

void session_enter(struct flagship_pppp_session *session, enum flagship_pppp_state state,
		   int64_t now_us);
void session_end(struct flagship_pppp_session *session, enum flagship_pppp_end end);
void session_owe(struct flagship_pppp_session *session, enum session_due due);

/* --- session_relay.c: a search that goes by relays; the session has one --- */

void relay_tick(struct flagship_pppp_session *session, int64_t now_us);
int64_t relay_timer(const struct flagship_pppp_session *session);
bool relay_is_due(const struct flagship_pppp_session *session);
bool relay_next(struct flagship_pppp_session *session, struct flagship_pppp_outgoing *outgoing);
bool relay_take(struct flagship_pppp_session *session, const struct flagship_pppp_host *from,
		const struct flagship_pppp_packet *packet, int64_t now_us);
/* NULL is accepted. */
void relay_destroy(struct session_relay *relay);

/* Writes the packet into the session's own memory. */
void session_write(struct flagship_pppp_session *session, const struct flagship_pppp_packet *packet,
		   struct flagship_pppp_outgoing *outgoing);

#endif
