/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Loads every real form of an archive (forms.tar.xz): each loads, begins, and what it writes reads
 * back the same; or it is refused with a message that says where. Nothing may crash. */

#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "form/interview.h"
#include "form/validation.h"

static guint loaded, refused, incomplete, broken;

/* What is written is read back and written again: the same, but for the ids of a correction. */
static void
try_round_trip (PlazaForm *form, PlazaInterview *interview, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = plaza_interview_serialize (interview);
  g_autoptr (PlazaInterview) again =
      plaza_interview_new_from_submission (form, first, FALSE, NULL, &error);
  g_autoptr (GBytes) second = again != NULL ? plaza_interview_serialize (again) : NULL;

  if (second == NULL || !g_bytes_equal (first, second))
    {
      broken++;
      g_print ("# %s does not read back: %s\n", name, error != NULL ? error->message : "differs");
      return;
    }
  g_autoptr (GPtrArray) marks = plaza_form_validate_submission (form, first, &error);
  if (marks == NULL)
    {
      broken++;
      g_print ("# %s cannot be validated: %s\n", name, error->message);
    }
}

static void
try_form (const char *path, const char *name)
{
  g_autofree char *data = NULL;
  gsize length;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, &data, &length, &error))
    g_error ("%s", error->message);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&data), length);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PlazaForm) form = plaza_form_new (bytes, NULL, NULL, &error);
  g_autoptr (PlazaInterview) interview =
      form != NULL ? plaza_interview_new (form, NULL, &error) : NULL;
  gint64 spent = g_get_monotonic_time () - start;
  if (interview == NULL)
    {
      gboolean media = error->code == PLAZA_ERROR_NOT_FOUND;
      *(media ? &incomplete : &refused) += 1;
      g_print ("# %s %s: %s\n", media ? "needs a file" : "refused", name, error->message);
      if (error->message == NULL || *error->message == '\0')
        broken++;
      return;
    }
  loaded++;
  if (plaza_interview_get_problem (interview) != NULL)
    g_print ("# loads with a problem %s: %s\n", name,
             plaza_interview_get_problem (interview)->message);
  if (spent > 2 * G_USEC_PER_SEC)
    g_print ("# slow %s: %d ms\n", name, (int) (spent / 1000));
  plaza_interview_get_pages (interview);
  try_round_trip (form, interview, name);
}

static void
walk (const char *folder, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      g_autofree char *name = g_build_filename (prefix, entry, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        walk (path, name);
      else
        try_form (path, name);
    }
}

int
main (int argc, char **argv)
{
  const char *shared = g_getenv ("PLAZA_TEST_SHARED");
  g_autofree char *archive = g_build_filename (shared != NULL ? shared : "/nonexistent", "data",
                                               "odk", "forms.tar.xz", NULL);
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_print ("1..1\n");
  if (!g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_print ("ok 1 archive # SKIP the material is not there\n");
      return 0;
    }
  g_autofree char *folder = g_dir_make_tmp ("plaza-archive-XXXXXX", &error);
  const char *unpack[] = { "tar", "-xJf", archive, "-C", folder, NULL };
  const char *remove[] = { "rm", "-rf", folder, NULL };
  if (folder == NULL ||
      !g_spawn_sync (NULL, (char **) unpack, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     &status, &error) ||
      !g_spawn_check_wait_status (status, &error))
    g_error ("%s", error->message);
  walk (folder, "");
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_print ("# %u load, %u are refused, %u need a file that is not in the archive\n", loaded,
           refused, incomplete);
  g_print ("%s 1 archive: %u forms, %u broken\n", broken == 0 ? "ok" : "not ok",
           loaded + refused + incomplete, broken);
  return broken == 0 ? 0 : 1;
}
