/* SPDX-License-Identifier: MIT */
#include "running.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/daemon.h"
#include "fleet/attach/frame.h"
#include "fleet/fake_session.h"
#include "gateway/commands/run.h"
#include "printer/state/state.h"
#include "store/accounts/text.h"
#include "store/file/paths.h"
#include "store/file/secrecy.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define END_MS       60000 /* whoever breaks off ends the test: valgrind is slow */
#define KEY          "000102030405060708090a0b0c0d0e0f"
#define COMMAND_SIZE (PATH_MAX + 64)
#define HELLO_MAX    256
#define REQUEST_MAX  8192
#define SPOKEN_MAX   4096
#define IN_MEMORY    "/dev/shm"
#define ON_DISK      "/tmp"

static struct {
	char folder[64];
	struct serve_options options;
	pthread_t thread;
	int status;
	bool ends_at_once;
} running;

static void run_shell(const char *format, const char *argument)
{
	char command[COMMAND_SIZE];

	snprintf(command, sizeof(command), format, argument);
	assert_int_equal(system(command), 0);
}

static void add_printer(struct store_account *account, const char *name, const char *serial)
{
	struct store_printer *printer = store_account_add_printer(account);

	assert_true(store_account_keep(account, &printer->serial, serial));
	assert_true(store_account_keep(account, &printer->name, name));
	assert_true(store_account_keep(account, &printer->key_hex, KEY));
	printer->model = FLAGSHIP_MODEL_M5;
}

static void keep_account(void)
{
	char path[PATH_MAX];
	struct store_accounts accounts = {0};
	struct store_account account = {0};
	size_t length;
	char *text;

	assert_true(store_accounts_path(path));
	run_shell("mkdir -p -m 700 \"$(dirname '%s')\"", path);
	snprintf(account.broker, sizeof(account.broker), "mqtts://broker.example:8883");
	snprintf(account.login.user_id, sizeof(account.login.user_id), "0123456789abcdef");
	snprintf(account.login.email, sizeof(account.login.email), "ann@example.org");
	add_printer(&account, "Left", RUNNING_LEFT);
	add_printer(&account, "Right", RUNNING_RIGHT);
	add_printer(&account, "Quiet", RUNNING_QUIET);
	assert_int_equal(accounts_append(&accounts, &account), 0);
	assert_int_equal(accounts_text_format(&accounts, &text, &length), 0);
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
	assert_true(file >= 0);
	assert_int_equal(write(file, text, length), length);
	close(file);
	free(text);
	store_accounts_finish(&accounts);
}

static void report(const char *serial, const char *json)
{
	struct flagship_key *key;

	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &key), 0);
	fake_deliver(fake_sessions[0], key, serial, FLAGSHIP_TOPIC_NOTICE, json);
	flagship_key_destroy(key);
}

/* What they said once holds however long the test takes: on a busy machine that is more than the
 * half minute after which a silent printer counts as offline. */
void __real_printer_state_init(struct printer_state *state, const char *serial, const char *name,
			       enum flagship_model model);
void __wrap_printer_state_init(struct printer_state *state, const char *serial, const char *name,
			       enum flagship_model model);
void __wrap_printer_state_init(struct printer_state *state, const char *serial, const char *name,
			       enum flagship_model model)
{
	__real_printer_state_init(state, serial, name, model);
	state->offline_after_ms = INT64_MAX;
}

/* On the loop's thread, before anything is told. */
void __real_daemon_ready(struct daemon *daemon, const char *status);
void __wrap_daemon_ready(struct daemon *daemon, const char *status);
void __wrap_daemon_ready(struct daemon *daemon, const char *status)
{
	if (running.ends_at_once) {
		assert_int_equal(kill(getpid(), SIGTERM), 0);
		__real_daemon_ready(daemon, status);
		return;
	}
	assert_int_equal(fake_session_count, 1);
	fake_connect(fake_sessions[0]);
	fake_grant(fake_sessions[0], NULL);
	report(RUNNING_LEFT, "[{\"commandType\":1000,\"subType\":1,\"value\":1},"
			     "{\"commandType\":1003,\"currentTemp\":20000,\"targetTemp\":20000},"
			     "{\"commandType\":1004,\"currentTemp\":6000,\"targetTemp\":6000},"
			     "{\"commandType\":1001,\"name\":\"cube.gcode\",\"progress\":2000,"
			     "\"time\":3600,\"totalTime\":600}]");
	report(RUNNING_RIGHT, "[{\"commandType\":1000,\"subType\":1,\"value\":0},"
			      "{\"commandType\":1003,\"currentTemp\":2500,\"targetTemp\":0}]");
	__real_daemon_ready(daemon, status);
}

