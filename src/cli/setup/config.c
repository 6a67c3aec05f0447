/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/suggest.h"
#include "cli/output/json.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/target/stored.h"
#include "store/file/paths.h"
#include "store/settings/settings.h"

#include <flagship/error.h>

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define EDITOR_DEFAULT "vi"
#define COMMAND_MAX    1024

extern char **environ;

static const char *config_editor(void)
{
	static const char *const variables[] = {"VISUAL", "EDITOR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *editor = getenv(variables[i]);

		if (editor && editor[0] != '\0') {
			return editor;
		}
	}
	return EDITOR_DEFAULT;
}

/* The variable may hold options too, which only a shell takes apart as people mean them. */
static int config_run_editor(const char *editor, const char *path)
{
	char script[COMMAND_MAX];
	char *arguments[] = {"sh", "-c", script, "sh", (char *)path, NULL};
	pid_t child;
	int status;

	if (snprintf(script, sizeof(script), "%s \"$1\"", editor) >= (int)sizeof(script)) {
		cli_error("the name of the editor is too long");
		return CLI_FAILED;
	}
	int error = posix_spawnp(&child, "sh", NULL, NULL, arguments, environ);
	if (error) {
		cli_error("cannot run the editor %s: %s", editor, strerror(error));
		return CLI_FAILED;
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR) {
			cli_error("lost the editor %s: %s", editor, strerror(errno));
			return CLI_FAILED;
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		cli_error("the editor %s ended with an error; set EDITOR to another one", editor);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

/* Opens the settings file in the editor of the environment, made first where there is none, and
 * says afterwards what is wrong with it. Returns an enum cli_exit. */
static int config_edit(const char *path)
{
	struct problem problem;
	struct settings *settings;

	if (settings_create_file(path, &problem) != 0) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	int result = config_run_editor(config_editor(), path);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (settings_load(path, &settings, &problem) != 0) {
		cli_error("%s; run flagship config edit again", problem.text);
		return CLI_FAILED;
	}
	settings_destroy(settings);
	return CLI_DONE;
}

#define CONFIG_COLUMNS    3
#define CONFIG_NAME_MAX   64

#define CONFIG_GROUP_HELP "Printers that -p calls by this name."

struct config_options {
	bool json;
};

static const struct options_option config_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "with show: print JSON, an array of all settings",
	 .offset = offsetof(struct config_options, json)},
};

static const struct options_group config_group = OPTIONS_GROUP("Options", config_table);

static void config_name(const struct settings_key *key, char out[CONFIG_NAME_MAX])
{
	snprintf(out, CONFIG_NAME_MAX, "%s.%s", key->section, key->name);
}

static void config_split(const char *word, char section[CONFIG_NAME_MAX],
			 char name[CONFIG_NAME_MAX])
{
	const char *dot = strchr(word, '.');
	size_t length = dot ? (size_t)(dot - word) : strlen(word);

	snprintf(section, CONFIG_NAME_MAX, "%.*s", (int)length, word);
	snprintf(name, CONFIG_NAME_MAX, "%s", dot ? dot + 1 : "");
}

/* Why earlier versions had it and this one has not, or NULL. */
static const char *config_retired(const char *word)
{
	char section[CONFIG_NAME_MAX];
	char name[CONFIG_NAME_MAX];

	config_split(word, section, name);
	return settings_key_retired(section, name);
}

static void config_explain_unknown(const char *word)
{
	struct suggest suggest;
	char best[CONFIG_NAME_MAX] = "";
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	if (config_retired(word)) {
		cli_error("%s: %s", word, config_retired(word));
		return;
	}
	suggest_init(&suggest, word);
	for (size_t i = 0; i < count; i++) {
		char name[CONFIG_NAME_MAX];

		config_name(&keys[i], name);
		suggest_offer(&suggest, name);
		if (suggest_best(&suggest) == name) {
			snprintf(best, sizeof(best), "%s", name);
			suggest.best = best;
		}
	}
	if (suggest_best(&suggest)) {
		cli_error("there is no setting '%s'; did you mean %s?", word, best);
	} else {
		cli_error("there is no setting '%s'; flagship config show lists them", word);
	}
}

