# SPDX-License-Identifier: GPL-2.0-or-later
#
# make              build ./pmview
# make deps         install what is missing (Debian and its kin; asks sudo where needed)
# make demo         look at a process prepared to show every page state this machine can show
# make check        run the tests that need no privilege and change nothing
# make check-system the tests that need root, and change and restore settings of this machine
# make soak         compare what is said of random address spaces for SECONDS (60), from SEED on
# make bench        measure, side by side
# make install      PREFIX, DESTDIR, BINDIR, MANDIR, DATADIR, SYSCONFDIR and NAME are honoured

# A packager may rename the program and its pages: another one has been called pmview.
NAME       ?= pmview
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
SYSCONFDIR ?= $(PREFIX)/etc

VERSION    := $(shell cat VERSION)
VARIANT    ?= debug
O          := build/$(VARIANT)

# --- flags: ours first, the packager's last ------------------------------------------------------

PKGS       := ncursesw popt libzstd jansson inih
TEST_PKGS  := cmocka vterm
PKG_CONFIG ?= pkg-config

flags_debug := -O2 -g -fstack-protector-strong
flags_asan  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
flags_tsan  := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
# A packager's own level wins.
cpp_debug   := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
flags       := $(flags_$(VARIANT))
ifeq ($(flags),)
$(error VARIANT=$(VARIANT): it takes one of debug, asan, tsan)
endif

all_cppflags := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc $(cpp_$(VARIANT)) $(CPPFLAGS)
all_cflags   := -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
		-Wformat=2 $(if $(WERROR),-Werror) -fPIE -pthread $(flags) $(CFLAGS)
all_ldflags  := -pie -Wl,-z,relro,-z,now $(flags) -pthread $(LDFLAGS)
# Asked when they are needed, not when this file is read: "make deps" may have to run first.
pkg_cflags    = $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
pkg_libs      = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm
test_cflags   = $(shell $(PKG_CONFIG) --cflags $(TEST_PKGS) 2>/dev/null)
test_libs     = $(shell $(PKG_CONFIG) --libs $(TEST_PKGS) 2>/dev/null)

# --- files ---------------------------------------------------------------------------------------

