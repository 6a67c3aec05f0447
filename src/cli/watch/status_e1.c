/* SPDX-License-Identifier: MIT */
#include "cli/watch/status_e1.h"

#include "printer/state/parts.h"

#include <inttypes.h>
#include <stdio.h>

#define CENTI           100.0
#define LOW_CENTI       INT64_C(1000) /* 10 % */
#define DAYS_TOLD       30            /* sooner than this is worth a word */
#define UNKNOWN_PERCENT "? %%"

static void print_label(const struct output *output, const char *label)
{
	output_print(output, OUTPUT_DIM, "%-10s", label);
}

static void end_line(const struct output *output)
{
	fputc('\n', output->stream);
}

static void print_activity(const struct output *output, const struct printer_e1 *e1)
{
	const char *name = e1_activity_name(e1);

	/* What is a job's state is told as such. */
	if (e1->state == PRINTER_NEVER || e1_job_state(e1) != PRINTER_NEVER) {
		return;
	}
	print_label(output, "Doing");
	if (name != NULL) {
		output_print(output, OUTPUT_PLAIN, "%s", name);
	} else {
		output_print(output, OUTPUT_YELLOW,
			     "something that is not known: state %" PRId64 ", step %" PRId64,
			     e1->state, e1->step);
	}
	end_line(output);
}

static enum output_style ink_style(const struct e1_ink *ink)
{
	bool low = ink->left_centi_percent != PRINTER_NEVER && ink->left_centi_percent < LOW_CENTI;

	return low || ink->expired == 1 ? OUTPUT_RED : OUTPUT_PLAIN;
}

static void print_level(const struct output *output, const struct e1_ink *ink)
{
	if (ink->left_centi_percent == PRINTER_NEVER) {
		output_print(output, OUTPUT_YELLOW, UNKNOWN_PERCENT);
	} else {
		output_print(output, ink_style(ink), "%.0f %%",
			     (double)ink->left_centi_percent / CENTI);
	}
}

static void print_expiry(const struct output *output, const struct e1_ink *ink)
{
	if (ink->days_left != PRINTER_NEVER && ink->days_left < 0) {
		output_print(output, OUTPUT_RED, " (expired %" PRIu64 " days ago)",
			     -(uint64_t)ink->days_left);
	} else if (ink->expired == 1) {
		output_print(output, OUTPUT_RED, " (expired)");
	} else if (ink->days_left != PRINTER_NEVER && ink->days_left < DAYS_TOLD) {
		output_print(output, OUTPUT_YELLOW, " (%" PRId64 " days)", ink->days_left);
	}
}

static void print_inks(const struct output *output, const struct printer_e1 *e1)
{
	if (!e1->ink_heard) {
		return;
	}
	print_label(output, "Ink");
	for (size_t i = 0; i < E1_INKS; i++) {
		output_print(output, OUTPUT_PLAIN, "%s%s ", i > 0 ? ", " : "", e1_ink_name(i));
		print_level(output, &e1->inks[i]);
		print_expiry(output, &e1->inks[i]);
	}
	end_line(output);
}

static void print_waste(const struct output *output, const struct printer_e1 *e1)
{
	if (!e1->waste_heard) {
		return;
	}
	print_label(output, "Waste");
	output_print(output, OUTPUT_PLAIN, "room for ");
	print_level(output, &e1->waste);
	output_print(output, OUTPUT_PLAIN, " more");
	print_expiry(output, &e1->waste);
	end_line(output);
}

static void print_choice(const struct output *output, const char *what, const char *name,
			 int64_t number)
{
	if (number == PRINTER_NEVER) {
		return;
	}
	output_print(output, OUTPUT_PLAIN, "%s", what);
	if (name != NULL) {
		output_print(output, OUTPUT_PLAIN, "%s", name);
	} else {
		output_print(output, OUTPUT_YELLOW, "number %" PRId64, number);
	}
}

static void print_accessory(const struct output *output, const struct printer_e1 *e1)
{
	bool attached = e1->attachment != PRINTER_NEVER;

	if (!attached && e1->plate == PRINTER_NEVER) {
		return;
	}
	print_label(output, "Accessory");
	print_choice(output, "", e1_attachment_name(e1), e1->attachment);
	print_choice(output, attached ? ", plate " : "plate ", e1_plate_name(e1), e1->plate);
	end_line(output);
}

static void print_purifier(const struct output *output, const struct printer_e1 *e1)
{
	if (e1->purifier_mode == PRINTER_NEVER) {
		return;
	}
	print_label(output, "Purifier");
	print_choice(output, "", e1_purifier_name(e1), e1->purifier_mode);
	if (e1->purifier_delay_s != PRINTER_NEVER && e1->purifier_delay_s > 0) {
		output_print(output, OUTPUT_PLAIN, ", runs on for %" PRId64 " s",
			     e1->purifier_delay_s);
	}
	end_line(output);
}

void status_e1_print(const struct output *output, const struct printer_e1 *e1)
{
	print_activity(output, e1);
	print_inks(output, e1);
	print_waste(output, e1);
	print_accessory(output, e1);
	print_purifier(output, e1);
}

void status_e1_format_least(const struct printer_e1 *e1, char *out, size_t capacity)
{
	const struct e1_ink *least = NULL;

	for (size_t i = 0; i < E1_INKS; i++) {
		const struct e1_ink *ink = &e1->inks[i];

		if (ink->left_centi_percent != PRINTER_NEVER &&
		    (least == NULL || ink->left_centi_percent < least->left_centi_percent)) {
			least = ink;
		}
	}
	if (least == NULL) {
		out[0] = '\0';
		return;
	}
	snprintf(out, capacity, "%s %.0f %%", e1_ink_name((size_t)(least - e1->inks)),
		 (double)least->left_centi_percent / CENTI);
}
