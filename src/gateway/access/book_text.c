/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "base/json/compose.h"
#include "base/memory/wiping.h"
#include "gateway/access/book.h"
#include "gateway/access/networks.h"
#include "store/file/json.h"

#include <flagship/error.h>

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION       1
#define SESSION_MIN_S 60
#define SESSION_MAX_S INT64_C(31622400) /* a year */

/* --- out --- */

static void write_grant(struct json_writer *writer, const struct access_grant *grant)
{
	json_member_string(writer, "role", access_role_name(grant->role));
	if (grant->printers) {
		json_member_string(writer, "printers", grant->printers);
	}
}

static void write_user(struct json_writer *writer, const struct access_user *user)
{
	json_object_begin(writer);
	json_member_string(writer, "name", user->name);
	write_grant(writer, &user->grant);
	json_member_string(writer, "password", user->password);
	json_member_int(writer, "created_at", user->created_at);
	json_object_end(writer);
}

static void write_key(struct json_writer *writer, const struct access_key *key)
{
	char hash[2 * ACCESS_HASH_SIZE + 1];

	hex_encode(key->hash, sizeof(key->hash), HEX_LOWER, hash);
	json_object_begin(writer);
	json_member_string(writer, "id", key->id);
	json_member_string(writer, "name", key->name);
	write_grant(writer, &key->grant);
	json_member_string(writer, "hash", hash);
	if (key->ha1[0] != '\0') {
		json_member_string(writer, "ha1", key->ha1);
	}
	if (key->maker[0] != '\0') {
		json_member_string(writer, "made_by", key->maker);
	}
	json_member_int(writer, "created_at", key->created_at);
	if (key->expires_at != 0) {
		json_member_int(writer, "expires_at", key->expires_at);
	}
	json_object_end(writer);
}

static void write_settings(struct json_writer *writer, const struct access_settings *settings)
{
	json_key(writer, "settings");
	json_object_begin(writer);
	json_member_string(writer, "names", settings->names);
	json_member_string(writer, "trusted_networks", settings->trusted_networks);
	json_member_string(writer, "cors_origins", settings->cors_origins);
	json_member_int(writer, "session_idle_s", settings->session_idle_s);
	json_member_int(writer, "session_max_s", settings->session_max_s);
	json_object_end(writer);
}

static void write_book(struct json_writer *writer, const void *context)
{
	const struct access_book *book = context;

	json_object_begin(writer);
	json_member_int(writer, "version", VERSION);
	json_member_string(writer, "secret", book->secret);
	json_key(writer, "users");
	json_array_begin(writer);
	for (size_t i = 0; i < book->user_count; i++) {
		write_user(writer, &book->users[i]);
	}
	json_array_end(writer);
	json_key(writer, "keys");
	json_array_begin(writer);
	for (size_t i = 0; i < book->key_count; i++) {
		write_key(writer, &book->keys[i]);
	}
	json_array_end(writer);
	write_settings(writer, &book->settings);
	json_object_end(writer);
}

char *access_book_print(const struct access_book *book, size_t *length)
{
	return json_compose(write_book, book, length);
}

/* --- in --- */

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int64_t number_of(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e15
		       ? (int64_t)item->valuedouble
		       : 0;
}

static bool copy_text(const char *text, char *out, size_t capacity)
{
	return text && (size_t)snprintf(out, capacity, "%s", text) < capacity;
}

static const char *read_grant(const cJSON *object, struct access_grant *grant)
{
	const char *printers = text_of(object, "printers");

	grant->role = access_role_read(text_of(object, "role"));
	if (grant->role == ACCESS_NOBODY) {
		return "it has no role";
	}
	if (cJSON_HasObjectItem(object, "printers") &&
	    (!printers || !access_printers_valid(printers))) {
		return "its printers are no serial numbers";
	}
	grant->printers = printers ? strdup(printers) : NULL;
	return printers && !grant->printers ? access_no_memory : NULL;
}

static const char *read_user(struct access_book *book, const cJSON *object)
{
	if (book->user_count == ACCESS_USERS_MAX) {
		return "there are too many users";
	}
	struct access_user *users = wiping_grow(book->users, book->user_count, sizeof(*users));
	if (!users) {
		return access_no_memory;
	}
	book->users = users;
	struct access_user *user = &users[book->user_count];
	if (!copy_text(text_of(object, "name"), user->name, sizeof(user->name)) ||
	    !access_name_valid(user->name) || access_book_user(book, user->name)) {
		return "a user has no name, or that of another one";
	}
	book->user_count++;
	user->created_at = number_of(object, "created_at");
	if (!copy_text(text_of(object, "password"), user->password, sizeof(user->password))) {
		return "a user has no password";
	}
	return read_grant(object, &user->grant);
}

static bool is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, HEX_LOWER) == length;
}

