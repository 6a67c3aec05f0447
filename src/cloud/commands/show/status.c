/* SPDX-License-Identifier: MIT */
#include "cloud/broker/status.h"
#include "base/clock.h"
#include "base/json/reader.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cloud/broker/certificate.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/show/listing.h"
#include "store/file/file.h"

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
#define CELL_MAX        24
#define MIRROR_DEPTH    4 /* of what the mirror says */

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

/*
 * Returns the later look, NULL where there is none. The broker keeps counters and no rates, which
 * would cost each message a look at the clock: so that whoever asks waits half a second, and nobody
 * else, as this process does nothing but that.
 */
static const struct broker_status *look_twice(const struct cloud *cloud, struct rates *rates)
{
	const struct broker_status *status = cloud_running_status(cloud);
	uint64_t start_ns = clock_stopwatch_ns();

	if (!status) {
		return NULL;
	}
	for (size_t i = 0; i < BROKER_COUNTS; i++) {
		rates->before[i] = status->counts[i];
	}
	broker_status_close(status);
	const struct timespec window = {.tv_nsec = RATE_WINDOW_NS};
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

/* What the JSON is made of. */
struct shown_status {
	const struct cloud *cloud;
	const struct broker_status *status; /* NULL: it does not run */
	const struct rates *rates;
	const struct listing *listing;
};

/* Never NULL: of a printer that never came, all is zero. */
static const struct broker_status_printer *find_slot(const struct broker_status *status,
						     const struct listing_printer *printer)
{
	static const struct broker_status_printer away;
	const struct broker_status_printer *slot =
		status ? broker_status_find(status, printer->stored.serial) : NULL;

	return slot ? slot : &away;
}

/* Whether its messages are ones that the stored key opens; null where none was tested yet. */
static void write_key_fits(struct json_writer *writer, const struct broker_status_printer *slot)
{
	json_key(writer, "key_fits");
	if (broker_status_misfits(slot)) {
		json_bool(writer, false);
	} else if (slot->opened_at > 0) {
		json_bool(writer, true);
	} else {
		json_null(writer);
	}
}

static void write_printer_status(struct json_writer *writer, const struct shown_status *shown,
				 const struct listing_printer *printer)
{
	const struct broker_status_printer *slot = find_slot(shown->status, printer);

	json_object_begin(writer);
	json_member_known(writer, "serial", printer->stored.serial);
	json_member_known(writer, "name", printer->stored.name);
	json_member_bool(writer, "connected", slot->connections > 0);
	json_member_bool(writer, "came", slot->connected_at > 0);
	member_time(writer, "connected_at", slot->connected_at);
	member_time(writer, "heard_at", slot->heard_at);
	json_member_int(writer, "messages", (int64_t)slot->messages);
	write_key_fits(writer, slot);
	listing_write_presents(writer, printer);
	listing_write_accounts(writer, shown->listing, printer);
	json_object_end(writer);
}

static void write_real(struct json_writer *writer, const char *name, double value)
{
	json_key(writer, name);
	json_real(writer, value);
}

static void write_running(struct json_writer *writer, const struct shown_status *shown)
{
	const struct broker_status *status = shown->status;

	json_member_int(writer, "broker_pid", status->pid);
	member_time(writer, "started_at", status->started_at);
	json_member_int(writer, "connections", (int64_t)status->connections);
	write_real(writer, "published_per_s", rate(status, shown->rates, BROKER_PUBLISHED));
	write_real(writer, "delivered_per_s", rate(status, shown->rates, BROKER_DELIVERED));
	write_real(writer, "slowest_us", (double)status->slowest_ns / NS_PER_US);
	json_key(writer, "counts");
	json_object_begin(writer);
	for (unsigned int i = 0; i < BROKER_COUNTS; i++) {
		json_member_int(writer, broker_count_name((enum broker_count)i),
				(int64_t)status->counts[i]);
	}
	json_object_end(writer);
}

/* A setting whose values have blanks between them. */
static void write_words(struct json_writer *writer, const struct cloud *cloud, const char *setting)
{
	char text[REGISTRY_TEXT_MAX];
	char *rest = text;
	char *word;

	cloud_setting(cloud, setting, text);
	json_key(writer, setting);
	json_array_begin(writer);
	while ((word = strtok_r(rest, " ", &rest))) {
		json_string(writer, word);
	}
	json_array_end(writer);
}

static void write_settings(struct json_writer *writer, const struct cloud *cloud)
{
	char authority[PATH_MAX];
	char fingerprint[CERTIFICATE_FINGERPRINT_SIZE];

	cloud_path(cloud, CLOUD_CA, authority);
	(void)certificate_fingerprint(authority, fingerprint);
	json_member_string(writer, "folder", cloud->dir);
	write_words(writer, cloud, CLOUD_SETTING_BIND);
	json_member_int(writer, "mqtt_port", cloud_port(cloud, CLOUD_SETTING_MQTT_PORT));
	json_member_int(writer, "api_port", cloud_port(cloud, CLOUD_SETTING_API_PORT));
	write_words(writer, cloud, CLOUD_SETTING_HOSTS);
	json_member_known(writer, "ca_sha256", fingerprint);
	json_member_bool(writer, "pairing_open",
			 registry_pairing_is_open(cloud->registry, NULL, cloud_now_s()));
}

/* What the mirror of the cloud says of itself; false where there is none, or no sense in it. */
static bool read_mirror(const struct shown_status *shown, struct store_file *file,
			struct json_value *value)
{
	struct problem problem;
	char path[PATH_MAX];

	*file = (struct store_file){0};
	cloud_path(shown->cloud, CLOUD_MIRROR, path);
	return shown->status && store_file_read(path, file, &problem) == 0 && file->text &&
	       json_read_document(file->text, file->length, MIRROR_DEPTH, value) == 0 &&
	       value->kind == JSON_OBJECT;
}

static void write_mirror(struct json_writer *writer, const struct shown_status *shown)
{
	struct store_file file;
	struct json_value value;

	json_key(writer, "mirror");
	if (read_mirror(shown, &file, &value)) {
		json_raw(writer, value.json.data, value.json.length);
	} else {
		json_null(writer);
	}
	store_file_release(&file);
}

static void write_status(struct json_writer *writer, const void *context)
{
	const struct shown_status *shown = context;

	json_object_begin(writer);
	json_member_bool(writer, "running", shown->status != NULL);
	if (shown->status) {
		write_running(writer, shown);
	}
	write_settings(writer, shown->cloud);
	write_mirror(writer, shown);
	json_key(writer, "accounts");
	json_array_begin(writer);
	for (size_t i = 0; i < shown->listing->account_count; i++) {
		json_string(writer, shown->listing->accounts[i].stored.email);
	}
	json_array_end(writer);
	json_key(writer, "printers");
	json_array_begin(writer);
	for (size_t i = 0; i < shown->listing->printer_count; i++) {
		write_printer_status(writer, shown, shown->listing->by_name[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static const char *state_name(const struct broker_status_printer *slot)
{
	if (broker_status_misfits(slot)) {
		return "key does not fit";
	}
	if (slot->connections > 0) {
		return "connected";
	}
	return slot->connected_at > 0 ? "away" : "never came";
}

/* A row's texts of its own. */
struct row_texts {
	char messages[CELL_MAX];
	char age[OUTPUT_TIME_MAX];
	char *accounts;
};

static void fill_row(const struct shown_status *shown, const struct listing_printer *printer,
		     const char **cells, struct row_texts *texts)
{
	const struct broker_status_printer *slot = find_slot(shown->status, printer);

	snprintf(texts->messages, sizeof(texts->messages), "%" PRIu64, (uint64_t)slot->messages);
	texts->accounts = listing_join_accounts(shown->listing, printer);
	cells[0] = printer->stored.name[0] != '\0' ? printer->stored.name : "-";
	cells[1] = printer->stored.serial;
	cells[2] = state_name(slot);
	cells[3] = texts->messages;
	cells[4] = slot->heard_at > 0
			   ? output_age((double)(cloud_now_s() - slot->heard_at), texts->age)
			   : "-";
	cells[5] = texts->accounts ? texts->accounts : "-";
}

static void print_table(const struct shown_status *shown)
{
	static const char *const heads[PRINTER_COLUMNS] = {"PRINTER",  "SERIAL", "STATE",
							   "MESSAGES", "LAST",   "ACCOUNTS"};
	size_t count = shown->listing->printer_count;
	const char **cells = calloc((count + 1) * PRINTER_COLUMNS, sizeof(*cells));
	struct row_texts *texts = calloc(count + 1, sizeof(*texts));

	if (cells && texts) {
		memcpy(cells, heads, sizeof(heads));
		for (size_t i = 0; i < count; i++) {
			fill_row(shown, shown->listing->by_name[i],
				 cells + (i + 1) * PRINTER_COLUMNS, &texts[i]);
		}
		struct output output;
		output_init(&output, stdout);
		output_table(&output, cells, count + 1, PRINTER_COLUMNS);
	}
	for (size_t i = 0; texts && i < count; i++) {
		free(texts[i].accounts);
	}
	free(texts);
	free(cells);
}

static void print_mirrored(struct flagship_json account)
{
	char email[REGISTRY_TEXT_MAX];
	char state[CELL_MAX];
	char problem[REGISTRY_TEXT_MAX] = "";
	struct json_value value;

	if (!json_object_find(account, "account", &value) || value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, email, sizeof(email)) >= sizeof(email) ||
	    !json_object_find(account, "state", &value) || value.kind != JSON_STRING ||
	    flagship_text_copy(value.text, state, sizeof(state)) >= sizeof(state)) {
		return;
	}
	if (json_object_find(account, "problem", &value) && value.kind == JSON_STRING) {
		(void)flagship_text_copy(value.text, problem, sizeof(problem));
	}
	print_to(stdout, "mirror of %s: %s%s%s\n", email, state, problem[0] != '\0' ? ": " : "",
		 problem);
}

static void print_mirror(const struct shown_status *shown)
{
	struct store_file file;
	struct json_value value;
	struct json_walk walk;

	if (read_mirror(shown, &file, &value) && json_object_find(value.json, "accounts", &value) &&
	    value.kind == JSON_ARRAY) {
		json_walk_init(&walk, &value);
		while (json_walk_item(&walk, &value)) {
			if (value.kind == JSON_OBJECT) {
				print_mirrored(value.json);
			}
		}
	}
	store_file_release(&file);
}

static void print_text_status(const struct shown_status *shown)
{
	const struct cloud *cloud = shown->cloud;
	const struct broker_status *status = shown->status;
	const struct rates *rates = shown->rates;
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
	print_mirror(shown);
	if (shown->listing->printer_count == 0) {
		puts("There is no printer yet: flagship cloud adopt, or add-printer.");
		return;
	}
	putchar('\n');
	print_table(shown);
	listing_print_misfits(cloud->registry, status);
	listing_print_changed(cloud->registry);
}

static int print_stopped(const struct shown_status *shown, bool json)
{
	const struct cloud *cloud = shown->cloud;
	int error = errno;

	if (json) {
		(void)json_line_print(write_status, shown, stdout);
	} else if (cloud_is_locked(cloud)) {
		cli_error("the cloud in %s runs, but its broker does not report how it is (%s): it "
			  "starts, or its disk is full",
			  cloud->dir, strerror(error));
	} else {
		cli_error("the cloud in %s does not run: start it with flagship cloud run",
			  cloud->dir);
	}
	return CLI_FAILED;
}

static int print_running(const struct shown_status *shown, bool json)
{
	if (json) {
		return json_line_print(write_status, shown, stdout) ? CLI_FAILED : CLI_DONE;
	}
	print_text_status(shown);
	return CLI_DONE;
}

static int print_status(const struct cloud *cloud, bool json)
{
	struct rates rates = {0};
	const struct broker_status *status = look_twice(cloud, &rates);
	int error = errno;
	struct listing listing;
	int result;

	if (listing_load(&listing, cloud->registry) < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else {
		const struct shown_status shown = {
			.cloud = cloud, .status = status, .rates = &rates, .listing = &listing};

		errno = error;
		result = status ? print_running(&shown, json) : print_stopped(&shown, json);
	}
	listing_finish(&listing);
	broker_status_close(status);
	return result;
}

static int run_status(const struct cli_command *command, int argc, char **argv)
{
	struct status_options options = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = print_status(&cloud, options.json);
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
	.run = run_status,
};
