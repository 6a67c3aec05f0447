/* SPDX-License-Identifier: MIT */
#include "gateway/scrape/scrape.h"

#include "base/clock.h"
#include "daemon/http/pack.h"
#include "daemon/http/syntax/negotiate.h"
#include "gateway/scrape/internal.h"

#include <flagship/flagship.h>

#include <stdlib.h>
#include <string.h>

#define STATUS_OK     200
#define STATUS_FAILED 500

struct scrape {
	struct scrape_sources sources;
	struct fleet_listener listener;
	int64_t begun_ms;
	int64_t commands[METRICS_COMMAND_OUTCOMES];
	/* Of printers that are not held any more. */
	struct fleet_counts gone;
};

/* --- counting --- */

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct scrape *scrape = context;

	(void)printer;
	scrape->commands[report->outcome]++;
}

static void add_counts(struct fleet_counts *sum, const struct fleet_printer *printer)
{
	const struct fleet_counts *counts = fleet_printer_counts(printer);

	sum->payloads += counts->payloads;
	sum->malformed += counts->malformed;
	sum->wrong_key += counts->wrong_key;
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct scrape *scrape = context;

	if (event->kind == FLEET_PRINTER_REMOVED) {
		add_counts(&scrape->gone, event->printer);
	}
}

static const struct fleet_handlers handlers = {.on_event = on_event, .on_done = on_done};

/* --- the answer --- */

static void fill_connections(const struct scrape_sources *sources, struct metrics_gateway *gateway)
{
	struct gateway_event_readers readers = gateway_events_readers(sources->events);
	struct scrape_others others = {0};

	gateway->connections[METRICS_CLIENT_WEBSOCKET] = (int64_t)readers.websockets;
	gateway->connections[METRICS_CLIENT_EVENT_STREAM] = (int64_t)readers.streams;
	if (sources->count_others) {
		sources->count_others(sources->context, &others);
		gateway->connections[METRICS_CLIENT_MOONRAKER] = (int64_t)others.moonraker;
		gateway->connections[METRICS_CLIENT_OCTOPRINT] = (int64_t)others.octoprint;
	}
	gateway->connections[METRICS_CLIENT_HTTP] =
		(int64_t)(http_server_connections(*sources->server) + others.port_connections -
			  readers.websockets - readers.streams - others.moonraker -
			  others.octoprint);
}

static void fill_gateway(const struct scrape *scrape, struct metrics_gateway *gateway)
{
	const struct scrape_sources *sources = &scrape->sources;
	struct gateway_sessions sessions = gateway_printers_sessions(sources->printers);
	struct fleet_counts counts = scrape->gone;
	struct fleet_printer *printer = NULL;

	metrics_gateway_init(gateway);
	while ((printer = gateway_printers_next(sources->printers, printer))) {
		add_counts(&counts, printer);
	}
	gateway->version = flagship_version();
	gateway->uptime_ms = clock_steady_ms() - scrape->begun_ms;
	gateway->sessions = (int64_t)sessions.count;
	gateway->sessions_connected = (int64_t)sessions.connected;
	gateway->messages_rejected = (int64_t)(counts.malformed + counts.wrong_key);
	gateway->messages_received = (int64_t)counts.payloads + gateway->messages_rejected;
	fill_connections(sources, gateway);
	memcpy(gateway->commands, scrape->commands, sizeof(gateway->commands));
	if (sources->history_dropped) {
		gateway->history_dropped = sources->history_dropped(sources->context);
	}
	scrape_read_process(gateway);
}

/* NULL for want of memory. */
static struct metrics_printer *list_printers(const struct scrape *scrape, size_t *count)
{
	struct gateway_printers *held = scrape->sources.printers;
	struct metrics_printer *list = calloc(gateway_printers_count(held) + 1, sizeof(*list));
	struct fleet_printer *printer = NULL;

	*count = 0;
	while (list && (printer = gateway_printers_next(held, printer))) {
		const struct printer_state *state = fleet_printer_state(printer);

		list[(*count)++] = (struct metrics_printer){
			.serial = fleet_printer_serial(printer),
			.name = state->name,
			.online = state->online,
			.state = state,
		};
	}
	return list;
}

/* What was written, as the client reads it: with a thousand printers 3 MB, or 0.2 MB by gzip. */
struct sending {
	struct metrics_buffer plain;
	struct http_packer *packer; /* NULL: the client takes no gzip */
	const char *bytes;          /* of one of them */
	size_t length;
	size_t at;
};

