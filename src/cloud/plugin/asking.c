/* SPDX-License-Identifier: MIT */
#include "cloud/plugin/asking.h"

#include "fleet/guid.h"

#include <flagship/flagship.h>

#include <mosquitto_broker.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_S    1 /* after the subscription, which is in force then */
#define PAUSE_S    2 /* doubled each time, up to: */
#define PAUSE_MAX  64
#define QUERY_MAX  64
#define SEALED_MAX 256

static void put_off(struct asking *asking, struct plugin_client *client, int64_t at_s)
{
	client->ask_at = at_s;
	if (asking->run_at == 0 || at_s < asking->run_at) {
		asking->run_at = at_s;
	}
}

void asking_note_subscription(struct asking *asking, struct plugin_client *client,
			      const char *topic, int64_t now_s)
{
	struct flagship_topic parsed;

	if (client->login.role == ACCESS_UNPROVEN && client->ask_at == 0 &&
	    flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	    parsed.kind == FLAGSHIP_TOPIC_QUERY) {
		put_off(asking, client, now_s + FIRST_S);
	}
}

static void publish(const char *serial, void *payload, size_t length)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];

	if (flagship_topic_build(FLAGSHIP_TOPIC_QUERY, serial, topic, sizeof(topic)) == 0) {
		mosquitto_broker_publish_copy(NULL, topic, (int)length, payload, 0, false, NULL);
	}
}

static void ask_in_key(const struct store_printer *printer, struct flagship_key *key)
{
	uint8_t sealed[SEALED_MAX];
	char guid[FLAGSHIP_GUID_LENGTH + 1];
	char json[QUERY_MAX];
	struct flagship_frame frame;
	size_t length;
	size_t size;

	if (!guid_make(guid) || flagship_build_query_status(json, sizeof(json), &length) != 0) {
		return;
	}
	flagship_frame_init(&frame, guid);
	if (flagship_frame_seal(key, &frame, json, length, sealed, sizeof(sealed), &size) == 0) {
		publish(printer->serial, sealed, size);
	}
	/* Some E1 accounts use the other shape; it fails with a 16-byte key. */
	if (printer->model == FLAGSHIP_MODEL_E1 &&
	    flagship_gcm_seal(key, json, length, sealed, sizeof(sealed), &size) == 0) {
		publish(printer->serial, sealed, size);
	}
}

/* Without a key there is nothing to ask in, and nothing that an answer would prove. */
static void ask(struct registry *registry, const char *serial)
{
	struct store_printer printer = {0};
	struct flagship_key *key = NULL;

	if (registry_find_printer(registry, serial, &printer) == 1 &&
	    flagship_key_create_hex(printer.key_hex, strlen(printer.key_hex), &key) == 0) {
		ask_in_key(&printer, key);
	}
	flagship_key_destroy(key);
	OPENSSL_cleanse(&printer, sizeof(printer));
}

static void run_client(struct asking *asking, struct plugin_client *client,
		       struct registry *registry, int64_t now_s)
{
	if (client->ask_at == 0) {
		return;
	}
	if (client->login.role != ACCESS_UNPROVEN || client->forget_at != 0) {
		client->ask_at = 0;
		return;
	}
	if (client->ask_at > now_s) {
		put_off(asking, client, client->ask_at);
		return;
	}
	int64_t pause_s = client->asked < 5 ? (int64_t)PAUSE_S << client->asked : PAUSE_MAX;

	client->asked++;
	if (!client->contradicted) {
		ask(registry, client->login.serial);
	}
	put_off(asking, client, now_s + pause_s);
}

void asking_run(struct asking *asking, struct plugin_clients *clients, struct registry *registry,
		int64_t now_s)
{
	if (asking->run_at == 0 || asking->run_at > now_s) {
		return;
	}
	asking->run_at = 0;
	for (size_t i = 0; i < clients->slot_count; i++) {
		if (clients->slots[i]) {
			run_client(asking, clients->slots[i], registry, now_s);
		}
	}
}
