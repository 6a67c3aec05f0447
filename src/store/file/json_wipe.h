/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_JSON_WIPE_H
#define STORE_FILE_JSON_WIPE_H

/* From now on cJSON wipes each tree that is deleted and each text that it outgrows: they hold keys
 * and tokens. At the beginning of main, before other threads. What cJSON_Print returned is still
 * the caller's to wipe, or goes through cJSON_free. */
void json_wipe_install(void);

#endif
