/* SPDX-License-Identifier: MIT */
#include "simulator/network/simulated_printer.h"

#include "simulator/network/simulation.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <stdio.h>

#define RESTART_MS          10000 /* simulated, from a crash until it connects again */
#define RESTART_LEAST_MS    500
#define SUBSCRIPTIONS       4
#define KEEPALIVE_S         40
#define LOGIN_TEXT_MAX      128
#define HASH_START          UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define HASH_FACTOR         UINT64_C(0x100000001b3)
#define RANDOM_STREAM_CHURN 7
#define CHURN_EVERY_MS      1000
#define CHURN_AWAY_LEAST_MS 500
#define CHURN_AWAY_MOST_MS  5000

/* Printers of one seed and different serial numbers differ. */
static uint64_t seed_for(uint64_t seed, const char *serial)
{
	uint64_t hash = HASH_START ^ seed;

	for (; *serial; serial++) {
		hash = (hash ^ (uint8_t)*serial) * HASH_FACTOR;
	}
	return hash;
}

static void leave(struct simulated_printer *printer, uint64_t away_ms)
{
	struct simulation *simulation = printer->simulation;

	if (!printer->session || simulation->stopping) {
		return;
	}
	printer->closing = true;
	printer->return_ms = uv_now(&simulation->daemon.loop) + away_ms;
	mqtt_session_close(printer->session);
	printer->session = NULL;
	if (printer->connected) {
		printer->connected = false;
		simulation_on_left(simulation);
	}
}

static void on_crash(void *context)
{
	struct simulated_printer *printer = context;
	double wait_ms = RESTART_MS / printer->simulation->options->speed;

	simulated_printer_report(
		printer, "crashed, as a printer does when 1034 comes without devName", NULL);
	leave(printer, wait_ms > RESTART_LEAST_MS ? (uint64_t)wait_ms : RESTART_LEAST_MS);
}

void simulated_printer_init(struct simulated_printer *printer, struct simulation *simulation,
			    const char *serial, const char *name)
{
	const struct simulate_options *options = simulation->options;
	uint64_t seed = seed_for((uint64_t)options->seed, serial);
	const struct virtual_printer_output output = {
		.publish = simulated_printer_publish,
		.crashed = on_crash,
		.note = options->verbose ? simulated_printer_note : NULL,
		.context = printer,
	};

	*printer = (struct simulated_printer){.simulation = simulation};
	snprintf(printer->serial, sizeof(printer->serial), "%s", serial);
	random_init(&printer->churn_random, seed, RANDOM_STREAM_CHURN);
	faults_init(&printer->faults, &options->faults, seed,
		    &(struct faults_output){simulated_printer_send, printer});
	sealer_init(&printer->sealer, simulation->connection->key, simulation->model, options->gcm,
		    seed);
	virtual_printer_init(&printer->printer, simulation->model,
			     (enum virtual_printer_scenario)options->scenario, seed, name, &output);
	virtual_printer_set_habits(&printer->printer,
				   &(struct virtual_printer_habits){
					   .control = (enum control_form)options->control,
					   .lists_as_text = options->list_as_text,
					   .stays_at_end = options->faults.stays_at_end,
					   .resumes_as_3 = options->faults.resumes_as_3,
				   });
	if (options->at_percent > 0) {
		virtual_printer_skip_to(&printer->printer, options->at_percent);
	}
}

void simulated_printer_finish(struct simulated_printer *printer)
{
	faults_finish(&printer->faults);
}

static void on_event(void *context, const struct mqtt_session_event *event)
{
	struct simulated_printer *printer = context;

	if (!printer->simulation->stopping && !printer->closing) {
		simulation_on_event(printer->simulation, printer, event);
	}
}

static void on_closed(void *context)
{
	struct simulated_printer *printer = context;

	printer->closing = false;
}

/* How printers present themselves (protocol.md 1), each model in its own way; of an E1 it is not
 * known. */
