/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_FILE_LIST_H
#define PRINTER_STATE_FILE_LIST_H

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than that of one printer are left out. */
#define FILE_LIST_MAX 2048

/* Where a file lies: `value` of 1009. */
enum file_place {
	FILE_PLACE_USB,
	FILE_PLACE_BOARD,
};

struct listed_file {
	char *name; /* never empty */
	char *path; /* what 1010, 1008 and 1032 want; never empty */
	enum file_place place;
	int64_t size;   /* bytes, PRINTER_NEVER where it is not told */
	int64_t unix_s; /* when it was changed, PRINTER_NEVER where it is not told */
};

/* The files that a printer told of (protocol.md 3.6). A zeroed value is an empty list. */
struct file_list {
	struct listed_file *files;
	size_t count;
	size_t capacity;
	bool truncated; /* there were more than FILE_LIST_MAX */
};

/* What one answer to 1009 held. */
struct file_page {
	bool reported;    /* a list, perhaps an empty one; else it is a bare acknowledgement */
	size_t files;     /* in it */
	size_t fresh;     /* of these not known before */
	bool first_known; /* the first of them was known before */
};

/*
 * Takes a reply to 1009: `fileLists` is an array of objects with name, path and timestamp, or such
 * an array as JSON inside a string; numbers may be texts. A path that is known already is not added
 * again, and what is no file is passed over. Errors: MEMORY.
 */
int file_list_add(struct file_list *list, enum file_place place, struct flagship_json reply,
		  struct file_page *page);

/* The file of this path; or, where `by_name`, of this name. NULL where there is none. */
const struct listed_file *file_list_find(const struct file_list *list, const char *text,
					 bool by_name);

/* What stands behind the last slash. */
const char *file_path_base(const char *path);

void file_list_finish(struct file_list *list);

#endif
