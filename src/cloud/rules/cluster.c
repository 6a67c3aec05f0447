/* SPDX-License-Identifier: MIT */
#include "cloud/rules/cluster.h"

#include "base/clock.h"
#include "base/hex.h"
#include "cloud/rules/access.h"
#include "daemon/http/syntax/path.h"
#include "store/file/json.h"

#include <cjson/cJSON.h>
#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SECRET_BYTES   20
#define HTTP_OK        200
#define HTTP_NOT_FOUND 404
#define JSON_TYPE      "application/json"
#define TEXT_TYPE      "text/plain"
#define VALUE_MAX      1024
#define MQTT_VHOST     "/"
#define MQTT_EXCHANGE  "amq.topic"
#define QUEUE_KEPT_S   INT64_C(2592000) /* RabbitMQ itself keeps an idle one for a day */
#define MQTT_QUEUE     "mqtt-subscription-"

struct cluster_request {
	struct registry *registry;
	const char *body;
	size_t length;
	const cJSON *json; /* of EMQX; NULL where it is none */
};

int cluster_secret(struct registry *registry, char secret[CLUSTER_SECRET_SIZE])
{
	uint8_t bytes[SECRET_BYTES];
	char text[REGISTRY_TEXT_MAX];
	int result = registry_get(registry, CLUSTER_SECRET_SETTING, text);

	if (result > 0) {
		snprintf(secret, CLUSTER_SECRET_SIZE, "%.40s", text);
	} else if (result == 0 && RAND_bytes(bytes, sizeof(bytes)) == 1) {
		hex_encode(bytes, sizeof(bytes), HEX_LOWER, secret);
		result = registry_set(registry, CLUSTER_SECRET_SETTING, secret);
	} else if (result == 0) {
		result = FLAGSHIP_ERROR_CRYPTO;
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return result;
}

/* Who this is, without a password: the broker has checked it when the client came. */
static bool known_login(struct registry *registry, const char *username, struct access_login *login)
{
	struct registry_account account;

	memset(login, 0, sizeof(*login));
	if (!access_names_printer(username, login->serial) &&
	    strncmp(username, FLAGSHIP_USERNAME_PREFIX, strlen(FLAGSHIP_USERNAME_PREFIX)) == 0 &&
	    registry_find_user(registry, username + strlen(FLAGSHIP_USERNAME_PREFIX), &account) ==
		    1) {
		login->role = account.administrator ? ACCESS_ADMINISTRATOR : ACCESS_ACCOUNT;
		memcpy(login->user_id, account.user_id, sizeof(login->user_id));
		registry_account_wipe(&account);
		return true;
	}
	if (registry_cluster_printer(registry, username, login->serial) == 1) {
		login->role = ACCESS_PRINTER;
		return true;
	}
	return false;
}

/* Two printers with one user name could not be told apart later: the second one is refused. */
static bool has_name_alone(struct registry *registry, const char *username, const char *serial)
{
	char owner[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

	return registry_note_cluster_printer(registry, username, serial) >= 0 &&
	       registry_cluster_printer(registry, username, owner) == 1 &&
	       strcmp(owner, serial) == 0;
}

static bool log_in(struct registry *registry, const char *username, const char *password,
		   struct access_login *login)
{
	enum access_login_result result;

	if (access_login(registry, username, password, login, &result) ||
	    result != ACCESS_LOGIN_TAKEN) {
		return false;
	}
	return login->role != ACCESS_PRINTER || has_name_alone(registry, username, login->serial);
}

/* --- EMQX --- */

static const char *body_text(const struct cluster_request *request, const char *name)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(request->json, name));

	return text ? text : "";
}

static void emqx_authenticate(const struct cluster_request *request, struct cluster_answer *answer)
{
	struct access_login login;
	bool allowed = log_in(request->registry, body_text(request, "username"),
			      body_text(request, "password"), &login);

	snprintf(answer->text, sizeof(answer->text), "{\"result\":\"%s\",\"is_superuser\":%s}",
		 allowed ? "allow" : "deny",
		 allowed && login.role == ACCESS_ADMINISTRATOR ? "true" : "false");
}

/* EMQX writes the placeholder as a text or as a value of its own, after the quotes around it. */
static bool is_retained(const struct cluster_request *request)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request->json, "retain")) ||
	       strcmp(body_text(request, "retain"), "true") == 0;
}

static void emqx_authorise(const struct cluster_request *request, struct cluster_answer *answer)
{
	const char *action = body_text(request, "action");
	const char *topic = body_text(request, "topic");
	bool publishes = strcmp(action, "publish") == 0;
	struct access_login login;
	bool allowed = (publishes || strcmp(action, "subscribe") == 0) &&
		       known_login(request->registry, body_text(request, "username"), &login) &&
		       !access_check(request->registry, &login,
				     publishes ? ACCESS_PUBLISH : ACCESS_SUBSCRIBE, topic,
				     strlen(topic), is_retained(request));

	snprintf(answer->text, sizeof(answer->text), "{\"result\":\"%s\"}",
		 allowed ? "allow" : "deny");
}

/* --- RabbitMQ --- */

static bool form(const struct cluster_request *request, const char *name, char out[VALUE_MAX])
{
	return form_get(request->body, request->length, name, out, VALUE_MAX);
}

static void answer_text(struct cluster_answer *answer, const char *text)
{
	snprintf(answer->text, sizeof(answer->text), "%s", text);
}

