/* SPDX-License-Identifier: MIT */

/*
 * Printers that come and go, and a login that changes, at a real broker. Writes a line for each
 * thing that happens; tests/blackbox/test_fleet_changes.py knows which ones have to.
 */
#include "fleet/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS   4
#define DEADLINE_MS 20000

enum step {
	STEP_BEGIN,   /* two are ready */
	STEP_ADDED,   /* one more is, another one was refused */
	STEP_HEARD,   /* the new one has answered */
	STEP_CHANGED, /* another login: one is ready, the other one is not its own */
	STEP_DONE,
};

struct trial {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct fleet *fleet;
	struct fleet_login *link;
	struct fleet_listener listener;
	struct flagship_key *key;
	struct mqtt_session_options options;
	enum step step;
	unsigned int events; /* of this step */
};

static void add(struct trial *trial, const char *serial)
{
	struct fleet_printer *printer;
	const struct fleet_printer_options options = {
		.serial = serial, .model = FLAGSHIP_MODEL_M5C, .key = trial->key};

	printf("add %s %d\n", serial, fleet_add_printer(trial->link, &options, &printer));
}

static struct fleet_printer *find(const struct trial *trial, const char *serial)
{
	struct fleet_printer *printer = NULL;

	while ((printer = fleet_next_printer(trial->fleet, printer)) &&
	       strcmp(fleet_printer_serial(printer), serial) != 0) {
	}
	return printer;
}

static void end(struct trial *trial)
{
	fleet_close(trial->fleet);
	uv_close((uv_handle_t *)&trial->deadline, NULL);
}

static void go_on(struct trial *trial)
{
	trial->step++;
	trial->events = 0;
	switch (trial->step) {
	case STEP_ADDED:
		add(trial, "LIVEC");
		add(trial, "DENIED");
		break;
	case STEP_HEARD:
		fleet_ask_status(find(trial, "LIVEC"));
		break;
	case STEP_CHANGED:
		fleet_remove_printer(find(trial, "LIVEA"));
		fleet_remove_printer(find(trial, "DENIED"));
		trial->options.username = "second";
		printf("change %d\n", fleet_change_login(trial->link, &trial->options, NULL));
		break;
	default:
		end(trial);
		break;
	}
}

/* Two things have to happen before it goes on. */
static void count(struct trial *trial)
{
	if (++trial->events == 2) {
		go_on(trial);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct trial *trial = context;
	const char *serial = event->printer ? fleet_printer_serial(event->printer) : "";

	switch (event->kind) {
	case FLEET_PRINTER_READY:
		printf("ready %s\n", serial);
		count(trial);
		break;
	case FLEET_PRINTER_REFUSED:
		printf("refused %s\n", serial);
		count(trial);
		break;
	case FLEET_PRINTER_REMOVED:
		printf("removed %s\n", serial);
		break;
	case FLEET_LOGIN_CHANGED:
		printf("changed\n");
		break;
	case FLEET_LOGIN_FAILED:
	case FLEET_LOGIN_LOST:
		printf("failed %s\n", event->session->detail);
		break;
	default:
		break;
	}
}

static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	struct trial *trial = context;

	if (trial->step == STEP_HEARD && (parts & PRINTER_PART_ONLINE)) {
		printf("online %s\n", fleet_printer_serial(printer));
		go_on(trial);
	}
}

static void give_up(uv_timer_t *timer)
{
	printf("overdue\n");
	end(timer->data);
}

int main(int argc, char **argv)
{
	static const struct fleet_handlers handlers = {.on_event = on_event,
						       .on_changed = on_changed};
	static struct trial trial;

	if (argc != ARGUMENTS) {
		fprintf(stderr, "usage: %s PORT CA KEY\n", argv[0]);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	uv_loop_init(&trial.loop);
	uv_timer_init(&trial.loop, &trial.deadline);
	trial.deadline.data = &trial;
	uv_timer_start(&trial.deadline, give_up, DEADLINE_MS, 0);
	trial.options = (struct mqtt_session_options){
		.host = "localhost",
		.port = (uint16_t)strtoul(argv[1], NULL, 10),
		.trust.ca_file = argv[2],
		.username = "first",
		.password = "secret",
	};
	int error = flagship_key_create_hex(argv[3], strlen(argv[3]), &trial.key);
	if (!error) {
		error = fleet_create(&trial.loop, &trial.fleet);
	}
	if (!error) {
		trial.listener = (struct fleet_listener){.handlers = &handlers, .context = &trial};
		fleet_subscribe(trial.fleet, &trial.listener);
		error = fleet_add_login(trial.fleet, &trial.options, NULL, NULL, &trial.link);
	}
	if (error) {
		fprintf(stderr, "%s\n", flagship_strerror(error));
		return EXIT_FAILURE;
	}
	add(&trial, "LIVEA");
	add(&trial, "LIVEB");
	printf("start %d\n", fleet_start(trial.fleet));
	uv_run(&trial.loop, UV_RUN_DEFAULT);
	flagship_key_destroy(trial.key);
	return uv_loop_close(&trial.loop) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
