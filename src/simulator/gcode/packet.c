/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/packet.h"

#include <ctype.h>
#include <string.h>

#define SEPARATORS ",*@\r\n"

void gcode_packet_init(struct gcode_packet *packet, const char *line)
{
	*packet = (struct gcode_packet){.cursor = line, .end = line};
}

static void trim(const char **begin, const char **end)
{
	while (*begin < *end && **begin == ' ') {
		(*begin)++;
	}
	while (*end > *begin && (*end)[-1] == ' ') {
		(*end)--;
	}
}

static void copy(const char *begin, const char *end, char out[GCODE_PACKET_COMMAND_MAX])
{
	trim(&begin, &end);
	size_t length = (size_t)(end - begin);
	if (length >= GCODE_PACKET_COMMAND_MAX) {
		length = GCODE_PACKET_COMMAND_MAX - 1;
	}
	memcpy(out, begin, length);
	out[length] = '\0';
	if (out[0] == '^') {
		out[0] = 'M';
	}
}

/* Behind the G line's own part, each with its # in front. */
static void copy_inline(const char *begin, const char *end, char out[GCODE_PACKET_COMMAND_MAX])
{
	static const char from[] = "ABCD";
	static const char to[] = "XYZE";

	copy(begin, end, out);
	for (char *at = out; *at != '\0'; at++) {
		const char *found = strchr(from, *at);
		if (found) {
			*at = to[found - from];
		}
	}
}

/* Up to the next separator; false at the end of the line. A * drops what stands behind it. */
static bool take_command(struct gcode_packet *packet)
{
	if (*packet->cursor == '\0') {
		return false;
	}
	packet->end = packet->cursor + strcspn(packet->cursor, SEPARATORS);
	const char *first = packet->cursor;
	const char *last = packet->end;
	trim(&first, &last);
	packet->is_motion = first < last && toupper((unsigned char)*first) == 'G';
	return true;
}

static void go_on_packet(struct gcode_packet *packet)
{
	packet->cursor = packet->end;
	if (*packet->cursor == '*') {
		packet->cursor += strcspn(packet->cursor, "@");
	}
	if (*packet->cursor != '\0') {
		packet->cursor++;
	}
	packet->end = packet->cursor;
}

bool gcode_packet_next(struct gcode_packet *packet, char out[GCODE_PACKET_COMMAND_MAX])
{
	const char *hash;

	out[0] = '\0';
	while (out[0] == '\0') {
		bool is_inline = packet->end > packet->cursor;
		if (!is_inline && !take_command(packet)) {
			return false;
		}
		hash = packet->is_motion
			       ? memchr(packet->cursor, '#', (size_t)(packet->end - packet->cursor))
			       : NULL;
		const char *end = hash ? hash : packet->end;
		if (is_inline) {
			copy_inline(packet->cursor, end, out);
		} else {
			copy(packet->cursor, end, out);
		}
		if (hash && hash + 1 < packet->end) {
			packet->cursor = hash + 1;
		} else {
			go_on_packet(packet);
		}
	}
	return true;
}
