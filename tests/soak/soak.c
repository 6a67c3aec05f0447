/* SPDX-License-Identifier: MIT */
/*
 * Sends very many commands of all kinds to simulated printers, through a broker that comes and
 * goes, and writes down what became of each: one line of JSON a command on standard output, and a
 * last one with the sums. tests/soak/run.py starts it, and compares this with the printers' logs.
 */
#include "command_mix.h"

#include "base/json/writer.h"
#include "fleet/fleet.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTERS_MAX   128
#define PENDING_MAX    8 /* at a printer */
#define STEP_MS        5
#define AWAY_EVERY_MS  3000 /* how often something is sent to a printer that is not there */
#define TIMEOUT_MS     400
#define CONFIRM_MS     2000
#define LINE_MAX_BYTES 1024
#define WARM_PART      4 /* after a quarter of the commands memory should not grow any more */
#define ARGUMENTS      6

struct pending {
	uint64_t id; /* 0 = free */
	uint64_t number;
};

struct target {
	struct soak *soak;
	struct fleet_printer *printer;
	struct pending pending[PENDING_MAX];
	size_t pending_count;
	uint64_t submitting; /* number of the command that is being submitted */
	uint64_t away_ms;    /* when one was sent to it while it was away */
};

struct soak {
	uv_loop_t loop;
	uv_timer_t timer;
	struct fleet *fleet;
	struct fleet_listener listener;
	struct flagship_key *key;
	struct target targets[PRINTERS_MAX];
	size_t target_count;
	size_t next_target;
	uint64_t total;
	uint64_t submitted;
	uint64_t reported;
	uint64_t lost; /* connections */
	long warm_kib;
	bool failed;
	bool closing;
};

static long rss_kib(void)
{
	char line[LINE_MAX_BYTES];
	long kib = 0;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %ld", &kib) == 1) {
			break;
		}
	}
	if (file) {
		fclose(file);
	}
	return kib;
}

static void write_report(const struct target *target, uint64_t number,
			 const struct command_report *report)
{
	char out[LINE_MAX_BYTES];
	struct json_writer writer;
	struct mixed_command command;
	size_t length;

	command_mix_make(number, TIMEOUT_MS, &command);
	json_writer_init(&writer, out, sizeof(out));
	json_object_begin(&writer);
	json_key(&writer, "number");
	json_int(&writer, (int64_t)number);
	json_key(&writer, "serial");
	json_string(&writer, fleet_printer_serial(target->printer));
	json_key(&writer, "kind");
	json_string(&writer, command_kind_name(report->kind));
	json_key(&writer, "outcome");
	json_string(&writer, command_outcome_name(report->outcome));
	json_key(&writer, "attempts");
	json_int(&writer, report->attempts);
	json_key(&writer, "mark");
	json_string(&writer, command.mark);
	json_key(&writer, "detail");
	json_string(&writer, report->detail);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		puts(out);
	}
}

static void close_all(struct soak *soak)
{
	if (!soak->closing) {
		soak->closing = true;
		uv_close((uv_handle_t *)&soak->timer, NULL);
		fleet_close(soak->fleet);
	}
}

static struct pending *find_pending(struct target *target, uint64_t id)
{
	for (size_t i = 0; i < PENDING_MAX; i++) {
		if (target->pending[i].id == id) {
			return &target->pending[i];
		}
	}
	return NULL;
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	struct soak *soak = context;
	struct target *target = fleet_printer_context(printer);
	struct pending *pending = find_pending(target, report->id);

