/* SPDX-License-Identifier: MIT */
#include "gcode/internal.h"

#include <string.h>

enum value_kind {
	VALUE_NUMBER,
	VALUE_SUM,
	VALUE_LENGTH,
	VALUE_TIME,
};

struct number_key {
	const char *key;
	size_t offset;
	enum value_kind kind;
	enum gcode_rank rank;
};

struct text_key {
	const char *key;
	size_t offset;
};

#define AT(member) offsetof(struct gcode_metadata, member)

/* Names as they stand before the first = or :, whoever writes them. */
static const struct number_key number_keys[] = {
	{"estimated printing time (normal mode)", AT(estimated_time_s), VALUE_TIME,
	 GCODE_RANK_TOLD},
	{"estimated printing time", AT(estimated_time_s), VALUE_TIME, GCODE_RANK_TOLD},
	{"total estimated time", AT(estimated_time_s), VALUE_TIME, GCODE_RANK_TOTAL},
	{"TIME", AT(estimated_time_s), VALUE_TIME, GCODE_RANK_TOLD},
	{"PRINT.TIME", AT(estimated_time_s), VALUE_TIME, GCODE_RANK_TOLD},
	{"Print Time", AT(estimated_time_s), VALUE_TIME, GCODE_RANK_TOLD},
	{"filament used [mm]", AT(filament_mm), VALUE_SUM, GCODE_RANK_TOLD},
	{"total filament length [mm]", AT(filament_mm), VALUE_SUM, GCODE_RANK_TOLD},
	{"total filament used [mm]", AT(filament_mm), VALUE_SUM, GCODE_RANK_TOTAL},
	{"Filament used", AT(filament_mm), VALUE_LENGTH, GCODE_RANK_TOLD},
	{"filament used [g]", AT(filament_g), VALUE_SUM, GCODE_RANK_TOLD},
	{"total filament weight [g]", AT(filament_g), VALUE_SUM, GCODE_RANK_TOLD},
	{"total filament used [g]", AT(filament_g), VALUE_SUM, GCODE_RANK_TOTAL},
	{"Filament weight", AT(filament_g), VALUE_SUM, GCODE_RANK_TOLD},
	{"LAYER_COUNT", AT(layer_count), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"total layer number", AT(layer_count), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"total layers count", AT(layer_count), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"layer_height", AT(layer_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"Layer height", AT(layer_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"first_layer_height", AT(first_layer_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"initial_layer_print_height", AT(first_layer_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"HEIGHT", AT(first_layer_height_mm), VALUE_NUMBER, GCODE_RANK_GUESS},
	{"MINZ", AT(first_layer_height_mm), VALUE_NUMBER, GCODE_RANK_GUESS},
	{"MAXZ", AT(object_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"max_z_height", AT(object_height_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"nozzle_diameter", AT(nozzle_diameter_mm), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"temperature", AT(nozzle_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"nozzle_temperature", AT(nozzle_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"bed_temperature", AT(bed_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"hot_plate_temp", AT(bed_c), VALUE_NUMBER, GCODE_RANK_GUESS},
	{"first_layer_temperature", AT(first_layer_nozzle_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"nozzle_temperature_initial_layer", AT(first_layer_nozzle_c), VALUE_NUMBER,
	 GCODE_RANK_TOLD},
	{"first_layer_bed_temperature", AT(first_layer_bed_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"bed_temperature_initial_layer", AT(first_layer_bed_c), VALUE_NUMBER, GCODE_RANK_TOLD},
	{"bed_temperature_initial_layer_single", AT(first_layer_bed_c), VALUE_NUMBER,
	 GCODE_RANK_TOLD},
	/* Of one plate of several: what M190 heats to is what is meant. */
	{"hot_plate_temp_initial_layer", AT(first_layer_bed_c), VALUE_NUMBER, GCODE_RANK_GUESS},
};

static const struct text_key text_keys[] = {
	{"filament_type", AT(filament_type)}, {"filament_settings_id", AT(filament_name)},
	{"Machine Name", AT(machine)},        {"TARGET_MACHINE.NAME", AT(machine)},
	{"printer_model", AT(machine)},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool read_number(enum value_kind kind, struct gcode_slice value, double *number)
{
	switch (kind) {
	case VALUE_SUM:
		return gcode_value_sum(value, number);
	case VALUE_LENGTH:
		return gcode_value_length(value, number);
	case VALUE_TIME:
		return gcode_value_time(value, number);
	default:
		return gcode_value_number(value, number);
	}
}

static void receive_pair(struct gcode_reader *reader, struct gcode_slice key,
			 struct gcode_slice value)
{
	for (size_t i = 0; i < LENGTH(number_keys); i++) {
		double number;

		if (!gcode_slice_equals(key, number_keys[i].key)) {
			continue;
		}
		/* No job takes no time and no filament: 0 g is what a slicer says that was not told
		 * the density. */
		if (read_number(number_keys[i].kind, value, &number) &&
		    (number > 0 || number_keys[i].kind == VALUE_NUMBER)) {
			gcode_set_number(reader, number_keys[i].offset, number,
					 number_keys[i].rank);
		}
		return;
	}
	for (size_t i = 0; i < LENGTH(text_keys); i++) {
		char *text = (char *)&reader->metadata + text_keys[i].offset;

		if (gcode_slice_equals(key, text_keys[i].key) && !text[0]) {
			gcode_value_text(value, text, GCODE_TEXT_MAX);
			return;
		}
	}
}

/* --- who made it --- */

static bool begins_version(const char *at, size_t length)
{
	if (length > 1 && (*at == 'V' || *at == 'v')) {
		at++;
	}
	return length > 0 && *at >= '0' && *at <= '9';
}

/* "PrusaSlicer 2.5.0+dfsg on 2026-…", "AnkerMake Studio V1.5.18": words, then what has a number. */
static void take_slicer(struct gcode_reader *reader, struct gcode_slice text, uint8_t rank)
{
	struct gcode_metadata *metadata = &reader->metadata;
	size_t name = 0;

	if (reader->slicer_rank >= rank) {
		return;
	}
	while (name < text.length && !((name == 0 || text.data[name - 1] == ' ') &&
				       begins_version(text.data + name, text.length - name))) {
		name++;
	}
	size_t end = name;
	while (end < text.length && text.data[end] != ' ' && text.data[end] != ',') {
		end++;
	}
	if (name == text.length) {
		const char *space = memchr(text.data, ' ', text.length);

		name = space ? (size_t)(space - text.data) : name;
		end = name;
	}
	gcode_value_text((struct gcode_slice){text.data, name}, metadata->slicer, GCODE_TEXT_MAX);
	gcode_value_text((struct gcode_slice){text.data + name, end - name},
			 metadata->slicer_version, GCODE_TEXT_MAX);
	if (strcmp(metadata->slicer, "Cura_SteamEngine") == 0) {
		strcpy(metadata->slicer, "Cura");
	}
	reader->slicer_rank = rank;
}

struct maker {
	const char *words;
	const char *name; /* NULL: it follows the words */
	uint8_t rank;
};

/* The vendor's older slicer drives Cura's engine and names itself at the end. */
static const struct maker makers[] = {
	{"generated by ", NULL, 2},
	{"generated with ", NULL, 2},
	{"sliced by ", NULL, 2},
	{"AnkerMake version", "AnkerMake Studio", 3},
	{"eufyMake version", "eufyMake Studio", 3},
};

static bool receive_maker(struct gcode_reader *reader, struct gcode_slice text)
{
	for (size_t i = 0; i < LENGTH(makers); i++) {
		const struct maker *maker = &makers[i];
		struct gcode_slice rest = text;

		if (!gcode_slice_begins(text, maker->words)) {
			continue;
		}
		rest.data += strlen(maker->words);
		rest.length -= strlen(maker->words);
		while (rest.length > 0 &&
		       (*rest.data == ':' || *rest.data == '=' || *rest.data == ' ')) {
			rest.data++;
			rest.length--;
		}
		if (rest.length > 0) {
			take_slicer(reader, rest, maker->rank);
			if (maker->name) {
				strcpy(reader->metadata.slicer, maker->name);
			}
		}
		return true;
	}
	return false;
}

/* --- lines --- */

/* "model printing time: 22m 42s; total estimated time: 29m 10s" are two pairs in one line. */
static bool receive_times(struct gcode_reader *reader, struct gcode_slice text)
{
	static const char total[] = "total estimated time";
	const char *semicolon = memchr(text.data, ';', text.length);

	if (!gcode_slice_begins(text, "model printing time") || !semicolon) {
		return false;
	}
	struct gcode_slice rest = {semicolon + 1,
				   text.length - (size_t)(semicolon + 1 - text.data)};
	rest = gcode_slice_trim(rest);
	const char *colon = memchr(rest.data, ':', rest.length);
	if (colon && gcode_slice_begins(rest, total)) {
		size_t key = (size_t)(colon - rest.data);

		receive_pair(reader, gcode_slice_trim((struct gcode_slice){rest.data, key}),
			     (struct gcode_slice){colon + 1, rest.length - key - 1});
	}
	return true;
}

static bool receive_layer(struct gcode_reader *reader, struct gcode_slice text)
{
	double height;

	if (gcode_slice_equals(text, "LAYER_CHANGE") || gcode_slice_equals(text, "CHANGE_LAYER")) {
		reader->layers_counted++;
		return true;
	}
	size_t key = gcode_slice_begins(text, "Z:") ? 2 : 0;
	key = gcode_slice_begins(text, "Z_HEIGHT:") ? strlen("Z_HEIGHT:") : key;
	if (key == 0) {
		return false;
	}
	if (gcode_value_number((struct gcode_slice){text.data + key, text.length - key}, &height) &&
	    height > reader->height_reached_mm) {
		reader->height_reached_mm = height;
	}
	return true;
}

static size_t separator_of(struct gcode_slice text)
{
	size_t at = 0;

	while (at < text.length && text.data[at] != '=' && text.data[at] != ':') {
		at++;
	}
	return at;
}

void gcode_receive_comment(struct gcode_reader *reader, struct gcode_slice text)
{
	if (receive_layer(reader, text) || receive_maker(reader, text) ||
	    receive_times(reader, text)) {
		return;
	}
	size_t key = separator_of(text);
	if (key < text.length) {
		receive_pair(reader, gcode_slice_trim((struct gcode_slice){text.data, key}),
			     gcode_slice_trim((struct gcode_slice){text.data + key + 1,
								   text.length - key - 1}));
	}
}
