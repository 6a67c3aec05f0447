/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_INIT_H
#define CLOUD_COMMANDS_INIT_H

#include "cloud/commands/cloud.h"

/* Everything in the folder that follows from the registry: keys and CA where they are missing,
 * certificates and the broker's configuration anew. Mistakes are reported. OPTIONS_RUN or an exit
 * status. */
int init_files(const struct cloud *cloud);

#endif