static void rabbit_user(const struct cluster_request *request, struct cluster_answer *answer)
{
	char username[VALUE_MAX];
	char password[VALUE_MAX];
	struct access_login login;
	bool allowed = form(request, "username", username) && form(request, "password", password) &&
		       log_in(request->registry, username, password, &login);

	OPENSSL_cleanse(password, sizeof(password));
	/* No tag: administrators of topics are not administrators of RabbitMQ. */
	answer_text(answer, allowed ? "allow" : "deny");
}

static void rabbit_vhost(const struct cluster_request *request, struct cluster_answer *answer)
{
	char username[VALUE_MAX];
	char vhost[VALUE_MAX];
	struct access_login login;

	answer_text(answer, form(request, "username", username) && form(request, "vhost", vhost) &&
					    strcmp(vhost, MQTT_VHOST) == 0 &&
					    known_login(request->registry, username, &login)
				    ? "allow"
				    : "deny");
}

/* Named after the client id, which anybody can choose: so it is of the user who makes it first. */
static bool may_use_queue(struct registry *registry, const char *name, const char *permission,
			  const char *username)
{
	if (strncmp(name, MQTT_QUEUE, strlen(MQTT_QUEUE)) != 0) {
		return false;
	}
	return strcmp(permission, "configure") == 0
		       ? registry_take_queue(registry, name, username, clock_unix_s(),
					     QUEUE_KEPT_S) == 1
		       : registry_owns_queue(registry, name, username) == 1;
}

/* What the MQTT plugin makes and uses for a client, and nothing else. */
static bool may_use(struct registry *registry, const char *resource, const char *name,
		    const char *permission, const char *username)
{
	if (strcmp(resource, "queue") == 0) {
		return may_use_queue(registry, name, permission, username);
	}
	return strcmp(resource, "exchange") == 0 && strcmp(name, MQTT_EXCHANGE) == 0 &&
	       strcmp(permission, "configure") != 0;
}

static void rabbit_resource(const struct cluster_request *request, struct cluster_answer *answer)
{
	char username[VALUE_MAX];
	char resource[VALUE_MAX];
	char name[VALUE_MAX];
	char permission[VALUE_MAX];
	struct access_login login;

	answer_text(answer,
		    form(request, "username", username) && form(request, "resource", resource) &&
				    form(request, "name", name) &&
				    form(request, "permission", permission) &&
				    known_login(request->registry, username, &login) &&
				    may_use(request->registry, resource, name, permission, username)
			    ? "allow"
			    : "deny");
}

/* RabbitMQ writes topics of MQTT as routing keys of AMQP. */
static void to_topic(char *routing_key)
{
	for (; *routing_key; routing_key++) {
		if (*routing_key == '.') {
			*routing_key = '/';
		} else if (*routing_key == '*') {
			*routing_key = '+';
		}
	}
}

static void rabbit_topic(const struct cluster_request *request, struct cluster_answer *answer)
{
	char username[VALUE_MAX];
	char permission[VALUE_MAX];
	char topic[VALUE_MAX] = "";
	struct access_login login;
	bool allowed = form(request, "username", username) &&
		       form(request, "permission", permission) &&
		       form(request, "routing_key", topic) &&
		       known_login(request->registry, username, &login);

	to_topic(topic);
	if (allowed) {
		bool publishes = strcmp(permission, "write") == 0;

		allowed = (publishes || strcmp(permission, "read") == 0) &&
			  !access_check(request->registry, &login,
					publishes ? ACCESS_PUBLISH : ACCESS_SUBSCRIBE, topic,
					strlen(topic), false);
	}
	answer_text(answer, allowed ? "allow" : "deny");
}

static const struct {
	const char *path; /* after the secret */
	const char *content_type;
	void (*run)(const struct cluster_request *request, struct cluster_answer *answer);
	bool writes; /* whose user name is a printer's, or whose queue it is */
} calls[] = {
	{"/emqx/authn", JSON_TYPE, emqx_authenticate, true},
	{"/emqx/authz", JSON_TYPE, emqx_authorise, false},
	{"/rabbitmq/user", TEXT_TYPE, rabbit_user, true},
	{"/rabbitmq/vhost", TEXT_TYPE, rabbit_vhost, false},
	{"/rabbitmq/resource", TEXT_TYPE, rabbit_resource, true},
	{"/rabbitmq/topic", TEXT_TYPE, rabbit_topic, false},
};

/* What follows the secret, or NULL where it is not the right one. */
static const char *after_secret(struct registry *registry, const char *path)
{
	char secret[CLUSTER_SECRET_SIZE];
	const char *given = path + strlen(CLUSTER_PREFIX);
	size_t length = CLUSTER_SECRET_SIZE - 1;
	bool right = strlen(given) > length && cluster_secret(registry, secret) > 0 &&
		     strlen(secret) == length && CRYPTO_memcmp(given, secret, length) == 0;

	OPENSSL_cleanse(secret, sizeof(secret));
	return right ? given + length : NULL;
}

bool cluster_writes(struct registry *registry, const char *path)
{
	const char *name = after_secret(registry, path);

	for (size_t i = 0; name && i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].path, name) == 0) {
			return calls[i].writes;
		}
	}
	return false;
}

void cluster_call(struct registry *registry, const char *path, const char *body, size_t length,
		  struct cluster_answer *answer)
{
	const char *name = after_secret(registry, path);
	cJSON *json = length > 0 ? store_json_parse(body, length) : NULL;
	const struct cluster_request request = {
		.registry = registry, .body = body, .length = length, .json = json};

	*answer = (struct cluster_answer){.status = HTTP_NOT_FOUND, .content_type = TEXT_TYPE};
	for (size_t i = 0; name && i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].path, name) == 0) {
			answer->status = HTTP_OK;
			answer->content_type = calls[i].content_type;
			calls[i].run(&request, answer);
		}
	}
	cJSON_Delete(json);
}
