/* SPDX-License-Identifier: MIT */
#include "simulator/network/simulation.h"

#include "base/hex.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILES_BESIDE   64 /* of the loop, the libraries, standard streams */
#define FILES_OF_PLAIN 3  /* of a connection without TLS: transport/mqtt/gate.h */

/*
 * libmosquitto opens a pair of sockets with each connection, to wake up a thread of its own. There
 * is none here: everything runs on one loop. It goes on without the pair where it gets none, and a
 * fleet then needs a third of the open files. A program's own function comes before that of the C
 * library, for the libraries that it uses, too; where it does not, only more files are needed.
 */
int socketpair(int domain, int type, int protocol, int pair[2])
{
	(void)domain;
	(void)type;
	(void)protocol;
	(void)pair;
	errno = EMFILE;
	return -1;
}

/* Lets this process have as many connections as there are printers; plain: without TLS. Returns
 * OPTIONS_RUN, or the exit status where the system does not allow it, which is reported on stderr.
 */
static int open_files_allow(size_t printers, bool plain)
{
	rlim_t needed = (rlim_t)printers * (plain ? FILES_OF_PLAIN : 1) + FILES_BESIDE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
		return OPTIONS_RUN;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed) {
		return OPTIONS_RUN;
	}
	cli_error("%zu printers need %llu open files, and this process may have no more than %llu: "
		  "raise the hard limit (ulimit -Hn, or LimitNOFILE= of a service), or simulate "
		  "fewer in each process",
		  printers, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
	return CLI_FAILED;
}

#define STEP_MS          20
#define ROUND_STEPS      5  /* steps in which the time of each of many printers passes once */
#define STEP_LEAST_COUNT 64 /* as many printers have theirs pass in every step */
#define NAME_SIZE        256

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

void simulation_stop(struct simulation *simulation, int exit_status)
{
	daemon_stop(&simulation->daemon, exit_status);
}

/* The loop goes on until the last connection is closed, or the daemon's deadline is over. */
static void stop_printers(void *context)
{
	struct simulation *simulation = context;

	simulation->stopping = true;
	for (size_t i = 0; i < simulation->started; i++) {
		simulated_printer_stop(&simulation->printers[i]);
	}
	close_handle((uv_handle_t *)&simulation->clock);
	close_handle((uv_handle_t *)&simulation->end);
	close_handle((uv_handle_t *)&simulation->asked);
	daemon_part_ended(&simulation->daemon, &simulation->connections);
}

static void on_lan_ended(void *context)
{
	struct simulation *simulation = context;

	daemon_part_ended(&simulation->daemon, &simulation->lan_part);
}

static void stop_lan(void *context)
{
	struct simulation *simulation = context;

	simulated_lan_stop(simulation->lan, on_lan_ended, simulation);
	simulation->lan = NULL;
}

static void start_lan(struct simulation *simulation)
{
	const struct simulate_options *options = simulation->options;
	struct simulated_printer *printer = &simulation->printers[0];
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE];

	if (!options->lan) {
		return;
	}
	simulated_lan_duid(printer->serial, duid);
	simulation->lan = simulated_lan_create(printer, options->lan_address,
					       options->lan_duid ? options->lan_duid : duid);
	if (!simulation->lan) {
		simulation_stop(simulation, CLI_FAILED);
		return;
	}
	simulation->lan_part = (struct daemon_part){
		.name = "lan", .stop = stop_lan, .context = simulation};
	daemon_add(&simulation->daemon, &simulation->lan_part);
}

static void on_asked(uv_signal_t *handle, int number)
{
	(void)number;
	simulation_print_counts(handle->data);
}

static void on_end(uv_timer_t *timer)
{
	simulation_stop(timer->data, CLI_DONE);
}

