/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_STATUS_H
#define CLOUD_BROKER_STATUS_H

#include <flagship/topic.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the plugin counts, in a file that it maps into memory (plugin/status_file.h): writing costs
 * it no system call, and `flagship cloud status` can look on at any time. Written by one process.
 */
#define BROKER_STATUS_MAGIC    UINT64_C(0x3553544154534746)
#define BROKER_STATUS_PRINTERS 16384

enum broker_count {
	BROKER_LOGINS,         /* taken */
	BROKER_LOGINS_REFUSED, /* wrong password, or nobody that is known */
	BROKER_PUBLISHED,      /* by clients, allowed */
	BROKER_DELIVERED,      /* to clients, allowed */
	BROKER_DENIED_PUBLISH,
	BROKER_DENIED_SUBSCRIBE,
	BROKER_DENIED_RECEIVE,
	BROKER_MALFORMED,      /* payloads on a printer's topics that are none */
	BROKER_QUARANTINED,    /* messages of clients that are not known to be a printer */
	BROKER_CLAIMS_REFUSED, /* to be a printer, that were one too many to be kept */
	BROKER_COUNTS,
};

struct broker_status_printer {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* "": free */
	_Atomic uint32_t connections;
	_Atomic uint64_t messages;
	_Atomic int64_t connected_at; /* Unix seconds */
	_Atomic int64_t heard_at;     /* its last message; 0: none yet */
	/* The last message of its own, or of who says that it is this printer while that is away,
	 * which the key of the registry opens, and does not open. 0: none. */
	_Atomic int64_t opened_at;
	_Atomic int64_t misfit_at;
	int64_t misfit_reported_at; /* in the log; the plugin's own, of the steady clock */
};

/* It is a file, of which another version of flagship may read what this one wrote. */
static_assert(sizeof(struct broker_status_printer) == 88 && BROKER_COUNTS == 10,
	      "another layout needs another BROKER_STATUS_MAGIC");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock in one process is none in another");

/* Whether its messages are ones that the key does not open, as far as is known. */
bool broker_status_misfits(const struct broker_status_printer *printer);

struct broker_status {
	_Atomic uint64_t magic; /* written last */
	_Atomic int64_t pid;
	_Atomic int64_t started_at;
	_Atomic uint64_t ticks; /* so many: the broker lives (cloud/broker/status.h) */
	_Atomic uint64_t connections;
	_Atomic uint64_t slowest_ns; /* the longest that the broker's loop waited for the plugin */
	_Atomic uint64_t counts[BROKER_COUNTS];
	int64_t full_reported_at;       /* that claims are too many, in the log; the plugin's own */
	_Atomic uint32_t printer_count; /* slots in use; they are never given back */
	struct broker_status_printer printers[BROKER_STATUS_PRINTERS];
};

/* "logins", "denied_publish", … */
const char *broker_count_name(enum broker_count count);

/* The first fields alone, for who looks often. False where there is none that can be believed. */
bool broker_status_read_ticks(const char *path, int64_t *pid, uint64_t *ticks);

/* A copy of what it holds now, since a file that is mapped and then cut ends its reader. NULL with
 * errno set where there is none, or another layout. */
const struct broker_status *broker_status_open(const char *path);
void broker_status_close(const struct broker_status *status);

/* The slot of this printer, or NULL where it has none. */
const struct broker_status_printer *broker_status_find(const struct broker_status *status,
						       const char *serial);

/* The slot of this printer, taken for it where there is none yet; NULL where all are taken. */
struct broker_status_printer *broker_status_printer(struct broker_status *status,
						    const char *serial);

/*
 * Whether a broker hangs, by the ticks that its plugin counts at every turn of its loop, ten times
 * a second at least. Looks are counted and not seconds, so that a machine that slept, or a program
 * that was itself stopped, is no broker that hangs.
 */
#define LIVENESS_LOOK_MS   3000
#define LIVENESS_LOOKS_MAX 5 /* without a tick between them */

struct liveness {
	int64_t pid;
	uint64_t ticks;
	unsigned int still; /* looks that saw the same ticks */
};

/* One look: what broker.status says, and the process that should have written it (0: none). True
 * where it hangs; counting begins anew then. */
bool liveness_look(struct liveness *liveness, int64_t child, int64_t pid, uint64_t ticks);

/* A look that saw nothing: no file can be written, so that nothing can be reported. */
void liveness_lose(struct liveness *liveness);

#endif
