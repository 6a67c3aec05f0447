/* SPDX-License-Identifier: MIT */
#include "cli/account/commands.h"

#include "cli/kit/cli.h"
#include "cli/kit/desktop.h"
#include "cli/kit/options.h"
#include "cli/kit/prompt.h"
#include "cli/output/print.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *media_type;
	const char *suffix;
} suffixes[] = {
	{"image/png", ".png"},     {"image/jpeg", ".jpg"}, {"image/jpg", ".jpg"},
	{"image/svg+xml", ".svg"}, {"image/gif", ".gif"},  {"image/webp", ".webp"},
};

static const char *suffix_of(const char *media_type)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(suffixes[i].media_type, media_type) == 0) {
			return suffixes[i].suffix;
		}
	}
	return ".image";
}

static const char *folder(void)
{
	static const char *const variables[] = {"XDG_RUNTIME_DIR", "TMPDIR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] == '/' && access(value, W_OK) == 0) {
			return value;
		}
	}
	return "/tmp";
}

static bool write_all(int descriptor, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write(descriptor, data, size);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
	}
	return true;
}

static int save(const struct vendor_captcha *captcha, char path[PATH_MAX])
{
	const char *suffix = suffix_of(captcha->media_type);
	bool saved = false;
	int descriptor = -1;

	if (snprintf(path, PATH_MAX, "%s/flagship-captcha-XXXXXX%s", folder(), suffix) < PATH_MAX) {
		descriptor = mkstemps(path, (int)strlen(suffix)); /* mode 0600 */
	}
	if (descriptor >= 0) {
		saved = write_all(descriptor, captcha->picture, captcha->size);
		saved = close(descriptor) == 0 && saved;
	}
	if (!saved) {
		cli_error("cannot save the picture of the captcha as %s: %s", path,
			  strerror(errno));
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int captcha_ask(const struct vendor_captcha *captcha, char *answer, size_t capacity)
{
	char path[PATH_MAX] = "";
	int result = save(captcha, path);

	if (result != OPTIONS_RUN) {
		return result;
	}
	bool shown = prompt_is_terminal() && desktop_open(path);
	print_to(stderr, "flagship: the service wants a captcha solved; %s %s\n",
		 shown ? "its picture was opened:" : "look at its picture:", path);
	result = prompt_line_or(
		"What does the picture say", "answer to the captcha",
		"the service wants a captcha solved, and there is no terminal to read the answer "
		"from: run flagship login in a terminal, or log in to the vendor's program and run "
		"flagship import, which needs no captcha",
		answer, capacity);
	unlink(path);
	return result;
}
