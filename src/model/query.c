/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/units.h"
#include "base/utf8.h"

int query_parse_range(const char *text, struct query_range *r, struct err *e)
{
	size_t digits = strcspn(text, "-+");
	char op = text[digits];
	uint64_t bytes;

	*r = (struct query_range){ 0 };
	if (!strcmp(text, "all")) {
		r->all = true;
		return 0;
	}
	if (!*text)
		return err_set(e,
			"bad range '': use ADDR, START-END, START+BYTES, a mapping's name or 'all'");
	if (!units_parse_hex(text, digits, &r->start)) {
		r->name = text;
		return 0;
	}
	if (!op) {
		r->end = r->start + 1;
	} else if (op == '-') {
		const char *end = text + digits + 1;

		if (!units_parse_hex(end, strlen(end), &r->end))
			return err_set(
				e, "bad range '%s': the end is not a hexadecimal address", text);
	} else {
		if (!units_parse_size(text + digits + 1, &bytes))
			return err_set(e,
				"bad range '%s': after + comes a number of bytes, such as 8192, 0x2000 or 2M",
				text);
		r->end = r->start + bytes;
		if (r->end < r->start)
			return err_set(e, "bad range '%s': it ends beyond the last address", text);
	}
	if (r->end <= r->start)
		return err_set(e, "bad range '%s': it ends before it starts", text);
	return 0;
}

/* A person types a name as it is shown, cleaned; scripts may hand over the raw bytes. */
static bool has_name(const struct vma *v, const char *name)
{
	struct str shown = { 0 };
	bool same;

	if (!strcmp(v->name, name) || (!*v->name && v->kind == VMA_ANON && !strcmp(name, "[anon]")))
		return true;
	utf8_readable(&shown, v->name, strlen(v->name), 0);
	same = !strcmp(str_text(&shown), name);
	str_free(&shown);
	return same;
}

bool query_range_pages(const struct snapshot *s, const struct vma *v, const struct query_range *r,
	uint64_t *first, uint64_t *pages)
{
	uint64_t size = snapshot_info(s)->page_size, start, end;

	*first = 0;
	*pages = snapshot_vma_pages(s, v);
	if (r->all)
		return true;
	if (r->name)
		return has_name(v, r->name);
	start = r->start > v->start ? r->start - r->start % size : v->start;
	end = r->end < v->end ? r->end + (size - r->end % size) % size : v->end;
	if (start >= end)
		return false;
	*first = (start - v->start) / size;
	*pages = (end - start) / size;
	return true;
}

int query_check_range(const struct snapshot *s, const struct query_range *r, struct err *e)
{
	int pid = (int)snapshot_info(s)->pid;
	uint64_t first, pages;
	size_t i;

	for (i = 0; i < snapshot_vmas(s); i++)
		if (query_range_pages(s, snapshot_vma(s, i), r, &first, &pages))
			return 0;
	if (r->name)
		return err_set(e,
			"process %d has no mapping called '%s' (ranges are hexadecimal addresses, names "
			"as in --list, or 'all')",
			pid, r->name);
	return err_set(e, "process %d has nothing mapped at 0x%llx (--list shows what is mapped)",
		pid, (unsigned long long)r->start);
}

enum page_state query_state(const struct snapshot *s, const struct vma *v, uint64_t entry,
	enum page_state found)
{
	const struct snapshot_info *info = snapshot_info(s);
	struct page_hints h = vma_hints(v);
	enum page_state now;

	if (entry == ENTRY_UNKNOWN)
		return found;
	h.pfn_known = info->known.pfn;
	h.zero_pfn = info->zero_pfn;
	h.swap = info->swap;
	now = entry_state(entry, &h);
	/* A zero page is never exclusive; without its PFN it looks like any other present page. */
	if ((now == PAGE_ANON || now == PAGE_FILE) && found == PAGE_ZERO &&
		!(entry & ENTRY_EXCLUSIVE))
		return PAGE_ZERO;
	if (now == PAGE_UNKNOWN &&
		(found == PAGE_SWAP || found == PAGE_MARKER || found == PAGE_MOVING))
		return found;
	if (now == PAGE_NONE && found == PAGE_UNKNOWN)
		return found;
	return now;
}
