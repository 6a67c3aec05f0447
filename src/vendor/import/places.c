/* SPDX-License-Identifier: MIT */
#include "vendor/import/places.h"

#include <flagship/error.h>

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum base {
	BASE_HOME,
	BASE_CONFIG, /* XDG_CONFIG_HOME */
	BASE_WINE,   /* WINEPREFIX */
};

struct place {
	enum base base;
	const char *pattern; /* of glob, below the base */
};

#define MAC_SUPPORT    "Library/Application Support/"
#define SLICER_LOGIN   "Anker[mM]ake/AnkerMake_64bit_fp/login.json"
#define SLICER_OLD     "Anker[mM]ake/login.json"
#define STUDIO_PROFILE "eufyMake Studio Profile"
#define STUDIO_OLD     "AnkerMake Studio Profile"
#define ANKERCTL       "ankerctl/default.json"
#define WEB_VIEW       "/EBWebView/*/Local Storage/leveldb"
#define MAC_WEB_VIEW                                                                \
	"Library/WebKit/com.anker.eufystudio3d/WebsiteData/Default/*/LocalStorage/" \
	"localstorage.sqlite3"

static const struct place direct_places[] = {
	{BASE_CONFIG, ANKERCTL},
	/* The Go programs of this name, ankerctl-ng among them, mounted into containers too. */
	{BASE_HOME, ".ankerctl-ng/default.json"},
	{BASE_HOME, ".ankerctl/default.json"},
	{BASE_CONFIG, STUDIO_PROFILE},
	{BASE_CONFIG, STUDIO_OLD},
	{BASE_HOME, ".var/app/*/config/" STUDIO_PROFILE},
	{BASE_HOME, ".var/app/*/config/" STUDIO_OLD},
	{BASE_HOME, MAC_SUPPORT ANKERCTL},
	{BASE_HOME, MAC_SUPPORT STUDIO_PROFILE},
	{BASE_HOME, MAC_SUPPORT STUDIO_OLD},
	{BASE_HOME, MAC_SUPPORT SLICER_LOGIN},
	{BASE_HOME, MAC_SUPPORT SLICER_OLD},
	{BASE_HOME, MAC_WEB_VIEW},
};

/* Folders that hold drive_c. */
static const struct place wine_prefixes[] = {
	{BASE_WINE, ""},
	{BASE_HOME, ".wine"},
	{BASE_HOME, ".local/share/wineprefixes/*"},
	{BASE_HOME, ".local/share/bottles/bottles/*"},
	{BASE_HOME, ".var/app/com.usebottles.bottles/data/bottles/bottles/*"},
	{BASE_HOME, ".PlayOnLinux/wineprefix/*"},
	{BASE_HOME, ".cxoffice/*"},
	{BASE_HOME, "Games/*"},
	{BASE_HOME, ".steam/steam/steamapps/compatdata/*/pfx"},
	{BASE_HOME, ".local/share/Steam/steamapps/compatdata/*/pfx"},
	{BASE_HOME, MAC_SUPPORT "CrossOver/Bottles/*"},
};

/* Below a user's folder of Windows; the last ones are how old versions of Wine name them. */
static const char *const windows_files[] = {
	"AppData/Local/" SLICER_LOGIN,
	"AppData/Local/" SLICER_OLD,
	"AppData/Roaming/" STUDIO_PROFILE,
	"AppData/Roaming/" STUDIO_OLD,
	"AppData/Local/" STUDIO_PROFILE WEB_VIEW,
	"AppData/Local/" STUDIO_OLD WEB_VIEW,
	"Local Settings/Application Data/" SLICER_LOGIN,
	"Local Settings/Application Data/" SLICER_OLD,
	"Application Data/" STUDIO_PROFILE,
	"Application Data/" STUDIO_OLD,
	"Local Settings/Application Data/" STUDIO_PROFILE WEB_VIEW,
	"Local Settings/Application Data/" STUDIO_OLD WEB_VIEW,
};

#define WINDOWS_FILES (sizeof(windows_files) / sizeof(windows_files[0]))
#define WINE_USERS    "/drive_c/users/*/"
#define WSL_USERS     "/mnt/c/Users/*/"

struct search {
	const struct places_handlers *handlers;
	void *context;
	char **seen; /* what was found, links resolved */
	size_t seen_count;
	int error;
};

