/* SPDX-License-Identifier: MIT */
#include "printer/e1/e1.h"

#include "printer/state/state_json.h"

static void write_int(struct json_writer *writer, const char *key, int64_t value)
{
	json_key(writer, key);
	value_write_int(writer, value);
}

static void write_activity(struct json_writer *writer, const struct printer_e1 *e1)
{
	json_key(writer, "activity");
	if (e1->state == PRINTER_NEVER) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_known(writer, "name", e1_activity_name(e1));
	write_int(writer, "state", e1->state);
	write_int(writer, "step", e1->step);
	json_object_end(writer);
}

static void write_ink_members(struct json_writer *writer, const struct e1_ink *ink)
{
	json_key(writer, "remaining_percent");
	value_write_scaled(writer, ink->left_centi_percent, PRINTER_CENTI_DECIMALS);
	write_int(writer, "days_left", ink->days_left);
	json_key(writer, "expired");
	if (ink->expired == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_bool(writer, ink->expired != 0);
	}
}

static void write_inks(struct json_writer *writer, const struct printer_e1 *e1)
{
	json_key(writer, "ink");
	if (!e1->ink_received) {
		json_null(writer);
		return;
	}
	json_array_begin(writer);
	for (size_t i = 0; i < E1_INKS; i++) {
		json_object_begin(writer);
		json_member_known(writer, "colour", e1_ink_name(i));
		write_ink_members(writer, &e1->inks[i]);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void write_waste(struct json_writer *writer, const struct printer_e1 *e1)
{
	json_key(writer, "waste");
	if (!e1->waste_received) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	write_ink_members(writer, &e1->waste);
	json_object_end(writer);
}

static void write_accessory(struct json_writer *writer, const struct printer_e1 *e1)
{
	json_key(writer, "accessory");
	if (e1->attachment == PRINTER_NEVER && e1->plate == PRINTER_NEVER) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_known(writer, "name", e1_attachment_name(e1));
	write_int(writer, "type", e1->attachment);
	json_member_known(writer, "plate", e1_plate_name(e1));
	write_int(writer, "plate_type", e1->plate);
	json_member_known(writer, "version", e1->version);
	json_object_end(writer);
}

static void write_purifier(struct json_writer *writer, const struct printer_e1 *e1)
{
	json_key(writer, "purifier");
	if (e1->purifier_mode == PRINTER_NEVER) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_known(writer, "name", e1_purifier_name(e1));
	write_int(writer, "mode", e1->purifier_mode);
	write_int(writer, "delay_s", e1->purifier_delay_s);
	json_object_end(writer);
}

void e1_write(struct json_writer *writer, const struct printer_e1 *e1)
{
	write_activity(writer, e1);
	write_inks(writer, e1);
	write_waste(writer, e1);
	write_accessory(writer, e1);
	write_purifier(writer, e1);
}
