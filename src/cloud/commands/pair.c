/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "cli/kit/suggest.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cloud/broker/status.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/json_print.h"
#include "cloud/commands/show/listing.h"
#include "cloud/registry/pairing_window.h"

#include <cjson/cJSON.h>
#include <flagship/flagship.h>

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_OPEN_MS INT64_C(600000)
#define OPEN_MAX_MS     (PAIRING_WINDOW_MAX_S * MS_PER_S)
#define MS_PER_S        1000
#define CLAIM_BYTES     4 /* of a credential, that tell claims apart */
#define VERB_WORDS_MAX  3
#define WORDS_MAX       17
#define STATE_FULL      "full"

struct pair_options {
	struct cloud_options cloud;
	int64_t for_ms;
	bool json;
	bool all;
};

static const struct options_option pair_table[] = {
	{.name = "for",
	 .kind = OPTIONS_DURATION,
	 .value = "TIME",
	 .help = "how long the window stays open (10m)",
	 .offset = offsetof(struct pair_options, for_ms),
	 .minimum = MS_PER_S,
	 .maximum = OPEN_MAX_MS},
	{.name = "all",
	 .kind = OPTIONS_FLAG,
	 .help = "list what was approved and rejected too; clear what was rejected too",
	 .offset = offsetof(struct pair_options, all)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct pair_options, json)},
};

static const struct options_group pair_group = OPTIONS_GROUP("Options", pair_table);

static const char *const state_names[] = {
	[REGISTRY_PAIRING_WAITING] = "waiting",
	[REGISTRY_PAIRING_APPROVED] = "approved",
	[REGISTRY_PAIRING_REJECTED] = "rejected",
};

struct collector {
	struct registry *registry;
	bool all;
	bool is_open; /* the window */
	cJSON *array;
};

static void add_name(struct registry *registry, const char *serial, cJSON *object)
{
	struct store_printer printer = {0};

	(void)registry_find_printer(registry, serial, &printer);
	cJSON_AddStringToObject(object, "name", printer.name);
	OPENSSL_cleanse(&printer, sizeof(printer));
}

/* Of a client that has the key; null of one that nothing proves. */
static void add_change(struct registry *registry, const struct registry_pairing *pairing,
		       cJSON *object)
{
	char text[LISTING_CHANGE_MAX];

	if (pairing->kind != REGISTRY_PAIRING_CHANGED) {
		cJSON_AddNullToObject(object, "changed");
		return;
	}
	listing_describe_change(registry, pairing, text, sizeof(text));
	cJSON_AddStringToObject(object, "changed", text);
}

static bool collect(void *context, const struct registry_pairing *pairing)
{
	const struct collector *collector = context;
	cJSON *object;
	char claim[2 * CLAIM_BYTES + 1];

	if (pairing->state != REGISTRY_PAIRING_WAITING && !collector->all) {
		return true;
	}
	/* Its window has ended, and with it the claim; listing changes nothing. */
	if (pairing->state == REGISTRY_PAIRING_WAITING &&
	    pairing->kind == REGISTRY_PAIRING_UNKNOWN && !collector->is_open) {
		return true;
	}
	object = cJSON_CreateObject();

	hex_encode(pairing->credential, CLAIM_BYTES, HEX_LOWER, claim);
	cJSON_AddStringToObject(object, "serial", pairing->serial);
	add_name(collector->registry, pairing->serial, object);
	cJSON_AddStringToObject(object, "claim", claim);
	cJSON_AddStringToObject(object, "state",
				pairing->state <= REGISTRY_PAIRING_REJECTED
					? state_names[pairing->state]
					: "unknown");
	cJSON_AddStringToObject(object, "client_id", pairing->client_id);
	cJSON_AddStringToObject(object, "address", pairing->address);
	cJSON_AddStringToObject(object, "username", pairing->username);
	add_change(collector->registry, pairing, object);
	cJSON_AddNumberToObject(object, "first_seen", (double)pairing->first_seen);
	cJSON_AddNumberToObject(object, "last_seen", (double)pairing->last_seen);
	cJSON_AddItemToArray(collector->array, object);
	return true;
}

