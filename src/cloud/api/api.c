/* SPDX-License-Identifier: MIT */
#include "cloud/api/api.h"

#include "cloud/api/internal.h"
#include "cloud/api/work.h"

#include <flagship/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_parts(struct api *api, const struct api_options *options, struct problem *problem)
{
	char text[REGISTRY_TEXT_MAX];

	if (registry_get(options->registry, "mqtt_port", text) == 1) {
		api->mqtt_port = (uint16_t)strtoul(text, NULL, 10);
	}
	api->sessions = signed_sessions_create();
	if (!api->sessions) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = exchange_create(options->service_key_file, &api->exchange);
	if (error == FLAGSHIP_ERROR_STORE && errno != 0) {
		snprintf(problem->text, sizeof(problem->text), "%.900s cannot be read: %s",
			 options->service_key_file, strerror(errno));
	} else if (error == FLAGSHIP_ERROR_STORE) {
		snprintf(problem->text, sizeof(problem->text),
			 "%.900s holds no P-256 key: run flagship cloud init",
			 options->service_key_file);
	}
	return error;
}

static void log_line(void *context, const char *line)
{
	const struct api *api = context;

	if (api->log) {
		api->log(api->log_context, line);
	}
}

/* Of a socket that listens already, or an address. */
static int listen_on(struct api *api, const struct api_options *options, int descriptor,
		     const char *address, struct problem *problem)
{
	const struct http_listener listener = {
		.address = address,
		.port = api->port ? api->port : options->port,
		.descriptor = descriptor,
		.certificate_file = options->certificate_file,
		.key_file = options->key_file,
	};
	struct problem reason;
	int error = http_server_listen(api->server, &listener, &api->port, &reason);

	if (error) {
		problem_set(problem, "the API %.900s", reason.text);
	}
	return error;
}

static int listen_everywhere(struct api *api, const struct api_options *options,
			     struct problem *problem)
{
	const struct http_options http = {
		.routes = api_routes,
		.route_count = api_route_count,
		.limits =
			{
				.connections = API_CONNECTIONS_MAX,
				.connections_of_address = API_CONNECTIONS_OF_ADDRESS_MAX,
				.connections_of_trusted = API_CONNECTIONS_OF_CLUSTER_MAX,
				.header_bytes = API_HEADERS_MAX,
				.body_bytes = API_BODY_MAX,
				.requests = API_REQUESTS_MAX,
				.lifetime_ms = API_LIFETIME_MS,
				.step_ms = API_STEP_MS,
			},
		.authorise = api_session_authorise,
		.refuse = api_session_refuse,
		.log = log_line,
		.context = api,
	};
	int error = http_server_create(api->loop, &http, &api->server, problem);

	bool given = false;
	int descriptor;
	while (!error && options->activation &&
	       (descriptor = activation_take(options->activation, API_SOCKET)) >= 0) {
		given = true;
		error = listen_on(api, options, descriptor, NULL, problem);
	}
	for (size_t i = 0; !error && !given && i < options->bind->count; i++) {
		error = listen_on(api, options, 0, options->bind->addresses[i], problem);
	}
	return error;
}

static bool note_familiar(void *context, const struct registry_token *token)
{
	struct login_throttle *throttle = context;
	const char *address = token->label + strlen(API_LOGIN_LABEL);
	struct address_key key;

	if (strncmp(token->label, API_LOGIN_LABEL, strlen(API_LOGIN_LABEL)) == 0) {
		key = address_of_text(address);
		familiar_note(&throttle->familiar, token->user_id, &key);
	}
	return true;
}

/* A token tells where it was given out, as long as it lasts. */
static void load_familiar(struct api *api, struct registry *registry)
{
	/* Without it, whoever comes is a stranger at first. */
	(void)registry_each_token(registry, note_familiar, &api->throttle);
}

int api_start(uv_loop_t *loop, const struct api_options *options, struct api **out,
	      struct problem *problem)
{
	struct api *api = calloc(1, sizeof(*api));

	*out = api;
	problem->text[0] = '\0';
	if (!api) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	api->loop = loop;
	api->service = options->service;
	api->log = options->log;
	api->log_context = options->context;
	login_throttle_init(&api->throttle);
	api_work_init(api);
	int error = open_parts(api, options, problem);
	if (!error) {
		error = listen_everywhere(api, options, problem);
	}
	if (!error) {
		load_familiar(api, options->registry);
		api_clusters_load(api, options->registry);
	}
	return error;
}

uint16_t api_port(const struct api *api)
{
	return api->port;
}

int api_reload(struct api *api, struct problem *problem)
{
	return http_server_reload(api->server, problem);
}

void api_stop(struct api *api)
{
	if (!api || api->stopping) {
		return;
	}
	api->stopping = true;
	http_server_stop(api->server);
	api_work_stop(api);
}

void api_destroy(struct api *api)
{
	if (!api) {
		return;
	}
	http_server_destroy(api->server);
	signed_sessions_destroy(api->sessions);
	exchange_destroy(api->exchange);
	free(api);
}
