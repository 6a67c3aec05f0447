/* SPDX-License-Identifier: MIT */
#include "cli/target/connection.h"

#include "cli/kit/secret_file.h"

#include <flagship/account.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define EXAMPLE_BROKER "--broker mqtts://localhost:8789"

static const char *const model_choices[] = {"m5", "m5c", "e1", NULL};

#define PLACE(member) offsetof(struct connection_options, member)

static const struct options_option connection_table[] = {
	CONNECTION_BROKER_OPTIONS(struct connection_options,
				  "mqtts://HOST:PORT, or mqtt://HOST:PORT without TLS",
				  "trust a broker whose certificate this CA issued (PEM)"),
	{.name = "insecure",
	 .kind = OPTIONS_FLAG,
	 .help = "trust any certificate: anybody on the way can read and command",
	 .offset = PLACE(insecure)},
	{.name = "username",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "user name of the MQTT login",
	 .offset = PLACE(username)},
	{.name = "password-file",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "file whose first line is the password of the MQTT login",
	 .offset = PLACE(password_file)},
	{.name = "serial",
	 .kind = OPTIONS_TEXT,
	 .value = "SERIAL",
	 .help = "serial number of the printer",
	 .offset = PLACE(serial)},
	{.name = "model",
	 .kind = OPTIONS_CHOICE,
	 .choices = model_choices,
	 .help = "model of the printer",
	 .offset = PLACE(model)},
	{.name = "user-id",
	 .kind = OPTIONS_TEXT,
	 .value = "ID",
	 .help = "the account's user id: commands name it, and its change notices are followed",
	 .offset = PLACE(user_id)},
	{.name = "mqtt5",
	 .kind = OPTIONS_FLAG,
	 .help = "speak MQTT 5 and not 3.1.1",
	 .offset = PLACE(mqtt5)},
	{.name = "timeout",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long to wait for an answer (10)",
	 .offset = PLACE(timeout_ms),
	 .minimum = 1,
	 .maximum = INT64_C(86400000)},
};

const struct options_group connection_options_group = OPTIONS_GROUP_SHARED("Connection",
									   connection_table);

static int missing(const char *what, const char *example)
{
	cli_error("%s is missing: give for example %s", what, example);
	return CLI_NOT_CONFIGURED;
}

bool connection_broker_valid(const char *text, struct broker_url *url)
{
	char reported[BROKER_URL_EXPLAINED_MAX];
	const char *problem = broker_url_parse(text, url);

	if (problem) {
		cli_error("--broker '%s': %s", broker_url_explain(text, reported), problem);
	}
	return !problem;
}

bool connection_pin_valid(const char *text)
{
	uint8_t pin[TRUST_PIN_SIZE];
	bool valid = trust_parse_pin(text, pin);

	if (!valid) {
		cli_error("--pin wants the SHA-256 fingerprint of a certificate: 64 hex digits, "
			  "colons allowed");
	}
	return valid;
}

static bool parse_broker(struct connection *connection, const char *text)
{
	struct broker_url url;

	if (!connection_broker_valid(text, &url)) {
		return false;
	}
	connection->plain = url.plain;
	connection->port = url.port;
	snprintf(connection->host, sizeof(connection->host), "%s", url.host);
	snprintf(connection->endpoint, sizeof(connection->endpoint),
		 strchr(connection->host, ':') ? "[%s]:%u" : "%s:%u", connection->host,
		 connection->port);
	return true;
}

