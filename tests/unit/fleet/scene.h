/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLEET_SCENE_H
#define TESTS_FLEET_SCENE_H

#include "fake_session.h"

/* A fleet on a loop, with one login and some printers on it; serial numbers are AK7SCENE0, … */
#define SCENE_PRINTERS 6
#define SCENE_IDLE     "[{\"commandType\":1000,\"subType\":1,\"value\":0}]"
#define SCENE_PRINTING "[{\"commandType\":1000,\"subType\":1,\"value\":1}]"
#define SCENE_HEAT     "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000}]"

struct scene {
	uv_loop_t loop;
	struct fleet *fleet;
	struct fleet_login *link;
	struct flagship_key *key;
	struct fleet_printer *printers[SCENE_PRINTERS];
	char serials[SCENE_PRINTERS][16];
	bool closed;
	struct fleet_listener end;
};

/* Started, connected where that is asked for, and with so many printers ready. */
void scene_init(struct scene *scene, size_t printers, bool connected);
void scene_add(struct scene *scene, size_t number, enum flagship_model model);
void scene_turn(struct scene *scene);
void scene_hear(struct scene *scene, size_t number, const char *json);
void scene_finish(struct scene *scene);

#endif
