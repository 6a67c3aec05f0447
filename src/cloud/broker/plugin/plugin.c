/* SPDX-License-Identifier: MIT */

/*
 * flagship_broker.so, the plugin of mosquitto: logins out of the registry, the vendor's rules of
 * access, checks of payloads, and printers that are learned on first use. Options:
 *	plugin_opt_registry PATH
 *	plugin_opt_status PATH
 *	plugin_opt_descriptors COUNT
 *	plugin_opt_per_address COUNT
 */
#include "base/clock.h"
#include "cloud/broker/plugin/claims.h"
#include "cloud/broker/plugin/clients.h"
#include "cloud/broker/plugin/gate.h"
#include "cloud/broker/plugin/learning.h"
#include "cloud/broker/plugin/option.h"
#include "cloud/broker/plugin/proof/key_fit.h"
#include "cloud/broker/plugin/proof/questions.h"
#include "cloud/broker/plugin/refusals.h"
#include "cloud/broker/plugin/role.h"
#include "cloud/broker/plugin/sessions.h"
#include "cloud/broker/plugin/status_file.h"
#include "cloud/broker/status.h"
#include "cloud/registry/credential.h"
#include "cloud/rules/access.h"

#include <errno.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN_VERSION 5
#define REFUSAL_MAX    256
#define MQTT_5         5
#define WILL_S         2    /* until a client is forgotten whose session ended */
#define SESSION_S      3600 /* … or lasts; as persistent_client_expiration of the broker */

struct plugin {
	mosquitto_plugin_id_t *identifier;
	struct registry *registry;
	struct broker_status *status; /* in the file */
	struct status_file status_file;
	struct plugin_clients clients;
	struct questions questions;
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	pid_t parent;
	uint64_t generation; /* of the registry */
	int64_t version;     /* as it says itself */
	int64_t swept_at;
	struct refusals refusals;
	size_t unproven_max; /* of an address */
};

static void note_time(struct plugin *plugin, uint64_t started_ns)
{
	uint64_t took_ns = clock_stopwatch_ns() - started_ns;

	if (took_ns > plugin->status->slowest_ns) {
		plugin->status->slowest_ns = took_ns;
	}
}

static void count(struct plugin *plugin, enum broker_count counter)
{
	plugin->status->counts[counter]++;
}

/* --- logins --- */

static int refuse_login(struct plugin *plugin, const struct mosquitto_evt_basic_auth *event,
			const char *reason)
{
	count(plugin, BROKER_LOGINS_REFUSED);
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
	const char *reason;

	if (is_misnamed(event->username)) {
		return refuse_login(plugin, event,
				    "its name is that of a printer without a "
				    "serial number");
	}
	learning_note_login(&presented, plugin->secret, event->username, event->password,
			    mosquitto_client_id(event->client));
	reason = learning_refuses(plugin->registry, &presented, clock_unix_s());
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

static void note_changes(struct plugin *plugin)
{
	int64_t version = registry_version(plugin->registry);

	if (version != plugin->version) {
		plugin->version = version;
		plugin->generation++;
		questions_hurry(&plugin->questions, &plugin->clients, clock_steady_s());
	}
}

static const char *refuse_session(struct plugin *plugin, struct plugin_client *client)
{
	struct plugin_client *holder = sessions_holder(&plugin->clients, client);

	if (holder) {
		note_changes(plugin);
		role_refresh(holder, plugin->registry, plugin->status, plugin->generation);
	}
	return sessions_refuse(&plugin->clients, client, plugin->unproven_max, clock_steady_s());
}

/* By what it logs in with, which was bound to it before. */
static void note_if_known(struct plugin *plugin, const struct plugin_client *client)
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
	gate_note_login(client->descriptor);
	note_if_known(plugin, client);
	count(plugin, BROKER_LOGINS);
	plugin->status->connections = clients_connected(&plugin->clients);
	return MOSQ_ERR_SUCCESS;
}

