/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/tries.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

/* Wrong tries that cost nothing, and the longest wait. */
#define FREE_TRIES 3
#define MAX_WAIT_SECONDS 300

typedef struct
{
  gint64 wrong;
  gint64 last_ms;
} Tries;

static char *
tries_path (const char *folder)
{
  return g_build_filename (folder, "tries", NULL);
}

static void
tries_read (const char *folder, Tries *out)
{
  g_autofree char *path = tries_path (folder);
  g_autoptr (GBytes) bytes = plaza_file_read (path, 1024, NULL);
  g_autoptr (JsonObject) object = NULL;

  *out = (Tries){ 0 };
  if (bytes != NULL)
    object = plaza_json_parse_object (bytes, NULL, NULL);
  if (object == NULL || !plaza_json_get_int (object, "wrong", 0, G_MAXINT, &out->wrong, NULL) ||
      !plaza_json_get_int (object, "last_ms", 0, G_MAXINT64, &out->last_ms, NULL))
    *out = (Tries){ 0 };
}

static gboolean
tries_write (const char *folder, const Tries *tries, GError **error)
{
  g_autofree char *path = tries_path (folder);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) bytes = NULL;

  json_object_set_int_member (object, "wrong", tries->wrong);
  json_object_set_int_member (object, "last_ms", tries->last_ms);
  bytes = plaza_json_write_object (object);
  return plaza_file_write (path, bytes, error);
}

static guint
wait_after (const Tries *tries)
{
  gint64 wait, passed;

  if (tries->wrong < FREE_TRIES)
    return 0;
  wait = G_GINT64_CONSTANT (1) << MIN (tries->wrong - FREE_TRIES, 16);
  wait = MIN (wait, MAX_WAIT_SECONDS) * 1000;
  passed = plaza_clock_now_ms () - tries->last_ms;
  /* A clock that was set back starts the wait anew rather than making it endless. */
  return passed < 0 ? (guint) (wait / 1000) : (guint) (MAX (wait - passed, 0) + 999) / 1000;
}

guint
plaza_tries_get_wait (const char *folder)
{
  Tries tries;

  tries_read (folder, &tries);
  return wait_after (&tries);
}

gboolean
plaza_tries_begin (const char *folder, GError **error)
{
  g_autoptr (GError) failure = NULL;
  Tries tries;
  guint wait;

  tries_read (folder, &tries);
  wait = wait_after (&tries);
  if (wait > 0)
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "too many wrong passphrases: wait %u s", wait);
  tries.wrong++;
  tries.last_ms = plaza_clock_now_ms ();
  /* A full disk must not keep the right passphrase out: what waits could never be delivered then.
   */
  if (!tries_write (folder, &tries, &failure) &&
      !g_error_matches (failure, PLAZA_ERROR, PLAZA_ERROR_DISK))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

gboolean
plaza_tries_forget (const char *folder, GError **error)
{
  g_autofree char *path = tries_path (folder);

  return plaza_file_remove (path, error);
}
