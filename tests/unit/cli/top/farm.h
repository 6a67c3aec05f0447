/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLI_TOP_FARM_H
#define TESTS_CLI_TOP_FARM_H

#include "cli/top/screen.h"

#define NOW      INT64_C(90000) /* the machine has just started */
#define UNIX_NOW INT64_C(1700000000000)
#define SECOND   INT64_C(1000)
#define PRINTERS 4
#define TALL     20
#define WIDE     100

/* Left prints, Right is paused with an error, one without a name is idle, one was never heard. */
struct farm {
	struct printer_state states[PRINTERS];
	struct top_row rows[PRINTERS];
	size_t shown[PRINTERS];
	struct top_model model;
};

void farm_set_up(struct farm *farm);
struct top_view farm_view(size_t width, size_t height);
const char *farm_line(struct farm *farm, size_t width, size_t height, size_t index);
enum top_action farm_press(struct farm *farm, unsigned long key, struct top_row **row);
void farm_type(struct farm *farm, const char *keys);
void farm_hear(struct printer_state *state, const char *json, int64_t now_ms);
void farm_assert_selected(const struct farm *farm, const char *serial);

#endif
