/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report as text: its lines. */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/report.h"

/* ascii: no byte above 0x7e. */
void text_report(FILE *f, const struct report *r, bool ascii);

#endif