/* group.NAME, whatever the name: the user makes it up. */
static const struct settings_key *config_find_group(const char *word, struct settings_key *group)
{
	const char *name = word + strlen(SETTINGS_GROUP ".");

	if (strncmp(word, SETTINGS_GROUP ".", strlen(SETTINGS_GROUP ".")) != 0) {
		return NULL;
	}
	*group = (struct settings_key){
		.section = SETTINGS_GROUP, .name = name, .value = "", .help = CONFIG_GROUP_HELP};
	return group;
}

/* NULL, told, where there is none of this name. group: what it points to where it is a group. */
static const struct settings_key *config_find_key(const char *word, struct settings_key *group)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		char name[CONFIG_NAME_MAX];

		config_name(&keys[i], name);
		if (strcmp(name, word) == 0) {
			return &keys[i];
		}
	}
	if (config_find_group(word, group)) {
		return group;
	}
	config_explain_unknown(word);
	return NULL;
}

static int config_path(char path[PATH_MAX])
{
	if (!store_settings_path(path)) {
		cli_error("there is no home folder to keep settings in: set HOME");
		return CLI_NOT_CONFIGURED;
	}
	return OPTIONS_RUN;
}

static int config_run_path(const struct config_options *options, char **argv)
{
	char path[PATH_MAX];
	int result = config_path(path);

	(void)options;
	(void)argv;
	if (result == OPTIONS_RUN) {
		print_data(stdout, "%s\n", path);
		result = CLI_DONE;
	}
	return result;
}

/* Every setting that there is: those of the table, then the groups. */
static size_t config_count(const struct settings *settings)
{
	size_t count;

	settings_keys(&count);
	return count + settings_group_count(settings);
}

static struct settings_key config_key_at(const struct settings *settings, size_t index)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	if (index < count) {
		return keys[index];
	}
	return (struct settings_key){.section = SETTINGS_GROUP,
				     .name = settings_group_name(settings, index - count),
				     .value = "",
				     .help = CONFIG_GROUP_HELP};
}

static void config_write_key(const struct settings *settings, const struct settings_key *key,
			     struct json_writer *writer)
{
	char name[CONFIG_NAME_MAX];

	config_name(key, name);
	json_object_begin(writer);
	json_member_known(writer, "key", name);
	json_member_known(writer, "value", settings_get(settings, key->section, key->name));
	json_member_known(writer, "default", key->value);
	json_member_bool(writer, "set", settings_is_set(settings, key->section, key->name));
	json_member_known(writer, "help", key->help);
	json_object_end(writer);
}

static void config_write(struct json_writer *writer, const void *context)
{
	const struct settings *settings = context;

	json_array_begin(writer);
	for (size_t i = 0; i < config_count(settings); i++) {
		const struct settings_key key = config_key_at(settings, i);

		config_write_key(settings, &key, writer);
	}
	json_array_end(writer);
}

static int config_print_table(const struct settings *settings)
{
	static const char *const headings[CONFIG_COLUMNS] = {"SETTING", "VALUE", "FROM"};
	struct output output;
	size_t count = config_count(settings);
	const char **cells = calloc((count + 1) * CONFIG_COLUMNS, sizeof(*cells));
	char(*names)[CONFIG_NAME_MAX] = calloc(count, sizeof(*names));
	int result = CLI_FAILED;

	if (!cells || !names) {
		cli_error("out of memory");
		goto out;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		const struct settings_key key = config_key_at(settings, i);
		const char **row = cells + (i + 1) * CONFIG_COLUMNS;

		config_name(&key, names[i]);
		row[0] = names[i];
		row[1] = settings_get(settings, key.section, key.name);
		row[1] = row[1][0] != '\0' ? row[1] : "-";
		row[2] = settings_is_set(settings, key.section, key.name) ? "file" : "default";
	}
	output_init(&output, stdout);
	output_table(&output, cells, count + 1, CONFIG_COLUMNS);
	result = CLI_DONE;
out:
	free(cells);
	free(names);
	return result;
}

static int config_run_show(const struct config_options *options, char **argv)
{
	struct settings *settings;
	int result = stored_settings_load(&settings);

	(void)argv;
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (options->json) {
		result = json_line_print(config_write, settings, stdout) == 0 ? CLI_DONE
									      : CLI_FAILED;
	} else {
		result = config_print_table(settings);
	}
	settings_destroy(settings);
	return result;
}

