/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/internal.h"
#include "store/file/file.h"
#include "store/file/json.h"
#include "store/file/replace_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is filmed, and how long films are kept; of printers, too, that go by something else. */

#define SETTINGS_MODE    0600
#define INTERVAL_DEFAULT 10
#define INTERVAL_MAX     3600
#define DAYS_DEFAULT     365
#define DAYS_MAX         36500
#define MIB_DEFAULT      4096
#define MIB_MAX          (1 << 30)
#define CHOICE_MEMBERS   "mode interval_s light"

static const char *const mode_names[LAPSE_MODES] = {"off", "layer", "interval"};

static struct lapse_exception *find_exception(const struct lapse_settings *settings,
					      const char *serial)
{
	for (struct list *at = settings->exceptions.next; at != &settings->exceptions;
	     at = at->next) {
		struct lapse_exception *exception = LIST_OF(at, struct lapse_exception, place);

		if (strcmp(exception->serial, serial) == 0) {
			return exception;
		}
	}
	return NULL;
}

static void drop_exception(struct lapse_exception *exception)
{
	if (exception) {
		list_remove(&exception->place);
		free(exception);
	}
}

void lapse_settings_forget(struct lapse_settings *settings)
{
	while (!list_is_empty(&settings->exceptions)) {
		/* It is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		drop_exception(LIST_OF(settings->exceptions.next, struct lapse_exception, place));
	}
}

/* False for want of memory. */
static bool put_exception(struct lapse_settings *settings, const char *serial,
			  const struct lapse_choice *choice)
{
	struct lapse_exception *exception = find_exception(settings, serial);

	if (!exception) {
		exception = calloc(1, sizeof(*exception));
		if (!exception) {
			return false;
		}
		snprintf(exception->serial, sizeof(exception->serial), "%s", serial);
		list_insert(&settings->exceptions, &exception->place);
	}
	exception->choice = *choice;
	return true;
}

struct lapse_choice lapse_settings_choice(const struct timelapse *timelapse, const char *serial)
{
	const struct lapse_exception *exception = find_exception(&timelapse->settings, serial);

	return exception ? exception->choice : timelapse->settings.choice;
}

bool lapse_settings_want_any(const struct timelapse *timelapse)
{
	const struct lapse_settings *settings = &timelapse->settings;

	for (struct list *at = settings->exceptions.next; at != &settings->exceptions;
	     at = at->next) {
		if (LIST_OF(at, struct lapse_exception, place)->choice.mode != LAPSE_OFF) {
			return true;
		}
	}
	return settings->choice.mode != LAPSE_OFF;
}

/* --- from JSON: members that are absent stay as they are; false where one is none --- */

static bool take_mode(const cJSON *json, enum lapse_mode *mode)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "mode");

	for (int i = 0; item && cJSON_IsString(item) && i < LAPSE_MODES; i++) {
		if (strcmp(item->valuestring, mode_names[i]) == 0) {
			*mode = (enum lapse_mode)i;
			return true;
		}
	}
	return !item;
}

static bool take_count(const cJSON *json, const char *name, int64_t least, int64_t most,
		       int64_t *number)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!item) {
		return true;
	}
	if (!cJSON_IsNumber(item) || item->valuedouble < (double)least ||
	    item->valuedouble > (double)most ||
	    item->valuedouble != (double)(int64_t)item->valuedouble) {
		return false;
	}
	*number = (int64_t)item->valuedouble;
	return true;
}

static bool take_flag(const cJSON *json, const char *name, bool *flag)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!item) {
		return true;
	}
	*flag = cJSON_IsTrue(item);
	return cJSON_IsBool(item);
}

static bool take_choice(const cJSON *json, struct lapse_choice *choice)
{
	return take_mode(json, &choice->mode) &&
	       take_count(json, "interval_s", 1, INTERVAL_MAX, &choice->interval_s) &&
	       take_flag(json, "light", &choice->light);
}

static bool take_keeping(const cJSON *json, struct lapse_settings *settings)
{
	return take_count(json, "keep_days", 0, DAYS_MAX, &settings->keep_days) &&
	       take_count(json, "keep_mib", 0, MIB_MAX, &settings->keep_mib);
}

/* --- the file --- */

