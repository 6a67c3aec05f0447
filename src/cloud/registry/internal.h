/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_INTERNAL_H
#define CLOUD_REGISTRY_INTERNAL_H

#include "cloud/registry/registry.h"
#include "store/database/database.h"

/* What the parts of the registry share. */
struct registry {
	struct database *database;
};

#endif
