/* SPDX-License-Identifier: MIT */
#include "http_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * A server of nothing in particular, for the tests of daemon/http:
 * http_server [NAME=VALUE]... with port, unix, certificate, key, dir, and the limits by their
 * names.
 */

#define LINE_SIZE    512
#define KEY          "sesame"
#define RIGHT_SECRET 1

struct program program;

void say(struct http_request *request, int status, const char *text)
{
	const struct http_response response = {
		.status = status,
		.content_type = TEXT_TYPE,
		.body = text,
		.length = strlen(text),
	};

	http_respond(request, &response);
}

static void hello(struct http_request *request, void *context)
{
	(void)context;
	say(request, 200, "hello");
}

static void echo(struct http_request *request, void *context)
{
	size_t length;
	const char *body = http_request_body(request, &length);
	const struct http_response response = {
		.status = 200,
		.content_type = http_request_header(request, "content-type"),
		.body = body,
		.length = length,
	};

	(void)context;
	http_respond(request, &response);
}

static void show(struct http_request *request, void *context)
{
	char line[LINE_SIZE];
	char query[LINE_SIZE / 4];

	(void)context;
	(void)http_request_query_value(request, "q", query, sizeof(query));
	snprintf(line, sizeof(line), "%s %s %s %s %s %s", http_request_method_name(request),
		 http_request_path(request), http_request_parameter(request, "name"), query,
		 http_request_address(request), http_request_is_tls(request) ? "tls" : "plain");
	say(request, 200, line);
}

static void secret(struct http_request *request, void *context)
{
	(void)context;
	http_request_set_user(request, "ali");
	say(request, 200, "secret");
}

/* A header of the answer that a stranger wrote. */
static void reflect(struct http_request *request, void *context)
{
	char value[LINE_SIZE];
	struct http_header header = {"x-reflected", value};
	const struct http_response response = {
		.status = 200, .headers = &header, .header_count = 1};

	(void)context;
	(void)http_request_query_value(request, "q", value, sizeof(value));
	http_respond(request, &response);
}

static void status(struct http_request *request, void *context)
{
	char line[LINE_SIZE];
	struct http_response response = {.status = 200, .content_type = "application/json"};

	(void)context;
	snprintf(line, sizeof(line),
		 "{\"connections\":%zu,\"gone\":%zu,\"closed\":%zu,\"dropped\":%zu,\"overflows\":%"
		 "zu,"
		 "\"code\":%d}",
		 http_server_connections(program.server), program.gone, program.closed,
		 program.dropped, program.overflows, program.last_code);
	response.body = line;
	response.length = strlen(line);
	http_respond(request, &response);
}

static void trust(struct http_request *request, void *context)
{
	(void)context;
	say(request, 200, http_request_trust(request) ? "new" : "known");
}

static char second[] = "second";

/* One more listener, at any port that is free or at the one that is asked for. */
static void listen_again(struct http_request *request, void *context)
{
	struct http_listener listener = {.address = "127.0.0.1", .context = second};
	struct problem problem = {""};
	char text[LINE_SIZE];
	uint16_t port = 0;

	(void)context;
	if (http_request_query_value(request, "port", text, sizeof(text))) {
		listener.port = (uint16_t)strtoul(text, NULL, 10);
	}
	if (http_server_listen(program.server, &listener, &port, &problem) != 0) {
		say(request, 409, problem.text);
		return;
	}
	snprintf(text, sizeof(text), "%u", port);
	say(request, 200, text);
}

static void unlisten(struct http_request *request, void *context)
{
	const char *listener = http_request_listener(request);

	(void)context;
	http_server_unlisten(program.server, second);
	say(request, 200, listener ? "its own" : "another's");
}

static void show_listener(struct http_request *request, void *context)
{
	const char *listener = http_request_listener(request);

	(void)context;
	say(request, 200, listener ? listener : "first");
}

