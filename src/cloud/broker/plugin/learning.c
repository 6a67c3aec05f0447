/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/learning.h"

#include "base/clock.h"
#include "cloud/broker/plugin/claims.h"
#include "cloud/broker/plugin/proof/key_fit.h"
#include "cloud/broker/plugin/proof/proof.h"
#include "cloud/broker/plugin/role.h"
#include "cloud/registry/credential.h"

#include <mosquitto.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define FREE_PROOFS   8 /* of one connection; then one each: */
#define PROOF_EVERY_S 5
#define SHOWN_MAX     16384 /* bytes of a message that is held back; printers say less */

/* Before any topic, of a client whose name does not tell which printer it is. */
static const char *refuses_nameless(struct registry *registry, const struct plugin_client *client,
				    int64_t now_s)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	return (client->has_credential &&
		registry_find_bound(registry, client->credential, serial) == 1) ||
			       registry_awaits_printers(registry) == 1 ||
			       registry_pairing_is_open(registry, NULL, now_s)
		       ? NULL
		       : "neither an account nor a printer that is known; see flagship cloud pair";
}

static bool has_key(struct registry *registry, const char *serial)
{
	uint8_t digest[PROOF_DIGEST_SIZE];

	return proof_key_digest(registry, serial, digest);
}

const char *learning_refuses(struct registry *registry, const struct plugin_client *client,
			     int64_t now_s)
{
	const char *serial = client->login.serial;
	uint8_t bound[REGISTRY_HASH_SIZE];

	if (serial[0] == '\0') {
		return refuses_nameless(registry, client, now_s);
	}
	if (registry_bound(registry, serial, bound) == 1) {
		return client->has_credential &&
				       CRYPTO_memcmp(bound, client->credential, sizeof(bound)) == 0
			       ? NULL
			       : role_contradiction;
	}
	return has_key(registry, serial) || registry_pairing_is_open(registry, serial, now_s)
		       ? NULL
		       : "the cloud has no key of this printer; see flagship cloud adopt, "
			 "add-printer and pair";
}

void learning_note_login(struct plugin_client *client, const uint8_t secret[], const char *username,
			 const char *password, const char *client_id)
{
	bool is_named = access_names_printer(username, client->login.serial);

	client->presented_login = (!is_named && username && username[0]) ||
				  (password && password[0]);
	client->has_credential =
		client->presented_login
			? credential_hash(secret, username, password, client->credential)
			: credential_hash_client(secret, client_id, client->credential);
}

static void report(const struct mosquitto_evt_acl_check *event, const char *serial,
		   const char *text)
{
	mosquitto_log_printf(MOSQ_LOG_NOTICE, "flagship: client %s from %s as printer %s: %s",
			     mosquitto_client_id(event->client),
			     mosquitto_client_address(event->client), serial, text);
}

/* True where it is the printer now. A client that presented nothing has nothing that could be
 * bound.
 */
static bool bind(const struct plugin_client *client, struct registry *registry,
		 const struct mosquitto_evt_acl_check *event)
{
	uint8_t bound[REGISTRY_HASH_SIZE];

	if (!client->presented_login || !client->has_credential) {
		if (registry_bound(registry, client->login.serial, bound) != 0) {
			return false;
		}
		report(event, client->login.serial, "proven by its key");
		return true;
	}
	/* Another client may have been faster: what it logs in with stays. */
	if (registry_bind(registry, client->login.serial, client->credential, clock_unix_s()) !=
	    1) {
		return false;
	}
	report(event, client->login.serial,
	       "proven by its key; what it logs in with is bound to it now");
	return true;
}

static void show_owners(const struct plugin_client *client,
			const struct mosquitto_evt_acl_check *event)
{
	char topic[sizeof(ACCESS_QUARANTINE) + FLAGSHIP_SERIAL_LENGTH_MAX];

	if (event->payloadlen > SHOWN_MAX) {
		return;
	}
	snprintf(topic, sizeof(topic), ACCESS_QUARANTINE "%s", client->login.serial);
	mosquitto_broker_publish_copy(NULL, topic, (int)event->payloadlen, event->payload, 0, false,
				      NULL);
}

static bool is_reply(const char *topic)
{
	struct flagship_topic parsed;

	return flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	       (parsed.kind == FLAGSHIP_TOPIC_COMMAND_REPLY ||
		parsed.kind == FLAGSHIP_TOPIC_QUERY_REPLY);
}

/* What is asked for is tested however often the printer says other things meanwhile. */
static struct challenge *awaited(const struct plugin_client *client, const char *topic)
{
	struct challenge *challenge = client->claim ? &client->claim->challenge : NULL;

	if (!challenge || !challenge_is_open(challenge) || challenge->tries == 0 ||
	    !is_reply(topic)) {
		return NULL;
	}
	challenge->tries--;
	return challenge;
}

/* Bounds what a stranger can make the broker's one thread decrypt. */
static bool may_test(struct plugin_client *client, int64_t now_s)
{
	if (client->failed_proofs >= FREE_PROOFS && now_s - client->tested_at < PROOF_EVERY_S) {
		return false;
	}
	client->failed_proofs++;
	client->tested_at = now_s;
	return true;
}

static enum proof test(struct plugin_client *client, struct registry *registry,
		       struct broker_status *status, const struct mosquitto_evt_acl_check *event)
{
	struct challenge *challenge = awaited(client, event->topic);
	bool is_frame = event->payloadlen > 0 && *(const char *)event->payload == 'M';

	if (!challenge && !may_test(client, clock_steady_s())) {
		return PROOF_UNTESTED;
	}
	enum proof proof = proof_check(registry, challenge, client->login.serial, event->payload,
				       event->payloadlen);
	/* Whoever forges GCM says nothing of the key either. */
	proof = proof == PROOF_OPENS && !is_frame ? PROOF_UNTESTED : proof;
	key_fit_note(client, registry, status, event, proof);
	return proof;
}

static bool become_printer(struct plugin_client *client, struct registry *registry,
			   struct broker_status *status,
			   const struct mosquitto_evt_acl_check *event)
{
	if (!claims_agree(client, registry, status) || !bind(client, registry, event)) {
		return false;
	}
	claims_keep_hints(client, registry);
	client->proven_by_key = proof_key_digest(registry, client->login.serial,
						 client->key_digest);
	/* Who claimed to be this printer before has nothing to wait for. */
	(void)registry_settle_pairings(registry, client->login.serial);
	role_note_proven(client, status);
	return true;
}

enum learned learning_receive(struct plugin_client *client, struct registry *registry,
			      struct broker_status *status,
			      const struct mosquitto_evt_acl_check *event)
{
	switch (test(client, registry, status, event)) {
	case PROOF_GIVEN:
		return become_printer(client, registry, status, event) ? LEARNED_PRINTER
								       : LEARNED_NOTHING;
	case PROOF_GOES_ON:
		return LEARNED_ANSWER;
	default:
		break;
	}
	claims_note_unknown(client, registry, status);
	show_owners(client, event);
	return LEARNED_NOTHING;
}
