/* SPDX-License-Identifier: MIT */
#include "vendor/service.h"

#include "base/clock.h"
#include "vendor/import/import.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_MS     20000 /* longer silence would look like a failure to people */
#define SERIALS_AT_ONCE 100

static enum service_failure failure_of(int error)
{
	return error == FLAGSHIP_ERROR_ARGUMENT ? SERVICE_UNUSABLE : SERVICE_FAILED;
}

static enum service_failure start_loop(struct service *service,
				       const struct vendor_api_options *options,
				       struct problem *problem)
{
	char detail[HTTP_DETAIL_MAX];

	if (uv_loop_init(&service->loop) != 0) {
		problem_set(problem, "cannot make an event loop");
		return SERVICE_FAILED;
	}
	int error = vendor_api_create(&service->loop, options, detail, &service->api);
	if (!error) {
		return SERVICE_OK;
	}
	problem_set(problem, "%s", detail);
	uv_loop_close(&service->loop);
	return failure_of(error);
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

enum service_failure service_open(struct service *service, const char *url,
				  const struct service_settings *settings,
				  const struct flagship_account *login, struct problem *problem)
{
	struct vendor_api_options options = {
		.http = {.url = url,
			 .trust = service_trust(settings),
			 .connect_timeout_ms = settings->timeout_ms,
			 .timeout_ms = settings->answer_timeout_ms,
			 .retries = settings->retries,
			 .wait_max_ms = WAIT_MAX_MS},
		.token = login ? login->auth_token : NULL,
		.user_id = login ? login->user_id : NULL,
		.country = login && login->country[0] ? login->country : NULL,
		.session = settings->session,
	};

	*service = (struct service){0};
	if (snprintf(service->url, sizeof(service->url), "%s", url) >= (int)sizeof(service->url)) {
		problem_set(problem, "the address of the service is too long: %s", url);
		return SERVICE_UNUSABLE;
	}
	return start_loop(service, &options, problem);
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

enum service_failure service_call(struct service *service, enum vendor_call call,
				  const struct vendor_parameters *parameters,
				  struct service_answer *answer, struct problem *problem)
{
	static const struct vendor_parameters nothing = {0};

	*answer = (struct service_answer){0};
	int error = vendor_api_call(service->api, call, parameters ? parameters : &nothing,
				    keep_answer, answer);
	if (error) {
		problem_set(problem, "cannot ask %s for '%s': %s", service->url,
			    vendor_call_name(call), flagship_strerror(error));
		return failure_of(error);
	}
	while (!answer->text && answer->outcome != VENDOR_UNREACHABLE &&
	       uv_run(&service->loop, UV_RUN_ONCE) != 0) {
	}
	return SERVICE_OK;
}

void service_answer_finish(struct service_answer *answer)
{
	if (answer->text) {
		OPENSSL_cleanse(answer->text, answer->data.length);
	}
	free(answer->text);
	*answer = (struct service_answer){0};
}

static enum service_failure failure_of_answer(const struct service_answer *answer)
{
	switch (answer->outcome) {
	case VENDOR_DONE:
		return SERVICE_OK;
	case VENDOR_UNREACHABLE:
		return answer->failure == HTTP_FAILURE_TOO_LARGE ||
				       answer->failure == HTTP_FAILURE_MACHINE
			       ? SERVICE_FAILED
			       : SERVICE_CANNOT_CONNECT;
	case VENDOR_EXPIRED:
		return SERVICE_EXPIRED;
	case VENDOR_REFUSED:
	case VENDOR_CAPTCHA:
	case VENDOR_SECOND_FACTOR:
		return SERVICE_NOT_ALLOWED;
	case VENDOR_BUSY:
	case VENDOR_BROKEN:
		break;
	}
	return SERVICE_FAILED;
}

static const char *advice_of(const struct service_answer *answer)
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

enum service_failure service_answer_check(const struct service_answer *answer,
					  struct problem *problem)
{
	enum service_failure failure = failure_of_answer(answer);

	if (failure) {
		problem_set(problem, "%s%s", answer->detail, advice_of(answer));
	}
	return failure;
}

static enum service_failure take_list(const struct fetch *fetch, const struct service *service,
				      const struct service_answer *answer,
				      struct store_account *account, struct problem *problem)
{
	size_t skipped;
	int error = import_printer_list(answer->data, account, &skipped);

	if (error) {
		problem_set(problem, "%s answered '%s' with what is not understood: %s",
			    service->url, vendor_call_name(VENDOR_PRINTERS),
			    flagship_strerror(error));
		return SERVICE_FAILED;
	}
	if (skipped > 0) {
		struct problem left_out;

		problem_set(
			&left_out,
			"%zu of the devices have no serial number of a printer and were left out",
			skipped);
		fetch->warn(fetch->context, &left_out);
	}
	account->refreshed_at = clock_unix_s();
	return SERVICE_OK;
}

static void warn_missing(const struct fetch *fetch, const char *what, const char *why)
{
	struct problem problem;

	problem_set(&problem, "%s: %s", what, why);
	fetch->warn(fetch->context, &problem);
}

/* What of it is missing is no reason to fail: printers work without it. */
static enum service_failure fetch_profile(const struct fetch *fetch, struct service *service,
					  struct store_account *account, struct problem *problem)
{
	struct service_answer answer;

	/* A local cloud tells the MQTT login there. */
	bool is_local = account->api[0] && !account->mqtt_username[0];
	if (account->login.email[0] && account->login.country[0] && !is_local) {
		return SERVICE_OK;
	}
	enum service_failure failure = service_call(service, VENDOR_PROFILE, NULL, &answer,
						    problem);
	if (!failure && answer.outcome == VENDOR_DONE) {
		(void)import_profile(answer.data, &account->login);
		import_local_cloud(answer.data, vendor_api_host(service->api), account);
	} else if (!failure && answer.outcome != VENDOR_EXPIRED) {
		warn_missing(fetch, "the profile of the account is not known", answer.detail);
	}
	service_answer_finish(&answer);
	return failure;
}

/* They are for the LAN protocol alone: without them the rest goes on. */
static enum service_failure fetch_dsk_keys(const struct fetch *fetch, struct service *service,
					   struct store_account *account, size_t first,
					   size_t count, struct problem *problem)
{
	static const char missing[] = "the keys of the LAN protocol are missing";
	const char *serials[SERIALS_AT_ONCE];
	struct vendor_parameters parameters = {.serials = serials, .serial_count = count};
	struct service_answer answer;

	for (size_t i = 0; i < count; i++) {
		serials[i] = account->printers[first + i].serial;
	}
	enum service_failure failure = service_call(service, VENDOR_DSK_KEYS, &parameters, &answer,
						    problem);
	if (!failure && answer.outcome != VENDOR_DONE) {
		warn_missing(fetch, missing, answer.detail);
	} else if (!failure) {
		int error = import_dsk_keys(answer.data, account);
		if (error) {
			warn_missing(fetch, missing, flagship_strerror(error));
		}
	}
	service_answer_finish(&answer);
	return failure;
}

static enum service_failure fetch_all_dsk_keys(const struct fetch *fetch, struct service *service,
					       struct store_account *account,
					       struct problem *problem)
{
	enum service_failure failure = SERVICE_OK;

	for (size_t first = 0; first < account->printer_count && !failure;
	     first += SERIALS_AT_ONCE) {
		size_t left = account->printer_count - first;

		failure = fetch_dsk_keys(fetch, service, account, first,
					 left < SERIALS_AT_ONCE ? left : SERIALS_AT_ONCE, problem);
	}
	return failure;
}

enum service_failure fetch_printers(const struct fetch *fetch, struct service *service,
				    struct store_account *account, struct problem *problem)
{
	struct service_answer answer;
	enum service_failure failure = service_call(service, VENDOR_PRINTERS, NULL, &answer,
						    problem);

	if (!failure) {
		failure = service_answer_check(&answer, problem);
	}
	if (!failure) {
		failure = take_list(fetch, service, &answer, account, problem);
	}
	service_answer_finish(&answer);
	if (!failure) {
		failure = fetch_all_dsk_keys(fetch, service, account, problem);
	}
	if (!failure) {
		failure = fetch_profile(fetch, service, account, problem);
	}
	return failure;
}