static const char *read_key(struct access_book *book, const cJSON *object)
{
	const char *hash = text_of(object, "hash");
	const char *ha1 = text_of(object, "ha1");

	if (book->key_count == ACCESS_KEYS_MAX) {
		return "there are too many keys";
	}
	struct access_key *keys = wiping_grow(book->keys, book->key_count, sizeof(*keys));
	if (!keys) {
		return access_no_memory;
	}
	book->keys = keys;
	struct access_key *key = &keys[book->key_count];
	if (!copy_text(text_of(object, "name"), key->name, sizeof(key->name)) ||
	    !access_name_valid(key->name) ||
	    !copy_text(text_of(object, "id"), key->id, sizeof(key->id)) ||
	    !is_hex(key->id, ACCESS_ID_SIZE - 1) || access_book_key(book, key->id)) {
		return "a key has no name and id, or those of another one";
	}
	book->key_count++;
	if (!hash || !is_hex(hash, (size_t)2 * ACCESS_HASH_SIZE) ||
	    (ha1 && !is_hex(ha1, ACCESS_HA1_SIZE - 1))) {
		return "a key has no hash";
	}
	(void)hex_decode(hash, key->hash, sizeof(key->hash));
	if (ha1) {
		memcpy(key->ha1, ha1, sizeof(key->ha1));
	}
	const char *maker = text_of(object, "made_by");
	if (maker &&
	    (!copy_text(maker, key->maker, sizeof(key->maker)) || !access_name_valid(key->maker))) {
		return "a key was made by no user";
	}
	key->created_at = number_of(object, "created_at");
	key->expires_at = number_of(object, "expires_at");
	/* One that cannot be read would make it last for ever. */
	if (cJSON_HasObjectItem(object, "expires_at") && key->expires_at == 0) {
		return "a key expires at no time";
	}
	return read_grant(object, &key->grant);
}

static const char *read_list(struct access_book *book, const cJSON *root, const char *name,
			     const char *(*read)(struct access_book *book, const cJSON *object))
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name);
	const cJSON *item;

	if (!cJSON_IsArray(list)) {
		return "users or keys are missing";
	}
	cJSON_ArrayForEach(item, list)
	{
		const char *fault = read(book, item);

		if (fault) {
			return fault;
		}
	}
	return NULL;
}

/* --- settings --- */

static bool set_text(char **place, const char *text)
{
	if (!text) {
		return true;
	}
	char *copy = strdup(text);

	if (copy) {
		free(*place);
		*place = copy;
	}
	return copy != NULL;
}

static bool is_in_range(int64_t seconds)
{
	return seconds == 0 || (seconds >= SESSION_MIN_S && seconds <= SESSION_MAX_S);
}

static bool are_words(const char *text, const char *characters)
{
	return !text || (strlen(text) < ACCESS_TEXT_MAX && text[strspn(text, characters)] == '\0');
}

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[] "

const char *access_set_settings(struct access_book *book, void *context)
{
	const struct access_settings_change *change = context;
	struct access_settings *settings = &book->settings;

	if (!are_words(change->names, HOST_CHARACTERS)) {
		return "names are names of hosts with blanks between them";
	}
	if (!are_words(change->cors_origins, HOST_CHARACTERS "/")) {
		return "cors_origins are origins such as https://host with blanks between them";
	}
	if (change->trusted_networks && (strlen(change->trusted_networks) >= ACCESS_TEXT_MAX ||
					 !networks_valid(change->trusted_networks))) {
		return "trusted_networks are networks such as 192.168.1.0/24 with blanks between";
	}
	if (!is_in_range(change->session_idle_s) || !is_in_range(change->session_max_s)) {
		return "a session lasts from a minute to a year";
	}
	if (!set_text(&settings->names, change->names) ||
	    !set_text(&settings->trusted_networks, change->trusted_networks) ||
	    !set_text(&settings->cors_origins, change->cors_origins)) {
		return access_no_memory;
	}
	settings->session_idle_s = change->session_idle_s ? change->session_idle_s
							  : settings->session_idle_s;
	settings->session_max_s = change->session_max_s ? change->session_max_s
							: settings->session_max_s;
	return NULL;
}

static const char *read_book(struct access_book *book, const cJSON *root)
{
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(root, "settings");
	const char *secret = text_of(root, "secret");
	struct access_settings_change change = {
		.names = text_of(settings, "names"),
		.trusted_networks = text_of(settings, "trusted_networks"),
		.cors_origins = text_of(settings, "cors_origins"),
		.session_idle_s = number_of(settings, "session_idle_s"),
		.session_max_s = number_of(settings, "session_max_s"),
	};

	if (number_of(root, "version") != VERSION) {
		return "it is of another version of flagship";
	}
	if (!secret || !is_hex(secret, sizeof(book->secret) - 1)) {
		return "its secret is missing";
	}
	memcpy(book->secret, secret, sizeof(book->secret));
	const char *fault = read_list(book, root, "users", read_user);
	fault = fault ? fault : read_list(book, root, "keys", read_key);
	return fault ? fault : access_set_settings(book, &change);
}

const char *access_book_parse(struct access_book *book, const char *text, size_t length)
{
	cJSON *root = store_json_parse(text, length);

	if (!root && errno == ENOMEM) {
		return access_no_memory;
	}
	const char *fault = cJSON_IsObject(root) ? read_book(book, root) : "it is no JSON object";

	cJSON_Delete(root);
	return fault;
}