static int set_broker(struct connection *connection, const struct connection_options *options)
{
	if (!options->broker) {
		return missing("the broker", EXAMPLE_BROKER);
	}
	if (!parse_broker(connection, options->broker)) {
		return CLI_USAGE;
	}
	if (connection->plain && (options->ca || options->pin || options->insecure)) {
		cli_error("--ca, --pin and --insecure need TLS: use mqtts:// and not mqtt://");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int set_trust(struct connection *connection, const struct connection_options *options)
{
	if ((options->ca != NULL) + (options->pin != NULL) + options->insecure > 1) {
		cli_error("only one of --ca, --pin and --insecure can be given");
		return CLI_USAGE;
	}
	if (options->pin && !connection_pin_valid(options->pin)) {
		return CLI_USAGE;
	}
	if (options->insecure) {
		cli_warn("--insecure: the broker's certificate is not checked; anybody between "
			 "here and %s can read and change everything",
			 connection->host);
	}
	connection->trust = (struct trust_options){
		.ca_file = options->ca,
		.pin_sha256 = options->pin,
		.insecure = options->insecure,
	};
	return OPTIONS_RUN;
}

enum flagship_model connection_model(const struct connection_options *options)
{
	return options->model == CONNECTION_MODEL_UNSET
		       ? FLAGSHIP_MODEL_UNKNOWN
		       : flagship_model_from_name(model_choices[options->model]);
}

static int set_printer(struct connection *connection, const struct connection_options *options)
{
	if (!options->serial) {
		return missing("the printer's serial number", "--serial AK7ABC0123456789");
	}
	if (!flagship_serial_valid(options->serial)) {
		cli_error("'%s' is no serial number: those have up to %d letters and digits",
			  options->serial, FLAGSHIP_SERIAL_LENGTH_MAX);
		return CLI_USAGE;
	}
	connection->serial = options->serial;
	connection->user_id = options->user_id;
	connection->model = connection_model(options);
	return OPTIONS_RUN;
}

static int load_password(struct connection *connection, const char *name)
{
	size_t length;
	int result = secret_file_read(name, "password file", connection->password,
				      sizeof(connection->password), &length);

	if (result != OPTIONS_RUN) {
		return result;
	}
	connection->password[length] = '\0';
	connection->password[strcspn(connection->password, "\r\n")] = '\0';
	connection->has_password = true;
	return OPTIONS_RUN;
}

static int set_login(struct connection *connection, const struct connection_options *options)
{
	if (options->password_file && !options->username) {
		return missing("the user name that goes with --password-file", "--username NAME");
	}
	connection->username = options->username;
	return options->password_file ? load_password(connection, options->password_file)
				      : OPTIONS_RUN;
}

static void begin(struct connection *connection, const struct connection_options *options)
{
	*connection = (struct connection){
		.mqtt5 = options->mqtt5,
		.timeout_ms = options->timeout_ms != CONNECTION_TIMEOUT_UNSET
				      ? options->timeout_ms
				      : CONNECTION_TIMEOUT_MS,
	};
}

int connection_init_login(struct connection *connection, const struct connection_options *options)
{
	begin(connection, options);
	int result = set_broker(connection, options);
	if (result == OPTIONS_RUN) {
		result = set_trust(connection, options);
	}
	return result == OPTIONS_RUN ? set_login(connection, options) : result;
}

int connection_init(struct connection *connection, const struct connection_options *options,
		    struct key_options *key)
{
	begin(connection, options);
	int result = set_broker(connection, options);
	if (result == OPTIONS_RUN) {
		result = set_trust(connection, options);
	}
	if (result == OPTIONS_RUN) {
		result = set_printer(connection, options);
	}
	if (result == OPTIONS_RUN) {
		result = set_login(connection, options);
	}
	if (result == OPTIONS_RUN) {
		result = key_options_require(key, &connection->key);
	}
	return result;
}

void connection_finish(struct connection *connection)
{
	flagship_key_destroy(connection->key);
	OPENSSL_cleanse(connection->password, sizeof(connection->password));
	*connection = (struct connection){0};
}

struct mqtt_session_options connection_session_options(const struct connection *connection)
{
	return (struct mqtt_session_options){
		.host = connection->host,
		.port = connection->port,
		.plain = connection->plain,
		.trust = connection->trust,
		.username = connection->username,
		.password = connection->has_password ? connection->password : NULL,
		.mqtt5 = connection->mqtt5,
	};
}
