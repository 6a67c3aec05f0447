/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COVERAGE_EXIT_H
#define TESTS_COVERAGE_EXIT_H

#include <unistd.h>

/*
 * Included before all else where `make coverage` builds what ends by _exit: its counters are
 * written by what exit calls, which _exit does not.
 */
void __gcov_dump(void);

#define _exit(status) (__gcov_dump(), _exit(status))

#endif
