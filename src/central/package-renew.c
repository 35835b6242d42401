/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include "central/package-renew.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/uuid.h"
#include "central/package-private.h"

/* What becomes of the package while it is renewed. */
typedef struct
{
  const PlazaPackageRenewal *renewal;
  const char *out;
  PlazaCampaign *campaign; /* the package before */
  JsonObject *manifest;    /* of the new one */
  GHashTable *files;       /* name → GBytes, of the new one */
  GHashTable *changed;     /* names whose content is another than before */
  GString *warnings;
} Work;

static void
work_clear (Work *self)
{
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->manifest, json_object_unref);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_clear_pointer (&self->changed, g_hash_table_unref);
  if (self->warnings != NULL)
    g_string_free (self->warnings, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static void
warn (Work *self, const char *words)
{
  if (self->warnings->len > 0)
    g_string_append (self->warnings, "; ");
  g_string_append (self->warnings, words);
}

/* What was there */

static gboolean
take_over (Work *self, GError **error)
{
  g_autoptr (GBytes) json = plaza_campaign_manifest (self->campaign);
  g_autoptr (JsonObject) before = plaza_json_parse_object (json, NULL, error);
  g_auto (GStrv) names = plaza_campaign_file_names (self->campaign);

  if (before == NULL)
    return FALSE;
  /* Members are shared, and replaced whole where they change: what the parser gave is immutable. */
  self->manifest = json_object_new ();
  json_object_foreach_member (before, plaza_package_override, self->manifest);
  json_object_remove_member (self->manifest, "files");
  for (guint i = 0; names[i] != NULL; i++)
    {
      GBytes *content = plaza_campaign_file (self->campaign, names[i], error);

      if (content == NULL)
        return FALSE;
      g_hash_table_insert (self->files, g_strdup (names[i]), content);
    }
  return TRUE;
}

/* Another version */

static void
put_file (Work *self, const char *name, GBytes *content)
{
  GBytes *before = g_hash_table_lookup (self->files, name);

  if (before != NULL && g_bytes_equal (before, content))
    return;
  if (before != NULL)
    g_hash_table_add (self->changed, g_strdup (name));
  g_hash_table_insert (self->files, g_strdup (name), g_bytes_ref (content));
}

static gboolean
read_media (Work *self, char **names, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (
          self->renewal->media != NULL ? self->renewal->media : ".", names[i], NULL);
      g_autoptr (GBytes) content = plaza_file_read (path, PLAZA_PACKAGE_MAX_FILE, error);

      if (content == NULL)
        return FALSE;
      put_file (self, names[i], content);
    }
  return TRUE;
}

