/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_PRINTER_BED_HEIGHTS_H
#define TESTS_UNIT_PRINTER_BED_HEIGHTS_H

#include "printer/bed/mesh.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX  4096
#define TAIL      "\necho:Bed Leveling ON\necho:Fade Height 10.00\n+ringbuf:0,512,1\nok\n"
#define GRID_TAIL "echo:Bed Leveling ON\necho:Fade Height 10.00\nok\n\n+ringbuf:0,512,1\n"

/* In µm: every one another, so that no mixture of two goes unseen. */
int32_t height_at(size_t x, size_t y);

/* The mesh of these heights, as printers show it. Each returns the length. */
size_t write_table(char *out);
size_t write_grid(char *out); /* as the vendor's firmware answers M420 V */
size_t write_points(char *out);

/* Whatever is known is right. */
void check_truth(const struct bed_mesh *mesh);

#endif
