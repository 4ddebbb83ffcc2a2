/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What the oldest shares with the next one is that one's from now on. */
static void drop_oldest(struct history *h)
{
	h->bytes -= h->kept[0].bytes;
	snapshot_unref(h->kept[0].snapshot);
	h->n--;
	h->dropped++;
	memmove(h->kept, h->kept + 1, h->n * sizeof(*h->kept));
	h->bytes -= h->kept[0].bytes;
	h->kept[0].bytes = snapshot_bytes(h->kept[0].snapshot, NULL);
	h->bytes += h->kept[0].bytes;
}

void history_add(struct history *h, struct snapshot *s, uint64_t serial, size_t most)
{
	struct kept *k;

	h->kept = mem_grow(h->kept, h->n, &h->cap, sizeof(*h->kept));
	k = &h->kept[h->n];
	k->snapshot = snapshot_ref(s);
	k->serial = serial;
	k->bytes = snapshot_bytes(s, h->n ? k[-1].snapshot : NULL);
	h->bytes += k->bytes;
	h->n++;
	while (h->bytes > most && h->n > 1)
		drop_oldest(h);
}

void history_clear(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		snapshot_unref(h->kept[i].snapshot);
	free(h->kept);
	*h = (struct history){ 0 };
}
