/* SPDX-License-Identifier: MIT */
#include "gateway/commands/copies/copies.h"

#include "base/json/writer.h"
#include "cli/kit/options.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "daemon/run/process.h"
#include "gateway/access/book.h"
#include "gateway/backup/place.h"
#include "gateway/commands/beginning.h"
#include "gateway/commands/options.h"
#include "store/file/folder.h"
#include "store/file/json.h"
#include "store/file/replace_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STANDARD_FILE "-"
#define PART_SUFFIX   ".part-"

struct copies_options {
	const char *dir;
	bool uploads;
	bool prepare;
	bool in_doubt;
	bool json;
};

#define AT_OPTION(member) offsetof(struct copies_options, member)
#define DIR_OPTION                                                                                 \
	{                                                                                          \
		.name = "dir", .kind = OPTIONS_FILE, .value = "FOLDER",                            \
		.help = "of the gateway (~/.local/state/flagship/serve)", .offset = AT_OPTION(dir) \
	}

static const struct options_option backup_table[] = {{.name = "uploads",
						      .kind = OPTIONS_FLAG,
						      .help = "with the G-code that was uploaded",
						      .offset = AT_OPTION(uploads)},
						     DIR_OPTION};
static const struct options_option restore_table[] = {
	{.name = "prepare",
	 .kind = OPTIONS_FLAG,
	 .help = "check it and lay it ready, also while the gateway runs, which takes it over when "
		 "it is started anew",
	 .offset = AT_OPTION(prepare)},
	{.name = "in-doubt",
	 .kind = OPTIONS_FLAG,
	 .help = "with --prepare: it is dropped at the next start, unless 'restored/unconfirmed' "
		 "in "
		 "the folder has gone by then",
	 .offset = AT_OPTION(in_doubt)},
	DIR_OPTION,
	{.name = "json", .kind = OPTIONS_FLAG, .help = "print JSON", .offset = AT_OPTION(json)}};

static const struct options_group backup_group = OPTIONS_GROUP("Options", backup_table);
static const struct options_group restore_group = OPTIONS_GROUP("Options", restore_table);

/* --- common --- */

static int report(const struct problem *problem)
{
	cli_error("%s", problem->text);
	return CLI_FAILED;
}

static int find_place(const struct copies_options *options, struct backup_place *place)
{
	struct serve_options serve = {.dir = options->dir};
	struct problem problem;
	int result = serve_options_find_folder(&serve);

	if (result != OPTIONS_RUN) {
		return result;
	}
	return backup_place_find(serve.folder, place, &problem) ? report(&problem) : OPTIONS_RUN;
}

static int begin(const struct cli_command *command, struct copies_options *options, int argc,
		 char **argv, struct backup_place *place, const char **file)
{
	int result = options_parse(command, &argc, argv, (void *[]){options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc == 0 || argv[0][0] == '\0') {
		cli_error("say which file: flagship %s FILE", command->name);
		return CLI_USAGE;
	}
	*file = argv[0];
	return find_place(options, place);
}

static int fail_file(const char *path, const char *verb, int error)
{
	cli_error("%s cannot be %s: %s", path, verb, strerror(error));
	return CLI_FAILED;
}

/* --- backup --- */

static int back_up_to_output(const struct backup_place *place, bool uploads)
{
	struct problem problem;

	if (isatty(STDOUT_FILENO)) {
		cli_error("a backup holds every key and is no text: it goes to a file or a pipe");
		return CLI_USAGE;
	}
	return backup_make(place, uploads, STDOUT_FILENO, &problem) ? report(&problem) : CLI_DONE;
}

/* What was not made by a backup is not replaced. */
static int check_target(const char *path)
{
	char name[sizeof("flagship-backup.json")] = "";
	struct stat status;

	if (lstat(path, &status) != 0) {
		return errno == ENOENT ? OPTIONS_RUN : fail_file(path, "made", errno);
	}
	int file = S_ISREG(status.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool is_backup = file >= 0 &&
			 read(file, name, sizeof(name) - 1) == (ssize_t)sizeof(name) - 1 &&
			 strcmp(name, backup_kind_name(BACKUP_ABOUT)) == 0;

	if (file >= 0) {
		close(file);
	}
	if (is_backup) {
		return OPTIONS_RUN;
	}
	cli_error("%s is there and is no backup of a gateway: it is left as it is; name another "
		  "file, or remove it",
		  path);
	return CLI_FAILED;
}

static int back_up(const struct backup_place *place, bool uploads, const char *path)
{
	char part[PATH_MAX];
	struct problem problem;
	int length = snprintf(part, sizeof(part), "%s" PART_SUFFIX "%ld", path, (long)getpid());
	int result = check_target(path);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (length < 1 || length >= (int)sizeof(part)) {
		return fail_file(path, "made", ENAMETOOLONG);
	}
	int file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, BACKUP_MODE);
	if (file < 0) {
		return fail_file(path, "made", errno);
	}
	if (backup_make(place, uploads, file, &problem)) {
		result = report(&problem);
	} else if (fsync(file) != 0 || rename(part, path) != 0) {
		result = fail_file(path, "written", errno);
	}
	close(file);
	if (result != OPTIONS_RUN) {
		unlink(part);
		return result;
	}
	(void)sync_folder_of(path);
	print_to(stdout, "wrote %s; it holds every key and login: keep it safe\n", path);
	return CLI_DONE;
}

static int run_backup(const struct cli_command *command, int argc, char **argv)
{
	struct copies_options options = {0};
	struct backup_place place = {.folder = ""};
	const char *file;
	int result = begin(command, &options, argc, argv, &place, &file);

	if (result != OPTIONS_RUN) {
		return result;
	}
	return strcmp(file, STANDARD_FILE) == 0 ? back_up_to_output(&place, options.uploads)
						: back_up(&place, options.uploads, file);
}

/* --- restore --- */

static void write_found(struct json_writer *writer, const void *context)
{
	const struct backup_found *found = context;
	cJSON *about = store_json_parse(found->about, strlen(found->about));
	const cJSON *made_at = cJSON_GetObjectItemCaseSensitive(about, "made_at");

	json_object_begin(writer);
	json_member_string(
		writer, "made_by",
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(about, "made_by")));
	member_time(writer, "made_at",
		    cJSON_IsNumber(made_at) && made_at->valuedouble > 0 &&
				    made_at->valuedouble < (double)INT32_MAX * INT32_MAX
			    ? (int64_t)made_at->valuedouble
			    : 0);
	json_member_bool(writer, "has_uploads", found->has_uploads);
	json_member_int(writer, "uploads", found->uploads);
	json_object_end(writer);
	cJSON_Delete(about);
}

