/* SPDX-License-Identifier: MIT */
#include "printer/profile.h"

#include <flagship/error.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIRM_MS INT64_C(25000) /* protocol.md 3.2 */
#define BASE_TEN   10
#define VALUE_MAX  INT32_MAX /* so that sums and products of it fit */

enum profile_kind {
	PROFILE_INTEGER,
	PROFILE_BOOLEAN,
	PROFILE_CONTROL,
};

struct profile_field {
	enum profile_kind kind;
	size_t offset;
};

#define PROFILE_FIELD(kind, name)                            \
	{                                                    \
		kind, offsetof(struct printer_profile, name) \
	}

static const char *const keys[] = {
	"control",    "nozzle_max_c", "bed_max_c", "speed_max_mm_s", "z_home_is_dangerous",
	"confirm_ms", NULL,
};

/* In the order of enum printer_control. */
static const char *const controls[] = {"vendor", "observed"};

/* In the order of keys. */
static const struct profile_field fields[] = {
	PROFILE_FIELD(PROFILE_CONTROL, control),
	PROFILE_FIELD(PROFILE_INTEGER, nozzle_max_c),
	PROFILE_FIELD(PROFILE_INTEGER, bed_max_c),
	PROFILE_FIELD(PROFILE_INTEGER, speed_max_mm_s),
	PROFILE_FIELD(PROFILE_BOOLEAN, z_home_is_dangerous),
	PROFILE_FIELD(PROFILE_INTEGER, confirm_ms),
};

static const struct printer_profile m5_profile = {
	.model = FLAGSHIP_MODEL_M5,
	.control = PRINTER_CONTROL_VENDOR,
	.nozzle_max_c = 260, /* its hot end is lined with PTFE */
	.bed_max_c = 100,
	.speed_max_mm_s = 500,
	.nozzle_ceiling_c = 260,
	.bed_ceiling_c = 100,
	.cold_extrusion_c = 165,
	.range_mm = {{-1, 235}, {-5, 248}, {0, 250}},
	.confirm_ms = CONFIRM_MS,
};

static const struct printer_profile m5c_profile = {
	.model = FLAGSHIP_MODEL_M5C,
	.control = PRINTER_CONTROL_OBSERVED,
	.nozzle_max_c = 310, /* the firmware's ceiling; the app stops at 300 */
	.bed_max_c = 115,
	.speed_max_mm_s = 250,
	.nozzle_ceiling_c = 310,
	.bed_ceiling_c = 115,
	.cold_extrusion_c = 160,
	.range_mm = {{-15, 225}, {-23, 232.5}, {0, 250}},
	.z_home_is_dangerous = true,
	.confirm_ms = CONFIRM_MS,
};

/* Where nobody knows which model it is, what harms either of them counts. */
static void narrow(struct printer_profile *profile, const struct printer_profile *other)
{
	profile->z_home_is_dangerous = true;
	for (size_t axis = 0; axis < PRINTER_PROFILE_AXES; axis++) {
		double *range = profile->range_mm[axis];
		range[0] = fmax(range[0], other->range_mm[axis][0]);
		range[1] = fmin(range[1], other->range_mm[axis][1]);
	}
}

void printer_profile_init(struct printer_profile *profile, enum flagship_model model)
{
	*profile = model == FLAGSHIP_MODEL_M5C ? m5c_profile : m5_profile;
	profile->model = model;
	if (model == FLAGSHIP_MODEL_UNKNOWN) {
		narrow(profile, &m5c_profile);
	}
}

const char *const *printer_profile_keys(void)
{
	return keys;
}

static const struct profile_field *find_field(const char *key)
{
	for (size_t i = 0; keys[i]; i++) {
		if (strcmp(keys[i], key) == 0) {
			return &fields[i];
		}
	}
	return NULL;
}

static int set_integer(int64_t *out, const char *value)
{
	char *end;

	/* strtoll would take white space and signs. */
	if (value[0] < '0' || value[0] > '9') {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	errno = 0;
	long long number = strtoll(value, &end, BASE_TEN);
	if (*end != '\0' || errno != 0 || number > VALUE_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	*out = number;
	return 0;
}

static int set_boolean(bool *out, const char *value)
{
	bool is_true = strcmp(value, "true") == 0;

	if (!is_true && strcmp(value, "false") != 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	*out = is_true;
	return 0;
}

static int set_control(enum printer_control *out, const char *value)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		if (strcmp(value, controls[i]) == 0) {
			*out = (enum printer_control)i;
			return 0;
		}
	}
	return FLAGSHIP_ERROR_ARGUMENT;
}

int printer_profile_set(struct printer_profile *profile, const char *key, const char *value)
{
	const struct profile_field *field = find_field(key);

	if (!field) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	void *member = (char *)profile + field->offset;
	switch (field->kind) {
	case PROFILE_BOOLEAN:
		return set_boolean(member, value);
	case PROFILE_CONTROL:
		return set_control(member, value);
	default:
		return set_integer(member, value);
	}
}

int printer_profile_get(const struct printer_profile *profile, const char *key, char *out,
			size_t capacity)
{
	const struct profile_field *field = find_field(key);
	int length;

	if (!field) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	const void *member = (const char *)profile + field->offset;
	switch (field->kind) {
	case PROFILE_BOOLEAN:
		length = snprintf(out, capacity, "%s", *(const bool *)member ? "true" : "false");
		break;
	case PROFILE_CONTROL:
		length = snprintf(out, capacity, "%s",
				  controls[*(const enum printer_control *)member]);
		break;
	default:
		length = snprintf(out, capacity, "%" PRId64, *(const int64_t *)member);
		break;
	}
	return length < 0 || (size_t)length >= capacity ? FLAGSHIP_ERROR_BUFFER : 0;
}
