/* SPDX-License-Identifier: MIT */
#include "cli/codec/record.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/json.h"

#include <flagship/flagship.h>
#include <flagship/message.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_MODE 0600
#define MS_DECIMALS 3

/* A line on its way. */
struct record_line {
	struct record *record;
	enum flagship_model model;
	enum flagship_topic_kind topic;
	const struct flagship_message *messages;
	size_t count;
	bool array;
	int64_t now_ms;
};

int record_open(struct record *record, const struct record_options *options)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    (options->overwrite ? O_TRUNC : O_EXCL);
	const char *const private_texts[] = {options->serial, options->name, options->user_id};
	int descriptor = open(options->path, flags, RECORD_MODE);

	*record = (struct record){
		.path = options->path,
		.redacted = options->redact,
		.serial = options->serial,
		.name = options->name,
	};
	record_redact_init(&record->redact, private_texts,
			   sizeof(private_texts) / sizeof(private_texts[0]));
	if (descriptor < 0 && errno == EEXIST) {
		cli_error("%s is there already; --overwrite writes over it", options->path);
		return CLI_FAILED;
	}
	/* One that was there may have had another mode. */
	if (descriptor < 0 || fchmod(descriptor, RECORD_MODE) != 0) {
		cli_error("cannot make the recording %s: %s", options->path, strerror(errno));
		if (descriptor >= 0) {
			close(descriptor);
		}
		return CLI_FAILED;
	}
	record->file = fdopen(descriptor, "w");
	if (!record->file) {
		close(descriptor);
		cli_error("out of memory");
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

static const char *topic_name(enum flagship_topic_kind topic)
{
	switch (topic) {
	case FLAGSHIP_TOPIC_NOTICE:
		return "notice";
	case FLAGSHIP_TOPIC_COMMAND_REPLY:
		return "command_reply";
	case FLAGSHIP_TOPIC_QUERY_REPLY:
		return "query_reply";
	default:
		return "change_notice";
	}
}

static void write_time(const struct record_line *line, struct json_writer *writer)
{
	json_key(writer, "_t");
	json_scaled(writer, line->now_ms, MS_DECIMALS);
}

static void write_head(struct json_writer *writer, const void *context)
{
	const struct record_line *line = context;
	const struct record *record = line->record;

	json_object_begin(writer);
	json_member_string(writer, "_event", "recording");
	write_time(line, writer);
	json_member_string(writer, "_model", flagship_model_name(line->model));
	json_member_string(writer, "_serial", record->redacted ? NULL : record->serial);
	json_member_string(writer, "_name", record->redacted ? NULL : record->name);
	json_member_bool(writer, "_redacted", record->redacted);
	json_object_end(writer);
}

/* The members between the braces, as they came. */
static void write_members(struct flagship_json object, struct json_writer *writer)
{
	size_t start = 1;
	size_t end = object.length - 1;

	while (start < end && strchr(" \t\r\n", object.data[start])) {
		start++;
	}
	while (end > start && strchr(" \t\r\n", object.data[end - 1])) {
		end--;
	}
	if (end > start) {
		json_raw(writer, object.data + start, end - start);
	}
}

static void write_payload(struct json_writer *writer, const void *context)
{
	const struct record_line *line = context;

	if (line->array) {
		json_array_begin(writer);
	}
	for (size_t i = 0; i < line->count; i++) {
		json_object_begin(writer);
		if (i == 0) {
			write_time(line, writer);
			json_member_string(writer, "_topic", topic_name(line->topic));
		}
		if (line->record->redacted) {
			record_redact_members(&line->record->redact, line->messages[i].json,
					      writer);
		} else {
			write_members(line->messages[i].json, writer);
		}
		json_object_end(writer);
	}
	if (line->array) {
		json_array_end(writer);
	}
}

static bool report_failure(const struct record *record)
{
	cli_error("cannot write the recording %s: %s", record->path, strerror(errno));
	return false;
}

bool record_add(struct record *record, enum flagship_model model, enum flagship_topic_kind topic,
		const struct flagship_message *messages, size_t count, int64_t now_ms)
{
	struct record_line line = {.record = record,
				   .model = model,
				   .topic = topic,
				   .messages = messages,
				   .count = count,
				   .now_ms = now_ms,
				   .array = count > 1};

	if (count == 0) {
		return true;
	}
	if (!record->begun) {
		record->begun = true;
		json_line_print(write_head, &line, record->file);
	}
	json_line_print(write_payload, &line, record->file);
	return (fflush(record->file) == 0 && !ferror(record->file)) || report_failure(record);
}

bool record_close(struct record *record)
{
	bool fine = true;

	if (record->file && fclose(record->file) != 0) {
		fine = report_failure(record);
	}
	record->file = NULL;
	record_redact_finish(&record->redact);
	return fine;
}
