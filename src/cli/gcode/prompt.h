/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_PROMPT_H
#define CLI_GCODE_PROMPT_H

#include <stdbool.h>
#include <uv.h>

/*
 * A prompt with editing and history on the terminal, served by a loop. libedit keeps its state to
 * itself, so that there can be only one prompt at a time.
 */
struct gcode_prompt;

/* on_line: a line without its end, or NULL for Ctrl-D; the prompt then pauses until it is shown
 * again. NULL where memory is short. */
struct gcode_prompt *gcode_prompt_create(uv_loop_t *loop, const char *prompt,
					 void (*on_line)(void *context, const char *line),
					 void *context);
void gcode_prompt_show(struct gcode_prompt *prompt);

/* Gives the terminal back; NULL is accepted. Freed once the loop has let go of it. */
void gcode_prompt_destroy(struct gcode_prompt *prompt);

/* After Ctrl-C: shows the line that is being typed again, below a hint. False where no line is
 * being typed. */
bool gcode_prompt_keep(struct gcode_prompt *prompt);

#endif
