/* SPDX-License-Identifier: MIT */
#include "cli/doctor/received.h"

#include "base/uuid.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A message that is dated earlier was kept by the broker. */
#define FRESH_S 300

static bool add_key(struct doctor_received *received, struct flagship_key *key,
		    enum flagship_model model)
{
	struct doctor_key *own = &received->keys[received->key_count];
	char guid[FLAGSHIP_GUID_LENGTH + 1];

	if (!guid_make(guid)) {
		return false;
	}
	own->key = key;
	channel_init(&own->channel, key, model, guid);
	received->key_count++;
	return true;
}

/* Whether another account, or the own one, has this key for a printer that comes before. */
static bool is_repeated(const struct doctor_received *received, const char *key_hex)
{
	for (size_t i = 1; i < received->key_count; i++) {
		if (strcasecmp(received->keys[i].printer->key_hex, key_hex) == 0) {
			return true;
		}
	}
	return false;
}

static void add_stored(struct doctor_received *received, const struct store_account *account,
		       const struct store_printer *printer, enum flagship_model model)
{
	struct flagship_key *key;
	struct doctor_key *added = &received->keys[received->key_count];

	if (is_repeated(received, printer->key_hex) ||
	    flagship_key_create_hex(printer->key_hex, strlen(printer->key_hex), &key) != 0) {
		return;
	}
	added->account = account;
	added->printer = printer;
	if (!add_key(received, key, model)) {
		added->printer = NULL;
		flagship_key_destroy(key);
	}
}

int doctor_received_init(struct doctor_received *received, struct flagship_key *own,
			 enum flagship_model model, const char *serial,
			 const struct store_accounts *accounts)
{
	*received = (struct doctor_received){0};
	received->keys = calloc(store_accounts_count_printers(accounts) + 1,
				sizeof(*received->keys));
	if (!received->keys || !add_key(received, own, model)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	/* The printer's own stored key first: it may be another than the one that was given. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t a = 0; a < accounts->count; a++) {
			const struct store_account *account = &accounts->accounts[a];

			for (size_t p = 0; p < account->printer_count; p++) {
				bool same = strcmp(account->printers[p].serial, serial) == 0;

				if (same == (pass == 0)) {
					add_stored(received, account, &account->printers[p], model);
				}
			}
		}
	}
	return 0;
}

void doctor_received_finish(struct doctor_received *received)
{
	for (size_t i = 0; i < received->key_count; i++) {
		channel_finish(&received->keys[i].channel);
		if (received->keys[i].printer) {
			flagship_key_destroy(received->keys[i].key);
		}
	}
	free(received->keys);
	*received = (struct doctor_received){0};
}

/* Whether the message says so itself that it is whole. frame->time is 0 where it has none. */
static int check(uint8_t *payload, size_t length, struct flagship_frame *frame)
{
	bool is_frame = length >= 2 && payload[0] == 'M' &&
			(payload[1] == 'A' || payload[1] == 'B');

	*frame = (struct flagship_frame){0};
	if (!is_frame && flagship_gcm_plausible(payload, length)) {
		return 0;
	}
	return flagship_frame_parse(payload, length, frame);
}

/* Decryption is in place, so that each key gets a copy. */
static void try_keys(struct doctor_received *received, enum flagship_topic_kind kind,
		     const uint8_t *payload, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	for (size_t i = 0; copy && i < received->key_count; i++) {
		struct channel_payload opened;

		memcpy(copy, payload, length);
		if (channel_open(&received->keys[i].channel, kind, copy, length, &opened) >= 0) {
			received->keys[i].fits++;
		}
		OPENSSL_cleanse(copy, length);
	}
	free(copy);
}

/* Messages that the broker kept come before it takes the query; a reply is never kept. */
static bool is_answer(const struct flagship_frame *frame, enum flagship_topic_kind kind, bool asked,
		      int64_t now_s)
{
	return asked || kind == FLAGSHIP_TOPIC_QUERY_REPLY ||
	       kind == FLAGSHIP_TOPIC_COMMAND_REPLY ||
	       (frame->time != 0 && (int64_t)frame->time > now_s - FRESH_S);
}

void doctor_received_add(struct doctor_received *received, enum flagship_topic_kind kind,
			 bool asked, const uint8_t *payload, size_t length, int64_t now_s,
			 int64_t now_ms)
{
	struct flagship_frame frame;
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy) {
		return;
	}
	memcpy(copy, payload, length);
	int error = check(copy, length, &frame);
	free(copy);
	if (!is_answer(&frame, kind, asked, now_s)) {
		received->earlier++;
		received->earlier_s = (int64_t)frame.time;
		return;
	}
	received->answers++;
	received->answered_at_ms = received->answered_at_ms != 0 ? received->answered_at_ms
								 : now_ms;
	received->received_at_ms = now_ms;
	if (error) {
		received->error = received->damaged == 0 ? error : received->error;
		received->error_length = received->damaged == 0 ? length : received->error_length;
		received->damaged++;
		return;
	}
	received->dated_s = frame.time != 0 ? (int64_t)frame.time : received->dated_s;
	try_keys(received, kind, payload, length);
}

void doctor_received_note_retained(struct doctor_received *received, const uint8_t *payload,
				   size_t length)
{
	struct flagship_frame frame = {0};
	uint8_t *copy = malloc(length ? length : 1);

	if (!copy) {
		return;
	}
	memcpy(copy, payload, length);
	if (check(copy, length, &frame) == 0 && (int64_t)frame.time > received->earlier_s) {
		received->earlier_s = (int64_t)frame.time;
	}
	free(copy);
	received->earlier++;
	received->retained++;
}

void doctor_received_add_held_back(struct doctor_received *received, const uint8_t *payload,
				   size_t length)
{
	received->held_back++;
	try_keys(received, FLAGSHIP_TOPIC_NOTICE, payload, length);
}

const struct doctor_key *doctor_received_fitting(const struct doctor_received *received)
{
	for (size_t i = 0; i < received->key_count; i++) {
		if (received->keys[i].fits > 0) {
			return &received->keys[i];
		}
	}
	return NULL;
}