static int on_login(int kind, void *event, void *context)
{
	struct plugin *plugin = context;
	uint64_t started_ns = clock_stopwatch_ns();
	int result = decide_login(plugin, event);

	(void)kind;
	if (result == MOSQ_ERR_SUCCESS) {
		result = admit(plugin, event);
	}
	note_time(plugin, started_ns);
	return result;
}

static int on_disconnect(int kind, void *data, void *context)
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

/* --- access --- */

static int deny(struct plugin *plugin, const struct mosquitto_evt_acl_check *event,
		enum access_operation operation, const char *reason)
{
	static const enum broker_count counters[] = {
		[ACCESS_PUBLISH] = BROKER_DENIED_PUBLISH,
		[ACCESS_SUBSCRIBE] = BROKER_DENIED_SUBSCRIBE,
		[ACCESS_RECEIVE] = BROKER_DENIED_RECEIVE,
	};

	count(plugin, counters[operation]);
	refusals_log_denied(&plugin->refusals, event, operation, reason);
	return MOSQ_ERR_ACL_DENIED;
}

static int drop_malformed(struct plugin *plugin, const struct mosquitto_evt_acl_check *event)
{
	count(plugin, BROKER_MALFORMED);
	refusals_log_malformed(&plugin->refusals, event);
	return MOSQ_ERR_ACL_DENIED;
}

static void note_message(struct plugin_client *client)
{
	if (client->printer) {
		client->printer->messages++;
		client->printer->heard_at = clock_unix_s();
	}
}

/* Held back in any case: also an answer is for nobody but the cloud, who asked. */
static int hold_back(struct plugin *plugin, struct plugin_client *client,
		     const struct mosquitto_evt_acl_check *event)
{
	switch (learning_hear(client, plugin->registry, plugin->status, event)) {
	case LEARNED_PRINTER:
		/* The registry's version tells what others wrote alone. */
		plugin->generation++;
		note_message(client);
		break;
	case LEARNED_ANSWER:
		questions_continue(&plugin->questions, client, clock_steady_s());
		break;
	case LEARNED_NOTHING:
		count(plugin, BROKER_QUARANTINED);
		break;
	}
	return MOSQ_ERR_ACL_DENIED;
}

static int decide_publish(struct plugin *plugin, struct plugin_client *client,
			  const struct mosquitto_evt_acl_check *event)
{
	size_t length = strlen(event->topic);

	if (client->login.role != ACCESS_ADMINISTRATOR &&
	    access_topic_wants_payload(event->topic, length) &&
	    !access_payload_well_formed(event->payload, event->payloadlen)) {
		return drop_malformed(plugin, event);
	}
	if (client->login.role == ACCESS_UNPROVEN) {
		return hold_back(plugin, client, event);
	}
	note_message(client);
	key_fit_watch(client, plugin->registry, plugin->status, event);
	count(plugin, BROKER_PUBLISHED);
	return MOSQ_ERR_SUCCESS;
}

static bool to_operation(int access, enum access_operation *operation)
{
	switch (access) {
	case MOSQ_ACL_WRITE:
		*operation = ACCESS_PUBLISH;
		return true;
	case MOSQ_ACL_SUBSCRIBE:
		*operation = ACCESS_SUBSCRIBE;
		return true;
	case MOSQ_ACL_READ:
		*operation = ACCESS_RECEIVE;
		return true;
	default:
		return false;
	}
}

static const char *check(struct plugin *plugin, struct plugin_client *client,
			 enum access_operation operation,
			 const struct mosquitto_evt_acl_check *event)
{
	size_t length = strlen(event->topic);
	const char *reason;

	if (!event->retain &&
	    client_was_allowed(client, operation, event->topic, length, plugin->generation)) {
		return NULL;
	}
	reason = access_check(plugin->registry, &client->login, operation, event->topic, length,
			      event->retain);
	if (!reason && !event->retain) {
		client_remember(client, operation, event->topic, length, plugin->generation);
	}
	return reason;
}

