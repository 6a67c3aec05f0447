/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/proof/challenge.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define BLOCK         16 /* of AES */
#define DECIMAL       10
#define DECIMAL_FAIR  250 /* bytes from here on would make some digits likelier */
#define LINE_MAX_SIZE 64
#define ECHO_CODE     "M118 "

/* commandType fills the first block, so that the second one is never twice the same. */
#define ORDER_FORMAT "{\"commandType\":%d,\"t\":\"%s\"}"

static const int order_types[] = {FLAGSHIP_MESSAGE_E1_PLATES, FLAGSHIP_MESSAGE_E1_ACCESSORY};

static bool draw_digits(char digits[CHALLENGE_DIGITS + 1])
{
	for (size_t i = 0; i < CHALLENGE_DIGITS;) {
		uint8_t byte;

		if (RAND_bytes(&byte, 1) != 1) {
			return false;
		}
		if (byte < DECIMAL_FAIR) {
			digits[i++] = (char)('0' + byte % DECIMAL);
		}
	}
	digits[CHALLENGE_DIGITS] = '\0';
	return true;
}

static enum challenge_kind kind_for(enum flagship_model model, unsigned int asked)
{
	switch (model) {
	case FLAGSHIP_MODEL_E1:
		return CHALLENGE_ORDER;
	case FLAGSHIP_MODEL_M5:
	case FLAGSHIP_MODEL_M5C:
		return CHALLENGE_ECHO;
	default:
		return asked % 2 == 0 ? CHALLENGE_ECHO : CHALLENGE_ORDER;
	}
}

static bool write_echo(const struct challenge_question *question, char json[CHALLENGE_JSON_MAX],
		       size_t *length)
{
	char line[LINE_MAX_SIZE];

	snprintf(line, sizeof(line), ECHO_CODE "%s", question->digits);
	return flagship_build_gcode(line, json, CHALLENGE_JSON_MAX, length) == 0;
}

static bool write_order(struct challenge_question *question, char json[CHALLENGE_JSON_MAX],
			size_t *length)
{
	uint8_t coin;

	if (RAND_bytes(&coin, 1) != 1) {
		return false;
	}
	question->type = order_types[coin % 2];
	*length = (size_t)snprintf(json, CHALLENGE_JSON_MAX, ORDER_FORMAT, (int)question->type,
				   question->digits);
	return true;
}

static bool seal(struct challenge_question *question, struct flagship_key *key, const char *guid,
		 const char *json, size_t length, struct challenge_frame *out)
{
	struct flagship_frame frame;

	flagship_frame_init(&frame, guid);
	if (flagship_frame_seal(key, &frame, json, length, out->bytes, sizeof(out->bytes),
				&out->size) != 0 ||
	    flagship_frame_parse(out->bytes, out->size, &frame) != 0 ||
	    frame.payload_length > sizeof(question->ciphertext)) {
		return false;
	}
	memcpy(question->ciphertext, frame.payload, frame.payload_length);
	question->length = frame.payload_length;
	return true;
}

bool challenge_ask(struct challenge *challenge, enum flagship_model model, struct flagship_key *key,
		   const char *guid, struct challenge_frame *frame)
{
	struct challenge_question question = {.kind = kind_for(model, challenge->asked)};
	char json[CHALLENGE_JSON_MAX];
	size_t length;
	bool is_echo = question.kind == CHALLENGE_ECHO;

	if (!draw_digits(question.digits) ||
	    !(is_echo ? write_echo(&question, json, &length)
		      : write_order(&question, json, &length)) ||
	    !seal(&question, key, guid, json, length, frame)) {
		return false;
	}
	frame->topic = is_echo ? FLAGSHIP_TOPIC_COMMAND : FLAGSHIP_TOPIC_QUERY;
	question.open = true;
	challenge->questions[challenge->asked++ % CHALLENGE_OPEN_MAX] = question;
	challenge->tries = CHALLENGE_TRIES;
	OPENSSL_cleanse(json, sizeof(json));
	OPENSSL_cleanse(&question, sizeof(question));
	return true;
}

