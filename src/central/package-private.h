/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/package.h"
#include "form/form.h"

G_BEGIN_DECLS

/* What building a campaign and renewing one share. */

#define PLAZA_PACKAGE_MAX_FILE (16 * 1024 * 1024)
/** The file of the dictionary that is trained here. */
#define PLAZA_PACKAGE_DICTIONARY "answers.zdict"

/** plaza_package_write_file: @out/files/@name. */
gboolean
plaza_package_write_file (const char *out, const char *name, GBytes *bytes, GError **error);

/** plaza_package_find_media: (transfer full): the names behind jr://…/NAME in the form, each once.
 */
GStrv plaza_package_find_media (GBytes *form);

/** Members of the manifest. (transfer full) */
JsonObject *plaza_package_describe_form (PlazaForm *form, const char *file, char **media);
JsonArray *plaza_package_describe_catalogues (char **media, const char *version);
JsonArray *plaza_package_describe_organisations (const char *const *organisations);

/** plaza_package_override: for json_object_foreach_member(): @value into @manifest. */
void
plaza_package_override (JsonObject *settings, const char *name, JsonNode *value, gpointer manifest);

/** plaza_package_train: writes the dictionary of @form. FALSE with @error: there is none, and the
 * campaign does without. */
gboolean
plaza_package_train (PlazaForm *form, const char *fingerprint, const char *out, GError **error);

G_END_DECLS
