/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_COMPOSE_H
#define BASE_JSON_COMPOSE_H

#include "base/json/writer.h"

/* Writes one value. */
typedef void json_write(struct json_writer *writer, const void *context);

/*
 * What `write` writes, NUL-terminated, to be freed; length in bytes without the NUL. It is called
 * once more, and must write the same, where the room that was tried first is too small. NULL
 * without memory.
 */
char *json_compose(json_write *write, const void *context, size_t *length);
/* The same spread over lines, as json_indent does: for files that people look into. */
char *json_compose_lines(json_write *write, const void *context, size_t *length);

#endif
