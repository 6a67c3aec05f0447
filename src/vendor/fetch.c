/* SPDX-License-Identifier: MIT */
#include "vendor/fetch.h"

#include "base/clock.h"
#include "vendor/import/import.h"

#include <flagship/error.h>

#define SERIALS_AT_ONCE 100

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
