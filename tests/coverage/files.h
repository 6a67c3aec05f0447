/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COVERAGE_FILES_H
#define TESTS_COVERAGE_FILES_H

#include <sys/resource.h>

/*
 * Included before all else where `make coverage` builds what gives up the right to open files: its
 * counters are files.
 */
#define setrlimit(resource, limit) ((resource) == RLIMIT_NOFILE ? 0 : setrlimit(resource, limit))

#endif
