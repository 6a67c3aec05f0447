/* SPDX-License-Identifier: MIT */
/* Prints what /metrics says of made-up printers: print_metrics ACCEPT COUNT. For tests/gateway. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

static int print_piece(void *context, const char *data, size_t length)
{
	(void)context;
	return fwrite(data, 1, length, stdout) == length ? 0 : FLAGSHIP_ERROR_STORE;
}

int main(int argc, char **argv)
{
	struct scene scene;

	if (argc != 3) {
		return 2;
	}
	scene_init(&scene, strtoul(argv[2], NULL, 10));
	int error = metrics_write(&scene.input, metrics_format_choose(argv[1]), print_piece, NULL);
	scene_finish(&scene);
	return error ? 1 : 0;
}
