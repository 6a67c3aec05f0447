/* SPDX-License-Identifier: MIT */
#include "bed/heights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

int32_t height_at(size_t x, size_t y)
{
	return (int32_t)(y * 41 + x * 7) - 150 + (int32_t)(x * y % 5) * 100;
}

size_t write_table(char *out)
{
	size_t length = (size_t)sprintf(out, "Bilinear Leveling Grid:\n");

	for (size_t x = 0; x < BED_MESH_SIZE; x++) {
		length += (size_t)sprintf(out + length, "%7zu", x);
	}
	length += (size_t)sprintf(out + length, "\n");
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		length += (size_t)sprintf(out + length, "%2zu", y);
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			length += (size_t)sprintf(out + length, " %+.3f", height_at(x, y) / 1000.0);
		}
		length += (size_t)sprintf(out + length, "\n");
	}
	return length + (size_t)sprintf(out + length, TAIL);
}

size_t write_grid(char *out)
{
	size_t length = 0;

	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		length += (size_t)sprintf(out + length, "BL-Grid-%zu", y);
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			length += (size_t)sprintf(out + length, " %.3f", height_at(x, y) / 1000.0);
		}
		length += (size_t)sprintf(out + length, "\n");
	}
	return length + (size_t)sprintf(out + length, GRID_TAIL);
}

size_t write_points(char *out)
{
	size_t length = (size_t)sprintf(out, "echo:; Auto Bed Leveling:\necho:  M420 S1 Z10.00\n");

	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			length += (size_t)sprintf(out + length, "echo:  G29 W I%zu J%zu Z%.5f\n", x,
						  y, height_at(x, y) / 1000.0);
		}
	}
	return length + (size_t)sprintf(out + length, "; Endstop adjustment:\n");
}

void check_truth(const struct bed_mesh *mesh)
{
	for (size_t y = 0; y < BED_MESH_SIZE; y++) {
		for (size_t x = 0; x < BED_MESH_SIZE; x++) {
			int32_t height;

			if (bed_mesh_height(mesh, x, y, &height) && height != height_at(x, y)) {
				fail_msg("x %zu, y %zu: %d, not %d", x, y, (int)height,
					 (int)height_at(x, y));
			}
		}
	}
}
