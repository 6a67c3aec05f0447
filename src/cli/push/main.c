/* SPDX-License-Identifier: MIT */
#include "cli/kit/companion.h"
#include "cli/push/push.h"

int main(int argc, char **argv)
{
	return companion_main(&push_command, argc, argv);
}
