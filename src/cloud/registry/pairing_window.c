/* SPDX-License-Identifier: MIT */
#include "cloud/registry/pairing_window.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_ALL 4

void pairing_window_write(const struct clock_reading *now, int64_t for_s,
			  char out[REGISTRY_TEXT_MAX])
{
	if (for_s <= 0) {
		snprintf(out, REGISTRY_TEXT_MAX, "0");
		return;
	}
	if (for_s > PAIRING_WINDOW_MAX_S) {
		for_s = PAIRING_WINDOW_MAX_S;
	}
	/* The end comes first: programs of before read that and no more. */
	snprintf(out, REGISTRY_TEXT_MAX, "%" PRId64 " %" PRId64 " %" PRId64 " %s",
		 now->wall_s + for_s, for_s, now->steady_s, now->boot);
}

static bool is_within(int64_t now_s, int64_t begun_s, int64_t for_s)
{
	return now_s >= begun_s && now_s - begun_s < for_s;
}

bool pairing_window_is_open(const char *text, const struct clock_reading *now)
{
	char boot[CLOCK_BOOT_SIZE] = "";
	int64_t until_s = 0;
	int64_t for_s = PAIRING_WINDOW_MAX_S; /* where a program of before wrote it */
	int64_t begun_s = 0;
	int fields = sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %36s", &until_s, &for_s,
			    &begun_s, boot);

	if (fields < 1 || until_s <= 0 || for_s <= 0 || for_s > PAIRING_WINDOW_MAX_S ||
	    until_s < for_s || begun_s < 0) {
		return false;
	}
	return fields == FIELDS_ALL && strcmp(boot, now->boot) == 0
		       ? is_within(now->steady_s, begun_s, for_s)
		       : is_within(now->wall_s, until_s - for_s, for_s);
}

static int set_window(struct registry *registry, int64_t for_s)
{
	struct clock_reading now;
	char text[REGISTRY_TEXT_MAX];

	clock_read(&now);
	pairing_window_write(&now, for_s, text);
	return registry_set(registry, REGISTRY_PAIRING_UNTIL, text);
}

int pairing_window_open(struct registry *registry, const char *serials, int64_t for_s)
{
	int result = registry_begin(registry);

	if (result < 0) {
		return result;
	}
	result = registry_set(registry, REGISTRY_PAIRING_SERIALS, serials);
	if (result >= 0) {
		result = set_window(registry, for_s);
	}
	if (result >= 0) {
		return registry_commit(registry);
	}
	registry_rollback(registry);
	return result;
}

int pairing_window_close(struct registry *registry)
{
	return set_window(registry, 0);
}
