/* SPDX-License-Identifier: MIT */
#include "simulator/printer/fault_plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS_A_SECOND_REAL 1000.0

enum fault_kind {
	FAULT_SWITCH,      /* bool, without a value */
	FAULT_PROBABILITY, /* double, 0 to 1 */
	FAULT_DURATION,    /* int64_t milliseconds */
	FAULT_SKEW,        /* int64_t seconds, either way */
	FAULT_BYTE,        /* int64_t, 1 to 255 */
};

struct fault_entry {
	const char *name;
	enum fault_kind kind;
	size_t offset;
};

#define PLACE(member) offsetof(struct fault_plan, member)

static const struct fault_entry entries[] = {
	{"drop-replies", FAULT_PROBABILITY, PLACE(drop_replies)},
	{"late-replies", FAULT_DURATION, PLACE(late_replies_ms)},
	{"other-type-replies", FAULT_SWITCH, PLACE(other_type_replies)},
	{"ack-no-effect", FAULT_SWITCH, PLACE(ack_no_effect)},
	{"refuse", FAULT_SWITCH, PLACE(refuse)},
	{"silent", FAULT_SWITCH, PLACE(silent)},
	{"malformed", FAULT_PROBABILITY, PLACE(malformed)},
	{"churn", FAULT_PROBABILITY, PLACE(churn)},
	{"clock-skew", FAULT_SKEW, PLACE(clock_skew_s)},
	{"stuck-at-end", FAULT_SWITCH, PLACE(stays_at_end)},
	{"resume-as-3", FAULT_SWITCH, PLACE(resumes_as_3)},
	{"late-updates", FAULT_DURATION, PLACE(late_updates_ms)},
	{"retained", FAULT_SWITCH, PLACE(retained)},
	{"lan-loss", FAULT_PROBABILITY, PLACE(lan_loss)},
	{"lan-silent", FAULT_SWITCH, PLACE(lan_silent)},
	{"lan-busy", FAULT_SWITCH, PLACE(lan_busy)},
	{"lan-large", FAULT_SWITCH, PLACE(lan_large)},
	{"lan-old-handshake", FAULT_SWITCH, PLACE(lan_old_handshake)},
	{"lan-typed-replies", FAULT_SWITCH, PLACE(lan_typed_replies)},
	{"lan-crash", FAULT_SWITCH, PLACE(lan_crash)},
	{"lan-late", FAULT_DURATION, PLACE(lan_late_ms)},
	{"lan-result", FAULT_BYTE, PLACE(lan_result)},
};

const char *const fault_plan_names[] = {
	"drop-replies=P",
	"late-replies=SECONDS",
	"other-type-replies",
	"ack-no-effect",
	"refuse",
	"silent",
	"malformed=P",
	"churn=P",
	"clock-skew=SECONDS",
	"stuck-at-end",
	"resume-as-3",
	"late-updates=SECONDS",
	"retained",
	"lan-loss=P",
	"lan-silent",
	"lan-busy",
	"lan-large",
	"lan-old-handshake",
	"lan-typed-replies",
	"lan-crash",
	"lan-late=SECONDS",
	"lan-result=NUMBER",
	NULL,
};

static const struct fault_entry *find_entry(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (strlen(entries[i].name) == length &&
		    memcmp(entries[i].name, text, length) == 0) {
			return &entries[i];
		}
	}
	return NULL;
}

static bool read_number(const char *text, double highest, double *number)
{
	char *end;

	if (text[0] == '\0' || text[strspn(text, "0123456789.")] != '\0') {
		return false;
	}
	errno = 0;
	*number = strtod(text, &end);
	return errno == 0 && *end == '\0' && *number >= 0 && *number <= highest;
}

static bool read_skew(const char *text, int64_t *skew_s)
{
	double number;
	bool behind = text[0] == '-';

	if (!read_number(text + (behind ? 1 : 0), (double)FAULT_PLAN_SKEW_MAX_S, &number)) {
		return false;
	}
	*skew_s = behind ? -llround(number) : llround(number);
	return true;
}

static bool set_value(const struct fault_entry *entry, const char *value, void *place)
{
	double number;

	switch (entry->kind) {
	case FAULT_PROBABILITY:
		if (!read_number(value, 1, &number)) {
			return false;
		}
		*(double *)place = number;
		return true;
	case FAULT_DURATION:
		if (!read_number(value, (double)FAULT_PLAN_LATE_MAX_MS / MS_A_SECOND_REAL,
				 &number)) {
			return false;
		}
		*(int64_t *)place = llround(number * MS_A_SECOND_REAL);
		return true;
	case FAULT_SKEW:
		return read_skew(value, place);
	case FAULT_BYTE:
		if (!read_number(value, UINT8_MAX, &number) || number < 1) {
			return false;
		}
		*(int64_t *)place = llround(number);
		return true;
	default:
		return false;
	}
}

bool fault_plan_add(struct fault_plan *plan, const char *text)
{
	size_t length = strcspn(text, "=");
	const struct fault_entry *entry = find_entry(text, length);

	if (!entry) {
		return false;
	}
	void *place = (char *)plan + entry->offset;
	if (text[length] == '=') {
		return set_value(entry, text + length + 1, place);
	}
	if (entry->kind != FAULT_SWITCH) {
		return false;
	}
	*(bool *)place = true;
	return true;
}
