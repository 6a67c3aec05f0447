/* SPDX-License-Identifier: MIT */
#include <flagship/model.h>

#include <stddef.h>
#include <strings.h>

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
