/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PROCESS_H
#define CLOUD_BROKER_PROCESS_H

#include <stdbool.h>
#include <uv.h>

/*
 * The environment of this process, with the broker's plugin loaded before all other libraries
 * (plugin/gate.h), where its name can be said there: without blanks and colons. NULL where there is
 * no memory. The caller frees it with broker_environment_free.
 */
char **broker_environment(const char *plugin);
void broker_environment_free(char **environment);

/*
 * mosquitto as a child process on a libuv loop: started again, ever less often, where it dies, and
 * stopped cleanly.
 */
struct broker_process;

struct broker_process_handlers {
	void (*on_running)(void *context);                /* it says that it listens */
	void (*on_line)(void *context, const char *line); /* of its log */
	/* It died, and is started again in so many milliseconds; 0: it could not even be started
	 * the first time, and nothing follows. */
	void (*on_died)(void *context, const char *reason, unsigned int restart_ms);
	void (*on_stopped)(void *context); /* after broker_process_stop; the last call */
};

/* configuration, plugin: paths. lock: a descriptor that mosquitto keeps open too, so that what it
 * locks stays locked for as long as there is a broker. NULL where mosquitto is not installed, or
 * there is no memory; *problem then says which. */
struct broker_process *broker_process_start(uv_loop_t *loop, const char *configuration,
					    const char *plugin, int lock,
					    const struct broker_process_handlers *handlers,
					    void *context, const char **problem);

/* Of the child; 0 where there is none now. */
int64_t broker_process_pid(const struct broker_process *process);

/* Ends one that hangs, at once; it is started again as one that died. */
void broker_process_kill(struct broker_process *process);

/* Has it read its certificate again, from the files that it began with; sessions stay. */
void broker_process_reload(struct broker_process *process);

/* Asks it to end, and makes it where it does not within a second. NULL is accepted: on_stopped does
 * not come then. */
void broker_process_stop(struct broker_process *process);

#endif