/* A name of its own in the package: the versions before keep theirs. */
static char *
name_form (Work *self, PlazaForm *form, GBytes *xml)
{
  g_autofree char *name = g_path_get_basename (self->renewal->form);
  g_autofree char *version = g_strdup (plaza_form_get_version (form));
  g_autofree char *stem = NULL;
  GBytes *before = g_hash_table_lookup (self->files, name);

  if (before == NULL || g_bytes_equal (before, xml))
    return g_steal_pointer (&name);
  g_strcanon (version, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", '-');
  stem = g_str_has_suffix (name, ".xml") ? g_strndup (name, strlen (name) - 4) : g_strdup (name);
  return g_strdup_printf ("%s-%s.xml", stem, version);
}

static gboolean
uses_changed (Work *self, const PlazaCampaignQuestionnaire *questionnaire, const char **out_name)
{
  for (guint i = 0; questionnaire->media[i] != NULL; i++)
    if (g_hash_table_contains (self->changed, questionnaire->media[i]))
      {
        *out_name = questionnaire->media[i];
        return TRUE;
      }
  return FALSE;
}

/* The new version first, which makes it the one that is asked; then those before. */
static void
list_forms (Work *self, PlazaForm *form, const char *file, char **media)
{
  JsonArray *before = json_object_get_array_member (self->manifest, "questionnaires");
  JsonArray *forms = json_array_new ();

  json_array_add_object_element (forms, plaza_package_describe_form (form, file, media));
  for (guint i = 0; i < self->campaign->questionnaires->len; i++)
    {
      const PlazaCampaignQuestionnaire *known = self->campaign->questionnaires->pdata[i];
      const char *name = NULL;
      g_autofree char *words = NULL;

      if (strcmp (known->form_id, plaza_form_get_id (form)) == 0 &&
          strcmp (known->version, plaza_form_get_version (form)) == 0)
        continue;
      if (!uses_changed (self, known, &name))
        {
          json_array_add_element (forms, json_node_ref (json_array_get_element (before, i)));
          continue;
        }
      g_hash_table_remove (self->files, known->file);
      words = g_strdup_printf ("%s version %s is left out, since %s changed", known->form_id,
                               known->version, name);
      warn (self, words);
    }
  json_object_set_array_member (self->manifest, "questionnaires", forms);
}

/* Code lists of files that changed are those of the new version; others stay. */
static void
list_catalogues (Work *self, char **media, const char *version)
{
  g_autoptr (JsonArray) found = plaza_package_describe_catalogues (media, version);
  JsonArray *before = json_object_get_array_member (self->manifest, "catalogues");
  JsonArray *catalogues = json_array_new ();
  g_autoptr (GHashTable) renewed = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (found); i++)
    {
      JsonObject *object = json_array_get_object_element (found, i);
      const char *file = json_object_get_string_member (object, "file");

      if (!g_hash_table_contains (self->changed, file))
        continue;
      g_hash_table_add (renewed, (gpointer) json_object_get_string_member (object, "id"));
      json_array_add_object_element (catalogues, json_object_ref (object));
    }
  for (guint i = 0; i < json_array_get_length (before); i++)
    {
      JsonObject *object = json_array_get_object_element (before, i);

      if (!g_hash_table_contains (renewed, json_object_get_string_member (object, "id")))
        json_array_add_object_element (catalogues, json_object_ref (object));
    }
  json_object_set_array_member (self->manifest, "catalogues", catalogues);
}

/* A dictionary of the new answers; the old one goes on being good for them when there is none. */
static gboolean
renew_dictionary (Work *self, PlazaForm *form, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (plaza_package_train (form, self->campaign->fingerprint, self->out, &local))
    {
      if (self->campaign->dictionary != NULL)
        g_hash_table_remove (self->files, self->campaign->dictionary);
      g_hash_table_remove (self->files, PLAZA_PACKAGE_DICTIONARY);
      json_object_set_string_member (self->manifest, "dictionary", PLAZA_PACKAGE_DICTIONARY);
    }
  else
    warn (self, local->message);
  return TRUE;
}

static gboolean
add_form (Work *self, GError **error)
{
  const PlazaPackageRenewal *renewal = self->renewal;
  g_autoptr (GBytes) xml = plaza_file_read (renewal->form, PLAZA_PACKAGE_MAX_FILE, error);
  g_autoptr (PlazaMedia) media =
      plaza_media_new_for_directory (renewal->media != NULL ? renewal->media : ".");
  g_autoptr (PlazaForm) form = xml != NULL ? plaza_form_new (xml, media, NULL, error) : NULL;
  const PlazaCampaignQuestionnaire *known;
  g_autofree char *file = NULL;
  g_auto (GStrv) names = NULL;

  if (form == NULL)
    {
      plaza_error_name_subject (error, renewal->form);
      return FALSE;
    }
  known = plaza_campaign_questionnaire (self->campaign, plaza_form_get_id (form),
                                        plaza_form_get_version (form));
  if (known != NULL && !g_bytes_equal (g_hash_table_lookup (self->files, known->file), xml))
    return plaza_throw_words (
        error, PLAZA_ERROR_EXISTS,
        _ ("the campaign has %s version %s with another content: give the form a new "
           "version"),
        known->form_id, known->version);
  names = plaza_package_find_media (xml);
  file = known != NULL ? g_strdup (known->file) : name_form (self, form, xml);
  if (!read_media (self, names, error))
    return FALSE;
  g_hash_table_insert (self->files, g_strdup (file), g_bytes_ref (xml));
  list_forms (self, form, file, names);
  list_catalogues (self, names, plaza_form_get_version (form));
  json_object_set_string_member (self->manifest, "notice_version", plaza_form_get_version (form));
  return renew_dictionary (self, form, error);
}

/* The rest */

