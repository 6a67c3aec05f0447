/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_FILES_METADATA_JSON_H
#define GATEWAY_FILES_METADATA_JSON_H

#include "base/json/reader.h"
#include "base/json/writer.h"
#include "gcode/metadata.h"

/* The members of an object; what a file does not give is null. */
void files_write_metadata(struct json_writer *writer, const struct gcode_metadata *metadata);

/* What was written so. False where it is something else. */
bool files_read_metadata(struct flagship_json object, struct gcode_metadata *metadata)
	__attribute__((warn_unused_result));

#endif
