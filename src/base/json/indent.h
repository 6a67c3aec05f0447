/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_INDENT_H
#define BASE_JSON_INDENT_H

#include <stddef.h>

/*
 * Spreads compact JSON over lines, one member a line, with tabs and a newline at the end. Returns
 * the bytes of the whole, of which `capacity` are written at most, without a NUL.
 */
size_t json_indent(const char *json, size_t length, char *out, size_t capacity);

#endif
