/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/memory/wiping.h"
#include "cli/kit/suggest.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cloud/broker/status.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/listing.h"
#include "cloud/registry/pairing_window.h"

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
#define PAIR_COLUMNS    6

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

enum row_kind {
	ROW_CLAIM,
	ROW_MISFIT, /* a printer that waits for another key: no approval lets it be understood */
	ROW_FULL,   /* further claims are not kept: of an address, or of all where it has none */
};

/* A line of the list; texts are "" where they are not known. */
struct pair_row {
	enum row_kind kind;
	enum registry_pairing_state state; /* of a claim */
	bool is_changed;                   /* a claim of a client that has the key */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char name[REGISTRY_TEXT_MAX];
	char claim[2 * CLAIM_BYTES + 1];
	char client_id[REGISTRY_TEXT_MAX];
	char address[REGISTRY_TEXT_MAX];
	char username[REGISTRY_TEXT_MAX];
	char change[LISTING_CHANGE_MAX]; /* what differs, where it is_changed */
	int64_t first_seen;              /* Unix seconds */
	int64_t last_seen;
};

struct pair_list {
	struct registry *registry;
	bool all;
	bool is_open; /* the window */
	bool failed;  /* there was no memory */
	struct pair_row *rows;
	size_t count;
};

static const char *state_name(const struct pair_row *row)
{
	if (row->kind == ROW_MISFIT) {
		return "key does not fit";
	}
	if (row->kind == ROW_FULL) {
		return "full";
	}
	return row->state <= REGISTRY_PAIRING_REJECTED ? state_names[row->state] : "unknown";
}

/* NULL where there is no memory, which the list notes. */
static struct pair_row *add_row(struct pair_list *list, enum row_kind kind, const char *serial)
{
	struct pair_row *grown = wiping_grow(list->rows, list->count, sizeof(*grown));

	if (!grown) {
		list->failed = true;
		return NULL;
	}
	list->rows = grown;
	struct pair_row *row = &grown[list->count++];
	*row = (struct pair_row){.kind = kind};
	if (serial[0] != '\0') {
		struct registry_printer printer = {0};

		(void)registry_find_printer(list->registry, serial, &printer);
		snprintf(row->serial, sizeof(row->serial), "%s", serial);
		memcpy(row->name, printer.name, sizeof(row->name));
		OPENSSL_cleanse(&printer, sizeof(printer));
	}
	return row;
}

static bool collect_claim(void *context, const struct registry_pairing *pairing)
{
	struct pair_list *list = context;

	if (pairing->state != REGISTRY_PAIRING_WAITING && !list->all) {
		return true;
	}
	/* Its window has ended, and with it the claim; listing changes nothing. */
	if (pairing->state == REGISTRY_PAIRING_WAITING &&
	    pairing->kind == REGISTRY_PAIRING_UNKNOWN && !list->is_open) {
		return true;
	}
	struct pair_row *row = add_row(list, ROW_CLAIM, pairing->serial);
	if (!row) {
		return false;
	}
	row->state = pairing->state;
	hex_encode(pairing->credential, CLAIM_BYTES, HEX_LOWER, row->claim);
	memcpy(row->client_id, pairing->client_id, sizeof(row->client_id));
	memcpy(row->address, pairing->address, sizeof(row->address));
	memcpy(row->username, pairing->username, sizeof(row->username));
	row->is_changed = pairing->kind == REGISTRY_PAIRING_CHANGED;
	if (row->is_changed) {
		listing_describe_change(list->registry, pairing, row->change, sizeof(row->change));
	}
	row->first_seen = pairing->first_seen;
	row->last_seen = pairing->last_seen;
	return true;
}

static void collect_misfits(struct pair_list *list, const struct broker_status *status)
{
	for (size_t i = 0; status && i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *slot = &status->printers[i];

		if (slot->serial[0] == '\0' || !broker_status_misfits(slot)) {
			continue;
		}
		struct pair_row *row = add_row(list, ROW_MISFIT, slot->serial);
		if (row) {
			row->last_seen = slot->misfit_at;
		}
	}
}

/* Of those that wait; address NULL: from anywhere. */
static unsigned int count_claims(const struct pair_list *list, const char *address)
{
	unsigned int count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct pair_row *row = &list->rows[i];

		count += row->kind == ROW_CLAIM && row->state == REGISTRY_PAIRING_WAITING &&
			 (!address || strcmp(row->address, address) == 0);
	}
	return count;
}

static bool has_full_row(const struct pair_list *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->rows[i].kind == ROW_FULL && strcmp(list->rows[i].address, address) == 0) {
			return true;
		}
	}
	return false;
}

static void add_full_row(struct pair_list *list, const char *address)
{
	struct pair_row *row = add_row(list, ROW_FULL, "");

	if (row) {
		snprintf(row->address, sizeof(row->address), "%s", address);
	}
}

/* Whose further claims are not kept: so that a printer which is not listed is not taken for one
 * that is silent. */
