/* SPDX-License-Identifier: MIT */
#include "simulator/network/simulation_internal.h"

#include "cli/output/print.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define OPENING_MAX   50   /* at once: a broker has to shake hands with each */
#define TELL_EVERY_MS 5000 /* how many are connected */
#define COUNTS_MAX    4096

void simulation_connect_more(struct simulation *simulation)
{
	/* The others connect where the first one found the broker, once it did. */
	size_t most = simulation->ready > 0 ? OPENING_MAX : 1;

	while (!simulation->stopping && simulation->started < simulation->count &&
	       simulation->opening < most) {
		struct simulated_printer *printer = &simulation->printers[simulation->started++];
		int error = simulated_printer_start(printer);
		if (error) {
			simulated_printer_tell(printer, "cannot start", flagship_strerror(error));
			simulation_stop(simulation, CLI_FAILED);
			return;
		}
		printer->opening = true;
		simulation->opening++;
	}
}

static void tell_connected(struct simulation *simulation, const char *suffix)
{
	simulation->told = simulation->connected;
	simulation->told_ms = uv_now(&simulation->loop);
	print_to(stderr, "simulate: %zu of %zu printers are connected to %s:%u%s\n",
		 simulation->connected, simulation->count, simulation->connection->host,
		 simulation->connection->port, suffix);
}

void simulation_tell_connected(struct simulation *simulation)
{
	uint64_t now_ms = uv_now(&simulation->loop);

	if (simulation->count > 1 && simulation->connected != simulation->told &&
	    now_ms - simulation->told_ms >= TELL_EVERY_MS) {
		tell_connected(simulation, "");
	}
}

static void tell_ready(struct simulation *simulation, const struct simulated_printer *printer)
{
	const struct connection *connection = simulation->connection;

	if (simulation->count == 1) {
		print_to(stderr, "simulate: %s %s connected to %s:%u, publishing\n",
			 flagship_model_name(simulation->model->id), printer->serial,
			 connection->host, connection->port);
	} else if (simulation->connected == simulation->count &&
		   simulation->told != simulation->count) {
		tell_connected(simulation, ", publishing");
	}
}

/* The first try of a printer is over, one way or the other. */
static void settle(struct simulation *simulation, struct simulated_printer *printer)
{
	if (printer->opening) {
		printer->opening = false;
		simulation->opening--;
	}
}

static void on_ready(struct simulation *simulation, struct simulated_printer *printer)
{
	uint64_t now_ms;

	uv_update_time(&simulation->loop);
	now_ms = uv_now(&simulation->loop);
	if (!printer->connected) {
		printer->connected = true;
		simulation->connected++;
	}
	settle(simulation, printer);
	if (!printer->ready) {
		printer->ready = true;
		printer->last_ms = now_ms;
		printer->churned_ms = now_ms;
		simulation->ready++;
	}
	if (simulation->address[0] == '\0') {
		snprintf(simulation->address, sizeof(simulation->address), "%s",
			 mqtt_session_address(printer->session));
	}
	tell_ready(simulation, printer);
	simulation_connect_more(simulation);
}

void simulation_on_left(struct simulation *simulation)
{
	simulation->connected--;
}

static void on_lost(struct simulation *simulation, struct simulated_printer *printer,
		    const char *detail)
{
	if (printer->connected) {
		printer->connected = false;
		simulation->connected--;
	}
	if (simulation->count == 1) {
		simulated_printer_tell(printer, "lost the connection, trying again", detail);
	}
}

static void on_failed(struct simulation *simulation, struct simulated_printer *printer,
		      const struct mqtt_session_event *event)
{
	bool hopeless = event->final || simulation->ready == 0;

	settle(simulation, printer);
	if (simulation->count == 1 || hopeless || simulation->options->verbose) {
		simulated_printer_tell(printer, "cannot connect", event->detail);
	}
	if (hopeless) {
		simulation_stop(simulation, CLI_CANNOT_CONNECT);
		return;
	}
	simulation_connect_more(simulation);
}

/* What a real printer does where one is refused nobody knows. */
static void on_refused(struct simulation *simulation, const struct simulated_printer *printer,
		       const char *topic)
{
	struct flagship_topic parsed;

	if (flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	    (parsed.kind == FLAGSHIP_TOPIC_SMART_COMMAND ||
	     parsed.kind == FLAGSHIP_TOPIC_SERVER_COMMAND)) {
		simulated_printer_tell(printer,
				       "the broker refuses a subscription that real printers ask "
				       "for",
				       topic);
		return;
	}
	simulated_printer_tell(
		printer, "the broker refuses a subscription, so that no command can arrive", topic);
	simulation_stop(simulation, CLI_NOT_ALLOWED);
}

void simulation_on_event(struct simulation *simulation, struct simulated_printer *printer,
			 const struct mqtt_session_event *event)
{
	switch (event->kind) {
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED: /* one that it cannot do without has ended it */
		on_ready(simulation, printer);
		break;
	case MQTT_SESSION_DISCONNECTED:
		settle(simulation, printer);
		on_lost(simulation, printer, event->detail);
		simulation_connect_more(simulation);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		on_failed(simulation, printer, event);
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		on_refused(simulation, printer, event->topic);
		break;
	default:
		break;
	}
}

/* The sums over all printers. */
struct counts {
	struct tally tally;
	uint64_t received;
	uint64_t malformed;
	uint64_t published;
	uint64_t dropped;
	uint64_t damaged;
};

static void sum_up(const struct simulation *simulation, struct counts *counts)
{
	*counts = (struct counts){0};
	for (size_t i = 0; i < simulation->count; i++) {
		const struct simulated_printer *printer = &simulation->printers[i];
		tally_add(&counts->tally, &printer->printer.tally);
		counts->received += printer->received;
		counts->malformed += printer->malformed;
		counts->published += printer->published;
		counts->dropped += printer->faults.dropped;
		counts->damaged += printer->faults.damaged;
	}
}

static void write_number(struct json_writer *writer, const char *name, uint64_t number)
{
	json_key(writer, name);
	json_int(writer, (int64_t)number);
}

static void write_who(const struct simulation *simulation, struct json_writer *writer)
{
	json_key(writer, "serial");
	json_string(writer, simulation->printers[0].serial);
	json_key(writer, "model");
	json_string(writer, flagship_model_name(simulation->model->id));
	if (simulation->count > 1) {
		write_number(writer, "printers", simulation->count);
		write_number(writer, "connected", simulation->connected);
	}
}

void simulation_print_counts(const struct simulation *simulation)
{
	char out[COUNTS_MAX];
	struct json_writer writer;
	struct counts counts;
	size_t length;

	sum_up(simulation, &counts);
	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	write_who(simulation, &writer);
	write_number(&writer, "received", counts.received);
	write_number(&writer, "malformed", counts.malformed);
	tally_write(&counts.tally, &writer);
	write_number(&writer, "published", counts.published);
	write_number(&writer, "replies_dropped", counts.dropped);
	write_number(&writer, "damaged", counts.damaged);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		print_json_line(stdout, out, length);
		fflush(stdout);
	}
}
