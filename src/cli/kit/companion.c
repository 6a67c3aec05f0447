/* SPDX-License-Identifier: MIT */
#include "cli/kit/companion.h"

#include "cli/output/print.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

bool companion_begin(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	json_wipe_install();
	/* Who hangs up is reported as such. */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return false;
	}
	return true;
}

int companion_main(const struct cli_command *command, int argc, char **argv)
{
	return streams_end(companion_begin(argc, argv)
				   ? command->run(command, argc > 0 ? argc - 1 : 0, argv + 1)
				   : CLI_DONE);
}