static bool take_exceptions(struct lapse_settings *settings, const cJSON *printers)
{
	const cJSON *item;

	if (printers && !cJSON_IsObject(printers)) {
		return false;
	}
	cJSON_ArrayForEach(item, printers)
	{
		struct lapse_choice choice = settings->choice;

		if (!cJSON_IsObject(item) || strlen(item->string) >= HISTORY_SERIAL_SIZE ||
		    !take_choice(item, &choice) ||
		    !put_exception(settings, item->string, &choice)) {
			return false;
		}
	}
	return true;
}

static void set_defaults(struct lapse_settings *settings)
{
	settings->choice = (struct lapse_choice){.mode = LAPSE_OFF, .interval_s = INTERVAL_DEFAULT};
	settings->keep_days = DAYS_DEFAULT;
	settings->keep_mib = MIB_DEFAULT;
}

void lapse_settings_read(struct timelapse *timelapse)
{
	struct lapse_settings *settings = &timelapse->settings;
	struct store_file file;
	struct problem problem;

	list_init(&settings->exceptions);
	set_defaults(settings);
	if (store_file_read(timelapse->settings_path, &file, &problem)) {
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  problem.text);
		return;
	}
	cJSON *json = file.text ? store_json_parse(file.text, file.length) : NULL;
	if (file.text &&
	    (!json || !take_choice(json, &settings->choice) || !take_keeping(json, settings) ||
	     !take_exceptions(settings, cJSON_GetObjectItemCaseSensitive(json, "printers")))) {
		bool is_short = errno == ENOMEM;

		set_defaults(settings);
		lapse_settings_forget(settings);
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  is_short ? "there is no memory to read the settings of time-lapses: "
				     "nothing is filmed until the gateway is started again"
				   : "the settings of time-lapses are damaged: nothing is filmed "
				     "until they are set again",
			  LOG_TEXT("file", timelapse->settings_path));
	}
	cJSON_Delete(json);
	store_file_release(&file);
}

static void write_choice(struct json_writer *writer, const struct lapse_choice *choice)
{
	json_member_string(writer, "mode", mode_names[choice->mode]);
	json_member_int(writer, "interval_s", choice->interval_s);
	json_member_bool(writer, "light", choice->light);
}

static void write_file(struct json_writer *writer, const void *context)
{
	const struct lapse_settings *settings = context;

	json_object_begin(writer);
	write_choice(writer, &settings->choice);
	json_member_int(writer, "keep_days", settings->keep_days);
	json_member_int(writer, "keep_mib", settings->keep_mib);
	json_key(writer, "printers");
	json_object_begin(writer);
	for (struct list *at = settings->exceptions.next; at != &settings->exceptions;
	     at = at->next) {
		const struct lapse_exception *exception = LIST_OF(at, struct lapse_exception,
								  place);

		json_key(writer, exception->serial);
		json_object_begin(writer);
		write_choice(writer, &exception->choice);
		json_object_end(writer);
	}
	json_object_end(writer);
	json_object_end(writer);
}

/* 0 or an errno. */
static int save_settings(const struct timelapse *timelapse)
{
	size_t length;
	char *text = json_compose_lines(write_file, &timelapse->settings, &length);
	int error = text ? replace_file(timelapse->settings_path, text, length, SETTINGS_MODE)
			 : ENOMEM;

	free(text);
	return error;
}

/* --- requests --- */

static void write_settings(struct json_writer *writer, const void *context)
{
	const struct timelapse *timelapse = context;

	json_object_begin(writer);
	write_choice(writer, &timelapse->settings.choice);
	json_member_int(writer, "keep_days", timelapse->settings.keep_days);
	json_member_int(writer, "keep_mib", timelapse->settings.keep_mib);
	json_member_bool(writer, "disk_full", timelapse->is_full);
	json_object_end(writer);
}

struct printer_choice {
	const struct timelapse *timelapse;
	const char *serial;
};

static void write_printer(struct json_writer *writer, const void *context)
{
	const struct printer_choice *of = context;
	const struct lapse_choice choice = lapse_settings_choice(of->timelapse, of->serial);

	json_object_begin(writer);
	write_choice(writer, &choice);
	json_member_bool(writer, "own",
			 find_exception(&of->timelapse->settings, of->serial) != NULL);
	json_object_end(writer);
}

