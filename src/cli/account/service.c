/* SPDX-License-Identifier: MIT */
#include "cli/account/service.h"

#include "cli/kit/cli.h"
#include "cli/target/connection.h"
#include "cli/target/stored.h"
#include "store/settings/settings.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MAX_MS INT64_C(600000)
#define RETRIES        3
#define RETRIES_MAX    10
#define TIMEOUT_MS     15000
#define WAIT_MAX_MS    20000 /* longer silence would look like a failure to people */

#define PLACE(member)  offsetof(struct service_options, member)

static const struct options_option service_table[] = {
	{.name = "api",
	 .kind = OPTIONS_LIST,
	 .value = "URL",
	 .help = "ask this service and not the vendor's: https://HOST:PORT; of several the one "
		 "that answers first",
	 .offset = PLACE(api)},
	{.name = "broker",
	 .kind = OPTIONS_TEXT,
	 .value = "URL",
	 .help = "the broker of these printers, where it is not the vendor's: mqtts://HOST:PORT",
	 .offset = PLACE(broker)},
	{.name = "ca",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "trust the --api and --broker whose certificates this CA issued (PEM)",
	 .offset = PLACE(ca)},
	{.name = "pin",
	 .kind = OPTIONS_TEXT,
	 .value = "SHA256",
	 .help = "trust the certificate with this fingerprint and no other",
	 .offset = PLACE(pin)},
	{.name = "timeout",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "how long to wait for each answer of the service (15)",
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

static int check_ca(struct service_settings *settings, const char *file)
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
	uint8_t pin[TRUST_PIN_SIZE];

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
	if (options->pin && !trust_parse_pin(options->pin, pin)) {
		cli_error("--pin wants the SHA-256 fingerprint of a certificate: 64 hex digits, "
			  "colons allowed");
		return CLI_USAGE;
	}
	if (options->pin) {
		snprintf(settings->pin, sizeof(settings->pin), "%s", options->pin);
	}
	return options->ca ? check_ca(settings, options->ca) : OPTIONS_RUN;
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

int service_settings_init(struct service_settings *settings, const struct service_options *options)
{
	*settings = (struct service_settings){.timeout_ms = TIMEOUT_MS, .retries = RETRIES};
	int result = load_settings(settings);

	if (result == OPTIONS_RUN) {
		result = check_trust(settings, options);
	}
	if (result == OPTIONS_RUN) {
		result = check_broker(options->broker);
	}
	if (options->timeout_ms > 0) {
		settings->timeout_ms = (uint32_t)options->timeout_ms;
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

static int start(struct service *service, const struct vendor_api_options *options)
{
	char detail[HTTP_DETAIL_MAX];

	if (uv_loop_init(&service->loop) != 0) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	int error = vendor_api_create(&service->loop, options, detail, &service->api);
	if (!error) {
		return OPTIONS_RUN;
	}
	cli_error("%s", detail);
	uv_loop_close(&service->loop);
	return error == FLAGSHIP_ERROR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
}

struct trust_options service_trust(const struct service_settings *settings)
{
	bool ca = settings->own_api && settings->ca_file[0];
	bool pin = settings->own_api && settings->pin[0];

	return (struct trust_options){
		.ca_file = ca ? settings->ca_file : NULL,
		.pin_sha256 = pin ? settings->pin : NULL,
	};
}

int service_open(struct service *service, const char *url, const struct service_settings *settings,
		 const struct flagship_account *login)
{
	struct vendor_api_options options = {
		.http = {.url = url,
			 .trust = service_trust(settings),
			 .connect_timeout_ms = settings->timeout_ms,
			 .timeout_ms = settings->timeout_ms,
			 .retries = settings->retries,
			 .wait_max_ms = WAIT_MAX_MS},
		.token = login ? login->auth_token : NULL,
		.user_id = login ? login->user_id : NULL,
		.country = login && login->country[0] ? login->country : NULL,
		.session = settings->session,
	};

	*service = (struct service){0};
	if (snprintf(service->url, sizeof(service->url), "%s", url) >= (int)sizeof(service->url)) {
		cli_error("the address of the service is too long: %s", url);
		return CLI_USAGE;
	}
	return start(service, &options);
}

void service_close(struct service *service)
{
	vendor_api_close(service->api, NULL, NULL);
	uv_run(&service->loop, UV_RUN_DEFAULT);
	uv_loop_close(&service->loop);
}

static void keep_answer(void *context, const struct vendor_answer *answer)
{
	struct service_answer *kept = context;

	kept->outcome = answer->outcome;
	kept->failure = answer->failure;
	kept->code = answer->code;
	snprintf(kept->detail, sizeof(kept->detail), "%s", answer->detail);
	kept->text = malloc(answer->data.length + (size_t)1);
	if (!kept->text) {
		kept->outcome = VENDOR_UNREACHABLE;
		kept->failure = HTTP_FAILURE_MACHINE;
		snprintf(kept->detail, sizeof(kept->detail), "%s",
			 flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return;
	}
	if (answer->data.length > 0) {
		memcpy(kept->text, answer->data.data, answer->data.length);
	}
	kept->text[answer->data.length] = '\0';
	kept->data = (struct flagship_json){kept->text, answer->data.length};
}

int service_call(struct service *service, enum vendor_call call,
		 const struct vendor_parameters *parameters, struct service_answer *answer)
{
	static const struct vendor_parameters nothing = {0};

	*answer = (struct service_answer){0};
	int error = vendor_api_call(service->api, call, parameters ? parameters : &nothing,
				    keep_answer, answer);
	if (error) {
		cli_error("cannot ask %s for '%s': %s", service->url, vendor_call_name(call),
			  flagship_strerror(error));
		return error == FLAGSHIP_ERROR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
	}
	while (!answer->text && answer->outcome != VENDOR_UNREACHABLE &&
	       uv_run(&service->loop, UV_RUN_ONCE) != 0) {
	}
	return OPTIONS_RUN;
}

void service_answer_finish(struct service_answer *answer)
{
	if (answer->text) {
		OPENSSL_cleanse(answer->text, answer->data.length);
	}
	free(answer->text);
	*answer = (struct service_answer){0};
}

int service_status(const struct service_answer *answer)
{
	switch (answer->outcome) {
	case VENDOR_DONE:
		return CLI_DONE;
	case VENDOR_UNREACHABLE:
		return answer->failure == HTTP_FAILURE_TOO_LARGE ||
				       answer->failure == HTTP_FAILURE_MACHINE
			       ? CLI_FAILED
			       : CLI_CANNOT_CONNECT;
	case VENDOR_EXPIRED:
	case VENDOR_REFUSED:
	case VENDOR_CAPTCHA:
	case VENDOR_SECOND_FACTOR:
		return CLI_NOT_ALLOWED;
	case VENDOR_BUSY:
	case VENDOR_BROKEN:
		break;
	}
	return CLI_FAILED;
}

static const char *advice(const struct service_answer *answer)
{
	if (answer->outcome == VENDOR_EXPIRED) {
		return "; get a new one with flagship login, or log in to the vendor's program "
		       "and run flagship import again";
	}
	if (answer->outcome != VENDOR_UNREACHABLE) {
		return "";
	}
	switch (answer->failure) {
	case HTTP_FAILURE_RESOLVE:
	case HTTP_FAILURE_CONNECT:
	case HTTP_FAILURE_TIMEOUT:
		return "; check the network, and that names of the vendor are not blocked";
	default:
		return "";
	}
}

int service_tell(const struct service_answer *answer)
{
	cli_error("%s%s", answer->detail, advice(answer));
	return service_status(answer);
}
