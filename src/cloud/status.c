/* SPDX-License-Identifier: MIT */
#include "cli/output.h"
#include "cloud/broker_status.h"
#include "cloud/cloud.h"
#include "cloud/json_print.h"
#include "cloud/run_lock.h"

#include <cjson/cJSON.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE_WINDOW_NS 500000000L
#define NS_PER_S       1e9
#define NS_PER_US      1e3

struct status_options {
	struct cloud_options cloud;
	bool json;
};

/* Two looks at the counters, and the time between them. */
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

static double monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / NS_PER_S;
}

static struct rates watch(const struct broker_status *status)
{
	const struct timespec window = {.tv_nsec = RATE_WINDOW_NS};
	struct rates rates;
	double start = monotonic_s();

	for (size_t i = 0; i < BROKER_COUNTS; i++) {
		rates.before[i] = status->counts[i];
	}
	nanosleep(&window, NULL);
	rates.seconds = monotonic_s() - start;
	return rates;
}

static double rate(const struct broker_status *status, const struct rates *rates,
		   enum broker_count count)
{
	return (double)(status->counts[count] - rates->before[count]) / rates->seconds;
}

static cJSON *describe_printers(const struct broker_status *status)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *printer = &status->printers[i];
		cJSON *object;

		if (printer->serial[0] == '\0') {
			continue;
		}
		object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "serial", printer->serial);
		cJSON_AddBoolToObject(object, "connected", printer->connections > 0);
		cJSON_AddNumberToObject(object, "connected_at", (double)printer->connected_at);
		cJSON_AddNumberToObject(object, "heard_at", (double)printer->heard_at);
		cJSON_AddNumberToObject(object, "messages", (double)printer->messages);
		cJSON_AddItemToArray(array, object);
	}
	return array;
}

static cJSON *describe(const struct broker_status *status, const struct rates *rates)
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
	cJSON_AddItemToObject(root, "printers", describe_printers(status));
	return root;
}

static void print_people(const struct broker_status *status, const struct rates *rates)
{
	char time_text[OUTPUT_TIME_MAX];
	char age[OUTPUT_TIME_MAX];
	int64_t now_s = cloud_now_s();

	printf("running for %s, %" PRIu64 " connections, %.1f messages/s in, %.1f out\n",
	       output_duration(now_s - status->started_at, time_text), status->connections,
	       rate(status, rates, BROKER_PUBLISHED), rate(status, rates, BROKER_DELIVERED));
	printf("refused: %" PRIu64 " logins, %" PRIu64 " publications, %" PRIu64
	       " subscriptions; %" PRIu64 " malformed payloads, %" PRIu64 " in quarantine\n",
	       status->counts[BROKER_LOGINS_REFUSED], status->counts[BROKER_DENIED_PUBLISH],
	       status->counts[BROKER_DENIED_SUBSCRIBE], status->counts[BROKER_MALFORMED],
	       status->counts[BROKER_QUARANTINED]);
	for (size_t i = 0; i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *printer = &status->printers[i];

		if (printer->serial[0] == '\0') {
			continue;
		}
		printf("  %-20s %-13s %" PRIu64 " messages, the last %s\n", printer->serial,
		       printer->connections > 0 ? "connected" : "not connected", printer->messages,
		       printer->heard_at ? output_age((double)(now_s - printer->heard_at), age)
					 : "never");
	}
}

static int print_stopped(const struct cloud *cloud, bool json)
{
	if (json) {
		puts("{\"running\":false}");
	} else {
		cli_error("the cloud in %s does not run: start it with flagship cloud run",
			  cloud->dir);
	}
	return CLI_FAILED;
}

static int print(const struct cloud *cloud, bool json)
{
	const struct broker_status *status;
	struct rates rates;
	char path[PATH_MAX];

	cloud_path(cloud, CLOUD_STATUS, path);
	status = run_lock_is_held(cloud) ? broker_status_open(path) : NULL;
	if (!status) {
		return print_stopped(cloud, json);
	}
	rates = watch(status);
	if (json) {
		cJSON *root = describe(status, &rates);

		(void)json_print(root);
		cJSON_Delete(root);
	} else {
		print_people(status, &rates);
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
