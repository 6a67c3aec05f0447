/* SPDX-License-Identifier: MIT */
#include "cli/gcode/prompt.h"

#include "cli/kit/input.h"

#include <editline/readline.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROMPT_TEXT_MAX    64
#define PROMPT_HISTORY_MAX 1000
#define PROMPT_FOLDER_MODE 0700
#define ASCII_LAST         0x7f

struct gcode_prompt {
	uv_poll_t poll;
	char text[PROMPT_TEXT_MAX];
	char history[PATH_MAX]; /* "" for none */
	bool shown;
	bool typed; /* since it is shown: what libedit holds before is of the line before */
	void (*on_line)(void *context, const char *line);
	void *context;
};

/* libedit's callback has no context. */
static struct gcode_prompt *current;

/* Makes every folder of the path but the last part, which is the file. */
static bool prompt_make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool failed = mkdir(path, PROMPT_FOLDER_MODE) != 0 && errno != EEXIST;
		*slash = '/';
		if (failed) {
			return false;
		}
	}
	return true;
}

static void prompt_find_history(struct gcode_prompt *prompt)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int length = -1;

	/* The XDG specification has relative paths ignored. */
	if (state && state[0] == '/') {
		length = snprintf(prompt->history, PATH_MAX, "%s/flagship/gcode_history", state);
	} else if (home && home[0] == '/') {
		length = snprintf(prompt->history, PATH_MAX,
				  "%s/.local/state/flagship/gcode_history", home);
	}
	if (length < 0 || length >= PATH_MAX || !prompt_make_folders(prompt->history)) {
		prompt->history[0] = '\0';
	}
}

static void prompt_remember(struct gcode_prompt *prompt, const char *line)
{
	HIST_ENTRY *last = history_get(history_base + history_length - 1);

	if (line[strspn(line, " \t")] == '\0' ||
	    (last && last->line && strcmp(last->line, line) == 0)) {
		return;
	}
	add_history(line);
	if (prompt->history[0] != '\0') {
		write_history(prompt->history);
	}
}

static void prompt_hide(struct gcode_prompt *prompt)
{
	if (prompt->shown) {
		prompt->shown = false;
		rl_callback_handler_remove();
		uv_poll_stop(&prompt->poll);
	}
}

static void prompt_handle_line(char *line)
{
	struct gcode_prompt *prompt = current;

	prompt_hide(prompt);
	if (line) {
		prompt_remember(prompt, line);
	} else {
		putchar('\n');
	}
	prompt->on_line(prompt->context, line);
	free(line);
}

static void prompt_handle_poll(uv_poll_t *poll, int status, int events)
{
	struct gcode_prompt *prompt = poll->data;

	(void)events;
	if (status < 0) {
		prompt_hide(prompt);
		prompt->on_line(prompt->context, NULL);
		return;
	}
	prompt->typed = true;
	rl_callback_read_char();
}

/* libedit ends the program over a prompt that the locale has no characters for. */
static void prompt_set_text(struct gcode_prompt *prompt, const char *text)
{
	snprintf(prompt->text, sizeof(prompt->text), "%s", text);
	setlocale(LC_CTYPE, "");
	if (mbstowcs(NULL, prompt->text, 0) != (size_t)-1) {
		return;
	}
	for (char *c = prompt->text; *c != '\0'; c++) {
		if ((unsigned char)*c > ASCII_LAST) {
			*c = '?';
		}
	}
}

struct gcode_prompt *gcode_prompt_create(uv_loop_t *loop, const char *text,
					 void (*on_line)(void *context, const char *line),
					 void *context)
{
	struct gcode_prompt *prompt = calloc(1, sizeof(*prompt));

	if (!prompt || input_poll_init(loop, &prompt->poll, STDIN_FILENO) != 0) {
		free(prompt);
		return NULL;
	}
	prompt->poll.data = prompt;
	prompt->on_line = on_line;
	prompt->context = context;
	prompt_set_text(prompt, text);
	current = prompt;
	rl_readline_name = "flagship";
	using_history();
	stifle_history(PROMPT_HISTORY_MAX);
	prompt_find_history(prompt);
	if (prompt->history[0] != '\0') {
		read_history(prompt->history);
	}
	return prompt;
}

void gcode_prompt_show(struct gcode_prompt *prompt)
{
	fflush(stdout);
	prompt->shown = true;
	prompt->typed = false;
	rl_callback_handler_install(prompt->text, prompt_handle_line);
	uv_poll_start(&prompt->poll, UV_READABLE, prompt_handle_poll);
}

bool gcode_prompt_keep(struct gcode_prompt *prompt)
{
	char *typed = prompt->shown && prompt->typed ? rl_copy_text(0, INT_MAX) : NULL;
	bool keeps = typed && typed[0] != '\0';

	free(typed);
	if (keeps) {
		puts("^C");
		puts("(the line is kept: Ctrl-U empties it, quit or Ctrl-D on an empty one ends)");
		fflush(stdout);
		rl_forced_update_display();
	}
	return keeps;
}

static void prompt_handle_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void gcode_prompt_destroy(struct gcode_prompt *prompt)
{
	if (!prompt) {
		return;
	}
	if (prompt->shown) {
		putchar('\n');
	}
	prompt_hide(prompt);
	current = NULL;
	uv_close((uv_handle_t *)&prompt->poll, prompt_handle_closed);
}
