/* SPDX-License-Identifier: MIT */
#include "cli/top/terminal.h"

#include "cli/top/model.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* An escape key is told from the start of a longer sequence by the pause after it. */
#define ESCAPE_DELAY_MS 50

#define ESCAPE          27
#define BACKSPACE       8
#define DELETE          127

bool top_terminal_open(struct top_terminal *terminal, bool colour)
{
	setlocale(LC_CTYPE, "");
	terminal->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (!newterm(NULL, stdout, stdin)) {
		return false;
	}
	terminal->open = true;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_DELAY_MS);
	curs_set(0);
	terminal->colour = colour && has_colors() && start_color() == OK;
	if (terminal->colour) {
		use_default_colors();
		for (short pair = COLOR_RED; pair <= COLOR_CYAN; pair++) {
			init_pair(pair, pair, -1);
		}
	}
	return true;
}

void top_terminal_close(struct top_terminal *terminal)
{
	if (terminal->open) {
		endwin();
		terminal->open = false;
	}
}

void top_terminal_size(size_t *width, size_t *height)
{
	int rows;
	int columns;

	getmaxyx(stdscr, rows, columns);
	*width = columns > 0 ? (size_t)columns : 1;
	*height = rows > 0 ? (size_t)rows : 1;
}

void top_terminal_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		resizeterm(size.ws_row, size.ws_col);
	}
	/* What the terminal made of the old lines is not known. */
	clearok(stdscr, TRUE);
}

static attr_t attributes(const struct top_terminal *terminal, enum output_style style, short *pair)
{
	static const short pairs[] = {
		[OUTPUT_RED] = COLOR_RED,       [OUTPUT_GREEN] = COLOR_GREEN,
		[OUTPUT_YELLOW] = COLOR_YELLOW, [OUTPUT_BLUE] = COLOR_BLUE,
		[OUTPUT_CYAN] = COLOR_CYAN,
	};

	*pair = 0;
	if (style == OUTPUT_BOLD) {
		return A_BOLD;
	}
	if (style == OUTPUT_DIM) {
		return A_DIM;
	}
	if (terminal->colour && (size_t)style < sizeof(pairs) / sizeof(pairs[0])) {
		*pair = pairs[style];
	}
	return A_NORMAL;
}

void top_terminal_draw(const struct top_terminal *terminal, size_t index,
		       const struct top_line *line)
{
	attr_t reversed = line->reversed ? A_REVERSE : A_NORMAL;
	short pair;

	move((int)index, 0);
	for (size_t i = 0; i < line->span_count; i++) {
		const struct top_span *span = &line->spans[i];
		attr_t own = attributes(terminal, span->style, &pair);

		attr_set(own | reversed, pair, NULL);
		addnstr(line->text + span->start, (int)span->length);
	}
	attr_set(reversed, 0, NULL);
	/* A line that is full has gone on to the next one. */
	for (size_t column = line->columns; column < (size_t)COLS; column++) {
		if (!line->reversed) {
			clrtoeol();
			break;
		}
		addch(' ');
	}
	attr_set(A_NORMAL, 0, NULL);
}

void top_terminal_show(void)
{
	refresh();
}

static unsigned long key_of(wint_t code)
{
	static const struct {
		wint_t code;
		enum top_key key;
	} keys[] = {
		{KEY_UP, TOP_KEY_UP},         {KEY_DOWN, TOP_KEY_DOWN},
		{KEY_PPAGE, TOP_KEY_PAGE_UP}, {KEY_NPAGE, TOP_KEY_PAGE_DOWN},
		{KEY_HOME, TOP_KEY_HOME},     {KEY_END, TOP_KEY_END},
		{KEY_ENTER, TOP_KEY_ENTER},   {KEY_BACKSPACE, TOP_KEY_BACKSPACE},
		{KEY_DC, TOP_KEY_BACKSPACE},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].code == code) {
			return keys[i].key;
		}
	}
	return 0;
}

static unsigned long character_of(wint_t code)
{
	switch (code) {
	case '\r':
	case '\n':
		return TOP_KEY_ENTER;
	case ESCAPE:
		return TOP_KEY_ESCAPE;
	case BACKSPACE:
	case DELETE:
		return TOP_KEY_BACKSPACE;
	default:
		return code;
	}
}

bool top_terminal_read(unsigned long *key)
{
	wint_t code;
	int kind;

	do {
		kind = get_wch(&code);
		if (kind == ERR) {
			return false;
		}
		*key = kind == KEY_CODE_YES ? key_of(code) : character_of(code);
	} while (*key == 0);
	return true;
}
