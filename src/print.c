/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/newfile.h"
#include "base/units.h"
#include "model/checkpoint.h"
#include "output/export.h"
#include "output/report.h"
#include "source/gather.h"
#include "tui/picture.h"

int trouble(const struct err *e)
{
	fprintf(stderr, "pmview: %s\n", e->text);
	return EXIT_TROUBLE;
}

int print_answer(const struct options *o, const void *answer, int status,
	void (*print)(FILE *f, const struct options *o, const void *answer))
{
	struct newfile out;
	struct err e;

	if (newfile_open(&out, o->output ? o->output : "-", 0666, true, &e) < 0)
		return trouble(&e);
	print(out.f, o, answer);
	return newfile_commit(&out, &e) < 0 ? trouble(&e) : status;
}

void print_report(FILE *f, const struct options *o, struct report *r)
{
	text_report(f, r, o->ascii);
	report_free(r);
}

static void say_smaps(uint64_t took_ns)
{
	char took[UNITS_DURATION_LEN];

	if (took_ns && isatty(STDERR_FILENO))
		fprintf(stderr, "pmview: reading smaps for --checkpoint took %s\n",
			units_duration(took, took_ns));
}

int print_smaps_read(const struct options *o, const struct snapshot *s, struct checkpoint_set *set,
	struct err *e)
{
	uint64_t took_ns;

	if (gather_checkpoint(o->proc, s, NULL, false, NULL, set, &took_ns, e) < 0)
		return -1;
	say_smaps(took_ns);
	return 0;
}

/* What a file tells for --checkpoint. */
static int gather_kept(const struct options *o, const struct target *t, struct checkpoint_set *set,
	struct err *e)
{
	const struct vma_smaps *smaps = store_smaps(t->store);
	struct entry_reader reader = target_entries(t);
	size_t n = snapshot_vmas(t->snapshot);

	if (!smaps && checkpoint_needs_smaps(t->snapshot))
		return err_set(e,
			"--checkpoint goes by VmFlags, which %s does not hold: save it with --checkpoint too",
			o->target);
	checkpoint_set_init(set, t->snapshot,
		smaps ? mem_dup(smaps, n * sizeof(*smaps)) : mem_zero(n, sizeof(*smaps)));
	set->smaps_swap = CHECKPOINT_UNKNOWN;
	checkpoint_find_poison(set, t->snapshot, reader.read ? &reader : NULL);
	checkpoint_refuse(set, (struct refusal){ .reason = REFUSES_USERFAULTFD, .fd = -1 });
	return 0;
}

/* What --checkpoint needs: *set, which is left alone where it was not asked for. *took_ns: how long
 * smaps took, 0 if it was not read. */
static int gather(const struct options *o, const struct target *t, struct checkpoint_set *set,
	uint64_t *took_ns, struct err *e)
{
	struct entry_reader reader;

	*took_ns = 0;
	if (!o->checkpoint)
		return 0;
	if (!t->live)
		return gather_kept(o, t, set, e);
	reader = live_entries(t->live);
	if (gather_checkpoint(
		    o->proc, t->snapshot, &reader, o->mode == MODE_LIST, NULL, set, took_ns, e) < 0)
		return -1;
	return live_is_same(t->live, e) ? 0 : -1;
}

/* Say on a terminal which of what is told of frames could not be read, and what would allow it. */
static void say_missing(const struct frame_reader *r)
{
	int f;

	for (f = 0; f < FRAME_FILES && isatty(STDERR_FILENO); f++)
		if (r->error[f])
			fprintf(stderr, "pmview: %s cannot be read: %s%s\n",
				frame_file_name((enum frame_file)f), strerror(r->error[f]),
				r->error[f] == EACCES ? " (needs CAP_DAC_READ_SEARCH)" : "");
}

