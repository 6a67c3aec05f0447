/* SPDX-License-Identifier: MIT */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#define STORE_PROBLEM_MAX 1024

/* What is wrong with a file, for people: names the file, the line where that is known, and what to
 * do. One line without a newline. */
struct store_problem {
	char text[STORE_PROBLEM_MAX];
};

/* Line breaks, which a file's name may hold, become spaces. */
void store_problem_set(struct store_problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * "cannot VERB PATH: …" of an errno, and where the path is another user's whose it is and what to
 * do; `after` is appended. Returns FLAGSHIP_ERROR_STORE.
 */
int store_problem_cannot(struct store_problem *problem, const char *verb, const char *path,
			 int error, const char *after);

/* Says so, and returns FLAGSHIP_ERROR_MEMORY. */
int store_problem_memory(struct store_problem *problem);

#endif
