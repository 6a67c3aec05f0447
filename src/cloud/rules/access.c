/* SPDX-License-Identifier: MIT */
#include "cloud/rules/access.h"

#include "cloud/registry/credential.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <string.h>

#define PAYLOAD_PHONE  "/phone/maker/"
#define PAYLOAD_DEVICE "/device/maker/"
#define WILDCARDS      "+#"
#define SHARE_PREFIX   "$"

static bool starts_with(const char *text, size_t length, const char *prefix)
{
	size_t prefix_length = strlen(prefix);

	return length >= prefix_length && memcmp(text, prefix, prefix_length) == 0;
}

bool access_names_printer(const char *username, char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1])
{
	serial[0] = '\0';
	if (!username ||
	    !starts_with(username, strlen(username), FLAGSHIP_PRINTER_USERNAME_PREFIX)) {
		return false;
	}
	username += strlen(FLAGSHIP_PRINTER_USERNAME_PREFIX);
	if (flagship_serial_valid(username)) {
		memcpy(serial, username, strlen(username) + 1);
	}
	return true;
}

/* As long for a wrong password as for the right one of the same length. */
static bool same_text(const char *given, const char *expected)
{
	size_t length = strlen(expected);

	return given && strlen(given) == length && CRYPTO_memcmp(given, expected, length) == 0;
}

static int login_account(struct registry *registry, const char *user_id, const char *password,
			 struct access_login *login, enum access_login_result *result)
{
	struct registry_account account;
	int found = registry_find_user(registry, user_id, &account);

	if (found <= 0) {
		return found;
	}
	const char *expected = account.mqtt_password[0] != '\0' ? account.mqtt_password
								: account.email;
	if (same_text(password, expected)) {
		*result = ACCESS_LOGIN_TAKEN;
		login->role = account.administrator ? ACCESS_ADMINISTRATOR : ACCESS_ACCOUNT;
		memcpy(login->user_id, account.user_id, sizeof(login->user_id));
	} else {
		*result = ACCESS_LOGIN_WRONG;
	}
	registry_account_wipe(&account);
	return found;
}

/* By the serial number in its name, else by what it presents alone. */
static int find_printer(struct registry *registry, const char *username,
			const uint8_t hash[REGISTRY_HASH_SIZE], struct access_login *login)
{
	uint8_t bound[REGISTRY_HASH_SIZE];

	if (!access_names_printer(username, login->serial)) {
		return registry_find_bound(registry, hash, login->serial);
	}
	int found = registry_bound(registry, login->serial, bound);
	return found > 0 ? CRYPTO_memcmp(bound, hash, sizeof(bound)) == 0 : found;
}

static int login_printer(struct registry *registry, const char *username, const char *password,
			 struct access_login *login, enum access_login_result *result)
{
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	uint8_t hash[REGISTRY_HASH_SIZE];
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	int found = credential_secret(registry, secret);

	if (found < 0 || !credential_hash(secret, username, password, hash) ||
	    (access_names_printer(username, serial) && (!password || password[0] == '\0'))) {
		OPENSSL_cleanse(secret, sizeof(secret));
		return found < 0 ? found : 0;
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	found = find_printer(registry, username, hash, login);
	if (found > 0) {
		*result = ACCESS_LOGIN_TAKEN;
		login->role = ACCESS_PRINTER;
	}
	return found;
}

int access_login(struct registry *registry, const char *username, const char *password,
		 struct access_login *login, enum access_login_result *result)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	int found = 0;

	memset(login, 0, sizeof(*login));
	*result = ACCESS_LOGIN_UNKNOWN;
	if (username && !access_names_printer(username, serial) &&
	    starts_with(username, strlen(username), FLAGSHIP_USERNAME_PREFIX)) {
		found = login_account(registry, username + strlen(FLAGSHIP_USERNAME_PREFIX),
				      password, login, result);
	}
	if (found == 0) {
		found = login_printer(registry, username, password, login, result);
	}
	return found < 0 ? found : 0;
}

static bool is_for_clients(enum flagship_topic_kind kind)
{
	return kind == FLAGSHIP_TOPIC_NOTICE || kind == FLAGSHIP_TOPIC_COMMAND_REPLY ||
	       kind == FLAGSHIP_TOPIC_QUERY_REPLY;
}

static bool is_for_printers(enum flagship_topic_kind kind)
{
	return kind == FLAGSHIP_TOPIC_COMMAND || kind == FLAGSHIP_TOPIC_QUERY;
}

