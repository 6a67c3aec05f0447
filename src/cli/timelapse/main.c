/* SPDX-License-Identifier: MIT */
#include "cli/kit/companion.h"
#include "cli/timelapse/timelapse.h"

int main(int argc, char **argv)
{
	return companion_main(&timelapse_command, argc, argv);
}
