/* SPDX-License-Identifier: MIT */
#include "store/broker_url.h"

#include <flagship/account.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_PORT   1883
#define PLAIN_SCHEME "mqtt://"
#define TLS_SCHEME   "mqtts://"
#define SCHEME_END   "://"
#define PORT_DIGITS  5
#define DECIMAL      10

static bool take_prefix(const char **text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*text, prefix, length) != 0) {
		return false;
	}
	*text += length;
	return true;
}

/* What stands before the last '@' of the authority; NULL where there is no login. */
static const char *login_end(const char *text)
{
	return strrchr(text, '@');
}

/* HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. *port is "" where there is none. */
static const char *take_host(const char *text, char host[BROKER_URL_HOST_MAX], const char **port)
{
	bool bracket = text[0] == '[';
	const char *start = text + bracket;
	size_t length = strcspn(start, bracket ? "]" : ":");
	const char *after = start + length + (bracket && start[length] == ']');

	if (!bracket && strchr(text, ':') != strrchr(text, ':')) {
		return "an IPv6 address stands in brackets: mqtts://[::1]:8789";
	}
	if (length == 0) {
		return "the name of its host is missing: mqtts://HOST:PORT";
	}
	if (length >= BROKER_URL_HOST_MAX) {
		return "the name of its host is too long";
	}
	if (bracket && start[length] != ']') {
		return "an IPv6 address ends with a bracket: mqtts://[::1]:8789";
	}
	if (after[0] != '\0' && after[0] != ':') {
		return "after the bracket there is only :PORT";
	}
	memcpy(host, start, length);
	host[length] = '\0';
	*port = after;
	return NULL;
}

static bool take_port(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > PORT_DIGITS || text[digits] != '\0') {
		return false;
	}
	long number = strtol(text, NULL, DECIMAL);

	*port = (uint16_t)number;
	return number >= 1 && number <= UINT16_MAX;
}

const char *broker_url_parse(const char *text, struct broker_url *url)
{
	const char *port;

	*url = (struct broker_url){.port = FLAGSHIP_MQTT_PORT};
	if (take_prefix(&text, PLAIN_SCHEME)) {
		url->plain = true;
		url->has_scheme = true;
		url->port = PLAIN_PORT;
	} else if (take_prefix(&text, TLS_SCHEME)) {
		url->has_scheme = true;
	} else if (strstr(text, SCHEME_END)) {
		return BROKER_URL_FORM;
	}
	if (login_end(text)) {
		return "a login does not stand in it: give it by --username and --password-file";
	}
	if (strpbrk(text, "/?#")) {
		return "a broker has no path: leave out what stands after HOST:PORT";
	}
	if (text[strcspn(text, " \t\r\n")] != '\0') {
		return "there is a blank in it";
	}
	const char *problem = take_host(text, url->host, &port);

	if (!problem && port[0] != '\0' && !take_port(port + 1, &url->port)) {
		return "its port is a number from 1 to 65535";
	}
	return problem;
}

bool broker_url_write(const char *host, uint16_t port, char *out, size_t capacity)
{
	const char *format = strchr(host, ':') ? TLS_SCHEME "[%s]:%u" : TLS_SCHEME "%s:%u";
	int length = snprintf(out, capacity, format, host, (unsigned int)port);

	if (length < 0 || (size_t)length >= capacity) {
		out[0] = '\0';
		return false;
	}
	return true;
}

const char *broker_url_explain(const char *text, char out[BROKER_URL_EXPLAINED_MAX])
{
	const char *scheme = strstr(text, SCHEME_END);
	int kept = scheme ? (int)(scheme - text + (ptrdiff_t)strlen(SCHEME_END)) : 0;
	const char *login = login_end(text);

	if (login && login > text + kept) {
		snprintf(out, BROKER_URL_EXPLAINED_MAX, "%.*s\xe2\x80\xa6%s", kept, text, login);
	} else {
		snprintf(out, BROKER_URL_EXPLAINED_MAX, "%s", text);
	}
	return out;
}
