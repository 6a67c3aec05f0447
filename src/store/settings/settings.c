/* SPDX-License-Identifier: MIT */
#include "store/settings/settings.h"

#include "store/broker_url.h"
#include "store/file/file.h"
#include "store/settings/text.h"

#include <flagship/error.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SETTINGS_MODE 0600u
#define EVERY         "all"

size_t settings_key_index(const char *section, const char *name)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0) {
			return i;
		}
	}
	return SIZE_MAX;
}

void settings_destroy(struct settings *settings)
{
	if (!settings) {
		return;
	}
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->values[i]);
	}
	for (size_t i = 0; i < settings->group_count; i++) {
		free(settings->groups[i].name);
		free(settings->groups[i].value);
	}
	free(settings->groups);
	free(settings->values);
	free(settings);
}

static int parse(const char *path, const char *text, size_t length, struct settings **settings,
		 struct problem *problem)
{
	struct settings_fault fault = {0};
	int error = settings_text_parse(text, length, settings, &fault);

	if (error == FLAGSHIP_ERROR_STORE || (!error && fault.line != 0)) {
		problem_set(problem, "%s, line %zu: %s", path, fault.line, fault.reason);
	} else if (error) {
		problem_memory(problem);
	}
	return error;
}

int settings_load(const char *path, struct settings **settings, struct problem *problem)
{
	struct store_file file;

	*settings = NULL;
	problem->text[0] = '\0';
	int error = store_file_read(path, &file, problem);
	if (!error) {
		error = parse(path, file.text ? file.text : "", file.length, settings, problem);
	}
	store_file_release(&file);
	return error;
}

const char *settings_get(const struct settings *settings, const char *section, const char *name)
{
	size_t count;
	size_t index = settings_key_index(section, name);

	if (strcmp(section, SETTINGS_GROUP) == 0) {
		const struct settings_group *group = settings_group_find(settings, name);

		return group ? group->value : "";
	}
	if (index == SIZE_MAX) {
		return "";
	}
	const char *value = settings->values[index];
	return value ? value : settings_keys(&count)[index].value;
}

bool settings_is_set(const struct settings *settings, const char *section, const char *name)
{
	size_t index = settings_key_index(section, name);

	if (strcmp(section, SETTINGS_GROUP) == 0) {
		return settings_group_find(settings, name);
	}
	return index != SIZE_MAX && settings->values[index];
}

