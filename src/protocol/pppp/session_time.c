/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/session_internal.h"

#include <string.h>

/* protocol.md 5. */
#define SEARCH_EVERY_US        INT64_C(500000)
#define READY_EVERY_US         INT64_C(500000)
#define PRINTER_READY_EVERY_US INT64_C(50000)
#define READYING_AGAIN_US      INT64_C(5000000) /* then the search begins anew */
#define UNANSWERED_US          INT64_C(5000000) /* a printer whose P2P_RDY nobody answers */
#define ALIVE_EVERY_US         INT64_C(5000000)
#define DEAD_US                INT64_C(15000000)
#define CLOSE_EVERY_US         INT64_C(50000)
#define CLOSES                 3

void session_owe(struct flagship_pppp_session *session, enum session_due due)
{
	if (session->due[due] < SESSION_DUE_MAX) {
		session->due[due]++;
	}
}

void session_enter(struct flagship_pppp_session *session, enum flagship_pppp_state state,
		   int64_t now_us)
{
	session->state = state;
	session->heard_us = now_us;
	session->ticked_us = INT64_MIN;
	switch (state) {
	case FLAGSHIP_PPPP_STATE_SEARCHING:
		session->search_us = now_us;
		break;
	case FLAGSHIP_PPPP_STATE_READYING:
		session->readying_us = now_us;
		session->ready_us = now_us;
		session->due[SESSION_DUE_SEARCH] = 0;
		if (session->options.role == FLAGSHIP_PPPP_ROLE_CLIENT) {
			session_owe(session, SESSION_DUE_CLOSE);
		}
		break;
	case FLAGSHIP_PPPP_STATE_OPEN:
		session->answered_us = now_us;
		session->alive_us = now_us + ALIVE_EVERY_US;
		session->due[SESSION_DUE_CLOSE] = 0;
		break;
	case FLAGSHIP_PPPP_STATE_CLOSING:
		session->closes_left = CLOSES;
		session->close_us = now_us;
		break;
	case FLAGSHIP_PPPP_STATE_IDLE:
	case FLAGSHIP_PPPP_STATE_CLOSED:
		break;
	}
}

void session_end(struct flagship_pppp_session *session, enum flagship_pppp_end end)
{
	session->state = FLAGSHIP_PPPP_STATE_CLOSED;
	session->end = end;
	memset(session->due, 0, sizeof(session->due));
}

