/* SPDX-License-Identifier: MIT */
#ifndef STORE_PROBLEM_H
#define STORE_PROBLEM_H

#define STORE_PROBLEM_MAX 1024

/* What is wrong with a file, for people: names the file, the line where that is known, and what to
 * do. One line without a newline. */
struct store_problem {
	char text[STORE_PROBLEM_MAX];
};

#endif
