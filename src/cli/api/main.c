/* SPDX-License-Identifier: MIT */
#include "cli/api/api.h"
#include "cli/kit/companion.h"

int main(int argc, char **argv)
{
	return companion_main(&api_command, argc, argv);
}
