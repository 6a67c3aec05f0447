/* SPDX-License-Identifier: MIT */
#include "cli/kit/prompt.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/print.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#define QUESTION_MAX 64
#define SECRET_MAX   2048

static const int prompt_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

#define SIGNAL_COUNT (sizeof(prompt_signals) / sizeof(prompt_signals[0]))

/* The signal that came while the terminal did not show what is typed. */
static volatile sig_atomic_t caught;

struct prompt {
	bool echo_is_off;
	struct termios before;
	struct sigaction handlers[SIGNAL_COUNT];
	sigset_t mask; /* of before: signals come while waiting only, so that none is missed */
};

static void catch_signal(int number)
{
	caught = number;
}

static bool echo_off(struct prompt *prompt)
{
	struct sigaction action = {.sa_handler = catch_signal};
	sigset_t held;

	if (tcgetattr(STDIN_FILENO, &prompt->before) != 0) {
		return false;
	}
	caught = 0;
	sigemptyset(&held);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaddset(&held, prompt_signals[i]);
	}
	sigprocmask(SIG_BLOCK, &held, &prompt->mask);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaction(prompt_signals[i], NULL, &prompt->handlers[i]);
		if (prompt->handlers[i].sa_handler != SIG_IGN) {
			sigaction(prompt_signals[i], &action, NULL);
		}
	}
	struct termios silent = prompt->before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	prompt->echo_is_off = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
	return prompt->echo_is_off;
}

/* Then what the signal would have done without us. */
static void echo_on(struct prompt *prompt)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &prompt->before);
	fputc('\n', stderr);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaction(prompt_signals[i], &prompt->handlers[i], NULL);
	}
	sigprocmask(SIG_SETMASK, &prompt->mask, NULL);
	if (caught) {
		raise(caught);
	}
}

/* 0 as soon as there is something to read, or an errno: EINTR after a signal. */
static int await_input(const struct prompt *prompt)
{
	fd_set readable;

	if (!prompt->echo_is_off) {
		return 0;
	}
	FD_ZERO(&readable);
	FD_SET(STDIN_FILENO, &readable);
	return pselect(STDIN_FILENO + 1, &readable, NULL, NULL, NULL, &prompt->mask) < 0 ? errno
											 : 0;
}

/* 0 at the end of a line or of the input; else an errno. */
static int read_line(const struct prompt *prompt, char *out, size_t capacity, size_t *length)
{
	char byte;

	*length = 0;
	for (;;) {
		int error = await_input(prompt);
		ssize_t got = error ? -1 : read(STDIN_FILENO, &byte, 1);

		if (got < 0) {
			return error ? error : errno;
		}
		if (got == 0 || byte == '\n') {
			out[*length] = '\0';
			return got == 0 && *length == 0 ? ENODATA : 0;
		}
		if (*length + 1 == capacity) {
			return ENAMETOOLONG;
		}
		out[(*length)++] = byte;
	}
}

bool prompt_is_terminal(void)
{
	return isatty(STDIN_FILENO) == 1;
}

static int report(const char *what, int error)
{
	if (error == ENODATA) {
		cli_error("no %s was given: type it at the prompt, or give it as a line of "
			  "standard input",
			  what);
		return CLI_USAGE;
	}
	if (error == ENOTTY) {
		cli_error("this terminal cannot hide the %s: give it as a line of standard input",
			  what);
		return CLI_FAILED;
	}
	cli_error("cannot read the %s: %s", what, strerror(error));
	return CLI_FAILED;
}

/* 0, or an errno: ENOTTY where the terminal cannot hide what is typed, EINTR after it was stopped
 * and continued. */
static int ask(const char *question, bool hidden, char *out, size_t capacity, size_t *length)
{
	struct prompt prompt = {0};

	if (prompt_is_terminal()) {
		/* First, so that nothing is shown of what is typed as soon as the question is. */
		if (hidden && !echo_off(&prompt)) {
			return ENOTTY;
		}
		print_to(stderr, "%s: ", question);
	}
	int error = read_line(&prompt, out, capacity, length);
	if (prompt.echo_is_off) {
		echo_on(&prompt);
	}
	return error;
}

/* 0, or an errno after which `out` is wiped. */
static int ask_again(const char *question, bool hidden, char *out, size_t capacity)
{
	size_t length;
	int error;

	do {
		error = ask(question, hidden, out, capacity, &length);
	} while (error == EINTR);
	if (error) {
		OPENSSL_cleanse(out, capacity);
		return error;
	}
	if (length > 0 && out[length - 1] == '\r') {
		out[length - 1] = '\0';
	}
	return 0;
}

int prompt_line(const char *question, const char *what, bool hidden, char *out, size_t capacity)
{
	int error = ask_again(question, hidden, out, capacity);

	return error ? report(what, error) : OPTIONS_RUN;
}

int prompt_line_or(const char *question, const char *what, const char *missing, char *out,
		   size_t capacity)
{
	int error = ask_again(question, false, out, capacity);

	if (error == ENODATA) {
		cli_error("%s", missing);
		return CLI_NOT_ALLOWED;
	}
	return error ? report(what, error) : OPTIONS_RUN;
}

/* Of a mistake that is not seen nobody would know. */
static int ask_twice(const char *what, char *out, size_t capacity)
{
	char question[QUESTION_MAX];
	char again[SECRET_MAX];

	if (capacity > sizeof(again)) {
		capacity = sizeof(again);
	}
	snprintf(question, sizeof(question), "New %s", what);
	int result = prompt_line(question, what, true, out, capacity);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (out[0] == '\0') {
		cli_error("the %s is empty", what);
		return CLI_USAGE;
	}
	snprintf(question, sizeof(question), "The same %s again", what);
	result = prompt_line(question, what, true, again, capacity);
	if (result == OPTIONS_RUN && strcmp(out, again) != 0) {
		cli_error("these were two different ones: nothing was changed");
		result = CLI_USAGE;
	}
	OPENSSL_cleanse(again, sizeof(again));
	return result;
}

int prompt_new_secret(const char *what, char *out, size_t capacity)
{
	if (prompt_is_terminal()) {
		return ask_twice(what, out, capacity);
	}
	/* Unbuffered, so that no copy stays behind in stdio. */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (!fgets(out, (int)capacity, stdin)) {
		cli_error("standard input holds no %s", what);
		return CLI_USAGE;
	}
	size_t length = strcspn(out, "\r\n");
	if (out[length] == '\0' && !feof(stdin)) {
		cli_error("the %s on standard input is too long", what);
		return CLI_USAGE;
	}
	out[length] = '\0';
	if (length == 0) {
		cli_error("the %s on standard input is empty", what);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}
