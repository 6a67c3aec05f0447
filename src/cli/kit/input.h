/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_INPUT_H
#define CLI_KIT_INPUT_H

#include <uv.h>

/*
 * As uv_poll_init, for standard input: a terminal is shared with the output and with who started
 * the program. libuv makes it non-blocking for all of them, so that a slow terminal loses what is
 * written; this keeps it as it was. A read blocks where nothing is there.
 */
int input_poll_init(uv_loop_t *loop, uv_poll_t *poll, int descriptor);

#endif
