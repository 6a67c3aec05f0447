/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_SENTENCES_TABLE_H
#define GATEWAY_SENTENCES_TABLE_H

#include "gateway/sentences/sentences.h"

#include <stddef.h>

#define SENTENCE_MEMBER_SIZE 64 /* of a name, with its ending */

/* The table, by what its sentences are about; each part ends with NULL. The first that fits counts:
 * what fits more stands behind what fits less, in its part and of the parts. */
extern const struct sentence sentences_queue[];
extern const struct sentence sentences_guard[];
extern const struct sentence sentences_command[];
extern const struct sentence sentences_doctor[];
extern const struct sentence sentences_form[];

/* What stands beside the member `name`. */
void sentence_write_beside(struct json_writer *writer, const char *name,
			   const struct sentence_found *found);

#endif