	if (pending) {
		write_report(target, pending->number, report);
		*pending = (struct pending){0};
		target->pending_count--;
	} else {
		/* It ended while it was being submitted. */
		write_report(target, target->submitting, report);
		target->submitting = UINT64_MAX;
	}
	soak->reported++;
	if (soak->reported == soak->total / WARM_PART) {
		soak->warm_kib = rss_kib();
	}
	if (soak->reported == soak->total) {
		close_all(soak);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct soak *soak = context;

	if (event->kind == FLEET_LOGIN_LOST) {
		soak->lost++;
	}
	if (event->kind == FLEET_PRINTER_REFUSED ||
	    (event->kind == FLEET_LOGIN_FAILED && event->session->final)) {
		fprintf(stderr, "soak: refused: %s\n",
			event->session ? event->session->detail : event->topic);
		soak->failed = true;
		close_all(soak);
	}
}

static void submit(struct soak *soak, struct target *target)
{
	struct mixed_command command;
	uint64_t number = soak->submitted++;

	command_mix_make(number, TIMEOUT_MS, &command);
	target->submitting = number;
	uint64_t id = fleet_command(target->printer, &command.request);
	if (target->submitting == UINT64_MAX) {
		return;
	}
	*find_pending(target, 0) = (struct pending){.id = id, .number = number};
	target->pending_count++;
}

static bool may_submit(struct target *target, uint64_t now_ms)
{
	if (target->pending_count == PENDING_MAX) {
		return false;
	}
	if (fleet_printer_ready(target->printer)) {
		return true;
	}
	if (now_ms - target->away_ms < AWAY_EVERY_MS) {
		return false;
	}
	target->away_ms = now_ms;
	return true;
}

/* One command a step, to whichever printer is next and can take one. */
static void on_timer(uv_timer_t *timer)
{
	struct soak *soak = timer->data;

	for (size_t i = 0; i < soak->target_count && soak->submitted < soak->total; i++) {
		struct target *target = &soak->targets[soak->next_target];
		soak->next_target = (soak->next_target + 1) % soak->target_count;
		if (may_submit(target, uv_now(&soak->loop))) {
			submit(soak, target);
			return;
		}
	}
}

static int add_printer(struct soak *soak, struct fleet_login *link, char *text)
{
	struct target *target = &soak->targets[soak->target_count];
	struct printer_profile profile;
	char *model = strchr(text, ':');

	if (!model || soak->target_count == PRINTERS_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	*model++ = '\0';
	printer_profile_init(&profile, flagship_model_from_name(model));
	profile.confirm_ms = CONFIRM_MS;
	soak->target_count++;
	target->soak = soak;
	return fleet_add_printer(link,
				 &(struct fleet_printer_options){
					 .serial = text,
					 .model = flagship_model_from_name(model),
					 .key = soak->key,
					 .profile = &profile,
					 .context = target,
				 },
				 &target->printer);
}

static int set_up(struct soak *soak, char **argv)
{
	static const struct fleet_handlers handlers = {.on_event = on_event, .on_done = on_done};
	struct fleet_login *link;
	struct mqtt_session_options options = {
		.host = "localhost",
		.port = (uint16_t)strtoul(argv[1], NULL, 10),
		.trust.ca_file = argv[2],
	};
	int error = flagship_key_create_hex(argv[3], strlen(argv[3]), &soak->key);

	soak->total = strtoull(argv[4], NULL, 10);
	if (error == 0) {
		error = fleet_create(&soak->loop, &soak->fleet);
	}
	if (error == 0) {
		soak->listener.handlers = &handlers;
		soak->listener.context = soak;
		fleet_subscribe(soak->fleet, &soak->listener);
		error = fleet_add_login(soak->fleet, &options, NULL, NULL, &link);
	}
	for (char **text = argv + ARGUMENTS - 1; error == 0 && *text; text++) {
		error = add_printer(soak, link, *text);
	}
	return error == 0 ? fleet_start(soak->fleet) : error;
}

static void print_sums(const struct soak *soak)
{
	printf("{\"submitted\":%" PRIu64 ",\"reported\":%" PRIu64 ",\"lost\":%" PRIu64
	       ",\"warm_kib\":%ld,\"end_kib\":%ld}\n",
	       soak->submitted, soak->reported, soak->lost, soak->warm_kib, rss_kib());
}

int main(int argc, char **argv)
{
	static struct soak soak;

	if (argc < ARGUMENTS) {
		fprintf(stderr, "usage: %s PORT CA KEY COMMANDS SERIAL:MODEL...\n", argv[0]);
		return EXIT_FAILURE;
	}
	uv_loop_init(&soak.loop);
	uv_timer_init(&soak.loop, &soak.timer);
	soak.timer.data = &soak;
	int error = set_up(&soak, argv);
	if (error) {
		fprintf(stderr, "soak: %s\n", flagship_strerror(error));
		return EXIT_FAILURE;
	}
	uv_timer_start(&soak.timer, on_timer, STEP_MS, STEP_MS);
	uv_run(&soak.loop, UV_RUN_DEFAULT);
	print_sums(&soak);
	uv_loop_close(&soak.loop);
	flagship_key_destroy(soak.key);
	return soak.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
