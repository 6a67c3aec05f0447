/* SPDX-License-Identifier: MIT */
#ifndef CLI_CAMERA_QUALITY_H
#define CLI_CAMERA_QUALITY_H

#include "cli/target/targets.h"

#include <stdbool.h>
#include <stdint.h>

/* How large the pictures of a printer's camera are. */
enum camera_quality {
	CAMERA_QUALITY_ASKED, /* nothing is to change */
	CAMERA_QUALITY_SD,
	CAMERA_QUALITY_HD,
};

/* "sd" or "hd"; any other word is told, and is CLI_USAGE. OPTIONS_RUN otherwise. */
int quality_read(const char *word, enum camera_quality *quality);

/*
 * Has the gateway of this machine set it, for all who look by it, or tell it. OPTIONS_RUN where
 * none answers: nothing was done or told. Else an exit status, as of the camera's light.
 */
int quality_by_gateway(const struct targets *targets, enum camera_quality quality);

/* What a picture of a session of our own shows, which is as many pixels high; whether that is what
 * was wanted. */
bool quality_is_shown(enum camera_quality wanted, uint32_t height);
/* Says so to people, and, where it was asked for, on standard output. */
void quality_tell(const char *label, enum camera_quality wanted, uint32_t width, uint32_t height);

#endif