static int check_group(const char *name, const char *value, struct problem *problem)
{
	const char *reason;

	if (!settings_group_name_valid(name)) {
		problem_set(problem, "a group cannot be called '%s': " SETTINGS_GROUP_RULE, name);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (value && !settings_check_group(value, &reason)) {
		problem_set(problem, SETTINGS_GROUP ".%s cannot be '%s': %s", name, value, reason);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}

static int check(const char *section, const char *name, const char *value, struct problem *problem)
{
	size_t count;
	size_t index = settings_key_index(section, name);
	bool is_group = strcmp(section, SETTINGS_GROUP) == 0;
	const char *reason = settings_key_retired(section, name);

	/* What an earlier version took can still be taken out. */
	if (reason && !value) {
		return 0;
	}
	if (reason) {
		problem_set(problem, "%s.%s: %s", section, name, reason);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (index == SIZE_MAX && !is_group) {
		problem_set(problem, "there is no setting %s.%s; flagship config show lists them",
			    section, name);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (value && strpbrk(value, "\r\n")) {
		problem_set(problem, "%s.%s cannot hold a line break", section, name);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (is_group) {
		return check_group(name, value, problem);
	}
	const struct settings_key *key = &settings_keys(&count)[index];
	char reported[BROKER_URL_EXPLAINED_MAX];
	if (value && key->check && !key->check(value, &reason)) {
		problem_set(problem, "%s.%s cannot be '%s': %s", section, name,
			    broker_url_explain(value, reported), reason);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}

/* The text that is written must say what was asked for, and nothing else that is new. */
static int check_edited(const char *path, const char *text, size_t length, const char *section,
			const char *name, const char *value, struct problem *problem)
{
	struct settings *settings;
	int error = parse(path, text, length, &settings, problem);

	if (error) {
		return error == FLAGSHIP_ERROR_STORE ? FLAGSHIP_ERROR_ARGUMENT : error;
	}
	bool fits = value ? strcmp(settings_get(settings, section, name), value) == 0
			  : !settings_is_set(settings, section, name);
	settings_destroy(settings);
	if (!fits) {
		problem_set(problem,
			    "%s.%s cannot be written so: no ';' behind a space, and no space "
			    "at either end",
			    section, name);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}

static int edit_text(const struct store_lock *lock, const struct store_file *file,
		     const char *section, const char *name, const char *value,
		     struct problem *problem)
{
	size_t length;
	char *edited = settings_text_edit(file->text, file->length, section, name, value, &length);

	if (!edited) {
		return problem_memory(problem);
	}
	int error = check_edited(lock->path, edited, length, section, name, value, problem);
	if (!error) {
		error = store_file_replace(lock, edited, length, file->mode, problem);
	}
	free(edited);
	return error;
}

/* The file as it is, or what a new one begins with. Not where it is damaged already. */
static int read_for_edit(const struct store_lock *lock, struct store_file *file,
			 struct problem *problem)
{
	struct settings *settings;
	int error = store_file_read(lock->path, file, problem);

	if (error) {
		return error;
	}
	if (file->text) {
		error = parse(lock->path, file->text, file->length, &settings, problem);
		settings_destroy(settings);
		return error;
	}
	file->text = settings_text_default(&file->length);
	file->mode = SETTINGS_MODE;
	return file->text ? 0 : problem_memory(problem);
}

int settings_set(const char *path, const char *section, const char *name, const char *value,
		 struct problem *problem)
{
	struct store_lock lock;
	struct store_file file;

	problem->text[0] = '\0';
	int error = check(section, name, value, problem);
	if (error) {
		return error;
	}
	error = store_lock_take(path, &lock, problem);
	if (error) {
		return error;
	}
	error = read_for_edit(&lock, &file, problem);
	if (!error) {
		error = edit_text(&lock, &file, section, name, value, problem);
	}
	store_file_release(&file);
	store_lock_release(&lock);
	return error;
}

int settings_create_file(const char *path, struct problem *problem)
{
	struct store_lock lock;
	struct store_file file;

	problem->text[0] = '\0';
	int error = store_lock_take(path, &lock, problem);
	if (error) {
		return error;
	}
	error = store_file_read(lock.path, &file, problem);
	if (!error && !file.text) {
		file.text = settings_text_default(&file.length);
		error = file.text ? store_file_replace(&lock, file.text, file.length, SETTINGS_MODE,
						       problem)
				  : problem_memory(problem);
	}
	store_file_release(&file);
	store_lock_release(&lock);
	return error;
}

bool settings_group_name_valid(const char *name)
{
	bool has_letter = false;

	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_') {
			return false;
		}
		has_letter = has_letter || isalpha((unsigned char)*c);
	}
	return has_letter && strlen(name) <= SETTINGS_GROUP_NAME_MAX && name[0] != '-' &&
	       strcasecmp(name, EVERY) != 0;
}

struct settings_group *settings_group_find(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->group_count; i++) {
		if (strcmp(settings->groups[i].name, name) == 0) {
			return &settings->groups[i];
		}
	}
	return NULL;
}

static bool add(struct settings *settings, const char *name, char *value)
{
	struct settings_group *groups = realloc(settings->groups,
						(settings->group_count + 1) * sizeof(*groups));
	char *copy = strdup(name);

	if (groups) {
		settings->groups = groups;
	}
	if (!groups || !copy) {
		free(copy);
		return false;
	}
	groups[settings->group_count++] = (struct settings_group){.name = copy, .value = value};
	return true;
}

bool settings_group_put(struct settings *settings, const char *name, const char *value)
{
	struct settings_group *group = settings_group_find(settings, name);
	char *copy = strdup(value);

	if (!copy) {
		return false;
	}
	if (group) {
		free(group->value);
		group->value = copy;
		return true;
	}
	if (!add(settings, name, copy)) {
		free(copy);
		return false;
	}
	return true;
}

size_t settings_group_count(const struct settings *settings)
{
	return settings->group_count;
}

const char *settings_group_name(const struct settings *settings, size_t index)
{
	return settings->groups[index].name;
}
