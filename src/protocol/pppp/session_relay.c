/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/packet.h"
#include "protocol/pppp/session_internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/*
 * How a client finds a printer that is in another network (protocol.md 5, WAN): each relay is asked
 * for this side's own address, and then for the printer; it names addresses of the printer, which
 * is told this side's. Both knock at the other's until a datagram comes through.
 */

#define ASK_EVERY_US   INT64_C(500000)
#define KNOCK_EVERY_US INT64_C(300000)
#define PLACES_MAX     8 /* addresses of the printer; more are not tried */
#define KNOCKS         2 /* packets for each: PUNCH_PKT and P2P_RDY */

static const uint8_t request_version[FLAGSHIP_PPPP_REQUEST_VERSION_SIZE] = {1, 0, 0};
static const uint8_t report_marks[FLAGSHIP_PPPP_REPORT_MARKS_SIZE] = {
	0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01, 0x01, 0x91, 0x00, 0x00, 0x7e};

struct session_relay {
	struct flagship_pppp_relays asked;
	struct flagship_pppp_host wan[FLAGSHIP_PPPP_RELAYS_MAX]; /* of this side, by each relay */
	bool answered[FLAGSHIP_PPPP_RELAYS_MAX];                 /* it told that */
	struct flagship_pppp_host places[PLACES_MAX];            /* where the printer may be */
	size_t place_count;
	int64_t ask_us; /* when to ask next */
	int64_t knock_us;
	size_t asks_left; /* of this round */
	size_t reports_left;
	size_t knocks_left;
	uint8_t body[FLAGSHIP_PPPP_REPORT_SIZE];
};

