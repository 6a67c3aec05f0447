/* SPDX-License-Identifier: MIT */
#include "simulator/simulation.h"

#include "simulator/sealer.h"
#include "simulator/virtual_printer.h"

#include <flagship/error.h>
#include <flagship/message.h>
#include <flagship/topic.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#define STEP_MS          20
#define RESTART_MS       10000 /* simulated, from a crash until it connects again */
#define RESTART_LEAST_MS 500
#define SUBSCRIPTIONS    2
#define MS_A_SECOND      1000.0
#define PUBLISHED_KINDS  (FLAGSHIP_TOPIC_QUERY_REPLY + 1)
#define HASH_START       UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define HASH_FACTOR      UINT64_C(0x100000001b3)

struct simulation {
	const struct simulate_options *options;
	const struct connection *connection;
	const struct simulator_model *model;
	struct playback *playback; /* or NULL */
	struct virtual_printer *printer;
	struct sealer sealer;
	uv_loop_t loop;
	uv_timer_t clock;
	uv_timer_t end;
	uv_timer_t restart;
	uv_signal_t interrupted;
	uv_signal_t terminated;
	struct mqtt_session *session;
	char published_topics[PUBLISHED_KINDS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char command_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char query_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	bool ready;    /* once subscribed: the printer's clock runs */
	bool crashing; /* the session is being closed to be opened again */
	bool stopping;
	uint64_t last_ms;    /* of the loop's clock */
	double simulated_ms; /* since it was ready */
	int64_t played_ms;   /* of simulated_ms, given to the printer */
	uint64_t malformed;
	int exit_status;
};

static void start_session(struct simulation *simulation);

/* --- telling ------------------------------------------------------------------------------- */

static void tell(const struct simulation *simulation, const char *text)
{
	fprintf(stderr, "simulate: %s %s: %s\n", flagship_model_name(simulation->model->id),
		simulation->connection->serial, text);
}

static void tell_detail(const struct simulation *simulation, const char *text, const char *detail)
{
	fprintf(stderr, "simulate: %s %s: %s: %s\n", flagship_model_name(simulation->model->id),
		simulation->connection->serial, text, detail);
}

static void note(void *context, const char *line)
{
	const struct simulation *simulation = context;

	if (simulation->options->verbose) {
		tell(simulation, line);
	}
}

/* --- the end ------------------------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

static void stop(struct simulation *simulation, int exit_status)
{
	if (simulation->stopping) {
		return;
	}
	simulation->stopping = true;
	simulation->exit_status = exit_status;
	mqtt_session_close(simulation->session);
	simulation->session = NULL;
	close_handle((uv_handle_t *)&simulation->clock);
	close_handle((uv_handle_t *)&simulation->end);
	close_handle((uv_handle_t *)&simulation->restart);
	close_handle((uv_handle_t *)&simulation->interrupted);
	close_handle((uv_handle_t *)&simulation->terminated);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	stop(handle->data, CLI_DONE);
}

static void on_end(uv_timer_t *timer)
{
	stop(timer->data, CLI_DONE);
}

/* --- publishing ---------------------------------------------------------------------------- */

static void publish(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct simulation *simulation = context;
	uint8_t frame[VIRTUAL_PRINTER_JSON_MAX + FLAGSHIP_TOPIC_LENGTH_MAX];
	size_t written;
	int error = FLAGSHIP_ERROR_BUFFER;

	if (sealer_size_max(length) <= sizeof(frame)) {
		error = sealer_seal(&simulation->sealer, json, length, (uint32_t)time(NULL), frame,
				    sizeof(frame), &written);
	}
	if (error) {
		tell_detail(simulation, "cannot seal a message", flagship_strerror(error));
		return;
	}
	if (simulation->options->verbose) {
		tell_detail(simulation, simulation->published_topics[kind], json);
	}
	if (mqtt_session_connected(simulation->session)) {
		(void)mqtt_session_publish(simulation->session, simulation->published_topics[kind],
					   frame, written, 0, NULL);
	}
}

typedef void write_function(struct playback *playback, struct json_writer *writer);

static void publish_recorded(struct simulation *simulation, enum flagship_topic_kind kind,
			     write_function *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, out, sizeof(out));
	write(simulation->playback, &writer);
	if (json_writer_finish(&writer, &length)) {
		tell(simulation, "left out a notice of the recording: it is too long");
		return;
	}
	publish(simulation, kind, out, length);
}

static void write_burst(struct playback *playback, struct json_writer *writer)
{
	playback_write_burst(playback, writer);
}

