/* SPDX-License-Identifier: MIT */

/*
 * What a message costs in a fleet of ten printers and in one of ten thousand, from the payload of
 * MQTT to a subscriber, and how long a link with many printers takes to be ready. The MQTT session
 * is a stand-in: no socket is open. Every line: BENCH <name> <number> <unit>.
 */
#include "measure.h"

#include "fleet/fleet.h"
#include "fleet/fleet_internal.h"
#include "fleet/service.h"

#include <flagship/flagship.h>

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEW           10
#define MANY          10000
#define SERIAL_SIZE   20
#define FRAME_MAX     512
#define NS_PER_MS     1e6
#define SUBMIT_FEW    500
#define SUBMIT_MANY   5000
#define SUBMITS_EACH  2
#define SUBMIT_RUNS   7
#define SERIAL_FORMAT "AK7BENCH%08zu"
#define SERIAL_LENGTH 16
#define SERIAL_DIGITS 8
#define BASE          10
#define GUID          "651c863a-6bfe-103b-9b47-5b549343f75a"

static const char notice[] = "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000},"
			     "{\"commandType\":1004,\"currentTemp\":3990,\"targetTemp\":6000}]";

static const uint8_t key_bytes[FLAGSHIP_KEY_SIZE_AES256] = "thirty-two bytes of no real key.";

struct mqtt_session {
	struct mqtt_session_handlers handlers;
	void *context;
	int id;
};

int mqtt_session_create(uv_loop_t *loop, const struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers, void *context,
			struct mqtt_session **out)
{
	(void)loop;
	(void)options;
	*out = calloc(1, sizeof(**out));
	if (!*out) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	**out = (struct mqtt_session){.handlers = *handlers, .context = context};
	return 0;
}

bool mqtt_session_connected(const struct mqtt_session *session)
{
	(void)session;
	return true;
}

int mqtt_session_subscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	(void)session;
	(void)topics;
	(void)count;
	return 0;
}

void mqtt_session_unsubscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	(void)session;
	(void)topics;
	(void)count;
}

void mqtt_session_start(struct mqtt_session *started)
{
	(void)started;
}

int mqtt_session_publish(struct mqtt_session *to, const char *topic, const void *payload,
			 size_t length, int qos, int *id)
{
	(void)topic;
	(void)payload;
	(void)length;
	(void)qos;
	to->id = to->id % UINT16_MAX + 1;
	*id = to->id;
	return 0;
}

void mqtt_session_close(struct mqtt_session *closed)
{
	const struct mqtt_session ended = *closed;

	free(closed);
	ended.handlers.on_closed(ended.context);
}

struct scene {
	uv_loop_t loop;
	struct fleet *fleet;
	struct fleet_listener listener;
	const struct mqtt_session *session;
	struct flagship_key *key;
	size_t count;
	size_t next;
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	char *serial_in_topic;
	char (*topics)[FLAGSHIP_TOPIC_LENGTH_MAX + 1]; /* of notices, of each printer */
	uint8_t frame[FRAME_MAX];
	size_t frame_size;
	size_t payloads; /* what the subscriber was told */
	size_t ready;
	uint64_t longest_ns;        /* of one turn of the loop while they became ready */
	struct printer_state state; /* of one printer without a fleet */
	int64_t now_ms;
};

static void must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "fleet_cost: %s failed\n", what);
		exit(1);
	}
}

/* As a gateway does: it asks each printer that is there. */
static void on_event(void *context, const struct fleet_event *event)
{
	struct scene *scene = context;

	if (event->kind == FLEET_PRINTER_READY) {
		scene->ready++;
		must(fleet_ask_status(event->printer), "query");
	}
}

static void on_payload(void *context, struct fleet_printer *printer, enum flagship_topic_kind kind,
		       const struct channel_payload *payload)
{
	struct scene *scene = context;

	(void)printer;
	(void)kind;
	scene->payloads += payload->count > 0;
}

static void add_printer(struct scene *scene, struct fleet_login *login, size_t number)
{
	char serial[SERIAL_SIZE];
	struct fleet_printer_options options = {
		.serial = serial, .model = FLAGSHIP_MODEL_M5, .key = scene->key};
	struct fleet_printer *printer;

	snprintf(serial, sizeof(serial), SERIAL_FORMAT, number);
	must(fleet_add_printer(login, &options, &printer) == 0, "printer");
}

