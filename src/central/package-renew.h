/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/package.h"

G_BEGIN_DECLS

/** PlazaPackageRenewal: what a newer package of a campaign changes; the rest stays as it is. */
typedef struct
{
  const char *from;                 /* path of the package before */
  gint64 serial;                    /* 0: one more than that package's */
  const char *form;                 /* (nullable): path of another version, or another form */
  const char *media;                /* (nullable): folder of its media */
  const char *asking_ends;          /* (nullable): "YYYY-MM-DD"; "" for never */
  const char *keying_ends;          /* (nullable): likewise */
  const char *const *revoke;        /* (nullable): device UUIDs to take out of use */
  const char *const *organisations; /* (nullable): "ID=NAME", added or renamed */
  JsonObject *settings;             /* (nullable): further members of the manifest; they win */
} PlazaPackageRenewal;

/**
 * plaza_package_renew: writes the unsigned campaign to @out, which must not exist, for
 * plaza_package_sign() with the same campaign key. A form becomes the version that is asked; the
 * versions before stay in the package, for drafts and corrections, except where a media file of the
 * same name has another content now: laptops and the central keep those in the packages they had.
 * @out_warning: (out) (nullable) (transfer full): what was left out, or that there is no new
 *   dictionary
 * Errors: PLAZA_ERROR_EXISTS (@out; or the package has this form and version with another content),
 * PLAZA_ERROR_INVALID (a date, a UUID, a serial that does not grow), plaza_form_new()'s.
 */
gboolean plaza_package_renew (const PlazaPackageRenewal *renewal,
                              const char *out,
                              char **out_warning,
                              GError **error);

G_END_DECLS
