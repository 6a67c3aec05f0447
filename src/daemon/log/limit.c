/* SPDX-License-Identifier: MIT */
#include "daemon/log/limit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define OTHERS    "others"
#define CONNECTED "New client connected"
#define AS        " as "
#define CLIENT    "lient "
#define FROM      " from "
#define ENDS      " ,;()"
#define KIND_MAX  24

static bool is_over(const struct log_limit_entry *entry, int64_t now_s)
{
	return now_s - entry->since_s >= LOG_LIMIT_WINDOW_S || now_s < entry->since_s;
}

/* One whose lines that were not written are yet to be reported is kept until they are. */
static bool is_free(const struct log_limit_entry *entry, int64_t now_s)
{
	return entry->lines == 0 || (is_over(entry, now_s) && entry->more == 0);
}

static struct log_limit_entry *find(struct log_limit *limit, const char *name, int64_t now_s)
{
	struct log_limit_entry *unused = NULL;

	for (size_t i = 0; i < LOG_LIMIT_NAMES; i++) {
		struct log_limit_entry *entry = &limit->entries[i];

		if (entry->lines > 0 && strcmp(entry->name, name) == 0) {
			return entry;
		}
		if (!unused && is_free(entry, now_s)) {
			unused = entry;
		}
	}
	if (unused) {
		*unused = (struct log_limit_entry){.since_s = now_s};
		snprintf(unused->name, sizeof(unused->name), "%s", name);
		return unused;
	}
	struct log_limit_entry *others = &limit->entries[LOG_LIMIT_NAMES];
	memcpy(others->name, OTHERS, sizeof(OTHERS));
	return others;
}

bool log_limit_admits(struct log_limit *limit, const char *name, int64_t now_s)
{
	char cut[LOG_LIMIT_NAME_SIZE];

	snprintf(cut, sizeof(cut), "%s", name);
	struct log_limit_entry *entry = find(limit, cut, now_s);

	if (is_over(entry, now_s) && entry->more == 0) {
		entry->since_s = now_s;
		entry->lines = 0;
	}
	if (entry->lines < LOG_LIMIT_LINES) {
		entry->lines++;
		return true;
	}
	entry->more++;
	return false;
}

bool log_limit_over(struct log_limit *limit, int64_t now_s, char name[LOG_LIMIT_NAME_SIZE],
		    unsigned long *more)
{
	for (size_t i = 0; i <= LOG_LIMIT_NAMES; i++) {
		struct log_limit_entry *entry = &limit->entries[i];

		if (entry->more > 0 && is_over(entry, now_s)) {
			memcpy(name, entry->name, LOG_LIMIT_NAME_SIZE);
			*more = entry->more;
			*entry = (struct log_limit_entry){0};
			return true;
		}
	}
	return false;
}

static bool copy_word(const char *at, char name[LOG_LIMIT_NAME_SIZE])
{
	size_t length = strcspn(at, ENDS);

	if (length == 0) {
		return false;
	}
	if (length >= LOG_LIMIT_NAME_SIZE) {
		length = LOG_LIMIT_NAME_SIZE - 1;
	}
	memcpy(name, at, length);
	name[length] = '\0';
	return true;
}

static bool copy_after(const char *line, const char *before, char name[LOG_LIMIT_NAME_SIZE])
{
	const char *at = strstr(line, before);

	return at && copy_word(at + strlen(before), name);
}

/* Its port is another one each time. */
static void cut_port(char *name)
{
	char *colon = strrchr(name, ':');

	if (colon && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
		*colon = '\0';
	}
}

static bool is_address(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

static void copy_kind(const char *line, char name[LOG_LIMIT_NAME_SIZE])
{
	size_t length = 0;

	for (; *line != '\0' && length < KIND_MAX; line++) {
		if (!isdigit((unsigned char)*line)) {
			name[length++] = *line;
		}
	}
	name[length] = '\0';
}

void log_limit_name_of(const char *line, char name[LOG_LIMIT_NAME_SIZE])
{
	if (strncmp(line, CONNECTED, strlen(CONNECTED)) == 0 && copy_after(line, AS, name)) {
		return;
	}
	if (copy_after(line, CLIENT, name) && strcmp(name, "connection") != 0) {
		return;
	}
	if (copy_word(line, name) && is_address(name)) {
		return;
	}
	if (copy_after(line, FROM, name)) {
		cut_port(name);
		return;
	}
	copy_kind(line, name);
}
