/* SPDX-License-Identifier: MIT */
#include "gateway/webcam/book.h"

#include "base/json/compose.h"
#include "base/json/reader.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>
#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_NAME "cameras.json"
#define FILE_MODE 0600
#define DEPTH_MAX 8
#define RTSP      "rtsp://"
#define RTSPS     "rtsps://"

struct webcam_entry {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char url[WEBCAM_REMOTE_MAX + 1];
};

struct webcam_book {
	char path[PATH_MAX];
	struct webcam_entry *entries;
	size_t count;
	struct list listeners; /* struct webcam_listener */
};

bool webcam_url_has_film(const char *url)
{
	return strncmp(url, RTSP, strlen(RTSP)) == 0;
}

bool webcam_url_is_good(const char *url, const char **reason)
{
	const char *scheme = strstr(url, "://");

	*reason = NULL;
	if (strncasecmp(url, RTSPS, strlen(RTSPS)) == 0) {
		*reason = "rtsps:// is not spoken, since libavformat takes any certificate there: "
			  "name an address with rtsp:// or https://";
	} else if (strncmp(url, "http://", strlen("http://")) != 0 &&
		   strncmp(url, "https://", strlen("https://")) != 0 && !webcam_url_has_film(url)) {
		*reason = "the URL of a camera begins with http://, https:// or rtsp://";
	} else if (!scheme || scheme[strlen("://")] == '\0' || scheme[strlen("://")] == '/') {
		*reason = "the URL names no host";
	} else if (strlen(url) > WEBCAM_REMOTE_MAX) {
		*reason = "the URL is too long";
	}
	for (const unsigned char *at = (const unsigned char *)url; *at != '\0' && !*reason; at++) {
		if (*at <= ' ' || *at >= 0x7F) {
			*reason = "a URL has no blanks and nothing beyond ASCII: write them as %20 "
				  "and so on";
		}
	}
	return !*reason;
}

/* --- entries --- */

static struct webcam_entry *find_entry(const struct webcam_book *book, const char *serial)
{
	for (size_t i = 0; i < book->count; i++) {
		if (strcmp(book->entries[i].serial, serial) == 0) {
			return &book->entries[i];
		}
	}
	return NULL;
}

const char *webcam_book_url(const struct webcam_book *book, const char *serial)
{
	const struct webcam_entry *entry = find_entry(book, serial);

	return entry ? entry->url : NULL;
}

static bool add_entry(struct webcam_book *book, const char *serial, const char *url)
{
	const size_t size = (book->count + 1) * sizeof(*book->entries);
	/* Never none. NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI) */
	struct webcam_entry *larger = realloc(book->entries, size);

	if (!larger) {
		return false;
	}
	book->entries = larger;
	struct webcam_entry *entry = &larger[book->count++];
	snprintf(entry->serial, sizeof(entry->serial), "%s", serial);
	snprintf(entry->url, sizeof(entry->url), "%s", url);
	return true;
}

/* --- the file --- */

static bool read_text(struct flagship_json object, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	return json_object_find(object, name, &value) && value.kind == JSON_STRING &&
	       value.text.length > 0 && flagship_text_copy(value.text, out, capacity) < capacity;
}

/* Whatever is malformed is left out. */
static bool read_entry(struct webcam_book *book, const struct json_value *item)
{
	struct webcam_entry entry;
	const char *reason;

	return item->kind != JSON_OBJECT || book->count == WEBCAM_BOOK_MAX ||
	       !read_text(item->json, "serial", entry.serial, sizeof(entry.serial)) ||
	       !read_text(item->json, "url", entry.url, sizeof(entry.url)) ||
	       !webcam_url_is_good(entry.url, &reason) || find_entry(book, entry.serial) ||
	       add_entry(book, entry.serial, entry.url);
}

static int read_book(struct webcam_book *book, const struct store_file *file,
		     struct problem *problem)
{
	struct json_value document;
	struct json_value list;
	struct json_value item;
	struct json_walk walk;

