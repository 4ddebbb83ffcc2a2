/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/pagemap.h"

#include <errno.h>
#include <unistd.h>

#include "model/entries.h"

/* Bits that meant the page shift before Linux 4.3. */
#define OLD_SHIFT_BITS (UINT64_C(63) << 55)

ssize_t pagemap_read(int fd, const struct kernel *k, struct pace *pace, uint64_t page, uint64_t n,
	uint64_t *entries, struct err *e)
{
	uint64_t done = 0, i;

	while (done < n && !pace->cancelled) {
		uint64_t chunk = n - done < ENTRY_CHUNK ? n - done : ENTRY_CHUNK;
		ssize_t got;

		pace_begin(pace);
		got = pread(fd, entries + done, chunk * 8, (off_t)((page + done) * 8));
		pace_end(pace);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, "cannot read the pagemap");
		done += (uint64_t)got / 8;
		if ((uint64_t)got < chunk * 8)
			break;
	}
	if (k->old_layout)
		for (i = 0; i < done; i++)
			entries[i] &= ~OLD_SHIFT_BITS;
	return (ssize_t)done;
}