static const char *find_reason(struct plugin *plugin, struct plugin_client *client,
			       enum access_operation operation,
			       const struct mosquitto_evt_acl_check *event)
{
	role_refresh(client, plugin->registry, plugin->status, plugin->generation);
	const char *reason = check(plugin, client, operation, event);

	if (!reason && client->login.role == ACCESS_UNPROVEN) {
		reason = role_of_claim(client, plugin->registry, plugin->status);
		note_if_known(plugin, client);
	}
	return reason;
}

/* mosquitto bounds what waits in number only, and by nothing where it goes out with QoS 0. */
static int decide_delivery(struct plugin *plugin, struct plugin_client *client,
			   const struct mosquitto_evt_acl_check *event)
{
	bool takes = client->forget_at != 0 ||
		     gate_takes(client->descriptor, event->payloadlen, &client->owed);

	count(plugin, takes ? BROKER_DELIVERED : BROKER_DENIED_RECEIVE);
	return takes ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
}

static int decide_access(struct plugin *plugin, const struct mosquitto_evt_acl_check *event)
{
	struct plugin_client *client = clients_find(&plugin->clients, event->client);
	enum access_operation operation;
	const char *reason;

	if (!to_operation(event->access, &operation)) {
		return MOSQ_ERR_SUCCESS;
	}
	reason = client ? find_reason(plugin, client, operation, event) : "not logged in";
	if (client) {
		questions_note(&plugin->questions, client, clock_steady_s());
	}
	if (reason) {
		return deny(plugin, event, operation, reason);
	}
	if (operation == ACCESS_PUBLISH) {
		return decide_publish(plugin, client, event);
	}
	if (operation == ACCESS_SUBSCRIBE) {
		questions_note_subscription(&plugin->questions, client, event->topic,
					    clock_steady_s());
	}
	if (operation == ACCESS_RECEIVE) {
		return decide_delivery(plugin, client, event);
	}
	return MOSQ_ERR_SUCCESS;
}

static int on_access(int kind, void *event, void *context)
{
	struct plugin *plugin = context;
	uint64_t started_ns = clock_stopwatch_ns();
	int result = decide_access(plugin, event);

	(void)kind;
	note_time(plugin, started_ns);
	return result;
}

/* What the broker keeps of a printer would be taken for news by whoever comes later. */
static int on_message(int kind, void *event, void *context)
{
	struct mosquitto_evt_message *message = event;
	struct plugin *plugin = context;
	const struct plugin_client *client = clients_find(&plugin->clients, message->client);

	(void)kind;
	if (!client || client->login.role != ACCESS_ADMINISTRATOR) {
		message->retain = false;
		/* They are counted nowhere, and neither printers nor their apps know of them. */
		mosquitto_property_free_all(&message->properties);
	}
	return MOSQ_ERR_SUCCESS;
}

/* A broker whose cloud was killed would go on by old rules, and in the way of the next one. */
static void end_with_parent(struct plugin *plugin)
{
	if (getppid() != plugin->parent) {
		plugin->parent = getppid();
		mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: the cloud is gone, the broker ends");
		raise(SIGTERM);
	}
}

static void begin_status(struct plugin *plugin)
{
	plugin->status->pid = getpid();
	plugin->status->started_at = clock_unix_s();
	plugin->status->connections = clients_connected(&plugin->clients);
	plugin->status->magic = BROKER_STATUS_MAGIC;
}

static int on_tick(int kind, void *event, void *context)
{
	struct plugin *plugin = context;
	uint64_t started_ns = clock_stopwatch_ns();

	(void)kind;
	(void)event;
	note_changes(plugin);
	plugin->status->seen_at = clock_unix_s();
	plugin->status->ticks++;
	if (status_file_mend(&plugin->status_file, clock_steady_s())) {
		begin_status(plugin);
	}
	questions_run(
		&plugin->questions, &plugin->clients,
		&(struct questions_world){plugin->registry, plugin->status, plugin->generation},
		clock_steady_s());
	if (clock_steady_s() != plugin->swept_at) {
		plugin->swept_at = clock_steady_s();
		clients_sweep(&plugin->clients, plugin->swept_at);
		gate_run(plugin->swept_at);
		refusals_run(&plugin->refusals, plugin->swept_at);
	}
	end_with_parent(plugin);
	note_time(plugin, started_ns);
	return MOSQ_ERR_SUCCESS;
}

