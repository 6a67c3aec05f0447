/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/kit/dispatch.h"
#include "cli/output/message.h"
#include "cli/output/output.h"
#include "cli/target/targets.h"
#include "store/file/secrecy.h"

static const struct cli_command *const commands[] = {
	&printers_command, &status_command,  &monitor_command,  &wait_command,     &doctor_command,
	&pause_command,    &resume_command,  &stop_command,     &start_command,    &temp_command,
	&cooldown_command, &fan_command,     &speed_command,    &home_command,     &move_command,
	&extrude_command,  &retract_command, &z_offset_command, &level_command,    &light_command,
	&rename_command,   &files_command,   &delete_command,   &gcode_command,    &send_command,
	&query_command,    &print_command,   &lan_command,      &accounts_command, &logout_command,
	&config_command,   &decode_command,  &encode_command,   &types_command,    &replay_command,
	&help_command,
};

const struct cli_command *const *cli_commands(size_t *count)
{
	*count = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

int cli_print_printers(FILE *out)
{
	return help_print_printers(out);
}

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	json_wipe_install();
	colour_apply_setting();
	return dispatch_run(argc, argv);
}