static gboolean
set_date (Work *self, const char *name, const char *date, GError **error)
{
  if (date == NULL)
    return TRUE;
  if (*date != '\0' && !plaza_clock_is_date (date))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no date: YYYY-MM-DD"), date);
  if (*date == '\0')
    json_object_set_null_member (self->manifest, name);
  else
    json_object_set_string_member (self->manifest, name, date);
  return TRUE;
}

static gboolean
set_serial (Work *self, GError **error)
{
  gint64 serial = self->renewal->serial > 0 ? self->renewal->serial : self->campaign->serial + 1;

  if (serial <= self->campaign->serial)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID,
                              _ ("the serial is at least %ld, one more than before"),
                              (long) self->campaign->serial + 1);
  json_object_set_int_member (self->manifest, "serial", serial);
  return TRUE;
}

static gboolean
add_revoked (Work *self, GError **error)
{
  const char *const *devices = self->renewal->revoke;
  JsonArray *revoked = json_array_new ();

  for (guint i = 0; self->campaign->revoked[i] != NULL; i++)
    json_array_add_string_element (revoked, self->campaign->revoked[i]);
  json_object_set_array_member (self->manifest, "revoked", revoked);
  for (guint i = 0; devices != NULL && devices[i] != NULL; i++)
    {
      if (!plaza_uuid_is_valid (devices[i]))
        return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no device"), devices[i]);
      if (!plaza_campaign_is_revoked (self->campaign, devices[i]))
        json_array_add_string_element (revoked, devices[i]);
    }
  return TRUE;
}

static void
add_organisations (Work *self)
{
  JsonArray *all = plaza_package_describe_organisations (self->renewal->organisations);
  guint n_given = json_array_get_length (all);

  for (guint i = 0; i < self->campaign->organisations->len; i++)
    {
      const PlazaCampaignOrganisation *known = self->campaign->organisations->pdata[i];
      JsonObject *object;
      gboolean given = FALSE;

      for (guint j = 0; j < n_given && !given; j++)
        given =
            strcmp (json_object_get_string_member (json_array_get_object_element (all, j), "id"),
                    known->id) == 0;
      if (given)
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "id", known->id);
      json_object_set_string_member (object, "name", known->name);
      json_array_add_object_element (all, object);
    }
  json_object_set_array_member (self->manifest, "organisations", all);
}

static gboolean
write_all (Work *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->out, "manifest.json", NULL);
  g_autoptr (GBytes) json = plaza_json_write_object (self->manifest);
  GHashTableIter iter;
  gpointer name, content;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &name, &content))
    if (!plaza_package_write_file (self->out, name, content, error))
      return FALSE;
  return plaza_file_write (path, json, error);
}

gboolean
plaza_package_renew (const PlazaPackageRenewal *renewal,
                     const char *out,
                     char **out_warning,
                     GError **error)
{
  g_auto (Work) work = { .renewal = renewal, .out = out };
  g_autofree char *files = g_build_filename (out, "files", NULL);

  work.campaign = plaza_campaign_load (renewal->from, NULL, error);
  if (work.campaign == NULL)
    {
      plaza_error_name_subject (error, renewal->from);
      return FALSE;
    }
  if (g_file_test (out, G_FILE_TEST_EXISTS))
    return plaza_throw_words (error, PLAZA_ERROR_EXISTS,
                              _ ("%s is there already: name another place"), out);
  work.files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  work.changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  work.warnings = g_string_new (NULL);
  if (!take_over (&work, error) || !set_serial (&work, error) ||
      !set_date (&work, "asking_ends", renewal->asking_ends, error) ||
      !set_date (&work, "keying_ends", renewal->keying_ends, error) ||
      !add_revoked (&work, error) || !plaza_dir_make (files, error) ||
      (renewal->form != NULL && !add_form (&work, error)))
    return FALSE;
  if (renewal->organisations != NULL)
    add_organisations (&work);
  if (renewal->settings != NULL)
    json_object_foreach_member (renewal->settings, plaza_package_override, work.manifest);
  if (!write_all (&work, error))
    return FALSE;
  if (out_warning != NULL && work.warnings->len > 0)
    *out_warning = g_strdup (work.warnings->str);
  return TRUE;
}
