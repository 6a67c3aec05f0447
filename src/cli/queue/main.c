/* SPDX-License-Identifier: MIT */
#include "cli/kit/companion.h"
#include "cli/queue/queue.h"

int main(int argc, char **argv)
{
	return companion_main(&queue_command, argc, argv);
}
