/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_RESTORE_H
#define CLOUD_RESTORE_H

#include "cloud/cloud.h"

/*
 * Replaces accounts, printers, settings and the CA by those of a file that registry_backup wrote.
 * The file is only read. Where it is not whole, or anything fails, all stays as it was. The cloud is
 * opened anew. Mistakes are told. CLI_DONE or another exit status.
 */
int restore_from(struct cloud *cloud, const struct cloud_options *options, const char *path);

#endif
