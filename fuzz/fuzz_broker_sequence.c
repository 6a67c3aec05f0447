/* SPDX-License-Identifier: MIT */

/*
 * Sequences of what clients, members and the owner do to the broker's plugin: claim, prove, replay,
 * bind, forget, share, unshare, approve, reject. The plugin is the whole one, behind a broker that
 * is a few functions here; the model says who may hear what.
 */
#include "base/clock.h"
#include "cloud/broker/status.h"
#include "cloud/registry/credential.h"
#include "cloud/registry/pairing_window.h"
#include "folder.h"
#include "registry.h"

#include <flagship/flagship.h>

#include <assert.h>
#include <limits.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS       6 /* the first one is the owner, the second one the member */
#define KEYHOLDERS    2 /* of the rest, those that have the printer's key */
#define FRAMES        16
#define FRAME_MAX     512
#define EVENTS_MAX    64
#define SERIAL        "ANNESPRINTER1"
#define KEY           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define GUID          "00000000-0000-4000-8000-000000000000"
#define TOPIC_COMMAND "/device/maker/" SERIAL "/command"
#define TOPIC_NOTICE  "/phone/maker/" SERIAL "/notice"
#define TOPIC_REPLY   "/phone/maker/" SERIAL "/command/reply"
#define QUARANTINE    "/flagship/quarantine/" SERIAL

struct mosquitto {
	char id[64];
	const char *username;
	const char *password;
	const char *address;
	bool connected;
	bool has_key;
	uint8_t question[FRAME_MAX]; /* the last one that it was sent */
	size_t question_length;
};

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

/* The broker and the world around it. */
static struct {
	MOSQ_FUNC_generic_callback callbacks[16];
	void *plugin;
	struct mosquitto clients[CLIENTS];
	struct registry *owner; /* another process, as the plugin sees it */
	struct flagship_key *key;
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	char anne[REGISTRY_TEXT_MAX];
	char bob[REGISTRY_TEXT_MAX];
	char anne_name[REGISTRY_TEXT_MAX + 8];
	char bob_name[REGISTRY_TEXT_MAX + 8];
	struct frame frames[FRAMES]; /* what anybody could have recorded */
	size_t frame_count;
	bool shared;   /* the member reaches the printer */
	bool may_bind; /* what is done now may write a binding */
	bool may_unbind;
	uint8_t bound[REGISTRY_HASH_SIZE];
	bool is_bound;
	int64_t now_s;
} world;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of base/clock.c's, by the linker. */
int64_t __wrap_clock_steady_s(void);
int64_t __wrap_clock_unix_s(void);
void __wrap_clock_read(struct clock_reading *now);

int64_t __wrap_clock_steady_s(void)
{
	return world.now_s;
}

int64_t __wrap_clock_unix_s(void)
{
	return CLOCK_FLOOR_S + world.now_s;
}

void __wrap_clock_read(struct clock_reading *now)
{
	*now = (struct clock_reading){.wall_s = CLOCK_FLOOR_S + world.now_s,
				      .steady_s = world.now_s};
}

/* --- the broker's side --- */

int mosquitto_callback_register(mosquitto_plugin_id_t *identifier, int event,
				MOSQ_FUNC_generic_callback function, const void *data,
				void *context)
{
	(void)identifier;
	(void)data;
	world.callbacks[event] = function;
	world.plugin = context;
	return MOSQ_ERR_SUCCESS;
}

int mosquitto_callback_unregister(mosquitto_plugin_id_t *identifier, int event,
				  MOSQ_FUNC_generic_callback function, const void *data)
{
	(void)identifier;
	(void)event;
	(void)function;
	(void)data;
	return MOSQ_ERR_SUCCESS;
}

const char *mosquitto_client_id(const struct mosquitto *client)
{
	return client->id;
}

const char *mosquitto_client_address(const struct mosquitto *client)
{
	return client->address;
}

bool mosquitto_client_clean_session(const struct mosquitto *client)
{
	(void)client;
	return true;
}

int mosquitto_client_protocol_version(const struct mosquitto *client)
{
	(void)client;
	return 4;
}

