/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_REGISTRY_H
#define FUZZ_REGISTRY_H

#include "cloud/registry/registry.h"

#define FUZZ_SERIAL     "ANNESPRINTER1"
#define FUZZ_TOKEN_MARK "$TOKEN"

/* A registry in a folder of folder.h with one account, its printer and a token; made once. */
struct registry *fuzz_registry(char user_id[REGISTRY_TEXT_MAX], char token[REGISTRY_TOKEN_SIZE]);

/* The key of the password exchange, in a file; made once. */
const char *fuzz_service_key(void);

#endif