static void scene_init(struct scene *scene, size_t count)
{
	static const struct fleet_handlers handlers = {.on_event = on_event,
						       .on_payload = on_payload};
	struct mqtt_session_options options = {.host = "localhost"};
	struct flagship_frame frame;
	struct fleet_login *login;

	*scene = (struct scene){.count = count, .topics = calloc(count, sizeof(*scene->topics))};
	must(scene->topics != NULL, "memory");
	must(uv_loop_init(&scene->loop) == 0, "loop");
	must(flagship_key_create(key_bytes, sizeof(key_bytes), &scene->key) == 0, "key");
	flagship_frame_init(&frame, GUID);
	must(flagship_frame_seal(scene->key, &frame, notice, sizeof(notice) - 1, scene->frame,
				 sizeof(scene->frame), &scene->frame_size) == 0,
	     "frame");
	must(fleet_create(&scene->loop, &scene->fleet) == 0, "fleet");
	scene->listener = (struct fleet_listener){.handlers = &handlers, .context = scene};
	fleet_subscribe(scene->fleet, &scene->listener);
	must(fleet_add_login(scene->fleet, &options, NULL, NULL, &login) == 0, "link");
	for (size_t i = 0; i < count; i++) {
		add_printer(scene, login, i);
	}
	must(fleet_start(scene->fleet) == 0, "start");
	scene->session = login->session;
	printer_state_init(&scene->state, "AK0000000000001", NULL, FLAGSHIP_MODEL_M5);
}

/* Writes the number into the topic, as it would come from the network: into what is in the cache.
 */
static const char *topic_of(struct scene *scene, size_t number)
{
	char *digit = scene->serial_in_topic + SERIAL_LENGTH;

	for (size_t i = 0; i < SERIAL_DIGITS; i++, number /= BASE) {
		*--digit = (char)('0' + number % BASE);
	}
	return scene->topic;
}

static void set_topic(struct scene *scene, enum flagship_topic_kind kind)
{
	char serial[SERIAL_SIZE];

	snprintf(serial, sizeof(serial), SERIAL_FORMAT, (size_t)0);
	must(flagship_topic_build(kind, serial, scene->topic, sizeof(scene->topic)) == 0, "topic");
	scene->serial_in_topic = strstr(scene->topic, serial);
}

static void grant_all(struct scene *scene)
{
	static const enum flagship_topic_kind kinds[] = {
		FLAGSHIP_TOPIC_COMMAND_REPLY, FLAGSHIP_TOPIC_QUERY_REPLY,
		FLAGSHIP_TOPIC_CHANGE_NOTICE, FLAGSHIP_TOPIC_NOTICE};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		set_topic(scene, kinds[k]);
		for (size_t i = 0; i < scene->count; i++) {
			scene->session->handlers.on_subscription(scene->session->context,
								 topic_of(scene, i), true);
		}
	}
}

static void connect_all(struct scene *scene)
{
	const struct mqtt_session_event event = {.kind = MQTT_SESSION_CONNECTED};

	scene->session->handlers.on_event(scene->session->context, &event);
	grant_all(scene);
	/* Of notices, the last that was granted. */
	for (size_t i = 0; i < scene->count; i++) {
		memcpy(scene->topics[i], topic_of(scene, i), sizeof(scene->topics[i]));
	}
	while (scene->ready < scene->count) {
		uint64_t before = uv_hrtime();
		uv_run(&scene->loop, UV_RUN_NOWAIT);
		uint64_t turn_ns = uv_hrtime() - before;
		scene->longest_ns = turn_ns > scene->longest_ns ? turn_ns : scene->longest_ns;
	}
}

static void scene_finish(struct scene *scene)
{
	fleet_close(scene->fleet);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	must(uv_loop_close(&scene->loop) == 0, "closing");
	flagship_key_destroy(scene->key);
	free(scene->topics);
}

