/* SPDX-License-Identifier: MIT */
#include "cli/account/fetch.h"

#include "base/clock.h"
#include "cli/kit/cli.h"
#include "vendor/import.h"

#include <flagship/error.h>

#include <stdlib.h>

#define SERIALS_AT_ONCE 100

static int tell_unreadable(const struct service *service, enum vendor_call call, int error)
{
	cli_error("%s answered '%s' with what is not understood: %s", service->url,
		  vendor_call_name(call), flagship_strerror(error));
	return CLI_FAILED;
}

static int take_list(const struct service *service, const struct service_answer *answer,
		     struct store_account *account)
{
	size_t skipped;
	int error = import_printer_list(answer->data, account, &skipped);

	if (error) {
		return tell_unreadable(service, VENDOR_PRINTERS, error);
	}
	if (skipped > 0) {
		cli_warn("%zu of the devices have no serial number of a printer and were left out",
			 skipped);
	}
	account->refreshed_at = clock_unix_s();
	return OPTIONS_RUN;
}

/* What of it is missing is no reason to fail: printers work without it. */
static int fetch_profile(struct service *service, struct store_account *account)
{
	struct service_answer answer;
	int result = OPTIONS_RUN;

	/* A local cloud tells the MQTT login there. */
	bool is_local = account->api[0] && !account->mqtt_username[0];
	if (account->login.email[0] && account->login.country[0] && !is_local) {
		return OPTIONS_RUN;
	}
	result = service_call(service, VENDOR_PROFILE, NULL, &answer);
	if (result == OPTIONS_RUN && answer.outcome == VENDOR_DONE) {
		(void)import_profile(answer.data, &account->login);
		import_local_cloud(answer.data, vendor_api_host(service->api), account);
	} else if (result == OPTIONS_RUN && answer.outcome != VENDOR_EXPIRED) {
		cli_warn("the profile of the account is not known: %s", answer.detail);
	}
	service_answer_finish(&answer);
	return result;
}

/* They are for the LAN protocol alone: without them the rest goes on. */
static int fetch_dsk_keys(struct service *service, struct store_account *account, size_t first,
			  size_t count)
{
	const char *serials[SERIALS_AT_ONCE];
	struct vendor_parameters parameters = {.serials = serials, .serial_count = count};
	struct service_answer answer;

	for (size_t i = 0; i < count; i++) {
		serials[i] = account->printers[first + i].serial;
	}
	int result = service_call(service, VENDOR_DSK_KEYS, &parameters, &answer);
	if (result == OPTIONS_RUN && answer.outcome != VENDOR_DONE) {
		cli_warn("the keys of the LAN protocol are missing: %s", answer.detail);
	} else if (result == OPTIONS_RUN) {
		int error = import_dsk_keys(answer.data, account);
		if (error) {
			cli_warn("the keys of the LAN protocol are missing: %s",
				 flagship_strerror(error));
		}
	}
	service_answer_finish(&answer);
	return result;
}

static int fetch_all_dsk_keys(struct service *service, struct store_account *account)
{
	int result = OPTIONS_RUN;

	for (size_t first = 0; first < account->printer_count && result == OPTIONS_RUN;
	     first += SERIALS_AT_ONCE) {
		size_t left = account->printer_count - first;

		result = fetch_dsk_keys(service, account, first,
					left < SERIALS_AT_ONCE ? left : SERIALS_AT_ONCE);
	}
	return result;
}

int fetch_list(struct service *service, struct store_account *account,
	       struct service_answer *answer)
{
	int result = service_call(service, VENDOR_PRINTERS, NULL, answer);

	if (result != OPTIONS_RUN || answer->outcome != VENDOR_DONE) {
		return result;
	}
	result = take_list(service, answer, account);
	if (result == OPTIONS_RUN) {
		result = fetch_all_dsk_keys(service, account);
	}
	if (result == OPTIONS_RUN) {
		result = fetch_profile(service, account);
	}
	return result;
}

int fetch_printers(struct service *service, struct store_account *account)
{
	struct service_answer answer;
	int result = fetch_list(service, account, &answer);

	if (result == OPTIONS_RUN && answer.outcome != VENDOR_DONE) {
		result = service_tell(&answer);
	}
	service_answer_finish(&answer);
	return result;
}
