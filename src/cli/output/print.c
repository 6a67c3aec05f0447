/* SPDX-License-Identifier: MIT */
#include "cli/output/print.h"

#include "base/shown_text.h"
#include "base/text.h"
#include "cli/output/ascii.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS       "-+ #0"
#define NUMBERS     "diuxXoefg"
#define DIGIT_BASE  10

#define REPLACEMENT "\xef\xbf\xbd"

/* The longest number: a double with all its digits, and a wide width. */
#define NUMBER_MAX 512
#define WIDTH_MAX  256
#define SPEC_MAX   48

struct print {
	FILE *stream;
	bool ascii;
	va_list arguments;
};

/* One conversion of a format. */
struct spec {
	char flags[sizeof(FLAGS)];
	char size[3]; /* "hh", "l" and so on */
	int width;
	int precision; /* -1: none */
	char kind;
};

static void put(FILE *stream, bool ascii, const char *text, size_t length)
{
	if (ascii) {
		ascii_write(stream, text, length);
	} else {
		fwrite(text, 1, length, stream);
	}
}

/* The bytes at the front that can be shown as they are. *character: what comes first behind them,
 * *next: where it ends. */
static size_t measure_plain(const char *text, size_t length, uint32_t *character, size_t *next)
{
	size_t offset = 0;

	for (;;) {
		offset += text_ascii_span(text + offset, length - offset);
		if (offset == length) {
			break;
		}
		size_t size = utf8_decode(text + offset, length - offset, character);

		if (!shown_text_is_plain(*character) ||
		    (size == 1 && *character == UTF8_REPLACEMENT)) {
			*next = offset + size;
			return offset;
		}
		offset += size;
	}
	*next = length;
	return length;
}

/* What stands for a character that is not plain. */
static const char *stand_in(uint32_t character, bool lines, bool before_line_break)
{
	if (lines && character == '\n') {
		return "\n";
	}
	if (lines && character == '\r' && before_line_break) {
		return "";
	}
	return lines && character == '\t' ? " " : REPLACEMENT;
}

void print_text(FILE *stream, bool ascii, const char *text, size_t length, bool lines)
{
	while (length > 0) {
		uint32_t character;
		size_t next;
		size_t plain = measure_plain(text, length, &character, &next);

		put(stream, ascii, text, plain);
		if (plain < length) {
			const char *sign = stand_in(character, lines,
						    next < length && text[next] == '\n');

			put(stream, ascii, sign, strlen(sign));
		}
		text += next;
		length -= next;
	}
}

static size_t columns_of(const struct print *print, const char *text, size_t length)
{
	size_t columns = 0;

	if (print->ascii) {
		return ascii_width(text, length);
	}
	for (size_t offset = 0; offset < length; columns++) {
		uint32_t character;

		offset += utf8_decode(text + offset, length - offset, &character);
	}
	return columns;
}

static void pad(const struct print *print, size_t columns, const struct spec *spec)
{
	for (size_t i = columns; i < (size_t)spec->width; i++) {
		fputc(' ', print->stream);
	}
}

static void print_padded(const struct print *print, const struct spec *spec, const char *text,
			 size_t length)
{
	size_t columns = columns_of(print, text, length);
	bool left = strchr(spec->flags, '-') != NULL;

	if (!left) {
		pad(print, columns, spec);
	}
	print_text(print->stream, print->ascii, text, length, false);
	if (left) {
		pad(print, columns, spec);
	}
}

static void print_string(struct print *print, const struct spec *spec)
{
	const char *text = va_arg(print->arguments, const char *);

	if (!text) {
		text = "(null)";
	}
	print_padded(print, spec, text,
		     spec->precision >= 0 ? strnlen(text, (size_t)spec->precision) : strlen(text));
}

static void print_character(struct print *print, const struct spec *spec)
{
	char character = (char)va_arg(print->arguments, int);

	print_padded(print, spec, &character, 1);
}

/* The conversion without its size: numbers are as wide as they get. */
static void compose(const struct spec *spec, const char *size, char out[SPEC_MAX])
{
	if (spec->precision >= 0) {
		snprintf(out, SPEC_MAX, "%%%s%d.%d%s%c", spec->flags, spec->width, spec->precision,
			 size, spec->kind);
	} else if (spec->width > 0) {
		snprintf(out, SPEC_MAX, "%%%s%d%s%c", spec->flags, spec->width, size, spec->kind);
	} else {
		snprintf(out, SPEC_MAX, "%%%s%s%c", spec->flags, size, spec->kind);
	}
}

static intmax_t take_signed(struct print *print, const char *size)
{
	switch (size[0]) {
	case 'l':
		return size[1] == 'l' ? va_arg(print->arguments, long long)
				      : va_arg(print->arguments, long);
	case 'z':
	case 't':
		return va_arg(print->arguments, ptrdiff_t);
	case 'h':
		return size[1] == 'h' ? (signed char)va_arg(print->arguments, int)
				      : (short)va_arg(print->arguments, int);
	case 'j':
		return va_arg(print->arguments, intmax_t);
	default:
		return va_arg(print->arguments, int);
	}
}