static int config_run_get(const struct config_options *options, char **argv)
{
	struct settings_key group;
	const struct settings_key *key = config_find_key(argv[0], &group);
	struct settings *settings;

	(void)options;
	if (!key) {
		return CLI_USAGE;
	}
	int result = stored_settings_load(&settings);
	if (result != OPTIONS_RUN) {
		return result;
	}
	print_data(stdout, "%s\n", settings_get(settings, key->section, key->name));
	settings_destroy(settings);
	return CLI_DONE;
}

static int config_change(const char *section, const char *name, const char *value)
{
	char path[PATH_MAX];
	struct problem problem;
	int result = config_path(path);

	if (result != OPTIONS_RUN) {
		return result;
	}
	int error = settings_set(path, section, name, value, &problem);
	if (error) {
		cli_error("%s", problem.text);
		return error == FLAGSHIP_ERROR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
	}
	return CLI_DONE;
}

static int config_run_set(const struct config_options *options, char **argv)
{
	struct settings_key group;
	const struct settings_key *key = config_find_key(argv[0], &group);

	(void)options;
	if (!shown_text_is_clean(argv[1], strlen(argv[1]))) {
		cli_error("the value holds control characters: it has to be plain text");
		return CLI_USAGE;
	}
	return key ? config_change(key->section, key->name, argv[1]) : CLI_USAGE;
}

static int config_run_unset(const struct config_options *options, char **argv)
{
	char section[CONFIG_NAME_MAX];
	char name[CONFIG_NAME_MAX];
	struct settings_key group;

	(void)options;
	if (!config_retired(argv[0]) && !config_find_key(argv[0], &group)) {
		return CLI_USAGE;
	}
	config_split(argv[0], section, name);
	return config_change(section, name, NULL);
}

static int config_run_edit(const struct config_options *options, char **argv)
{
	char path[PATH_MAX];
	int result = config_path(path);

	(void)options;
	(void)argv;
	return result == OPTIONS_RUN ? config_edit(path) : result;
}

static const struct config_action {
	const char *name;
	const char *arguments;
	int argument_count;
	int (*run)(const struct config_options *options, char **argv);
} config_actions[] = {
	{"show", "", 0, config_run_show},       {"path", "", 0, config_run_path},
	{"get", " KEY", 1, config_run_get},     {"set", " KEY VALUE", 2, config_run_set},
	{"unset", " KEY", 1, config_run_unset}, {"edit", "", 0, config_run_edit},
};

#define CONFIG_ACTION_COUNT (sizeof(config_actions) / sizeof(config_actions[0]))

static int config_unknown_action(const char *word)
{
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (size_t i = 0; i < CONFIG_ACTION_COUNT; i++) {
		suggest_offer(&suggest, config_actions[i].name);
	}
	if (suggest_best(&suggest)) {
		cli_error("config cannot '%s'; did you mean %s?", word, suggest_best(&suggest));
	} else {
		cli_error("config cannot '%s'; see flagship config --help", word);
	}
	return CLI_USAGE;
}

static int config_run(const struct cli_command *command, int argc, char **argv)
{
	struct config_options options = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc == 0) {
		return config_run_show(&options, argv);
	}
	for (size_t i = 0; i < CONFIG_ACTION_COUNT; i++) {
		const struct config_action *action = &config_actions[i];

		if (strcmp(action->name, argv[0]) != 0) {
			continue;
		}
		if (argc - 1 != action->argument_count) {
			cli_error("it is: flagship config %s%s", action->name, action->arguments);
			return CLI_USAGE;
		}
		return action->run(&options, argv + 1);
	}
	return config_unknown_action(argv[0]);
}

const struct cli_command config_command = {
	.name = "config",
	.section = "Accounts",
	.summary = "show and change the settings",
	.arguments = "[show|path|get KEY|set KEY VALUE|unset KEY|edit]",
	.arguments_max = 3,
	.description =
		"Keys are written SECTION.KEY. show lists all of them with their values (which it\n"
		"also does where nothing is asked for), path says where the file is, set changes\n"
		"one and keeps comments and order, unset returns to the default, and edit opens\n"
		"the file in $VISUAL or $EDITOR and checks it afterwards. A file that is not "
		"there\n"
		"is made with every key as a comment. group.NAME is a group of printers that you\n"
		"make up: flagship config set group.upstairs left,right, then -p upstairs.",
	.groups = (const struct options_group *const[]){&config_group, NULL},
	.run = config_run,
};
