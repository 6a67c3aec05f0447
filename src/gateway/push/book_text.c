/* SPDX-License-Identifier: MIT */
#include "gateway/push/book_text.h"

#include "base/base64.h"
#include "base/json/compose.h"
#include "store/file/json.h"

#include <flagship/error.h>

#include <cjson/cJSON.h>
#include <errno.h>
#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

/* --- in --- */

static bool read_text(const cJSON *object, const char *name, char *out, size_t capacity)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	if (!text || strlen(text) >= capacity) {
		return false;
	}
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool read_time(const cJSON *object, const char *name, int64_t *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*out = cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
	return cJSON_IsNumber(item);
}

static bool read_bytes(const cJSON *object, const char *name, uint8_t *out, size_t size)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text && base64_url_decode(text, out, size);
}

static unsigned int read_kinds(const cJSON *list)
{
	unsigned int kinds = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		const char *name = cJSON_GetStringValue(item);
		enum push_kind kind = push_kind_of(name ? name : "");

		kinds |= kind < PUSH_KINDS ? 1U << kind : 0;
	}
	return kinds;
}

static bool read_subscription(const cJSON *object, struct push_subscription *out)
{
	struct webpush_endpoint endpoint;

	out->kinds = read_kinds(cJSON_GetObjectItemCaseSensitive(object, "events"));
	return read_text(object, "endpoint", out->endpoint, sizeof(out->endpoint)) &&
	       !webpush_endpoint_read(out->endpoint, &endpoint) &&
	       push_id_of(out->endpoint, out->id) &&
	       read_text(object, "user", out->user, sizeof(out->user)) &&
	       read_time(object, "user_since", &out->user_since) &&
	       read_text(object, "name", out->name, sizeof(out->name)) &&
	       read_text(object, "language", out->language, sizeof(out->language)) &&
	       push_language_known(out->language) &&
	       read_text(object, "printers", out->printers, sizeof(out->printers)) &&
	       read_time(object, "created_at", &out->created_at) &&
	       read_bytes(object, "p256dh", out->target.point, sizeof(out->target.point)) &&
	       read_bytes(object, "auth", out->target.auth, sizeof(out->target.auth));
}

static bool has_entry(const struct push_contents *contents, const char *id)
{
	for (size_t i = 0; i < contents->count; i++) {
		if (strcmp(contents->entries[i].id, id) == 0) {
			return true;
		}
	}
	return false;
}

static int read_list(struct push_contents *contents, const cJSON *list)
{
	size_t count = (size_t)cJSON_GetArraySize(list);
	const cJSON *item;

	/* One more than fits, which is read last and left out. */
	count = (count < PUSH_BOOK_MAX ? count : PUSH_BOOK_MAX) + 1;
	contents->entries = calloc(count, sizeof(*contents->entries));
	if (!contents->entries) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	cJSON_ArrayForEach(item, list)
	{
		struct push_subscription *next = &contents->entries[contents->count];
		bool good = read_subscription(item, next) && !has_entry(contents, next->id);

		if (good && contents->count < PUSH_BOOK_MAX) {
			contents->count++;
		} else {
			OPENSSL_cleanse(next, sizeof(*next));
		}
	}
	return 0;
}

int push_contents_read(struct push_contents *contents, const char *text, size_t length)
{
	cJSON *document = store_json_parse(text, length);
	bool is_short = !document && errno == ENOMEM;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(document, "subscriptions");
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(document, "private_key");
	int error = is_short ? FLAGSHIP_ERROR_MEMORY : FLAGSHIP_ERROR_JSON;

	contents->has_key = read_bytes(document, "private_key", contents->scalar,
				       sizeof(contents->scalar));
	/* Without the key, which may be damaged, no device would hear anything more. */
	if (cJSON_IsArray(list) && (contents->has_key || !key)) {
		error = read_list(contents, list);
	}
	cJSON_Delete(document);
	return error;
}

/* --- out --- */

static void write_bytes(struct json_writer *writer, const char *name, const uint8_t *bytes,
			size_t size)
{
	char text[BASE64_URL_LENGTH(WEBPUSH_POINT_SIZE) + 1];

	base64_url_encode(bytes, size, text);
	json_member_string(writer, name, text);
	OPENSSL_cleanse(text, sizeof(text));
}

void push_kinds_write(struct json_writer *writer, unsigned int kinds)
{
	json_array_begin(writer);
	for (unsigned int kind = 0; kind < PUSH_KINDS; kind++) {
		if (kinds & 1U << kind) {
			json_string(writer, push_kind_name((enum push_kind)kind));
		}
	}
	json_array_end(writer);
}

static void write_subscription(struct json_writer *writer, const struct push_subscription *entry)
{
	json_object_begin(writer);
	json_member_string(writer, "user", entry->user);
	json_member_int(writer, "user_since", entry->user_since);
	json_member_string(writer, "name", entry->name);
	json_member_string(writer, "language", entry->language);
	json_member_string(writer, "printers", entry->printers);
	json_key(writer, "events");
	push_kinds_write(writer, entry->kinds);
	json_member_int(writer, "created_at", entry->created_at);
	json_member_string(writer, "endpoint", entry->endpoint);
	write_bytes(writer, "p256dh", entry->target.point, sizeof(entry->target.point));
	write_bytes(writer, "auth", entry->target.auth, sizeof(entry->target.auth));
	json_object_end(writer);
}

static void write_contents(struct json_writer *writer, const void *context)
{
	const struct push_contents *contents = context;

	json_object_begin(writer);
	if (contents->has_key) {
		write_bytes(writer, "private_key", contents->scalar, sizeof(contents->scalar));
	}
	json_key(writer, "subscriptions");
	json_array_begin(writer);
	for (size_t i = 0; i < contents->count; i++) {
		write_subscription(writer, &contents->entries[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

char *push_contents_write(const struct push_contents *contents, size_t *length)
{
	return json_compose(write_contents, contents, length);
}

void push_contents_finish(struct push_contents *contents)
{
	if (contents->entries) {
		OPENSSL_cleanse(contents->entries, contents->count * sizeof(*contents->entries));
	}
	free(contents->entries);
	OPENSSL_cleanse(contents, sizeof(*contents));
}
