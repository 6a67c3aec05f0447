/* SPDX-License-Identifier: MIT */
#include "cloud/broker/status.h"
#include "base/clock.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/json_print.h"
#include "cloud/commands/show/listing.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE_WINDOW_NS  500000000L
#define NS_PER_S        1e9
#define NS_PER_US       1e3

#define PRINTER_COLUMNS 6
#define PRINTER_TEXTS   3 /* of these, made for the row */
#define CELL_MAX        64

struct status_options {
	struct cloud_options cloud;
	bool json;
};

/* An earlier look at the counters, and the time since. */
struct rates {
	uint64_t before[BROKER_COUNTS];
	double seconds;
};

static const struct options_option status_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON",
	 .offset = offsetof(struct status_options, json)},
};

static const struct options_group status_group = OPTIONS_GROUP("Options", status_table);

/* Returns the later look, NULL where there is none. */
static const struct broker_status *watch(const struct cloud *cloud, struct rates *rates)
{
	const struct timespec window = {.tv_nsec = RATE_WINDOW_NS};
	const struct broker_status *status = cloud_running_status(cloud);
	uint64_t start_ns = clock_stopwatch_ns();

	if (!status) {
		return NULL;
	}
	for (size_t i = 0; i < BROKER_COUNTS; i++) {
		rates->before[i] = status->counts[i];
	}
	broker_status_close(status);
	nanosleep(&window, NULL);
	rates->seconds = (double)(clock_stopwatch_ns() - start_ns) / NS_PER_S;
	return cloud_running_status(cloud);
}

/* A broker that was started again meanwhile counts from zero. */
static double rate(const struct broker_status *status, const struct rates *rates,
		   enum broker_count count)
{
	return status->counts[count] < rates->before[count]
		       ? 0
		       : (double)(status->counts[count] - rates->before[count]) / rates->seconds;
}

struct describer {
	struct registry *registry;
	const struct broker_status *status;
	const struct listing *listing;
	cJSON *array;
};

/* Whether its messages are ones that the stored key opens; nothing where none was tested yet. */
static void add_key_fits(cJSON *object, const struct broker_status_printer *slot)
{
	if (broker_status_misfits(slot)) {
		cJSON_AddFalseToObject(object, "key_fits");
	} else if (slot->opened_at > 0) {
		cJSON_AddTrueToObject(object, "key_fits");
	} else {
		cJSON_AddNullToObject(object, "key_fits");
	}
}

static bool describe_printer(void *context, const struct store_printer *printer)
{
	static const struct broker_status_printer away;
	struct describer *describer = context;
	const struct broker_status_printer *slot = broker_status_find(describer->status,
								      printer->serial);
	cJSON *object = cJSON_CreateObject();

	slot = slot ? slot : &away;
	cJSON_AddStringToObject(object, "serial", printer->serial);
	cJSON_AddStringToObject(object, "name", printer->name);
	cJSON_AddBoolToObject(object, "connected", slot->connections > 0);
	cJSON_AddBoolToObject(object, "came", slot->connected_at > 0);
	cJSON_AddNumberToObject(object, "connected_at", (double)slot->connected_at);
	cJSON_AddNumberToObject(object, "heard_at", (double)slot->heard_at);
	cJSON_AddNumberToObject(object, "messages", (double)slot->messages);
	add_key_fits(object, slot);
	listing_add_presents(describer->registry, printer->serial, object);
	cJSON_AddItemToObject(object, "accounts",
			      listing_accounts(describer->listing, printer->serial));
	cJSON_AddItemToArray(describer->array, object);
	return true;
}

/* All that the registry has, those that never came too. NULL after a problem of the registry. */
static cJSON *describe_printers(const struct cloud *cloud, const struct broker_status *status)
{
	struct listing listing;
	struct describer describer = {.status = status,
				      .registry = cloud->registry,
				      .listing = &listing,
				      .array = cJSON_CreateArray()};
	int error = listing_load(&listing, cloud->registry);

	if (error == 0) {
		error = registry_each_printer(cloud->registry, NULL, describe_printer, &describer);
	}
	listing_finish(&listing);
	if (error < 0) {
		cJSON_Delete(describer.array);
		return NULL;
	}
	listing_sort(describer.array);
	return describer.array;
}

static cJSON *describe(const struct broker_status *status, const struct rates *rates,
		       cJSON *printers)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *counts;

	cJSON_AddBoolToObject(root, "running", true);
	cJSON_AddNumberToObject(root, "broker_pid", (double)status->pid);
	cJSON_AddNumberToObject(root, "started_at", (double)status->started_at);
	cJSON_AddNumberToObject(root, "connections", (double)status->connections);
	cJSON_AddNumberToObject(root, "published_per_s", rate(status, rates, BROKER_PUBLISHED));
	cJSON_AddNumberToObject(root, "delivered_per_s", rate(status, rates, BROKER_DELIVERED));
	cJSON_AddNumberToObject(root, "slowest_us", (double)status->slowest_ns / NS_PER_US);
	counts = cJSON_AddObjectToObject(root, "counts");
	for (unsigned int i = 0; i < BROKER_COUNTS; i++) {
		cJSON_AddNumberToObject(counts, broker_count_name((enum broker_count)i),
					(double)status->counts[i]);
	}
	cJSON_AddItemToObject(root, "printers", printers);
	return root;
}

