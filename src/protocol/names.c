/* SPDX-License-Identifier: MIT */
#include <flagship/error.h>
#include <flagship/flagship.h>
#include <flagship/model.h>

#include <stddef.h>
#include <strings.h>

const char *flagship_version(void)
{
	return FLAGSHIP_VERSION;
}

static const char *const error_texts[] = {
	[FLAGSHIP_OK] = "success",
	[-FLAGSHIP_ERROR_TOO_SHORT] = "too short for a frame",
	[-FLAGSHIP_ERROR_SIGNATURE] = "does not begin with the signature MA or MB",
	[-FLAGSHIP_ERROR_DEVICE_TYPE] = "unknown device type, and no known header fits",
	[-FLAGSHIP_ERROR_SIZE] = "the size field does not match the length",
	[-FLAGSHIP_ERROR_CHECKSUM] = "wrong checksum",
	[-FLAGSHIP_ERROR_CIPHERTEXT_LENGTH] =
		"the encrypted part is empty or no multiple of 16 bytes",
	[-FLAGSHIP_ERROR_PADDING] = "wrong key or damaged payload (padding)",
	[-FLAGSHIP_ERROR_AUTHENTICATION] = "wrong key or damaged payload (authentication tag)",
	[-FLAGSHIP_ERROR_JSON] = "wrong key or damaged payload (not valid JSON)",
	[-FLAGSHIP_ERROR_NOT_OBJECT] = "the payload is no JSON object and no array of objects",
	[-FLAGSHIP_ERROR_TOO_MANY_OBJECTS] = "the payload holds too many objects",
	[-FLAGSHIP_ERROR_TOO_DEEP] = "the JSON of the payload is nested too deeply",
	[-FLAGSHIP_ERROR_PACKET_TYPE] = "unknown packet type",
	[-FLAGSHIP_ERROR_PACKET_ORDER] = "a part of a message without its beginning",
	[-FLAGSHIP_ERROR_TOO_LARGE] = "the message is too large",
	[-FLAGSHIP_ERROR_BUFFER] = "the buffer is too small",
	[-FLAGSHIP_ERROR_RANGE] = "a value is out of its range",
	[-FLAGSHIP_ERROR_MISSING_FIELD] = "a required field is missing",
	[-FLAGSHIP_ERROR_DIRECTION] = "the message does not travel in this direction",
	[-FLAGSHIP_ERROR_KEY] =
		"a key must have 16 or 32 bytes (32 or 64 hex digits), and 32 for GCM",
	[-FLAGSHIP_ERROR_SERIAL] =
		"not a valid serial number (1 to 32 letters and digits) or user id",
	[-FLAGSHIP_ERROR_TOPIC] = "not a topic of a printer",
	[-FLAGSHIP_ERROR_ARGUMENT] = "an argument is not valid",
	[-FLAGSHIP_ERROR_LOGIN_CACHE] = "not a login cache of a known form",
	[-FLAGSHIP_ERROR_INIT_STRING] = "not a valid init string",
	[-FLAGSHIP_ERROR_MEMORY] = "out of memory",
	[-FLAGSHIP_ERROR_CRYPTO] = "the cryptographic library reported a failure",
	[-FLAGSHIP_ERROR_STORE] = "a file of flagship is damaged or cannot be used",
	[-FLAGSHIP_ERROR_MAGIC] = "does not begin as a packet of the local network does",
	[-FLAGSHIP_ERROR_DUID] = "not a valid duid, as EUPRAKM-012345-ABCDE is one",
};

#define ERROR_COUNT ((int)(sizeof(error_texts) / sizeof(error_texts[0])))

const char *flagship_strerror(int error)
{
	if (error > 0 || error <= -ERROR_COUNT) {
		return "unknown error";
	}
	return error_texts[-error];
}

struct model_names {
	const char *name;
	const char *code;
};

static const struct model_names models[] = {
	[FLAGSHIP_MODEL_UNKNOWN] = {NULL, NULL},
	[FLAGSHIP_MODEL_M5] = {"M5", "V8111"},
	[FLAGSHIP_MODEL_M5C] = {"M5C", "V8110"},
	[FLAGSHIP_MODEL_E1] = {"E1", "V8260"},
};

#define MODEL_COUNT (sizeof(models) / sizeof(models[0]))

enum flagship_model flagship_model_from_name(const char *name)
{
	if (!name) {
		return FLAGSHIP_MODEL_UNKNOWN;
	}
	for (size_t i = FLAGSHIP_MODEL_M5; i < MODEL_COUNT; i++) {
		if (!strcasecmp(name, models[i].name) || !strcasecmp(name, models[i].code)) {
			return (enum flagship_model)i;
		}
	}
	return FLAGSHIP_MODEL_UNKNOWN;
}

static const struct model_names *model_find(enum flagship_model model)
{
	return &models[(size_t)model < MODEL_COUNT ? (size_t)model : FLAGSHIP_MODEL_UNKNOWN];
}

const char *flagship_model_name(enum flagship_model model)
{
	return model_find(model)->name;
}

const char *flagship_model_code(enum flagship_model model)
{
	return model_find(model)->code;
}
