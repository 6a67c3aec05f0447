/* SPDX-License-Identifier: MIT */
#include "transport/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS " ,"

static const char *value_of(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0] != '\0' ? value : NULL;
}

/* "example.org" and ".example.org" cover the name and all below it. */
static bool covers(const char *entry, size_t length, const char *host)
{
	size_t host_length = strlen(host);

	if (length == 1 && entry[0] == '*') {
		return true;
	}
	if (length > 0 && entry[0] == '.') {
		entry++;
		length--;
	}
	if (length == 0 || length > host_length ||
	    strncasecmp(host + host_length - length, entry, length) != 0) {
		return false;
	}
	return length == host_length || host[host_length - length - 1] == '.';
}

static bool is_excepted(const char *host)
{
	const char *list = value_of("no_proxy");

	list = list ? list : value_of("NO_PROXY");
	while (list && *list) {
		size_t length = strcspn(list, SEPARATORS);

		if (covers(list, length, host)) {
			return true;
		}
		list += length;
		list += strspn(list, SEPARATORS);
	}
	return false;
}

static void hide_login(const char *value, char out[PROXY_URL_MAX])
{
	const char *scheme = strstr(value, "://");
	int kept = scheme ? (int)(scheme - value) + 3 : 0;
	const char *login = strrchr(value, '@');

	snprintf(out, PROXY_URL_MAX, "%.*s%s", kept, value, login ? login + 1 : value + kept);
}

bool proxy_find(const char *host, struct proxy *proxy)
{
	static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
						"ALL_PROXY"};

	*proxy = (struct proxy){0};
	if (is_excepted(host)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = value_of(variables[i]);

		if (value) {
			proxy->variable = variables[i];
			hide_login(value, proxy->url);
			return true;
		}
	}
	return false;
}
