/* SPDX-License-Identifier: MIT */
#include "cli/gcode/print.h"

#include "cli/output/json.h"
#include "cli/output/print.h"

/* What one line of JSON is made of. */
struct gcode_line_source {
	const char *command;
	const struct gcode_reply *reply;
};

static void gcode_write_reply(struct json_writer *writer, const void *context)
{
	const struct gcode_line_source *source = context;
	const struct gcode_reply *reply = source->reply;

	json_object_begin(writer);
	json_member_string(writer, "command", source->command);
	json_member_int(writer, "reply", reply->refused_code);
	json_member_bool(writer, "complete", reply->parsed.complete && !reply->truncated);
	json_key(writer, "text");
	json_string_n(writer, reply->text, reply->length);
	json_key(writer, "body");
	json_string_n(writer, reply->text + reply->parsed.body_offset, reply->parsed.body_length);
	json_key(writer, "queued");
	if (reply->parsed.has_ring_buffer) {
		json_int(writer, reply->parsed.queued);
	} else {
		json_null(writer);
	}
	json_object_end(writer);
}

struct gcode_failure {
	const char *command;
	const char *detail;
};

static void gcode_write_failure(struct json_writer *writer, const void *context)
{
	const struct gcode_failure *failure = context;

	json_object_begin(writer);
	json_member_known(writer, "command", failure->command);
	json_key(writer, "reply");
	json_null(writer);
	json_member_bool(writer, "complete", false);
	json_key(writer, "text");
	json_null(writer);
	json_key(writer, "body");
	json_null(writer);
	json_key(writer, "queued");
	json_null(writer);
	json_member_string(writer, "detail", failure->detail);
	json_object_end(writer);
}

void gcode_print_failure(const struct output *output, const char *command, const char *detail)
{
	const struct gcode_failure failure = {command, detail};

	json_line_print(gcode_write_failure, &failure, output->stream);
	fflush(output->stream);
}

static void gcode_print_mark(const struct gcode_reply *reply)
{
	fflush(stdout);
	if (!reply->parsed.complete || reply->truncated) {
		print_to(stderr, "[reply cut after %zu bytes]\n", reply->length);
	} else if (reply->parsed.cut_at_limit && reply->messages == 1) {
		print_to(stderr,
			 "[reply of %zu bytes, the most a printer sends: its middle may be "
			 "missing]\n",
			 reply->length);
	}
}

void gcode_print_reply(const struct output *output, bool json, const char *command,
		       const struct gcode_reply *reply)
{
	const struct gcode_line_source source = {.command = command, .reply = reply};

	if (json) {
		json_line_print(gcode_write_reply, &source, output->stream);
	} else if (reply->parsed.body_length > 0) {
		output_text(output, OUTPUT_PLAIN, reply->text + reply->parsed.body_offset,
			    reply->parsed.body_length, true);
		fputc('\n', output->stream);
	} else if (reply->refused_code == 0) {
		output_print(output, OUTPUT_DIM, "ok");
		fputc('\n', output->stream);
	}
	/* A bare acknowledgement has no text that could be cut. */
	if (reply->length > 0) {
		gcode_print_mark(reply);
	}
	fflush(output->stream);
}