/* Lets time pass, for a part of many printers in each step. */
static void on_clock(uv_timer_t *timer)
{
	struct simulation *simulation = timer->data;
	uint64_t now_ms = uv_now(&simulation->daemon.loop);
	size_t part = (simulation->count + ROUND_STEPS - 1) / ROUND_STEPS;

	part = part < STEP_LEAST_COUNT ? STEP_LEAST_COUNT : part;
	part = part > simulation->count ? simulation->count : part;
	for (size_t i = 0; i < part && !simulation->stopping; i++) {
		simulated_printer_advance(&simulation->printers[simulation->cursor], now_ms);
		simulation->cursor = (simulation->cursor + 1) % simulation->count;
	}
	simulation_report_connected(simulation);
}

static void init_handles(struct simulation *simulation)
{
	uv_timer_init(&simulation->daemon.loop, &simulation->clock);
	uv_timer_init(&simulation->daemon.loop, &simulation->end);
	simulation->clock.data = simulation;
	simulation->end.data = simulation;
	uv_signal_init(&simulation->daemon.loop, &simulation->asked);
	simulation->asked.data = simulation;
	uv_signal_start(&simulation->asked, on_asked, SIGUSR1);
	simulation->connections = (struct daemon_part){
		.name = "connections", .stop = stop_printers, .context = simulation};
	daemon_add(&simulation->daemon, &simulation->connections);
	uv_timer_start(&simulation->clock, on_clock, 0, STEP_MS);
	if (simulation->options->for_ms > 0) {
		uv_timer_start(&simulation->end, on_end, (uint64_t)simulation->options->for_ms, 0);
	}
}

static void init_one_of_many(struct simulation *simulation, size_t index)
{
	const char *name = simulation->options->name;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char numbered[NAME_SIZE];

	simulate_serial(simulation->options->prefix, index + 1, serial);
	snprintf(numbered, sizeof(numbered), "%s %zu", name ? name : "", index + 1);
	simulated_printer_init(&simulation->printers[index], simulation, serial,
			       name ? numbered : NULL);
}

static void init_printers(struct simulation *simulation)
{
	if (!simulation->options->prefix) {
		simulated_printer_init(&simulation->printers[0], simulation,
				       simulation->connection->serial, simulation->options->name);
		return;
	}
	for (size_t i = 0; i < simulation->count; i++) {
		init_one_of_many(simulation, i);
	}
}

static int run_loop(struct simulation *simulation)
{
	bool broken_off;

	init_printers(simulation);
	init_handles(simulation);
	start_lan(simulation);
	simulation_connect_more(simulation);
	int status = daemon_run(&simulation->daemon, &broken_off);
	if (simulation->options->json) {
		simulation_print_counts(simulation);
	}
	if (broken_off) {
		/* Connections that do not close are still on the loop. */
		_exit(streams_end(status));
	}
	daemon_finish(&simulation->daemon);
	for (size_t i = 0; i < simulation->count; i++) {
		simulated_printer_finish(&simulation->printers[i]);
	}
	return status;
}

/* There is nothing to read again: its terminal is gone, and it ends with it. */
static void on_hangup(void *context)
{
	simulation_stop(context, CLI_DONE);
}

static bool make_run_id(char out[RUN_ID_SIZE])
{
	uint8_t bytes[RUN_ID_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, out);
	return true;
}

