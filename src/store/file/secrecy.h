/* SPDX-License-Identifier: MIT */
#ifndef STORE_FILE_SECRECY_H
#define STORE_FILE_SECRECY_H

/*
 * From now on this process leaves no core dump, and other processes of the same user may not read
 * its memory: it holds keys. The first call of every program's main; a program that is executed
 * from it must call it anew.
 */
void core_dump_forbid(void);

/* From now on cJSON wipes each tree that is deleted and each text that it outgrows: they hold keys
 * and tokens. At the beginning of main, before other threads. What cJSON_Print returned is still
 * the caller's to wipe, or goes through cJSON_free. */
void json_wipe_install(void);

#endif
