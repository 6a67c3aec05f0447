/* SPDX-License-Identifier: MIT */

/*
 * lan_stop_and_wait ADDRESS FILE: what an upload is held against. Sends a file as programs do that
 * stop and wait: a piece of 32 KiB, its packets sent again after half a second where they are not
 * acknowledged, and the next one once it is answered. Prints the MB a second of the pieces.
 */
#include "base/bytes.h"

#include <flagship/pppp_frame.h>
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

#define PIECE           32768
#define PACKETS         ((PIECE + FLAGSHIP_AABB_OVERHEAD) / FLAGSHIP_PPPP_DATA_MAX + 1)
#define AGAIN_US        INT64_C(500000)
#define GIVE_UP_US      INT64_C(60000000)
#define CHANNEL_COMMAND 0
#define CHANNEL_FILE    1
#define OLD_HANDSHAKE   16
#define REPLY_MAX       4096
#define NS_PER_US       1000
#define US_PER_S        INT64_C(1000000)
#define US_PER_MS       1000

struct sender {
	int descriptor;
	struct sockaddr_in printer;
	struct flagship_pppp_duid duid;
	bool found;
	bool open;
	uint16_t index[2];  /* of each channel's next packet */
	uint16_t wanted[2]; /* of what comes */
	bool answered;
	uint8_t result;
	struct flagship_aabb_reader answers;
	/* What is on its way. */
	struct {
		uint16_t index;
		bool acknowledged;
		size_t length;
		uint8_t data[FLAGSHIP_PPPP_PACKET_MAX];
	} packets[PACKETS];
	size_t count;
};

static void die(const char *what)
{
	fprintf(stderr, "lan_stop_and_wait: %s\n", what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

static void put(struct sender *sender, const uint8_t *data, size_t length)
{
	(void)sendto(sender->descriptor, data, length, 0, (struct sockaddr *)&sender->printer,
		     sizeof(sender->printer));
}

static void put_packet(struct sender *sender, struct flagship_pppp_packet packet)
{
	uint8_t data[FLAGSHIP_PPPP_PACKET_MAX];
	size_t length;

	packet.duid = sender->duid;
	if (flagship_pppp_packet_write(&packet, data, sizeof(data), &length) == 0) {
		put(sender, data, length);
	}
}

static void take_answer(struct sender *sender, const uint8_t *data, size_t length)
{
	struct flagship_pppp_piece piece;

	for (;;) {
		switch (flagship_aabb_reader_push(&sender->answers, &data, &length, &piece)) {
		case FLAGSHIP_PPPP_FOUND_NOTHING:
			return;
		case FLAGSHIP_PPPP_FOUND_DATA:
			sender->result = piece.data[0];
			break;
		case FLAGSHIP_PPPP_FOUND_END:
			sender->answered = true;
			break;
		default:
			break;
		}
	}
}

static void take_data(struct sender *sender, const struct flagship_pppp_packet *packet)
{
	uint8_t index[sizeof(uint16_t)];

	bytes_write_u16be(index, packet->index);
	put_packet(sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_DRW_ACK,
							 .channel = packet->channel,
							 .index_count = 1,
							 .data = index,
							 .data_length = sizeof(index)});
	if (packet->channel <= CHANNEL_FILE && packet->index == sender->wanted[packet->channel]) {
		sender->wanted[packet->channel]++;
		if (packet->channel == CHANNEL_FILE) {
			take_answer(sender, packet->data, packet->data_length);
		}
	}
}

static void take_acknowledgement(struct sender *sender, const struct flagship_pppp_packet *packet)
{
	for (size_t i = 0; i < packet->index_count; i++) {
		for (size_t place = 0; place < sender->count; place++) {
			if (sender->packets[place].index == flagship_pppp_packet_index(packet, i)) {
				sender->packets[place].acknowledged = true;
			}
		}
	}
}

static void take_packet(struct sender *sender, const struct flagship_pppp_packet *packet)
{
	switch (packet->type) {
	case FLAGSHIP_PPPP_TYPE_PUNCH_PKT:
		sender->found = true;
		sender->duid = packet->duid;
		break;
	case FLAGSHIP_PPPP_TYPE_P2P_RDY:
		sender->open = true;
		put_packet(sender,
			   (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK});
		break;
	case FLAGSHIP_PPPP_TYPE_ALIVE:
		put_packet(sender,
			   (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_ALIVE_ACK});
		break;
	case FLAGSHIP_PPPP_TYPE_DRW:
		take_data(sender, packet);
		break;
	case FLAGSHIP_PPPP_TYPE_DRW_ACK:
		if (packet->channel == CHANNEL_FILE) {
			take_acknowledgement(sender, packet);
		}
		break;
	case FLAGSHIP_PPPP_TYPE_CLOSE:
		if (sender->open) {
			die("the printer closed the session");
		}
		break;
	default:
		break;
	}
}

/* Takes what comes until then, or until done says so. */
static void listen_until(struct sender *sender, int64_t until_us, bool (*done)(struct sender *))
{
	while (!done(sender) && now_us() < until_us) {
		struct pollfd waits = {.fd = sender->descriptor, .events = POLLIN};
		uint8_t data[FLAGSHIP_PPPP_PACKET_MAX];
		struct flagship_pppp_packet packet;
		int64_t left_us = until_us - now_us();

		if (poll(&waits, 1, left_us > 0 ? (int)(left_us / US_PER_MS) + 1 : 0) <= 0) {
			continue;
		}
		ssize_t length = recv(sender->descriptor, data, sizeof(data), 0);
		if (length > 0 && flagship_pppp_packet_read(data, (size_t)length, &packet) == 0) {
			take_packet(sender, &packet);
		}
	}
}

static bool is_found(struct sender *sender)
{
	return sender->found;
}

static bool is_open(struct sender *sender)
{
	return sender->open;
}

static bool is_answered(struct sender *sender)
{
	return sender->answered;
}

/* Again and again, until it is so. */
static void insist(struct sender *sender, void (*say)(struct sender *),
		   bool (*done)(struct sender *))
{
	const int64_t until_us = now_us() + GIVE_UP_US;

	while (!done(sender)) {
		if (now_us() >= until_us) {
			die("the printer does not answer");
		}
		say(sender);
		listen_until(sender, now_us() + AGAIN_US, done);
	}
}

static void say_search(struct sender *sender)
{
	put_packet(sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_LAN_SEARCH});
}