static void collect_full(struct pair_list *list)
{
	size_t count = list->count;

	for (size_t i = 0; i < count; i++) {
		char address[REGISTRY_TEXT_MAX];

		memcpy(address, list->rows[i].address, sizeof(address));
		if (list->rows[i].kind == ROW_CLAIM &&
		    count_claims(list, address) >= REGISTRY_PAIRINGS_PLACE_MAX &&
		    !has_full_row(list, address)) {
			add_full_row(list, address);
		}
	}
	if (count_claims(list, NULL) >= REGISTRY_PAIRINGS_MAX) {
		add_full_row(list, "");
	}
}

/* A member that is not known of this kind of row is left out. */
static void write_row(struct json_writer *writer, const struct pair_row *row)
{
	json_object_begin(writer);
	json_member_known(writer, "serial", row->serial);
	json_member_known(writer, "name", row->name);
	json_member_known(writer, "claim", row->claim);
	json_member_known(writer, "state", state_name(row));
	if (row->kind == ROW_CLAIM) {
		json_member_known(writer, "client_id", row->client_id);
	}
	if (row->kind != ROW_MISFIT) {
		json_member_known(writer, "address", row->address);
	}
	if (row->kind == ROW_CLAIM) {
		json_member_known(writer, "username", row->username);
		json_member_known(writer, "changed", row->is_changed ? row->change : NULL);
		member_time(writer, "first_seen", row->first_seen);
	}
	member_time(writer, "last_seen", row->last_seen);
	json_object_end(writer);
}

static void write_pair_list(struct json_writer *writer, const void *context)
{
	const struct pair_list *list = context;

	json_array_begin(writer);
	for (size_t i = 0; i < list->count; i++) {
		write_row(writer, &list->rows[i]);
	}
	json_array_end(writer);
}

static void print_pair_table(const struct pair_list *list)
{
	static const char *const heads[PAIR_COLUMNS] = {"PRINTER", "NAME",    "CLAIM",
							"STATE",   "ADDRESS", "CLIENT"};
	const char **cells = calloc((list->count + 1) * PAIR_COLUMNS, sizeof(*cells));

	if (!cells) {
		return;
	}
	memcpy(cells, heads, sizeof(heads));
	for (size_t i = 0; i < list->count; i++) {
		const struct pair_row *row = &list->rows[i];
		const char *const texts[PAIR_COLUMNS] = {row->serial,  row->name,
							 row->claim,   state_name(row),
							 row->address, row->client_id};

		for (size_t column = 0; column < PAIR_COLUMNS; column++) {
			cells[(i + 1) * PAIR_COLUMNS + column] = texts[column][0] != '\0'
									 ? texts[column]
									 : "-";
		}
	}
	struct output output;
	output_init(&output, stdout);
	output_table(&output, cells, list->count + 1, PAIR_COLUMNS);
	free(cells);
}

static void print_full_rows(const struct pair_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct pair_row *row = &list->rows[i];

		if (row->kind == ROW_FULL) {
			print_to(stdout,
				 "Full: further claims%s%s are not kept. Drop all that wait: "
				 "flagship cloud pair clear\n",
				 row->address[0] != '\0' ? " from " : "", row->address);
		}
	}
}

static int print_pair_list(const struct cloud *cloud, const struct pair_list *list,
			   const struct broker_status *status, bool json)
{
	if (json) {
		return json_line_print(write_pair_list, list, stdout) ? CLI_FAILED : CLI_DONE;
	}
	if (list->count == 0) {
		puts("Nobody waits. Unknown printers may try after flagship cloud pair open.");
		return CLI_DONE;
	}
	print_pair_table(list);
	print_full_rows(list);
	listing_print_changed(cloud->registry);
	listing_print_misfits(cloud->registry, status);
	return CLI_DONE;
}

static int list_claims(const struct cloud *cloud, bool json, bool all)
{
	const struct broker_status *status = cloud_running_status(cloud);
	struct pair_list list = {
		.registry = cloud->registry,
		.all = all,
		.is_open = registry_pairing_is_open(cloud->registry, NULL, cloud_now_s())};
	int result;

	if (registry_each_pairing(cloud->registry, collect_claim, &list) < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else {
		collect_misfits(&list, status);
		collect_full(&list);
		if (list.failed) {
			cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
			result = CLI_FAILED;
		} else {
			result = print_pair_list(cloud, &list, status, json);
		}
	}
	broker_status_close(status);
	wiping_free(list.rows);
	return result;
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

static int change_claim(const struct cloud *cloud, const char *verb, const char *serial,
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

static int report_unknown(const char *verb)
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

static int run_verb(const struct cloud *cloud, const struct pair_options *options, int argc,
		    char **argv)
{
	const char *verb = argc > 0 ? argv[0] : "list";

	if (strcmp(verb, "list") == 0 && argc <= 1) {
		return list_claims(cloud, options->json, options->all);
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
		return change_claim(cloud, verb, argv[1], argc == VERB_WORDS_MAX ? argv[2] : NULL);
	}
	return report_unknown(verb);
}

static int run_pair(const struct cli_command *command, int argc, char **argv)
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
		result = run_verb(&cloud, &options, argc, argv);
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
	.run = run_pair,
};
