/* SPDX-License-Identifier: MIT */
#include "gateway/printers/local_cloud.h"

#include "store/accounts/text.h"
#include "store/file/file.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART          "printers"
#define SERVE_SECTION "serve"
#define KEY           "cloud"

int local_cloud_init(struct local_cloud *cloud, const char *place)
{
	*cloud = (struct local_cloud){0};
	cloud->place = place ? strdup(place) : NULL;
	return place && !cloud->place ? FLAGSHIP_ERROR_MEMORY : 0;
}

static void forget_text(struct local_cloud *cloud)
{
	if (cloud->text) {
		OPENSSL_cleanse(cloud->text, cloud->length);
		free(cloud->text);
	}
	cloud->text = NULL;
	cloud->length = 0;
}

void local_cloud_finish(struct local_cloud *cloud)
{
	forget_text(cloud);
	free(cloud->place);
	*cloud = (struct local_cloud){0};
}

static void find_path(const char *place, char path[PATH_MAX])
{
	char state[PATH_MAX];
	int length = -1;

	path[0] = '\0';
	if (strcmp(place, LOCAL_CLOUD_OFF) == 0 || place[0] == '\0') {
		return;
	}
	if (strcmp(place, LOCAL_CLOUD_AUTO) != 0) {
		length = snprintf(path, PATH_MAX, "%s/" LOCAL_CLOUD_FILE, place);
	} else if (store_state_folder(state)) {
		length = snprintf(path, PATH_MAX, "%s/cloud/" LOCAL_CLOUD_FILE, state);
	}
	if (length < 0 || length >= PATH_MAX) {
		path[0] = '\0';
	}
}

bool local_cloud_follow(struct local_cloud *cloud, const struct settings *settings)
{
	char path[PATH_MAX];

	find_path(cloud->place ? cloud->place : settings_get(settings, SERVE_SECTION, KEY), path);
	if (strcmp(path, cloud->path) == 0) {
		return false;
	}
	memcpy(cloud->path, path, sizeof(path));
	/* What one file said is nothing of another's. */
	forget_text(cloud);
	return true;
}

bool local_cloud_folder(const struct local_cloud *cloud, char out[PATH_MAX])
{
	const char *slash = strrchr(cloud->path, '/');

	memcpy(out, cloud->path, sizeof(cloud->path));
	out[slash ? slash - cloud->path : 0] = '\0';
	return out[0] != '\0';
}

void local_cloud_default_folder(char out[PATH_MAX])
{
	struct local_cloud cloud = {0};

	find_path(LOCAL_CLOUD_AUTO, cloud.path);
	(void)local_cloud_folder(&cloud, out);
}

/* Once, and again when it was good in between or is for another reason. */
static void report_problem(struct local_cloud *cloud, struct log *log,
			   const struct problem *problem)
{
	if (strcmp(cloud->problem.text, problem->text) == 0) {
		return;
	}
	cloud->problem = *problem;
	log_event(log, LOG_LEVEL_INFO, PART,
		  cloud->text ? "what the cloud on this machine says cannot be read; its printers "
				"stay as they were"
			      : "the printers of the cloud on this machine are left out",
		  LOG_TEXT("reason", problem->text));
}

/* 0 also where it says nothing that can be used, with `found` empty then. */
static int parse(const struct local_cloud *cloud, const char *text, size_t length,
		 struct store_accounts *found, struct problem *problem)
{
	struct accounts_fault fault = {0};

	*found = (struct store_accounts){0};
	int error = accounts_text_parse(text, length, found, &fault);
	if (error) {
		store_accounts_finish(found);
	}
	if (error == FLAGSHIP_ERROR_STORE) {
		problem_set(problem, "%s is damaged: line %zu: %s", cloud->path, fault.line,
			    fault.reason);
		return 0;
	}
	return error;
}

bool local_cloud_has(const struct local_cloud *cloud, const char *serial)
{
	struct store_accounts all = {0};
	struct problem none = {0};
	bool found = false;

	if (!cloud->text || parse(cloud, cloud->text, cloud->length, &all, &none)) {
		return false;
	}
	for (size_t i = 0; !found && i < all.count; i++) {
		found = store_account_find_printer(&all.accounts[i], serial) != NULL;
	}
	store_accounts_finish(&all);
	return found;
}

/* Keeps what can be read. A file that is not there says that there is nothing. */
static int read_file(struct local_cloud *cloud, struct store_accounts *found,
		     struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(cloud->path, &file, problem);

	*found = (struct store_accounts){0};
	if (!error && !file.text) {
		forget_text(cloud);
	} else if (!error) {
		error = parse(cloud, file.text, file.length, found, problem);
		if (!error && problem->text[0] == '\0') {
			forget_text(cloud);
			cloud->text = file.text;
			cloud->length = file.length;
			file = (struct store_file){0};
			return 0;
		}
	}
	store_file_release(&file);
	if (error == FLAGSHIP_ERROR_MEMORY) {
		return error;
	}
	/* It could be read before. */
	struct problem none = {0};
	return cloud->text ? parse(cloud, cloud->text, cloud->length, found, &none) : 0;
}

static void report_change(struct local_cloud *cloud, struct log *log, size_t printers,
			  size_t doubled)
{
	if (printers == cloud->printers && doubled == cloud->doubled) {
		return;
	}
	cloud->printers = printers;
	cloud->doubled = doubled;
	log_event(log, LOG_LEVEL_INFO, PART, "a cloud on this machine has printers",
		  LOG_TEXT("file", cloud->path), LOG_NUMBER("printers", (int64_t)printers),
		  LOG_NUMBER("held_as_accounts_json_says", (int64_t)doubled));
}

int local_cloud_add(struct local_cloud *cloud, struct log *log, const struct settings *settings,
		    struct store_accounts *accounts)
{
	struct store_accounts found = {0};
	struct problem problem = {0};
	size_t doubled = 0;

	int error = cloud->path[0] != '\0' ? read_file(cloud, &found, &problem) : 0;
	if (!error && problem.text[0] != '\0') {
		report_problem(cloud, log, &problem);
	} else if (!error) {
		cloud->problem.text[0] = '\0';
	}
	size_t printers = store_accounts_count_printers(&found);
	if (!error) {
		error = store_accounts_add_local(accounts, &found,
						 settings_get(settings, "broker", "url"), &doubled);
	}
	store_accounts_finish(&found);
	if (!error) {
		report_change(cloud, log, printers, doubled);
	}
	return error;
}
