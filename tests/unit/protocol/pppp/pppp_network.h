/* SPDX-License-Identifier: MIT */
#ifndef PPPP_NETWORK_H
#define PPPP_NETWORK_H

#include <flagship/pppp_session.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A client and a printer with a network between them that loses, delays, doubles and mixes
 * datagrams. Its clock goes from one event to the next, and the same seed gives the same run. */

#define NETWORK_FLIGHTS_MAX 8192
#define MS                  INT64_C(1000)
#define SECOND              (1000 * MS)

struct network_faults {
	unsigned int loss_percent;
	unsigned int double_percent;
	int64_t delay_us;
	int64_t jitter_us; /* added to the delay by chance, so that datagrams overtake each other */
	uint64_t rate;     /* of the way to the printer, bytes a second; 0 for no bound */
	int64_t queue_us;  /* how long one waits there at most; what would wait longer is lost */
};

struct flight {
	int64_t arrives_us;
	bool to_printer;
	size_t length;
	uint8_t data[FLAGSHIP_PPPP_PACKET_MAX];
};

struct network {
	struct flagship_pppp_session *client;
	struct flagship_pppp_session *printer;
	struct network_faults faults;
	bool cut; /* nothing arrives */
	uint64_t random;
	int64_t now_us;
	int64_t free_us; /* when the last of the queue to the printer has left */
	size_t flight_count;
	uint64_t carried;
	/* Packets of each type that were sent by each side. */
	unsigned int from_client[256];
	unsigned int from_printer[256];
	uint16_t order[NETWORK_FLIGHTS_MAX]; /* a heap of places in flights, then those that are
						free */
	struct flight flights[NETWORK_FLIGHTS_MAX];
};

extern const struct flagship_pppp_host network_client_host;
extern const struct flagship_pppp_host network_asked_host;   /* port 32108 */
extern const struct flagship_pppp_host network_session_host; /* where a printer goes on from */

void network_init(struct network *network, const struct network_faults *faults, uint64_t seed,
		  uint64_t rate);
void network_finish(struct network *network);

uint32_t network_random(struct network *network, uint32_t below);

/* Goes to the next event; false once there is none before this time. */
bool network_step(struct network *network, int64_t until_us);

/* Searches, and goes on until both sides are open; false where they are not within 20 s. */
bool network_connect(struct network *network);

#endif
