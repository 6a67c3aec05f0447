/* SPDX-License-Identifier: MIT */
#include "daemon/http/stream.h"
#include "daemon/http/syntax/multipart.h"

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
#define STREAMS_MAX  512
#define FLOOD_SIZE   10000
#define QUEUE_BYTES  200000
#define QUEUE_COUNT  50
#define TEXT_TYPE    "text/plain; charset=utf-8"
#define KEY          "sesame"
#define RIGHT_SECRET 1

struct program {
	uv_loop_t loop;
	uv_signal_t signals[3];
	struct http_server *server;
	const char *dir;
	struct http_events *events[STREAMS_MAX];
	struct http_websocket *websockets[STREAMS_MAX];
	size_t gone;
	size_t closed;
	size_t dropped;
	size_t overflows;
	int last_code;
};

static struct program program;

static void say(struct http_request *request, int status, const char *text)
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

/* --- later --- */

struct later {
	uv_timer_t timer;
	struct http_request *request;
};

static void free_later(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_gone(void *context)
{
	struct later *later = context;

	program.gone++;
	later->request = NULL;
	uv_close((uv_handle_t *)&later->timer, free_later);
}

static void on_later(uv_timer_t *timer)
{
	struct later *later = timer->data;

	say(later->request, 200, "later");
	uv_close((uv_handle_t *)timer, free_later);
}

static void answer_later(struct http_request *request, void *context)
{
	struct later *later = calloc(1, sizeof(*later));
	char text[32];

	(void)context;
	if (!later) {
		abort();
	}
	later->request = request;
	later->timer.data = later;
	uv_timer_init(&program.loop, &later->timer);
	(void)http_request_query_value(request, "ms", text, sizeof(text));
	uv_timer_start(&later->timer, on_later, strtoul(text, NULL, 10), 0);
	http_request_watch(request, on_gone, later);
}

/* --- uploads --- */

struct upload {
	struct http_request *request;
	struct http_multipart multipart;
	uv_timer_t timer;
	char report[LINE_SIZE];
	size_t used;
	size_t bytes;
	size_t pieces;
	bool slow;
};

static void free_upload(uv_handle_t *handle)
{
	free(handle->data);
}

static void end_upload(struct upload *upload)
{
	upload->request = NULL;
	uv_close((uv_handle_t *)&upload->timer, free_upload);
}

static void upload_gone(void *context)
{
	program.gone++;
	end_upload(context);
}

static void note(struct upload *upload, const char *format, const char *text, size_t number)
{
	upload->used += (size_t)snprintf(upload->report + upload->used,
					 sizeof(upload->report) - upload->used, format, text,
					 number);
	upload->used = upload->used < sizeof(upload->report) ? upload->used
							     : sizeof(upload->report) - 1;
}

static enum http_flow on_part_bytes(void *context, const char *bytes, size_t length)
{
	struct upload *upload = context;
	enum http_multipart_event event;
	const char *data;
	size_t data_length;

	while ((event = http_multipart_take(&upload->multipart, &bytes, &length, &data,
					    &data_length)) != HTTP_MULTIPART_MORE &&
	       event != HTTP_MULTIPART_END) {
		if (event == HTTP_MULTIPART_BROKEN) {
			struct http_request *request = upload->request;

			end_upload(upload);
			say(request, 400, "no such body");
			return HTTP_GO_ON;
		}
		if (event == HTTP_MULTIPART_PART) {
			note(upload, "%s=", upload->multipart.name, 0);
			note(upload, "%s:", upload->multipart.file_name, 0);
			upload->bytes = 0;
		} else if (event == HTTP_MULTIPART_DATA) {
			upload->bytes += data_length;
		} else {
			note(upload, "%s%zu ", "", upload->bytes);
		}
	}
	return HTTP_GO_ON;
}

static void on_multipart_end(void *context)
{
	struct upload *upload = context;
	struct http_request *request = upload->request;
	bool whole = upload->multipart.state == HTTP_MULTIPART_DONE;

	say(request, whole ? 200 : 400, whole ? upload->report : "half a body");
	end_upload(upload);
}

static void on_resume(uv_timer_t *timer)
{
	http_request_resume(((struct upload *)timer->data)->request);
}

static enum http_flow on_bytes(void *context, const char *bytes, size_t length)
{
	struct upload *upload = context;

	(void)bytes;
	upload->bytes += length;
	upload->pieces++;
	if (!upload->slow) {
		return HTTP_GO_ON;
	}
	uv_timer_start(&upload->timer, on_resume, 1, 0);
	return HTTP_PAUSE;
}

static void on_end(void *context)
{
	struct upload *upload = context;
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%zu", upload->bytes);
	say(upload->request, 200, line);
	end_upload(upload);
}

static struct upload *make_upload(struct http_request *request)
{
	struct upload *upload = calloc(1, sizeof(*upload));

	if (!upload) {
		abort();
	}
	upload->request = request;
	upload->timer.data = upload;
	uv_timer_init(&program.loop, &upload->timer);
	http_request_watch(request, upload_gone, upload);
	return upload;
}

static void take_upload(struct http_request *request, void *context)
{
	static const struct http_sink sink = {.data = on_part_bytes, .end = on_multipart_end};
	struct upload *upload = make_upload(request);

	(void)context;
	if (!http_multipart_begin(&upload->multipart,
				  http_request_header(request, "content-type"))) {
		say(request, 415, "multipart/form-data is taken here");
		end_upload(upload);
		return;
	}
	http_request_receive(request, &sink, upload);
}

static void take_bytes(struct http_request *request, void *context)
{
	static const struct http_sink sink = {.data = on_bytes, .end = on_end};
	struct upload *upload = make_upload(request);

	(void)context;
	upload->slow = strstr(http_request_query(request), "slow") != NULL;
	http_request_receive(request, &sink, upload);
}

/* --- streams out --- */

struct pattern {
	size_t left;
};

static ssize_t read_pattern(void *context, char *out, size_t capacity)
{
	struct pattern *pattern = context;
	size_t count = pattern->left < capacity ? pattern->left : capacity;

	memset(out, 'x', count);
	pattern->left -= count;
	return (ssize_t)count;
}

static void free_pattern(void *context)
{
	program.closed++;
	free(context);
}

static void send_pattern(struct http_request *request, void *context)
{
	static const struct http_source source = {.read = read_pattern, .release = free_pattern};
	static const struct http_response response = {.status = 200, .content_type = TEXT_TYPE};
	struct pattern *pattern = calloc(1, sizeof(*pattern));
	char text[32];

	(void)context;
	if (!pattern) {
		abort();
	}
	(void)http_request_query_value(request, "bytes", text, sizeof(text));
	pattern->left = strtoul(text, NULL, 10);
	bool known = strstr(http_request_query(request), "unknown") == NULL;

	http_respond_stream(request, &response, known ? (int64_t)pattern->left : -1, &source,
			    pattern);
}

static void send_file(struct http_request *request, void *context)
{
	const char *name = http_request_parameter(request, "name");
	char path[LINE_SIZE];
	char download[64];
	struct http_file file = {.packed = true};

	(void)context;
	if (http_request_query_value(request, "as", download, sizeof(download))) {
		file.download_name = download;
	}
	snprintf(path, sizeof(path), "%s/%s", program.dir, name);
	if (!http_respond_file(request, path, &file)) {
		say(request, 404, "no such file");
	}
}

static void send_asset(struct http_request *request, void *context)
{
	static const struct http_asset asset = {
		.content_type = TEXT_TYPE,
		.etag = "\"v1\"",
		.cache_control = "max-age=60",
		.bytes = "0123456789",
		.length = 10,
		.gzip = "GZIP",
		.gzip_length = 4,
		.brotli = "BR",
		.brotli_length = 2,
	};

	(void)context;
	http_respond_asset(request, &asset);
}

/* --- WebSockets and events --- */

static size_t place_of(void *const *list, const void *wanted)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (list[i] == wanted) {
			return i;
		}
	}
	abort();
}

