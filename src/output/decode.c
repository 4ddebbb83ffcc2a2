/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/decode.h"

#include <inttypes.h>

#include "model/page.h"

static void frame_or_slot(FILE *f, uint64_t entry)
{
	if (entry & ENTRY_PRESENT) {
		fprintf(f, "  54-0  PFN          0x%" PRIx64 "%s\n", entry_pfn(entry),
			entry_pfn(entry) ? "" : "  (hidden: reading it needs CAP_SYS_ADMIN)");
	} else if (entry & ENTRY_SWAP) {
		fprintf(f, "  54-5  swap offset  0x%" PRIx64 "\n", entry_swap_offset(entry));
		fprintf(f, "  4-0   swap type    %u%s\n", entry_swap_type(entry),
			entry & ENTRY_PFN_MASK
				? ""
				: "  (offset and type 0: perhaps hidden, CAP_SYS_ADMIN)");
	} else if (entry & ENTRY_PFN_MASK) {
		fprintf(f, "  54-0  not defined  0x%" PRIx64 "\n", entry & ENTRY_PFN_MASK);
	}
}

/* What the entry says of a page, as far as that can be said without its mapping. */
static void verdict(FILE *f, uint64_t entry)
{
	struct page_hints h = {
		.object = true,
		.pfn_known = entry & ENTRY_PFN_MASK,
		.swap = swap_layout_of("6.18"),
	};
	enum page_state s = entry_state(entry, &h);

	fprintf(f, "  state: %s, %s\n", page_state_name(s), page_state_meaning(s));
	if (s == PAGE_ANON)
		fputs("  (or the zero page, whose PFN tells)\n", f);
	else if (s == PAGE_FILE)
		fputs("  (or the huge zero page, where the mapping is private and anonymous)\n", f);
	else if (s == PAGE_UNKNOWN)
		fputs("  (swap, or a marker: type and offset are hidden)\n", f);
	else if (s == PAGE_MARKER)
		fprintf(f, "  (marker %s)\n",
			entry_swap_offset(entry) & 2 ? "2: poisoned"
						     : "1: userfaultfd write protection");
	else if (s == PAGE_MOVING)
		fprintf(f, "  (the offset is a PFN: 0x%" PRIx64 ")\n", entry_swap_offset(entry));
}

void text_decode(FILE *f, uint64_t entry)
{
	uint64_t shift = entry >> 55 & 63;

	fprintf(f, "entry 0x%016" PRIx64 "\n\nsince Linux 4.3:\n", entry);
#define X(n, name, one, zero)                                               \
	fprintf(f, "  %-5d %-12s %d  %s\n", n, name, (int)(entry >> n & 1), \
		entry >> n & 1 ? one : zero);
	ENTRY_BIT_LIST(X)
#undef X
	frame_or_slot(f, entry);
	verdict(f, entry);

	fputs("\nbefore Linux 4.3 (page shift in bits 55-60):\n", f);
	fprintf(f, "  %-5d %-12s %d\n  %-5d %-12s %d\n  %-5d %-12s %d  (since Linux 3.5)\n", 63,
		"present", (int)(entry >> 63 & 1), 62, "swap", (int)(entry >> 62 & 1), 61,
		"file/shared", (int)(entry >> 61 & 1));
	if (shift >= 10 && shift <= 34)
		fprintf(f, "  60-55 page shift   %" PRIu64 "  pages of %" PRIu64 " bytes\n", shift,
			UINT64_C(1) << shift);
	else
		fprintf(f,
			"  60-55 page shift   %" PRIu64
			"  no page size: not an entry of that time\n",
			shift);
	frame_or_slot(f, entry);
}
