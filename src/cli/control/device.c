/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "cli/control/control.h"
#include "cli/control/value.h"
#include "cli/kit/cli.h"
#include "cli/target/stored.h"

#include <string.h>

/* cooldown, fan, speed, light, rename: one value each. */

#define DEVICE_PERCENT_MAX    100.0
#define DEVICE_SPEED_MIN_MM_S 1.0
#define DEVICE_SPEED_MAX_MM_S 1000.0

static int cooldown_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.request.kind = COMMAND_COOLDOWN;
	return control_run(&control);
}

static int fan_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN && argc == 0) {
		result = control_lacks(command->name, "a percentage, or off");
	}
	if (result == OPTIONS_RUN && strcmp(argv[0], "off") != 0) {
		result = control_read_scaled(command->name, argv[0], 0, DEVICE_PERCENT_MAX, 1,
					     &control.request.value);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.request.kind = COMMAND_FAN;
	return control_run(&control);
}

static int speed_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN && argc == 0) {
		result = control_lacks(command->name, "a speed in mm/s");
	}
	if (result == OPTIONS_RUN) {
		result = control_read_scaled(command->name, argv[0], DEVICE_SPEED_MIN_MM_S,
					     DEVICE_SPEED_MAX_MM_S, 1, &control.request.value);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.request.kind = COMMAND_SPEED;
	return control_run(&control);
}

static int light_run(const struct cli_command *command, int argc, char **argv)
{
	static const char *const choices[] = {"off", "on", NULL};
	struct control control = CONTROL_DEFAULT;
	size_t index = 0;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN && argc == 0) {
		result = control_lacks(command->name, "on or off");
	}
	if (result == OPTIONS_RUN) {
		result = control_read_choice(command->name, argv[0], choices, &index);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.request.kind = COMMAND_LIGHT;
	control.request.value = (int64_t)index;
	return control_run(&control);
}

struct rename {
	const char *serial;
	const char *name;
};

static int rename_edit(void *context, struct store_accounts *accounts)
{
	const struct rename *rename = context;

	return store_accounts_rename_printer(accounts, rename->serial, rename->name);
}

/* So that it can be called by its new name, and is listed under it, once this ends: a gateway that
 * the command went by keeps the name too, a moment later, and may be of other accounts. */
static bool rename_store(struct control *control, struct fleet_printer *printer)
{
	const struct target *target = live_target(printer);
	struct rename rename = {.serial = target->serial, .name = control->request.text};

	/* --force may have sent what is not shown. */
	if (!shown_text_is_clean(rename.name, strlen(rename.name))) {
		cli_warn("the name is not kept here: it holds control characters");
		return false;
	}
	if (target->stored && stored_accounts_update(rename_edit, &rename) != OPTIONS_RUN) {
		cli_warn("printer %s has its new name, but here the old one stays: run flagship "
			 "refresh",
			 live_label(printer));
	}
	return false;
}

static int rename_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN && (argc == 0 || argv[0][0] == '\0')) {
		result = control_lacks(command->name, "the new name");
	}
	if (result == OPTIONS_RUN && strlen(argv[0]) > COMMAND_NAME_MAX) {
		cli_error("the name is longer than %d bytes", COMMAND_NAME_MAX);
		result = CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	control.request.kind = COMMAND_RENAME;
	control.request.text = argv[0];
	control.go_on = rename_store;
	return control_run(&control);
}

static const struct options_group *const device_groups[] = {CONTROL_GROUPS, NULL};

const struct cli_command cooldown_command = {
	.name = "cooldown",
	.section = "Control",
	.summary = "turn both heaters off",
	.arguments = "",
	.arguments_max = 0,
	.description = "Sets the targets of nozzle and bed to 0 and waits until the printer shows "
		       "it.\nRefused while a job runs.",
	.groups = device_groups,
	.run = cooldown_run,
};

const struct cli_command fan_command = {
	.name = "fan",
	.section = "Control",
	.summary = "set the part cooling fan",
	.arguments = "PERCENT|off",
	.arguments_max = 1,
	.description =
		"Sets the fan to 0 to 100 percent, by the printer's own message, which it reports "
		"back,\nand by G-code after it, for printers that ignore the first. Refused while "
		"a "
		"job runs,\nwhich sets the fan itself.",
	.groups = device_groups,
	.run = fan_run,
};

const struct cli_command speed_command = {
	.name = "speed",
	.section = "Control",
	.summary = "set the print speed",
	.arguments = "MM/S",
	.arguments_max = 1,
	.description = "Sets the print speed in millimetres a second; the app calls 50 of them 1x.",
	.groups = device_groups,
	.run = speed_run,
};

const struct cli_command light_command = {
	.name = "light",
	.section = "Control",
	.summary = "turn the light on or off",
	.arguments = "on|off",
	.arguments_max = 1,
	.description = "An M5C's, by G-code (M3012). It takes it and does not tell what its light "
		       "is. That of\nan M5 is switched over the local network, which flagship "
		       "cannot do yet: refused.",
	.groups = device_groups,
	.run = light_run,
};

const struct cli_command rename_command = {
	.name = "rename",
	.section = "Control",
	.summary = "give the printer another name",
	.arguments = "NAME",
	.arguments_max = 1,
	.description =
		"Changes the name that the printer has itself, at most 64 bytes, and once it took "
		"it\nthe one that it is called by here. Refused where "
		"it\nholds control characters, blanks alone or what is no UTF-8: such a "
		"command has\ncrashed printers. With --no-wait the name here changes once "
		"a gateway that runs here hears that\nthe printer took it.",
	.groups = device_groups,
	.run = rename_run,
};