static int prepare(struct simulation *simulation)
{
	const struct connection *connection = simulation->connection;
	struct log_levels levels;

	if (!make_run_id(simulation->run_id)) {
		cli_error("cannot start: %s", flagship_strerror(FLAGSHIP_ERROR_CRYPTO));
		return CLI_FAILED;
	}
	if (!connection->plain) {
		int error = trust_init(&simulation->trust, &connection->trust, connection->host);
		if (error) {
			cli_error("cannot start: %s", simulation->trust.detail[0]
							      ? simulation->trust.detail
							      : flagship_strerror(error));
			return CLI_FAILED;
		}
	}
	(void)log_levels_read("warning", &levels);
	log_init(&simulation->log, STDERR_FILENO, LOG_FORMAT_TEXT, &levels);
	simulation->printers = calloc(simulation->count, sizeof(*simulation->printers));
	const struct daemon_options daemon = {.log = &simulation->log,
					      .name = "simulate",
					      .reload = on_hangup,
					      .context = simulation};

	if (!simulation->printers || daemon_init(&simulation->daemon, &daemon)) {
		cli_error("cannot start: %s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int simulation_run(const struct simulate_options *options, const struct connection *connection,
		   struct playback *playback)
{
	struct simulation simulation = {
		.options = options,
		.connection = connection,
		.model = simulator_model_find(connection->model),
		.playback = playback,
		.count = (size_t)options->count,
	};

	int result = open_files_allow(simulation.count, connection->plain);
	if (result == OPTIONS_RUN) {
		result = prepare(&simulation);
	}
	if (result == OPTIONS_RUN) {
		result = run_loop(&simulation);
	}
	free(simulation.printers);
	trust_finish(&simulation.trust);
	return result;
}

#define OPENING_MAX     50   /* at once: a broker has to shake hands with each */
#define REPORT_EVERY_MS 5000 /* how many are connected */
#define COUNTS_MAX      4096

void simulation_connect_more(struct simulation *simulation)
{
	/* The others connect where the first one found the broker, once it did. */
	size_t most = simulation->ready > 0 ? OPENING_MAX : 1;

	while (!simulation->stopping && simulation->started < simulation->count &&
	       simulation->opening < most) {
		struct simulated_printer *printer = &simulation->printers[simulation->started++];
		int error = simulated_printer_start(printer);
		if (error) {
			simulated_printer_report(printer, "cannot start", flagship_strerror(error));
			simulation_stop(simulation, CLI_FAILED);
			return;
		}
		printer->opening = true;
		simulation->opening++;
	}
}

static void report_connected(struct simulation *simulation, const char *suffix)
{
	simulation->reported = simulation->connected;
	simulation->reported_ms = uv_now(&simulation->daemon.loop);
	print_to(stderr, "simulate: %zu of %zu printers are connected to %s:%u%s\n",
		 simulation->connected, simulation->count, simulation->connection->host,
		 simulation->connection->port, suffix);
}

void simulation_report_connected(struct simulation *simulation)
{
	uint64_t now_ms = uv_now(&simulation->daemon.loop);

	if (simulation->count > 1 && simulation->connected != simulation->reported &&
	    now_ms - simulation->reported_ms >= REPORT_EVERY_MS) {
		report_connected(simulation, "");
	}
}

static void report_ready(struct simulation *simulation, const struct simulated_printer *printer)
{
	const struct connection *connection = simulation->connection;

	if (simulation->count == 1) {
		print_to(stderr, "simulate: %s %s connected to %s:%u, publishing\n",
			 flagship_model_name(simulation->model->id), printer->serial,
			 connection->host, connection->port);
	} else if (simulation->connected == simulation->count &&
		   simulation->reported != simulation->count) {
		report_connected(simulation, ", publishing");
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
	uv_update_time(&simulation->daemon.loop);
	uint64_t now_ms = uv_now(&simulation->daemon.loop);
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
	report_ready(simulation, printer);
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
		simulated_printer_report(printer, "lost the connection, trying again", detail);
	}
}

static void on_failed(struct simulation *simulation, struct simulated_printer *printer,
		      const struct mqtt_session_event *event)
{
	bool hopeless = event->final || simulation->ready == 0;

	settle(simulation, printer);
	if (simulation->count == 1 || hopeless || simulation->options->verbose) {
		simulated_printer_report(printer, "cannot connect", event->detail);
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
		simulated_printer_report(printer,
					 "the broker refuses a subscription that real printers ask "
					 "for",
					 topic);
		return;
	}
	simulated_printer_report(
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
	json_member_int(writer, name, (int64_t)number);
}

static void write_who(const struct simulation *simulation, struct json_writer *writer)
{
	json_member_string(writer, "serial", simulation->printers[0].serial);
	json_member_string(writer, "model", flagship_model_name(simulation->model->id));
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
