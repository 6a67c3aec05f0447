/* SPDX-License-Identifier: MIT */
#include "cloud/commands/run_gateway.h"

#include "cli/kit/external.h"

#include <inttypes.h>
#include <stdio.h>

#define PART          "cloud"
#define ARGUMENTS_MAX 16
#define PORT_TEXT_MAX 8
#define MS_PER_S      1000.0
/* That of a cloud which was killed may be about to end. */
#define DEATHS_MAX 3

/* --- handing over --- */

static void on_handover_stopped(void *context)
{
	struct run_gateway *gateway = context;

	daemon_part_ended(gateway->daemon, &gateway->handover_part);
}

static void stop_handover(void *context)
{
	struct run_gateway *gateway = context;
	struct handover *handover = gateway->handover;

	gateway->handover = NULL;
	handover_stop(handover, on_handover_stopped, gateway);
}

int run_gateway_hand_over(struct run_gateway *gateway)
{
	const char *first;
	struct problem problem;

	if (gateway->options->with_serve && !companion_locate("serve", gateway->program, &first)) {
		cli_error("flagship-serve, the gateway, is not installed beside flagship");
		return CLI_FAILED;
	}
	int error = handover_start(&gateway->daemon->loop, gateway->cloud, gateway->log,
				   &gateway->handover, &problem);
	if (error && gateway->options->with_serve) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	if (error) {
		log_event(gateway->log, LOG_LEVEL_WARNING, PART,
			  "a gateway on this machine cannot find this cloud",
			  LOG_TEXT("reason", problem.text));
		return OPTIONS_RUN;
	}
	gateway->handover_part = (struct daemon_part){
		.name = "handover", .stop = stop_handover, .context = gateway};
	daemon_add(gateway->daemon, &gateway->handover_part);
	return OPTIONS_RUN;
}

/* --- the gateway itself --- */

static void on_ready(void *context)
{
	struct run_gateway *gateway = context;

	if (!gateway->was_ready) {
		gateway->was_ready = true;
		gateway->on_first_ready(gateway->context);
		return;
	}
	log_write(gateway->log, LOG_LEVEL_INFO, PART, "the gateway runs again");
}

static void on_died(void *context, const char *reason, unsigned int restart_ms)
{
	struct run_gateway *gateway = context;

	if (gateway->daemon->stopping) {
		/* Ctrl-C reached it before its turn. */
		gateway_process_stop(gateway->process);
		return;
	}
	if (!gateway->was_ready && ++gateway->deaths == DEATHS_MAX) {
		cli_error("the gateway does not start (%s): its own words stand above", reason);
		daemon_stop(gateway->daemon, CLI_FAILED);
		return;
	}
	log_write(gateway->log, LOG_LEVEL_WARNING, PART,
		  "the gateway %s (%s); starting it again in %.1f s",
		  gateway->was_ready ? "died" : "did not start", reason, restart_ms / MS_PER_S);
}

static void on_stopped(void *context)
{
	struct run_gateway *gateway = context;

	gateway->process = NULL;
	log_write(gateway->log, LOG_LEVEL_INFO, PART, "the gateway has ended");
	daemon_part_ended(gateway->daemon, &gateway->process_part);
}

/* on_stopped follows. */
static void stop_process(void *context)
{
	struct run_gateway *gateway = context;

	gateway_process_stop(gateway->process);
}

struct argument_list {
	char *items[ARGUMENTS_MAX + 1];
	size_t count;
};

static void add(struct argument_list *list, const char *name, const char *value)
{
	if (value && list->count + 2 <= ARGUMENTS_MAX) {
		list->items[list->count++] = (char *)name;
		list->items[list->count++] = (char *)value;
	}
}

static const char *write_port(int64_t port, char out[PORT_TEXT_MAX])
{
	snprintf(out, PORT_TEXT_MAX, "%" PRId64, port);
	return port >= 0 ? out : NULL;
}

int run_gateway_start(struct run_gateway *gateway)
{
	static const struct gateway_process_handlers handlers = {
		.on_ready = on_ready, .on_died = on_died, .on_stopped = on_stopped};
	const struct run_options *options = gateway->options;
	struct argument_list list = {.items = {gateway->program}, .count = 1};
	char port[PORT_TEXT_MAX];
	char first_port[PORT_TEXT_MAX];

	add(&list, "--cloud", gateway->cloud->dir);
	add(&list, "--dir", options->serve_dir);
	add(&list, "--bind", options->serve_bind);
	add(&list, "--port", write_port(options->serve_port, port));
	add(&list, "--moonraker-base-port",
	    write_port(options->serve_moonraker_base_port, first_port));
	add(&list, "--log-level", options->log_levels);
	add(&list, "--log-format", run_options_log_format(options));
	gateway->process = gateway_process_start(&gateway->daemon->loop, list.items, &handlers,
						 gateway);
	if (!gateway->process) {
		cli_error("the gateway does not start: out of memory");
		return CLI_FAILED;
	}
	log_write(gateway->log, LOG_LEVEL_INFO, PART, "the gateway starts");
	gateway->process_part = (struct daemon_part){
		.name = "gateway", .stop = stop_process, .context = gateway, .outlasts = true};
	daemon_add(gateway->daemon, &gateway->process_part);
	return OPTIONS_RUN;
}

void run_gateway_reload(struct run_gateway *gateway)
{
	if (gateway->process) {
		gateway_process_reload(gateway->process);
	}
}