lib_src    := $(filter-out src/main.c,$(wildcard src/*.c src/*/*.c))
lib_obj    := $(lib_src:%.c=$(O)/%.o) $(O)/builtin_themes.o
lib        := $(O)/libpmview.a
themes     := $(sort $(wildcard themes/*.theme))
fixture    := $(O)/mkpages
fixture_src := $(filter-out tests/fixture/fixture.c,$(wildcard tests/fixture/*.c))
wander     := $(O)/wander
wander_src := $(wildcard tests/soak/*.c) tests/fixture/self.c
unit       := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/test_*.c))
e2e        := $(patsubst tests/e2e/%.c,$(O)/e2e/%,$(wildcard tests/e2e/test_*.c))
system     := $(patsubst tests/system/%.c,$(O)/system/%,$(wildcard tests/system/test_*.c))
bench      := $(O)/bench/bench
bench_src  := $(wildcard tests/bench/*.c)

.PHONY: all build-tests check check-threads check-system soak bench demo deps install uninstall clean lint have-libs have-test-libs
.DELETE_ON_ERROR:
# "make -j deps demo": nothing can begin before deps has ended.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
# ./pmview is the ordinary build; the others stay in their folders.
all: $(if $(filter debug,$(VARIANT)),pmview,$(O)/pmview)

# --- what must be there --------------------------------------------------------------------------

DEB_PKGS := gcc libc6-dev pkg-config libncurses-dev libpopt-dev libzstd-dev libjansson-dev \
	    libinih-dev libcmocka-dev libvterm-dev mandoc jq sqlite3 zstd

# $(call need,modules): one line instead of a page of compiler errors.
need = @for c in $(firstword $(CC)) $(firstword $(PKG_CONFIG)); do \
		command -v $$c >/dev/null || missing="$$missing $$c"; done; \
	for m in $(1); do $(PKG_CONFIG) --exists $$m 2>/dev/null || missing="$$missing $$m"; done; \
	[ -z "$$missing" ] || { echo "pmview cannot be built: missing$$missing; 'make deps' installs it" >&2; \
		exit 1; }

have-libs:
	$(call need,$(PKGS))
have-test-libs:
	$(call need,$(PKGS) $(TEST_PKGS))

deps:
	@missing=; \
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then \
		echo "make deps knows Debian and its kin; install what corresponds to: $(DEB_PKGS)" >&2; exit 1; fi; \
	for p in $(DEB_PKGS); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	if [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
		echo "make deps: run as root (there is no sudo): apt-get install$$missing" >&2; exit 1; fi; \
	echo "installing:$$missing"; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

# One short line a file; V=1 shows the commands.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-4s %s\n' $(1) $@)

# --- building ------------------------------------------------------------------------------------

# Changes when the flags do, and everything is built anew then.
stamp := $(O)/flags
stamp_text := $(CC) $(all_cppflags) $(filter-out -Werror,$(all_cflags)) $(all_ldflags)
$(shell mkdir -p $(O); printf '%s\n' '$(subst ','\'',$(stamp_text))' | cmp -s - $(stamp) || \
	printf '%s\n' '$(subst ','\'',$(stamp_text))' > $(stamp))

pmview: build/debug/pmview
	$(Q)cp $< $@

$(O)/pmview: $(O)/src/main.o $(lib)
	$(call say,LD)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(pkg_libs)

$(lib): $(lib_obj)
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/%.o: %.c $(stamp) | have-libs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(all_cppflags) $(pkg_cflags) $(all_cflags) -MMD -MP -c -o $@ $<

$(O)/builtin_themes.o: $(O)/builtin_themes.c $(stamp)
	$(call say,CC)
	$(Q)$(CC) $(all_cppflags) $(all_cflags) -MMD -MP -c -o $@ $<

$(O)/builtin_themes.c: $(themes) Makefile
	@{ echo '#include "view/theme.h"'; echo 'const struct builtin_theme builtin_themes[] = {'; \
	for t in $(themes); do \
		echo "{ \"$$(basename $$t .theme)\","; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$t; echo '},'; \
	done; echo '{ 0, 0 } };'; } > $@

# The fixture processes are programs of their own: nothing of pmview is in them; and no sanitizer, which
# would reserve terabytes that must be walked.
$(fixture): $(fixture_src:%.c=$(O)/plain/%.o)
$(wander): $(wander_src:%.c=$(O)/plain/%.o)
$(fixture) $(wander):
	$(call say,LD)
	$(Q)$(CC) $(filter-out -fsanitize=%,$(all_ldflags)) -o $@ $^

$(O)/plain/%.o: %.c $(stamp) | have-libs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(all_cppflags) $(filter-out -fsanitize=%,$(all_cflags)) -MMD -MP -c -o $@ $<

$(O)/tests/%.o: tests/%.c $(stamp) | have-test-libs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(all_cppflags) -Itests -Itests/unit $(pkg_cflags) $(test_cflags) $(all_cflags) -MMD -MP -c -o $@ $<

test_helpers := $(O)/tests/e2e/tui.o $(O)/tests/e2e/lists.o $(O)/tests/e2e/target.o \
		$(O)/tests/fixture/fixture.o $(O)/tests/helpers.o

$(unit): $(O)/unit/%: $(O)/tests/unit/%.o $(O)/tests/helpers.o $(lib)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(pkg_libs) $(test_libs)
$(e2e): $(O)/e2e/%: $(O)/tests/e2e/%.o $(test_helpers) $(lib)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(pkg_libs) $(test_libs)
$(system): $(O)/system/%: $(O)/tests/system/%.o $(test_helpers) $(lib)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(pkg_libs) $(test_libs)
$(bench): $(bench_src:%.c=$(O)/%.o) $(O)/tests/e2e/tui.o $(O)/tests/helpers.o $(lib)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(pkg_libs) $(test_libs)

.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)

# --- trying and testing --------------------------------------------------------------------------

demo: pmview $(fixture)
	@$(fixture) all -- ./pmview

# These tell the tests which binaries to run.
test_env := PMVIEW=$(CURDIR)/$(O)/pmview PMVIEW_MKPAGES=$(CURDIR)/$(fixture) \
	    PMVIEW_WANDER=$(CURDIR)/$(wander) PMVIEW_SOURCE=$(CURDIR) \
	    UBSAN_OPTIONS=print_stacktrace=1 $(if $(filter-out debug,$(VARIANT)),PMVIEW_TEST_PATIENCE=5)

build-tests: $(O)/pmview $(fixture) $(wander) $(unit) $(e2e)

check: build-tests lint
	@$(test_env) tests/run $(unit) $(e2e)

# The tests with threads of their own, for VARIANT=tsan.
threads := $(O)/e2e/test_threads $(O)/unit/test_replay_steps $(O)/unit/test_times
check-threads: $(O)/pmview $(fixture) $(wander) $(threads)
	@$(test_env) tests/run $(threads)

# Some of the others see more on a machine that was prepared.
on_system := $(system) $(addprefix $(O)/e2e/test_,list record judges quiet shmem checkpoint random frames who rss keep compare opened)
check-system: $(O)/pmview $(fixture) $(wander) $(on_system)
	@$(test_env) tests/check-system $(on_system)

# SEED=n is rerun as it was said to fail; the seeds behind it follow until the time is over.
soak: $(O)/pmview $(fixture) $(wander) $(O)/e2e/test_random
	@$(test_env) SOAK_SECONDS=$(or $(SECONDS),60) SOAK_SEED=$(or $(SEED),$(SOAK_SEED)) \
		tests/run $(O)/e2e/test_random

# PARTS="cost keys" runs only those; BENCH_MIB=512 BENCH_ROUNDS=3 is quick (tests/bench/README.md).
bench: $(O)/pmview $(bench)
	@$(test_env) $(bench) $(PARTS)

lint: $(O)/pmview
	@$(test_env) CC="$(CC)" CPPFLAGS="$(all_cppflags) $(pkg_cflags)" tests/lint

# --- installing ----------------------------------------------------------------------------------

man_pages := $(wildcard man/*.[15])

install: $(O)/pmview
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)/$(NAME)/themes
	install -m 755 $(O)/pmview $(DESTDIR)$(BINDIR)/$(NAME)
	install -m 644 $(themes) $(DESTDIR)$(DATADIR)/$(NAME)/themes
	for m in $(man_pages); do \
		section=$${m##*.}; page=$$(basename $$m | sed 's/^pmview/$(NAME)/'); \
		install -d $(DESTDIR)$(MANDIR)/man$$section && \
		install -m 644 $$m $(DESTDIR)$(MANDIR)/man$$section/$$page || exit 1; done

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/$(NAME)
	for t in $(notdir $(themes)); do rm -f $(DESTDIR)$(DATADIR)/$(NAME)/themes/$$t; done
	for m in $(man_pages); do \
		rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$$(basename $$m | sed 's/^pmview/$(NAME)/'); done
	-rmdir $(DESTDIR)$(DATADIR)/$(NAME)/themes $(DESTDIR)$(DATADIR)/$(NAME) 2>/dev/null

clean:
	rm -rf build pmview
