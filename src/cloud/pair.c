/* SPDX-License-Identifier: MIT */
#include "cli/output.h"
#include "cloud/cloud.h"

#include <cjson/cJSON.h>
#include <flagship/flagship.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRING_UNTIL   "pairing_until"
#define DEFAULT_OPEN_MS INT64_C(600000)
#define OPEN_MAX_MS     INT64_C(86400000)
#define MS_PER_S        1000

struct pair_options {
	struct cloud_options cloud;
	int64_t for_ms;
	bool json;
};

static const struct options_option pair_table[] = {
	{.name = "for",
	 .kind = OPTIONS_DURATION,
	 .value = "TIME",
	 .help = "how long the window stays open (10m)",
	 .offset = offsetof(struct pair_options, for_ms),
	 .minimum = MS_PER_S,
	 .maximum = OPEN_MAX_MS},
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

static bool collect(void *context, const struct registry_pairing *pairing)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "serial", pairing->serial);
	cJSON_AddStringToObject(object, "state",
				pairing->state <= REGISTRY_PAIRING_REJECTED
					? state_names[pairing->state]
					: "unknown");
	cJSON_AddStringToObject(object, "client_id", pairing->client_id);
	cJSON_AddStringToObject(object, "address", pairing->address);
	cJSON_AddStringToObject(object, "username", pairing->username);
	cJSON_AddNumberToObject(object, "first_seen", (double)pairing->first_seen);
	cJSON_AddNumberToObject(object, "last_seen", (double)pairing->last_seen);
	cJSON_AddItemToArray(context, object);
	return true;
}

static void print_table(const cJSON *list)
{
	static const char *const fields[] = {"serial", "state", "address", "client_id"};
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
	*cell++ = "STATE";
	*cell++ = "ADDRESS";
	*cell++ = "CLIENT";
	cJSON_ArrayForEach(item, list)
	{
		for (size_t i = 0; i < columns; i++) {
			*cell++ = cJSON_GetStringValue(cJSON_GetObjectItem(item, fields[i]));
		}
	}
	output_init(&output, stdout);
	output_table(&output, cells, (size_t)cJSON_GetArraySize(list) + 1, columns);
	free(cells);
}

static int list(const struct cloud *cloud, bool json)
{
	cJSON *array = cJSON_CreateArray();
	char *text = NULL;

	if (registry_each_pairing(cloud->registry, collect, array) < 0) {
		cJSON_Delete(array);
		return cloud_fail(cloud, "the registry cannot be read");
	}
	if (json) {
		text = cJSON_PrintUnformatted(array);
		puts(text ? text : "[]");
		free(text);
	} else if (cJSON_GetArraySize(array) == 0) {
		puts("Nobody waits. Unknown printers may try after flagship cloud pair open.");
	} else {
		print_table(array);
	}
	cJSON_Delete(array);
	return CLI_DONE;
}

static int open_window(const struct cloud *cloud, int64_t for_ms)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, for_ms ? cloud_now_s() + for_ms / MS_PER_S : 0);
	if (registry_set(cloud->registry, PAIRING_UNTIL, text) < 0) {
		return cloud_fail(cloud, "the window cannot be changed");
	}
	if (for_ms) {
		printf("Unknown printers may connect for %" PRId64 " s; they are heard by nobody "
		       "until they are approved.\n",
		       for_ms / MS_PER_S);
	}
	return CLI_DONE;
}

static int change(const struct cloud *cloud, const char *verb, const char *serial)
{
	int changed;

	if (strcmp(verb, "approve") == 0) {
		changed = registry_approve_pairing(cloud->registry, serial, cloud_now_s());
	} else if (strcmp(verb, "reject") == 0) {
		changed = registry_reject_pairing(cloud->registry, serial);
	} else {
		changed = registry_unbind(cloud->registry, serial);
	}
	if (changed < 0) {
		return cloud_fail(cloud, "the registry cannot be changed");
	}
	if (changed == 0) {
		cli_error("there is no %s %s; see flagship cloud %s",
			  strcmp(verb, "forget") == 0 ? "printer" : "claim to be printer", serial,
			  strcmp(verb, "forget") == 0 ? "list" : "pair list");
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static int dispatch(const struct cloud *cloud, const struct pair_options *options, int argc,
		    char **argv)
{
	const char *verb = argc > 0 ? argv[0] : "list";

	if (strcmp(verb, "list") == 0 && argc <= 1) {
		return list(cloud, options->json);
	}
	if (strcmp(verb, "open") == 0 && argc == 1) {
		return open_window(cloud, options->for_ms);
	}
	if (strcmp(verb, "close") == 0 && argc == 1) {
		return open_window(cloud, 0);
	}
	if ((strcmp(verb, "approve") == 0 || strcmp(verb, "reject") == 0 ||
	     strcmp(verb, "forget") == 0) &&
	    argc == 2) {
		return change(cloud, verb, argv[1]);
	}
	cli_error("cloud pair wants list, open, close, or approve, reject or forget with a SERIAL");
	return CLI_USAGE;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct pair_options options = {.for_ms = DEFAULT_OPEN_MS};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = dispatch(&cloud, &options, argc, argv);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_pair_command = {
	.name = "cloud pair",
	.section = "Accounts and printers",
	.summary = "let unknown printers in: list, open, close, approve, reject, forget",
	.arguments = "list|open|close|approve SERIAL|reject SERIAL|forget SERIAL",
	.arguments_max = 2,
	.description =
		"A printer whose key is known proves itself and needs none of this. Others may "
		"connect\nwhile the window is open, are heard by nobody but administrators, and "
		"wait to be\napproved. What an approved printer logged in with is bound to its "
		"serial number;\nforget undoes that, for a printer that logs in differently now.",
	.groups = (const struct options_group *const[]){&pair_group, &cloud_options_group, NULL},
	.run = run,
};
