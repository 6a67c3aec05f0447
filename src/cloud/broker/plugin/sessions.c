/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/sessions.h"

#include <openssl/crypto.h>
#include <string.h>

static bool is_there(const struct plugin_client *client)
{
	return !client->superseded && (client->forget_at == 0 || client->lasts);
}

static bool has_same_id(const struct plugin_client *one, const struct plugin_client *other)
{
	return one->id_length == other->id_length &&
	       memcmp(one->id, other->id, one->id_length) == 0;
}

static bool is_known(const struct plugin_client *client)
{
	return client->login.role == ACCESS_ACCOUNT || client->login.role == ACCESS_PRINTER ||
	       client->login.role == ACCESS_ADMINISTRATOR;
}

/* Somebody who presents nothing is the same as nobody else. */
static bool has_same_credential(const struct plugin_client *one, const struct plugin_client *other)
{
	return one->presented_login && other->presented_login && one->has_credential &&
	       other->has_credential &&
	       CRYPTO_memcmp(one->credential, other->credential, sizeof(one->credential)) == 0;
}

static bool is_same(const struct plugin_client *one, const struct plugin_client *other)
{
	if (one->login.user_id[0] != '\0' || other->login.user_id[0] != '\0') {
		return strcmp(one->login.user_id, other->login.user_id) == 0;
	}
	if (one->login.role == ACCESS_PRINTER && other->login.role == ACCESS_PRINTER) {
		return strcmp(one->login.serial, other->login.serial) == 0;
	}
	return strcmp(one->login.serial, other->login.serial) == 0 &&
	       has_same_credential(one, other);
}

static bool is_named_after(const struct plugin_client *client)
{
	const char *name = client->login.user_id[0] != '\0' ? client->login.user_id
							    : client->login.serial;

	return is_known(client) && name[0] != '\0' && strstr(client->id, name);
}

static unsigned int rank(const struct plugin_client *client)
{
	static const unsigned int ranks[] = {
		[ACCESS_NOBODY] = 0,  [ACCESS_UNPROVEN] = 1,      [ACCESS_ACCOUNT] = 2,
		[ACCESS_PRINTER] = 2, [ACCESS_ADMINISTRATOR] = 4,
	};

	return ranks[client->login.role] + is_named_after(client);
}

static bool may_take_over(const struct plugin_client *client, const struct plugin_client *holder,
			  int64_t now_s)
{
	if (is_same(client, holder) || rank(client) > rank(holder)) {
		return true;
	}
	return !is_known(client) && !is_known(holder) && now_s >= holder->grace_until;
}

static bool counts_with(const struct plugin_client *client, const struct plugin_client *other)
{
	if (other == client || !is_there(other) || has_same_id(client, other)) {
		return false;
	}
	return is_known(client)
		       ? is_known(other) && is_same(client, other)
		       : !is_known(other) && address_same(&client->address, &other->address);
}

size_t sessions_count_unproven(void *context, const struct address_key *address)
{
	const struct plugin_clients *clients = context;
	size_t count = 0;

	for (size_t i = 0; i < clients->slot_count; i++) {
		const struct plugin_client *client = clients->slots[i];

		count += client && is_there(client) && !is_known(client) &&
			 address_same(&client->address, address);
	}
	return count;
}

static size_t limit(const struct plugin_client *client, size_t unproven_max)
{
	if (!is_known(client)) {
		return unproven_max;
	}
	return client->login.role == ACCESS_PRINTER ? SESSIONS_OF_PRINTER : SESSIONS_OF_ACCOUNT;
}

struct plugin_client *sessions_holder(const struct plugin_clients *clients,
				      const struct plugin_client *client)
{
	for (size_t i = 0; i < clients->slot_count; i++) {
		struct plugin_client *other = clients->slots[i];

		if (other && other != client && is_there(other) && has_same_id(client, other)) {
			return other;
		}
	}
	return NULL;
}

const char *sessions_refuse(const struct plugin_clients *clients,
			    const struct plugin_client *client, size_t unproven_max, int64_t now_s)
{
	const struct plugin_client *holder = sessions_holder(clients, client);
	size_t count = 0;

	if (holder && !may_take_over(client, holder, now_s)) {
		return "its client id is in use by another";
	}
	for (size_t i = 0; i < clients->slot_count; i++) {
		const struct plugin_client *other = clients->slots[i];

		count += other && counts_with(client, other);
	}
	if (count < limit(client, unproven_max)) {
		return NULL;
	}
	return is_known(client) ? "too many sessions of this login; those that last end an hour "
				  "after their client left"
				: "too many clients of this address that are not proven to be a "
				  "printer";
}

void sessions_take(struct plugin_clients *clients, const struct plugin_client *client)
{
	for (size_t i = 0; i < clients->slot_count; i++) {
		struct plugin_client *other = clients->slots[i];

		if (other && other != client && has_same_id(client, other)) {
			other->superseded = true;
		}
	}
}

bool sessions_note_id(struct plugin_client *client, const char *id)
{
	size_t length = id ? strlen(id) : 0;

	if (length > CLIENT_ID_MAX) {
		return false;
	}
	memcpy(client->id, id ? id : "", length + 1);
	client->id_length = (uint16_t)length;
	return true;
}