/* --- the broker's side --- */

int mosquitto_plugin_version(int count_of_versions, const int *versions)
{
	for (int i = 0; i < count_of_versions; i++) {
		if (versions[i] == PLUGIN_VERSION) {
			return PLUGIN_VERSION;
		}
	}
	return -1;
}

static bool open_files(struct plugin *plugin, const struct mosquitto_opt *options, int option_count)
{
	const char *registry = option_text(options, option_count, "registry");
	const char *status = option_text(options, option_count, "status");
	struct problem problem;

	if (!registry || !status) {
		return false;
	}
	if (registry_open(registry, REGISTRY_WRITE, 0, &plugin->registry, &problem) ||
	    credential_secret(plugin->registry, plugin->secret) < 0) {
		mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: %s",
				     plugin->registry ? registry_problem(plugin->registry)
						      : problem.text);
		return false;
	}
	/* Moving the log into the database waits for the disk: the API does it, not the broker. */
	registry_leave_log(plugin->registry);
	if (!status_file_init(&plugin->status_file, status)) {
		mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: %s: %s", status, strerror(errno));
		return false;
	}
	if (!plugin->status_file.is_file) {
		mosquitto_log_printf(MOSQ_LOG_WARNING,
				     "flagship: %s: %s: flagship cloud status knows nothing until "
				     "there is room for it",
				     status, strerror(errno));
	}
	plugin->status = plugin->status_file.status;
	begin_status(plugin);
	return true;
}

static void plugin_destroy(struct plugin *plugin)
{
	clients_finish(&plugin->clients);
	registry_close(plugin->registry);
	status_file_finish(&plugin->status_file);
	OPENSSL_cleanse(plugin->secret, sizeof(plugin->secret));
	free(plugin);
}

static void bound(struct plugin *plugin, const struct mosquitto_opt *options, int option_count)
{
	plugin->unproven_max = option_number(options, option_count, "per_address",
					     GATE_PER_ADDRESS);
	gate_open(&(struct gate_options){
		.descriptors = option_number(options, option_count, "descriptors", 0),
		.per_address = plugin->unproven_max,
		.count_unproven = sessions_count_unproven,
		.context = &plugin->clients,
	});
	if (!gate_is_in_place()) {
		mosquitto_log_printf(MOSQ_LOG_WARNING,
				     "flagship: connections before their login are not bounded: "
				     "the plugin is not loaded before the C library");
	}
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **context,
			  struct mosquitto_opt *options, int option_count)
{
	struct plugin *plugin = calloc(1, sizeof(*plugin));

	if (!plugin) {
		return MOSQ_ERR_NOMEM;
	}
	plugin->identifier = identifier;
	plugin->generation = 1;
	plugin->parent = getppid();
	clients_init(&plugin->clients);
	if (!open_files(plugin, options, option_count)) {
		plugin_destroy(plugin);
		return MOSQ_ERR_UNKNOWN;
	}
	plugin->version = registry_version(plugin->registry);
	bound(plugin, options, option_count);
	*context = plugin;
	mosquitto_callback_register(identifier, MOSQ_EVT_BASIC_AUTH, on_login, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_ACL_CHECK, on_access, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_DISCONNECT, on_disconnect, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_MESSAGE, on_message, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_TICK, on_tick, NULL, plugin);
	return MOSQ_ERR_SUCCESS;
}

int mosquitto_plugin_cleanup(void *context, struct mosquitto_opt *options, int option_count)
{
	struct plugin *plugin = context;

	(void)options;
	(void)option_count;
	if (!plugin) {
		return MOSQ_ERR_SUCCESS;
	}
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_BASIC_AUTH, on_login, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_ACL_CHECK, on_access, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_DISCONNECT, on_disconnect, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_MESSAGE, on_message, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_TICK, on_tick, NULL);
	plugin_destroy(plugin);
	return MOSQ_ERR_SUCCESS;
}
