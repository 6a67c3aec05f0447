/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_PLUGIN_PROOF_H
#define CLOUD_PLUGIN_PROOF_H

#include "cloud/registry.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a payload was encrypted with the key that the registry has for this printer, and says
 * something that a printer could say: who can do that is the printer. False also where the registry
 * has no key.
 */
bool proof_check(struct registry *registry, const char *serial, const void *payload, size_t length);

#endif