void flagship_pppp_session_close(struct flagship_pppp_session *session, int64_t now_us)
{
	switch (session->state) {
	case FLAGSHIP_PPPP_STATE_READYING:
	case FLAGSHIP_PPPP_STATE_OPEN:
		memset(session->due, 0, sizeof(session->due));
		session_enter(session, FLAGSHIP_PPPP_STATE_CLOSING, now_us);
		return;
	case FLAGSHIP_PPPP_STATE_IDLE:
	case FLAGSHIP_PPPP_STATE_SEARCHING:
		session_end(session, FLAGSHIP_PPPP_END_DONE);
		return;
	case FLAGSHIP_PPPP_STATE_CLOSING:
	case FLAGSHIP_PPPP_STATE_CLOSED:
		return;
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t connect_limit(const struct flagship_pppp_session *session)
{
	int64_t limit = session->begun_us + session->options.connect_us;

	return session->found ? limit
			      : earlier(limit, session->begun_us + session->options.search_us);
}

static enum flagship_pppp_end end_of_search(const struct flagship_pppp_session *session)
{
	if (session->relay) {
		return session->found ? FLAGSHIP_PPPP_END_NO_WAY : FLAGSHIP_PPPP_END_NO_RELAY;
	}
	return session->found ? FLAGSHIP_PPPP_END_REFUSED : FLAGSHIP_PPPP_END_NOT_FOUND;
}

static void tick_searching(struct flagship_pppp_session *session, int64_t now_us)
{
	if (now_us >= connect_limit(session)) {
		session_end(session, end_of_search(session));
	} else if (session->relay) {
		relay_tick(session, now_us);
	} else if (now_us >= session->search_us) {
		session->due[SESSION_DUE_SEARCH] = (uint8_t)session->searched_count;
		session->search_us = now_us + SEARCH_EVERY_US;
	}
}

static void tick_readying(struct flagship_pppp_session *session, int64_t now_us)
{
	bool printer = session->options.role == FLAGSHIP_PPPP_ROLE_PRINTER;

	if (printer && now_us - session->readying_us >= UNANSWERED_US) {
		session_end(session, FLAGSHIP_PPPP_END_SILENT);
	} else if (!printer && now_us >= connect_limit(session)) {
		session_end(session, FLAGSHIP_PPPP_END_REFUSED);
	} else if (!printer && now_us - session->readying_us >= READYING_AGAIN_US) {
		session_enter(session, FLAGSHIP_PPPP_STATE_SEARCHING, now_us);
		tick_searching(session, now_us);
	} else if (now_us >= session->ready_us) {
		session_owe(session, SESSION_DUE_READY);
		session->ready_us = now_us + (printer ? PRINTER_READY_EVERY_US : READY_EVERY_US);
	}
}

static void tick_open(struct flagship_pppp_session *session, int64_t now_us)
{
	bool printer = session->options.role == FLAGSHIP_PPPP_ROLE_PRINTER;

	if (now_us - session->heard_us >= DEAD_US ||
	    (printer && now_us - session->answered_us >= UNANSWERED_US)) {
		session_end(session, FLAGSHIP_PPPP_END_SILENT);
		return;
	}
	if (now_us >= session->alive_us) {
		session_owe(session, SESSION_DUE_ALIVE);
		session->alive_us = now_us + ALIVE_EVERY_US;
	}
	if (printer && now_us >= session->ready_us) {
		session_owe(session, SESSION_DUE_READY);
		session->ready_us = now_us + PRINTER_READY_EVERY_US;
	}
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		if (session->channels[i]) {
			channel_tick(session->channels[i], &session->path, &session->counts,
				     now_us);
		}
	}
}

static void tick_closing(struct flagship_pppp_session *session, int64_t now_us)
{
	if (now_us < session->close_us) {
		return;
	}
	if (session->closes_left == 0) {
		session_end(session, FLAGSHIP_PPPP_END_DONE);
		return;
	}
	session->closes_left--;
	session_owe(session, SESSION_DUE_CLOSE);
	session->close_us = now_us + CLOSE_EVERY_US;
}

void session_tick(struct flagship_pppp_session *session, int64_t now_us)
{
	if (session->ticked_us == now_us) {
		return;
	}
	session->ticked_us = now_us;
	switch (session->state) {
	case FLAGSHIP_PPPP_STATE_SEARCHING:
		tick_searching(session, now_us);
		return;
	case FLAGSHIP_PPPP_STATE_READYING:
		tick_readying(session, now_us);
		return;
	case FLAGSHIP_PPPP_STATE_OPEN:
		tick_open(session, now_us);
		return;
	case FLAGSHIP_PPPP_STATE_CLOSING:
		tick_closing(session, now_us);
		return;
	case FLAGSHIP_PPPP_STATE_IDLE:
	case FLAGSHIP_PPPP_STATE_CLOSED:
		return;
	}
}

static int64_t open_timer(const struct flagship_pppp_session *session)
{
	int64_t when = earlier(session->alive_us, session->heard_us + DEAD_US);

	if (session->options.role == FLAGSHIP_PPPP_ROLE_PRINTER) {
		when = earlier(when, session->ready_us);
		when = earlier(when, session->answered_us + UNANSWERED_US);
	}
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		if (session->channels[i]) {
			when = earlier(when,
				       channel_deadline(session->channels[i], &session->path));
		}
	}
	return when;
}

int64_t session_timer(const struct flagship_pppp_session *session)
{
	switch (session->state) {
	case FLAGSHIP_PPPP_STATE_SEARCHING:
		return earlier(session->relay ? relay_timer(session) : session->search_us,
			       connect_limit(session));
	case FLAGSHIP_PPPP_STATE_READYING:
		if (session->options.role == FLAGSHIP_PPPP_ROLE_PRINTER) {
			return earlier(session->ready_us, session->readying_us + UNANSWERED_US);
		}
		return earlier(earlier(session->ready_us, connect_limit(session)),
			       session->readying_us + READYING_AGAIN_US);
	case FLAGSHIP_PPPP_STATE_OPEN:
		return open_timer(session);
	case FLAGSHIP_PPPP_STATE_CLOSING:
		return session->close_us;
	case FLAGSHIP_PPPP_STATE_IDLE:
	case FLAGSHIP_PPPP_STATE_CLOSED:
		break;
	}
	return FLAGSHIP_PPPP_NEVER_US;
}
