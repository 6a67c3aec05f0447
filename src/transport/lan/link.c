/* SPDX-License-Identifier: MIT */
#include "transport/lan/link.h"

#include "base/clock.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define BROADCAST   "255.255.255.255"
#define US_A_MS     1000
#define NS_A_US     1000
#define TIMER_LEAST 1

struct lan_link {
	struct udp udp;
	uv_timer_t timer;
	struct flagship_pppp_session *session;
	const struct lan_link_handlers *handlers;
	void *context;
	bool open;   /* on_open was told */
	bool ending; /* handles are being closed */
	unsigned int handles;
};

static int64_t now_us(void)
{
	return (int64_t)(clock_stopwatch_ns() / NS_A_US);
}

static void on_handle_closed(struct lan_link *link)
{
	if (--link->handles > 0) {
		return;
	}
	const struct lan_link_handlers *handlers = link->handlers;
	void *context = link->context;
	enum flagship_pppp_end end = flagship_pppp_session_end(link->session);

	flagship_pppp_session_destroy(link->session);
	free(link);
	handlers->on_end(context, end);
}

static void on_socket_closed(void *context)
{
	on_handle_closed(context);
}

static void on_timer_closed(uv_handle_t *handle)
{
	on_handle_closed(handle->data);
}

static void end_link(struct lan_link *link)
{
	if (link->ending) {
		return;
	}
	link->ending = true;
	udp_close(&link->udp, on_socket_closed);
	uv_close((uv_handle_t *)&link->timer, on_timer_closed);
}

static void read_data(struct lan_link *link)
{
	struct flagship_pppp_piece_in piece;

	for (uint8_t channel = 0; channel < FLAGSHIP_PPPP_CHANNELS; channel++) {
		while (!link->ending &&
		       flagship_pppp_session_read(link->session, channel, &piece)) {
			link->handlers->on_data(link->context, channel, &piece);
		}
	}
}

static void on_timer(uv_timer_t *timer);

/* Sends all that is due and sleeps until more is. */
static void drive(struct lan_link *link)
{
	struct flagship_pppp_outgoing outgoing;
	int64_t now = now_us();

	if (link->ending) {
		return;
	}
	while (flagship_pppp_session_next(link->session, now, &outgoing)) {
		udp_gather(&link->udp, &outgoing.to, outgoing.data, outgoing.length);
	}
	udp_flush(&link->udp);
	if (flagship_pppp_session_state(link->session) == FLAGSHIP_PPPP_STATE_CLOSED) {
		end_link(link);
		return;
	}
	int64_t wait_us = flagship_pppp_session_deadline(link->session, now) - now;
	uint64_t wait_ms = wait_us <= 0 ? 0 : (uint64_t)wait_us / US_A_MS + TIMER_LEAST;
	uv_update_time(link->timer.loop);
	uv_timer_start(&link->timer, on_timer, wait_ms, 0);
}

/* What is there already goes out before the caller makes more of it. */
static void drive_and_fill(struct lan_link *link)
{
	drive(link);
	if (!link->ending && link->open && link->handlers->on_room) {
		link->handlers->on_room(link->context);
		drive(link);
	}
}

static void on_timer(uv_timer_t *timer)
{
	drive_and_fill(timer->data);
}

static void on_datagram(void *context, const struct flagship_pppp_host *from, const uint8_t *data,
			size_t length)
{
	struct lan_link *link = context;

	if (link->ending) {
		return;
	}
	/* What is wrong with one is counted by the session. */
	int error = flagship_pppp_session_receive(link->session, from, data, length, now_us());
	if (!error) {
		read_data(link);
	}
}

static void on_batch(void *context)
{
	struct lan_link *link = context;

	if (!link->ending && !link->open &&
	    flagship_pppp_session_state(link->session) == FLAGSHIP_PPPP_STATE_OPEN) {
		link->open = true;
		link->handlers->on_open(link->context);
	}
	drive_and_fill(link);
}

static const struct udp_handlers socket_handlers = {
	.on_datagram = on_datagram,
	.on_batch = on_batch,
};

static int make_session(const struct lan_link_options *options,
			struct flagship_pppp_session **session)
{
	struct flagship_pppp_options made = {
		.role = FLAGSHIP_PPPP_ROLE_CLIENT,
		.rate = options->rate,
		.adaptive = options->adaptive,
		.search_us = options->search_us,
		.connect_us = options->connect_us,
	};

	if (options->duid[0] != '\0' && flagship_pppp_duid_parse(options->duid, &made.duid) != 0) {
		return UV_EINVAL;
	}
	*session = flagship_pppp_session_create(&made);
	return *session ? 0 : UV_ENOMEM;
}

/* The address, where it is known, and the broadcast: some firmware does not answer the one, some
 * routers swallow the other. Without a duid a broadcast could find any printer. */