static void print_table(const cJSON *list)
{
	static const char *const fields[] = {"serial", "name",    "claim",
					     "state",  "address", "client_id"};
	const size_t columns = sizeof(fields) / sizeof(fields[0]);
	struct output output;
	const char **cells = calloc(((size_t)cJSON_GetArraySize(list) + 1) * columns,
				    sizeof(*cells));
	const char **cell = cells;
	const cJSON *item;

	if (!cells) {
		return;
	}
	*cell++ = "PRINTER";
	*cell++ = "NAME";
	*cell++ = "CLAIM";
	*cell++ = "STATE";
	*cell++ = "ADDRESS";
	*cell++ = "CLIENT";
	cJSON_ArrayForEach(item, list)
	{
		for (size_t i = 0; i < columns; i++) {
			const char *text = cJSON_GetStringValue(
				cJSON_GetObjectItem(item, fields[i]));

			*cell++ = text && text[0] != '\0' ? text : "-";
		}
	}
	output_init(&output, stdout);
	output_table(&output, cells, (size_t)cJSON_GetArraySize(list) + 1, columns);
	free(cells);
}

/* They wait for another key, and no approval lets them be understood. */
static void collect_misfits(const struct cloud *cloud, const struct broker_status *status,
			    cJSON *array)
{
	for (size_t i = 0; status && i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *slot = &status->printers[i];
		cJSON *object;

		if (slot->serial[0] == '\0' || !broker_status_misfits(slot)) {
			continue;
		}
		object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "serial", slot->serial);
		add_name(cloud->registry, slot->serial, object);
		cJSON_AddStringToObject(object, "claim", "");
		cJSON_AddStringToObject(object, "state", "key does not fit");
		cJSON_AddNumberToObject(object, "last_seen", (double)slot->misfit_at);
		cJSON_AddItemToArray(array, object);
	}
}

static unsigned int count_from(const cJSON *array, const char *address)
{
	const cJSON *item;
	unsigned int count = 0;

	cJSON_ArrayForEach(item, array)
	{
		const char *state = cJSON_GetStringValue(cJSON_GetObjectItem(item, "state"));
		const char *from = cJSON_GetStringValue(cJSON_GetObjectItem(item, "address"));

		count += state && strcmp(state, state_names[REGISTRY_PAIRING_WAITING]) == 0 &&
			 (!address || (from && strcmp(from, address) == 0));
	}
	return count;
}

static void add_full(cJSON *array, const char *address)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "serial", "");
	cJSON_AddStringToObject(object, "name", "");
	cJSON_AddStringToObject(object, "claim", "");
	cJSON_AddStringToObject(object, "state", STATE_FULL);
	cJSON_AddStringToObject(object, "address", address);
	cJSON_AddNullToObject(object, "last_seen");
	cJSON_AddItemToArray(array, object);
}

/* Whose further claims are not kept: so that it is not taken for silence where a printer is not
 * listed. */
static void collect_full(cJSON *array)
{
	int count = cJSON_GetArraySize(array);

	for (int i = 0; i < count; i++) {
		const cJSON *item = cJSON_GetArrayItem(array, i);
		const char *address = cJSON_GetStringValue(cJSON_GetObjectItem(item, "address"));

		if (address && count_from(array, address) >= REGISTRY_PAIRINGS_PLACE_MAX) {
			bool told = false;

			for (int before = count; before < cJSON_GetArraySize(array); before++) {
				const cJSON *row = cJSON_GetArrayItem(array, before);

				told = told || strcmp(cJSON_GetStringValue(
							      cJSON_GetObjectItem(row, "address")),
						      address) == 0;
			}
			if (!told) {
				add_full(array, address);
			}
		}
	}
	if (count_from(array, NULL) >= REGISTRY_PAIRINGS_MAX) {
		add_full(array, "");
	}
}

