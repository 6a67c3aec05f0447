/* SPDX-License-Identifier: MIT */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#define PROBLEM_MAX 1024

/* An error as a value: what went wrong, where (the file and, where it is known, the line; or the
 * host), and what to do about it. One line for people, without a newline; commands print it. */
struct problem {
	char text[PROBLEM_MAX];
};

/* Line breaks, which a file's name may hold, become spaces. */
void problem_set(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * "cannot VERB PATH: …" of an errno, and where the path is another user's whose it is and what to
 * do; `after` is appended. Returns FLAGSHIP_ERROR_STORE.
 */
int problem_cannot(struct problem *problem, const char *verb, const char *path, int error,
		   const char *after);

/* Says so, and returns FLAGSHIP_ERROR_MEMORY. */
int problem_memory(struct problem *problem);

#endif