static uintmax_t take_unsigned(struct print *print, const char *size)
{
	switch (size[0]) {
	case 'l':
		return size[1] == 'l' ? va_arg(print->arguments, unsigned long long)
				      : va_arg(print->arguments, unsigned long);
	case 'z':
	case 't':
		return va_arg(print->arguments, size_t);
	case 'h':
		return size[1] == 'h' ? (unsigned char)va_arg(print->arguments, unsigned int)
				      : (unsigned short)va_arg(print->arguments, unsigned int);
	case 'j':
		return va_arg(print->arguments, uintmax_t);
	default:
		return va_arg(print->arguments, unsigned int);
	}
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void print_number(struct print *print, const struct spec *spec)
{
	char format[SPEC_MAX];
	char text[NUMBER_MAX];

	switch (spec->kind) {
	case 'd':
	case 'i':
		compose(spec, "j", format);
		snprintf(text, sizeof(text), format, take_signed(print, spec->size));
		break;
	case 'e':
	case 'f':
	case 'g':
		compose(spec, "", format);
		snprintf(text, sizeof(text), format, va_arg(print->arguments, double));
		break;
	default:
		compose(spec, "j", format);
		snprintf(text, sizeof(text), format, take_unsigned(print, spec->size));
		break;
	}
	fputs(text, print->stream);
}

#pragma GCC diagnostic pop

/* A number of the format, or of the arguments where it says '*'. */
static int read_number(struct print *print, const char **format)
{
	int number = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(print->arguments, int);
	}
	for (; **format >= '0' && **format <= '9'; (*format)++) {
		number = number < WIDTH_MAX ? number * DIGIT_BASE + (**format - '0') : WIDTH_MAX;
	}
	return number;
}

static size_t copy_span(const char **format, const char *set, char *out, size_t capacity)
{
	size_t length = strspn(*format, set);

	snprintf(out, capacity, "%.*s", (int)length, *format);
	*format += length;
	return length;
}

/* Behind the '%'; returns what follows the conversion. */
static const char *read_spec(struct print *print, const char *format, struct spec *spec)
{
	copy_span(&format, FLAGS, spec->flags, sizeof(spec->flags));
	spec->width = read_number(print, &format);
	if (spec->width < 0) {
		snprintf(spec->flags, sizeof(spec->flags), "-");
		spec->width = -spec->width;
	}
	spec->width = spec->width < WIDTH_MAX ? spec->width : WIDTH_MAX;
	spec->precision = -1;
	if (*format == '.') {
		format++;
		spec->precision = read_number(print, &format);
	}
	copy_span(&format, "hljzt", spec->size, sizeof(spec->size));
	spec->kind = *format;
	return *format != '\0' ? format + 1 : format;
}

static void print_spec(struct print *print, const struct spec *spec)
{
	switch (spec->kind) {
	case 's':
		print_string(print, spec);
		break;
	case 'c':
		print_character(print, spec);
		break;
	case '%':
		fputc('%', print->stream);
		break;
	default:
		/* No format of the program's may hold another one, nor numbered arguments. */
		assert(spec->kind != '\0' && strchr(NUMBERS, spec->kind));
		print_number(print, spec);
		break;
	}
}

/* The text of a format up to its next conversion. */
static size_t print_own(const struct print *print, const char *format)
{
	size_t length = strcspn(format, "%");

	put(print->stream, print->ascii, format, length);
	return length;
}

static void print_all(FILE *stream, bool ascii, const char *format, va_list arguments)
{
	struct print print = {.stream = stream, .ascii = ascii};

	va_copy(print.arguments, arguments);
	while (*format != '\0') {
		struct spec spec;

		format += print_own(&print, format);
		if (*format == '%') {
			format = read_spec(&print, format + 1, &spec);
			print_spec(&print, &spec);
		}
	}
	va_end(print.arguments);
}

/* Standard error has no buffer: a line goes there in one piece, as printf itself does it. */
static bool print_at_once(bool ascii, const char *format, va_list arguments)
{
	char *text = NULL;
	size_t length;
	FILE *buffer = open_memstream(&text, &length);

	if (!buffer) {
		return false;
	}
	print_all(buffer, ascii, format, arguments);
	bool printed = fclose(buffer) == 0;
	if (printed) {
		fwrite(text, 1, length, stderr);
	}
	free(text);
	return printed;
}

void print_vto(FILE *stream, bool ascii, const char *format, va_list arguments)
{
	if (stream != stderr || !print_at_once(ascii, format, arguments)) {
		flockfile(stream);
		print_all(stream, ascii, format, arguments);
		funlockfile(stream);
	}
}

void print_to(FILE *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_vto(stream, ascii_wanted(stream), format, arguments);
	va_end(arguments);
}

void print_data(FILE *stream, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_vto(stream, false, format, arguments);
	va_end(arguments);
}

/* A character of JSON that is not plain. */
static void put_escaped(FILE *stream, uint32_t character, bool in_string)
{
	char escape[SHOWN_TEXT_ESCAPE_MAX] = "";

	if (character == UTF8_REPLACEMENT) {
		fputs(REPLACEMENT, stream);
	} else if (in_string) {
		fwrite(escape, 1, shown_text_escape(character, escape), stream);
	} else {
		fputc(' ', stream);
	}
}

/* Whether a string is open behind these bytes; *escaped: whether a backslash is. */
static bool follow_strings(const char *json, size_t length, bool in_string, bool *escaped)
{
	for (size_t i = 0; i < length; i++) {
		if (json[i] == '"' && !*escaped) {
			in_string = !in_string;
		}
		*escaped = in_string && json[i] == '\\' && !*escaped;
	}
	return in_string;
}

void print_json(FILE *stream, const char *json, size_t length)
{
	bool in_string = false;
	bool escaped = false;

	while (length > 0) {
		uint32_t character;
		size_t next;
		size_t plain = measure_plain(json, length, &character, &next);

		fwrite(json, 1, plain, stream);
		if (plain < length) {
			in_string = follow_strings(json, plain, in_string, &escaped);
			put_escaped(stream, character, in_string);
			escaped = false;
		}
		json += next;
		length -= next;
	}
}

void print_json_line(FILE *stream, const char *json, size_t length)
{
	flockfile(stream);
	print_json(stream, json, length);
	fputc('\n', stream);
	funlockfile(stream);
}