static void say_ready(struct sender *sender)
{
	put_packet(sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_P2P_RDY});
}

static void say_packets(struct sender *sender)
{
	for (size_t i = 0; i < sender->count; i++) {
		if (!sender->packets[i].acknowledged) {
			put(sender, sender->packets[i].data, sender->packets[i].length);
		}
	}
}

static void queue_packets(struct sender *sender, uint8_t channel, const uint8_t *data,
			  size_t length)
{
	sender->count = 0;
	for (size_t offset = 0; offset < length; offset += FLAGSHIP_PPPP_DATA_MAX) {
		size_t left = length - offset;
		const struct flagship_pppp_packet packet = {
			.type = FLAGSHIP_PPPP_TYPE_DRW,
			.channel = channel,
			.index = sender->index[channel],
			.data = data + offset,
			.data_length = left < FLAGSHIP_PPPP_DATA_MAX ? left
								     : FLAGSHIP_PPPP_DATA_MAX,
		};
		size_t place = sender->count++;
		sender->packets[place].index = sender->index[channel]++;
		sender->packets[place].acknowledged = false;
		if (flagship_pppp_packet_write(&packet, sender->packets[place].data,
					       FLAGSHIP_PPPP_PACKET_MAX,
					       &sender->packets[place].length) != 0) {
			die("a packet does not fit");
		}
	}
}

static void send_frame(struct sender *sender, uint8_t kind, uint32_t position, const uint8_t *data,
		       size_t length)
{
	static uint8_t frame[PIECE + FLAGSHIP_AABB_OVERHEAD];
	const struct flagship_aabb header = {
		.kind = kind, .position = position, .length = (uint32_t)length};
	uint16_t crc = flagship_aabb_write(&header, frame);

	memcpy(frame + FLAGSHIP_AABB_HEADER_SIZE, data, length);
	flagship_aabb_write_crc(flagship_crc16(crc, data, length),
				frame + FLAGSHIP_AABB_HEADER_SIZE + length);
	queue_packets(sender, CHANNEL_FILE, frame, length + FLAGSHIP_AABB_OVERHEAD);
	sender->answered = false;
	insist(sender, say_packets, is_answered);
	if (sender->result != FLAGSHIP_AABB_RESULT_OK) {
		die("the printer refuses the file");
	}
}

/* The old form, whose answer is not awaited. */
static void shake_hands(struct sender *sender)
{
	uint8_t frame[FLAGSHIP_XZYH_HEADER_SIZE + OLD_HANDSHAKE] = {0};
	const struct flagship_xzyh header = {.command = FLAGSHIP_XZYH_COMMAND_SEND_FILE,
					     .length = OLD_HANDSHAKE};

	flagship_xzyh_write(&header, frame);
	queue_packets(sender, CHANNEL_COMMAND, frame, sizeof(frame));
	say_packets(sender);
}

static size_t send_file(struct sender *sender, FILE *file)
{
	static uint8_t piece[PIECE];
	size_t position = 0;
	size_t length;

	while ((length = fread(piece, 1, sizeof(piece), file)) > 0) {
		send_frame(sender, FLAGSHIP_AABB_KIND_DATA, (uint32_t)position, piece, length);
		position += length;
	}
	return position;
}

int main(int argc, char **argv)
{
	static struct sender sender;
	FILE *file = argc > 2 ? fopen(argv[2], "rb") : NULL;
	char info[128];

	sender.descriptor = socket(AF_INET, SOCK_DGRAM, 0);
	sender.printer = (struct sockaddr_in){.sin_family = AF_INET,
					      .sin_port = htons(FLAGSHIP_PPPP_PORT)};
	flagship_aabb_reader_init(&sender.answers, REPLY_MAX);
	if (!file || inet_pton(AF_INET, argv[1], &sender.printer.sin_addr) != 1 ||
	    fseek(file, 0, SEEK_END) != 0) {
		die("ADDRESS FILE");
	}
	/* A sum that is wrong shows at the end of the file, which is not sent. */
	snprintf(info, sizeof(info), "0,bench.gcode,%ld,d41d8cd98f00b204e9800998ecf8427e,-,-,-",
		 ftell(file));
	rewind(file);
	insist(&sender, say_search, is_found);
	insist(&sender, say_ready, is_open);
	shake_hands(&sender);
	send_frame(&sender, FLAGSHIP_AABB_KIND_BEGIN, 0, (const uint8_t *)info, strlen(info) + 1);
	int64_t begun_us = now_us();
	size_t sent = send_file(&sender, file);
	printf("%.3f\n", (double)sent / (double)(now_us() - begun_us));
	put_packet(&sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_CLOSE});
	put_packet(&sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_CLOSE});
	put_packet(&sender, (struct flagship_pppp_packet){.type = FLAGSHIP_PPPP_TYPE_CLOSE});
	fclose(file);
	return 0;
}
