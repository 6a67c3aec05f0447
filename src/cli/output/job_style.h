/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_JOB_STYLE_H
#define CLI_OUTPUT_JOB_STYLE_H

#include "cli/output/output.h"
#include "printer/state/state.h"

/* The colour that tells how a job is doing. */
enum output_style job_style(enum printer_job_state state);

#endif
