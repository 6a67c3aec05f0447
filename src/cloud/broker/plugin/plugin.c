/* SPDX-License-Identifier: MIT */

/*
 * flagship_broker.so, the plugin of mosquitto: logins out of the registry, the vendor's rules of
 * access, checks of payloads, and printers that are learned on first use. Options:
 *	plugin_opt_registry PATH
 *	plugin_opt_status PATH
 *	plugin_opt_descriptors COUNT
 *	plugin_opt_per_address COUNT
 */
#include "cloud/broker/plugin/plugin.h"

#include "base/clock.h"
#include "cloud/broker/plugin/claims.h"
#include "cloud/broker/plugin/clients.h"
#include "cloud/broker/plugin/gate.h"
#include "cloud/broker/plugin/learning.h"
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

void plugin_note_time(struct plugin *plugin, uint64_t started_ns)
{
	uint64_t took_ns = clock_stopwatch_ns() - started_ns;

	if (took_ns > plugin->status->slowest_ns) {
		plugin->status->slowest_ns = took_ns;
	}
}

void plugin_count(struct plugin *plugin, enum broker_count counter)
{
	plugin->status->counts[counter]++;
}

void plugin_note_changes(struct plugin *plugin)
{
	int64_t version = registry_version(plugin->registry);

	if (version != plugin->version) {
		plugin->version = version;
		plugin->generation++;
		questions_hurry(&plugin->questions, &plugin->clients, clock_steady_s());
	}
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

	plugin_count(plugin, counters[operation]);
	refusals_log_denied(&plugin->refusals, event, operation, reason);
	return MOSQ_ERR_ACL_DENIED;
}

static int drop_malformed(struct plugin *plugin, const struct mosquitto_evt_acl_check *event)
{
	plugin_count(plugin, BROKER_MALFORMED);
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
	switch (learning_receive(client, plugin->registry, plugin->status, event)) {
	case LEARNED_PRINTER:
		/* The registry's version tells what others wrote alone. */
		plugin->generation++;
		note_message(client);
		break;
	case LEARNED_ANSWER:
		questions_continue(&plugin->questions, client, clock_steady_s());
		break;
	case LEARNED_NOTHING:
		plugin_count(plugin, BROKER_QUARANTINED);
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
	plugin_count(plugin, BROKER_PUBLISHED);
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

	if (!event->retain &&
	    client_was_allowed(client, operation, event->topic, length, plugin->generation)) {
		return NULL;
	}
	const char *reason = access_check(plugin->registry, &client->login, operation, event->topic,
					  length, event->retain);
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
		plugin_note_if_known(plugin, client);
	}
	return reason;
}

/* mosquitto bounds what waits in number only, and by nothing where it goes out with QoS 0. */
static int decide_delivery(struct plugin *plugin, struct plugin_client *client,
			   const struct mosquitto_evt_acl_check *event)
{
	bool takes = client->forget_at != 0 ||
		     gate_takes(client->descriptor, event->payloadlen, &client->owed);

	plugin_count(plugin, takes ? BROKER_DELIVERED : BROKER_DENIED_RECEIVE);
	return takes ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
}

static int decide_access(struct plugin *plugin, const struct mosquitto_evt_acl_check *event)
{
	struct plugin_client *client = clients_find(&plugin->clients, event->client);
	enum access_operation operation;

	if (!to_operation(event->access, &operation)) {
		return MOSQ_ERR_SUCCESS;
	}
	const char *reason = client ? find_reason(plugin, client, operation, event)
				    : "not logged in";
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
		bool listened = client->listens;
		questions_note_subscription(&plugin->questions, client, event->topic,
					    clock_steady_s());
		if (client->listens && !listened) {
			claims_note_listener(client, plugin->registry, plugin->status);
		}
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
	plugin_note_time(plugin, started_ns);
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
	plugin_note_changes(plugin);
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
	plugin_note_time(plugin, started_ns);
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

/* plugin_opt_KEY of the broker's configuration; NULL, and logged, where it is missing. */
static const char *option_text(const struct mosquitto_opt *options, int option_count,
			       const char *key)
{
	for (int i = 0; i < option_count; i++) {
		if (strcmp(options[i].key, key) == 0) {
			return options[i].value;
		}
	}
	mosquitto_log_printf(MOSQ_LOG_ERR, "flagship: plugin_opt_%s is missing", key);
	return NULL;
}

/* Likewise, as a number; otherwise: where it is missing. */
static size_t option_number(const struct mosquitto_opt *options, int option_count, const char *key,
			    size_t otherwise)
{
	const char *text = option_text(options, option_count, key);

	return text ? strtoul(text, NULL, 10) : otherwise;
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
	mosquitto_callback_register(identifier, MOSQ_EVT_BASIC_AUTH, plugin_on_login, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_ACL_CHECK, on_access, NULL, plugin);
	mosquitto_callback_register(identifier, MOSQ_EVT_DISCONNECT, plugin_on_disconnect, NULL,
				    plugin);
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
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_BASIC_AUTH, plugin_on_login,
				      NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_ACL_CHECK, on_access, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_DISCONNECT, plugin_on_disconnect,
				      NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_MESSAGE, on_message, NULL);
	mosquitto_callback_unregister(plugin->identifier, MOSQ_EVT_TICK, on_tick, NULL);
	plugin_destroy(plugin);
	return MOSQ_ERR_SUCCESS;
}
