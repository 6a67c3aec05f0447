/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/claims.h"

#include "base/clock.h"
#include "base/hex.h"
#include "cloud/broker/plugin/once_a_minute.h"
#include "cloud/broker/plugin/proof/proof.h"
#include "cloud/registry/hints.h"

#include <mosquitto.h>
#include <stdio.h>
#include <string.h>

#define CHANGES_MAX 700

_Static_assert(2 * ADDRESS_KEY_SIZE + 1 == REGISTRY_PLACE_SIZE, "a place is an address in hex");

static void read_hints(const struct plugin_client *client, struct registry_hints *hints)
{
	memset(hints, 0, sizeof(*hints));
	snprintf(hints->username, sizeof(hints->username), "%s", client->claim->username);
	snprintf(hints->address, sizeof(hints->address), "%s", client->claim->address);
	hints_form(client->id, client->login.serial, hints->client_form);
}

/* A client claims with all that it does, and is counted once. */
static void note_full(struct plugin_client *client, struct broker_status *status,
		      const struct registry_pairing *pairing)
{
	status->counts[BROKER_CLAIMS_REFUSED] += !client->claim_is_refused;
	client->claim_is_refused = true;
	if (!once_a_minute(&status->full_reported_at, clock_steady_s())) {
		return;
	}
	mosquitto_log_printf(MOSQ_LOG_WARNING,
			     "flagship: full: the claim of %s to be printer %s is not kept, since "
			     "%d of one address or %d of all wait already: flagship cloud pair "
			     "list shows them, pair clear drops them",
			     pairing->address, pairing->serial, REGISTRY_PAIRINGS_PLACE_MAX,
			     REGISTRY_PAIRINGS_MAX);
}

/* True where it is a new one. */
static bool add_claim(struct plugin_client *client, struct registry *registry,
		      struct broker_status *status, enum registry_pairing_kind kind)
{
	struct registry_pairing pairing = {
		.kind = kind, .presented = client->presented_login, .first_seen = clock_unix_s()};

	if (!client->has_credential) {
		return false;
	}
	pairing.last_seen = pairing.first_seen;
	memcpy(pairing.serial, client->login.serial, sizeof(pairing.serial));
	memcpy(pairing.credential, client->credential, sizeof(pairing.credential));
	snprintf(pairing.client_id, sizeof(pairing.client_id), "%.255s", client->id);
	snprintf(pairing.username, sizeof(pairing.username), "%s", client->claim->username);
	snprintf(pairing.address, sizeof(pairing.address), "%s", client->claim->address);
	hex_encode(client->address.bytes, ADDRESS_KEY_SIZE, HEX_LOWER, pairing.place);
	int result = registry_add_pairing(registry, &pairing);
	if (result == REGISTRY_FULL) {
		note_full(client, status, &pairing);
	}
	return result == 1;
}

void claims_note_unknown(struct plugin_client *client, struct registry *registry,
			 struct broker_status *status)
{
	if (client->claim &&
	    registry_pairing_is_open(registry, client->login.serial, clock_unix_s()) &&
	    add_claim(client, registry, status, REGISTRY_PAIRING_UNKNOWN)) {
		mosquitto_log_printf(MOSQ_LOG_NOTICE,
				     "flagship: client %s from %s as printer %s: waits for "
				     "approval: flagship cloud pair list",
				     client->id, client->claim->address, client->login.serial);
	}
}

void claims_note_listener(struct plugin_client *client, struct registry *registry,
			  struct broker_status *status)
{
	uint8_t digest[PROOF_DIGEST_SIZE];

	if (client->login.role == ACCESS_UNPROVEN &&
	    !proof_key_digest(registry, client->login.serial, digest)) {
		claims_note_unknown(client, registry, status);
	}
}

static bool is_here(struct broker_status *status, const char *serial)
{
	const struct broker_status_printer *slot = broker_status_find(status, serial);

	return slot && slot->connections > 0;
}

bool claims_agree(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status)
{
	const char *serial = client->login.serial;
	struct registry_hints kept;
	struct registry_hints now;
	char text[CHANGES_MAX];

	if (!client->claim || registry_find_hints(registry, serial, &kept) != 1) {
		return client->claim != NULL;
	}
	read_hints(client, &now);
	unsigned int changes = hints_changes(&kept, &now);
	if (!hints_ask(changes, is_here(status, serial))) {
		return true;
	}
	if (add_claim(client, registry, status, REGISTRY_PAIRING_CHANGED)) {
		hints_describe(changes, &kept, &now, text, sizeof(text));
		mosquitto_log_printf(MOSQ_LOG_WARNING,
				     "flagship: client %s from %s has the key of printer %s and "
				     "presents itself differently: %s; where this is the printer, "
				     "run flagship cloud pair approve %s",
				     client->id, client->claim->address, serial, text, serial);
	}
	return false;
}

void claims_keep_hints(const struct plugin_client *client, struct registry *registry)
{
	struct registry_hints kept;
	struct registry_hints now;
	char text[CHANGES_MAX];
	unsigned int changes;

	if (!client->claim) {
		return;
	}
	read_hints(client, &now);
	if (registry_find_hints(registry, client->login.serial, &kept) == 1) {
		changes = hints_changes(&kept, &now);
		hints_describe(changes, &kept, &now, text, sizeof(text));
		if (changes != 0) {
			mosquitto_log_printf(MOSQ_LOG_NOTICE, "flagship: printer %s has %s",
					     client->login.serial, text);
		}
	}
	(void)registry_keep_hints(registry, client->login.serial, &now, clock_unix_s());
}
