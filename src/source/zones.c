/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/zones.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "source/procfs.h"

#define NODE_NONE    (-1)
#define NODE_SEVERAL (-2)

struct span {
	int16_t node;
	uint8_t zone;
	uint64_t first, pages;
};

/* A memory block of sysfs. */
struct block {
	uint64_t number;
	int16_t node;    /* or NODE_SEVERAL */
	bool asked;      /* the two below are known */
	bool online;
	uint8_t zone;    /* ZONE_UNKNOWN: of several */
};

struct zones {
	char *memory;    /* the directory of the blocks */
	uint64_t block_pages; /* 0: there are no blocks */
	struct span *span;
	size_t spans, spans_cap;
	struct block *block;  /* by number */
	size_t blocks, blocks_cap;
};

static enum zone zone_of_name(const char *name)
{
	int i;

	for (i = ZONE_UNKNOWN + 1; i < ZONES; i++)
		if (!strcmp(name, zone_name((enum zone)i)))
			return (enum zone)i;
	return ZONE_UNKNOWN;
}

/* "Node 0, zone   Normal", and below it "spanned  5505024", "start_pfn:  1048576". */
static void parse_zoneinfo(struct zones *z, const char *text)
{
	struct span now = { 0 };
	const char *line;

	for (line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		uint64_t start;
		char name[32];
		int node;

		if (sscanf(line, "Node %d, zone %31s", &node, name) == 2)
			now = (struct span){ (int16_t)node, (uint8_t)zone_of_name(name), 0, 0 };
		else if (sscanf(line, " spanned %" SCNu64, &now.pages) == 1)
			continue;
		else if (sscanf(line, " start_pfn: %" SCNu64, &start) == 1 && now.pages) {
			now.first = start;
			z->span = mem_grow(z->span, z->spans, &z->spans_cap, sizeof(now));
			z->span[z->spans++] = now;
			now.pages = 0;
		}
	}
}

static int by_number(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* The number in "memory12" or "node12", after that prefix; false if it is another name. */
static bool number_in(const char *name, const char *prefix, uint64_t *n)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && units_parse_u64(name + len, n);
}

static void add_blocks_of(struct zones *z, const char *path, int16_t node)
{
	DIR *d = opendir(path);
	const struct dirent *entry;
	struct block b = { .node = node };

	while (d && (entry = readdir(d))) {
		if (!number_in(entry->d_name, "memory", &b.number))
			continue;
		z->block = mem_grow(z->block, z->blocks, &z->blocks_cap, sizeof(b));
		z->block[z->blocks++] = b;
	}
	if (d)
		closedir(d);
}

/* One block for each number. */
static void join_blocks(struct zones *z)
{
	size_t i, n = 0;

	if (!z->blocks)
		return;
	qsort(z->block, z->blocks, sizeof(*z->block), by_number);
	for (i = 1; i < z->blocks; i++) {
		if (z->block[i].number == z->block[n].number)
			z->block[n].node = NODE_SEVERAL;
		else
			z->block[++n] = z->block[i];
	}
	z->blocks = n + 1;
}

static void read_blocks(struct zones *z, const char *sys)
{
	struct str path = { 0 }, text = { 0 };
	const struct dirent *entry;
	uint64_t bytes = 0, node;
	DIR *nodes;

	if (!procfs_read_root(z->memory, "block_size_bytes", &text) &&
		units_parse_hex(str_text(&text), strcspn(str_text(&text), "\n"), &bytes))
		z->block_pages = bytes / (uint64_t)sysconf(_SC_PAGESIZE);
	str_addf(&path, "%s/devices/system/node", sys);
	nodes = z->block_pages ? opendir(str_text(&path)) : NULL;
	while (nodes && (entry = readdir(nodes))) {
		if (!number_in(entry->d_name, "node", &node) || node > INT16_MAX)
			continue;
		str_clear(&path);
		str_addf(&path, "%s/devices/system/node/%s", sys, entry->d_name);
		add_blocks_of(z, str_text(&path), (int16_t)node);
	}
	if (nodes)
		closedir(nodes);
	join_blocks(z);
	str_free(&path);
	str_free(&text);
}

struct zones *zones_new(const char *zoneinfo, const char *sys)
{
	struct zones *z = mem_zero(1, sizeof(*z));
	struct str path = { 0 };

	str_addf(&path, "%s/devices/system/memory", sys);
	z->memory = str_take(&path);
	parse_zoneinfo(z, zoneinfo);
	read_blocks(z, sys);
	return z;
}

void zones_free(struct zones *z)
{
	if (!z)
		return;
	free(z->memory);
	free(z->span);
	free(z->block);
	free(z);
}

/* The first word of a file of the block; "" if there are several or none. */
static void read_word(const struct zones *z, const struct block *b, const char *file, char word[32])
{
	struct str name = { 0 }, text = { 0 };
	char more;

	word[0] = '\0';
	str_addf(&name, "memory%" PRIu64 "/%s", b->number, file);
	if (!procfs_read_root(z->memory, str_text(&name), &text) &&
		sscanf(str_text(&text), "%31s %c", word, &more) != 1)
		word[0] = '\0';
	str_free(&name);
	str_free(&text);
}

/* valid_zones of a block that is online is its zone, or "none" where there are several. */
static void ask(const struct zones *z, struct block *b)
{
	char word[32];

	b->asked = true;
	read_word(z, b, "state", word);
	b->online = strcmp(word, "offline");
	read_word(z, b, "valid_zones", word);
	b->zone = (uint8_t)zone_of_name(word);
}

static struct block *block_of(const struct zones *z, uint64_t pfn)
{
	struct block key = { .number = z->block_pages ? pfn / z->block_pages : 0 };

	return z->blocks
		? bsearch(&key, z->block, z->blocks, sizeof(key), by_number)
		: NULL;
}

static bool holds(const struct span *s, uint64_t pfn)
{
	return pfn - s->first < s->pages;
}

/* The only node whose spans hold the PFN. */
static int node_by_spans(const struct zones *z, uint64_t pfn)
{
	int node = NODE_NONE;
	size_t i;

	for (i = 0; i < z->spans; i++) {
		if (!holds(&z->span[i], pfn) || z->span[i].node == node)
			continue;
		if (node != NODE_NONE)
			return NODE_SEVERAL;
		node = z->span[i].node;
	}
	return node;
}

/* The only zone of the node whose span holds the PFN. */
static enum zone zone_by_spans(const struct zones *z, int node, uint64_t pfn)
{
	enum zone zone = ZONE_UNKNOWN;
	size_t i;

	for (i = 0; i < z->spans; i++) {
		if (!holds(&z->span[i], pfn) || z->span[i].node != node)
			continue;
		if (zone != ZONE_UNKNOWN)
			return ZONE_UNKNOWN;
		zone = (enum zone)z->span[i].zone;
	}
	return zone;
}

void zones_find(struct zones *z, uint64_t pfn, int16_t *node, uint8_t *zone)
{
	struct block *b = block_of(z, pfn);
	int n;

	*node = NODE_NONE;
	*zone = ZONE_UNKNOWN;
	if (b && !b->asked)
		ask(z, b);
	if (z->blocks && !(b && b->online))
		return;
	n = b && b->node != NODE_SEVERAL ? b->node : node_by_spans(z, pfn);
	if (n < 0)
		return;
	*node = (int16_t)n;
	*zone = b && b->zone ? b->zone : (uint8_t)zone_by_spans(z, n, pfn);
}