static void print_full(const cJSON *array)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		const char *state = cJSON_GetStringValue(cJSON_GetObjectItem(item, "state"));
		const char *from = cJSON_GetStringValue(cJSON_GetObjectItem(item, "address"));

		if (state && strcmp(state, STATE_FULL) == 0) {
			print_to(stdout,
				 "Full: further claims%s%s are not kept. Drop all that wait: "
				 "flagship cloud pair clear\n",
				 from && from[0] != '\0' ? " from " : "", from ? from : "");
		}
	}
}

static int list(const struct cloud *cloud, bool json, bool all)
{
	const struct broker_status *status = cloud_running_status(cloud);
	struct collector collector = {
		.registry = cloud->registry,
		.all = all,
		.is_open = registry_pairing_is_open(cloud->registry, NULL, cloud_now_s()),
		.array = cJSON_CreateArray()};
	cJSON *array = collector.array;

	if (registry_each_pairing(cloud->registry, collect, &collector) < 0) {
		broker_status_close(status);
		cJSON_Delete(array);
		return cloud_fail(cloud, "the registry cannot be read");
	}
	collect_misfits(cloud, status, array);
	collect_full(array);
	if (json) {
		(void)json_print(array);
	} else if (cJSON_GetArraySize(array) == 0) {
		puts("Nobody waits. Unknown printers may try after flagship cloud pair open.");
	} else {
		print_table(array);
		print_full(array);
		listing_print_changed(cloud->registry);
		listing_print_misfits(cloud->registry, status);
	}
	broker_status_close(status);
	cJSON_Delete(array);
	return CLI_DONE;
}

/* The serial numbers that may be claimed, or any where there is none. */
static int join_serials(int count, char *const *serials, char text[REGISTRY_TEXT_MAX])
{
	size_t used = 0;

	text[0] = '\0';

	for (int i = 0; i < count; i++) {
		int length = snprintf(text + used, REGISTRY_TEXT_MAX - used, "%s%s", i ? " " : "",
				      serials[i]);

		if (!flagship_serial_valid(serials[i]) || length < 0 ||
		    (size_t)length >= REGISTRY_TEXT_MAX - used) {
			cli_error("'%s' is no serial number, or there are too many", serials[i]);
			return CLI_USAGE;
		}
		used += (size_t)length;
	}
	return OPTIONS_RUN;
}

/* With the claims that were made while it was open. */
static int close_window(const struct cloud *cloud)
{
	return pairing_window_close(cloud->registry) < 0 ||
			       registry_end_pairings(cloud->registry) < 0
		       ? cloud_fail(cloud, "the window cannot be changed")
		       : CLI_DONE;
}

static int open_window(const struct cloud *cloud, int64_t for_ms, int count, char *const *serials)
{
	char text[REGISTRY_TEXT_MAX];
	int result = join_serials(count, serials, text);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (registry_end_stale_pairings(cloud->registry, cloud_now_s()) < 0 ||
	    pairing_window_open(cloud->registry, text, for_ms / MS_PER_S) < 0) {
		return cloud_fail(cloud, "the window cannot be changed");
	}
	print_to(stdout,
		 "%s may connect for %" PRId64 " s; they are heard by nobody until they are "
		 "approved, while the window is open.\n",
		 count ? "Printers of these serial numbers" : "Unknown printers",
		 for_ms / MS_PER_S);
	return CLI_DONE;
}