static void on_clock(uv_timer_t *timer)
{
	struct simulation *simulation = timer->data;
	uint64_t now_ms = uv_now(&simulation->loop);

	simulation->simulated_ms += (double)(now_ms - simulation->last_ms) *
				    simulation->options->speed;
	simulation->last_ms = now_ms;
	int64_t simulated_ms = (int64_t)simulation->simulated_ms;
	if (simulation->playback) {
		while (playback_next_ms(simulation->playback) <= simulated_ms) {
			publish_recorded(simulation, FLAGSHIP_TOPIC_NOTICE, playback_write_next);
		}
		return;
	}
	virtual_printer_advance(simulation->printer, simulated_ms - simulation->played_ms);
	simulation->played_ms = simulated_ms;
}

/* --- receiving ----------------------------------------------------------------------------- */

static void refuse(struct simulation *simulation, int error)
{
	simulation->malformed++;
	fprintf(stderr, "simulate: %s %s: dropped a message that is no good: %s (%llu so far)\n",
		flagship_model_name(simulation->model->id), simulation->connection->serial,
		flagship_strerror(error), (unsigned long long)simulation->malformed);
}

/* A recording answers a query with what it has played so far, and commands not at all. */
static int answer_from_recording(struct simulation *simulation, enum flagship_topic_kind kind,
				 const uint8_t *payload, size_t length)
{
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(payload, length, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX,
					  &count);

	for (size_t i = 0; error == 0 && i < count; i++) {
		if (kind == FLAGSHIP_TOPIC_QUERY &&
		    messages[i].type == FLAGSHIP_MESSAGE_APP_QUERY_STATUS &&
		    simulation->playback->played > 0) {
			publish_recorded(simulation, FLAGSHIP_TOPIC_QUERY_REPLY, write_burst);
			publish_recorded(simulation, FLAGSHIP_TOPIC_NOTICE, write_burst);
		}
	}
	return error;
}

static void on_message(void *context, const char *topic, uint8_t *data, size_t length)
{
	struct simulation *simulation = context;
	enum flagship_topic_kind kind = strcmp(topic, simulation->query_topic) == 0
						? FLAGSHIP_TOPIC_QUERY
						: FLAGSHIP_TOPIC_COMMAND;
	const uint8_t *payload;
	size_t payload_length;
	int result = sealer_open(&simulation->sealer, data, length, &payload, &payload_length);

	if (result == 0) {
		note(simulation, "dropped a frame with a 24-byte header, as a printer does");
		return;
	}
	if (result > 0 && simulation->playback) {
		result = answer_from_recording(simulation, kind, payload, payload_length);
	} else if (result > 0) {
		result = virtual_printer_receive(simulation->printer, kind, payload,
						 payload_length);
	}
	if (result < 0) {
		refuse(simulation, result);
	}
}

/* --- the connection ------------------------------------------------------------------------ */

static void on_ready(struct simulation *simulation)
{
	const struct connection *connection = simulation->connection;

	fprintf(stderr, "simulate: %s %s connected to %s:%u, publishing\n",
		flagship_model_name(simulation->model->id), connection->serial, connection->host,
		connection->port);
	if (simulation->ready) {
		return;
	}
	simulation->ready = true;
	uv_update_time(&simulation->loop);
	simulation->last_ms = uv_now(&simulation->loop);
	uv_timer_start(&simulation->clock, on_clock, 0, STEP_MS);
}

static void on_event(void *context, const struct mqtt_session_event *event)
{
	struct simulation *simulation = context;

	if (simulation->stopping || simulation->crashing) {
		return;
	}
	switch (event->kind) {
	case MQTT_SESSION_SUBSCRIBED:
		on_ready(simulation);
		break;
	case MQTT_SESSION_DISCONNECTED:
		tell_detail(simulation, "lost the connection, trying again", event->detail);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		tell_detail(simulation, "cannot connect", event->detail);
		if (event->final || !simulation->ready) {
			stop(simulation, CLI_CANNOT_CONNECT);
		}
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		tell_detail(simulation,
			    "the broker refuses a subscription, so that no command can "
			    "arrive",
			    event->topic);
		stop(simulation, CLI_NOT_ALLOWED);
		break;
	default:
		break;
	}
}

static void on_restart(uv_timer_t *timer)
{
	struct simulation *simulation = timer->data;

	virtual_printer_restart(simulation->printer);
	simulation->crashing = false;
	start_session(simulation);
}

static void on_session_closed(void *context)
{
	struct simulation *simulation = context;
	double wait_ms = RESTART_MS / simulation->options->speed;

	if (simulation->stopping) {
		return;
	}
	uv_timer_start(&simulation->restart, on_restart,
		       wait_ms > RESTART_LEAST_MS ? (uint64_t)wait_ms : RESTART_LEAST_MS, 0);
}

/* The session cannot be closed from within its own call. */
static void on_crash_timer(uv_timer_t *timer)
{
	struct simulation *simulation = timer->data;

	mqtt_session_close(simulation->session);
	simulation->session = NULL;
}

