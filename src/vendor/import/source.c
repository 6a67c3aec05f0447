/* SPDX-License-Identifier: MIT */
#include "vendor/import/source.h"

#include "vendor/import/web_view.h"

#include "base/text_encoding.h"
#include "vendor/import/import.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGIN_INFO      "cache/offline/user_info/login_info.json"
#define LOGIN_INFO_NAME "/login_info.json"
#define DEVICE_LIST     "/../device_info/device_list.json"

/* What a folder may hold, the first that is there counts. */
static const char *const folder_files[] = {
	LOGIN_INFO,        "AnkerMake_64bit_fp/login.json", "login.json", "default.json",
	"login_info.json",
};

/* The same, where there is none of these. */
static const char *const folder_web_views[] = {
	"EBWebView/Default/Local Storage/leveldb",
	"Default/Local Storage/leveldb",
	"Local Storage/leveldb",
	"leveldb",
	"LocalStorage/localstorage.sqlite3",
	"localstorage.sqlite3",
};

struct source_file {
	char *text; /* UTF-8; wiped */
	size_t length;
	size_t capacity;
};

static void file_finish(struct source_file *file)
{
	if (file->text) {
		OPENSSL_cleanse(file->text, file->capacity);
	}
	free(file->text);
	*file = (struct source_file){0};
}

/* 0 at the end of the file, or where there is more than may be; else an errno. */
static int read_all(int descriptor, struct source_file *file)
{
	ssize_t got;

	do {
		got = read(descriptor, file->text + file->length,
			   FLAGSHIP_LOGIN_CACHE_MAX + 1 - file->length);
		file->length += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && file->length <= FLAGSHIP_LOGIN_CACHE_MAX) ||
		 (got < 0 && errno == EINTR));
	if (got < 0) {
		return errno;
	}
	return file->length > FLAGSHIP_LOGIN_CACHE_MAX ? EFBIG : 0;
}

/* What stands in front of the text or between its bytes depends on who wrote it. 0 or an errno. */
static int to_utf8(struct source_file *file)
{
	size_t capacity = TEXT_ENCODING_MAX(file->length) + 1;
	char *text = malloc(capacity);
	struct source_file converted = {.text = text, .capacity = capacity};

	if (!text) {
		return ENOMEM;
	}
	int error = text_encoding_to_utf8(file->text, file->length, text, capacity,
					  &converted.length);
	file_finish(file);
	*file = converted;
	return error ? ENOMEM : 0;
}

static bool is_standard_input(const char *path)
{
	return strcmp(path, IMPORT_STANDARD_INPUT) == 0;
}

static const char *shown_path(const char *path)
{
	return is_standard_input(path) ? "standard input" : path;
}

