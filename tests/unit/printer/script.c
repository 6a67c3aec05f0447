/* SPDX-License-Identifier: MIT */
#include "script.h"
#include "apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEP_MAX      1024
#define MS_PER_SECOND 1000.0

/* printf behind what is there. */
static void append(char *out, size_t capacity, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *out, size_t capacity, const char *format, ...)
{
	size_t length = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	int written = vsnprintf(out + length, capacity - length, format, arguments);
	va_end(arguments);
	assert_in_range(written, 0, capacity - length - 1);
}

static void append_text(char *out, size_t capacity, const char *key, const char *value)
{
	if (value && value[0]) {
		append(out, capacity, ",\"%s\":\"%s\"", key, value);
	}
}

static void append_number(char *out, size_t capacity, const char *key, const char *value)
{
	if (value && value[0]) {
		append(out, capacity, ",\"%s\":%s", key, value);
	}
}

static void append_filament(char *out, size_t capacity, char *names)
{
	char *rest = NULL;
	const char *comma = "";

	append(out, capacity, ",\"filamentType\":[");
	for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		append(out, capacity, "%s\"%s\"", comma, name);
		comma = ",";
	}
	append(out, capacity, "]");
}

static void append_object(char *out, size_t capacity, char *what)
{
	static const struct {
		char letter;
		int type;
		const char *number; /* key of what stands before the slash, */
		const char *text;   /* or where that is a text; */
		const char *second; /* key of what stands behind it, */
		const char *second_text;
	} forms[] = {
		{'s', 1000, "subType\":1,\"value", NULL, NULL, NULL},
		{'p', 1001, "progress", NULL, NULL, NULL},
		{'t', 1001, "totalTime", NULL, NULL, NULL},
		{'r', 1001, "time", NULL, NULL, NULL},
		{'a', 1000, "subType\":2,\"value", NULL, NULL, NULL},
		{'i', 1000, "subType\":3,\"value", NULL, NULL, NULL},
		{'x', 1086, NULL, "errorCode", NULL, NULL},
		{'j', 1001, NULL, "task_id", NULL, "name"},
		{'l', 1052, "real_print_layer", NULL, "total_layer", NULL},
		{'u', 1068, "trigger", NULL, NULL, "name"},
		{'e', 1085, NULL, "errorCode", NULL, "errorLevel"},
	};
	char letter = what[0];
	char *first = what + 1;

	if (letter == 'f') {
		append(out, capacity, "{\"commandType\":1098");
		append_filament(out, capacity, first);
		append(out, capacity, "}");
		return;
	}
	if (letter == 'n') {
		append(out, capacity, "{\"commandType\":1044,\"filePath\":\"%s\"}", first);
		return;
	}
	char *second = strchr(first, '/');
	if (second) {
		*second++ = '\0';
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].letter != letter) {
			continue;
		}
		append(out, capacity, "{\"commandType\":%d", forms[i].type);
		if (forms[i].number) {
			append_number(out, capacity, forms[i].number, first);
		} else {
			append_text(out, capacity, forms[i].text, first);
		}
		if (forms[i].second) {
			append_number(out, capacity, forms[i].second, second);
		} else {
			append_text(out, capacity, forms[i].second_text, second);
		}
		append(out, capacity, "}");
		return;
	}
	fail_msg("no such step: %s", what);
}

void script_payload(const char *what, char *out, size_t capacity)
{
	char copy[STEP_MAX];
	char *rest = NULL;
	const char *comma = "";

	snprintf(copy, sizeof(copy), "%s", what);
	snprintf(out, capacity, "[");
	for (char *part = strtok_r(copy, "+", &rest); part; part = strtok_r(NULL, "+", &rest)) {
		append(out, capacity, "%s", comma);
		append_object(out, capacity, part);
		comma = ",";
	}
	append(out, capacity, "]");
}

void script_collect(const struct printer_event *event, void *context)
{
	struct script *script = context;
	char *out = script->events;

	if (event->kind == PRINTER_EVENT_ONLINE) {
		return;
	}
	append(out, sizeof(script->events), "%s%g:%s", out[0] ? " " : "",
	       (double)event->t_ms / MS_PER_SECOND, printer_event_name(event->kind));
	if (event->kind == PRINTER_EVENT_PROGRESS || event->kind == PRINTER_EVENT_LAYER) {
		append(out, sizeof(script->events), "=%lld", (long long)event->number);
	}
}

static void run_step(struct script *script, int64_t now_ms, const char *what)
{
	char payload[STEP_MAX];

	if (strcmp(what, "lost") == 0) {
		printer_state_connection_lost(&script->state);
	} else if (strcmp(what, "check") == 0) {
		printer_state_check_online(&script->state, now_ms, script_collect, script);
	} else if (strcmp(what, "settle") == 0) {
		printer_state_settle(&script->state, script_collect, script);
	} else {
		script_payload(what, payload, sizeof(payload));
		assert_int_equal(
			apply_json(&script->state, payload, now_ms, script_collect, script), 0);
	}
}

void script_init(struct script *script, enum flagship_model model)
{
	printer_state_init(&script->state, "AK1", NULL, model);
	script->events[0] = '\0';
}

void script_run(struct script *script, const char *steps)
{
	char copy[SCRIPT_EVENTS_MAX];
	char *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", steps);
	for (char *step = strtok_r(copy, " ", &rest); step; step = strtok_r(NULL, " ", &rest)) {
		char *what;
		double seconds = strtod(step, &what);
		assert_int_equal(*what, ':');
		run_step(script, (int64_t)(seconds * MS_PER_SECOND + 0.5), what + 1);
	}
}
