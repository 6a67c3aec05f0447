/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"
#include "gateway/rest/internal.h"
#include "printer/state/file_list.h"

#include <stdlib.h>
#include <string.h>

#define STORAGE_SIZE 8

/* What lies on a printer itself: it is asked page by page, which takes some seconds. */
struct listing {
	struct list place;
	struct http_request *request;
	uint64_t command;
	enum file_place storage;
	struct file_list list;
};

static void free_listing(struct listing *listing)
{
	list_remove(&listing->place);
	file_list_finish(&listing->list);
	free(listing);
}

static void on_lister_gone(void *context)
{
	free_listing(context);
}

static void write_number(struct json_writer *writer, const char *name, int64_t number)
{
	json_key(writer, name);
	if (number == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, number);
	}
}

static void write_listing(struct json_writer *writer, const void *context)
{
	const struct listing *listing = context;

	json_object_begin(writer);
	json_member_string(writer, "storage", listing->storage == FILE_PLACE_USB ? "usb" : "board");
	json_member_bool(writer, "complete", !listing->list.truncated);
	json_key(writer, "files");
	json_array_begin(writer);
	for (size_t i = 0; i < listing->list.count; i++) {
		const struct listed_file *file = &listing->list.files[i];

		json_object_begin(writer);
		json_member_string(writer, "name", file->name);
		json_member_string(writer, "path", file->path);
		write_number(writer, "size", file->size);
		json_key(writer, "modified_at");
		if (file->unix_s == PRINTER_NEVER) {
			json_null(writer);
		} else {
			rest_write_time(writer, file->unix_s);
		}
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

/* --- what the printer answers --- */

static struct listing *find_listing(const struct rest *rest, uint64_t command)
{
	for (struct list *at = rest->listings.next; at != &rest->listings; at = at->next) {
		struct listing *listing = LIST_OF(at, struct listing, place);

		if (listing->command == command) {
			return listing;
		}
	}
	return NULL;
}

void rest_on_reply(void *context, struct fleet_printer *printer, uint64_t command,
		   const struct flagship_message *message)
{
	struct listing *listing = find_listing(context, command);
	struct file_page page;

	(void)printer;
	/* Want of memory: what was listed before is shown. */
	if (listing && file_list_add(&listing->list, listing->storage, message->json, &page)) {
		listing->list.truncated = true;
	}
}

void rest_end_listing(struct rest *rest, const struct service_command *command)
{
	struct listing *listing = find_listing(rest, command->id);

	if (!listing) {
		return;
	}
	http_request_watch(listing->request, NULL, NULL);
	if (command->report.outcome == COMMAND_CONFIRMED ||
	    command->report.outcome == COMMAND_ACCEPTED) {
		rest_respond(listing->request, REST_OK, write_listing, listing);
	} else {
		rest_respond_command(listing->request, command);
	}
	free_listing(listing);
}

void rest_end_listings(struct rest *rest)
{
	struct list *next;

	for (struct list *at = rest->listings.next; at != &rest->listings; at = next) {
		struct listing *listing = LIST_OF(at, struct listing, place);

		next = at->next;
		http_request_watch(listing->request, NULL, NULL);
		rest_respond_problem(listing->request, REST_UNAVAILABLE, "the gateway ends");
		free_listing(listing);
	}
}

/* --- the route --- */

static bool read_storage_query(const struct http_request *request, enum file_place *storage)
{
	char word[STORAGE_SIZE];

	if (!http_request_query_value(request, "storage", word, sizeof(word))) {
		*storage = FILE_PLACE_BOARD;
		return strstr(http_request_query(request), "storage=") == NULL;
	}
	*storage = strcmp(word, "usb") == 0 ? FILE_PLACE_USB : FILE_PLACE_BOARD;
	return *storage == FILE_PLACE_USB || strcmp(word, "board") == 0;
}

static void ask_for_files(struct rest *rest, struct listing *listing, struct fleet_printer *printer)
{
	struct service *service = gateway_printers_commands(rest->printers);
	struct command_request command = {.kind = COMMAND_FILES, .value = listing->storage};

	gateway_printers_fill_request(printer, &command);
	char asker[SERVICE_ASKER_MAX + 1];

	rest_name_asker(listing->request, asker);
	const struct service_request own = {
		.printer = printer, .command = &command, .asker = asker};
	uint64_t id = 0; /* its end may be reported before it is known here */
	const struct service_command *asked = service_submit(service, &own, &id)
						      ? NULL
						      : service_find(service, id);
	listing->command = id;

	if (!asked) {
		http_request_watch(listing->request, NULL, NULL);
		rest_respond_problem(listing->request, REST_FAILED, "out of memory");
		free_listing(listing);
	} else if (asked->over) {
		rest_end_listing(rest, asked);
	}
}

void rest_get_printer_files(struct http_request *request, void *context)
{
	struct rest *rest = context;
	struct fleet_printer *printer = rest_find_printer(request, rest);
	struct listing *listing = printer ? calloc(1, sizeof(*listing)) : NULL;

	if (!printer) {
		return;
	}
	if (!listing) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	list_init(&listing->place);
	if (!read_storage_query(request, &listing->storage)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "the storage is to be board or usb");
		free_listing(listing);
		return;
	}
	listing->request = request;
	list_insert(&rest->listings, &listing->place);
	http_request_watch(request, on_lister_gone, listing);
	ask_for_files(rest, listing, printer);
}