/* 0, or an errno. */
static int file_read(const char *path, struct source_file *file)
{
	int descriptor = is_standard_input(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
						 : open(path, O_RDONLY | O_CLOEXEC);

	*file = (struct source_file){0};
	if (descriptor < 0) {
		return errno;
	}
	file->capacity = FLAGSHIP_LOGIN_CACHE_MAX + 1;
	file->text = malloc(file->capacity);
	int error = file->text ? read_all(descriptor, file) : ENOMEM;
	close(descriptor);
	return error ? error : to_utf8(file);
}

static void warn_skipped(const struct import_source *source, const char *path, size_t skipped)
{
	struct problem problem;

	if (skipped > 0) {
		problem_set(&problem, "%s: %zu of its entries are no printer and were left out",
			    shown_path(path), skipped);
		source->warn(source->context, &problem);
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* The Studio keeps its printers beside the login; without them the service is asked. */
static void read_device_list(const struct import_source *source, const char *login_info,
			     struct store_account *account)
{
	struct source_file file;
	char path[PATH_MAX];
	struct problem problem;
	size_t skipped = 0;
	int folder = (int)(strlen(login_info) - strlen(LOGIN_INFO_NAME));

	if (!ends_with(login_info, LOGIN_INFO_NAME) ||
	    snprintf(path, sizeof(path), "%.*s" DEVICE_LIST, folder, login_info) >=
		    (int)sizeof(path)) {
		return;
	}
	int error = file_read(path, &file);
	if (error == ENOENT || error == ENOTDIR) {
		return;
	}
	if (error) {
		problem_set(&problem, "cannot read %s: %s", path, strerror(error));
		source->warn(source->context, &problem);
	} else {
		error = import_printer_file(file.text, file.length, account, &skipped);
		if (error) {
			problem_set(&problem, "%s is no list of printers: %s", path,
				    flagship_strerror(error));
			source->warn(source->context, &problem);
		}
		warn_skipped(source, path, skipped);
	}
	file_finish(&file);
}

static enum import_result parse(const struct import_source *source, const char *path,
				const struct source_file *file, struct store_account *account,
				struct problem *problem)
{
	size_t skipped = 0;
	int error;

	if (import_is_ankerctl(file->text, file->length)) {
		error = import_ankerctl(file->text, file->length, account, &skipped);
		warn_skipped(source, path, skipped);
		snprintf(account->source, sizeof(account->source), "ankerctl");
	} else {
		error = flagship_account_parse(file->text, file->length, &account->login);
		snprintf(account->source, sizeof(account->source), "%s",
			 ends_with(path, LOGIN_INFO_NAME) ? "eufyMake Studio" : "slicer");
	}
	if (!error) {
		return IMPORT_LOGIN;
	}
	problem_set(problem,
		    "%s holds no login: it is neither the slicer's login.json nor a login of the "
		    "Studio or of ankerctl, or it is damaged (%s)",
		    shown_path(path), flagship_strerror(error));
	return IMPORT_FAILED;
}

static enum import_result read_login(const struct import_source *source, const char *path,
				     struct store_account *account, struct problem *problem)
{
	struct source_file file;
	int error = file_read(path, &file);
	enum import_result result = IMPORT_FAILED;

	if (error) {
		problem_set(problem, "cannot read %s: %s", shown_path(path), strerror(error));
	} else {
		result = parse(source, path, &file, account, problem);
	}
	file_finish(&file);
	if (result == IMPORT_LOGIN) {
		read_device_list(source, path, account);
	}
	return result;
}

static enum import_result read_web_view(const char *path, struct store_account *account,
					struct problem *problem)
{
	switch (web_view_read(path, &account->login, problem)) {
	case WEB_VIEW_LOGIN:
		snprintf(account->source, sizeof(account->source), "eufyMake Studio's web view");
		return IMPORT_LOGIN;
	case WEB_VIEW_EMPTY:
		return IMPORT_EMPTY;
	case WEB_VIEW_FAILED:
		break;
	}
	return IMPORT_FAILED;
}

static enum import_result read_folder(const struct import_source *source, const char *folder,
				      struct store_account *account, struct problem *problem)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folder_files) / sizeof(folder_files[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", folder, folder_files[i]) <
			    (int)sizeof(path) &&
		    access(path, F_OK) == 0) {
			return read_login(source, path, account, problem);
		}
	}
	for (size_t i = 0; i < sizeof(folder_web_views) / sizeof(folder_web_views[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", folder, folder_web_views[i]) <
			    (int)sizeof(path) &&
		    access(path, F_OK) == 0 && web_view_is(path)) {
			return read_web_view(path, account, problem);
		}
	}
	problem_set(problem,
		    "the folder %s holds no login: a Studio profile has " LOGIN_INFO
		    " once somebody has logged in there",
		    folder);
	return IMPORT_FAILED;
}

enum import_result import_source_read(const struct import_source *source, const char *path,
				      struct store_account *account, struct problem *problem)
{
	struct stat status;

	*account = (struct store_account){0};
	if (is_standard_input(path)) {
		return read_login(source, path, account, problem);
	}
	if (stat(path, &status) != 0) {
		problem_set(problem, "cannot read %s: %s", path, strerror(errno));
		return IMPORT_FAILED;
	}
	if (web_view_is(path)) {
		return read_web_view(path, account, problem);
	}
	return S_ISDIR(status.st_mode) ? read_folder(source, path, account, problem)
				       : read_login(source, path, account, problem);
}