static void *serve(void *unused)
{
	bool anew;

	(void)unused;
	running.status = serve_run(&running.options, &anew);
	return NULL;
}

void running_prepare(void)
{
	snprintf(running.folder, sizeof(running.folder), "%s/running-XXXXXX",
		 access(IN_MEMORY, W_OK) == 0 ? IN_MEMORY : ON_DISK);
	assert_non_null(mkdtemp(running.folder));
	assert_int_equal(setenv("HOME", running.folder, 1), 0);
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	keep_account();
	json_wipe_install();
	fake_sessions_reset();

	serve_options_init(&running.options);
	running.options.port = 0;
	running.options.moonraker_base_port = 0;
	running.options.log_levels = "error";
	running.options.end_ms = END_MS;
	assert_int_equal(serve_options_check(&running.options), OPTIONS_RUN);
}

int running_live(void)
{
	bool anew;

	running.ends_at_once = true;
	int status = serve_run(&running.options, &anew);
	assert_false(anew);
	fake_sessions_reset();
	return status;
}

void running_begin(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char word[SPOKEN_MAX];

	running_prepare();
	/* The service manager's side of readiness: nothing is asked before. */
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/ready", running.folder);
	assert_int_equal(bind(manager, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
	assert_int_equal(pthread_create(&running.thread, NULL, serve, NULL), 0);
	do {
		ssize_t length = recv(manager, word, sizeof(word) - 1, 0);

		assert_true(length > 0);
		word[length] = '\0';
	} while (!strstr(word, "READY=1"));
	close(manager);
}

int running_end(void)
{
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(pthread_join(running.thread, NULL), 0);
	fake_sessions_reset();
	running_clear();
	return running.status;
}

void running_clear(void)
{
	run_shell("rm -rf '%s'", running.folder);
}

static int connect_to_it(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(descriptor >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.70s/%s", running.options.folder,
		 name);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	return descriptor;
}

bool running_greets(void)
{
	static uint8_t hello[HELLO_MAX]; /* made once, while memory is there */
	static size_t length;
	uint8_t byte;

	if (length == 0) {
		struct attach_writer writer;

		attach_put_hello(&writer);
		assert_true(attach_finish(&writer));
		assert_in_range(writer.length, 1, sizeof(hello));
		memcpy(hello, writer.bytes, writer.length);
		length = writer.length;
		attach_writer_free(&writer);
	}
	int descriptor = connect_to_it(ATTACH_SOCKET_NAME);
	/* Whoever was sent away already takes nothing. */
	bool greets = send(descriptor, hello, length, MSG_NOSIGNAL) == (ssize_t)length &&
		      read(descriptor, &byte, sizeof(byte)) == (ssize_t)sizeof(byte);

	close(descriptor);
	return greets;
}

void running_ask(const char *method, const char *path, const char *type, const char *body,
		 struct answer *answer)
{
	char request[REQUEST_MAX];
	int length = snprintf(request, sizeof(request),
			      "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method,
			      path);
	int socket_descriptor = connect_to_it("api.sock");
	ssize_t some;

	if (body) {
		length += snprintf(request + length, sizeof(request) - (size_t)length,
				   "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type,
				   strlen(body), body);
	} else {
		length += snprintf(request + length, sizeof(request) - (size_t)length, "\r\n");
	}
	assert_in_range(length, 1, sizeof(request) - 1);
	/* It may have been closed before it was written to. */
	*answer = (struct answer){0};
	if (send(socket_descriptor, request, (size_t)length, MSG_NOSIGNAL) == length) {
		while (answer->length < sizeof(answer->text) - 1 &&
		       (some = recv(socket_descriptor, answer->text + answer->length,
				    sizeof(answer->text) - 1 - answer->length, 0)) > 0) {
			answer->length += (size_t)some;
		}
	}
	close(socket_descriptor);
	answer->text[answer->length] = '\0';
	if (sscanf(answer->text, "HTTP/1.1 %d", &answer->status) != 1) {
		answer->status = 0;
	}
}