void mosquitto_log_printf(int level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void mosquitto_property_free_all(mosquitto_property **properties)
{
	(void)properties;
}

static void record(const void *bytes, size_t length)
{
	struct frame *frame = &world.frames[world.frame_count++ % FRAMES];

	assert(length <= FRAME_MAX);
	memcpy(frame->bytes, bytes, length);
	frame->length = length;
}

/* Questions go to one client alone, in a frame; what is held back to its own topic. */
int mosquitto_broker_publish_copy(const char *client_id, const char *topic, int length,
				  const void *payload, int qos, bool retain,
				  mosquitto_property *properties)
{
	(void)qos;
	(void)properties;
	assert(!retain);
	if (!client_id) {
		assert(strcmp(topic, QUARANTINE) == 0);
		return MOSQ_ERR_SUCCESS;
	}
	assert(strcmp(topic, TOPIC_COMMAND) == 0 && memcmp(payload, "MA", 2) == 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		struct mosquitto *client = &world.clients[i];

		if (client->connected && strcmp(client->id, client_id) == 0) {
			assert(i >= 2);
			memcpy(client->question, payload, (size_t)length);
			client->question_length = (size_t)length;
			record(payload, (size_t)length);
		}
	}
	return MOSQ_ERR_SUCCESS;
}

/* --- the model --- */

static bool credential_of(const struct mosquitto *client, uint8_t hash[REGISTRY_HASH_SIZE])
{
	bool is_named = client->username && strcmp(client->username, "eufy_fdm_" SERIAL) == 0;
	bool presents = (client->username && !is_named) || client->password;

	return presents ? credential_hash(world.secret, client->username, client->password, hash)
			: credential_hash_client(world.secret, client->id, hash);
}

static bool is_the_bound_one(const struct mosquitto *client)
{
	uint8_t hash[REGISTRY_HASH_SIZE];

	return world.is_bound && credential_of(client, hash) &&
	       memcmp(hash, world.bound, sizeof(hash)) == 0;
}

/* A binding comes of an answer or an approval alone, goes by the owner alone, and never changes. */
static void check_binding(void)
{
	uint8_t bound[REGISTRY_HASH_SIZE];
	bool is_bound = registry_bound(world.owner, SERIAL, bound) == 1;

	if (is_bound && world.is_bound) {
		assert(memcmp(bound, world.bound, sizeof(bound)) == 0);
	}
	assert(!is_bound || world.is_bound || world.may_bind);
	assert(is_bound || !world.is_bound || world.may_unbind);
	world.is_bound = is_bound;
	memcpy(world.bound, bound, sizeof(bound));
}

/* Of a client that is no account: it may be heard, or hear, where it is the one that is bound, or
 * where nobody is and it has the key. */
static void check_printer(const struct mosquitto *client)
{
	assert(is_the_bound_one(client) || (!world.is_bound && client->has_key));
}

static void check_access(const struct mosquitto *client, int access, const char *topic)
{
	size_t number = (size_t)(client - world.clients);
	bool to_printer = strcmp(topic, TOPIC_COMMAND) == 0;

	if (number >= 2) {
		if (access != MOSQ_ACL_SUBSCRIBE) {
			check_printer(client);
		}
		return;
	}
	assert(number == 0 || world.shared);
	assert(access != MOSQ_ACL_WRITE || to_printer);
}

/* --- what happens --- */

static int call(int event, void *data)
{
	int result = world.callbacks[event](event, data, world.plugin);

	check_binding();
	return result;
}

static void tick(int64_t seconds)
{
	struct mosquitto_evt_tick event = {0};

	world.now_s += seconds;
	(void)call(MOSQ_EVT_TICK, &event);
}

static void leave(struct mosquitto *client)
{
	struct mosquitto_evt_disconnect event = {.client = client};

	if (client->connected) {
		(void)call(MOSQ_EVT_DISCONNECT, &event);
	}
	client->connected = false;
	client->question_length = 0;
}

static void choose_login(struct mosquitto *client, unsigned int choice)
{
	static const char *const addresses[] = {"192.168.1.5", "192.168.1.9", "10.0.0.7",
						"fd00::5"};
	size_t number = (size_t)(client - world.clients);

	snprintf(client->id, sizeof(client->id), choice & 8 ? "dev_fdm_%zu" : "kind %zu", number);
	client->address = addresses[(choice >> 4) % 4];
	client->username = choice & 1 ? "eufy_fdm_" SERIAL : choice & 2 ? "a name" : NULL;
	client->password = choice & 4 ? (number % 2 ? "one" : "two") : NULL;
	if (number < 2) {
		client->username = number == 0 ? world.anne_name : world.bob_name;
		client->password = number == 0 ? "anne@example.org" : "bob@example.org";
	}
}

static int access_of(struct mosquitto *client, int access, const char *topic, const void *payload,
		     size_t length)
{
	struct mosquitto_evt_acl_check event = {.client = client,
						.topic = topic,
						.payload = payload,
						.payloadlen = (uint32_t)length,
						.access = access};
	int result = call(MOSQ_EVT_ACL_CHECK, &event);

	if (result == MOSQ_ERR_SUCCESS) {
		check_access(client, access, topic);
	}
	return result;
}

static void enter(struct mosquitto *client, unsigned int choice)
{
	struct mosquitto_evt_basic_auth event = {.client = client};

	leave(client);
	choose_login(client, choice);
	event.username = (char *)client->username;
	event.password = (char *)client->password;
	if (call(MOSQ_EVT_BASIC_AUTH, &event) == MOSQ_ERR_SUCCESS) {
		client->connected = true;
		(void)access_of(client, MOSQ_ACL_SUBSCRIBE,
				client < world.clients + 2 ? TOPIC_NOTICE : TOPIC_COMMAND, NULL, 0);
		tick(1);
	}
}

/* To whoever is there, as the broker would deliver it. */
static void deliver(const char *topic, const void *payload, size_t length)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		if (world.clients[i].connected) {
			(void)access_of(&world.clients[i], MOSQ_ACL_READ, topic, payload, length);
		}
	}
}

