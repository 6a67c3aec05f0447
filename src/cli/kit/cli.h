/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_CLI_H
#define CLI_KIT_CLI_H

#include "cli/output/message.h"

#include <stddef.h>
#include <stdio.h>

struct options_group; /* cli/kit/options.h */

/* What a command says of itself: `--help`, completions and the parser all go by this. */
struct cli_command {
	const char *name;
	const char *section;     /* the heading it stands under in `flagship --help` */
	const char *summary;     /* one line, no full stop */
	const char *arguments;   /* as in the synopsis: "[FILE...|-]"; "" for none */
	size_t arguments_max;    /* more are a usage error; SIZE_MAX for any number */
	const char *description; /* plain text wrapped by hand, or NULL */
	const struct options_group *const *groups; /* NULL-terminated, or NULL for no options */
	/* argc and argv without the names of program and command. Returns an enum cli_exit. */
	int (*run)(const struct cli_command *command, int argc, char **argv);
};

/* What main.c defines: its command table, ... */
const struct cli_command *const *cli_commands(size_t *count);

/* ... and the lines of `flagship help --printers` (cli/target/targets.h). Returns an enum
 * cli_exit. */
int cli_print_printers(FILE *out);

/* One per file, for that table. */
extern const struct cli_command decode_command;
extern const struct cli_command encode_command;
extern const struct cli_command types_command;
extern const struct cli_command replay_command;
extern const struct cli_command monitor_command;
extern const struct cli_command status_command;
extern const struct cli_command wait_command;
extern const struct cli_command gcode_command;
extern const struct cli_command pause_command;
extern const struct cli_command resume_command;
extern const struct cli_command stop_command;
extern const struct cli_command start_command;
extern const struct cli_command temp_command;
extern const struct cli_command cooldown_command;
extern const struct cli_command fan_command;
extern const struct cli_command speed_command;
extern const struct cli_command light_command;
extern const struct cli_command home_command;
extern const struct cli_command move_command;
extern const struct cli_command extrude_command;
extern const struct cli_command retract_command;
extern const struct cli_command z_offset_command;
extern const struct cli_command level_command;
extern const struct cli_command rename_command;
extern const struct cli_command files_command;
extern const struct cli_command delete_command;
extern const struct cli_command send_command;
extern const struct cli_command query_command;
extern const struct cli_command doctor_command;
extern const struct cli_command accounts_command;
extern const struct cli_command logout_command;
extern const struct cli_command config_command;
extern const struct cli_command printers_command;
extern const struct cli_command lan_command;
extern const struct cli_command print_command;
extern const struct cli_command help_command;

#endif
