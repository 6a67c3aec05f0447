/* SPDX-License-Identifier: MIT */
#include "cli/watch/watch_screen.h"

#include "cli/output/output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ENTER        "\033[?1049h\033[?25l"
#define LEAVE        "\033[?7h\033[?25h\033[?1049l"
#define HOME         "\033[H"
#define NO_WRAP      "\033[?7l"
#define WRAP         "\033[?7h"
#define CLEAR_LINE   "\033[K"
#define CLEAR_BELOW  "\033[J"
#define ROWS_DEFAULT 24
#define ROWS_MIN     2

bool watch_screen_possible(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) == 1 && terminal && terminal[0] != '\0' &&
	       strcmp(terminal, "dumb") != 0;
}

static void receive_trouble(void *context, const char *line)
{
	struct watch_screen *screen = context;

	snprintf(screen->trouble_line, sizeof(screen->trouble_line), "%s", line);
}

void watch_screen_open(struct watch_screen *screen, uv_loop_t *loop)
{
	top_trouble_open(&screen->trouble, loop, receive_trouble, screen);
	screen->open = true;
	fputs(ENTER, stdout);
	fflush(stdout);
}

FILE *watch_screen_begin(struct watch_screen *screen)
{
	screen->page = NULL;
	screen->stream = open_memstream(&screen->page, &screen->page_length);
	return screen->stream;
}

static size_t count_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) {
		return ROWS_DEFAULT;
	}
	return size.ws_row < ROWS_MIN ? ROWS_MIN : size.ws_row;
}

static size_t count_lines(const struct watch_screen *screen)
{
	size_t count = 0;

	for (size_t i = 0; i < screen->page_length; i++) {
		count += screen->page[i] == '\n';
	}
	return count;
}

/* No line break behind the last row: the screen would scroll. */
static void put_line(const char *line, size_t length, size_t *row)
{
	fputs(*row > 0 ? "\r\n" CLEAR_LINE : CLEAR_LINE, stdout);
	fwrite(line, 1, length, stdout);
	(*row)++;
}

static void put_page(const struct watch_screen *screen, size_t lines, size_t *row)
{
	const char *line = screen->page;

	for (size_t i = 0; i < lines; i++) {
		size_t length = strcspn(line, "\n");

		put_line(line, length, row);
		line += length + 1;
	}
}

/* What follows the page: how much of it is not to be seen, and the last trouble. */
static void put_foot(const struct watch_screen *screen, const struct output *output, size_t hidden,
		     size_t *row)
{
	char text[sizeof("and  more lines") + 24];

	if (hidden > 0) {
		snprintf(text, sizeof(text), "and %zu more lines", hidden);
		put_line("", 0, row);
		output_print(output, OUTPUT_DIM, "%s", text);
	}
	if (screen->trouble_line[0] != '\0') {
		put_line("", 0, row);
		output_text(output, OUTPUT_YELLOW, screen->trouble_line,
			    strlen(screen->trouble_line), false);
	}
}

void watch_screen_end(struct watch_screen *screen)
{
	struct output output;
	size_t row = 0;
	size_t rows = count_rows() - (screen->trouble_line[0] != '\0' ? 1 : 0);

	fclose(screen->stream);
	screen->stream = NULL;
	if (!screen->page) {
		return;
	}
	size_t lines = count_lines(screen);
	size_t shown = lines <= rows ? lines : rows - 1;
	output_init(&output, stdout);
	fputs(HOME NO_WRAP, stdout);
	put_page(screen, shown, &row);
	put_foot(screen, &output, lines - shown, &row);
	fputs(row < count_rows() ? "\r\n" CLEAR_BELOW WRAP : WRAP, stdout);
	fflush(stdout);
	free(screen->page);
	screen->page = NULL;
}

void watch_screen_close(struct watch_screen *screen)
{
	if (!screen->open) {
		return;
	}
	screen->open = false;
	fputs(LEAVE, stdout);
	fflush(stdout);
	top_trouble_close(&screen->trouble);
}
