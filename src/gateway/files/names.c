/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "gateway/files/files.h"

#include <string.h>
#include <strings.h>

/* What files and folders may be called. */

#define PACKED ".gz"
#define SHOWN  80

static bool ends_with(const char *name, size_t length, const char *ending)
{
	size_t ending_length = strlen(ending);

	return length > ending_length &&
	       strncasecmp(name + length - ending_length, ending, ending_length) == 0;
}

/* What people try to upload in place of G-code, and what to do about it. */
static const struct {
	const char *ending;
	const char *advice;
} others[] = {
	{".bgcode", "this is binary G-code, which these printers do not read: switch off 'Supports "
		    "binary G-code' in the printer settings of the slicer, and export again"},
	{".3mf", "this is a 3MF project, which has to be sliced first: upload the G-code"},
	{".stl", "this is a model, which has to be sliced first: upload the G-code"},
	{".obj", "this is a model, which has to be sliced first: upload the G-code"},
	{".step", "this is a model, which has to be sliced first: upload the G-code"},
	{".ufp", "this is a package of Cura's: save it as G-code, and upload that"},
	{".gcode.zip", "this is packed as .zip: upload it as it is, or packed as .gz"},
	{".sl1", "this is for a resin printer: slice it for a printer that melts filament"},
};

static enum files_result check_ending(const char *name, struct problem *problem)
{
	static const char *const endings[] = {".gcode", ".gco", ".gc",   ".g",
					      ".nc",    ".ngc", ".acode"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (ends_with(name, length, others[i].ending)) {
			problem_set(problem, "%.*s: %s", SHOWN, name, others[i].advice);
			return FILES_NO_GCODE;
		}
	}
	size_t plain = ends_with(name, length, PACKED) ? length - strlen(PACKED) : length;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (ends_with(name, plain, endings[i])) {
			return FILES_DONE;
		}
	}
	problem_set(problem,
		    "%.*s is not called as G-code is: .gcode, .gco, .g, .acode, or one of "
		    "them with .gz",
		    SHOWN, name);
	return FILES_NO_GCODE;
}

static const char *part_fault(const char *part, size_t length)
{
	if (length == 0) {
		return "a part of it is empty";
	}
	if (length > FILES_NAME_MAX) {
		return "a part of it is longer than 255 bytes";
	}
	if (part[0] == '.') {
		return "a name may not begin with a dot";
	}
	if (part[0] == ' ' || part[length - 1] == ' ') {
		return "a name may not begin or end with a space";
	}
	if (memchr(part, '\\', length)) {
		return "a name may not hold a backslash";
	}
	return shown_text_is_clean(part, length) ? NULL : "it is no text that can be shown";
}

static const char *path_fault(const char *path)
{
	unsigned int depth = 1;

	if (strlen(path) >= FILES_PATH_SIZE) {
		return "it is too long";
	}
	for (const char *part = path;; depth++) {
		size_t length = strcspn(part, "/");
		const char *fault = part_fault(part, length);

		if (fault) {
			return fault;
		}
		if (part[length] == '\0') {
			return depth > FILES_DEPTH_MAX ? "folders are too deep" : NULL;
		}
		part += length + 1;
	}
}

enum files_result files_check_folder(const char *path, struct problem *problem)
{
	const char *fault = path_fault(path);

	if (!fault) {
		return FILES_DONE;
	}
	char shown[SHOWN];

	shown_text_copy(path, strlen(path), shown, sizeof(shown));
	problem_set(problem, "'%s' cannot be a name here: %s", shown, fault);
	return FILES_BAD_NAME;
}

enum files_result files_check_path(const char *path, struct problem *problem)
{
	enum files_result result = files_check_folder(path, problem);
	const char *slash = strrchr(path, '/');

	return result == FILES_DONE ? check_ending(slash ? slash + 1 : path, problem) : result;
}
