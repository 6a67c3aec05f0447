/* SPDX-License-Identifier: MIT */
#include "store/problem.h"

#include <flagship/error.h>

#include <stdarg.h>
#include <stdio.h>

void store_problem_set(struct store_problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	va_end(arguments);
	/* A name of a file may hold anything. */
	for (char *c = problem->text; *c; c++) {
		if (*c == '\n' || *c == '\r') {
			*c = ' ';
		}
	}
}

int store_problem_memory(struct store_problem *problem)
{
	store_problem_set(problem, "out of memory");
	return FLAGSHIP_ERROR_MEMORY;
}
