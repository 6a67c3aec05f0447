/* SPDX-License-Identifier: MIT */
#include "cloud/broker/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const count_names[BROKER_COUNTS] = {
	[BROKER_LOGINS] = "logins",
	[BROKER_LOGINS_REFUSED] = "logins_refused",
	[BROKER_PUBLISHED] = "published",
	[BROKER_DELIVERED] = "delivered",
	[BROKER_DENIED_PUBLISH] = "denied_publish",
	[BROKER_DENIED_SUBSCRIBE] = "denied_subscribe",
	[BROKER_DENIED_RECEIVE] = "denied_receive",
	[BROKER_MALFORMED] = "malformed",
	[BROKER_QUARANTINED] = "quarantined",
	[BROKER_CLAIMS_REFUSED] = "claims_refused",
};

const char *broker_count_name(enum broker_count count)
{
	return count < BROKER_COUNTS ? count_names[count] : "unknown";
}

/* Whether the file holds one, no more and no less. */
static bool read_all(int file, struct broker_status *status)
{
	size_t length = 0;
	struct stat information;

	errno = EINVAL;
	if (fstat(file, &information) != 0 || information.st_size != (off_t)sizeof(*status)) {
		return false;
	}
	while (length < sizeof(*status)) {
		ssize_t got = read(file, (char *)status + length, sizeof(*status) - length);

		if (got == 0) {
			errno = EINVAL;
		}
		if (got <= 0) {
			return false;
		}
		length += (size_t)got;
	}
	errno = EINVAL;
	return status->magic == BROKER_STATUS_MAGIC;
}

const struct broker_status *broker_status_open(const char *path)
{
	struct broker_status *status = malloc(sizeof(*status));
	int file = status ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	bool is_read = file >= 0 && read_all(file, status);
	int error = errno;

	if (file >= 0) {
		close(file);
	}
	if (!is_read) {
		free(status);
		errno = error;
		return NULL;
	}
	return status;
}

bool broker_status_read_ticks(const char *path, int64_t *pid, uint64_t *ticks)
{
	int64_t words[offsetof(struct broker_status, connections) / sizeof(int64_t)];
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool is_read = file >= 0 && read(file, words, sizeof(words)) == (ssize_t)sizeof(words) &&
		       (uint64_t)words[0] == BROKER_STATUS_MAGIC;

	if (file >= 0) {
		close(file);
	}
	if (is_read) {
		*pid = words[offsetof(struct broker_status, pid) / sizeof(int64_t)];
		*ticks = (uint64_t)words[offsetof(struct broker_status, ticks) / sizeof(int64_t)];
	}
	return is_read;
}

void broker_status_close(const struct broker_status *status)
{
	free((void *)status);
}

/* FNV-1a: serial numbers differ in few characters. */
static size_t slot_of(const char *serial)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *serial; serial++) {
		hash = (hash ^ (uint8_t)*serial) * UINT64_C(1099511628211);
	}
	return (size_t)(hash % BROKER_STATUS_PRINTERS);
}

bool broker_status_misfits(const struct broker_status_printer *printer)
{
	return printer->misfit_at != 0 && printer->misfit_at >= printer->opened_at;
}

const struct broker_status_printer *broker_status_find(const struct broker_status *status,
						       const char *serial)
{
	size_t start = slot_of(serial);

	for (size_t i = 0; i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *printer =
			&status->printers[(start + i) % BROKER_STATUS_PRINTERS];

		if (printer->serial[0] == '\0') {
			return NULL;
		}
		if (strcmp(printer->serial, serial) == 0) {
			return printer;
		}
	}
	return NULL;
}

struct broker_status_printer *broker_status_printer(struct broker_status *status,
						    const char *serial)
{
	size_t start = slot_of(serial);

	for (size_t i = 0; i < BROKER_STATUS_PRINTERS; i++) {
		struct broker_status_printer *printer =
			&status->printers[(start + i) % BROKER_STATUS_PRINTERS];

		if (strcmp(printer->serial, serial) == 0) {
			return printer;
		}
		if (printer->serial[0] == '\0') {
			strncpy(printer->serial, serial, sizeof(printer->serial) - 1);
			status->printer_count++;
			return printer;
		}
	}
	return NULL;
}

bool liveness_look(struct liveness *liveness, int64_t child, int64_t pid, uint64_t ticks)
{
	if (child == 0 || pid != child || pid != liveness->pid || ticks != liveness->ticks) {
		*liveness = (struct liveness){.pid = pid, .ticks = ticks};
		return false;
	}
	if (++liveness->still < LIVENESS_LOOKS_MAX) {
		return false;
	}
	liveness_lose(liveness);
	return true;
}

void liveness_lose(struct liveness *liveness)
{
	*liveness = (struct liveness){0};
}
