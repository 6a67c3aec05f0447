/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_PPPP_SESSION_H
#define FLAGSHIP_PPPP_SESSION_H

#include <flagship/error.h>
#include <flagship/pppp_packet.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A PPPP session of either side, without a socket and without a clock (protocol.md 5). It is told
 * datagrams and the time; it gives datagrams to send, and says when it wants to be asked again:
 *
 *	flagship_pppp_session_receive(session, &from, bytes, length, now_us);     for each datagram
 *	while (flagship_pppp_session_read(session, channel, &piece)) { … }        data that came
 *	while (flagship_pppp_session_next(session, now_us, &outgoing)) { send }   all that is due
 *	arm a timer for flagship_pppp_session_deadline(session, now_us)
 *
 * Acknowledgements are gathered until they are asked for: take a batch of datagrams, then ask.
 *Times are microseconds of any clock that only goes forward. Each channel is a stream of bytes in
 *either direction; a write begins a new packet. Memory: some 140 KiB for each channel that is used,
 *taken with its first byte, and nothing for a message.
 *
 * A client searches, follows the address that the printer answers from, and sends ALIVE every 5 s.
 *A peer of which nothing is heard for 15 s is gone.
 */
struct flagship_pppp_session;

#define FLAGSHIP_PPPP_SEARCH_MAX 4  /* addresses that are searched at once */
#define FLAGSHIP_PPPP_WINDOW     64 /* packets of a channel that are not acknowledged */
#define FLAGSHIP_PPPP_NEVER_US   INT64_MAX
#define FLAGSHIP_PPPP_SEARCH_US  INT64_C(10000000) /* what a search lasts by default */
#define FLAGSHIP_PPPP_CONNECT_US INT64_C(25000000) /* and readying: past the 20 s of reluctance */

#define FLAGSHIP_PPPP_RELAY_PORT 32100 /* UDP */
#define FLAGSHIP_PPPP_RELAYS_MAX 8
#define FLAGSHIP_PPPP_DSK_LENGTH 20
#define FLAGSHIP_PPPP_RELAY_US   INT64_C(60000000) /* some 20 to 30 s are usual */

enum flagship_pppp_role {
	FLAGSHIP_PPPP_ROLE_CLIENT,
	FLAGSHIP_PPPP_ROLE_PRINTER,
};

enum flagship_pppp_state {
	FLAGSHIP_PPPP_STATE_IDLE,      /* a printer waits for a client; a client for its search */
	FLAGSHIP_PPPP_STATE_SEARCHING, /* a client: nobody has answered yet */
	FLAGSHIP_PPPP_STATE_READYING,  /* the other side is known, and says not yet that it is ready
					*/
	FLAGSHIP_PPPP_STATE_OPEN,
	FLAGSHIP_PPPP_STATE_CLOSING, /* CLOSE is being sent, several times */
	FLAGSHIP_PPPP_STATE_CLOSED,
};

/* Why a session is closed. */
enum flagship_pppp_end {
	FLAGSHIP_PPPP_END_NONE,
	FLAGSHIP_PPPP_END_DONE,      /* this side closed it */
	FLAGSHIP_PPPP_END_NOT_FOUND, /* nobody answered the search */
	FLAGSHIP_PPPP_END_REFUSED,   /* the printer answered the search, but was never ready */
	FLAGSHIP_PPPP_END_PEER,      /* the other side closed it */
	FLAGSHIP_PPPP_END_SILENT,    /* the other side fell silent */
	FLAGSHIP_PPPP_END_NO_RELAY,  /* no relay told where the printer is */
	FLAGSHIP_PPPP_END_NO_WAY,    /* relays told, but there is no way to it */
};

struct flagship_pppp_options {
	enum flagship_pppp_role role;
	struct flagship_pppp_duid duid; /* the printer; a client that leaves it empty takes any */
	uint64_t rate;                  /* of data, bytes a second; 0 for as fast as can be */
	bool adaptive;                  /* that is where it begins, and follows the network */
	int64_t search_us;              /* 0 for FLAGSHIP_PPPP_SEARCH_US */
	int64_t connect_us;             /* search and readying; 0 for FLAGSHIP_PPPP_CONNECT_US */
};

/* Counted since the session was made. */
struct flagship_pppp_counts {
	uint64_t received;      /* datagrams that were told */
	uint64_t sent;          /* datagrams that were given */
	uint64_t malformed;     /* datagrams that are no packet */
	uint64_t strangers;     /* packets from another address than the peer's */
	uint64_t unexpected;    /* packets that mean nothing in this state */
	uint64_t duplicates;    /* data that had arrived already */
	uint64_t out_of_window; /* data too far ahead, dropped */
	uint64_t gaps;          /* times that lost data was passed over */
	uint64_t resent_early;  /* packets sent again since later ones arrived */
	uint64_t resent_late;   /* packets sent again since their time was up */
	uint64_t copies;        /* packets sent again before they were missed: much is lost */
	int64_t round_trip_us;  /* smoothed; 0 before the first */
};

