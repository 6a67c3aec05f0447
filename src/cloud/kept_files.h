/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_KEPT_FILES_H
#define CLOUD_KEPT_FILES_H

#include "cloud/cloud.h"

/*
 * The files that cannot be made again without everybody noticing: the CA that clients trust, and
 * the key of the password exchange. The registry holds copies, so that a backup of it is a backup
 * of the cloud. Mistakes are told. OPTIONS_RUN or an exit status.
 */
int kept_files_bring_back(const struct cloud *cloud); /* those that are missing in the folder */
int kept_files_copy(const struct cloud *cloud);       /* into the registry */

/* Whether the registry of a backup holds all of them. */
bool kept_files_are_in(struct registry *registry);

/* Aside, for others to be brought back; then for good, or back again over those. */
void kept_files_put_aside(const struct cloud *cloud);
void kept_files_drop_aside(const struct cloud *cloud);
void kept_files_take_back(const struct cloud *cloud);

#endif
