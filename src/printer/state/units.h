/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_UNITS_H
#define PRINTER_STATE_UNITS_H

#include <stdint.h>

/* now_ms - then_ms, without overflow. */
int64_t units_time_since(int64_t now_ms, int64_t then_ms);

#endif
