/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/clients.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64
#define LOAD_PARTS  2 /* at most one slot in so many is taken */

void clients_init(struct plugin_clients *clients)
{
	memset(clients, 0, sizeof(*clients));
}

static void claim_free(struct client_claim *claim)
{
	if (claim) {
		OPENSSL_cleanse(claim, sizeof(*claim));
		free(claim);
	}
}

static void client_free(struct plugin_client *client)
{
	claim_free(client->claim);
	OPENSSL_cleanse(client, sizeof(*client));
	free(client);
}

void clients_finish(struct plugin_clients *clients)
{
	for (size_t i = 0; i < clients->slot_count; i++) {
		if (clients->slots[i]) {
			client_free(clients->slots[i]);
		}
	}
	free(clients->slots);
	clients_init(clients);
}

static size_t slot_of(const struct plugin_clients *clients, const void *handle)
{
	uint64_t mixed = (uint64_t)(uintptr_t)handle * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)(mixed >> 32) & (clients->slot_count - 1);
}

/* Where it is, or the free slot where it belongs. */
static size_t find_slot(const struct plugin_clients *clients, const void *handle)
{
	size_t slot = slot_of(clients, handle);

	while (clients->slots[slot] && clients->slots[slot]->handle != handle) {
		slot = (slot + 1) & (clients->slot_count - 1);
	}
	return slot;
}

struct plugin_client *clients_find(const struct plugin_clients *clients, const void *handle)
{
	return clients->slot_count ? clients->slots[find_slot(clients, handle)] : NULL;
}

static bool grow(struct plugin_clients *clients)
{
	struct plugin_clients larger = {
		.slot_count = clients->slot_count ? 2 * clients->slot_count : SLOTS_FIRST,
		.count = clients->count,
		.left = clients->left,
	};

	larger.slots = calloc(larger.slot_count, sizeof(struct plugin_client *));
	if (!larger.slots) {
		return false;
	}
	for (size_t i = 0; i < clients->slot_count; i++) {
		if (clients->slots[i]) {
			larger.slots[find_slot(&larger, clients->slots[i]->handle)] =
				clients->slots[i];
		}
	}
	free(clients->slots);
	*clients = larger;
	return true;
}

struct plugin_client *clients_add(struct plugin_clients *clients, const void *handle)
{
	struct plugin_client *client = clients_find(clients, handle);

	if (client) {
		clients->left -= client->forget_at != 0;
		claim_free(client->claim);
		memset(client, 0, sizeof(*client));
		client->handle = handle;
		return client;
	}
	if (clients->count * LOAD_PARTS >= clients->slot_count && !grow(clients)) {
		return NULL;
	}
	client = calloc(1, sizeof(*client));
	if (!client) {
		return NULL;
	}
	client->handle = handle;
	clients->slots[find_slot(clients, handle)] = client;
	clients->count++;
	return client;
}

static void copy_text(char *out, size_t capacity, const char *text)
{
	snprintf(out, capacity, "%s", text ? text : "");
}

bool client_set_claim(struct plugin_client *client, const char *username, const char *address)
{
	struct client_claim *claim = calloc(1, sizeof(*claim));

	if (!claim) {
		return false;
	}
	copy_text(claim->username, sizeof(claim->username), username);
	copy_text(claim->address, sizeof(claim->address), address);
	claim_free(client->claim);
	client->claim = claim;
	return true;
}

/* Moves up what was pushed on by the slot that became free. */
static void close_gap(struct plugin_clients *clients, size_t gap)
{
	size_t mask = clients->slot_count - 1;

	for (size_t next = (gap + 1) & mask; clients->slots[next]; next = (next + 1) & mask) {
		size_t home = slot_of(clients, clients->slots[next]->handle);

		if (((next - home) & mask) >= ((next - gap) & mask)) {
			clients->slots[gap] = clients->slots[next];
			clients->slots[next] = NULL;
			gap = next;
		}
	}
}

static void remove_slot(struct plugin_clients *clients, size_t slot)
{
	clients->left -= clients->slots[slot]->forget_at != 0;
	client_free(clients->slots[slot]);
	clients->slots[slot] = NULL;
	clients->count--;
	close_gap(clients, slot);
}

void clients_remove(struct plugin_clients *clients, const struct plugin_client *client)
{
	remove_slot(clients, find_slot(clients, client->handle));
}

void clients_leave(struct plugin_clients *clients, struct plugin_client *client, int64_t forget_at)
{
	clients->left += client->forget_at == 0;
	client->forget_at = forget_at;
}

void clients_sweep(struct plugin_clients *clients, int64_t now_s)
{
	size_t slot = 0;

	while (clients->left > 0 && slot < clients->slot_count) {
		const struct plugin_client *client = clients->slots[slot];

		if (client && client->forget_at != 0 && client->forget_at <= now_s) {
			/* Another one may have moved up into this slot. */
			remove_slot(clients, slot);
		} else {
			slot++;
		}
	}
}

size_t clients_connected(const struct plugin_clients *clients)
{
	return clients->count - clients->left;
}

static size_t decision_slot(enum access_operation operation, const char *topic, size_t length)
{
	size_t sum = (size_t)operation;

	for (size_t i = 0; i < length; i++) {
		sum = sum * 31 + (uint8_t)topic[i];
	}
	return sum % CLIENT_DECISIONS;
}

bool client_was_allowed(const struct plugin_client *client, enum access_operation operation,
			const char *topic, size_t length, uint64_t generation)
{
	const struct client_decision *decision =
		&client->decisions[decision_slot(operation, topic, length)];

	return decision->generation == generation && decision->operation == operation &&
	       decision->length == length && memcmp(decision->topic, topic, length) == 0;
}

void client_remember(struct plugin_client *client, enum access_operation operation,
		     const char *topic, size_t length, uint64_t generation)
{
	struct client_decision *decision =
		&client->decisions[decision_slot(operation, topic, length)];

	if (length > CLIENT_DECISION_MAX) {
		return;
	}
	decision->generation = generation;
	decision->operation = (uint8_t)operation;
	decision->length = (uint8_t)length;
	memcpy(decision->topic, topic, length);
}
