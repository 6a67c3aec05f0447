/* SPDX-License-Identifier: MIT */
#include "cli/kit/input.h"

#include <fcntl.h>

int input_poll_init(uv_loop_t *loop, uv_poll_t *poll, int descriptor)
{
	int flags = fcntl(descriptor, F_GETFL);
	int error = uv_poll_init(loop, poll, descriptor);

	if (!error && flags >= 0) {
		(void)fcntl(descriptor, F_SETFL, flags);
	}
	return error;
}
