/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/carried.h"
#include "store/rescue.h"

G_BEGIN_DECLS

/** A rescue under way. */
typedef struct
{
  const char *data_root;
  const PlazaRescueOptions *options;
  PlazaRescueReport *report;
  char *scratch;       /* a data root of its own, inside ours, for copies */
  GHashTable *seen;    /* ids of envelopes that were counted */
  GPtrArray *packages; /* paths of campaign packages that were found */
  PlazaCarried *carried;
} PlazaRescue;

/** plaza_rescue_take_envelope: counts it, once. FALSE when this laptop's own disk refused.
 * @named: the id by which it was kept: bytes that have another are damaged. NULL when nothing says
 * one */
gboolean
plaza_rescue_take_envelope (PlazaRescue *self, const char *named, GBytes *bytes, GError **error);

/** plaza_rescue_profile: what is in the profile's folder, or in the database file, at @path; adds
 * to the report. FALSE when this laptop's own disk refused. */
gboolean plaza_rescue_profile (PlazaRescue *self, const char *path, GError **error);

/** What a scratch folder's name begins with. */
#define PLAZA_RESCUE_SCRATCH "rescue."

G_END_DECLS
