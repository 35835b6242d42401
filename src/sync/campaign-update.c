/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/campaign-update.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "seal/hash.h"
#include "sync/pace.h"

/* Every request names the package that is here (If-None-Match) and asks for a piece of another
 * (Range). Whether a piece belongs to those before it, its ETag says. If-Range would make the
 * central send the whole at once when it does not: on a bad link that would never arrive.
 *
 * The part on disk needs no fsync: the hash in its name tells whether it is good. */

#define MAX_RESTARTS 3

typedef struct
{
  PlazaCampaign *current;
  char *folder;
  char *have;       /* hash of the current package */
  char *hash;       /* of the package being fetched, or NULL */
  GByteArray *data; /* of it, so far */
  guint64 total;    /* 0 while unknown */
  PlazaPace pace;
  gint64 begun_us;
  guint restarts;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  plaza_campaign_unref (work->current);
  g_byte_array_unref (work->data);
  g_free (work->folder);
  g_free (work->have);
  g_free (work->hash);
  g_free (work);
}

static void ask (GTask *task);

/* The part on disk */

static char *
part_path (const Work *work)
{
  g_autofree char *name = g_strdup_printf ("%s.%s.part", work->current->fingerprint, work->hash);

  return g_build_filename (work->folder, name, NULL);
}

static gboolean
forget_part (Work *work, GError **error)
{
  g_autofree char *path = work->hash ? part_path (work) : NULL;

  g_clear_pointer (&work->hash, g_free);
  g_byte_array_set_size (work->data, 0);
  work->total = 0;
  return !path || plaza_file_remove (path, error);
}

/* What an earlier call left; of several, one. */
static void
find_part (Work *work)
{
  g_auto (GStrv) names = plaza_dir_list (work->folder, ".part", NULL);
  gsize length = strlen (work->current->fingerprint);

  for (guint i = 0; names && names[i] && !work->hash; i++)
    {
      g_auto (GStrv) words = g_strsplit (names[i], ".", -1);
      g_autofree char *path = g_build_filename (work->folder, names[i], NULL);
      PlazaHash hash;

      if (strlen (words[0]) != length || !g_str_equal (words[0], work->current->fingerprint) ||
          g_strv_length (words) != 3 || !plaza_hash_parse (words[1], &hash, NULL))
        continue;
      g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_CAMPAIGN_MAX_BYTES, NULL);
      if (!bytes)
        continue;
      work->hash = g_strdup (words[1]);
      g_byte_array_append (work->data, g_bytes_get_data (bytes, NULL),
                           (guint) g_bytes_get_size (bytes));
    }
}

static gboolean
keep_piece (Work *work, GBytes *piece, GError **error)
{
  g_autofree char *path = part_path (work);
  gsize left;
  const char *data = g_bytes_get_data (piece, &left);
  int fd;

  if (!plaza_dir_make (work->folder, error))
    return FALSE;
  fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "%s: %s", path, g_strerror (errno));
  while (left > 0)
    {
      gssize written = write (fd, data, left);
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          plaza_throw (error, PLAZA_ERROR_DISK, "%s: %s", path, g_strerror (errno));
          close (fd);
          return FALSE;
        }
      data += written;
      left -= (gsize) written;
    }
  if (close (fd) != 0)
    return plaza_throw (error, PLAZA_ERROR_DISK, "%s: %s", path, g_strerror (errno));
  g_byte_array_append (work->data, g_bytes_get_data (piece, NULL),
                       (guint) g_bytes_get_size (piece));
  return TRUE;
}

/* The whole is here */

