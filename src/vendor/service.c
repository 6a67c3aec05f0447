/* SPDX-License-Identifier: MIT */
#include "vendor/service.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_MS 20000 /* longer silence would look like a failure to people */

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
