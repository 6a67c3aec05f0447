/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_MODEL_H
#define FLAGSHIP_MODEL_H

#ifdef __cplusplus
extern "C" {
#endif

enum flagship_model {
	FLAGSHIP_MODEL_UNKNOWN,
	FLAGSHIP_MODEL_M5,  /* V8111 */
	FLAGSHIP_MODEL_M5C, /* V8110 */
	FLAGSHIP_MODEL_E1,  /* V8260, prints with ink and UV light */
};

/* From "m5", "M5C", "V8260"…, either case; UNKNOWN for anything else and NULL. */
enum flagship_model flagship_model_from_name(const char *name);

/* "M5", "M5C", "E1", or NULL for UNKNOWN. */
const char *flagship_model_name(enum flagship_model model);

/* The vendor's "V8111"…, or NULL for UNKNOWN. */
const char *flagship_model_code(enum flagship_model model);

#ifdef __cplusplus
}
#endif

#endif