static const struct http_route routes[] = {
	{HTTP_POST, "/listen", 0, listen_again, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST, "/unlisten", 0, unlisten, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/listener", 0, show_listener, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/hello", 0, hello, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST | HTTP_PUT | HTTP_DELETE | HTTP_GET, "/echo", 0, echo, NULL, HTTP_BODY_WHOLE, 0,
	 false},
	{HTTP_GET, "/show/{name}", 0, show, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET | HTTP_POST, "/secret", RIGHT_SECRET, secret, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/reflect", 0, reflect, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/status", 0, status, NULL, HTTP_BODY_WHOLE, 0, true},
	{HTTP_GET, "/trust", 0, trust, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/later", 0, answer_later, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST, "/upload", 0, take_upload, NULL, HTTP_BODY_STREAM, UINT64_C(1) << 32, false},
	{HTTP_PUT | HTTP_POST, "/bytes", 0, take_bytes, NULL, HTTP_BODY_STREAM, UINT64_C(1) << 32,
	 false},
	{HTTP_PUT, "/small", RIGHT_SECRET, take_bytes, NULL, HTTP_BODY_STREAM, 1000, false},
	{HTTP_GET, "/pattern", 0, send_pattern, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/file/{name...}", 0, send_file, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/asset", 0, send_asset, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/ws", 0, open_websocket, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/events", 0, open_events, NULL, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST, "/publish", 0, publish, NULL, HTTP_BODY_WHOLE, 0, true},
	{HTTP_POST, "/close", 0, close_all, NULL, HTTP_BODY_WHOLE, 0, true},
	{HTTP_POST, "/resume", 0, resume_all, NULL, HTTP_BODY_WHOLE, 0, true},
};

static int authorise(struct http_request *request, const struct http_route *route, void *context)
{
	const char *key = http_request_header(request, "x-api-key");

	(void)context;
	return route->rights != RIGHT_SECRET || (key && strcmp(key, KEY) == 0) ? 0 : 401;
}

static void log_access(const struct http_access *access, void *context)
{
	(void)context;
	printf("access %s %s %s %s %d %llu %llu\n", access->address, access->method, access->path,
	       access->user[0] ? access->user : "-", access->status,
	       (unsigned long long)access->received, (unsigned long long)access->sent);
	fflush(stdout);
}

static void log_line(void *context, const char *line)
{
	(void)context;
	printf("log %s\n", line);
	fflush(stdout);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct problem problem = {""};

	(void)handle;
	if (number == SIGHUP) {
		printf("reload %d %s\n", http_server_reload(program.server, &problem),
		       problem.text);
		fflush(stdout);
		return;
	}
	http_server_stop(program.server);
	for (size_t i = 0; i < sizeof(program.signals) / sizeof(program.signals[0]); i++) {
		uv_close((uv_handle_t *)&program.signals[i], NULL);
	}
}

static void set_limit(struct http_limits *limits, const char *name, unsigned long value)
{
	if (strcmp(name, "connections") == 0) {
		limits->connections = value;
	} else if (strcmp(name, "connections_of_address") == 0) {
		limits->connections_of_address = value;
	} else if (strcmp(name, "header_bytes") == 0) {
		limits->header_bytes = value;
	} else if (strcmp(name, "requests") == 0) {
		limits->requests = (unsigned int)value;
	} else if (strcmp(name, "step_ms") == 0) {
		limits->step_ms = (int64_t)value;
	} else if (strcmp(name, "stream_rate") == 0) {
		limits->stream_rate = value;
	} else if (strcmp(name, "requests_per_s") == 0) {
		limits->requests_per_s = (unsigned int)value;
	} else {
		abort();
	}
}

static void read_argument(char *argument, struct http_listener *listener,
			  struct http_limits *limits)
{
	char *value = strchr(argument, '=');

	if (!value) {
		abort();
	}
	*value++ = '\0';
	if (strcmp(argument, "address") == 0) {
		listener->address = value;
	} else if (strcmp(argument, "certificate") == 0) {
		listener->certificate_file = value;
	} else if (strcmp(argument, "key") == 0) {
		listener->key_file = value;
	} else if (strcmp(argument, "dir") == 0) {
		program.dir = value;
	} else {
		set_limit(limits, argument, strtoul(value, NULL, 10));
	}
}

static void listen_at(const struct http_listener *listener)
{
	struct problem problem = {""};
	uint16_t port = 0;

	if (http_server_listen(program.server, listener, &port, &problem) != 0) {
		printf("problem %s\n", problem.text);
		exit(1);
	}
	if (!listener->unix_path) {
		printf("%s %u\n", listener->certificate_file ? "tls" : "plain", port);
	}
}

int main(int count, char **arguments)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	struct http_options options = {
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.authorise = authorise,
		.log_access = log_access,
		.log = log_line,
	};
	struct http_listener listener = {.address = "127.0.0.1"};
	struct http_listener local = {0};
	struct problem problem;

	for (int i = 1; i < count; i++) {
		if (strncmp(arguments[i], "unix=", 5) == 0) {
			local.unix_path = arguments[i] + 5;
		} else {
			read_argument(arguments[i], &listener, &options.limits);
		}
	}
	uv_loop_init(&program.loop);
	if (http_server_create(&program.loop, &options, &program.server, &problem) != 0) {
		printf("problem %s\n", problem.text);
		return 1;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uv_signal_init(&program.loop, &program.signals[i]);
		uv_signal_start(&program.signals[i], on_signal, numbers[i]);
	}
	listen_at(&listener);
	if (listener.certificate_file) {
		listener.certificate_file = NULL;
		listen_at(&listener);
	}
	if (local.unix_path) {
		listen_at(&local);
	}
	printf("ready\n");
	fflush(stdout);
	uv_run(&program.loop, UV_RUN_DEFAULT);
	http_server_destroy(program.server);
	uv_loop_close(&program.loop);
	printf("end\n");
	return 0;
}