static void publish(struct mosquitto *client, const char *topic, const void *payload, size_t length)
{
	if (client->connected &&
	    access_of(client, MOSQ_ACL_WRITE, topic, payload, length) == MOSQ_ERR_SUCCESS) {
		deliver(topic, payload, length);
	}
}

static void say_sealed(struct mosquitto *client, const char *topic, const char *json)
{
	uint8_t bytes[FRAME_MAX];
	struct flagship_frame frame;
	size_t length;

	flagship_frame_init(&frame, GUID);
	assert(flagship_frame_seal(world.key, &frame, json, strlen(json), bytes, sizeof(bytes),
				   &length) == 0);
	record(bytes, length);
	publish(client, topic, bytes, length);
}

/* With the key that it has, the last question that it was sent. */
static void answer(struct mosquitto *client)
{
	uint8_t copy[FRAME_MAX];
	struct flagship_frame frame;
	struct flagship_message question;
	char json[FRAME_MAX / 2];
	size_t count;

	if (!client->has_key || client->question_length == 0) {
		return;
	}
	memcpy(copy, client->question, client->question_length);
	assert(flagship_frame_open(world.key, copy, client->question_length, &frame) == 0);
	assert(flagship_payload_read(frame.payload, frame.payload_length, &question, 1, &count) ==
	       0);
	const struct flagship_text *line = &question.as.gcode_command.command;
	snprintf(json, sizeof(json), "{\"commandType\":1043,\"reply\":0,\"resData\":\"%.*s\"}",
		 (int)line->length - 5, line->data + 5);
	world.may_bind = true;
	say_sealed(client, TOPIC_REPLY, json);
	world.may_bind = false;
}

static void replay(struct mosquitto *client, unsigned int choice)
{
	const struct frame *frame = &world.frames[choice % FRAMES];

	if (frame->length > 0) {
		publish(client, choice & 64 ? TOPIC_REPLY : TOPIC_NOTICE, frame->bytes,
			frame->length);
	}
}

static void forge(struct mosquitto *client, unsigned int choice)
{
	static const char reply[] = "{\"commandType\":1043,\"reply\":0,\"resData\":\"ok\"}";
	uint8_t bytes[FRAME_MAX];
	size_t length;

	/* Whoever has the key of its tags can make these; one who has it not, all the same. */
	assert(flagship_gcm_seal(world.key, reply, strlen(reply), bytes, sizeof(bytes), &length) ==
	       0);
	publish(client, choice & 64 ? TOPIC_REPLY : TOPIC_NOTICE, bytes, length);
}

static void splice(struct mosquitto *client, unsigned int choice)
{
	const struct frame *first = &world.frames[choice % FRAMES];
	uint8_t bytes[FRAME_MAX];
	size_t length = first->length;
	uint8_t sum = 0;

	if (length == 0 || client->question_length < 64 + 32 || length + 32 > sizeof(bytes)) {
		return;
	}
	memcpy(bytes, first->bytes, length - 1);
	memcpy(bytes + length - 1, client->question + client->question_length - 33, 32);
	length += 32;
	bytes[2] = (uint8_t)length;
	bytes[3] = (uint8_t)(length >> 8);
	for (size_t i = 0; i + 1 < length; i++) {
		sum ^= bytes[i];
	}
	bytes[length - 1] = sum;
	publish(client, TOPIC_REPLY, bytes, length);
}