static int change(const struct cloud *cloud, const char *verb, const char *serial,
		  const char *claim)
{
	bool forgets = strcmp(verb, "forget") == 0;
	int changed;

	if (strcmp(verb, "approve") == 0) {
		(void)registry_end_stale_pairings(cloud->registry, cloud_now_s());
		changed = registry_approve_pairing(cloud->registry, serial, claim, cloud_now_s());
	} else if (forgets) {
		int dropped = registry_drop_pairings(cloud->registry, serial);

		(void)registry_drop_hints(cloud->registry, serial);
		changed = registry_unbind(cloud->registry, serial);
		changed = changed == 0 ? dropped : changed;
	} else {
		changed = registry_reject_pairing(cloud->registry, serial, claim);
	}
	if (changed < 0) {
		return cloud_fail(cloud, "the registry cannot be changed");
	}
	if (changed == REGISTRY_SEVERAL) {
		cli_error("several clients claim to be printer %s: say which, as flagship cloud "
			  "pair list tells them: flagship cloud pair %s %s CLAIM",
			  serial, verb, serial);
		return CLI_FAILED;
	}
	if (changed == REGISTRY_TAKEN) {
		cli_error("printer %s is known by another login: where that is not the printer any "
			  "more, run flagship cloud pair forget %s, and let it claim again",
			  serial, serial);
		return CLI_FAILED;
	}
	if (changed == 0) {
		cli_error("there is no %s %s; see flagship cloud %s",
			  forgets ? "printer" : "claim to be printer", serial,
			  forgets ? "list" : "pair list");
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static bool is_change(const char *verb, int argc)
{
	if (strcmp(verb, "forget") == 0) {
		return argc == 2;
	}
	return (strcmp(verb, "approve") == 0 || strcmp(verb, "reject") == 0) && argc >= 2 &&
	       argc <= VERB_WORDS_MAX;
}

static int tell_unknown(const char *verb)
{
	static const char *const verbs[] = {"list",   "open",   "close", "approve",
					    "reject", "forget", "clear", NULL};
	const char *nearest = suggest_of(verb, verbs);
	bool meant = nearest && strcmp(nearest, verb) != 0;

	cli_error("cloud pair wants list, open, close, clear, or approve, reject or forget with a "
		  "SERIAL"
		  "%s%s%s",
		  meant ? "; did you mean " : "", meant ? nearest : "", meant ? "?" : "");
	return CLI_USAGE;
}

static int dispatch(const struct cloud *cloud, const struct pair_options *options, int argc,
		    char **argv)
{
	const char *verb = argc > 0 ? argv[0] : "list";

	if (strcmp(verb, "list") == 0 && argc <= 1) {
		return list(cloud, options->json, options->all);
	}
	if (strcmp(verb, "open") == 0) {
		return open_window(cloud, options->for_ms, argc - 1, argv + 1);
	}
	if (strcmp(verb, "close") == 0 && argc == 1) {
		return close_window(cloud);
	}
	if (strcmp(verb, "clear") == 0 && argc == 1) {
		return registry_clear_pairings(cloud->registry, options->all) < 0
			       ? cloud_fail(cloud, "the registry cannot be changed")
			       : CLI_DONE;
	}
	if (is_change(verb, argc)) {
		return change(cloud, verb, argv[1], argc == VERB_WORDS_MAX ? argv[2] : NULL);
	}
	return tell_unknown(verb);
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct pair_options options = {.for_ms = DEFAULT_OPEN_MS};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud,
			    argc == 0 || strcmp(argv[0], "list") == 0 ? REGISTRY_READ
								      : REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = dispatch(&cloud, &options, argc, argv);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_pair_command = {
	.name = "cloud pair",
	.section = "Accounts and printers",
	.summary = "let unknown printers in: list, open, close, clear, approve, reject, forget",
	.arguments = "list|open [SERIAL...]|close|clear|approve SERIAL [CLAIM]|reject SERIAL "
		     "[CLAIM]|forget SERIAL",
	.arguments_max = WORDS_MAX,
	.description =
		"A printer whose key is known proves itself by its answer to a question of the "
		"cloud's, and\nneeds none of this, unless it presents itself differently than "
		"before. "
		"Others may connect\nwhile the window is open, are heard by nobody but "
		"administrators, and "
		"wait to be\napproved. What an approved printer logged in with is bound to its "
		"serial number;\nforget undoes that, for a printer that logs in differently now, "
		"and drops all claims. "
		"Where several clients\nclaim to be the same printer, CLAIM says which.",
	.groups = (const struct options_group *const[]){&pair_group, &cloud_options_group, NULL},
	.run = run,
};
