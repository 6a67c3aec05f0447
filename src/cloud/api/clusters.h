/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_CLUSTERS_H
#define CLOUD_API_CLUSTERS_H

#include "cloud/api/internal.h"

/* Clusters of brokers have proven that they know the secret path: their connections stay, and their
 * addresses may have more of them, also after a start. */

void api_clusters_load(struct api *api, struct registry *registry);

/* Its call was one of a cluster that knows the secret. */
void api_clusters_prove(struct api *api, struct http_request *request);

#endif
