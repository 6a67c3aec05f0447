/* SPDX-License-Identifier: MIT */
#include "cloud/api/api.h"

#include "cloud/api/guard.h"
#include "cloud/api/internal.h"
#include "cloud/api/work.h"

#include <flagship/error.h>

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_TIMEOUT_S 20
#define LISTENERS_MAX  32
#define TLS_RECORD_MAX (32 * 1024)

static void quiet(int level, const char *line)
{
	(void)level;
	(void)line;
}

static int open_parts(struct api *api, const struct api_options *options,
		      struct store_problem *problem)
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

static int make_context(struct api *api, struct store_problem *problem)
{
	void *loops[] = {api->loop};
	struct lws_context_creation_info information = {0};

	lws_set_log_level(LLL_ERR | LLL_WARN, quiet);
	information.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			      LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	information.foreign_loops = loops;
	information.user = api;
	information.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	/* A whole TLS record at once: what stays behind in OpenSSL wakes nobody. */
	information.pt_serv_buf_size = TLS_RECORD_MAX;
	information.fd_limit_per_thread = CONNECTIONS_ROOM + LISTENERS_MAX;
	api->context = lws_create_context(&information);
	if (!api->context) {
		snprintf(problem->text, sizeof(problem->text),
			 "the API cannot start: libwebsockets has no libuv support here (Debian: "
			 "libwebsockets-evlib-uv)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}

/* Where libwebsockets may use IPv6, it takes an address of IPv4 for none, and listens everywhere.
 */
static uint64_t family_options(const char *address)
{
	return bind_is_ipv6(address)
		       ? LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY | LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE
		       : LWS_SERVER_OPTION_DISABLE_IPV6;
}

static int listen_on(struct api *api, const struct api_options *options, const char *address,
		     struct store_problem *problem)
{
	struct lws_context_creation_info information = {0};
	struct lws_vhost *vhost;

	api->protocols[0] = (struct lws_protocols){
		.rx_buffer_size = TLS_RECORD_MAX,
		.name = "http",
		.callback = api_session_on_http,
		.per_session_data_size = sizeof(struct api_session),
	};
	information.protocols = api->protocols;
	information.user = api;
	information.vhost_name = address;
	information.port = api->port ? api->port : options->port;
	information.iface = address;
	information.ssl_cert_filepath = options->certificate_file;
	information.ssl_private_key_filepath = options->key_file;
	information.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
	/* HTTP/2 would hand over headers that libwebsockets does not know by no name. */
	information.alpn = "http/1.1";
	information.keepalive_timeout = IDLE_TIMEOUT_S;
	information.timeout_secs = IDLE_TIMEOUT_S;
	information.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
			      LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | family_options(address);
	vhost = lws_create_vhost(api->context, &information);
	if (!vhost || lws_get_vhost_listen_port(vhost) <= 0) {
		snprintf(problem->text, sizeof(problem->text),
			 "the API cannot listen on %s port %u: is it taken? Certificate: %s",
			 address, options->port, options->certificate_file);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	api->port = (uint16_t)lws_get_vhost_listen_port(vhost);
	return 0;
}

static int listen_everywhere(struct api *api, const struct api_options *options,
			     struct store_problem *problem)
{
	int error = make_context(api, problem);

	for (size_t i = 0; error == 0 && i < options->bind->count; i++) {
		error = listen_on(api, options, options->bind->addresses[i], problem);
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
	      struct store_problem *problem)
{
	struct api *api = calloc(1, sizeof(*api));
	int error;

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
	error = open_parts(api, options, problem);
	if (!error) {
		error = listen_everywhere(api, options, problem);
	}
	if (!error) {
		load_familiar(api, options->registry);
		api_guard_start(api, options->registry);
	}
	return error;
}

uint16_t api_port(const struct api *api)
{
	return api->port;
}

void api_stop(struct api *api)
{
	if (!api || api->stopping) {
		return;
	}
	api->stopping = true;
	if (api->context) {
		api_guard_stop(api);
		lws_context_destroy(api->context);
	}
	api_work_stop(api);
}

void api_destroy(struct api *api)
{
	if (!api) {
		return;
	}
	signed_sessions_destroy(api->sessions);
	exchange_destroy(api->exchange);
	free(api);
}
