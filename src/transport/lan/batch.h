/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_BATCH_H
#define TRANSPORT_LAN_BATCH_H

#include <flagship/pppp_packet.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Many datagrams by few system calls: sendmmsg and recvmmsg where the system has them, and on Linux
 * as one long one that it cuts and joins itself (UDP_SEGMENT, UDP_GRO). Elsewhere one by one.
 */
#define BATCH_OUT_MAX 56 /* what is sent as one has to be below 64 KiB */
#define BATCH_IN_MAX  4
#define BATCH_IN_LENGTH \
	65536 /* as many datagrams as the system joins; one that is too long shows */

struct batch_entry {
	struct sockaddr_in to;
	uint16_t length;
};

/* What is gathered to be sent; one after the other without gaps. */
struct batch_out {
	bool segments; /* the system cuts what is sent as one */
	size_t count;
	size_t bytes;
	struct batch_entry entries[BATCH_OUT_MAX];
	uint8_t data[BATCH_OUT_MAX * FLAGSHIP_PPPP_PACKET_MAX];
};

/* Datagrams of one sender that came together, each of `step` bytes but for the last. */
struct batch_received {
	struct sockaddr_in from;
	const uint8_t *data;
	size_t length;
	size_t step;
};

struct batch_in {
	struct batch_received received[BATCH_IN_MAX];
	uint8_t data[BATCH_IN_MAX][BATCH_IN_LENGTH];
};

/* Sets up a socket, and says what the system can do. */
void batch_init(struct batch_out *out, int descriptor);

/* At most FLAGSHIP_PPPP_PACKET_MAX bytes, while there are fewer than BATCH_OUT_MAX. */
void batch_add(struct batch_out *out, const struct sockaddr_in *to, const uint8_t *data,
	       size_t length);

/* Empties it. What the system has no room for is lost, as it may be on the network. */
void batch_send(struct batch_out *out, int descriptor);

/* How many of `received` came; 0 where nothing waits. A negative errno for an answer of ICMP to
 * something that was sent: more may wait. */
int batch_receive(struct batch_in *in, int descriptor);

#endif