static bool is_new(struct search *search, char *resolved)
{
	for (size_t i = 0; i < search->seen_count; i++) {
		if (strcmp(search->seen[i], resolved) == 0) {
			free(resolved);
			return false;
		}
	}
	char **longer = realloc(search->seen, (search->seen_count + 1) * sizeof(*longer));
	if (!longer) {
		free(resolved);
		search->error = FLAGSHIP_ERROR_MEMORY;
		return false;
	}
	search->seen = longer;
	search->seen[search->seen_count++] = resolved;
	return true;
}

static size_t look_at(struct search *search, const char *pattern)
{
	size_t found = 0;
	glob_t matches;

	if (glob(pattern, 0, NULL, &matches) != 0) {
		return 0;
	}
	for (size_t i = 0; i < matches.gl_pathc; i++) {
		char *resolved = realpath(matches.gl_pathv[i], NULL);

		if (resolved && is_new(search, resolved)) {
			search->handlers->on_found(search->context, matches.gl_pathv[i]);
			found++;
		}
	}
	globfree(&matches);
	return found;
}

/* What stands in the environment is meant literally. False where it does not fit. */
static bool escape(const char *text, char *out, size_t capacity)
{
	size_t used = 0;

	for (; *text; text++) {
		if (used + 2 >= capacity) {
			return false;
		}
		if (strchr("*?[]\\", *text)) {
			out[used++] = '\\';
		}
		out[used++] = *text;
	}
	out[used] = '\0';
	return true;
}

static bool base_folder(enum base base, char out[PATH_MAX])
{
	const char *home = getenv("HOME");
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *wine = getenv("WINEPREFIX");
	char path[PATH_MAX] = "";

	if (base == BASE_WINE) {
		return wine && wine[0] == '/' && escape(wine, out, PATH_MAX);
	}
	if (base == BASE_CONFIG && config && config[0] == '/') {
		return escape(config, out, PATH_MAX);
	}
	if (!home || home[0] != '/') {
		return false;
	}
	if (snprintf(path, sizeof(path), "%s%s", home, base == BASE_CONFIG ? "/.config" : "") >=
	    (int)sizeof(path)) {
		return false;
	}
	return escape(path, out, PATH_MAX);
}

static bool place_path(const struct place *place, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *between = place->pattern[0] ? "/" : "";

	return base_folder(place->base, folder) &&
	       snprintf(out, PATH_MAX, "%s%s%s", folder, between, place->pattern) < PATH_MAX;
}

/* What was looked at, as people would write it. */
static void report_place(struct search *search, const char *pattern, size_t found)
{
	char place[PATH_MAX];
	size_t used = 0;

	for (; *pattern; pattern++) {
		if (*pattern != '\\' || !pattern[1]) {
			place[used++] = *pattern;
		} else {
			place[used++] = *++pattern;
		}
	}
	place[used] = '\0';
	search->handlers->on_place(search->context, place, found);
}

static size_t look_at_users(struct search *search, const char *users)
{
	char pattern[PATH_MAX];
	size_t found = 0;

	for (size_t i = 0; i < WINDOWS_FILES; i++) {
		if (snprintf(pattern, sizeof(pattern), "%s%s", users, windows_files[i]) <
		    (int)sizeof(pattern)) {
			found += look_at(search, pattern);
		}
	}
	return found;
}

static void look_at_prefix(struct search *search, const char *prefix)
{
	char users[PATH_MAX];

	if (snprintf(users, sizeof(users), "%s" WINE_USERS, prefix) < (int)sizeof(users)) {
		report_place(search, users, look_at_users(search, users));
	}
}

static int end(struct search *search)
{
	for (size_t i = 0; i < search->seen_count; i++) {
		free(search->seen[i]);
	}
	free(search->seen);
	return search->error;
}

int places_look(const struct places_handlers *handlers, void *context)
{
	struct search search = {.handlers = handlers, .context = context};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(direct_places) / sizeof(direct_places[0]); i++) {
		if (place_path(&direct_places[i], path)) {
			report_place(&search, path, look_at(&search, path));
		}
	}
	for (size_t i = 0; i < sizeof(wine_prefixes) / sizeof(wine_prefixes[0]); i++) {
		if (place_path(&wine_prefixes[i], path)) {
			look_at_prefix(&search, path);
		}
	}
	if (getenv("WSL_DISTRO_NAME")) {
		report_place(&search, WSL_USERS, look_at_users(&search, WSL_USERS));
	}
	return end(&search);
}

int places_look_in_prefix(const char *prefix, const struct places_handlers *handlers, void *context)
{
	struct search search = {.handlers = handlers, .context = context};
	char escaped[PATH_MAX];

	if (escape(prefix, escaped, sizeof(escaped))) {
		look_at_prefix(&search, escaped);
	}
	return end(&search);
}
