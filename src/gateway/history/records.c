/* SPDX-License-Identifier: MIT */
#include "gateway/history/records.h"

#include <string.h>

static const char *const outcome_names[HISTORY_OUTCOMES] = {
	[HISTORY_GOING_ON] = "going_on",   [HISTORY_FINISHED] = "finished",
	[HISTORY_CANCELLED] = "cancelled", [HISTORY_FAILED] = "failed",
	[HISTORY_UNKNOWN] = "unknown",
};

static const char *const type_names[HISTORY_ENTRY_TYPES] = {
	[HISTORY_EVENT] = "event",
	[HISTORY_COMMAND] = "command",
};

static size_t position_of(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0) {
		i++;
	}
	return i;
}

const char *history_outcome_name(enum history_outcome outcome)
{
	return outcome_names[(size_t)outcome < HISTORY_OUTCOMES ? outcome : HISTORY_UNKNOWN];
}

enum history_outcome history_outcome_of(const char *name)
{
	return (enum history_outcome)position_of(outcome_names, HISTORY_OUTCOMES, name);
}

const char *history_entry_type_name(enum history_entry_type type)
{
	return type_names[(size_t)type < HISTORY_ENTRY_TYPES ? type : HISTORY_EVENT];
}

enum history_entry_type history_entry_type_of(const char *name)
{
	return (enum history_entry_type)position_of(type_names, HISTORY_ENTRY_TYPES, name);
}
