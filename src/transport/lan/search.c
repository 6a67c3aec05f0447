/* SPDX-License-Identifier: MIT */
#include "transport/lan/search.h"

#include "transport/lan/udp.h"

#include <stdlib.h>
#include <string.h>

#define BROADCAST_ADDRESS "255.255.255.255"
#define ASK_EVERY_MS      500

struct found_printer {
	struct flagship_pppp_duid duid;
	uint8_t address[FLAGSHIP_PPPP_HOST_ADDRESS_SIZE];
};

struct lan_search {
	struct udp udp;
	uv_timer_t timer;
	struct flagship_pppp_host hosts[LAN_SEARCH_ADDRESSES_MAX];
	size_t host_count;
	struct found_printer *found;
	size_t found_count;
	uint64_t end_ms; /* of the loop's clock */
	const struct lan_search_handlers *handlers;
	void *context;
	bool stopping;
	unsigned int handles;
};

static void search_handle_closed(struct lan_search *search)
{
	if (--search->handles > 0) {
		return;
	}
	const struct lan_search_handlers *handlers = search->handlers;
	void *context = search->context;

	free(search->found);
	free(search);
	handlers->on_end(context);
}

static void search_socket_closed(void *context)
{
	search_handle_closed(context);
}

static void search_timer_closed(uv_handle_t *handle)
{
	search_handle_closed(handle->data);
}

void lan_search_stop(struct lan_search *search)
{
	if (search->stopping) {
		return;
	}
	search->stopping = true;
	udp_close(&search->udp, search_socket_closed);
	uv_close((uv_handle_t *)&search->timer, search_timer_closed);
}

static bool is_known(const struct lan_search *search, const struct flagship_pppp_duid *duid,
		     const struct flagship_pppp_host *host)
{
	for (size_t i = 0; i < search->found_count; i++) {
		if (flagship_pppp_duid_equal(&search->found[i].duid, duid) &&
		    memcmp(search->found[i].address, host->address, sizeof(host->address)) == 0) {
			return true;
		}
	}
	return false;
}

static void take_found(void *context, const struct flagship_pppp_host *from, const uint8_t *data,
		       size_t length)
{
	struct lan_search *search = context;
	struct flagship_pppp_packet packet;

	if (search->stopping || flagship_pppp_packet_read(data, length, &packet) != 0 ||
	    packet.type != FLAGSHIP_PPPP_TYPE_PUNCH_PKT ||
	    search->found_count == LAN_SEARCH_FOUND_MAX || is_known(search, &packet.duid, from)) {
		return;
	}
	struct found_printer *place = &search->found[search->found_count++];
	place->duid = packet.duid;
	memcpy(place->address, from->address, sizeof(place->address));
	search->handlers->on_found(search->context, &packet.duid, from);
}

static void after_answers(void *context)
{
	(void)context;
}

static void ask(uv_timer_t *timer)
{
	static const struct flagship_pppp_packet question = {.type = FLAGSHIP_PPPP_TYPE_LAN_SEARCH};
	struct lan_search *search = timer->data;
	uint8_t bytes[FLAGSHIP_PPPP_HEADER_SIZE];
	size_t length;

	if (uv_now(timer->loop) >= search->end_ms) {
		lan_search_stop(search);
		return;
	}
	if (flagship_pppp_packet_write(&question, bytes, sizeof(bytes), &length) != 0) {
		return;
	}
	for (size_t i = 0; i < search->host_count; i++) {
		(void)udp_send(&search->udp, &search->hosts[i], bytes, length);
	}
}

static const struct udp_handlers search_socket_handlers = {
	.on_datagram = take_found,
	.on_batch = after_answers,
};

static int choose_addresses(struct lan_search *search, const char *const *addresses, size_t count)
{
	if (count > LAN_SEARCH_ADDRESSES_MAX) {
		return UV_EINVAL;
	}
	for (size_t i = 0; i < count; i++) {
		if (!udp_host_parse(addresses[i], FLAGSHIP_PPPP_PORT, &search->hosts[i])) {
			return UV_EINVAL;
		}
	}
	if (count == 0) {
		(void)udp_host_parse(BROADCAST_ADDRESS, FLAGSHIP_PPPP_PORT, &search->hosts[0]);
		count = 1;
	}
	search->host_count = count;
	return 0;
}

int lan_search_create(uv_loop_t *loop, const char *const *addresses, size_t count,
		      int64_t duration_ms, const struct lan_search_handlers *handlers,
		      void *context, struct lan_search **out)
{
	struct lan_search *search = calloc(1, sizeof(*search));
	int error = search ? choose_addresses(search, addresses, count) : UV_ENOMEM;

	if (!error) {
		search->found = calloc(LAN_SEARCH_FOUND_MAX, sizeof(*search->found));
		error = search->found ? 0 : UV_ENOMEM;
	}
	if (!error) {
		uint16_t port = udp_host_is_loopback(&search->hosts[0]) ? 0 : FLAGSHIP_PPPP_PORT;
		error = udp_open(&search->udp, loop, "", port, true, &search_socket_handlers,
				 search);
	}
	if (error) {
		if (search) {
			free(search->found);
		}
		free(search);
		return error;
	}
	search->handlers = handlers;
	search->context = context;
	search->handles = 2;
	uv_timer_init(loop, &search->timer);
	search->timer.data = search;
	uv_update_time(loop);
	search->end_ms = uv_now(loop) + (uint64_t)duration_ms;
	uv_timer_start(&search->timer, ask, 0, ASK_EVERY_MS);
	*out = search;
	return 0;
}
