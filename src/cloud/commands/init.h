/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_INIT_H
#define CLOUD_COMMANDS_INIT_H

#include "cloud/commands/cloud.h"

/* Everything in the folder that follows from the registry: keys and CA where they are missing,
 * certificates and the broker's configuration anew. Mistakes are reported. OPTIONS_RUN or an exit
 * status. */
int init_files(const struct cloud *cloud);

/*
 * The files that cannot be made again without everybody noticing: the CA that clients trust, and
 * the key of the password exchange. The registry holds copies, so that a backup of it is a backup
 * of the cloud. Mistakes are reported. OPTIONS_RUN or an exit status.
 */
int kept_files_bring_back(const struct cloud *cloud); /* those that are missing in the folder */
int kept_files_copy(const struct cloud *cloud);       /* into the registry */

/* The name of one that the registry does not hold, or holds empty; NULL where it has them all. */
const char *kept_files_missing(const struct cloud *cloud);

#endif