int flagship_pppp_session_reach(struct flagship_pppp_session *session,
				const struct flagship_pppp_relays *relays, int64_t now_us)
{
	if (session->options.role != FLAGSHIP_PPPP_ROLE_CLIENT ||
	    session->state != FLAGSHIP_PPPP_STATE_IDLE || session->options.duid.prefix[0] == '\0' ||
	    relays->count == 0 || relays->count > FLAGSHIP_PPPP_RELAYS_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	session->relay = calloc(1, sizeof(*session->relay));
	if (!session->relay) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	session->relay->asked = *relays;
	session->relay->ask_us = now_us;
	session->options.connect_us = relays->limit_us > 0 ? relays->limit_us
							   : FLAGSHIP_PPPP_RELAY_US;
	session->options.search_us = session->options.connect_us;
	session->begun_us = now_us;
	session_enter(session, FLAGSHIP_PPPP_STATE_SEARCHING, now_us);
	return 0;
}

void relay_destroy(struct session_relay *relay)
{
	if (relay) {
		OPENSSL_cleanse(relay, sizeof(*relay));
		free(relay);
	}
}

/* --- time --- */

void relay_tick(struct flagship_pppp_session *session, int64_t now_us)
{
	struct session_relay *relay = session->relay;

	if (now_us >= relay->ask_us) {
		relay->asks_left = relay->asked.count;
		relay->ask_us = now_us + ASK_EVERY_US;
	}
	if (relay->place_count > 0 && now_us >= relay->knock_us) {
		relay->reports_left = relay->asked.count;
		relay->knocks_left = relay->place_count * KNOCKS;
		relay->knock_us = now_us + KNOCK_EVERY_US;
	}
}

int64_t relay_timer(const struct flagship_pppp_session *session)
{
	const struct session_relay *relay = session->relay;

	return relay->place_count > 0 && relay->knock_us < relay->ask_us ? relay->knock_us
									 : relay->ask_us;
}

bool relay_is_due(const struct flagship_pppp_session *session)
{
	const struct session_relay *relay = session->relay;

	return relay->asks_left + relay->reports_left + relay->knocks_left > 0;
}

/* --- what is sent --- */

static void send_body(struct flagship_pppp_session *session, uint8_t type, size_t length,
		      const struct flagship_pppp_host *to, struct flagship_pppp_outgoing *outgoing)
{
	const struct flagship_pppp_packet packet = {.type = type,
						    .duid = session->options.duid,
						    .data = session->relay->body,
						    .data_length = length};

	outgoing->to = *to;
	session_write(session, &packet, outgoing);
}

static void send_request(struct flagship_pppp_session *session, size_t which,
			 struct flagship_pppp_outgoing *outgoing)
{
	struct session_relay *relay = session->relay;
	uint8_t *body = relay->body;

	memset(body, 0, FLAGSHIP_PPPP_REQUEST_SIZE);
	packet_write_duid(&session->options.duid, body + FLAGSHIP_PPPP_REQUEST_DUID_OFFSET);
	memcpy(body + FLAGSHIP_PPPP_REQUEST_VERSION_OFFSET, request_version,
	       sizeof(request_version));
	memcpy(body + FLAGSHIP_PPPP_REQUEST_DSK_OFFSET, relay->asked.dsk, sizeof(relay->asked.dsk));
	send_body(session, FLAGSHIP_PPPP_TYPE_P2P_REQ_DSK, FLAGSHIP_PPPP_REQUEST_SIZE,
		  &relay->asked.hosts[which], outgoing);
}

static void send_report(struct flagship_pppp_session *session, size_t which,
			struct flagship_pppp_outgoing *outgoing)
{
	struct session_relay *relay = session->relay;
	uint8_t *body = relay->body;

	packet_write_duid(&session->options.duid, body + FLAGSHIP_PPPP_REPORT_DUID_OFFSET);
	memcpy(body + FLAGSHIP_PPPP_REPORT_MARKS_OFFSET, report_marks, sizeof(report_marks));
	packet_write_host(&relay->asked.local, body + FLAGSHIP_PPPP_REPORT_LOCAL_HOST_OFFSET);
	packet_write_host(&relay->wan[which], body + FLAGSHIP_PPPP_REPORT_WAN_HOST_OFFSET);
	packet_write_host(&relay->asked.hosts[which],
			  body + FLAGSHIP_PPPP_REPORT_RELAY_HOST_OFFSET);
	flagship_pppp_simple_encode(body, FLAGSHIP_PPPP_REPORT_SIZE, body);
	send_body(session, FLAGSHIP_PPPP_TYPE_REPORT_SESSION_READY, FLAGSHIP_PPPP_REPORT_SIZE,
		  &relay->asked.hosts[which], outgoing);
}

/* A relay that told this side's address is asked for the printer, until its own is known. */
static bool next_question(struct flagship_pppp_session *session,
			  struct flagship_pppp_outgoing *outgoing)
{
	struct session_relay *relay = session->relay;

	while (relay->asks_left > 0) {
		size_t which = --relay->asks_left;

		if (!relay->answered[which]) {
			send_body(session, FLAGSHIP_PPPP_TYPE_HELLO, 0, &relay->asked.hosts[which],
				  outgoing);
			return true;
		}
		if (relay->place_count == 0) {
			send_request(session, which, outgoing);
			return true;
		}
	}
	return false;
}

static bool next_knock(struct flagship_pppp_session *session,
		       struct flagship_pppp_outgoing *outgoing)
{
	struct session_relay *relay = session->relay;

	while (relay->reports_left > 0) {
		size_t which = --relay->reports_left;

		if (relay->answered[which]) {
			send_report(session, which, outgoing);
			return true;
		}
	}
	if (relay->knocks_left == 0) {
		return false;
	}
	size_t knock = --relay->knocks_left;
	send_body(session,
		  knock % KNOCKS == 0 ? FLAGSHIP_PPPP_TYPE_P2P_RDY : FLAGSHIP_PPPP_TYPE_PUNCH_PKT,
		  0, &relay->places[knock / KNOCKS], outgoing);
	return true;
}

bool relay_next(struct flagship_pppp_session *session, struct flagship_pppp_outgoing *outgoing)
{
	return next_question(session, outgoing) || next_knock(session, outgoing);
}

/* --- what comes --- */

/* The place in the list of relays, or their number. */
static size_t relay_of(const struct session_relay *relay, const struct flagship_pppp_host *from)
{
	size_t which = 0;

	while (which < relay->asked.count &&
	       !flagship_pppp_host_equal(&relay->asked.hosts[which], from)) {
		which++;
	}
	return which;
}

static void add_place(struct flagship_pppp_session *session, const struct flagship_pppp_host *host,
		      int64_t now_us)
{
	struct session_relay *relay = session->relay;

	for (size_t i = 0; i < relay->place_count; i++) {
		if (flagship_pppp_host_equal(&relay->places[i], host)) {
			return;
		}
	}
	if (relay->place_count < PLACES_MAX) {
		relay->places[relay->place_count++] = *host;
		relay->knock_us = now_us;
		session->found = true;
	}
}

/* A printer goes on from another port than the one that was named; its address is one of these. */
static bool is_named(const struct session_relay *relay, const struct flagship_pppp_host *from)
{
	for (size_t i = 0; i < relay->place_count; i++) {
		if (memcmp(relay->places[i].address, from->address, sizeof(from->address)) == 0) {
			return true;
		}
	}
	return false;
}

static bool take_of_relay(struct flagship_pppp_session *session, size_t which,
			  const struct flagship_pppp_packet *packet, int64_t now_us)
{
	struct session_relay *relay = session->relay;

	switch (packet->type) {
	case FLAGSHIP_PPPP_TYPE_HELLO_ACK:
		if (!relay->answered[which]) {
			relay->ask_us = now_us;
		}
		relay->answered[which] = true;
		relay->wan[which] = packet->host;
		return true;
	case FLAGSHIP_PPPP_TYPE_PUNCH_TO:
		if (!relay->answered[which]) {
			return false;
		}
		add_place(session, &packet->host, now_us);
		return true;
	case FLAGSHIP_PPPP_TYPE_P2P_REQ_ACK:
		return true;
	default:
		return false;
	}
}

static bool take_of_printer(struct flagship_pppp_session *session,
			    const struct flagship_pppp_host *from,
			    const struct flagship_pppp_packet *packet, int64_t now_us)
{
	if (!is_named(session->relay, from) ||
	    !flagship_pppp_duid_equal(&session->options.duid, &packet->duid)) {
		return false;
	}
	if (packet->type == FLAGSHIP_PPPP_TYPE_PUNCH_PKT) {
		add_place(session, from, now_us);
		return true;
	}
	if (packet->type != FLAGSHIP_PPPP_TYPE_P2P_RDY) {
		return false;
	}
	session->peer = *from;
	session_enter(session, FLAGSHIP_PPPP_STATE_OPEN, now_us);
	session_owe(session, SESSION_DUE_READY_ACK);
	return true;
}

bool relay_take(struct flagship_pppp_session *session, const struct flagship_pppp_host *from,
		const struct flagship_pppp_packet *packet, int64_t now_us)
{
	size_t which = relay_of(session->relay, from);

	return which < session->relay->asked.count ? take_of_relay(session, which, packet, now_us)
						   : take_of_printer(session, from, packet, now_us);
}
