/* SPDX-License-Identifier: MIT */
#include "cloud/plugin/learning.h"

#include "cloud/credential.h"
#include "cloud/plugin/proof.h"

#include <mosquitto.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLIENT_ID_MARK "client id" /* no user name has a space there */

static bool window_is_open(struct registry *registry, int64_t now_s)
{
	char text[REGISTRY_TEXT_MAX];

	return registry_get(registry, LEARNING_WINDOW_SETTING, text) == 1 &&
	       strtoll(text, NULL, 10) > now_s;
}

bool learning_is_possible(struct registry *registry, int64_t now_s)
{
	return registry_awaits_printers(registry) == 1 || window_is_open(registry, now_s);
}

void learning_note_login(struct plugin_client *client, const uint8_t secret[], const char *username,
			 const char *password, const char *client_id)
{
	client->presented_login = (username && username[0]) || (password && password[0]);
	client->has_credential =
		client->presented_login
			? credential_hash(secret, username, password, client->credential)
			: credential_hash(secret, CLIENT_ID_MARK, client_id, client->credential);
}

void learning_note_proven(struct plugin_client *client, struct broker_status *status)
{
	client->login.role = ACCESS_PRINTER;
	client->printer = broker_status_printer(status, client->login.serial);
	if (client->printer) {
		client->printer->connections++;
		client->printer->connected_at = time(NULL);
	}
}

static void report(const struct mosquitto_evt_acl_check *event, const char *serial,
		   const char *text)
{
	mosquitto_log_printf(MOSQ_LOG_NOTICE, "flagship: client %s from %s as printer %s: %s",
			     mosquitto_client_id(event->client),
			     mosquitto_client_address(event->client), serial, text);
}

static bool same_credential(const struct plugin_client *client,
			    const uint8_t bound[REGISTRY_HASH_SIZE])
{
	return client->has_credential &&
	       CRYPTO_memcmp(client->credential, bound, REGISTRY_HASH_SIZE) == 0;
}

/* A client that presented nothing has nothing that could be bound. */
static void bind(const struct plugin_client *client, struct registry *registry,
		 const struct mosquitto_evt_acl_check *event)
{
	if (!client->presented_login || !client->has_credential) {
		report(event, client->login.serial, "proven by its key");
		return;
	}
	/* Where another writer was faster, the next connection proves itself again. */
	if (registry_bind(registry, client->login.serial, client->credential, time(NULL)) == 1) {
		report(event, client->login.serial,
		       "proven by its key; what it logs in with is bound to it now");
	}
}

static void note_pairing(const struct plugin_client *client, struct registry *registry,
			 const struct mosquitto_evt_acl_check *event)
{
	struct registry_pairing pairing = {.first_seen = time(NULL)};
	struct registry_pairing before;
	const char *username = mosquitto_client_username(event->client);
	const char *address = mosquitto_client_address(event->client);

	if (!client->has_credential || !window_is_open(registry, time(NULL))) {
		return;
	}
	if (registry_find_pairing(registry, client->login.serial, &before) == 1 &&
	    CRYPTO_memcmp(before.credential, client->credential, REGISTRY_HASH_SIZE) == 0) {
		return;
	}
	pairing.last_seen = pairing.first_seen;
	memcpy(pairing.serial, client->login.serial, sizeof(pairing.serial));
	memcpy(pairing.credential, client->credential, sizeof(pairing.credential));
	snprintf(pairing.client_id, sizeof(pairing.client_id), "%s",
		 mosquitto_client_id(event->client));
	snprintf(pairing.username, sizeof(pairing.username), "%s", username ? username : "");
	snprintf(pairing.address, sizeof(pairing.address), "%s", address ? address : "");
	if (registry_put_pairing(registry, &pairing) == 1) {
		report(event, pairing.serial, "waits for approval: flagship cloud pair list");
	}
}

static void show_administrators(const struct plugin_client *client,
				const struct mosquitto_evt_acl_check *event)
{
	char topic[sizeof(LEARNING_QUARANTINE) + FLAGSHIP_SERIAL_LENGTH_MAX];

	snprintf(topic, sizeof(topic), LEARNING_QUARANTINE "%s", client->login.serial);
	mosquitto_broker_publish_copy(NULL, topic, (int)event->payloadlen, event->payload, 0, false,
				      NULL);
}

bool learning_hear(struct plugin_client *client, struct registry *registry,
		   struct broker_status *status, const struct mosquitto_evt_acl_check *event)
{
	const char *serial = client->login.serial;
	uint8_t bound[REGISTRY_HASH_SIZE];
	int result = registry_bound(registry, serial, bound);

	if (result == 1 && !same_credential(client, bound)) {
		report(event, serial,
		       "refused: this printer logged in differently before; if it is the printer, "
		       "run flagship cloud pair forget");
	} else if (result == 1) {
		learning_note_proven(client, status);
		return true;
	} else if (result == 0 &&
		   proof_check(registry, serial, event->payload, event->payloadlen)) {
		bind(client, registry, event);
		learning_note_proven(client, status);
		return true;
	} else if (result == 0) {
		note_pairing(client, registry, event);
	}
	show_administrators(client, event);
	return false;
}
