/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_UNITS_H
#define PRINTER_UNITS_H

#include <flagship/model.h>

#include <stdint.h>

/*
 * What models count differently (protocol.md 3, 1001): `time` is in milliseconds on the M5C, in
 * seconds on the M5 and E1. An unknown model is taken for an M5: no value proves the contrary,
 * since 400,000 may be a job of 400 s on the one or of 4.6 days on the other. Whole seconds,
 * rounded down.
 */
int64_t units_remaining_s(enum flagship_model model, int64_t time);

/* now_ms - then_ms, without overflow. */
int64_t units_time_since(int64_t now_ms, int64_t then_ms);

#endif
