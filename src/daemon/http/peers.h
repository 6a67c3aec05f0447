/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_PEERS_H
#define DAEMON_HTTP_PEERS_H

#include "base/net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The connections of a server: how many there may be, of all and of each address, which has to go
 * where there is no room, and how long each step may take. Where one more comes, the one goes that
 * has been idle longest: nobody is refused for what others hold. No I/O; the time is passed in.
 *
 * Idle is counted from the last step, not from the last byte, so that who drips is idle. A
 * connection whose answer is being worked out never goes. Those that have not even shaken hands go
 * first where they are half of all, since they cost who opens them nothing.
 *
 * Whom the program trusts (a cluster of brokers that proved that it knows a secret) stays, and may
 * have more connections of its address.
 */
#define HTTP_TRUSTED_MAX 8   /* addresses */
#define HTTP_ENDING_MAX  128 /* connections that are being ended, beside those that count */
#define HTTP_RATES_MAX   1024

enum http_step {
	HTTP_STEP_HEAD,   /* until a request's headers are whole, with the handshake before */
	HTTP_STEP_BODY,   /* until the rest of it is */
	HTTP_STEP_WORK,   /* until its answer is known */
	HTTP_STEP_ANSWER, /* until it is handed over */
	HTTP_STEP_STREAM, /* a WebSocket, or events: for as long as it likes */
};

struct http_peer {
	void *handle; /* of the caller; NULL until it has one */
	struct address_key address;
	enum http_step step;
	int64_t since_ms; /* of the step */
	int64_t opened_ms;
	uint64_t moved;      /* bytes of a stream, in this step */
	int64_t moved_at_ms; /* the last of them */
	bool streams;        /* the step goes by them */
	unsigned int requests;
	bool used;
	bool silent; /* no handshake yet */
	bool doomed; /* it is being ended, and counts no more */
	bool trusted;
	bool local; /* by a unix socket: counts in all, and not by its address */
};

struct http_peer_limits {
	size_t all;
	size_t of_address;
	size_t of_trusted;
	int64_t step_ms;
	int64_t lifetime_ms;
	unsigned int requests;
	uint64_t stream_rate;
	unsigned int requests_per_s; /* 0: no bound */
};

/* How many requests an address may still make: it fills up again with time. */
struct http_rate {
	struct address_key address;
	int64_t at_ms;
	int64_t left_milli;
	bool used;
};

struct http_peers {
	struct http_peer_limits limits;
	struct http_peer *items;
	size_t room;
	struct address_key trusted[HTTP_TRUSTED_MAX];
	size_t trusted_count;
	size_t next_trusted;     /* the one that a further one replaces */
	struct http_rate *rates; /* NULL: no bound */
};

/* Error: MEMORY. */
int http_peers_init(struct http_peers *peers, const struct http_peer_limits *limits)
	__attribute__((warn_unused_result));
void http_peers_finish(struct http_peers *peers);

/* How many count, of this address or (NULL) of all. */
size_t http_peers_count(const struct http_peers *peers, const struct address_key *address);

/* Who has to go before there is room for one more; NULL: nobody. address: NULL where it is local.
 */
struct http_peer *http_peers_victim(struct http_peers *peers, const struct address_key *address);

/* One more; NULL where there is no room for it, so that it has to be refused. */
struct http_peer *http_peers_add(struct http_peers *peers, const struct address_key *address,
				 int64_t now_ms);

void http_peer_step(struct http_peer *peer, enum http_step step, int64_t now_ms);

/* Bytes of a stream: as long as some come, and not too few in the mean, its step goes on. */
void http_peer_move(struct http_peer *peer, size_t bytes, int64_t now_ms);

/* What its step waits for is ours to do: no time passes for it. */
void http_peer_excuse(struct http_peer *peer, int64_t passed_ms, int64_t now_ms);

bool http_peer_is_overdue(const struct http_peers *peers, const struct http_peer *peer,
			  int64_t now_ms);

/* Whether its next answer is to be the last one. */
bool http_peer_is_worn(const struct http_peers *peers, const struct http_peer *peer,
		       int64_t now_ms);

/* One more request of this address. 0, or after how many seconds there may be one again. */
int64_t http_peers_count_request(struct http_peers *peers, const struct address_key *address,
				 int64_t now_ms);

/* The peer stays, and so may others of its address. Returns whether that is new. */
bool http_peers_trust(struct http_peers *peers, struct http_peer *peer);

/* Of an earlier run. */
void http_peers_add_trusted(struct http_peers *peers, const struct address_key *address);

#endif
