/* SPDX-License-Identifier: MIT */
#ifndef CLI_SETUP_CONFIG_EDIT_H
#define CLI_SETUP_CONFIG_EDIT_H

/* Opens the settings file in the editor of the environment, made first where there is none, and
 * says afterwards what is wrong with it. Returns an enum cli_exit. */
int config_edit(const char *path);

#endif
