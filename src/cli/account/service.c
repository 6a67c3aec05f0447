/* SPDX-License-Identifier: MIT */
#include "cli/account/service.h"

#include "cli/kit/cli.h"
#include "cli/target/connection.h"
#include "cli/target/stored.h"
#include "store/settings/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_MS INT64_C(600000)
#define RETRIES        3
#define RETRIES_MAX    10

#define PLACE(member)  offsetof(struct service_options, member)

static const struct options_option service_table[] = {
	{.name = "api",
	 .kind = OPTIONS_LIST,
	 .value = "URL",
	 .help = "ask this service and not the vendor's: https://HOST:PORT; of several the one "
		 "that answers first",
	 .offset = PLACE(api)},
	CONNECTION_BROKER_OPTIONS(
		struct service_options,
		"the broker of these printers, where it is not the vendor's: mqtts://HOST:PORT",
		"trust the --api and --broker whose certificates this CA issued (PEM)"),
	{.name = "timeout",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long to wait for each answer of the service (15; for those of a login 60)",
	 .offset = PLACE(timeout_ms),
	 .minimum = 1,
	 .maximum = TIMEOUT_MAX_MS},
	{.name = "json", .kind = OPTIONS_FLAG, .help = "print JSON", .offset = PLACE(json)},
};

const struct options_group service_options_group = OPTIONS_GROUP("Service", service_table);

static enum vendor_session_use read_session(const char *text)
{
	if (strcmp(text, "signed") == 0) {
		return VENDOR_SESSION_SIGNED;
	}
	return strcmp(text, "plain") == 0 ? VENDOR_SESSION_PLAIN : VENDOR_SESSION_AUTO;
}

static void read_settings(const struct settings *stored, struct service_settings *settings)
{
	int64_t number;

	if (options_read_duration(settings_get(stored, "api", "timeout"), &number) && number > 0 &&
	    number <= TIMEOUT_MAX_MS) {
		settings->timeout_ms = (uint32_t)number;
		settings->answer_timeout_ms = settings_is_set(stored, "api", "timeout")
						      ? settings->timeout_ms
						      : settings->answer_timeout_ms;
	}
	if (options_read_integer(settings_get(stored, "api", "retries"), &number) && number >= 0 &&
	    number <= RETRIES_MAX) {
		settings->retries = (unsigned int)number;
	}
	settings->session = read_session(settings_get(stored, "api", "session"));
}

static int load_settings(struct service_settings *settings)
{
	struct settings *stored = NULL;
	int result = stored_settings_load(&stored);

	if (result == OPTIONS_RUN) {
		read_settings(stored, settings);
	}
	settings_destroy(stored);
	return result;
}

int service_settings_set_ca(struct service_settings *settings, const char *file)
{
	char *absolute = realpath(file, NULL);
	int result = OPTIONS_RUN;

	if (!absolute) {
		cli_error("cannot open the CA file %s: %s", file, strerror(errno));
		result = CLI_USAGE;
	} else if (snprintf(settings->ca_file, sizeof(settings->ca_file), "%s", absolute) >=
		   (int)sizeof(settings->ca_file)) {
		cli_error("the path of the CA file %s is too long", file);
		result = CLI_USAGE;
	}
	free(absolute);
	return result;
}

static int check_trust(struct service_settings *settings, const struct service_options *options)
{
	if (options->ca && options->pin) {
		cli_error("only one of --ca and --pin can be given");
		return CLI_USAGE;
	}
	if ((options->ca || options->pin) && options->api.count == 0 && !options->broker) {
		cli_error("--ca and --pin are for an --api or a --broker of your own; the vendor's "
			  "are known");
		return CLI_USAGE;
	}
	settings->own_api = options->api.count > 0;
	if (options->pin && !connection_pin_valid(options->pin)) {
		return CLI_USAGE;
	}
	if (options->pin) {
		snprintf(settings->pin, sizeof(settings->pin), "%s", options->pin);
	}
	return options->ca ? service_settings_set_ca(settings, options->ca) : OPTIONS_RUN;
}

static int check_broker(const char *text)
{
	struct broker_url url;

	if (!text) {
		return OPTIONS_RUN;
	}
	if (strlen(text) >= STORE_TEXT_MAX) {
		cli_error("the address of the --broker is too long");
		return CLI_USAGE;
	}
	return connection_broker_valid(text, &url) ? OPTIONS_RUN : CLI_USAGE;
}

int service_settings_init(struct service_settings *settings, const struct service_options *options,
			  uint32_t answer_timeout_ms)
{
	*settings = (struct service_settings){.timeout_ms = SERVICE_TIMEOUT_MS,
					      .answer_timeout_ms = answer_timeout_ms,
					      .retries = RETRIES};
	int result = load_settings(settings);

	if (result == OPTIONS_RUN) {
		result = check_trust(settings, options);
	}
	if (result == OPTIONS_RUN) {
		result = check_broker(options->broker);
	}
	if (options->timeout_ms > 0) {
		settings->timeout_ms = (uint32_t)options->timeout_ms;
		settings->answer_timeout_ms = settings->timeout_ms;
	}
	return result;
}

void service_describe(const struct service_options *options,
		      const struct service_settings *settings, struct store_account *account)
{
	if (options->broker) {
		snprintf(account->broker, sizeof(account->broker), "%s", options->broker);
	}
	memcpy(account->ca_file, settings->ca_file, sizeof(account->ca_file));
	memcpy(account->pin, settings->pin, sizeof(account->pin));
}

int service_report(enum service_failure failure, const struct problem *problem)
{
	static const int statuses[] = {
		[SERVICE_OK] = OPTIONS_RUN,
		[SERVICE_UNUSABLE] = CLI_USAGE,
		[SERVICE_FAILED] = CLI_FAILED,
		[SERVICE_CANNOT_CONNECT] = CLI_CANNOT_CONNECT,
		[SERVICE_NOT_ALLOWED] = CLI_NOT_ALLOWED,
		[SERVICE_EXPIRED] = CLI_NOT_ALLOWED,
		[SERVICE_GIVEN_UP] = CLI_FAILED,
	};

	if (failure) {
		cli_error("%s", problem->text);
	}
	return statuses[failure];
}

void service_warn(void *context, const struct problem *problem)
{
	(void)context;
	cli_warn("%s", problem->text);
}
