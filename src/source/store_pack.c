/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source/store_pack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "source/store_format.h"

/* --- writing --- */

void packer_init(struct packer *p, FILE *f)
{
	*p = (struct packer){ .f = f, .zstd = ZSTD_createCCtx() };
	ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
}

void packer_free(struct packer *p)
{
	ZSTD_freeCCtx(p->zstd);
	str_free(&p->lines);
	free(p->packed);
}

void packer_json(struct packer *p, json_t *j)
{
	char *text = json_dumps(j, JSON_LINE);

	json_decref(j);
	str_add(&p->lines, text);
	str_addc(&p->lines, '\n');
	free(text);
	if (p->lines.len >= STORE_FRAME)
		packer_end_frame(p);
}

void packer_set_apart(struct packer *p)
{
	p->apart = p->lines.len;
}

/* Pack the lines up to byte `to`, which is their end or not. */
static void pack(struct packer *p, ZSTD_inBuffer *in, size_t to, ZSTD_EndDirective how)
{
	ZSTD_outBuffer out = { p->packed, p->packed_size, 0 };

	in->size = to;
	/* There is room for all, so that one call is enough. */
	if (ZSTD_compressStream2(p->zstd, &out, in, how))
		p->failed = true;
	fwrite(p->packed, 1, out.pos, p->f);
}

void packer_end_frame(struct packer *p)
{
	ZSTD_inBuffer in = { p->lines.s, 0, 0 };
	size_t room = ZSTD_compressBound(p->lines.len);

	if (!p->lines.len)
		return;
	if (room > p->packed_size) {
		p->packed_size = room;
		p->packed = mem_resize(p->packed, room, 1);
	}
	ZSTD_CCtx_reset(p->zstd, ZSTD_reset_session_only);
	ZSTD_CCtx_setPledgedSrcSize(p->zstd, p->lines.len);
	if (p->apart)
		pack(p, &in, p->apart, ZSTD_e_flush);
	pack(p, &in, p->lines.len, ZSTD_e_end);
	str_clear(&p->lines);
	p->apart = 0;
}

/* --- finding --- */

/* Read n bytes at `at`. False if they are not all there. */
static bool read_at(int fd, uint64_t at, void *to, size_t n)
{
	char *into = to;
	ssize_t got;

	while (n && (got = pread(fd, into, n, (off_t)at)) > 0) {
		into += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return !n;
}

#define BLOCK_MOST (128 * 1024)

/* The size of the block whose header is h, that included, and whether it is the last; 0: there is no
 * such block. */
static uint64_t block_size(const uint8_t h[3], bool *last)
{
	uint32_t word = h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16;
	uint32_t type = word >> 1 & 3, size = word >> 3;

	*last = word & 1;
	if (type == 3 || size > BLOCK_MOST)
		return 0;
	return 3 + (type == 1 ? 1 : size);
}

/* The size of a frame's header from its first five bytes. */
static uint64_t header_size(const uint8_t h[5])
{
	static const uint8_t dictionary[] = { 0, 1, 2, 4 }, content[] = { 0, 2, 4, 8 };
	bool single = h[4] & 0x20;
	unsigned size = content[h[4] >> 6];

	return 5 + !single + dictionary[h[4] & 3] + (single && !size ? 1 : size);
}

static uint32_t little(const uint8_t *b)
{
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* RFC 8878, 3.1.2. */
static bool is_skippable(const uint8_t *magic)
{
	return (little(magic) & 0xfffffff0) == 0x184d2a50;
}

int pack_find(int fd, uint64_t file_size, uint64_t at, struct packed *p, bool *cut)
{
	uint64_t left = file_size - at, size;
	unsigned blocks;
	bool last = false;
	uint8_t h[8] = { 0 };

	*p = (struct packed){ .at = at };
	*cut = false;
	if (!read_at(fd, at, h, left < 8 ? left : 8))
		return -1;
	if (left < 8) {
		*cut = !memcmp(h, STORE_MAGIC, left < 4 ? left : 4);
		return -1;
	}
	if (is_skippable(h)) {
		p->size = 8 + (uint64_t)little(h + 4);
		*cut = p->size > left;
		return *cut ? -1 : 0;
	}
	if (memcmp(h, STORE_MAGIC, 4) != 0 || h[4] & 8)
		return -1;
	p->size = header_size(h);
	for (blocks = 0; !last; blocks++) {
		if (blocks == STORE_MOST_BLOCKS)
			return -1;
		if (p->size + 3 > left || !read_at(fd, at + p->size, h + 5, 3)) {
			*cut = true;
			return -1;
		}
		size = block_size(h + 5, &last);
		if (!size)
			return -1;
		p->size += size;
	}
	if (h[4] & 4)
		p->size += 4;
	*cut = p->size > left;
	return *cut ? -1 : 1;
}

uint64_t pack_seek(int fd, uint64_t file_size, uint64_t at)
{
	char buf[65536];
	const char *found;
	size_t n;

	while (at + 4 <= file_size) {
		n = file_size - at < sizeof(buf) ? (size_t)(file_size - at) : sizeof(buf);
		if (!read_at(fd, at, buf, n))
			break;
		found = memmem(buf, n, STORE_MAGIC, 4);
		if (found)
			return at + (uint64_t)(found - buf);
		at += n - 3;
	}
	return file_size;
}

/* --- unpacking --- */

int pack_read(int fd, const struct packed *p, size_t begin, ZSTD_DCtx *zstd, struct str *text)
{
	static const size_t chunk = BLOCK_MOST + 32;
	char *in_buf = mem_alloc(chunk), *out_buf = mem_alloc(BLOCK_MOST);
	uint64_t done = 0;
	size_t left = 1;
	int result = 0;

	str_clear(text);
	ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only);
	while (!result && left && done < p->size && !(begin && text->len)) {
		ZSTD_inBuffer in = { in_buf, p->size - done < chunk ? (size_t)(p->size - done) : chunk, 0 };

		/* The beginning is in a small block: most of what follows it is not even read. */
		if (begin && !done && in.size > 512)
			in.size = 512;
		if (!read_at(fd, p->at + done, in_buf, in.size))
			result = -1;
		while (!result && in.pos < in.size && left) {
			ZSTD_outBuffer out = { out_buf, begin ? begin : BLOCK_MOST, 0 };

			left = ZSTD_decompressStream(zstd, &out, &in);
			if (ZSTD_isError(left)) {
				result = -1;
				break;
			}
			str_addn(text, out_buf, out.pos);
			if (text->len > STORE_MOST_IN_FRAME)
				result = -2;
			if (begin && text->len)
				break;
		}
		done += in.size;
	}
	/* What was to be had is not believed without its end, where the checksum is. */
	if (!result && !begin && left)
		result = -1;
	free(in_buf);
	free(out_buf);
	return result;
}