/* For voice assistants and the cloud, by their names; no client of the vendor's was seen there. */
static bool is_for_printers_alone(enum flagship_topic_kind kind)
{
	return kind == FLAGSHIP_TOPIC_SMART_COMMAND || kind == FLAGSHIP_TOPIC_SERVER_COMMAND;
}

static const char *check_account(struct registry *registry, const struct access_login *login,
				 enum access_operation operation,
				 const struct flagship_topic *topic)
{
	bool publishes = operation == ACCESS_PUBLISH;

	if (topic->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		if (strcmp(topic->owner, login->user_id) != 0) {
			return "the topic of another account";
		}
		return publishes ? "only the cloud publishes on this topic" : NULL;
	}
	if (is_for_printers_alone(topic->kind)) {
		return publishes ? "only administrators publish on this topic"
				 : "only the printer reads this topic";
	}
	if (publishes && !is_for_printers(topic->kind)) {
		return "only the printer publishes on this topic";
	}
	return registry_reaches(registry, login->user_id, topic->owner) == 1
		       ? NULL
		       : "a printer that is not of this account";
}

static const char *check_quarantine(struct registry *registry, const struct access_login *login,
				    enum access_operation operation, const char *topic,
				    size_t length)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1] = "";

	length -= strlen(ACCESS_QUARANTINE);
	if (login->role != ACCESS_ACCOUNT || operation == ACCESS_PUBLISH) {
		return "only the broker publishes on this topic, for accounts";
	}
	if (length < sizeof(serial)) {
		memcpy(serial, topic + strlen(ACCESS_QUARANTINE), length);
	}
	return flagship_serial_valid(serial) && strlen(serial) == length &&
			       registry_reaches(registry, login->user_id, serial) == 1
		       ? NULL
		       : "a printer that is not of this account";
}

static const char *check_printer(struct access_login *login, enum access_operation operation,
				 const struct flagship_topic *topic)
{
	bool publishes = operation == ACCESS_PUBLISH;
	bool right_way = publishes ? is_for_clients(topic->kind)
				   : is_for_printers(topic->kind) ||
					     is_for_printers_alone(topic->kind);

	if (topic->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		return "the topic of an account";
	}
	if (login->serial[0] != '\0' && strcmp(topic->owner, login->serial) != 0) {
		return "the topic of another printer";
	}
	if (!right_way) {
		return publishes ? "a printer does not publish on this topic"
				 : "a printer does not read this topic";
	}
	if (login->role == ACCESS_UNPROVEN && operation == ACCESS_RECEIVE) {
		return "a printer hears others when it is proven which one it is";
	}
	if (login->serial[0] == '\0') {
		/* A serial number is never longer: the topic was parsed. */
		memcpy(login->serial, topic->owner, sizeof(login->serial));
		login->serial[sizeof(login->serial) - 1] = '\0';
	}
	return NULL;
}

const char *access_check(struct registry *registry, struct access_login *login,
			 enum access_operation operation, const char *topic, size_t length,
			 bool retain)
{
	struct flagship_topic parsed;

	if (login->role == ACCESS_ADMINISTRATOR) {
		return NULL;
	}
	if (login->role == ACCESS_NOBODY) {
		return "not logged in";
	}
	if (starts_with(topic, length, SHARE_PREFIX)) {
		return "only administrators reach $SYS and shared subscriptions";
	}
	for (size_t i = 0; i < strlen(WILDCARDS); i++) {
		if (memchr(topic, WILDCARDS[i], length)) {
			return "wildcards are for administrators: name each topic";
		}
	}
	if (starts_with(topic, length, ACCESS_QUARANTINE)) {
		return check_quarantine(registry, login, operation, topic, length);
	}
	if (flagship_topic_parse(topic, length, &parsed)) {
		return "not a topic of a printer";
	}
	/* What a printer retains is delivered all the same; the broker keeps nothing of it. */
	if (operation == ACCESS_PUBLISH && retain && login->role == ACCESS_ACCOUNT) {
		return "retained messages are for administrators";
	}
	return login->role == ACCESS_ACCOUNT ? check_account(registry, login, operation, &parsed)
					     : check_printer(login, operation, &parsed);
}

bool access_payload_well_formed(const void *payload, size_t length)
{
	struct flagship_frame frame;

	/* Parsing only reads: the frame it fills in is for callers who go on to decrypt. */
	return payload && (flagship_frame_parse((uint8_t *)payload, length, &frame) == 0 ||
			   flagship_gcm_plausible(payload, length));
}

bool access_topic_wants_payload(const char *topic, size_t length)
{
	return starts_with(topic, length, PAYLOAD_PHONE) ||
	       starts_with(topic, length, PAYLOAD_DEVICE);
}