static int report_done(const struct copies_options *options, const struct backup_found *found,
		       const struct backup_place *place)
{
	if (options->json) {
		return json_line_print(write_found, found, stdout) ? CLI_FAILED : CLI_DONE;
	}
	print_to(stdout,
		 options->prepare ? "it lies ready: the gateway of %s takes it over when it is "
				    "started anew\n"
				  : "restored in %s\n",
		 place->folder);
	return CLI_DONE;
}

static int restore_from(const struct copies_options *options, const struct backup_place *place,
			int file)
{
	struct backup_found found;
	struct problem problem;

	if (backup_stage(place, file, options->prepare && options->in_doubt, &found, &problem) ||
	    (!options->prepare && backup_apply(place, &problem))) {
		return report(&problem);
	}
	return report_done(options, &found, place);
}

static int restore_unless_running(const struct copies_options *options,
				  const struct backup_place *place, int file)
{
	char lock_path[PATH_MAX];
	struct problem problem;
	int lock = -1;

	/* Any file of it. */
	if (!backup_join(place->folder, ACCESS_FILE, lock_path)) {
		return fail_file(place->folder, "used", ENAMETOOLONG);
	}
	if (store_folder_make_of(lock_path, &problem) ||
	    store_folder_check_of(lock_path, &problem)) {
		return report(&problem);
	}
	if (options->prepare) {
		return restore_from(options, place, file);
	}
	int result = folder_lock_take(place->folder, &lock);
	if (result != OPTIONS_RUN) {
		print_to(stderr, "stop it, restore in its page, or prepare it with --prepare\n");
		return result;
	}
	result = restore_from(options, place, file);
	close(lock);
	return result;
}

static int run_restore(const struct cli_command *command, int argc, char **argv)
{
	struct copies_options options = {0};
	struct backup_place place = {.folder = ""};
	const char *path;
	int result = begin(command, &options, argc, argv, &place, &path);

	if (result != OPTIONS_RUN) {
		return result;
	}
	bool is_input = strcmp(path, STANDARD_FILE) == 0;
	int file = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		return fail_file(path, "read", errno);
	}
	result = restore_unless_running(&options, &place, file);
	if (!is_input) {
		close(file);
	}
	return result;
}

int copies_take_over(const char *folder)
{
	struct backup_place place = {.folder = ""};
	struct problem problem;

	if (backup_place_find(folder, &place, &problem) || backup_apply(&place, &problem)) {
		return report(&problem);
	}
	return OPTIONS_RUN;
}

const struct cli_command serve_backup_command = {
	.name = "serve backup",
	.section = "Printers",
	.summary = "write a consistent copy of everything, also while the gateway runs",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "Users, keys, accounts, settings, history and queue go into one archive of "
		       "tar, which\n"
		       "holds every secret of them; with FILE - to standard output. A backup that "
		       "was made\n"
		       "before is replaced as a whole; any other file is left as it is.",
	.groups = (const struct options_group *const[]){&backup_group, NULL},
	.run = run_backup,
};

const struct cli_command serve_restore_command = {
	.name = "serve restore",
	.section = "Printers",
	.summary = "bring back a backup; refused while the gateway runs",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "All of it is checked before anything is replaced. What it does not have "
		       "stays as it\n"
		       "is: uploads, where it was made without them. FILE - is standard input.",
	.groups = (const struct options_group *const[]){&restore_group, NULL},
	.run = run_restore,
};
