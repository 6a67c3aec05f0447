/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_CLIENTS_H
#define CLOUD_BROKER_PLUGIN_CLIENTS_H

#include "base/net/address.h"
#include "cloud/broker/plugin/proof/proof.h"
#include "cloud/broker/status.h"
#include "cloud/rules/access.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What the plugin remembers of each client, found by the broker's own pointer to it. One that left
 * is kept for a while: its will is published after that, and messages for a session that lasts are
 * queued.
 */

#define CLIENT_DECISIONS    4
#define CLIENT_ID_MAX       256
#define CLIENT_DECISION_MAX 64 /* a printer's topics are shorter; others are not remembered */

/* That something was allowed lately, so that the registry is not asked for every message. Whole
 * topics, since a client could find two that have the same hash. */
struct client_decision {
	uint64_t generation; /* of the registry; 0: none */
	uint8_t operation;
	uint8_t length;
	char topic[CLIENT_DECISION_MAX];
};

/* Of a client that says it is a printer: how it presents itself, and what it was asked. */
#define CLIENT_NAME_MAX    128 /* a printer's user name is shorter */
#define CLIENT_ADDRESS_MAX 64

struct client_claim {
	char username[CLIENT_NAME_MAX];
	char address[CLIENT_ADDRESS_MAX];
	struct challenge challenge;
};

struct plugin_client {
	const void *handle; /* the broker's; NULL: free */
	struct access_login login;
	uint8_t credential[REGISTRY_HASH_SIZE];
	bool has_credential;
	bool presented_login; /* a user name or a password, so that the credential is its own */
	struct broker_status_printer *printer; /* once its serial number is proven */
	uint64_t role_generation; /* generation of the registry in which it was looked up who this
				     is */
	bool claimed;          /* it was looked up who logs in as the printer that it says it is: */
	bool contradicted;     /* somebody else */
	bool claim_is_refused; /* it was one too many, and is counted */
	bool proven_by_key;    /* by this key, of which this is the digest */
	uint8_t key_digest[PROOF_DIGEST_SIZE];
	unsigned int failed_proofs;
	struct client_claim *claim; /* NULL: of an account; owned */
	/* Times are of the steady clock (base/clock.h). */
	int64_t tested_at; /* its last message, against the key */
	bool opened;       /* the key has opened one: no more are tested */
	int64_t ask_at;    /* when the cloud asks it for a proof; 0: not */
	unsigned int asked;
	bool listens; /* it has subscribed to a topic that questions come on */
	char id[CLIENT_ID_MAX + 1];
	uint16_t id_length;
	struct address_key address;
	bool lasts;          /* its session does, when it has left */
	bool superseded;     /* another one has its client id now */
	int64_t grace_until; /* its client id is its own, though it is not proven */
	int descriptor;      /* -1: unknown */
	uint64_t connection; /* gate_connection; 0: unknown */
	size_t owed;         /* bytes for it since nothing was seen to wait */
	int64_t forget_at;   /* 0: it is connected */
	struct client_decision decisions[CLIENT_DECISIONS];
};

struct plugin_clients {
	struct plugin_client **slots; /* open addressing; a power of two of them */
	size_t slot_count;
	size_t count;
	size_t left; /* of these */
};

void clients_init(struct plugin_clients *clients);
void clients_finish(struct plugin_clients *clients);

struct plugin_client *clients_find(const struct plugin_clients *clients, const void *handle);

/* Zeroed, also where there was one of this handle before. NULL where there is no memory. */
struct plugin_client *clients_add(struct plugin_clients *clients, const void *handle);

/* As if it had never come. */
void clients_remove(struct plugin_clients *clients, const struct plugin_client *client);

/* It says that it is a printer. Texts may be NULL, and are cut. False where there is no memory. */
bool client_set_claim(struct plugin_client *client, const char *username, const char *address);

/* It left, and is forgotten by the first sweep at that time or later. */
void clients_leave(struct plugin_clients *clients, struct plugin_client *client, int64_t forget_at);
void clients_sweep(struct plugin_clients *clients, int64_t now_s);
size_t clients_connected(const struct plugin_clients *clients);

/* Whether the same was allowed before in this generation of the registry, which is above 0. */
bool client_was_allowed(const struct plugin_client *client, enum access_operation operation,
			const char *topic, size_t length, uint64_t generation);
void client_remember(struct plugin_client *client, enum access_operation operation,
		     const char *topic, size_t length, uint64_t generation);

#endif