struct login {
	char username[LOGIN_TEXT_MAX];
	char client_id[LOGIN_TEXT_MAX];
	char topics[SUBSCRIPTIONS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topic_list[SUBSCRIPTIONS];
};

static int make_login(const struct simulated_printer *printer, struct login *login)
{
	static const enum flagship_topic_kind kinds[SUBSCRIPTIONS] = {
		FLAGSHIP_TOPIC_COMMAND, FLAGSHIP_TOPIC_QUERY, FLAGSHIP_TOPIC_SMART_COMMAND,
		FLAGSHIP_TOPIC_SERVER_COMMAND};
	const struct simulation *simulation = printer->simulation;

	snprintf(login->username, sizeof(login->username), FLAGSHIP_PRINTER_USERNAME_PREFIX "%s",
		 printer->serial);
	snprintf(login->client_id, sizeof(login->client_id),
		 simulation->model->id == FLAGSHIP_MODEL_M5 ? "device_linux_V8111_direct_%s_%s"
							    : "dev_fdm_%s_%s",
		 simulation->run_id, printer->serial);
	for (size_t i = 0; i < SUBSCRIPTIONS; i++) {
		int error = flagship_topic_build(kinds[i], printer->serial, login->topics[i],
						 sizeof(login->topics[i]));

		if (error) {
			return error;
		}
		login->topic_list[i] = login->topics[i];
	}
	return 0;
}

int simulated_printer_start(struct simulated_printer *printer)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_event,
		.on_message = simulated_printer_receive,
		/* A printer cannot tell, and does what it is told. */
		.on_retained = simulated_printer_receive,
		.on_closed = on_closed,
	};
	struct simulation *simulation = printer->simulation;
	struct mqtt_session_options options = connection_session_options(simulation->connection);
	struct login login = {0};
	int error = make_login(printer, &login);

	if (error) {
		return error;
	}
	options.username = options.username ? options.username : login.username;
	options.client_id = login.client_id;
	options.keepalive_s = KEEPALIVE_S;
	options.retains = simulation->options->faults.retained;
	options.topics = login.topic_list;
	options.topic_count = SUBSCRIPTIONS;
	options.shared_trust = options.plain ? NULL : &simulation->trust;
	options.address = simulation->address[0] ? simulation->address : NULL;
	error = mqtt_session_create(&simulation->daemon.loop, &options, &handlers, printer,
				    &printer->session);
	if (!error) {
		mqtt_session_start(printer->session);
	}
	return error;
}

void simulated_printer_stop(struct simulated_printer *printer)
{
	mqtt_session_close(printer->session);
	printer->session = NULL;
}

static void come_back(struct simulated_printer *printer)
{
	printer->return_ms = 0;
	if (printer->printer.has_crashed) {
		virtual_printer_restart(&printer->printer);
	}
	int error = simulated_printer_start(printer);
	if (error) {
		simulated_printer_report(printer, "cannot connect again", flagship_strerror(error));
	}
}

static void churn(struct simulated_printer *printer, uint64_t now_ms)
{
	struct random_source *random = &printer->churn_random;
	double probability = printer->simulation->options->faults.churn;

	if (probability <= 0 || now_ms - printer->churned_ms < CHURN_EVERY_MS) {
		return;
	}
	printer->churned_ms = now_ms;
	if (printer->connected && random_unit(random) < probability) {
		leave(printer,
		      (uint64_t)random_between(random, CHURN_AWAY_LEAST_MS, CHURN_AWAY_MOST_MS));
	}
}

void simulated_printer_advance(struct simulated_printer *printer, uint64_t now_ms)
{
	const struct simulation *simulation = printer->simulation;

	if (!printer->ready) {
		return;
	}
	if (printer->return_ms != 0 && now_ms >= printer->return_ms && !printer->closing) {
		come_back(printer);
	}
	churn(printer, now_ms);
	faults_advance(&printer->faults, (int64_t)now_ms);
	printer->simulated_ms += (double)(now_ms - printer->last_ms) * simulation->options->speed;
	printer->last_ms = now_ms;
	int64_t simulated_ms = (int64_t)printer->simulated_ms;
	if (simulation->playback) {
		simulated_printer_play(printer, simulated_ms);
		return;
	}
	virtual_printer_advance(&printer->printer, simulated_ms - printer->played_ms);
	printer->played_ms = simulated_ms;
}
