/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "central/central.h"

G_BEGIN_DECLS

/*
 * A campaign before it is signed is a folder that people can read: manifest.json and, in files/,
 * every file it names. Signing happens where the campaign key is, which need not be the server.
 */

/** The keys that do not belong on the server, as files of one folder. */
#define PLAZA_PACKAGE_CAMPAIGN_KEY "campaign.key"
#define PLAZA_PACKAGE_CUSTODY_KEY "custody.key"
#define PLAZA_PACKAGE_RECOVERY_KEY "recovery.key"

/**
 * plaza_package_new_keys: makes the campaign, custody and recovery keys in @directory, which is
 * created with mode 0700. PLAZA_ERROR_EXISTS when there are keys already.
 */
gboolean plaza_package_new_keys (const char *directory, GError **error);

typedef struct
{
  const char *form;                 /* path of the XForm */
  const char *media;                /* (nullable): folder of its media */
  const char *keys;                 /* folder of the keys */
  const char *title;                /* (nullable): the form's */
  const char *const *organisations; /* (nullable): "ID=NAME" */
  JsonObject *settings;             /* (nullable): further members of the manifest; they win */
  gint64 serial;                    /* 0: 1, a campaign's first package */
} PlazaPackageSources;

/**
 * plaza_package_build: writes the unsigned campaign to @out, which must not exist. The form must
 * load. A dictionary is trained on made-up answers; when that is not possible, *@out_warning (out)
 * (nullable) (transfer full) says why, and there is none.
 */
gboolean plaza_package_build (PlazaCentral *central,
                              const PlazaPackageSources *sources,
                              const char *out,
                              char **out_warning,
                              GError **error);

/** plaza_package_sign: Returns: (transfer full): the signed package of an unsigned campaign. */
GBytes *plaza_package_sign (const char *unsigned_campaign, const char *key, GError **error);

G_END_DECLS