static int choose_hosts(const struct lan_link_options *options, struct flagship_pppp_host hosts[2],
			size_t *count)
{
	*count = 0;
	if (options->address[0] != '\0' &&
	    !udp_host_parse(options->address, FLAGSHIP_PPPP_PORT, &hosts[(*count)++])) {
		return UV_EINVAL;
	}
	if (options->duid[0] != '\0' && (*count == 0 || !udp_host_is_loopback(&hosts[0]))) {
		(void)udp_host_parse(BROADCAST, FLAGSHIP_PPPP_PORT, &hosts[(*count)++]);
	}
	return *count > 0 ? 0 : UV_EINVAL;
}

static int open_socket(struct lan_link *link, uv_loop_t *loop, uint16_t port)
{
	return udp_open(&link->udp, loop, "", port, true, &socket_handlers, link);
}

static int search_here(struct lan_link *link, uv_loop_t *loop,
		       const struct lan_link_options *options)
{
	struct flagship_pppp_host hosts[2];
	size_t count;
	int error = choose_hosts(options, hosts, &count);

	if (!error) {
		/* A firewall lets answers to this port through; on this machine there is none, and
		 * simulated printers want it. */
		error = open_socket(link, loop,
				    udp_host_is_loopback(&hosts[0]) ? 0 : FLAGSHIP_PPPP_PORT);
	}
	if (!error) {
		(void)!flagship_pppp_session_search(link->session, hosts, count, now_us());
	}
	return error;
}

static int search_by_relays(struct lan_link *link, uv_loop_t *loop,
			    const struct flagship_pppp_relays *relays)
{
	int error = relays->count > 0 ? open_socket(link, loop, 0) : UV_EINVAL;

	if (error) {
		return error;
	}
	struct flagship_pppp_relays own = *relays;
	own.local = udp_find_own(&relays->hosts[0], link->udp.port);
	error = flagship_pppp_session_reach(link->session, &own, now_us());
	OPENSSL_cleanse(&own, sizeof(own));
	if (error) {
		return error == FLAGSHIP_ERROR_MEMORY ? UV_ENOMEM : UV_EINVAL;
	}
	return 0;
}

static void free_link(void *context)
{
	struct lan_link *link = context;

	flagship_pppp_session_destroy(link->session);
	free(link);
}

/* A link that came to nothing; a socket closes on the loop. */
static void abandon(struct lan_link *link)
{
	if (link->udp.descriptor >= 0) {
		udp_close(&link->udp, free_link);
	} else {
		free_link(link);
	}
}

int lan_link_create(uv_loop_t *loop, const struct lan_link_options *options,
		    const struct lan_link_handlers *handlers, void *context, struct lan_link **out)
{
	struct lan_link *link = calloc(1, sizeof(*link));

	if (!link) {
		return UV_ENOMEM;
	}
	link->udp.descriptor = -1;
	int error = make_session(options, &link->session);
	if (!error) {
		error = options->relays ? search_by_relays(link, loop, options->relays)
					: search_here(link, loop, options);
	}
	if (error) {
		abandon(link);
		return error;
	}
	link->handlers = handlers;
	link->context = context;
	uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	link->handles = 2;
	uv_timer_start(&link->timer, on_timer, 0, 0);
	*out = link;
	return 0;
}

size_t lan_link_write(struct lan_link *link, uint8_t channel, const uint8_t *data, size_t length)
{
	size_t taken = link->ending
			       ? 0
			       : flagship_pppp_session_write(link->session, channel, data, length);

	if (taken > 0) {
		uv_timer_start(&link->timer, on_timer, 0, 0);
	}
	return taken;
}

size_t lan_link_pending(const struct lan_link *link, uint8_t channel)
{
	return flagship_pppp_session_pending(link->session, channel);
}

void lan_link_close(struct lan_link *link)
{
	if (!link->ending) {
		flagship_pppp_session_close(link->session, now_us());
		uv_timer_start(&link->timer, on_timer, 0, 0);
	}
}

struct flagship_pppp_session *lan_link_session(struct lan_link *link)
{
	return link->session;
}

const char *lan_link_explain(enum flagship_pppp_end end)
{
	switch (end) {
	case FLAGSHIP_PPPP_END_NONE:
	case FLAGSHIP_PPPP_END_DONE:
		return "the session was closed";
	case FLAGSHIP_PPPP_END_NOT_FOUND:
		return "it does not answer on the local network: is it on, in this network, and "
		       "UDP "
		       "port 32108 open";
	case FLAGSHIP_PPPP_END_REFUSED:
		return "it answers on the local network but takes no session: another program has "
		       "its only one (an app or a gateway that shows the camera, an upload), or "
		       "one "
		       "ended less than 20 s ago; close that and try again. A gateway gives the "
		       "camera up for what is printed by it: flagship queue add";
	case FLAGSHIP_PPPP_END_PEER:
		return "the printer closed the session";
	case FLAGSHIP_PPPP_END_NO_RELAY:
		return "no relay told where it is: is it on, and its secret (flagship refresh) "
		       "still the right one";
	case FLAGSHIP_PPPP_END_NO_WAY:
		return "the relays told where it is, but no datagram comes through: one of the "
		       "two routers lets none in";
	case FLAGSHIP_PPPP_END_SILENT:
		return "the printer fell silent: the connection was lost, or it was switched off";
	}
	return "the session ended";
}
