/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_UDP_H
#define TRANSPORT_LAN_UDP_H

#include <flagship/pppp_packet.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * A UDP socket for PPPP on a loop. Datagrams are taken in batches: all that wait, up to a bound, so
 * that a host that floods cannot keep the loop to itself.
 */
#define UDP_BATCH_MAX 128

struct udp_handlers {
	/* One datagram; the socket must not be closed from here. */
	void (*on_datagram)(void *context, const struct flagship_pppp_host *from,
			    const uint8_t *data, size_t length);
	/* The batch is over: time to answer. */
	void (*on_batch)(void *context);
};

struct udp {
	uv_poll_t poll;
	int descriptor; /* -1 where it is closed */
	uint16_t port;  /* of this side */
	const struct udp_handlers *handlers;
	void *context;
	void (*on_closed)(void *context);
	struct udp_buffers *buffers;
};

/*
 * Opens at an address of this machine, "" for all of them, and a port, 0 for any; wanted: another
 * port will do where this one is taken. One at a single address that wants no other port finds a
 * place beside one at all of them, which do. Returns 0, or a negative error of libuv, and nothing
 * is open then.
 */
int udp_open(struct udp *udp, uv_loop_t *loop, const char *address, uint16_t port, bool wanted,
	     const struct udp_handlers *handlers, void *context);

/* What the system has no room for is lost, as it may be on the network: 0, or an error of libuv. */
int udp_send(struct udp *udp, const struct flagship_pppp_host *to, const uint8_t *data,
	     size_t length);

/* Likewise, with others by one call of the system: by udp_flush, or earlier where there are many.
 */
void udp_gather(struct udp *udp, const struct flagship_pppp_host *to, const uint8_t *data,
		size_t length);
void udp_flush(struct udp *udp);

/* on_closed comes later, from the loop; NULL for none. Nothing else comes any more. */
void udp_close(struct udp *udp, void (*on_closed)(void *context));

/* "192.168.1.20", with the port. False where it is no IPv4 address. */
bool udp_host_parse(const char *address, uint16_t port, struct flagship_pppp_host *host);

/* By which address of this machine that host is reached; zero where it is not known. */
struct flagship_pppp_host udp_find_own(const struct flagship_pppp_host *to, uint16_t port);

#define UDP_ADDRESS_SIZE sizeof("255.255.255.255")

void udp_host_format(const struct flagship_pppp_host *host, char text[UDP_ADDRESS_SIZE]);
bool udp_host_is_loopback(const struct flagship_pppp_host *host);

#endif