static void refuse_values(struct http_request *request)
{
	rest_respond_problem(request, REST_BAD_REQUEST,
			     "'mode' is off, layer or interval, 'interval_s' from 1 to %d, "
			     "'keep_days' and 'keep_mib' whole numbers from 0 on, and 'light' and "
			     "'own' true or false",
			     INTERVAL_MAX);
}

/* Answers where it cannot be kept. */
static bool save_for(struct http_request *request, const struct timelapse *timelapse,
		     const char *subject)
{
	int error = save_settings(timelapse);

	access_audit(timelapse->options.access, request, "time-lapse settings", subject,
		     error ? "failed" : "done");
	if (error) {
		rest_respond_problem(request, REST_FAILED, "the settings cannot be kept: %s",
				     strerror(error));
	}
	return error == 0;
}

void lapse_settings_get_all(struct http_request *request, void *context)
{
	rest_respond(request, REST_OK, write_settings, context);
}

/* All but of which printers something else holds. */
static void set_common(struct lapse_settings *settings, const struct lapse_settings *from)
{
	settings->choice = from->choice;
	settings->keep_days = from->keep_days;
	settings->keep_mib = from->keep_mib;
}

void lapse_settings_patch_all(struct http_request *request, void *context)
{
	struct timelapse *timelapse = context;
	cJSON *body = rest_read_body(request, CHOICE_MEMBERS " keep_days keep_mib");
	const struct lapse_settings before = timelapse->settings;
	struct lapse_settings changed = before;

	if (!body) {
		return;
	}
	bool good = take_choice(body, &changed.choice) && take_keeping(body, &changed);
	cJSON_Delete(body);
	if (!good) {
		refuse_values(request);
		return;
	}
	set_common(&timelapse->settings, &changed);
	if (save_for(request, timelapse, "")) {
		films_tidy(timelapse);
		rest_respond(request, REST_OK, write_settings, timelapse);
	} else {
		set_common(&timelapse->settings, &before);
	}
}

void lapse_settings_get_printer(struct http_request *request, void *context)
{
	const struct timelapse *timelapse = context;
	const struct fleet_printer *printer = web_find_printer(timelapse->options.printers, request,
							       rest_refuse);

	if (printer) {
		rest_respond(request, REST_OK, write_printer,
			     &(struct printer_choice){timelapse, fleet_printer_serial(printer)});
	}
}

/* False where it was refused. */
static bool change_printer(struct http_request *request, struct timelapse *timelapse,
			   const char *serial, const cJSON *body)
{
	struct lapse_choice choice = lapse_settings_choice(timelapse, serial);
	bool own = true;

	if (!take_choice(body, &choice) || !take_flag(body, "own", &own)) {
		refuse_values(request);
		return false;
	}
	if (!own) {
		drop_exception(find_exception(&timelapse->settings, serial));
	} else if (!put_exception(&timelapse->settings, serial, &choice)) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return false;
	}
	return true;
}

/* choice NULL: it had none of its own. */
static void change_back(struct timelapse *timelapse, const char *serial,
			const struct lapse_choice *choice)
{
	if (!choice) {
		drop_exception(find_exception(&timelapse->settings, serial));
	} else if (!put_exception(&timelapse->settings, serial, choice)) {
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  "out of memory: it goes by what holds for all",
			  LOG_TEXT("printer", serial));
	}
}

void lapse_settings_patch_printer(struct http_request *request, void *context)
{
	struct timelapse *timelapse = context;
	const struct fleet_printer *printer = web_find_printer(timelapse->options.printers, request,
							       rest_refuse);
	cJSON *body = printer ? rest_read_body(request, CHOICE_MEMBERS " own") : NULL;

	if (!body) {
		return;
	}
	const char *serial = fleet_printer_serial(printer);
	const bool had_own = find_exception(&timelapse->settings, serial) != NULL;
	const struct lapse_choice before = lapse_settings_choice(timelapse, serial);
	if (change_printer(request, timelapse, serial, body)) {
		if (save_for(request, timelapse, serial)) {
			rest_respond(request, REST_OK, write_printer,
				     &(struct printer_choice){timelapse, serial});
		} else {
			change_back(timelapse, serial, had_own ? &before : NULL);
		}
	}
	cJSON_Delete(body);
}
