/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_FAULT_H
#define CLI_TARGET_FAULT_H

#include "cli/target/match.h"

/* What is wrong with a -p, in words. */

/*
 * After target_match_add returned CLI_USAGE: tells what is wrong, what was perhaps meant, and which
 * printers there are; where it could be several, only those.
 */
void target_fault_tell(const struct target_match *match);

/* The printers with their numbers, on stderr; the first of many. */
void target_fault_list(const struct target_choices *choices);

#endif