static const char *state_of(const cJSON *printer)
{
	if (cJSON_IsFalse(cJSON_GetObjectItem(printer, "key_fits"))) {
		return "key does not fit";
	}
	if (cJSON_IsTrue(cJSON_GetObjectItem(printer, "connected"))) {
		return "connected";
	}
	return cJSON_IsTrue(cJSON_GetObjectItem(printer, "came")) ? "away" : "never came";
}

static double number_of(const cJSON *object, const char *name)
{
	const cJSON *number = cJSON_GetObjectItem(object, name);

	return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

/* The cells of one row; texts[] are freed by the caller. */
static void fill_row(const cJSON *printer, const char **cells, char *texts[PRINTER_TEXTS])
{
	char text[CELL_MAX];
	double heard_at = number_of(printer, "heard_at");
	const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(printer, "name"));

	snprintf(text, sizeof(text), "%.0f", number_of(printer, "messages"));
	texts[0] = strdup(text);
	if (heard_at > 0) {
		texts[1] = strdup(output_age((double)cloud_now_s() - heard_at, text));
	}
	texts[2] = listing_join(cJSON_GetObjectItem(printer, "accounts"));
	cells[0] = name && name[0] != '\0' ? name : "-";
	cells[1] = cJSON_GetStringValue(cJSON_GetObjectItem(printer, "serial"));
	cells[2] = state_of(printer);
	cells[3] = texts[0] ? texts[0] : "-";
	cells[4] = texts[1] ? texts[1] : "-";
	cells[5] = texts[2] ? texts[2] : "-";
}

static void print_table(const cJSON *printers)
{
	static const char *const heads[PRINTER_COLUMNS] = {"PRINTER",  "SERIAL", "STATE",
							   "MESSAGES", "LAST",   "ACCOUNTS"};
	size_t count = (size_t)cJSON_GetArraySize(printers);
	const char **cells = calloc((count + 1) * PRINTER_COLUMNS, sizeof(*cells));
	char *(*texts)[PRINTER_TEXTS] = calloc(count + 1, sizeof(*texts));
	struct output output;
	const cJSON *printer;
	size_t row = 0;

	if (cells && texts) {
		memcpy(cells, heads, sizeof(heads));
		cJSON_ArrayForEach(printer, printers)
		{
			fill_row(printer, cells + (row + 1) * PRINTER_COLUMNS, texts[row]);
			row++;
		}
		output_init(&output, stdout);
		output_table(&output, cells, count + 1, PRINTER_COLUMNS);
	}
	for (size_t i = 0; texts && i < count; i++) {
		for (size_t text = 0; text < PRINTER_TEXTS; text++) {
			free(texts[i][text]);
		}
	}
	free(texts);
	free(cells);
}

static void print_people(const struct cloud *cloud, const struct broker_status *status,
			 const struct rates *rates, const cJSON *printers)
{
	char time_text[OUTPUT_TIME_MAX];
	int64_t now_s = cloud_now_s();

	print_to(stdout, "running for %s, %" PRIu64 " connections, %.1f messages/s in, %.1f out\n",
		 output_duration(now_s - status->started_at, time_text), status->connections,
		 rate(status, rates, BROKER_PUBLISHED), rate(status, rates, BROKER_DELIVERED));
	print_to(stdout,
		 "refused: %" PRIu64 " logins, %" PRIu64 " publications, %" PRIu64
		 " subscriptions; %" PRIu64 " malformed payloads, %" PRIu64 " in quarantine\n",
		 status->counts[BROKER_LOGINS_REFUSED], status->counts[BROKER_DENIED_PUBLISH],
		 status->counts[BROKER_DENIED_SUBSCRIBE], status->counts[BROKER_MALFORMED],
		 status->counts[BROKER_QUARANTINED]);
	if (cJSON_GetArraySize(printers) == 0) {
		puts("There is no printer yet: flagship cloud adopt, or add-printer.");
		return;
	}
	putchar('\n');
	print_table(printers);
	listing_print_misfits(cloud->registry, status);
	listing_print_changed(cloud->registry);
}

static int print_stopped(const struct cloud *cloud, bool json)
{
	int error = errno;

	if (json) {
		puts("{\"running\":false}");
	} else if (cloud_is_locked(cloud)) {
		cli_error("the cloud in %s runs, but its broker does not tell how it is (%s): it "
			  "starts, or its disk is full",
			  cloud->dir, strerror(error));
	} else {
		cli_error("the cloud in %s does not run: start it with flagship cloud run",
			  cloud->dir);
	}
	return CLI_FAILED;
}

static int print(const struct cloud *cloud, bool json)
{
	struct rates rates = {0};
	const struct broker_status *status = watch(cloud, &rates);

	if (!status) {
		return print_stopped(cloud, json);
	}
	cJSON *printers = describe_printers(cloud, status);
	if (!printers) {
		broker_status_close(status);
		return cloud_fail(cloud, "the registry cannot be read");
	}
	if (json) {
		cJSON *root = describe(status, &rates, printers);

		(void)json_print(root);
		cJSON_Delete(root);
	} else {
		print_people(cloud, status, &rates, printers);
		cJSON_Delete(printers);
	}
	broker_status_close(status);
	return CLI_DONE;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct status_options options = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = print(&cloud, options.json);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_status_command = {
	.name = "cloud status",
	.section = "Setting up",
	.summary = "show connections, printers and rates of a cloud that runs",
	.arguments = "",
	.arguments_max = 0,
	.groups = (const struct options_group *const[]){&status_group, &cloud_options_group, NULL},
	.run = run,
};