struct socket {
	struct http_websocket *websocket;
	size_t place;
};

static void send_text(struct http_websocket *websocket, const char *bytes, size_t length,
		      bool binary)
{
	struct http_message *message = http_message_create(
		binary ? HTTP_MESSAGE_BINARY : HTTP_MESSAGE_TEXT, bytes, length);

	if (http_websocket_send(websocket, message) == HTTP_ENDED) {
		program.overflows++;
	}
	http_message_release(message);
}

static void flood(struct http_websocket *websocket, unsigned long count)
{
	static char text[FLOOD_SIZE];

	memset(text, 'f', sizeof(text));
	for (unsigned long i = 0; i < count; i++) {
		int length = snprintf(text, sizeof(text), "%lu", i);

		text[length] = ' ';
		send_text(websocket, text, sizeof(text), false);
	}
}

static void on_message(void *context, const char *bytes, size_t length, bool binary)
{
	struct socket *socket = context;

	if (length > 6 && memcmp(bytes, "flood ", 6) == 0) {
		char number[16] = "";

		memcpy(number, bytes + 6, length - 6 < sizeof(number) ? length - 6 : 15);
		flood(socket->websocket, strtoul(number, NULL, 10));
	} else if (length == 5 && memcmp(bytes, "close", 5) == 0) {
		http_websocket_close(socket->websocket, 4001, "as asked");
	} else {
		send_text(socket->websocket, bytes, length, binary);
	}
}

