/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_MESSAGE_H
#define FLAGSHIP_MESSAGE_H

#include <flagship/error.h>
#include <flagship/mqtt.h>
#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_PAYLOAD_OBJECTS_MAX 64
#define FLAGSHIP_PAYLOAD_DEPTH_MAX   16

/* The type of an object that has no commandType. */
#define FLAGSHIP_MESSAGE_UNTYPED INT64_C(-1)

/*
 * One object of a payload (protocol.md 3). Pointers lead into the payload. Which member of `as` is
 * meant follows from type; a field counts only where its bit in that member's `present` is set.
 */
struct flagship_message {
	int64_t type; /* enum flagship_message_type, any other number, or FLAGSHIP_MESSAGE_UNTYPED
		       */
	const struct flagship_message_info *info; /* NULL for a type that mqtt.stf does not know */
	struct flagship_json json;                /* the whole object, untouched */
	uint32_t refused;                         /* known fields whose value could not be taken */
	bool has_reply;
	int64_t reply; /* protocol.md 3.4: 0 = taken */
	union flagship_message_fields as;
};

/* Walks the objects of a payload. Treat the members as private. */
struct flagship_payload {
	const char *start;
	const char *cursor;
	const char *end;
	uint32_t count;
	uint8_t stage;
	int error;
	size_t error_offset;
};

/* Borrows the plaintext of a frame. No heap. */
void flagship_payload_init(struct flagship_payload *payload, const void *plaintext, size_t length);

/*
 * Returns 1 with the next object, 0 after the last one, or an error, after which it keeps returning
 * that error. An integer is taken from any JSON spelling of its value (1e3, 10.0, "10", true),
 * rounded where it has a fraction (half away from zero), and refused (left absent, counted in
 * message->refused) where it does not fit. commandType and reply are never rounded.
 * null counts as absent. Errors: JSON, NOT_OBJECT, TOO_MANY_OBJECTS, TOO_DEEP.
 * A caller that must not act on half a payload reads it to the end first, as
 * flagship_payload_read does.
 */
FLAGSHIP_CHECKED int flagship_payload_next(struct flagship_payload *payload,
					   struct flagship_message *message);

/* After an error: the byte of the plaintext that it is about. */
size_t flagship_payload_error_offset(const struct flagship_payload *payload);

/*
 * Reads a whole payload into messages[capacity], or nothing: all objects are well-formed when this
 * returns 0. Errors: those of flagship_payload_next; TOO_MANY_OBJECTS also for more than capacity.
 */
FLAGSHIP_CHECKED int flagship_payload_read(const void *plaintext, size_t length,
					   struct flagship_message *messages, size_t capacity,
					   size_t *count);

/* A message to be built: sets type and info, no field present. Errors: ARGUMENT (unknown type). */
int flagship_message_init(struct flagship_message *message, enum flagship_message_type type);

/*
 * Writes the message as one JSON object, NUL-terminated; *length in bytes without the NUL. Texts
 * are escaped where they are not yet. For the directions given (FLAGSHIP_DIRECTION_…) every
 * required field must be present, and every present field must be within its range and belong
 * to that direction. No heap.
 * Errors: ARGUMENT, DIRECTION, MISSING_FIELD, RANGE, BUFFER.
 */
FLAGSHIP_CHECKED int flagship_message_build(const struct flagship_message *message,
					    unsigned int direction, char *out, size_t capacity,
					    size_t *length);

/* The commands most clients need, each built as flagship_message_build would; same errors. */
FLAGSHIP_CHECKED int flagship_build_query_status(char *out, size_t capacity, size_t *length);
FLAGSHIP_CHECKED int flagship_build_nozzle_target(int64_t centi_c, char *out, size_t capacity,
						  size_t *length);
FLAGSHIP_CHECKED int flagship_build_bed_target(int64_t centi_c, char *out, size_t capacity,
					       size_t *length);
FLAGSHIP_CHECKED int flagship_build_print_speed(int64_t mm_s, char *out, size_t capacity,
						size_t *length);
FLAGSHIP_CHECKED int flagship_build_gcode(const char *command, char *out, size_t capacity,
					  size_t *length);
FLAGSHIP_CHECKED int flagship_build_device_name(const char *name, char *out, size_t capacity,
						size_t *length);
/*
 * 1008 as the vendor's app sends it (protocol.md 3.2): 1 starts file_path, 2 pauses, 3 resumes and
 * 4 stops, those three with an empty path. Every field is written each time.
 */
FLAGSHIP_CHECKED int flagship_build_print_control(int64_t value, const char *file_path,
						  const char *user_id, const char *user_name,
						  char *out, size_t capacity, size_t *length);
/* 1008 as one owner of an M5C found it; user_name and file_path may be NULL. */
FLAGSHIP_CHECKED int flagship_build_print_control_observed(int64_t value, const char *user_name,
							   const char *file_path, char *out,
							   size_t capacity, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
