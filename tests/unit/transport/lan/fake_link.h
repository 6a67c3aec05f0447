/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_LINK_H
#define TESTS_FAKE_LINK_H

#include "transport/lan/link.h"

#include <flagship/pppp_frame.h>

#include <stddef.h>
#include <stdint.h>

/*
 * In place of the sessions of lan_link_create (the linker sends its functions here): what is
 * written is kept, and the test says what the printer does.
 */
#define FAKE_LINK_CHANNELS 2
#define FAKE_LINK_SIZE     131072

struct fake_link {
	int refusal; /* of lan_link_create; 0: none */
	size_t room; /* bytes that are taken, of all channels together */
	const struct lan_link_handlers *handlers;
	void *context;
	struct flagship_pppp_session *session;
	bool closed; /* by lan_link_close */
	uint8_t written[FAKE_LINK_CHANNELS][FAKE_LINK_SIZE];
	size_t length[FAKE_LINK_CHANNELS];
};

extern struct fake_link fake_link;

/* As it is at the start of a test: there is room for everything. */
void fake_link_begin(void);
/* The printer opens the session. */
void fake_link_open(void);
void fake_link_say(uint8_t channel, const uint8_t *data, size_t length);
/* A frame of one kind, whole. */
void fake_link_say_xzyh(uint8_t channel, const void *data, size_t length);
void fake_link_say_aabb(uint8_t kind, const void *data, size_t length);
/* Room for so many bytes more. */
void fake_link_take(size_t room);
/* The session ends. */
void fake_link_end(enum flagship_pppp_end end);

/* Whether something was written to the channel since it was asked last; forgets it. */
bool fake_link_wrote(uint8_t channel);
/* Whether this AABB frame alone was written since then; forgets it. */
bool fake_link_wrote_kind(uint8_t kind, size_t length);

#endif