static void
verify_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;
  g_autoptr (GBytes) package = g_byte_array_free_to_bytes (g_steal_pointer (&work->data));
  PlazaHash hash;

  work->data = g_byte_array_new ();
  plaza_hash_bytes (package, &hash);
  g_autofree char *found = plaza_hash_to_string (&hash);
  gboolean whole = !work->hash || g_str_equal (found, work->hash);
  /* Good or not, it is of no more use in parts. */
  if (!forget_part (work, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (!whole)
    {
      g_task_return_new_error (task, PLAZA_ERROR, PLAZA_ERROR_INVALID,
                               "what came is not the package that was promised");
      return;
    }
  g_autoptr (PlazaCampaign) campaign =
      plaza_campaign_parse (package, work->current->fingerprint, &error);
  if (!campaign)
    g_task_return_error (task, error);
  else if (campaign->serial > work->current->serial)
    g_task_return_pointer (task, g_steal_pointer (&campaign),
                           (GDestroyNotify) plaza_campaign_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
}

/* Answers */

static gboolean
read_etag (const PlazaAnswer *answer, char **out_hash)
{
  gsize length = answer->etag ? strlen (answer->etag) : 0;
  PlazaHash hash;

  if (length != 66 || answer->etag[0] != '"' || answer->etag[65] != '"')
    return FALSE;
  *out_hash = g_strndup (answer->etag + 1, 64);
  if (plaza_hash_parse (*out_hash, &hash, NULL))
    return TRUE;
  g_clear_pointer (out_hash, g_free);
  return FALSE;
}

/* "bytes 0-16383/90000" */
static gboolean
read_range (const PlazaAnswer *answer, guint64 *first, guint64 *total)
{
  g_auto (GStrv) words =
      g_strsplit_set (answer->content_range ? answer->content_range : "", " -/", 5);
  guint64 last;

  return g_strv_length (words) == 4 && g_str_equal (words[0], "bytes") &&
         g_ascii_string_to_unsigned (words[3], 10, 1, PLAZA_CAMPAIGN_MAX_BYTES, total, NULL) &&
         g_ascii_string_to_unsigned (words[2], 10, 0, *total - 1, &last, NULL) &&
         g_ascii_string_to_unsigned (words[1], 10, 0, last, first, NULL) &&
         last - *first + 1 == g_bytes_get_size (answer->body);
}

/* Another package than the one begun, or a part that is no part of it: once more from the start. */
static void
start_over (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;

  if (++work->restarts > MAX_RESTARTS)
    plaza_throw (&error, PLAZA_ERROR_INVALID, "the package changes while it is fetched");
  if (error || !forget_part (work, &error))
    g_task_return_error (task, error);
  else
    ask (task);
}

static void
take_piece (GTask *task, const PlazaAnswer *answer)
{
  Work *work = g_task_get_task_data (task);
  g_autofree char *hash = NULL;
  GError *error = NULL;
  guint64 first, total;

  if (!read_etag (answer, &hash) || !read_range (answer, &first, &total))
    {
      plaza_throw (&error, PLAZA_ERROR_INVALID, "a piece of a package that does not say which");
      g_task_return_error (task, error);
      return;
    }
  if ((work->hash && !g_str_equal (work->hash, hash)) || first != work->data->len ||
      (work->total && work->total != total))
    {
      start_over (task);
      return;
    }
  plaza_pace_passed (&work->pace, g_bytes_get_size (answer->body),
                     g_get_monotonic_time () - work->begun_us);
  if (!work->hash)
    work->hash = g_steal_pointer (&hash);
  work->total = total;
  if (!keep_piece (work, answer->body, &error))
    g_task_return_error (task, error);
  else if (work->data->len < total)
    ask (task);
  else
    g_task_run_in_thread (task, verify_in_thread);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  PlazaClient *client = PLAZA_CLIENT (source);
  GError *error = NULL;
  g_autoptr (PlazaAnswer) answer = plaza_client_request_finish (client, result, &error);

  if (!answer && plaza_client_get_refusal (client)->status == 416)
    {
      g_clear_error (&error);
      start_over (task);
    }
  else if (!answer)
    g_task_return_error (task, error);
  else if (answer->status == 206)
    take_piece (task, answer);
  else if (!forget_part (work, &error))
    g_task_return_error (task, error);
  else if (answer->status == 304)
    g_task_return_pointer (task, NULL, NULL);
  else
    {
      /* A central that answers with the whole. */
      g_byte_array_append (work->data, g_bytes_get_data (answer->body, NULL),
                           (guint) g_bytes_get_size (answer->body));
      g_task_run_in_thread (task, verify_in_thread);
    }
}

static void
ask (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  g_autofree char *path = g_strconcat ("/v1/campaign/", work->current->fingerprint, NULL);
  g_autofree char *none_match = g_strdup_printf ("If-None-Match: \"%s\"", work->have);
  g_autofree char *range = g_strdup_printf ("Range: bytes=%u-%" G_GSIZE_FORMAT, work->data->len,
                                            work->data->len + work->pace.piece - 1);
  const char *const headers[] = { none_match, range, NULL };
  const PlazaRequest wish = {
    .path = path,
    .headers = headers,
    .anonymous = TRUE,
    .wanted = { { 206, PLAZA_CLIENT_TYPE_CAMPAIGN, work->pace.piece },
                { 304, NULL, 0 },
                { 200, PLAZA_CLIENT_TYPE_CAMPAIGN, PLAZA_CAMPAIGN_MAX_BYTES } },
  };

  work->begun_us = g_get_monotonic_time ();
  plaza_client_request_async (g_task_get_source_object (task), &wish, g_task_get_cancellable (task),
                              on_answer, g_object_ref (task));
}

void
plaza_campaign_update_async (PlazaClient *client,
                             PlazaCampaign *current,
                             const char *data_root,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);
  PlazaHash hash;

  work->current = plaza_campaign_ref (current);
  work->folder = g_build_filename (data_root, "campaigns", NULL);
  work->data = g_byte_array_new ();
  plaza_hash_bytes (plaza_campaign_package (current), &hash);
  work->have = plaza_hash_to_string (&hash);
  plaza_pace_init (&work->pace);
  g_task_set_source_tag (task, plaza_campaign_update_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  find_part (work);
  ask (task);
}

gboolean
plaza_campaign_update_finish (PlazaClient *client,
                              GAsyncResult *result,
                              PlazaCampaign **out_newer,
                              GError **error)
{
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);
  *out_newer = g_task_propagate_pointer (G_TASK (result), &local);
  if (!local)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