bool challenge_is_open(const struct challenge *challenge)
{
	for (size_t i = 0; i < CHALLENGE_OPEN_MAX; i++) {
		if (challenge->questions[i].open) {
			return true;
		}
	}
	return false;
}

static bool holds_block_of(const struct challenge_question *question, const uint8_t *ciphertext,
			   size_t length)
{
	for (size_t own = 0; own + BLOCK <= question->length; own += BLOCK) {
		for (size_t at = 0; at + BLOCK <= length; at += BLOCK) {
			bool is_beginning = own == 0 && at == 0;

			if (!is_beginning &&
			    memcmp(question->ciphertext + own, ciphertext + at, BLOCK) == 0) {
				return true;
			}
		}
	}
	return false;
}

bool challenge_repeats(const struct challenge *challenge, const uint8_t *ciphertext, size_t length)
{
	for (size_t i = 0; i < CHALLENGE_OPEN_MAX; i++) {
		const struct challenge_question *question = &challenge->questions[i];

		if (question->open && holds_block_of(question, ciphertext, length)) {
			return true;
		}
	}
	return false;
}

static bool holds_digits(const struct flagship_text *text, const char *digits)
{
	for (size_t at = 0; at + CHALLENGE_DIGITS <= text->length; at++) {
		if (CRYPTO_memcmp(text->data + at, digits, CHALLENGE_DIGITS) == 0) {
			return true;
		}
	}
	return false;
}

static enum challenge_result receive_echo(struct challenge *challenge,
					  const struct flagship_message *message)
{
	const struct flagship_gcode_command *gcode = &message->as.gcode_command;

	if (!(gcode->present & FLAGSHIP_GCODE_COMMAND_HAS_RESULT)) {
		return CHALLENGE_NO_ANSWER;
	}
	for (size_t i = 0; i < CHALLENGE_OPEN_MAX; i++) {
		struct challenge_question *question = &challenge->questions[i];

		if (question->open && question->kind == CHALLENGE_ECHO &&
		    holds_digits(&gcode->result, question->digits)) {
			question->open = false;
			return CHALLENGE_ANSWERED;
		}
	}
	return CHALLENGE_NO_ANSWER;
}

/* The one that was asked last: an answer that is late counts as wrong, as it could be a guess. */
static struct challenge_question *open_order(struct challenge *challenge)
{
	for (unsigned int back = 1; back <= CHALLENGE_OPEN_MAX && back <= challenge->asked;
	     back++) {
		struct challenge_question *question =
			&challenge->questions[(challenge->asked - back) % CHALLENGE_OPEN_MAX];

		if (question->kind == CHALLENGE_ORDER) {
			return question->open ? question : NULL;
		}
	}
	return NULL;
}

static enum challenge_result receive_order(struct challenge *challenge, int64_t type)
{
	struct challenge_question *question = open_order(challenge);

	if (!question) {
		return CHALLENGE_NO_ANSWER;
	}
	question->open = false;
	if (type != question->type) {
		challenge->streak = 0;
		return CHALLENGE_WRONG;
	}
	challenge->streak++;
	return challenge->streak >= CHALLENGE_ROUNDS ? CHALLENGE_ANSWERED : CHALLENGE_GOES_ON;
}

static bool is_order_type(int64_t type)
{
	return type == order_types[0] || type == order_types[1];
}

enum challenge_result challenge_receive(struct challenge *challenge, const void *plaintext,
					size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;
	enum challenge_result result = CHALLENGE_NO_ANSWER;
	size_t count = 0;
	int64_t type = FLAGSHIP_MESSAGE_UNTYPED;

	flagship_payload_init(&payload, plaintext, length);
	while (result == CHALLENGE_NO_ANSWER && flagship_payload_next(&payload, &message) > 0) {
		count++;
		type = message.type;
		if (type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
			result = receive_echo(challenge, &message);
		}
	}
	/* Who does not know which one was asked for could send both. */
	return count == 1 && is_order_type(type) ? receive_order(challenge, type) : result;
}
