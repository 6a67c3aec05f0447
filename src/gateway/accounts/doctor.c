/* SPDX-License-Identifier: MIT */
#include "gateway/accounts/internal.h"
#include "gateway/sentences/sentences.h"
#include "store/file/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each link of the chain to a printer, as `flagship doctor` finds it. */

#define WORD_SIZE        256
#define DOCTOR_ARGUMENTS 8

/* The first one, who waits no more; NULL where nobody does. */
static struct http_request *take_patient(struct accounts *accounts)
{
	if (list_is_empty(&accounts->patients)) {
		return NULL;
	}
	struct patient *patient = LIST_OF(accounts->patients.next, struct patient, place);
	/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	struct http_request *request = patient->request;

	list_remove(&patient->place);
	free(patient);
	return request;
}

static void drop_patient(struct patient *patient)
{
	list_remove(&patient->place);
	free(patient);
}

/* Nobody waits any more: what is found is for nobody. */
static void on_asker_gone(void *context)
{
	struct patient *patient = context;
	struct accounts *accounts = patient->accounts;

	drop_patient(patient);
	if (list_is_empty(&accounts->patients)) {
		program_kill(accounts->doctor);
		accounts->doctor = NULL;
	}
}

/* --- what was found --- */

struct found {
	const struct accounts *accounts;
	const char *members;                 /* of the child's object: "links": […], "ok": …} */
	const struct store_account *account; /* NULL: of no account */
};

static void write_found(struct json_writer *writer, const void *context)
{
	const struct found *found = context;
	const char *printer = found->accounts->doctored;

	json_object_begin(writer);
	json_member_known(writer, "printer", printer);
	json_key(writer, "account");
	if (found->account) {
		accounts_write_account(writer, found->accounts, found->account);
	} else {
		json_null(writer);
	}
	json_raw(writer, found->members, strlen(found->members));
	json_object_end(writer);
}

/* That whose session the gateway has for this printer. */
static const struct store_account *account_of(const struct accounts *accounts, const char *serial)
{
	bool several;
	const struct fleet_printer *printer = gateway_printers_find(accounts->printers, serial,
								    &several);

	return printer ? gateway_printers_account(accounts->printers, printer) : NULL;
}

/* The members of the one object that it printed, with the brace behind them cut; NULL where that is
 * none. */
static char *take_members(const struct program_end *end)
{
	cJSON *object = store_json_parse(end->output, end->length);
	cJSON *links = cJSON_GetObjectItemCaseSensitive(object, "links");
	bool is_report = cJSON_IsArray(links);
	cJSON *link;

	cJSON_ArrayForEach(link, links)
	{
		sentence_annotate(link, "detail");
		sentence_annotate(link, "advice");
	}
	char *text = is_report ? cJSON_PrintUnformatted(object) : NULL;

	cJSON_Delete(object);
	if (text) {
		text[strlen(text) - 1] = '\0';
		memmove(text, text + 1, strlen(text));
	}
	return text;
}

static void respond(struct http_request *request, const struct found *found,
		    const struct program_end *end)
{
	if (found->members) {
		rest_respond(request, REST_OK, write_found, found);
	} else if (end->ending == PROGRAM_TIMED_OUT) {
		rest_respond_problem(request, REST_GATEWAY_TIMEOUT,
				     "it took too long, and was ended: try again");
	} else {
		rest_respond_problem(request, REST_FAILED, "doctor found nothing: %s",
				     end->reason[0] != '\0' ? end->reason
							    : "it ended without a report");
	}
}

static void on_doctor_end(void *context, const struct program_end *end)
{
	struct accounts *accounts = context;
	char *members = end->ending == PROGRAM_EXITED ? take_members(end) : NULL;
	const struct found found = {accounts, members, account_of(accounts, accounts->doctored)};

	accounts->doctor = NULL;
	struct http_request *request;
	while ((request = take_patient(accounts))) {
		respond(request, &found, end);
	}
	cJSON_free(members);
}

/* --- who asks --- */

static bool start(struct accounts *accounts, struct http_request *request, const char *serial)
{
	const char *arguments[DOCTOR_ARGUMENTS + 1] = {"doctor", "--json"};
	const struct store_account *account = account_of(accounts, serial);
	const char *holder = accounts->lan_holder(accounts->lan_context, serial);
	size_t count = 2;
	const struct program_options options = {
		.program = accounts->main_program,
		.arguments = arguments,
		.timeout_ms = accounts->timeout_ms,
		.on_end = on_doctor_end,
		.context = accounts,
	};
	struct problem problem;

	snprintf(accounts->doctored, sizeof(accounts->doctored), "%s", serial);
	if (serial[0] != '\0') {
		arguments[count++] = "-p";
		arguments[count++] = accounts->doctored;
	}
	if (serial[0] != '\0' && holder) {
		arguments[count++] = "--lan-held-by";
		arguments[count++] = holder;
	}
	if (account && account->local) {
		arguments[count++] = "--accounts";
		arguments[count++] = gateway_printers_cloud_file(accounts->printers);
	}
	if (program_start(accounts->loop, &options, &accounts->doctor, &problem)) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		return false;
	}
	program_end_input(accounts->doctor);
	return true;
}

static void wait_for(struct accounts *accounts, struct http_request *request, const char *serial)
{
	if (accounts->stopped || (accounts->doctor && strcmp(accounts->doctored, serial) != 0)) {
		http_request_add_header(request, "retry-after", ACCOUNTS_WAIT_S);
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "another printer is looked at: try again in a moment");
		return;
	}
	struct patient *patient = calloc(1, sizeof(*patient));
	if (!patient) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	if (!accounts->doctor && !start(accounts, request, serial)) {
		free(patient);
		return;
	}
	patient->accounts = accounts;
	patient->request = request;
	list_insert(&accounts->patients, &patient->place);
	http_request_watch(request, on_asker_gone, patient);
}

void accounts_get_printer_doctor(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	const struct fleet_printer *printer = web_find_printer(accounts->printers, request,
							       rest_refuse);

	if (printer) {
		wait_for(accounts, request, fleet_printer_serial(printer));
	}
}

/* Without a printer the only one, or what is missing for there to be one. */
void accounts_get_doctor(struct http_request *request, void *context)
{
	struct accounts *accounts = context;
	const struct fleet_printer *printer = gateway_printers_next(accounts->printers, NULL);
	char word[WORD_SIZE];
	bool several = false;

	if (http_request_query_value(request, "printer", word, sizeof(word))) {
		printer = gateway_printers_find(accounts->printers, word, &several);
		if (!printer) {
			rest_respond_problem(request, several ? REST_CONFLICT : REST_NOT_FOUND,
					     several ? "several printers have this name"
						     : "there is no such printer");
			return;
		}
	} else if (gateway_printers_count(accounts->printers) > 1) {
		rest_respond_problem(request, REST_CONFLICT,
				     "there are several printers: say which with ?printer=");
		return;
	}
	wait_for(accounts, request, printer ? fleet_printer_serial(printer) : "");
}

void doctor_stop(struct accounts *accounts)
{
	program_kill(accounts->doctor);
	accounts->doctor = NULL;
	struct http_request *request;
	while ((request = take_patient(accounts))) {
		rest_respond_problem(request, REST_UNAVAILABLE, "the gateway ends");
	}
}
