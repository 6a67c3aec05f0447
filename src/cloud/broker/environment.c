/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* environ */
#include "cloud/broker/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD    "LD_PRELOAD"
#define SEPARATORS " :\t"

static size_t count_variables(void)
{
	size_t count = 0;

	while (environ && environ[count]) {
		count++;
	}
	return count;
}

static bool is_preload(const char *variable)
{
	size_t length = strlen(PRELOAD);

	return strncmp(variable, PRELOAD, length) == 0 && variable[length] == '=';
}

/* What was there comes after it. */
static char *make_preload(const char *plugin)
{
	const char *before = getenv(PRELOAD);
	size_t size = sizeof(PRELOAD "=:") + strlen(plugin) + (before ? strlen(before) : 0);
	char *variable = malloc(size);

	if (variable) {
		snprintf(variable, size, PRELOAD "=%s%s%s", plugin, before ? ":" : "",
			 before ? before : "");
	}
	return variable;
}

char **broker_environment(const char *plugin)
{
	bool preloads = !strpbrk(plugin, SEPARATORS);
	char **environment = calloc(count_variables() + 2, sizeof(*environment));
	size_t count = 0;

	if (!environment) {
		return NULL;
	}
	for (size_t i = 0; environ && environ[i]; i++) {
		if (preloads && is_preload(environ[i])) {
			continue;
		}
		environment[count] = strdup(environ[i]);
		if (!environment[count++]) {
			broker_environment_free(environment);
			return NULL;
		}
	}
	if (preloads) {
		environment[count] = make_preload(plugin);
	}
	return environment;
}

void broker_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++) {
		free(environment[i]);
	}
	free(environment);
}
