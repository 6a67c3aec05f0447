/* SPDX-License-Identifier: MIT */

/*
 * lan_relay ADDRESS PRINTER LOSS DELAY_MS SEED: stands at port 32108 of ADDRESS for the printer at
 * PRINTER, loses so many of a hundred datagrams and delays the others, in each direction, by a
 * seed. Says "ready" and runs until it is ended. For one client at a time.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif

#include <flagship/pppp_packet.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLIGHTS_MAX 4096
#define BUFFER      (4 * 1024 * 1024)
#define NS_PER_US   1000
#define US_PER_S    INT64_C(1000000)
#define US_PER_MS   1000
#define PERCENT     100
#define ARGUMENTS   6
#define BASE        10

/* All are as late as each other, so they leave in the order in which they came. */
struct flight {
	int64_t leaves_us;
	bool to_printer;
	size_t length;
	uint8_t data[FLAGSHIP_PPPP_PACKET_MAX];
};

struct relay {
	int client_side;
	int printer_side;
	struct sockaddr_in client; /* who spoke last */
	struct sockaddr_in door;   /* of the printer, which searches go to */
	struct sockaddr_in seat;   /* where it goes on from */
	uint32_t loss_percent;
	int64_t delay_us;
	uint64_t random;
	size_t first;
	size_t count;
	struct flight flights[FLIGHTS_MAX];
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

static bool is_lost(struct relay *relay)
{
	relay->random = relay->random * UINT64_C(6364136223846793005) +
			UINT64_C(1442695040888963407);
	return (uint32_t)(relay->random >> 33) % PERCENT < relay->loss_percent;
}

static void take(struct relay *relay, bool to_printer)
{
	int descriptor = to_printer ? relay->client_side : relay->printer_side;

	while (relay->count < FLIGHTS_MAX) {
		struct flight *flight =
			&relay->flights[(relay->first + relay->count) % FLIGHTS_MAX];
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(descriptor, flight->data, sizeof(flight->data),
					  MSG_DONTWAIT, (struct sockaddr *)&from, &size);
		if (length < 0) {
			return;
		}
		*(to_printer ? &relay->client : &relay->seat) = from;
		if (!is_lost(relay)) {
			flight->leaves_us = now_us() + relay->delay_us;
			flight->to_printer = to_printer;
			flight->length = (size_t)length;
			relay->count++;
		}
	}
}

static void give(struct relay *relay, const struct flight *flight)
{
	bool search = flight->data[FLAGSHIP_PPPP_HEADER_TYPE_OFFSET] ==
		      FLAGSHIP_PPPP_TYPE_LAN_SEARCH;
	const struct sockaddr_in *to = !flight->to_printer ? &relay->client
				       : search            ? &relay->door
							   : &relay->seat;

	(void)sendto(flight->to_printer ? relay->printer_side : relay->client_side, flight->data,
		     flight->length, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void run(struct relay *relay)
{
	struct pollfd waits[] = {{.fd = relay->client_side, .events = POLLIN},
				 {.fd = relay->printer_side, .events = POLLIN}};

	for (;;) {
		struct timespec wait = {0};
		int64_t left_us = 0;

		if (relay->count > 0) {
			left_us = relay->flights[relay->first].leaves_us - now_us();
			left_us = left_us > 0 ? left_us : 0;
			wait.tv_sec = left_us / US_PER_S;
			wait.tv_nsec = left_us % US_PER_S * NS_PER_US;
		}
		(void)ppoll(waits, 2, relay->count > 0 ? &wait : NULL, NULL);
		take(relay, true);
		take(relay, false);
		while (relay->count > 0 && relay->flights[relay->first].leaves_us <= now_us()) {
			give(relay, &relay->flights[relay->first]);
			relay->first = (relay->first + 1) % FLIGHTS_MAX;
			relay->count--;
		}
	}
}

static int open_at(const char *address, uint16_t port)
{
	const int buffer = BUFFER;
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (inet_pton(AF_INET, address, &own.sin_addr) != 1 ||
	    bind(descriptor, (const struct sockaddr *)&own, sizeof(own)) != 0) {
		perror(address);
		exit(1);
	}
	return descriptor;
}

int main(int argc, char **argv)
{
	static struct relay relay;

	if (argc < ARGUMENTS) {
		fputs("lan_relay ADDRESS PRINTER LOSS DELAY_MS SEED\n", stderr);
		return 1;
	}
	relay.client_side = open_at(argv[1], FLAGSHIP_PPPP_PORT);
	relay.printer_side = open_at("127.0.0.1", 0);
	relay.door = (struct sockaddr_in){.sin_family = AF_INET,
					  .sin_port = htons(FLAGSHIP_PPPP_PORT)};
	inet_pton(AF_INET, argv[2], &relay.door.sin_addr);
	relay.seat = relay.door;
	relay.loss_percent = (uint32_t)strtoul(argv[3], NULL, BASE);
	relay.delay_us = strtoll(argv[4], NULL, BASE) * US_PER_MS;
	relay.random = strtoull(argv[5], NULL, BASE);
	puts("ready");
	fflush(stdout);
	run(&relay);
}
