/* SPDX-License-Identifier: MIT */
/* Included before the first line of each file of a bundle (bundle_args), so without a header of the
 * system: a file's _GNU_SOURCE comes after it. */
#ifndef UNIT_BUNDLE_H
#define UNIT_BUNDLE_H

/* A file of tests of a program of several: one of the two is its main. */
struct bundle_file {
	const char *path;
	int (*run)(void);
	int (*run_with)(int argc, char **argv);
	struct bundle_file *next;
};

/* Before main, by each file. The file lives as long as the program. */
void bundle_add(struct bundle_file *file);

/* `int main(void)` and `int main(int argc, char **argv)` of a file become what bundle.c runs. */
#define main(...)                                                                \
	bundle_count(void);                                                      \
	static int bundle_main(__VA_ARGS__);                                     \
	__attribute__((constructor)) static void bundle_enter(void)              \
	{                                                                        \
		static struct bundle_file file = {                               \
			.path = __FILE__,                                        \
			.run = _Generic(&bundle_main, int (*)(void)              \
					: &bundle_main, default : 0),            \
			.run_with = _Generic(&bundle_main, int (*)(int, char **) \
					     : &bundle_main, default : 0),       \
		};                                                               \
		bundle_add(&file);                                               \
	}                                                                        \
	static int bundle_main(__VA_ARGS__)

#endif