static void on_crash(void *context)
{
	struct simulation *simulation = context;

	tell(simulation, "crashed, as a printer does when 1034 comes without devName");
	simulation->crashing = true;
	uv_timer_start(&simulation->restart, on_crash_timer, 0, 0);
}

static void start_session(struct simulation *simulation)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_event,
		.on_message = on_message,
		.on_closed = on_session_closed,
	};
	const char *topics[SUBSCRIPTIONS] = {simulation->command_topic, simulation->query_topic};
	struct mqtt_session_options options = connection_session_options(simulation->connection);

	options.topics = topics;
	options.topic_count = SUBSCRIPTIONS;
	int error = mqtt_session_create(&simulation->loop, &options, &handlers, simulation,
					&simulation->session);
	if (error) {
		tell_detail(simulation, "cannot start", flagship_strerror(error));
		stop(simulation, CLI_FAILED);
		return;
	}
	mqtt_session_start(simulation->session);
}

/* --- the beginning ------------------------------------------------------------------------- */

/* Printers of one seed and different serial numbers differ. */
static uint64_t seed_for(uint64_t seed, const char *serial)
{
	uint64_t hash = HASH_START ^ seed;

	for (; *serial; serial++) {
		hash = (hash ^ (uint8_t)*serial) * HASH_FACTOR;
	}
	return hash;
}

static int build_topics(struct simulation *simulation)
{
	const char *serial = simulation->connection->serial;
	int error = flagship_topic_build(FLAGSHIP_TOPIC_COMMAND, serial, simulation->command_topic,
					 sizeof(simulation->command_topic));

	if (error == 0) {
		error = flagship_topic_build(FLAGSHIP_TOPIC_QUERY, serial, simulation->query_topic,
					     sizeof(simulation->query_topic));
	}
	for (int kind = 0; error == 0 && kind < PUBLISHED_KINDS; kind++) {
		error = flagship_topic_build((enum flagship_topic_kind)kind, serial,
					     simulation->published_topics[kind],
					     sizeof(simulation->published_topics[kind]));
	}
	return error;
}

static void init_handles(struct simulation *simulation)
{
	uv_loop_t *loop = &simulation->loop;

	uv_timer_init(loop, &simulation->clock);
	uv_timer_init(loop, &simulation->end);
	uv_timer_init(loop, &simulation->restart);
	uv_signal_init(loop, &simulation->interrupted);
	uv_signal_init(loop, &simulation->terminated);
	simulation->clock.data = simulation;
	simulation->end.data = simulation;
	simulation->restart.data = simulation;
	simulation->interrupted.data = simulation;
	simulation->terminated.data = simulation;
	uv_signal_start(&simulation->interrupted, on_signal, SIGINT);
	uv_signal_start(&simulation->terminated, on_signal, SIGTERM);
	if (simulation->options->for_ms > 0) {
		uv_timer_start(&simulation->end, on_end, (uint64_t)simulation->options->for_ms, 0);
	}
}

static void init_printer(struct simulation *simulation)
{
	const struct simulate_options *options = simulation->options;
	uint64_t seed = seed_for((uint64_t)options->seed, simulation->connection->serial);
	const struct virtual_printer_output output = {
		.publish = publish,
		.crashed = on_crash,
		.note = note,
		.context = simulation,
	};

	sealer_init(&simulation->sealer, simulation->connection->key, simulation->model,
		    options->gcm, seed);
	virtual_printer_init(simulation->printer, simulation->model,
			     (enum virtual_printer_scenario)options->scenario, seed, options->name,
			     &output);
	if (options->at_percent > 0) {
		virtual_printer_skip_to(simulation->printer, options->at_percent);
	}
}

static void run_loop(struct simulation *simulation)
{
	init_printer(simulation);
	init_handles(simulation);
	start_session(simulation);
	uv_run(&simulation->loop, UV_RUN_DEFAULT);
	uv_loop_close(&simulation->loop);
}

int simulation_run(const struct simulate_options *options, const struct connection *connection,
		   struct playback *playback)
{
	struct simulation simulation = {
		.options = options,
		.connection = connection,
		.model = simulator_model_find(connection->model),
		.playback = playback,
		.exit_status = CLI_FAILED,
	};

	int error = build_topics(&simulation);
	if (error == 0 && uv_loop_init(&simulation.loop) != 0) {
		error = FLAGSHIP_ERROR_MEMORY;
	}
	if (error) {
		cli_error("cannot start: %s", flagship_strerror(error));
		return CLI_FAILED;
	}
	simulation.printer = malloc(sizeof(*simulation.printer));
	if (!simulation.printer) {
		uv_loop_close(&simulation.loop);
		cli_error("cannot start: %s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	run_loop(&simulation);
	free(simulation.printer);
	return simulation.exit_status;
}