struct flagship_pppp_outgoing {
	const uint8_t *data; /* valid until the session's next call */
	size_t length;
	struct flagship_pppp_host to;
};

struct flagship_pppp_piece_in {
	const uint8_t *data; /* valid until the next datagram is told */
	size_t length;
	bool gap; /* data is missing before this piece (flagship_pppp_session_allow_gaps) */
};

/* NULL where memory is short. */
FLAGSHIP_CHECKED struct flagship_pppp_session *flagship_pppp_session_create(
	const struct flagship_pppp_options *options);
void flagship_pppp_session_destroy(struct flagship_pppp_session *session);

/*
 * A client begins: LAN_SEARCH goes to each of these, at most FLAGSHIP_PPPP_SEARCH_MAX, twice a
 * second until the printer answers. Error: ARGUMENT, for a session that has begun, or no address.
 */
FLAGSHIP_CHECKED int flagship_pppp_session_search(struct flagship_pppp_session *session,
						  const struct flagship_pppp_host *hosts,
						  size_t count, int64_t now_us);

/* Who tells where a printer is that is in another network. */
struct flagship_pppp_relays {
	struct flagship_pppp_host hosts[FLAGSHIP_PPPP_RELAYS_MAX];
	size_t count;
	struct flagship_pppp_host local; /* of this side, in its own network; zero: not known */
	uint8_t dsk[FLAGSHIP_PPPP_DSK_LENGTH]; /* secret: of the printer */
	int64_t limit_us;                      /* 0 for FLAGSHIP_PPPP_RELAY_US */
};

/*
 * EXPERIMENTAL, never tried with a real printer (protocol.md 5, WAN): a client begins from outside
 * of the printer's network, and needs its duid. Relays tell this side its own address, and then
 * those of the printer, which both sides knock at until one lets through; they carry no data.
 * relays is copied; the copy of the secret is wiped with the session. Errors: ARGUMENT, for a
 * session that has begun, no duid, no relay or too many; MEMORY.
 */
FLAGSHIP_CHECKED int flagship_pppp_session_reach(struct flagship_pppp_session *session,
						 const struct flagship_pppp_relays *relays,
						 int64_t now_us);

/* One datagram. An error is that of flagship_pppp_packet_read, and changes nothing but the counts.
 */
FLAGSHIP_CHECKED int flagship_pppp_session_receive(struct flagship_pppp_session *session,
						   const struct flagship_pppp_host *from,
						   const uint8_t *data, size_t length,
						   int64_t now_us);

/* The next datagram to send now; false where there is none. */
bool flagship_pppp_session_next(struct flagship_pppp_session *session, int64_t now_us,
				struct flagship_pppp_outgoing *outgoing);

/* When to ask for the next one at the latest, which may be now; FLAGSHIP_PPPP_NEVER_US once closed.
 */
int64_t flagship_pppp_session_deadline(const struct flagship_pppp_session *session, int64_t now_us);

enum flagship_pppp_state flagship_pppp_session_state(const struct flagship_pppp_session *session);
enum flagship_pppp_end flagship_pppp_session_end(const struct flagship_pppp_session *session);
const struct flagship_pppp_duid *flagship_pppp_session_duid(
	const struct flagship_pppp_session *session);
const struct flagship_pppp_host *flagship_pppp_session_peer(
	const struct flagship_pppp_session *session);
const struct flagship_pppp_counts *flagship_pppp_session_counts(
	const struct flagship_pppp_session *session);

/*
 * An adaptive rate grows while nothing is lost, up to 1 Gbit/s, and falls where more than one
 * packet of a hundred is, or the round trip grows; not below 1 Mbit/s. Setting it begins there
 * anew.
 */
uint64_t flagship_pppp_session_rate(const struct flagship_pppp_session *session);
void flagship_pppp_session_set_rate(struct flagship_pppp_session *session, uint64_t rate);

/*
 * Queues bytes of a stream and returns how many were taken: none where the window is full, the
 * session is not open, or memory is short. Ask again after datagrams were received.
 */
FLAGSHIP_CHECKED size_t flagship_pppp_session_write(struct flagship_pppp_session *session,
						    uint8_t channel, const uint8_t *data,
						    size_t length);

/* Packets of a channel that were written and are not acknowledged. */
size_t flagship_pppp_session_pending(const struct flagship_pppp_session *session, uint8_t channel);

/*
 * The next bytes of a stream, in order; false where there are none. What is not read is not
 * overwritten: a channel whose window is full of it takes no more.
 */
bool flagship_pppp_session_read(struct flagship_pppp_session *session, uint8_t channel,
				struct flagship_pppp_piece_in *piece);

/*
 * For video: data of this channel that does not come within half a second is passed over, as is
 * what the other side has given up on. Error: MEMORY, RANGE.
 */
FLAGSHIP_CHECKED int flagship_pppp_session_allow_gaps(struct flagship_pppp_session *session,
						      uint8_t channel);

/* Says CLOSE to the other side, three times within 100 ms, and is closed then. */
void flagship_pppp_session_close(struct flagship_pppp_session *session, int64_t now_us);

#ifdef __cplusplus
}
#endif

#endif
