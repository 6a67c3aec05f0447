/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_PROBE_H
#define TRANSPORT_LAN_PROBE_H

#include "transport/lan/udp.h"

#include <flagship/pppp_session.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One step of a way over the local network at a time, for a diagnosis. They block, for timeout_ms
 * at most. */

#define LAN_PROBE_ANSWERS_MAX 16 /* more are not kept */

struct lan_probe_answer {
	struct flagship_pppp_duid duid;
	char address[UDP_ADDRESS_SIZE];
};

struct lan_probe_search {
	struct lan_probe_answer answers[LAN_PROBE_ANSWERS_MAX];
	size_t count;
	const struct lan_probe_answer *wanted; /* of answers; NULL: it did not answer */
};

/*
 * Who answers at this address (IPv4, "": not known), and to a broadcast unless the address is one
 * of this machine. Ends with the answer of `duid`; NULL wants whoever is at the address. Errors: of
 * libuv, UV_EINVAL for an address that is none.
 */
int lan_probe_search(const char *address, const struct flagship_pppp_duid *duid, int64_t timeout_ms,
		     struct lan_probe_search *search);

struct lan_probe_session {
	bool opened; /* the printer said that it is ready */
	bool stayed; /* and went on to speak after that */
	int64_t opened_after_ms;
	enum flagship_pppp_end end; /* why it ended; DONE: it was closed here */
};

/* Takes the printer's one session, waits until it speaks once more, and gives it back. Errors: of
 * libuv. */
int lan_probe_session(const struct lan_probe_answer *printer, int64_t timeout_ms,
		      struct lan_probe_session *session);

#endif