	if (json_read_document(file->text, file->length, DEPTH_MAX, &document) ||
	    document.kind != JSON_OBJECT || !json_object_find(document.json, "cameras", &list) ||
	    list.kind != JSON_ARRAY) {
		problem_set(problem,
			    "%.900s is no list of cameras: put it right, or remove it and name "
			    "them anew",
			    book->path);
		return FLAGSHIP_ERROR_STORE;
	}
	json_walk_init_valid(&walk, &list);
	while (json_walk_item(&walk, &item)) {
		if (!read_entry(book, &item)) {
			return problem_memory(problem);
		}
	}
	return 0;
}

static int load_book(struct webcam_book *book, struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(book->path, &file, problem);

	if (!error && file.text) {
		error = read_book(book, &file, problem);
	}
	store_file_release(&file);
	return error;
}

static void write_book(struct json_writer *writer, const void *context)
{
	const struct webcam_book *book = context;

	json_object_begin(writer);
	json_key(writer, "cameras");
	json_array_begin(writer);
	for (size_t i = 0; i < book->count; i++) {
		json_object_begin(writer);
		json_member_string(writer, "serial", book->entries[i].serial);
		json_member_string(writer, "url", book->entries[i].url);
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static int save_book(const struct webcam_book *book, struct problem *problem)
{
	size_t length;
	char *json = json_compose(write_book, book, &length);

	if (!json) {
		return problem_memory(problem);
	}
	/* Without a lock, for which the loop would wait: the folder is this gateway's alone. */
	int trouble = replace_file(book->path, json, length, FILE_MODE);
	free(json);
	return trouble ? problem_cannot(problem, "write", book->path, trouble, "") : 0;
}

/* --- what others call --- */

int webcam_book_read(const char *path, struct webcam_book **out, struct problem *problem)
{
	struct webcam_book *book = calloc(1, sizeof(*book));

	*out = NULL;
	if (!book) {
		return problem_memory(problem);
	}
	list_init(&book->listeners);
	snprintf(book->path, sizeof(book->path), "%s", path);
	int error = load_book(book, problem);
	if (error) {
		webcam_book_close(book);
		return error;
	}
	*out = book;
	return 0;
}

int webcam_book_open(const char *folder, struct webcam_book **book, struct problem *problem)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" FILE_NAME, folder);

	*book = NULL;
	if (length < 1 || (size_t)length >= sizeof(path)) {
		problem_set(problem, "the path of " FILE_NAME " would be too long");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return webcam_book_read(path, book, problem);
}

void webcam_book_close(struct webcam_book *book)
{
	if (book) {
		free(book->entries);
		free(book);
	}
}

void webcam_book_subscribe(struct webcam_book *book, struct webcam_listener *listener)
{
	list_insert(&book->listeners, &listener->place);
}

void webcam_book_unsubscribe(struct webcam_listener *listener)
{
	if (listener->place.next) {
		list_remove(&listener->place);
		listener->place.next = NULL;
	}
}

static void tell_listeners(const struct webcam_book *book, const char *serial)
{
	for (const struct list *at = book->listeners.next; at != &book->listeners; at = at->next) {
		const struct webcam_listener *listener = LIST_OF(at, struct webcam_listener, place);

		listener->changed(listener->context, serial);
	}
}

/* The last one comes to its place. */
static void remove_entry(struct webcam_book *book, struct webcam_entry *entry)
{
	*entry = book->entries[--book->count];
}

int webcam_book_set(struct webcam_book *book, const char *serial, const char *url,
		    struct problem *problem)
{
	struct webcam_entry *entry = find_entry(book, serial);
	struct webcam_entry before = {.url = ""};

	if (entry) {
		before = *entry;
		remove_entry(book, entry);
	}
	if (url && book->count == WEBCAM_BOOK_MAX) {
		problem_set(problem, "%d printers have a camera by URL: no more are kept",
			    WEBCAM_BOOK_MAX);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = url && !add_entry(book, serial, url) ? problem_memory(problem)
							 : save_book(book, problem);
	if (error) {
		struct webcam_entry *added = find_entry(book, serial);

		if (added) {
			remove_entry(book, added);
		}
		/* There is room: it was there before. */
		if (entry && !add_entry(book, before.serial, before.url)) {
			return error;
		}
	} else {
		tell_listeners(book, serial);
	}
	return error;
}
