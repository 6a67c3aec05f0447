/* SPDX-License-Identifier: MIT */
#include "simulator/simulation.h"

#include "simulator/simulation_internal.h"

#include <flagship/error.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define STEP_MS          20
#define RESTART_MS       10000 /* simulated, from a crash until it connects again */
#define RESTART_LEAST_MS 500
#define SUBSCRIPTIONS    2
#define HASH_START       UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define HASH_FACTOR      UINT64_C(0x100000001b3)

static void start_session(struct simulation *simulation);

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
	close_handle((uv_handle_t *)&simulation->asked);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	stop(handle->data, CLI_DONE);
}

static void on_asked(uv_signal_t *handle, int number)
{
	(void)number;
	simulation_print_counts(handle->data);
}

static void on_end(uv_timer_t *timer)
{
	stop(timer->data, CLI_DONE);
}

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
	uv_timer_start(&simulation->clock, simulation_on_clock, 0, STEP_MS);
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
		simulation_tell(simulation, "lost the connection, trying again", event->detail);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		simulation_tell(simulation, "cannot connect", event->detail);
		if (event->final || !simulation->ready) {
			stop(simulation, CLI_CANNOT_CONNECT);
		}
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		simulation_tell(simulation,
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

	simulation_tell(simulation, "crashed, as a printer does when 1034 comes without devName",
			NULL);
	simulation->crashing = true;
	uv_timer_start(&simulation->restart, on_crash_timer, 0, 0);
}

static void start_session(struct simulation *simulation)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_event,
		.on_message = simulation_on_message,
		.on_closed = on_session_closed,
	};
	const char *topics[SUBSCRIPTIONS] = {simulation->command_topic, simulation->query_topic};
	struct mqtt_session_options options = connection_session_options(simulation->connection);

	options.topics = topics;
	options.topic_count = SUBSCRIPTIONS;
	int error = mqtt_session_create(&simulation->loop, &options, &handlers, simulation,
					&simulation->session);
	if (error) {
		simulation_tell(simulation, "cannot start", flagship_strerror(error));
		stop(simulation, CLI_FAILED);
		return;
	}
	mqtt_session_start(simulation->session);
}

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
	for (int kind = 0; error == 0 && kind < SIMULATION_PUBLISHED_KINDS; kind++) {
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
	uv_signal_init(loop, &simulation->asked);
	simulation->clock.data = simulation;
	simulation->end.data = simulation;
	simulation->restart.data = simulation;
	simulation->interrupted.data = simulation;
	simulation->terminated.data = simulation;
	simulation->asked.data = simulation;
	uv_signal_start(&simulation->interrupted, on_signal, SIGINT);
	uv_signal_start(&simulation->terminated, on_signal, SIGTERM);
	uv_signal_start(&simulation->asked, on_asked, SIGUSR1);
	if (simulation->options->for_ms > 0) {
		uv_timer_start(&simulation->end, on_end, (uint64_t)simulation->options->for_ms, 0);
	}
}

static void init_printer(struct simulation *simulation)
{
	const struct simulate_options *options = simulation->options;
	uint64_t seed = seed_for((uint64_t)options->seed, simulation->connection->serial);
	const struct virtual_printer_output output = {
		.publish = simulation_publish,
		.crashed = on_crash,
		.note = simulation_note,
		.context = simulation,
	};

	faults_init(&simulation->faults, &options->faults, seed,
		    &(struct faults_output){simulation_send, simulation});
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
	if (simulation->options->json) {
		simulation_print_counts(simulation);
	}
	faults_finish(&simulation->faults);
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
