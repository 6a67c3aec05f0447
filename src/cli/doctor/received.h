/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_RECEIVED_H
#define CLI_DOCTOR_RECEIVED_H

#include "fleet/channel.h"
#include "store/accounts/accounts.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What doctor receives of a printer, and which key fits it. No I/O. */

/* Whose stored key it is. */
struct doctor_key {
	struct flagship_key *key;
	const struct store_account *account; /* NULL: the key that was given */
	const struct store_printer *printer; /* likewise */
	struct channel channel;
	size_t fits; /* messages */
};

struct doctor_received {
	struct doctor_key *keys; /* the first is the printer's own */
	size_t key_count;
	size_t answers;         /* messages that the printer sent now */
	size_t damaged;         /* of these */
	int error;              /* of the first damaged one */
	size_t error_length;    /* of it, bytes */
	size_t earlier;         /* messages that came before the question, or were kept */
	size_t retained;        /* of these: kept by the broker */
	size_t held_back;       /* messages that a local cloud received in the printer's name */
	int64_t earlier_s;      /* Unix seconds by the printer's clock of the latest; 0: unknown */
	int64_t dated_s;        /* likewise, of the last answer */
	int64_t answered_at_ms; /* monotonic: the first answer; 0: none */
	int64_t received_at_ms; /* monotonic: the last answer */
};

/*
 * own: borrowed, of the printer that is examined. Keys of `accounts`, which is borrowed, are added
 * where they are others. Errors: MEMORY. doctor_received_finish is due either way.
 */
int doctor_received_init(struct doctor_received *received, struct flagship_key *own,
			 enum flagship_model model, const char *serial,
			 const struct store_accounts *accounts);
void doctor_received_finish(struct doctor_received *received);

/*
 * A message on one of the printer's topics. asked: whether the broker took the query before.
 * now_s: Unix seconds; now_ms: monotonic.
 */
void doctor_received_add(struct doctor_received *received, enum flagship_topic_kind kind,
			 bool asked, const uint8_t *payload, size_t length, int64_t now_s,
			 int64_t now_ms);

/* A message that the broker kept: no answer, whatever it says. */
void doctor_received_note_retained(struct doctor_received *received, const uint8_t *payload,
				   size_t length);

/* A message that a local cloud holds back: who sent it is not proven to be the printer. */
void doctor_received_add_held_back(struct doctor_received *received, const uint8_t *payload,
				   size_t length);

/* The key that fits, the printer's own first; NULL where none does. */
const struct doctor_key *doctor_received_fitting(const struct doctor_received *received);

#endif