static void on_dropped(void *context, size_t count)
{
	const struct socket *socket = context;
	char line[LINE_SIZE];

	program.dropped += count;
	snprintf(line, sizeof(line), "dropped %zu", count);
	send_text(socket->websocket, line, strlen(line), false);
}

static void on_closed(void *context, int code)
{
	struct socket *socket = context;

	program.closed++;
	program.last_code = code;
	program.websockets[socket->place] = NULL;
	free(socket);
}

static void open_websocket(struct http_request *request, void *context)
{
	static const struct http_websocket_handler handler = {
		.message = on_message, .dropped = on_dropped, .closed = on_closed};
	struct http_stream_options options = {
		.queue_messages = QUEUE_COUNT, .queue_bytes = QUEUE_BYTES, .protocol = "test"};
	struct socket *socket = calloc(1, sizeof(*socket));

	(void)context;
	if (!socket) {
		abort();
	}
	options.overflow = strstr(http_request_query(request), "drop") ? HTTP_OVERFLOW_DROP
								       : HTTP_OVERFLOW_CLOSE;
	options.ping_ms = strstr(http_request_query(request), "ping") ? 1 : 0;
	socket->websocket = http_websocket_accept(request, &options, &handler, socket);
	if (!socket->websocket) {
		free(socket);
		return;
	}
	socket->place = place_of((void *const *)program.websockets, NULL);
	program.websockets[socket->place] = socket->websocket;
}

static void on_events_closed(void *context)
{
	program.closed++;
	*(struct http_events **)context = NULL;
}

static void open_events(struct http_request *request, void *context)
{
	static const struct http_events_handler handler = {.closed = on_events_closed};
	const struct http_stream_options options = {
		.queue_messages = QUEUE_COUNT,
		.queue_bytes = QUEUE_BYTES,
		.ping_ms = strstr(http_request_query(request), "ping") ? 1 : 0};
	const char *last = http_request_header(request, "last-event-id");
	struct http_events **place = &program.events[place_of((void *const *)program.events, NULL)];
	struct http_message *message;

	(void)context;
	*place = http_events_open(request, &options, &handler, place);
	if (*place) {
		message = http_message_create_event(last, "hello", "one\ntwo", 7);
		http_events_send(*place, message);
		http_message_release(message);
	}
}

/* To all that listen: made once. */
static void publish(struct http_request *request, void *context)
{
	size_t length;
	const char *body = http_request_body(request, &length);
	struct http_message *event = http_message_create_event("7", NULL, body, length);
	struct http_message *text = http_message_create(HTTP_MESSAGE_TEXT, body, length);
	char line[LINE_SIZE];
	size_t count = 0;

	(void)context;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (program.events[i]) {
			count += http_events_send(program.events[i], event) == HTTP_SENT;
		}
		if (program.websockets[i]) {
			count += http_websocket_send(program.websockets[i], text) == HTTP_SENT;
		}
	}
	http_message_release(event);
	http_message_release(text);
	snprintf(line, sizeof(line), "%zu", count);
	say(request, 200, line);
}

static void close_all(struct http_request *request, void *context)
{
	(void)context;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (program.events[i]) {
			http_events_close(program.events[i]);
		}
		if (program.websockets[i]) {
			http_websocket_close(program.websockets[i], HTTP_CLOSE_GOING_AWAY, NULL);
		}
	}
	say(request, 200, "closed");
}

static const struct http_route routes[] = {
	{HTTP_GET, "/hello", 0, hello, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST | HTTP_PUT | HTTP_DELETE | HTTP_GET, "/echo", 0, echo, HTTP_BODY_WHOLE, 0,
	 false},
	{HTTP_GET, "/show/{name}", 0, show, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET | HTTP_POST, "/secret", RIGHT_SECRET, secret, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/reflect", 0, reflect, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/status", 0, status, HTTP_BODY_WHOLE, 0, true},
	{HTTP_GET, "/trust", 0, trust, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/later", 0, answer_later, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST, "/upload", 0, take_upload, HTTP_BODY_STREAM, UINT64_C(1) << 32, false},
	{HTTP_PUT | HTTP_POST, "/bytes", 0, take_bytes, HTTP_BODY_STREAM, UINT64_C(1) << 32, false},
	{HTTP_PUT, "/small", RIGHT_SECRET, take_bytes, HTTP_BODY_STREAM, 1000, false},
	{HTTP_GET, "/pattern", 0, send_pattern, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/file/{name...}", 0, send_file, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/asset", 0, send_asset, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/ws", 0, open_websocket, HTTP_BODY_WHOLE, 0, false},
	{HTTP_GET, "/events", 0, open_events, HTTP_BODY_WHOLE, 0, false},
	{HTTP_POST, "/publish", 0, publish, HTTP_BODY_WHOLE, 0, true},
	{HTTP_POST, "/close", 0, close_all, HTTP_BODY_WHOLE, 0, true},
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