/* As export_print(). */
static int print(FILE *f, const struct options *o, const struct target *t,
	const struct checkpoint_set *set, struct err *e)
{
	struct entry_reader reader = target_entries(t);
	struct frame_reader frames;
	struct svg_style style;
	struct export x = {
		.format = o->format,
		.pages = o->mode == MODE_PAGES ? o->pages : NULL,
		.exact = o->bytes,
		.ascii = o->ascii,
		.checkpoint = o->checkpoint ? set : NULL,
		.entries = reader.read ? &reader : NULL,
		.style = &style,
	};

	if (o->format == FORMAT_SVG && picture_style(&style, o->theme, e) < 0)
		return -1;
	if (x.pages && o->format != FORMAT_SVG && reader.read &&
		snapshot_info(t->snapshot)->known.pfn) {
		frames = target_frames(t);
		say_missing(&frames);
		x.frames = &frames;
	}
	return export_print(f, t->snapshot, &x, e);
}

/* Whoever reads our output, a pager say, may take long, and a process that we stopped must not wait
 * for that: its pages go to a file of our own first. As print(); NULL in *spool on
 * failure. */
static int spool_pages(FILE **spool, const struct options *o, const struct target *t,
	const struct checkpoint_set *set, struct err *e)
{
	int r;

	*spool = newfile_unnamed(e);
	if (!*spool)
		return -1;
	r = print(*spool, o, t, set, e);
	if (r >= 0 && (fflush(*spool) || ferror(*spool) || fseek(*spool, 0, SEEK_SET)))
		r = err_errno(e, "cannot write a temporary file");
	if (r >= 0)
		return r;
	fclose(*spool);
	*spool = NULL;
	return r;
}

static int copy_spool(FILE *to, FILE *spool, struct err *e)
{
	char buf[65536];
	int failed;
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), spool)) > 0)
		fwrite(buf, 1, n, to);
	failed = ferror(spool);
	fclose(spool);
	return failed ? err_set(e, "a temporary file cannot be read back") : 0;
}

int print_snapshot(const struct options *o, const struct target *t)
{
	bool complete = snapshot_info(t->snapshot)->complete;
	struct checkpoint_set set = { 0 };
	const char *damage;
	FILE *spool = NULL;
	struct newfile out;
	uint64_t took_ns;
	struct err e;
	int r = gather(o, t, &set, &took_ns, &e) < 0 ? -1 : 1;

	if (r > 0 && o->freeze && o->mode == MODE_PAGES)
		r = spool_pages(&spool, o, t, &set, &e);
	if (t->live)
		live_thaw(t->live);
	say_smaps(took_ns);
	/* Entries and PFNs are for who may see them. */
	if (r < 0 || newfile_open(&out, o->output ? o->output : "-",
			     o->mode == MODE_PAGES ? 0600 : 0666, true, &e) < 0) {
		if (spool)
			fclose(spool);
		checkpoint_set_free(&set);
		return trouble(&e);
	}
	if (spool)
		r = copy_spool(out.f, spool, &e) < 0 ? -1 : r;
	else
		r = print(out.f, o, t, &set, &e);
	checkpoint_set_free(&set);
	if (r < 0) {
		newfile_abandon(&out);
		return trouble(&e);
	}
	if (newfile_commit(&out, &e) < 0)
		return trouble(&e);
	if (!r && live_is_same(t->live, &e))
		err_set(&e, "process %d cannot be read any more", (int)snapshot_info(t->snapshot)->pid);
	if (!r)
		fprintf(stderr, "pmview: %s: what was read of its pages before is printed\n", e.text);
	damage = t->store ? store_damage(t->store) : NULL;
	if (damage)
		fprintf(stderr, "pmview: %s\n", damage);
	else if (!complete && t->live)
		fprintf(stderr, "pmview: some lines of maps could not be understood, and were left out\n");
	else if (!complete)
		fprintf(stderr, "pmview: %s is not complete: the process ended or changed while it was saved\n",
			o->target);
	return r && complete && !damage ? EXIT_FINE : EXIT_PARTIAL;
}
