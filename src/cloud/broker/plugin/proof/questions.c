/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/proof/questions.h"

#include "base/uuid.h"
#include "cloud/broker/plugin/role.h"

#include <flagship/flagship.h>

#include <mosquitto_broker.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_S    2 /* doubled each time, up to: */
#define PAUSE_MAX  64
#define DOUBLINGS  5
#define HURRY_S    3 /* at the latest, after the registry has changed */
#define ROUND_S    5 /* until a printer that answers again and again is asked again */
#define QOS_OF_ALL 0 /* as everything that printers are sent (protocol.md 1) */

static void put_off(struct questions *questions, struct plugin_client *client, int64_t at_s)
{
	client->ask_at = at_s;
	if (questions->run_at == 0 || at_s < questions->run_at) {
		questions->run_at = at_s;
	}
}

static bool takes_questions(enum flagship_topic_kind kind)
{
	return kind == FLAGSHIP_TOPIC_COMMAND || kind == FLAGSHIP_TOPIC_QUERY;
}

void questions_note(struct questions *questions, struct plugin_client *client, int64_t now_s)
{
	if (client->login.role == ACCESS_UNPROVEN && client->listens && client->ask_at == 0) {
		put_off(questions, client, now_s);
	}
}

void questions_note_subscription(struct questions *questions, struct plugin_client *client,
				 const char *topic, int64_t now_s)
{
	struct flagship_topic parsed;

	if (flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	    takes_questions(parsed.kind)) {
		client->listens = true;
	}
	questions_note(questions, client, now_s);
}

void questions_continue(struct questions *questions, struct plugin_client *client, int64_t now_s)
{
	client->asked = 0;
	put_off(questions, client, now_s);
}

void questions_hurry(struct questions *questions, struct plugin_clients *clients, int64_t now_s)
{
	for (size_t i = 0; i < clients->slot_count; i++) {
		struct plugin_client *client = clients->slots[i];

		if (client && client->ask_at > now_s + HURRY_S) {
			put_off(questions, client, now_s + HURRY_S);
		}
	}
}

/* Not to the topic, which others may have subscribed to: to this client alone. */
static void send(const struct plugin_client *client, struct challenge_frame *frame)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];

	if (flagship_topic_build(frame->topic, client->login.serial, topic, sizeof(topic)) == 0) {
		mosquitto_broker_publish_copy(client->id, topic, (int)frame->size, frame->bytes,
					      QOS_OF_ALL, false, NULL);
	}
}

/* Without a key there is nothing to ask in, and nothing that an answer would prove. */
static void ask(struct registry *registry, struct plugin_client *client)
{
	struct registry_printer printer = {0};
	struct flagship_key *key = NULL;
	struct challenge_frame frame;
	char guid[FLAGSHIP_GUID_LENGTH + 1];

	if (registry_find_printer(registry, client->login.serial, &printer) == 1 &&
	    flagship_key_create_hex(printer.key_hex, strlen(printer.key_hex), &key) == 0 &&
	    guid_make(guid) &&
	    challenge_ask(&client->claim->challenge, printer.model, key, guid, &frame)) {
		send(client, &frame);
	}
	flagship_key_destroy(key);
	OPENSSL_cleanse(&printer, sizeof(printer));
}

static bool can_be_asked(const struct plugin_client *client)
{
	return client->login.role == ACCESS_UNPROVEN && client->forget_at == 0 &&
	       !client->superseded && client->claim && client->id_length > 0;
}

static void run_client(struct questions *questions, struct plugin_client *client,
		       const struct questions_world *world, int64_t now_s)
{
	if (client->ask_at == 0) {
		return;
	}
	role_refresh(client, world->registry, world->status, world->generation);
	if (!can_be_asked(client)) {
		client->ask_at = 0;
		client->asked = 0;
		return;
	}
	if (client->ask_at > now_s) {
		put_off(questions, client, client->ask_at);
		return;
	}
	int64_t pause_s = client->asked < DOUBLINGS ? (int64_t)PAUSE_S << client->asked : PAUSE_MAX;

	client->asked++;
	if (!client->contradicted) {
		ask(world->registry, client);
	}
	if (client->claim->challenge.streak > 0) {
		pause_s = ROUND_S;
	}
	put_off(questions, client, now_s + pause_s);
}

void questions_run(struct questions *questions, struct plugin_clients *clients,
		   const struct questions_world *world, int64_t now_s)
{
	if (questions->run_at == 0 || questions->run_at > now_s) {
		return;
	}
	questions->run_at = 0;
	for (size_t i = 0; i < clients->slot_count; i++) {
		if (clients->slots[i]) {
			run_client(questions, clients->slots[i], world, now_s);
		}
	}
}
