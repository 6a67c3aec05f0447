/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_COLOUR_H
#define CLI_OUTPUT_COLOUR_H

/* auto, always or never: what output_init goes by. */
#define COLOUR_ENVIRONMENT "FLAGSHIP_COLOUR"

/*
 * Hands the setting cli.colour to output_init, and to the programs that this one becomes, by way of
 * the environment; what is there already stays. A settings file that is damaged is as good as none:
 * the commands that need it tell of it.
 */
void colour_apply_setting(void);

#endif
