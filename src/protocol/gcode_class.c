/* SPDX-License-Identifier: MIT */
#include <flagship/gcode.h>

#include <string.h>

#define GCODE_DECIMAL_BASE 10
#define GCODE_NUMBER_LIMIT 100000
#define TEMPERATURES       105

enum gcode_models {
	ON_BOTH,
	ON_M5,
	ON_M5C,
};

/* The tests of the motion board, in its order (protocol.md 7.2). */
enum gcode_list {
	LIST_INTERCEPTED,
	LIST_AT_ONCE,
	LIST_EARLY,
	LIST_NOT_AWAITED, /* looked up behind G and M alike */
	LISTS,
};

struct gcode_number {
	enum gcode_list list;
	uint16_t number;
	enum gcode_models models;
};

static const struct gcode_number numbers[] = {
	{LIST_INTERCEPTED, 2021, ON_BOTH}, {LIST_INTERCEPTED, 2022, ON_BOTH},
	{LIST_INTERCEPTED, 2023, ON_BOTH}, {LIST_INTERCEPTED, 2024, ON_BOTH},
	{LIST_INTERCEPTED, 2025, ON_M5},   {LIST_AT_ONCE, 114, ON_BOTH},
	{LIST_AT_ONCE, 115, ON_BOTH},      {LIST_AT_ONCE, 116, ON_BOTH},
	{LIST_AT_ONCE, 155, ON_BOTH},      {LIST_AT_ONCE, 290, ON_BOTH},
	{LIST_AT_ONCE, 420, ON_BOTH},      {LIST_AT_ONCE, 3003, ON_BOTH},
	{LIST_AT_ONCE, 3012, ON_M5C},      {LIST_AT_ONCE, 3034, ON_M5},
	{LIST_EARLY, 104, ON_BOTH},        {LIST_EARLY, 106, ON_BOTH},
	{LIST_EARLY, 107, ON_BOTH},        {LIST_EARLY, 140, ON_BOTH},
	{LIST_EARLY, 204, ON_BOTH},        {LIST_EARLY, 205, ON_BOTH},
	{LIST_EARLY, 220, ON_BOTH},        {LIST_EARLY, 221, ON_BOTH},
	{LIST_EARLY, 900, ON_BOTH},        {LIST_EARLY, 4897, ON_M5C},
	{LIST_NOT_AWAITED, 0, ON_BOTH},    {LIST_NOT_AWAITED, 1, ON_BOTH},
	{LIST_NOT_AWAITED, 2, ON_M5C},     {LIST_NOT_AWAITED, 3, ON_M5C},
	{LIST_NOT_AWAITED, 90, ON_BOTH},   {LIST_NOT_AWAITED, 91, ON_BOTH},
	{LIST_NOT_AWAITED, 92, ON_BOTH},   {LIST_NOT_AWAITED, 104, ON_BOTH},
	{LIST_NOT_AWAITED, 204, ON_BOTH},  {LIST_NOT_AWAITED, 205, ON_BOTH},
	{LIST_NOT_AWAITED, 220, ON_BOTH},  {LIST_NOT_AWAITED, 221, ON_BOTH},
	{LIST_NOT_AWAITED, 900, ON_BOTH},
};

static bool is_listed(enum gcode_list list, uint32_t number, enum flagship_model model)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct gcode_number *entry = &numbers[i];
		bool has = !(entry->models == ON_M5 && model == FLAGSHIP_MODEL_M5C) &&
			   !(entry->models == ON_M5C && model == FLAGSHIP_MODEL_M5);

		if (entry->list == list && entry->number == number && has) {
			return true;
		}
	}
	return false;
}

/* "m 0104 S3": letter and number. 0 where it begins with neither G nor M. */
static char read_word(const char *line, size_t length, uint32_t *number)
{
	size_t at = 0;
	char letter;

	*number = 0;
	while (at < length && line[at] == ' ') {
		at++;
	}
	if (at == length || (strchr("GgMm", line[at]) == NULL || line[at] == '\0')) {
		return '\0';
	}
	letter = line[at] == 'G' || line[at] == 'g' ? 'G' : 'M';
	for (at++; at < length && line[at] >= '0' && line[at] <= '9'; at++) {
		if (*number < GCODE_NUMBER_LIMIT) {
			*number = *number * GCODE_DECIMAL_BASE + (uint32_t)(line[at] - '0');
		}
	}
	return letter;
}

enum flagship_gcode_class flagship_gcode_class_of(const char *line, size_t length,
						  enum flagship_model model)
{
	uint32_t number;
	char letter;

	if (length > 0 && line[0] == '^') {
		return FLAGSHIP_GCODE_AT_ONCE;
	}
	letter = read_word(line, length, &number);
	if (letter == 'M' && number == TEMPERATURES) {
		return FLAGSHIP_GCODE_TEMPERATURES;
	}
	if (letter == 'M' && is_listed(LIST_INTERCEPTED, number, model)) {
		return FLAGSHIP_GCODE_INTERCEPTED;
	}
	if (letter == 'M' && is_listed(LIST_AT_ONCE, number, model)) {
		return FLAGSHIP_GCODE_AT_ONCE;
	}
	bool early = letter == 'M' && is_listed(LIST_EARLY, number, model);
	if (letter != '\0' && is_listed(LIST_NOT_AWAITED, number, model)) {
		return early ? FLAGSHIP_GCODE_NOT_AWAITED_EARLY : FLAGSHIP_GCODE_NOT_AWAITED;
	}
	return early ? FLAGSHIP_GCODE_QUEUED_EARLY : FLAGSHIP_GCODE_QUEUED;
}
