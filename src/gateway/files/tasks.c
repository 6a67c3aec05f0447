/* SPDX-License-Identifier: MIT */
#include "gateway/files/internal.h"

static void on_worked(uv_work_t *request, int status)
{
	struct files_task *task = request->data;
	struct files *files = task->files;

	(void)status;
	files->running = NULL;
	task->finish(task);
	kept_go_on(files);
	tasks_go_on(files);
}

static void work(uv_work_t *request)
{
	struct files_task *task = request->data;

	task->work(task);
}

static void refuse_for_memory(struct files_task *task)
{
	task->result = FILES_BROKEN;
	(void)problem_memory(&task->problem);
}

static void give_up(struct files_task *task)
{
	task->result = FILES_BROKEN;
	problem_set(&task->problem, "the gateway ends");
	task->finish(task);
}

void tasks_go_on(struct files *files)
{
	while (!files->running && !list_is_empty(&files->tasks)) {
		struct files_task *task = LIST_OF(files->tasks.next, struct files_task, place);

		list_remove(&task->place);
		task->request.data = task;
		if (files->closing) {
			give_up(task);
		} else {
			/* What is on the disk and finds no place here would stay there unseen. */
			task->work = area_reserve(files) ? task->work : refuse_for_memory;
			files->running = task;
			uv_queue_work(files->loop, &task->request, work, on_worked);
		}
	}
	files_check_closed(files);
}

void task_add(struct files *files, struct files_task *task)
{
	task->files = files;
	list_insert(&files->tasks, &task->place);
	tasks_go_on(files);
}

void files_check_closed(struct files *files)
{
	if (files->closing && !files->running && files->working == 0 &&
	    list_is_empty(&files->tasks) && list_is_empty(&files->all_uploads) &&
	    files->on_closed) {
		void (*on_closed)(void *context) = files->on_closed;

		files->on_closed = NULL;
		on_closed(files->context);
	}
}
