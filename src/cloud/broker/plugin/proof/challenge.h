/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_PROOF_CHALLENGE_H
#define CLOUD_BROKER_PLUGIN_PROOF_CHALLENGE_H

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a client that says it is a printer has to answer: who cannot read the question has nothing
 * to answer it with, whatever he recorded before. Pure: no I/O and no clock.
 *
 * - ECHO, for M5 and M5C: 1043 with `M118` and 20 fresh digits, which moves and heats nothing, also
 *   during a print. The motion board prints what follows M118, and would name an unknown command
 *   with all of its line, so that the digits come back in resData either way
 * (protocol.md 3.3, 7.2). 16 characters and more, but never the same twice: its filter of repeats
 * lets it pass.
 * - ORDER, for an E1, which has no G-code: a bare 1118 or 1153 on the query topic, which of them is
 *   drawn anew each time, and its answer says which it was (protocol.md 3.9). One bit each, so that
 *   many in a row have to be right.
 *
 * That a frame was never received before would prove nothing: with one initial vector the honest
 * answers of an idle printer are the same bytes each time, and what differs in the header is no
 * secret. So no digests are kept.
 *
 * The key is used in CBC mode with a fixed initial vector, so that blocks of a question could be
 * put into an answer without being read. No answer holds a block of a question but the first one,
 * which is the same text in all of them.
 */
#define CHALLENGE_DIGITS    20 /* 66 bits */
#define CHALLENGE_ROUNDS    32 /* answers in a row, of ORDER */
#define CHALLENGE_OPEN_MAX  4  /* questions that may still be answered */
#define CHALLENGE_TRIES     8  /* messages tested as the answer to one of them */
#define CHALLENGE_JSON_MAX  112
#define CHALLENGE_FRAME_MAX 192

enum challenge_kind {
	CHALLENGE_ECHO,
	CHALLENGE_ORDER,
};

enum challenge_result {
	CHALLENGE_NO_ANSWER, /* something else */
	CHALLENGE_WRONG,     /* of ORDER: an answer to the other question; all begins anew */
	CHALLENGE_GOES_ON,   /* of ORDER: right, and the next question is due at once */
	CHALLENGE_ANSWERED,  /* whoever sent it has the key, now */
};

struct challenge_question {
	bool open;
	enum challenge_kind kind;
	char digits[CHALLENGE_DIGITS + 1]; /* of ECHO */
	int64_t type;                      /* of ORDER: which one was asked for */
	uint8_t ciphertext[CHALLENGE_JSON_MAX];
	size_t length;
};

/* All zero before the first question. */
struct challenge {
	struct challenge_question questions[CHALLENGE_OPEN_MAX];
	unsigned int asked;
	unsigned int streak; /* of ORDER: right answers since the last wrong one */
	unsigned int tries;  /* messages that are still tested */
};

struct challenge_frame {
	enum flagship_topic_kind topic; /* where it goes */
	uint8_t bytes[CHALLENGE_FRAME_MAX];
	size_t size;
};

/* The next question to a printer of this model (UNKNOWN: of both kinds, in turn), sealed in its
 * key; the oldest one is open no more. False where there is no randomness. */
bool challenge_ask(struct challenge *challenge, enum flagship_model model, struct flagship_key *key,
		   const char *guid, struct challenge_frame *frame);

bool challenge_is_open(const struct challenge *challenge);

/* Whether the ciphertext of a frame holds a block of an open question. */
bool challenge_repeats(const struct challenge *challenge, const uint8_t *ciphertext, size_t length);

/* A frame was opened that repeats nothing. */
enum challenge_result challenge_receive(struct challenge *challenge, const void *plaintext,
					size_t length);

#endif
