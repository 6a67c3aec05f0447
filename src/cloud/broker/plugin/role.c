/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/role.h"

#include "base/clock.h"

#include <openssl/crypto.h>
#include <string.h>

const char role_contradiction[] =
	"this printer logged in differently before; if it is the printer, run flagship cloud pair "
	"forget";

void role_note_proven(struct plugin_client *client, struct broker_status *status)
{
	client->login.role = ACCESS_PRINTER;
	if (client->forget_at != 0 || client->printer) {
		return;
	}
	client->printer = broker_status_printer(status, client->login.serial);
	if (client->printer) {
		client->printer->connections++;
		client->printer->connected_at = clock_unix_s();
	}
}

void role_detach(struct plugin_client *client)
{
	if (client->printer && client->printer->connections > 0) {
		client->printer->connections--;
	}
	client->printer = NULL;
}

static bool same_credential(const struct plugin_client *client,
			    const uint8_t bound[REGISTRY_HASH_SIZE])
{
	return client->has_credential &&
	       CRYPTO_memcmp(client->credential, bound, REGISTRY_HASH_SIZE) == 0;
}

static void look_up_claim(struct plugin_client *client, struct registry *registry,
			  struct broker_status *status)
{
	uint8_t bound[REGISTRY_HASH_SIZE];
	int result = registry_bound(registry, client->login.serial, bound);

	client->claimed = true;
	client->contradicted = result == 1 && !same_credential(client, bound);
	if (result == 1 && !client->contradicted) {
		role_note_proven(client, status);
	}
}

const char *role_of_claim(struct plugin_client *client, struct registry *registry,
			  struct broker_status *status)
{
	if (!client->claimed) {
		look_up_claim(client, registry, status);
	}
	return client->contradicted ? role_contradiction : NULL;
}

static void refresh_account(struct plugin_client *client, struct registry *registry)
{
	struct registry_account account;
	int result = registry_find_user(registry, client->login.user_id, &account);

	if (result == 0) {
		client->login.role = ACCESS_NOBODY;
	} else if (result > 0) {
		client->login.role = account.administrator ? ACCESS_ADMINISTRATOR : ACCESS_ACCOUNT;
		registry_account_wipe(&account);
	}
}

static bool has_same_key(const struct plugin_client *client, struct registry *registry)
{
	uint8_t digest[PROOF_DIGEST_SIZE];

	return client->proven_by_key && proof_key_digest(registry, client->login.serial, digest) &&
	       memcmp(digest, client->key_digest, sizeof(digest)) == 0;
}

static void refresh_printer(struct plugin_client *client, struct registry *registry)
{
	uint8_t bound[REGISTRY_HASH_SIZE];
	int result = registry_bound(registry, client->login.serial, bound);
	bool stays = result == 1 ? same_credential(client, bound)
				 : !client->presented_login && has_same_key(client, registry);

	if (result >= 0 && !stays) {
		role_detach(client);
		client->login.role = ACCESS_UNPROVEN;
		client->grace_until = 0;
		client->claimed = false;
	}
}

void role_refresh(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status, uint64_t generation)
{
	if (client->role_generation == generation) {
		return;
	}
	client->role_generation = generation;
	/* It may have another key. */
	client->failed_proofs = 0;
	client->opened = false;
	switch (client->login.role) {
	case ACCESS_ACCOUNT:
	case ACCESS_ADMINISTRATOR:
		refresh_account(client, registry);
		break;
	case ACCESS_PRINTER:
		refresh_printer(client, registry);
		break;
	case ACCESS_UNPROVEN:
		if (client->claimed) {
			look_up_claim(client, registry, status);
		}
		break;
	case ACCESS_NOBODY:
		break;
	}
}
