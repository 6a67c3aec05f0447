/* SPDX-License-Identifier: MIT */
#include "store/file/secrecy.h"

#include "base/memory/wiping.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <sys/resource.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

void core_dump_forbid(void)
{
	const struct rlimit none = {0};

	setrlimit(RLIMIT_CORE, &none);
	/* The leak check of the address sanitizer must look into the process. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

void json_wipe_install(void)
{
	cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = wiping_free};

	cJSON_InitHooks(&hooks);
}
