/* SPDX-License-Identifier: MIT */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <flagship/frame.h>

#include <stdbool.h>

/* A random UUID, version 4. False where there is no randomness. */
bool guid_make(char out[FLAGSHIP_GUID_LENGTH + 1]);

#endif
