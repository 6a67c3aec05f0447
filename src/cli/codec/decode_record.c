/* SPDX-License-Identifier: MIT */
#include "cli/codec/decode_record.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "cli/codec/type_name.h"
#include "cli/output/json.h"

#include <flagship/error.h>

static size_t record_prefix_size(const struct decode_record *record)
{
	return record->frame.signature == FLAGSHIP_SIGNATURE_MB ? FLAGSHIP_PREFIX_LONG_SIZE
								: FLAGSHIP_PREFIX_SHORT_SIZE;
}

static void record_survey_size(struct decode_record *record, const uint8_t *data, size_t length)
{
	if (!record->has_signature || length < record_prefix_size(record)) {
		return;
	}
	record->has_size = true;
	if (record->frame.signature == FLAGSHIP_SIGNATURE_MB) {
		record->size = bytes_read_u32le(data + FLAGSHIP_PREFIX_LONG_SIZE_OFFSET);
	} else {
		record->size = bytes_read_u16le(data + FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET);
	}
}

void decode_record_survey(struct decode_record *record, const uint8_t *data, size_t length,
			  int error)
{
	record->has_signature = length >= FLAGSHIP_PREFIX_SHORT_SIGNATURE_SIZE &&
				error != FLAGSHIP_ERROR_SIGNATURE;
	record->has_common = record->has_signature &&
			     length >= record_prefix_size(record) + FLAGSHIP_COMMON_SIZE;
	record->has_details = record->has_common && error != FLAGSHIP_ERROR_DEVICE_TYPE &&
			      error != FLAGSHIP_ERROR_TOO_SHORT;
	record_survey_size(record, data, length);
	if (error == FLAGSHIP_ERROR_CHECKSUM) {
		record->checksum = "bad";
	} else if (record->has_details && error != FLAGSHIP_ERROR_SIZE) {
		record->checksum = "ok";
	}
}

static void record_write_error(const struct decode_record *record, struct json_writer *writer)
{
	json_member_string(writer, "error", record->error);
	json_member_int(writer, "offset", (int64_t)record->error_offset);
	if (record->file) {
		json_member_string(writer, "file", record->file);
	}
	if (record->number > 0) {
		json_member_int(writer, "frame", (int64_t)record->number);
	}
	if (record->line > 0) {
		json_member_int(writer, "line", (int64_t)record->line);
	}
}

static void record_write_packet_type(uint8_t type, struct json_writer *writer)
{
	const char *name = packet_type_name(type);
	char number[sizeof("0xff")];

	snprintf(number, sizeof(number), "0x%02x", type);
	json_string(writer, name ? name : number);
}

/* The model that the header names; null for a number that nobody knows yet. */
static void record_write_device_type(uint8_t type, struct json_writer *writer)
{
	static const char *const names[] = {
		[FLAGSHIP_DEVICE_TYPE_M5C] = "M5C",
		[FLAGSHIP_DEVICE_TYPE_M5] = "M5",
		[FLAGSHIP_DEVICE_TYPE_V7111] = "V7111",
		[FLAGSHIP_DEVICE_TYPE_E1] = "E1",
	};
	const char *name = type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;

	json_key(writer, "device_type");
	if (name) {
		json_string(writer, name);
	} else {
		json_null(writer);
	}
}

static void record_write_details(const struct decode_record *record, struct json_writer *writer)
{
	const struct flagship_frame *frame = &record->frame;
	char opaque[2 * sizeof(frame->opaque) + 1];

	json_key(writer, "time");
	if (frame->long_header) {
		json_int(writer, frame->time);
		json_member_string(writer, "device_guid", frame->guid);
		return;
	}
	json_null(writer);
	json_key(writer, "device_guid");
	json_null(writer);
	hex_encode(frame->opaque, sizeof(frame->opaque), HEX_LOWER, opaque);
	json_member_string(writer, "opaque", opaque);
}

static void record_write_header(const struct decode_record *record, struct json_writer *writer)
{
	const struct flagship_frame *frame = &record->frame;

	if (record->has_signature) {
		json_member_string(writer, "signature",
				   frame->signature == FLAGSHIP_SIGNATURE_MB ? "MB" : "MA");
	}
	if (record->has_common) {
		json_member_int(writer, "format", frame->device_type);
		record_write_device_type(frame->device_type, writer);
	}
	if (record->has_size) {
		json_member_int(writer, "size", (int64_t)record->size);
	}
	if (record->has_common) {
		json_key(writer, "packet_type");
		record_write_packet_type(frame->packet_type, writer);
		json_member_int(writer, "packet_number", frame->packet_number);
	}
	if (record->has_details) {
		record_write_details(record, writer);
	}
}

/* The same keys as for a frame, so that a reader needs no second shape. */
static void record_write_gcm_header(const struct decode_record *record, struct json_writer *writer)
{
	json_key(writer, "signature");
	json_null(writer);
	json_member_string(writer, "format", "gcm");
	json_key(writer, "device_type");
	json_null(writer);
	json_member_int(writer, "size", (int64_t)record->size);
	json_key(writer, "packet_type");
	json_null(writer);
	json_key(writer, "packet_number");
	json_null(writer);
	json_key(writer, "time");
	json_null(writer);
	json_key(writer, "device_guid");
	json_null(writer);
}

static void record_write(struct json_writer *writer, const void *context)
{
	const struct decode_record *record = context;

	json_object_begin(writer);
	if (record->error) {
		record_write_error(record, writer);
	}
	if (record->gcm) {
		record_write_gcm_header(record, writer);
	} else {
		record_write_header(record, writer);
	}
	if (record->checksum || !record->error) {
		json_member_string(writer, "checksum", record->checksum);
	}
	if (record->payload) {
		json_key(writer, "payload");
		json_raw(writer, (const char *)record->payload, record->payload_length);
	} else if (!record->error) {
		json_key(writer, "payload");
		json_null(writer);
	}
	if (record->part) {
		json_key(writer, "payload_part");
		json_string_n(writer, (const char *)record->part, record->part_length);
	}
	json_object_end(writer);
}

int decode_record_print(const struct decode_record *record, FILE *out)
{
	return json_line_print(record_write, record, out);
}
