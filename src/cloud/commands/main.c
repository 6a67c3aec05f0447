/* SPDX-License-Identifier: MIT */
#include "cloud/commands/cloud.h"

#include "cli/kit/markdown.h"
#include "cli/kit/suggest.h"
#include "cli/output/message.h"
#include "cli/output/print.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <string.h>

#define NAME_PREFIX "cloud "
#define NAME_WIDTH  16

/* flagship-cloud, the program that `flagship cloud` becomes: one file a command, like flagship. */

static const struct cli_command *const commands[] = {
	&cloud_init_command,           &cloud_run_command,
	&cloud_status_command,         &cloud_takeover_command,
	&cloud_cluster_command,        &cloud_add_account_command,
	&cloud_set_account_command,    &cloud_remove_account_command,
	&cloud_add_printer_command,    &cloud_set_printer_command,
	&cloud_remove_printer_command, &cloud_share_command,
	&cloud_unshare_command,        &cloud_adopt_command,
	&cloud_pair_command,           &cloud_tokens_command,
	&cloud_list_command,           &cloud_export_command,
	&cloud_export_login_command,   &cloud_backup_command,
	&cloud_restore_command,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const char *short_name(const struct cli_command *command)
{
	return command->name + strlen(NAME_PREFIX);
}

static void print_help(FILE *out)
{
	const char *section = "";

	fputs("Usage: flagship cloud COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	      "The vendor's side of the system on your own machine: broker, accounts, keys, API.\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(section, commands[i]->section) != 0) {
			section = commands[i]->section;
			print_to(out, "\n%s\n", section);
		}
		print_to(out, "  %-*s%s\n", NAME_WIDTH, short_name(commands[i]),
			 commands[i]->summary);
	}
	fputs("\nflagship cloud COMMAND --help tells more of one.\n", out);
}

static void print_completions(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		print_to(stdout, "command\t%s\t%s\n", short_name(commands[i]),
			 commands[i]->summary);
	}
}

static void print_markdown(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		markdown_print_command(commands[i], stdout);
	}
}

static int report_unknown_command(const char *word)
{
	struct suggest suggest;

	suggest_init(&suggest, word);
	suggest_offer(&suggest, "--help");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		suggest_offer(&suggest, short_name(commands[i]));
	}
	if (suggest_best(&suggest)) {
		cli_error("there is no command 'cloud %s'; did you mean %s?", word,
			  suggest_best(&suggest));
	} else {
		cli_error("there is no command 'cloud %s'; flagship cloud --help lists them", word);
	}
	return CLI_USAGE;
}

static int run_command(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return CLI_DONE;
	}
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--complete") == 0) {
		print_completions();
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--markdown") == 0) {
		print_markdown();
		return CLI_DONE;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], short_name(commands[i])) == 0) {
			return commands[i]->run(commands[i], argc - 2, argv + 2);
		}
	}
	return report_unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	json_wipe_install();
	return streams_end(run_command(argc, argv));
}