static void do_as_owner(unsigned int choice)
{
	world.may_bind = choice % 8 == 4;
	world.may_unbind = true;
	switch (choice % 8) {
	case 0:
		(void)registry_unbind(world.owner, SERIAL);
		(void)registry_drop_pairings(world.owner, SERIAL);
		(void)registry_drop_hints(world.owner, SERIAL);
		break;
	case 1:
		world.shared = registry_share(world.owner, world.bob, SERIAL) >= 0;
		break;
	case 2:
		world.shared = registry_unshare(world.owner, world.bob, SERIAL) < 0;
		break;
	case 3:
		(void)pairing_window_open(world.owner, "", 600);
		break;
	case 4:
		(void)registry_approve_pairing(world.owner, SERIAL, NULL, 1);
		break;
	case 5:
		(void)registry_reject_pairing(world.owner, SERIAL, NULL);
		break;
	case 6:
		(void)pairing_window_close(world.owner);
		(void)registry_end_pairings(world.owner);
		break;
	default:
		(void)registry_clear_pairings(world.owner, true);
		break;
	}
	check_binding();
	world.may_bind = world.may_unbind = false;
	tick(1);
}

static void act(uint8_t what, uint8_t choice)
{
	struct mosquitto *client = &world.clients[(what >> 4) % CLIENTS];

	switch (what & 15) {
	case 0:
	case 1:
		enter(client, choice);
		break;
	case 2:
		leave(client);
		break;
	case 3:
	case 4:
		answer(client);
		break;
	case 5:
		say_sealed(client, client < world.clients + 2 ? TOPIC_COMMAND : TOPIC_NOTICE,
			   "{\"commandType\":1006,\"value\":250}");
		break;
	case 6:
	case 7:
		replay(client, choice);
		break;
	case 8:
		forge(client, choice);
		break;
	case 9:
		splice(client, choice);
		break;
	case 10:
	case 11:
	case 12:
		do_as_owner(choice);
		break;
	default:
		tick(choice);
		break;
	}
}

/* --- beginning --- */

static void make_registry(const char *path)
{
	struct registry_account anne = {.email = "anne@example.org"};
	struct registry_account bob = {.email = "bob@example.org"};
	struct registry_printer printer = {
		.serial = SERIAL, .model = FLAGSHIP_MODEL_M5, .key_hex = KEY};
	struct problem problem;

	assert(registry_open(path, REGISTRY_CREATE, 0, &world.owner, &problem) == 0);
	assert(registry_add_account(world.owner, &anne) == 1);
	assert(registry_add_account(world.owner, &bob) == 1);
	assert(registry_put_printer(world.owner, &printer) == 1);
	assert(registry_share(world.owner, anne.user_id, SERIAL) == 1);
	assert(credential_secret(world.owner, world.secret) >= 0);
	memcpy(world.bob, bob.user_id, sizeof(world.bob));
	snprintf(world.anne_name, sizeof(world.anne_name), "eufy_%s", anne.user_id);
	snprintf(world.bob_name, sizeof(world.bob_name), "eufy_%s", bob.user_id);
}

static void begin(void)
{
	char folder[PATH_MAX];
	char registry[PATH_MAX + 16];
	char status[PATH_MAX + 16];
	struct mosquitto_opt options[] = {{"registry", registry}, {"status", status}};
	void *context;

	fuzz_folder(folder);
	snprintf(registry, sizeof(registry), "%s/registry", folder);
	snprintf(status, sizeof(status), "%s/status", folder);
	world.now_s = 1000;
	make_registry(registry);
	assert(flagship_key_create_hex(KEY, strlen(KEY), &world.key) == 0);
	assert(mosquitto_plugin_init(NULL, &context, options, 2) == MOSQ_ERR_SUCCESS);
	for (size_t i = 2; i < 2 + KEYHOLDERS; i++) {
		world.clients[i].has_key = true;
	}
}

static void clean_up(void)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		leave(&world.clients[i]);
	}
	do_as_owner(0);
	do_as_owner(2);
	do_as_owner(6);
	memset(world.frames, 0, sizeof(world.frames));
	world.frame_count = 0;
	/* Who left is forgotten by then. */
	tick(100000);
}

/* Two bytes each: who does what, and which of several. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!world.owner) {
		begin();
	}
	for (size_t i = 0; i + 1 < size && i < (size_t)2 * EVENTS_MAX; i += 2) {
		act(data[i], data[i + 1]);
	}
	clean_up();
	return 0;
}
