/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_CONNECTION_H
#define CLI_TARGET_CONNECTION_H

#include "cli/kit/options.h"
#include "cli/target/key_options.h"
#include "store/broker_url.h"
#include "transport/mqtt/session.h"

#include <flagship/key.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTION_HOST_MAX      BROKER_URL_HOST_MAX
#define CONNECTION_ENDPOINT_MAX  (CONNECTION_HOST_MAX + sizeof("[]:65535"))
#define CONNECTION_PASSWORD_MAX  512
#define CONNECTION_TIMEOUT_MS    INT64_C(10000)
#define CONNECTION_TIMEOUT_UNSET 0

/* How to reach one printer without an account, as it stands on the command line. */
struct connection_options {
	const char *broker;
	const char *ca;
	const char *pin;
	bool insecure;
	const char *username;
	const char *password_file;
	const char *serial;
	int model; /* index in the choices of --model, or CONNECTION_MODEL_UNSET */
	const char *user_id;
	bool mqtt5;
	int64_t timeout_ms; /* or CONNECTION_TIMEOUT_UNSET */
};

#define CONNECTION_MODEL_UNSET (-1)

#define CONNECTION_OPTIONS_DEFAULT                                                      \
	{                                                                               \
		.model = CONNECTION_MODEL_UNSET, .timeout_ms = CONNECTION_TIMEOUT_UNSET \
	}

/* Its target is a struct connection_options; goes together with key_options_group. */
extern const struct options_group connection_options_group;

/* The same, checked and loaded. */
struct connection {
	char host[CONNECTION_HOST_MAX];
	uint16_t port;
	char endpoint[CONNECTION_ENDPOINT_MAX]; /* for people: HOST:PORT or [IPV6]:PORT */
	bool plain;
	struct trust_options trust;
	const char *username;
	char stored_username[CONNECTION_HOST_MAX]; /* of an account, where username leads to it */
	char password[CONNECTION_PASSWORD_MAX];
	bool has_password;
	bool mqtt5;
	const char *serial;
	const char *user_id; /* NULL: no change_notice of the account */
	enum flagship_model model;
	int64_t timeout_ms;
	struct flagship_key *key;
};

/*
 * Mistakes are reported on stderr, with the option that is missing and an example. Returns
 * OPTIONS_RUN, or the exit status; connection_finish is due either way. Strings of the options are
 * borrowed.
 */
int connection_init(struct connection *connection, const struct connection_options *options,
		    struct key_options *key);

/* The same without a printer: broker, trust and login alone. */
int connection_init_login(struct connection *connection, const struct connection_options *options);

/*
 * The options that name a broker and say how its certificate is trusted, for the table of every
 * command line that has them: their target has the members broker, ca and pin. The texts differ,
 * since some commands ask a service too.
 */
#define CONNECTION_BROKER_OPTIONS(target, broker_help, ca_help)                     \
	{.name = "broker",                                                          \
	 .kind = OPTIONS_TEXT,                                                      \
	 .value = "URL",                                                            \
	 .help = (broker_help),                                                     \
	 .offset = offsetof(target, broker)},                                       \
		{.name = "ca",                                                      \
		 .kind = OPTIONS_FILE,                                              \
		 .value = "FILE",                                                   \
		 .help = (ca_help),                                                 \
		 .offset = offsetof(target, ca)},                                   \
	{                                                                           \
		.name = "pin", .kind = OPTIONS_TEXT, .value = "SHA256",             \
		.help = "trust the certificate with this fingerprint and no other", \
		.offset = offsetof(target, pin)                                     \
	}

/* Tells what is wrong with a --broker, without a login that stands in it. */
bool connection_broker_valid(const char *text, struct broker_url *url);

/* Likewise with a --pin. */
bool connection_pin_valid(const char *text);

/* Of --model; UNKNOWN where it was not given. */
enum flagship_model connection_model(const struct connection_options *options);

/* Wipes and frees what connection_init made. */
void connection_finish(struct connection *connection);

/* What of it an MQTT session needs; topics are left to the caller. */
struct mqtt_session_options connection_session_options(const struct connection *connection);

#endif
