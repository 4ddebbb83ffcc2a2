/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NUMA node and the zone of a page frame, as /proc/zoneinfo and sysfs describe memory. The zone
 * spans of nodes may overlap, and so may those of one node's zones; the memory blocks of sysfs
 * (Documentation/admin-guide/mm/memory-hotplug.rst) are of one node and one zone, as a rule. */
#ifndef SOURCE_ZONES_H
#define SOURCE_ZONES_H

#include <stdint.h>

#include "model/frame.h"

struct zones;

/* zoneinfo: the text of /proc/zoneinfo. sys: where sysfs is, such as "/sys". Which nodes the memory
 * blocks belong to is read now, what else is to be known of a block when it is asked about. Memory
 * that is plugged in later is unknown. Never NULL. */
struct zones *zones_new(const char *zoneinfo, const char *sys);
void zones_free(struct zones *z); /* NULL is fine */

/* *node: -1 if not known, as of blocks that are offline, or belong to several nodes whose spans
 * overlap there; *zone: ZONE_UNKNOWN likewise. Where there are no memory blocks, only a PFN that
 * lies in the spans of exactly one node is of a known one. */
void zones_find(struct zones *z, uint64_t pfn, int16_t *node, uint8_t *zone);

#endif
