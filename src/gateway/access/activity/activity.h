/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCESS_ACTIVITY_ACTIVITY_H
#define GATEWAY_ACCESS_ACTIVITY_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What was changed last, by whom, and what came of it: uploads, accounts, users, keys, settings,
 * the queue, films and cameras, by whichever interface. As long as the process, and so many; what
 * printers were asked for is in the history. Paths hold no secret.
 */
#define ACTIVITY_MAX       128
#define ACTIVITY_PATH_SIZE 192

struct activity_entry {
	int64_t at;                    /* Unix seconds */
	char method[8];                /* of HTTP */
	char path[ACTIVITY_PATH_SIZE]; /* unescaped; what does not fit is cut */
	char user[64]; /* of the user or key; "": without one, or the owner by a socket */
	char address[64];
	int status;
};

/* All zero at the start. */
struct activity {
	struct activity_entry entries[ACTIVITY_MAX];
	uint64_t noted;
};

/* Whether a request of this kind is worth to be noted. */
bool activity_counts(const char *method, const char *path);
/* In place of the oldest one where there are as many as may be. */
void activity_note(struct activity *activity, const struct activity_entry *entry);
size_t activity_count(const struct activity *activity);
/* From the newest one, which is 0; below the count. */
const struct activity_entry *activity_at(const struct activity *activity, size_t index);

#endif
