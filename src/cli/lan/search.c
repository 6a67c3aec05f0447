/* SPDX-License-Identifier: MIT */
#include "transport/lan/search.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "cli/target/stored.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

/* lan search: which printers are on the local network. */

#define SEARCH_MS     3000
#define SEARCH_MAX_MS 600000
#define ADDRESS_SIZE  16

struct lan_options {
	struct options_list addresses;
	int64_t for_ms;
	bool save;
	bool json;
};

static const struct options_option lan_table[] = {
	{.name = "address",
	 .kind = OPTIONS_LIST,
	 .value = "ADDRESS",
	 .help = "ask this IPv4 address, again for more (all of the local network)",
	 .offset = offsetof(struct lan_options, addresses)},
	{.name = "for",
	 .kind = OPTIONS_DURATION,
	 .value = "SECONDS",
	 .help = "search for so long (3); with --address at most",
	 .offset = offsetof(struct lan_options, for_ms),
	 .minimum = 1,
	 .maximum = SEARCH_MAX_MS},
	{.name = "save",
	 .kind = OPTIONS_FLAG,
	 .help = "keep the addresses of the printers that are stored here",
	 .offset = offsetof(struct lan_options, save)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON array",
	 .offset = offsetof(struct lan_options, json)},
};

static const struct options_group lan_group = OPTIONS_GROUP("Search", lan_table);

struct lan_found {
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE];
	char address[ADDRESS_SIZE];
	const struct store_printer *printer; /* NULL where it is not stored here */
};

struct lan_results {
	const struct lan_options *options;
	struct store_accounts accounts;
	struct lan_search *search;
	struct lan_found *found;
	size_t count;
};

/* Text forms may differ in the zeros of the serial. */
static bool same_duid(const char *text, const struct flagship_pppp_duid *duid)
{
	struct flagship_pppp_duid stored;

	return flagship_pppp_duid_parse(text, &stored) == 0 &&
	       flagship_pppp_duid_equal(&stored, duid);
}

static const struct store_printer *find_stored(const struct store_accounts *accounts,
					       const struct flagship_pppp_duid *duid)
{
	for (size_t i = 0; i < accounts->count; i++) {
		const struct store_account *account = &accounts->accounts[i];
		for (size_t j = 0; j < account->printer_count; j++) {
			if (same_duid(account->printers[j].p2p_did, duid)) {
				return &account->printers[j];
			}
		}
	}
	return NULL;
}

static void on_found(void *context, const struct flagship_pppp_duid *duid,
		     const struct flagship_pppp_host *host)
{
	struct lan_results *results = context;
	struct lan_found *grown = realloc(results->found, (results->count + 1) * sizeof(*grown));

	if (!grown) {
		return;
	}
	results->found = grown;
	struct lan_found *found = &grown[results->count++];
	flagship_pppp_duid_format(duid, found->duid);
	snprintf(found->address, sizeof(found->address), "%u.%u.%u.%u", host->address[0],
		 host->address[1], host->address[2], host->address[3]);
	found->printer = find_stored(&results->accounts, duid);
	/* Who was asked one by one has answered. */
	if (results->options->addresses.count > 0 &&
	    results->count >= results->options->addresses.count) {
		lan_search_stop(results->search);
	}
}

static void on_search_end(void *context)
{
	struct lan_results *results = context;

	results->search = NULL;
}

static int search_run(struct lan_results *results)
{
	static const struct lan_search_handlers handlers = {.on_found = on_found,
							    .on_end = on_search_end};
	const struct lan_options *options = results->options;
	uv_loop_t loop;
	int error = uv_loop_init(&loop);

	if (error) {
		cli_error("cannot search: %s", uv_strerror(error));
		return CLI_FAILED;
	}
	error = lan_search_create(&loop, options->addresses.items, options->addresses.count,
				  options->for_ms, &handlers, results, &results->search);
	if (!error) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	uv_loop_close(&loop);
	if (error == UV_EINVAL) {
		cli_error("--address wants an IPv4 address such as 192.168.1.20");
		return CLI_USAGE;
	}
	if (error) {
		cli_error("cannot search: %s", uv_strerror(error));
		return CLI_CANNOT_CONNECT;
	}
	return OPTIONS_RUN;
}

static int keep_addresses(void *context, struct store_accounts *accounts)
{
	const struct lan_results *results = context;

	for (size_t i = 0; i < results->count; i++) {
		struct flagship_pppp_duid duid;
		int error = flagship_pppp_duid_parse(results->found[i].duid, &duid);
		for (size_t a = 0; !error && a < accounts->count; a++) {
			struct store_account *account = &accounts->accounts[a];
			for (size_t p = 0; p < account->printer_count; p++) {
				struct store_printer *printer = &account->printers[p];
				if (same_duid(printer->p2p_did, &duid) &&
				    !store_account_keep(account, &printer->address,
							results->found[i].address)) {
					return FLAGSHIP_ERROR_MEMORY;
				}
			}
		}
	}
	return 0;
}

static void write_found(struct json_writer *writer, size_t index, const void *context)
{
	const struct lan_results *results = context;
	const struct lan_found *found = &results->found[index];

	json_object_begin(writer);
	json_member_string(writer, "serial", found->printer ? found->printer->serial : NULL);
	json_member_known(writer, "name", found->printer ? found->printer->name : NULL);
	json_member_string(writer, "duid", found->duid);
	json_member_string(writer, "address", found->address);
	json_object_end(writer);
}

static int print_results(const struct lan_results *results)
{
	if (results->options->json) {
		if (json_array_print(write_found, results->count, results, stdout) != 0) {
			return CLI_FAILED;
		}
	}
	for (size_t i = 0; i < results->count && !results->options->json; i++) {
		const struct lan_found *found = &results->found[i];
		print_to(stdout, "%-15s  %-20s  %s\n", found->address, found->duid,
			 !found->printer                   ? "not stored here"
			 : found->printer->name[0] != '\0' ? found->printer->name
							   : found->printer->serial);
	}
	if (results->count == 0) {
		cli_error(
			"no printer answered: is one on, in this network, and UDP port 32108 open "
			"here? An address can be asked with --address");
		return CLI_NO_ANSWER;
	}
	return CLI_DONE;
}

static int lan_run(const struct cli_command *command, int argc, char **argv)
{
	struct lan_options options = {.for_ms = SEARCH_MS};
	struct lan_results results = {.options = &options};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && (argc != 1 || strcmp(argv[0], "search") != 0)) {
		cli_error("lan wants to know what to do: flagship lan search");
		return CLI_USAGE;
	}
	if (result == OPTIONS_RUN) {
		result = stored_accounts_load(&results.accounts);
	}
	if (result == OPTIONS_RUN) {
		result = search_run(&results);
	}
	if (result == OPTIONS_RUN && options.save && results.count > 0) {
		result = stored_accounts_update(keep_addresses, &results);
	}
	if (result == OPTIONS_RUN) {
		result = print_results(&results);
	}
	store_accounts_finish(&results.accounts);
	free(results.found);
	return result;
}

const struct cli_command lan_command = {
	.name = "lan",
	.section = "Printing",
	.summary = "find printers on the local network",
	.arguments = "search",
	.arguments_max = 1,
	.description =
		"Asks who is on the local network, by broadcast or at one address after the other, "
		"and\nlists each printer that answers with its address and its duid, the name that "
		"it has\nthere. It needs no account; a printer that is stored here is told by "
		"name. "
		"Exit status\n6 where none answers.",
	.groups = (const struct options_group *const[]){&lan_group, NULL},
	.run = lan_run,
};
