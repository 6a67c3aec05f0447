/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/config_edit.h"
#include "cli/json_line.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/stored.h"
#include "cli/suggest.h"
#include "store/paths.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define CONFIG_COLUMNS  3
#define CONFIG_NAME_MAX 64

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

static void config_explain_unknown(const char *word)
{
	struct suggest suggest;
	char best[CONFIG_NAME_MAX] = "";
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

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
	if (suggest_best(&suggest) != NULL) {
		cli_error("there is no setting '%s'; did you mean %s?", word, best);
	} else {
		cli_error("there is no setting '%s'; flagship config show lists them", word);
	}
}

/* NULL, told, where there is none of this name. */
static const struct settings_key *config_find_key(const char *word)
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
		puts(path);
		result = CLI_DONE;
	}
	return result;
}

static void config_write(const void *context, struct json_writer *writer)
{
	const struct settings *settings = context;
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	json_array_begin(writer);
	for (size_t i = 0; i < count; i++) {
		char name[CONFIG_NAME_MAX];

		config_name(&keys[i], name);
		json_object_begin(writer);
		json_key(writer, "key");
		json_string(writer, name);
		json_key(writer, "value");
		json_string(writer, settings_get(settings, keys[i].section, keys[i].name));
		json_key(writer, "default");
		json_string(writer, keys[i].value);
		json_key(writer, "set");
		json_bool(writer, settings_is_set(settings, keys[i].section, keys[i].name));
		json_key(writer, "help");
		json_string(writer, keys[i].help);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static int config_print_table(const struct settings *settings)
{
	static const char *const headings[CONFIG_COLUMNS] = {"SETTING", "VALUE", "FROM"};
	struct output output;
	size_t count;
	const struct settings_key *keys = settings_keys(&count);
	const char **cells = calloc((count + 1) * CONFIG_COLUMNS, sizeof(*cells));
	char(*names)[CONFIG_NAME_MAX] = calloc(count, sizeof(*names));
	int result = CLI_FAILED;

	if (cells == NULL || names == NULL) {
		cli_error("out of memory");
		goto out;
	}
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		const struct settings_key *key = &keys[i];
		const char **row = cells + (i + 1) * CONFIG_COLUMNS;

		config_name(key, names[i]);
		row[0] = names[i];
		row[1] = settings_get(settings, key->section, key->name);
		row[1] = row[1][0] != '\0' ? row[1] : "-";
		row[2] = settings_is_set(settings, key->section, key->name) ? "file" : "default";
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
	const struct settings_key *key = config_find_key(argv[0]);
	struct settings *settings;

	(void)options;
	if (key == NULL) {
		return CLI_USAGE;
	}
	int result = stored_settings_load(&settings);
	if (result != OPTIONS_RUN) {
		return result;
	}
	puts(settings_get(settings, key->section, key->name));
	settings_destroy(settings);
	return CLI_DONE;
}

static int config_change(const char *word, const char *value)
{
	char path[PATH_MAX];
	struct store_problem problem;
	const struct settings_key *key = config_find_key(word);

	if (key == NULL) {
		return CLI_USAGE;
	}
	int result = config_path(path);
	if (result != OPTIONS_RUN) {
		return result;
	}
	int error = settings_set(path, key->section, key->name, value, &problem);
	if (error != 0) {
		cli_error("%s", problem.text);
		return error == FLAGSHIP_ERROR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
	}
	return CLI_DONE;
}

static int config_run_set(const struct config_options *options, char **argv)
{
	(void)options;
	return config_change(argv[0], argv[1]);
}

static int config_run_unset(const struct config_options *options, char **argv)
{
	(void)options;
	return config_change(argv[0], NULL);
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
	if (suggest_best(&suggest) != NULL) {
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
		"is made with every key as a comment.",
	.groups = (const struct options_group *const[]){&config_group, NULL},
	.run = config_run,
};
