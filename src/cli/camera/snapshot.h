/* SPDX-License-Identifier: MIT */
#ifndef CLI_CAMERA_SNAPSHOT_H
#define CLI_CAMERA_SNAPSHOT_H

#include "video/h264.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A JPEG of a key picture, by flagship-picture; *jpeg is freed by the caller. Returns CLI_DONE, or
 * the exit status of trouble that was told.
 */
int snapshot_make(const struct h264_unit *unit, uint8_t **jpeg, size_t *length);

#endif
