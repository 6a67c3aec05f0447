/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/plugin.h"

#include "base/clock.h"
#include "cloud/broker/plugin/claims.h"
#include "cloud/broker/plugin/gate.h"
#include "cloud/broker/plugin/learning.h"
#include "cloud/broker/plugin/role.h"
#include "cloud/broker/plugin/sessions.h"
#include "cloud/rules/access.h"

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <stdio.h>
#include <string.h>

/* Logins and sessions, from the first word of a client to its end. */

#define REFUSAL_MAX 256
#define MQTT_5      5
#define WILL_S      2    /* until a client is forgotten whose session ended */
#define SESSION_S   3600 /* … or lasts; as persistent_client_expiration of the broker */

static int refuse_login(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event,
			const char *reason)
{
	plugin_count(plugin, BROKER_LOGINS_REFUSED);
	refusals_log_login(&plugin->refusals, event->client, reason);
	return MOSQ_ERR_AUTH;
}

/* The serial number is no secret, and what an owner looks for. */
static int refuse_printer(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event,
			  const struct access_login *login, const char *reason)
{
	char text[REFUSAL_MAX];

	if (login->serial[0] != '\0') {
		snprintf(text, sizeof(text), "as printer %s: %s", login->serial, reason);
		reason = text;
	}
	return refuse_login(plugin, event, reason);
}

static int take_login(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event,
		      const struct access_login *login)
{
	struct plugin_client *client = clients_add(&plugin->clients, event->client);

	if (!client) {
		return MOSQ_ERR_NOMEM;
	}
	client->login = *login;
	client->role_generation = plugin->generation;
	return MOSQ_ERR_SUCCESS;
}

static bool is_misnamed(const char *username)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	return access_names_printer(username, serial) && serial[0] == '\0';
}

/* Which printer it is says its name; else it shows with the first topic that it names, since
 * several may present the same. */
static int take_printer(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event)
{
	struct plugin_client presented = {.login.role = ACCESS_UNPROVEN};

	if (is_misnamed(event->username)) {
		return refuse_login(plugin, event,
				    "its name is that of a printer without a "
				    "serial number");
	}
	learning_note_login(&presented, plugin->secret, event->username, event->password,
			    mosquitto_client_id(event->client));
	const char *reason = learning_refuses(plugin->registry, &presented, clock_unix_s());
	if (reason) {
		return refuse_printer(plugin, event, &presented.login, reason);
	}
	int result = take_login(plugin, event, &presented.login);
	struct plugin_client *client = clients_find(&plugin->clients, event->client);
	if (result == MOSQ_ERR_SUCCESS && client) {
		client->presented_login = presented.presented_login;
		client->has_credential = presented.has_credential;
		memcpy(client->credential, presented.credential, sizeof(client->credential));
		if (!client_set_claim(client, event->username,
				      mosquitto_client_address(event->client))) {
			return MOSQ_ERR_NOMEM;
		}
		if (client->login.serial[0] != '\0') {
			(void)role_of_claim(client, plugin->registry, plugin->status);
		}
	}
	return result;
}

static int decide_login(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event)
{
	struct access_login login;
	enum access_login_result result;

	if (access_login(plugin->registry, event->username, event->password, &login, &result)) {
		mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: %s",
				     registry_problem(plugin->registry));
		return refuse_login(plugin, event, "the registry cannot be read");
	}
	if (result == ACCESS_LOGIN_WRONG) {
		return refuse_login(plugin, event, "wrong password");
	}
	return result == ACCESS_LOGIN_TAKEN && login.role != ACCESS_PRINTER
		       ? take_login(plugin, event, &login)
		       : take_printer(plugin, event);
}

static bool session_lasts(const struct mosquitto *client)
{
	return !mosquitto_client_clean_session(client) ||
	       mosquitto_client_protocol_version(client) >= MQTT_5;
}

static const char *refuse_session(struct plugin *plugin, struct plugin_client *client)
{
	struct plugin_client *holder = sessions_holder(&plugin->clients, client);

	if (holder) {
		plugin_note_changes(plugin);
		role_refresh(holder, plugin->registry, plugin->status, plugin->generation);
	}
	return sessions_refuse(&plugin->clients, client, plugin->unproven_max, clock_steady_s());
}

void plugin_note_if_known(struct plugin *plugin, const struct plugin_client *client)
{
	if (client->login.role == ACCESS_PRINTER && !client->proven_by_key) {
		claims_keep_hints(client, plugin->registry);
	}
}

/* Who it is stands: whether it may have a session by this client id. */
static int admit(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event)
{
	struct plugin_client *client = clients_find(&plugin->clients, event->client);
	const char *reason = "its client id is too long";

	if (!client) {
		return MOSQ_ERR_NOMEM;
	}
	client->grace_until = clock_steady_s() + SESSIONS_GRACE_S;
	client->lasts = session_lasts(event->client);
	client->address = address_of_text(mosquitto_client_address(event->client));
	if (sessions_note_id(client, mosquitto_client_id(event->client))) {
		reason = refuse_session(plugin, client);
	}
	if (reason) {
		role_detach(client);
		clients_remove(&plugin->clients, client);
		return refuse_login(plugin, event, reason);
	}
	sessions_take(&plugin->clients, client);
	client->descriptor = gate_descriptor(event->client);
	client->connection = gate_connection(client->descriptor);
	gate_note_login(client->descriptor);
	plugin_note_if_known(plugin, client);
	plugin_count(plugin, BROKER_LOGINS);
	plugin->status->connections = clients_connected(&plugin->clients);
	return MOSQ_ERR_SUCCESS;
}

/* The broker asks again for all who are connected once it has read its configuration anew. What
 * they have proven stands, and what changes in the registry is seen without that. */
static bool is_asked_again(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event)
{
	const struct plugin_client *client = clients_find(&plugin->clients, event->client);

	return client && client->forget_at == 0 && client->connection != 0 &&
	       client->connection == gate_connection(gate_descriptor(event->client));
}

int plugin_on_login(int kind, void *event, void *context)
{
	struct plugin *plugin = context;
	uint64_t started_ns = clock_stopwatch_ns();

	(void)kind;
	if (is_asked_again(plugin, event)) {
		return MOSQ_ERR_SUCCESS;
	}
	int result = decide_login(plugin, event);
	if (result == MOSQ_ERR_SUCCESS) {
		result = admit(plugin, event);
	}
	plugin_note_time(plugin, started_ns);
	return result;
}

int plugin_on_disconnect(int kind, void *data, void *context)
{
	const struct mosquitto_evt_disconnect *event = data;
	struct plugin *plugin = context;
	struct plugin_client *client = clients_find(&plugin->clients, event->client);

	(void)kind;
	if (client && client->forget_at == 0) {
		gate_note_end();
		role_detach(client);
		clients_leave(&plugin->clients, client,
			      clock_steady_s() +
				      (client->lasts && !client->superseded ? SESSION_S : WILL_S));
	}
	plugin->status->connections = clients_connected(&plugin->clients);
	return MOSQ_ERR_SUCCESS;
}
