/* SPDX-License-Identifier: MIT */
#include "cli/output/job_style.h"

enum output_style job_style(enum printer_job_state state)
{
	switch (state) {
	case PRINTER_JOB_PRINTING:
	case PRINTER_JOB_FINISHED:
		return OUTPUT_GREEN;
	case PRINTER_JOB_PAUSED:
		return OUTPUT_YELLOW;
	case PRINTER_JOB_STOPPED:
		return OUTPUT_RED;
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_UNKNOWN:
		return OUTPUT_PLAIN;
	default:
		return OUTPUT_CYAN;
	}
}
