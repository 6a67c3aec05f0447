/* SPDX-License-Identifier: MIT */
#include "simulator/network/simulation.h"

#include "base/hex.h"
#include "simulator/network/open_files.h"
#include "simulator/network/simulation_internal.h"

#include <flagship/error.h>

#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

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
	if (simulation->stopping) {
		return;
	}
	simulation->stopping = true;
	simulation->exit_status = exit_status;
	for (size_t i = 0; i < simulation->started; i++) {
		simulated_printer_stop(&simulation->printers[i]);
	}
	close_handle((uv_handle_t *)&simulation->clock);
	close_handle((uv_handle_t *)&simulation->end);
	close_handle((uv_handle_t *)&simulation->interrupted);
	close_handle((uv_handle_t *)&simulation->terminated);
	close_handle((uv_handle_t *)&simulation->asked);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	simulation_stop(handle->data, CLI_DONE);
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
	uint64_t now_ms = uv_now(&simulation->loop);
	size_t part = (simulation->count + ROUND_STEPS - 1) / ROUND_STEPS;

	part = part < STEP_LEAST_COUNT ? STEP_LEAST_COUNT : part;
	part = part > simulation->count ? simulation->count : part;
	for (size_t i = 0; i < part && !simulation->stopping; i++) {
		simulated_printer_advance(&simulation->printers[simulation->cursor], now_ms);
		simulation->cursor = (simulation->cursor + 1) % simulation->count;
	}
	simulation_tell_connected(simulation);
}

static void init_signal(struct simulation *simulation, uv_signal_t *handle, uv_signal_cb handler,
			int number)
{
	uv_signal_init(&simulation->loop, handle);
	handle->data = simulation;
	uv_signal_start(handle, handler, number);
}

static void init_handles(struct simulation *simulation)
{
	uv_timer_init(&simulation->loop, &simulation->clock);
	uv_timer_init(&simulation->loop, &simulation->end);
	simulation->clock.data = simulation;
	simulation->end.data = simulation;
	init_signal(simulation, &simulation->interrupted, on_signal, SIGINT);
	init_signal(simulation, &simulation->terminated, on_signal, SIGTERM);
	init_signal(simulation, &simulation->asked, on_asked, SIGUSR1);
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

static void run_loop(struct simulation *simulation)
{
	init_printers(simulation);
	init_handles(simulation);
	simulation_connect_more(simulation);
	uv_run(&simulation->loop, UV_RUN_DEFAULT);
	uv_loop_close(&simulation->loop);
	if (simulation->options->json) {
		simulation_print_counts(simulation);
	}
	for (size_t i = 0; i < simulation->count; i++) {
		simulated_printer_finish(&simulation->printers[i]);
	}
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
	simulation->printers = calloc(simulation->count, sizeof(*simulation->printers));
	if (!simulation->printers || uv_loop_init(&simulation->loop) != 0) {
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
		.exit_status = CLI_FAILED,
	};

	int result = open_files_allow(simulation.count, connection->plain);
	if (result == OPTIONS_RUN) {
		result = prepare(&simulation);
	}
	if (result == OPTIONS_RUN) {
		run_loop(&simulation);
		result = simulation.exit_status;
	}
	free(simulation.printers);
	trust_finish(&simulation.trust);
	return result;
}
