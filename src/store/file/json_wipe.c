/* SPDX-License-Identifier: MIT */
#include "store/file/json_wipe.h"

#include "base/memory/wiping.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

void json_wipe_install(void)
{
	cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = wiping_free};

	cJSON_InitHooks(&hooks);
}