/* Each printer in turn, as when all talk. */
static void deliver(void *context)
{
	struct scene *scene = context;
	alignas(CACHE_LINE) uint8_t frame[FRAME_MAX];

	memcpy(frame, scene->frame, scene->frame_size);
	scene->session->handlers.on_message(scene->session->context, scene->topics[scene->next],
					    frame, scene->frame_size);
	scene->next = scene->next + 1 < scene->count ? scene->next + 1 : 0;
}

static void report(const char *name, double number, const char *unit)
{
	printf("BENCH %s %.3f %s\n", name, number, unit);
	fflush(stdout);
}

/* The same without a fleet: what merging alone costs. */
static void merge_alone(void *context)
{
	struct scene *scene = context;
	alignas(CACHE_LINE) uint8_t data[FRAME_MAX];
	struct flagship_frame frame;
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	size_t count;

	memcpy(data, scene->frame, scene->frame_size);
	must(flagship_frame_open(scene->key, data, scene->frame_size, &frame) == 0, "open");
	must(flagship_payload_read(frame.payload, frame.payload_length, messages,
				   FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count) == 0,
	     "state");
	printer_state_merge(&scene->state, messages, count, ++scene->now_ms, NULL, NULL);
}

static struct scene *scene_of(size_t count)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	must(scene != NULL, "memory");
	scene_init(scene, count);
	return scene;
}

static double connect_ms(struct scene *scene)
{
	uint64_t before = uv_hrtime();

	connect_all(scene);
	return (double)(uv_hrtime() - before) / NS_PER_MS;
}

/* Two for each printer, as when a farm is told to stop what it heats: nanoseconds for each. */
static double submit_ns(struct scene *scene)
{
	static const struct command_request request = {
		.kind = COMMAND_FAN, .value = 50, .force = true};
	struct fleet_printer *printer = NULL;
	struct service *service;
	uint64_t id;

	must(service_create(scene->fleet, NULL, &service) == 0, "service");
	uint64_t before = uv_hrtime();
	while ((printer = fleet_next_printer(scene->fleet, printer))) {
		for (size_t i = 0; i < SUBMITS_EACH; i++) {
			const struct service_request own = {
				.printer = printer, .command = &request, .asker = "bench"};

			must(service_submit(service, &own, &id) == 0 && id != 0, "submission");
		}
	}
	double ns = (double)(uv_hrtime() - before) / (double)(scene->count * SUBMITS_EACH);
	service_destroy(service);
	return ns;
}

static double submit_once(size_t printers)
{
	struct scene *scene = scene_of(printers);
	double ns;

	connect_all(scene);
	ns = submit_ns(scene);
	scene_finish(scene);
	free(scene);
	return ns;
}

/* 10,000 onto 5,000 printers and 1,000 onto 500, for each submission: the least of some runs. */
static void report_submissions(void)
{
	double few_ns = submit_once(SUBMIT_FEW);
	double many_ns = submit_once(SUBMIT_MANY);

	for (size_t i = 1; i < SUBMIT_RUNS; i++) {
		double few = submit_once(SUBMIT_FEW);
		double many = submit_once(SUBMIT_MANY);

		few_ns = few < few_ns ? few : few_ns;
		many_ns = many < many_ns ? many : many_ns;
	}
	report("submit_linear_ratio", many_ns / few_ns, "ratio");
	report("submit_ns", many_ns, "ns");
}

int main(void)
{
	struct scene *few = scene_of(FEW);
	struct scene *many = scene_of(MANY);
	double ns;

	(void)connect_ms(few);
	report("fleet_ready_ms_10000", connect_ms(many), "ms");
	report("fleet_ready_slice_ms", (double)many->longest_ns / NS_PER_MS, "ms");
	report("fleet_message_ratio",
	       measure_ratio((struct measured){deliver, many}, (struct measured){deliver, few},
			     &ns),
	       "ratio");
	report("fleet_message_ns_10000", ns, "ns");
	report("fleet_receive_ratio",
	       measure_ratio((struct measured){deliver, few}, (struct measured){merge_alone, few},
			     &ns),
	       "ratio");
	report("fleet_receive_ns", ns, "ns");
	report_submissions();
	must(few->payloads > 0 && many->payloads > MANY, "delivery");
	scene_finish(few);
	scene_finish(many);
	free(few);
	free(many);
	return 0;
}
