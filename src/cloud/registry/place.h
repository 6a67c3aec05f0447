/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_PLACE_H
#define CLOUD_REGISTRY_PLACE_H

#include "cloud/registry/registry.h"

#include <stdbool.h>

/* The file of a registry, before it is opened. 0, or an error with the reason noted. */

/* Made beside its place and moved there when it is whole, so that no crash leaves one without its
 * tables. One that is there stays. */
int registry_make(struct registry *registry, const char *path);

/* What is empty was cut: no registry ever is. One that is not there is none of this one's business.
 */
int registry_check_size(struct registry *registry, const char *path);

/* Whether it and its folder can be written: 0 or an errno. One that is not there is left to others.
 */
int registry_may_write(const char *path);

/* Without a write, as far as what is there can be read so. No reason is noted where that would say
 * less than the one why it could not be opened to write. */
int registry_open_read_only(struct registry *registry, const char *path, int busy_ms);

#endif
