/* SPDX-License-Identifier: MIT */
#include "cli/camera/camera.h"
#include "cli/kit/companion.h"

int main(int argc, char **argv)
{
	return companion_main(&camera_command, argc, argv);
}