static int take_piece(void *context, const char *bytes, size_t length)
{
	struct sending *sending = context;

	return sending->packer ? http_packer_add(sending->packer, bytes, length)
			       : metrics_buffer_add(&sending->plain, bytes, length);
}

static int write_answer(const struct scrape *scrape, enum metrics_format format,
			struct sending *sending)
{
	struct metrics_gateway gateway;
	size_t count;
	struct metrics_printer *list = list_printers(scrape, &count);

	if (!list) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	fill_gateway(scrape, &gateway);
	const struct metrics_input input = {
		.printers = list,
		.count = count,
		.gateway = &gateway,
		.now = {.now_ms = fleet_now_ms(gateway_printers_fleet(scrape->sources.printers)),
			.unix_ms = clock_unix_ms()},
	};
	int error = metrics_write(&input, format, take_piece, sending);
	free(list);
	return error;
}

static ssize_t read_sending(void *context, char *out, size_t capacity)
{
	struct sending *sending = context;
	size_t left = sending->length - sending->at;
	size_t length = left < capacity ? left : capacity;

	memcpy(out, sending->bytes + sending->at, length);
	sending->at += length;
	return (ssize_t)length;
}

static void release_sending(void *context)
{
	struct sending *sending = context;

	metrics_buffer_finish(&sending->plain);
	http_packer_destroy(sending->packer);
	free(sending);
}

static const struct http_source source = {.read = read_sending, .release = release_sending};

static void refuse(struct http_request *request, int status, const char *detail)
{
	http_respond(request, &(struct http_response){.status = status,
						      .content_type = "text/plain; charset=utf-8",
						      .body = detail,
						      .length = strlen(detail)});
}

/* NULL for want of memory. */
static struct sending *make_sending(const struct scrape *scrape, enum metrics_format format,
				    bool packs)
{
	struct sending *sending = calloc(1, sizeof(*sending));

	if (!sending) {
		return NULL;
	}
	sending->packer = packs ? http_packer_create() : NULL;
	if ((packs && !sending->packer) || write_answer(scrape, format, sending)) {
		release_sending(sending);
		return NULL;
	}
	sending->bytes = sending->plain.data;
	sending->length = sending->plain.length;
	if (packs && !(sending->bytes = http_packer_finish(sending->packer, &sending->length))) {
		release_sending(sending);
		return NULL;
	}
	return sending;
}

static void get_metrics(struct http_request *request, void *context)
{
	static const struct http_header headers[] = {{"vary", "accept, accept-encoding"},
						     {"cache-control", "no-store"},
						     {"content-encoding", "gzip"}};
	size_t header_count = sizeof(headers) / sizeof(headers[0]);
	enum metrics_format format = metrics_format_choose(http_request_header(request, "accept"));
	bool packs = http_coding_choose(http_request_header(request, "accept-encoding"),
					HTTP_GZIP) == HTTP_GZIP;
	struct sending *sending = make_sending(context, format, packs);

	if (!sending) {
		refuse(request, STATUS_FAILED, "out of memory");
		return;
	}
	const struct http_response response = {
		.status = STATUS_OK,
		.content_type = metrics_content_type(format),
		.headers = headers,
		.header_count = packs ? header_count : header_count - 1,
	};
	http_respond_stream(request, &response, (int64_t)sending->length, &source, sending);
}

/* --- the whole --- */

static const struct http_route routes[] = {
	{.methods = HTTP_GET, .path = "/metrics", .rights = WEB_VIEW, .handle = get_metrics},
};

int scrape_create(const struct scrape_sources *sources, struct scrape **out)
{
	struct scrape *scrape = calloc(1, sizeof(*scrape));

	*out = scrape;
	if (!scrape) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	scrape->sources = *sources;
	scrape->begun_ms = clock_steady_ms();
	scrape->listener.handlers = &handlers;
	scrape->listener.context = scrape;
	fleet_subscribe(gateway_printers_fleet(sources->printers), &scrape->listener);
	return 0;
}

void scrape_fill_api(struct scrape *scrape, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = scrape,
		.prefixes = "/metrics",
		.refuse = refuse,
	};
}

void scrape_stop(struct scrape *scrape)
{
	if (scrape) {
		fleet_unsubscribe(&scrape->listener);
	}
}

void scrape_destroy(struct scrape *scrape)
{
	free(scrape);
}
