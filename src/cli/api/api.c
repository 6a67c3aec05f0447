/* SPDX-License-Identifier: MIT */
#include "cli/api/api.h"

#include "cli/gateway/answer.h"
#include "cli/gateway/ask.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARGUMENTS_MAX 2
#define BODY_MAX      ((size_t)1024 * 1024)
#define STANDARD      "-"                 /* input, or output */
#define SAVED_MODE    (S_IRUSR | S_IWUSR) /* it may be a key */

struct api_options {
	const char *body;
	const char *upload;
	const char *save;
	const char *dir;
};

static const struct options_option api_table[] = {
	{.name = "body",
	 .kind = OPTIONS_TEXT,
	 .value = "JSON",
	 .help = "what goes there; - reads it from standard input, where others do not see it",
	 .offset = offsetof(struct api_options, body),
	 .once = true},
	{.name = "upload",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "the bytes of this file go there; - for those of standard input",
	 .offset = offsetof(struct api_options, upload)},
	{.name = "save",
	 .kind = OPTIONS_FILE,
	 .value = "FILE",
	 .help = "where the answer goes as it is, for its owner alone; - for standard output",
	 .offset = offsetof(struct api_options, save)},
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "the gateway's folder (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct api_options, dir)},
};

static const struct options_group api_group = OPTIONS_GROUP("Options", api_table);

/* --- files --- */

static bool is_standard(const char *name)
{
	return strcmp(name, STANDARD) == 0;
}

/* NULL after trouble that was told. */
static FILE *open_to_read(const char *name)
{
	FILE *file = is_standard(name) ? stdin : fopen(name, "rb");

	if (!file) {
		cli_error("%s cannot be read: %s", name, strerror(errno));
	}
	return file;
}

/* Likewise. What is in it stays until something is saved: the gateway may refuse. */
static FILE *open_to_save(const char *name)
{
	if (is_standard(name)) {
		return stdout;
	}
	int descriptor = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, SAVED_MODE);
	FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
	if (!file) {
		cli_error("%s cannot be written: %s", name, strerror(errno));
		if (descriptor >= 0) {
			close(descriptor);
		}
	}
	return file;
}

/* Ends it where its new bytes end; a pipe or a device has no end to set. */
static bool end_saved(FILE *file, bool answered)
{
	off_t length = ftello(file);
	bool failed = fflush(file) != 0 ||
		      ((answered || length > 0) && ftruncate(fileno(file), length) != 0 &&
		       errno != EINVAL);

	return (fclose(file) == 0) && !failed;
}

/* NULL is accepted. False where what was written is not all there, which was told. */
static bool close_saved(const char *name, FILE *file, bool answered)
{
	bool failed = file && !(is_standard(name) ? fflush(file) == 0 : end_saved(file, answered));

	if (failed) {
		cli_error("%s cannot be written: %s", name, strerror(errno));
	}
	return !failed;
}

/* NUL-terminated, to be freed; NULL after trouble that was told. */
static char *read_body(void)
{
	char *text = malloc(BODY_MAX + 1);

	if (!text) {
		(void)answer_needs_memory();
		return NULL;
	}
	size_t length = fread(text, 1, BODY_MAX + 1, stdin);
	if (ferror(stdin) || length > BODY_MAX || memchr(text, '\0', length)) {
		cli_error("standard input is no body: %s",
			  ferror(stdin) ? strerror(errno) : "it is too long, or no text");
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

/* --- the question --- */

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

static bool is_method(const char *word)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i], word) == 0) {
			return true;
		}
	}
	return false;
}

/* As it stands in a request: what would end it there is escaped by who asks. */
static bool is_path(const char *path)
{
	const char *at = path;

	while (isgraph((unsigned char)*at) && *at != '#') {
		at++;
	}
	return path[0] == '/' && *at == '\0';
}

static int read_words(int count, char **words, struct ask_question *question)
{
	const char *path = count > 0 ? words[count - 1] : "";

	question->method = count > 1 ? words[0] : "GET";
	question->path = path;
	if (count < 1) {
		cli_error("it is flagship api [METHOD] PATH, such as flagship api /printers");
		return CLI_USAGE;
	}
	if (!is_method(question->method)) {
		cli_error("'%s' is no method: GET, POST, PUT, PATCH or DELETE", question->method);
		return CLI_USAGE;
	}
	if (!is_path(path)) {
		cli_error("'%s' is no path: it begins with /, as in docs/api.md, and other signs "
			  "than letters are escaped, a blank as %%20",
			  path);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

/* --- the answer --- */

static int ask_for_it(const struct api_options *options, const struct ask_question *question)
{
	struct ask *ask;
	cJSON *answer = NULL;
	int result = ask_open(options->dir, &ask);

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = ask_gateway_for(ask, question, &answer);
	if (result == OPTIONS_RUN) {
		result = answer ? answer_print(answer) : CLI_DONE;
	}
	cJSON_Delete(answer);
	ask_close(ask);
	return result;
}

static int ask_with_files(const struct api_options *options, struct ask_question *question)
{
	question->bytes = options->upload ? open_to_read(options->upload) : NULL;
	if (options->upload && !question->bytes) {
		return CLI_FAILED;
	}
	question->save = options->save ? open_to_save(options->save) : NULL;
	int result = options->save && !question->save ? CLI_FAILED : ask_for_it(options, question);
	if (!close_saved(options->save, question->save, result == CLI_DONE) && result == CLI_DONE) {
		result = CLI_FAILED;
	}
	if (question->bytes && !is_standard(options->upload)) {
		(void)fclose(question->bytes);
	}
	return result;
}

static int run_api(const struct cli_command *command, int argc, char **argv)
{
	struct api_options options = {.body = NULL};
	struct ask_question question = {.method = NULL};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN) {
		result = read_words(argc, argv, &question);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	if ((options.body || options.upload) &&
	    ((options.body && options.upload) || strcmp(question.method, "GET") == 0)) {
		cli_error("%s", options.body && options.upload
					? "either --body or --upload"
					: "GET takes nothing: say POST, PUT or PATCH");
		return CLI_USAGE;
	}
	char *read = options.body && is_standard(options.body) ? read_body() : NULL;
	if (options.body && is_standard(options.body) && !read) {
		return CLI_FAILED;
	}
	question.text = read ? read : options.body;
	result = ask_with_files(&options, &question);
	if (read) {
		OPENSSL_cleanse(read, strlen(read)); /* it may be a password */
	}
	free(read);
	return result;
}

const struct cli_command api_command = {
	.name = "api",
	.section = "Printers",
	.summary = "whatever the API of a gateway has, from the shell",
	.arguments = "[GET | POST | PUT | PATCH | DELETE] PATH",
	.arguments_max = ARGUMENTS_MAX,
	.description =
		"Asks the `flagship serve` that runs on this machine, as the page does, by a "
		"socket "
		"that\n"
		"needs no login. PATH is below /api/v1, with its values escaped: `flagship api "
		"/settings`.\n"
		"The answer is printed as one line of JSON; what is none, such as G-code, a "
		"picture or\n"
		"/events, is had by --save. What the gateway refuses is told in its words, exit "
		"status 7.",
	.groups = (const struct options_group *const[]){&api_group, NULL},
	.run = run_api,
};
