/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/bulk.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "sync/upload.h"

static void
on_progress (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  PlazaStick *stick = PLAZA_STICK (object);

  plaza_cli_progress_show (user_data, plaza_stick_get_message (stick),
                           plaza_stick_get_progress (stick));
}

int
plaza_cli_stick_trouble (PlazaCli *cli, PlazaStick *stick, const GError *error)
{
  g_autofree char *words =
      plaza_stick_problem_words (plaza_stick_get_problem (stick), plaza_stick_get_missing (stick));

  if (cli->json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_begin_object (plaza_cli_member (builder, "error"));
      json_builder_add_string_value (plaza_cli_member (builder, "code"),
                                     plaza_stick_problem_name (plaza_stick_get_problem (stick)));
      json_builder_add_string_value (plaza_cli_member (builder, "message"), words);
      json_builder_add_string_value (plaza_cli_member (builder, "detail"), error->message);
      json_builder_add_int_value (plaza_cli_member (builder, "missing"),
                                  (gint64) plaza_stick_get_missing (stick));
      json_builder_end_object (builder);
      json_builder_end_object (builder);
      plaza_cli_emit (json_builder_get_root (builder));
    }
  plaza_cli_say (cli, words, error);
  return PLAZA_EXIT_FAILED;
}

void
plaza_cli_stick_refusals (PlazaStick *stick)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = g_ptr_array_index (items, i);

      if (item->fate == PLAZA_STICK_REFUSED)
        g_printerr ("%s: %s\n", item->path, plaza_stick_reason_words (item->reason));
    }
  if (plaza_stick_get_left_out (stick))
    g_printerr (_ ("There are more than %u files: name folders inside it one at a time\n"),
                PLAZA_STICK_MAX_FILES);
}

void
plaza_cli_bulk_clear (PlazaCliBulk *self)
{
  g_clear_object (&self->stick);
  g_clear_pointer (&self->data_root, g_free);
}

int
plaza_cli_bulk_read (PlazaCliBulk *self,
                     PlazaCli *cli,
                     PlazaProfile *profile,
                     const char *const *folders,
                     GCancellable *cancellable)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCliProgress progress;

  self->data_root = g_strdup (plaza_profile_get_data_root (profile));
  self->started_ms = plaza_clock_now_ms ();
  self->stick = plaza_stick_new (self->data_root, profile);
  plaza_cli_progress_init (&progress);
  g_signal_connect (self->stick, "notify", G_CALLBACK (on_progress), &progress);
  plaza_stick_read_async (self->stick, folders, cancellable, plaza_cli_done, &result);
  plaza_cli_wait (&result);
  g_signal_handlers_disconnect_by_data (self->stick, &progress);
  plaza_cli_progress_end (&progress);
  if (!plaza_stick_read_finish (self->stick, result, &error))
    return plaza_cli_stick_trouble (cli, self->stick, error);
  return PLAZA_EXIT_OK;
}

/* Saying what became of them */

static void
add_counts (JsonBuilder *builder, const guint entries[PLAZA_UPLOAD_N_STATUSES])
{
  json_builder_begin_object (builder);
  for (int status = PLAZA_RECEIPT_STORED; status < PLAZA_UPLOAD_N_STATUSES; status++)
    json_builder_add_int_value (plaza_cli_member (builder, plaza_receipt_status_name (status)),
                                entries[status]);
  json_builder_end_object (builder);
}

static void
add_row (JsonBuilder *builder, const PlazaUploadRow *row)
{
  json_builder_begin_object (builder);
  json_builder_add_string_value (plaza_cli_member (builder, "file"), row->path);
  if (row->id != NULL)
    json_builder_add_string_value (plaza_cli_member (builder, "envelope"), row->id);
  json_builder_add_int_value (plaza_cli_member (builder, "bytes"), (gint64) row->size);
  json_builder_add_string_value (plaza_cli_member (builder, "result"),
                                 plaza_upload_fate_name (row->fate));
  if (row->reason != NULL)
    json_builder_add_string_value (plaza_cli_member (builder, "reason"), row->reason);
  if (row->received_ms != 0)
    {
      g_autofree char *received = plaza_clock_format_utc (row->received_ms);

      json_builder_add_string_value (plaza_cli_member (builder, "received"), received);
      add_counts (plaza_cli_member (builder, "entries"), row->entries);
    }
  json_builder_end_object (builder);
}

static void
emit (const PlazaUpload *upload, const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_begin_object (plaza_cli_member (builder, "envelopes"));
  for (int fate = 0; fate < PLAZA_UPLOAD_N_FATES; fate++)
    json_builder_add_int_value (plaza_cli_member (builder, plaza_upload_fate_name (fate)),
                                upload->files[fate]);
  json_builder_end_object (builder);
  add_counts (plaza_cli_member (builder, "entries"), upload->entries);
  json_builder_begin_array (plaza_cli_member (builder, "files"));
  for (guint i = 0; i < upload->rows->len; i++)
    add_row (builder, g_ptr_array_index (upload->rows, i));
  json_builder_end_array (builder);
  if (error != NULL)
    {
      json_builder_begin_object (plaza_cli_member (builder, "error"));
      json_builder_add_string_value (plaza_cli_member (builder, "code"),
                                     plaza_cli_error_name (error));
      json_builder_add_string_value (plaza_cli_member (builder, "detail"), error->message);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  plaza_cli_emit (json_builder_get_root (builder));
}

static void
print (const PlazaUpload *upload)
{
  g_autofree char *files = plaza_upload_describe (upload);
  g_autofree char *entries = plaza_upload_describe_entries (upload->entries);

  for (guint i = 0; i < upload->rows->len; i++)
    {
      const PlazaUploadRow *row = g_ptr_array_index (upload->rows, i);
      const char *reason = row->reason != NULL ? plaza_upload_reason_words (row->reason) : NULL;

      g_print ("%s: %s%s%s\n", row->path, plaza_upload_fate_words (row->fate),
               reason != NULL ? ": " : "", reason != NULL ? reason : "");
    }
  g_print ("%s\n", files);
  if (*entries != '\0')
    {
      g_print (_ ("Entries: %s"), entries);
      g_print ("\n");
    }
}

/* What was delivered stays so whatever becomes of the table; it can be made again. */
static gboolean
write_csv (PlazaCliBulk *self, PlazaCli *cli, const PlazaUpload *upload)
{
  g_autoptr (GBytes) table = plaza_upload_to_csv (upload);
  g_autoptr (GError) error = NULL;

  if (self->csv == NULL || plaza_file_write (self->csv, table, &error))
    return TRUE;
  plaza_cli_say (cli,
                 _ ("The table could not be written. What is said above holds; the same command "
                    "writes the table again"),
                 error);
  return FALSE;
}

/* As the table will be written: a new file in the folder of the old one. */
static gboolean
try_writing (const char *path, GError **error)
{
  g_autofree char *probe = g_strconcat (path, ".plaza-csv", NULL);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  g_autofree char *folder = g_path_get_dirname (path);

  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no file"), path);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("There is no folder %s"), folder);
  return plaza_file_write_new (probe, nothing, error) && plaza_file_remove (probe, error);
}

gboolean
plaza_cli_bulk_check (PlazaCliBulk *self, PlazaCli *cli)
{
  g_autoptr (GError) error = NULL;

  if (!try_writing (self->csv, &error))
    {
      plaza_cli_fail (cli, error);
      g_printerr ("%s\n",
                  _ ("The table cannot be written there, so nothing was begun; name another "
                     "file with --csv."));
      return FALSE;
    }
  if (g_file_test (self->csv, G_FILE_TEST_EXISTS))
    g_printerr (_ ("%s is there already; the new table takes its place at the end.\n"), self->csv);
  return TRUE;
}

int
plaza_cli_bulk_report (PlazaCliBulk *self, PlazaCli *cli, const GError *error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (PlazaUpload) upload = plaza_upload_new (
      self->data_root, plaza_stick_get_items (self->stick), self->started_ms, &local);

  if (upload == NULL)
    return plaza_cli_fail (cli, local);
  if (cli->json)
    emit (upload, error);
  else
    print (upload);
  if (plaza_stick_get_left_out (self->stick))
    g_printerr (_ ("There are more than %u files: name folders inside it one at a time\n"),
                PLAZA_STICK_MAX_FILES);
  gboolean written = write_csv (self, cli, upload);
  if (error != NULL)
    {
      plaza_cli_say (cli, plaza_cli_error_words (error), error);
      return (int) plaza_cli_exit_code (error);
    }
  if (!written)
    return PLAZA_EXIT_FAILED;
  if (upload->files[PLAZA_UPLOAD_WAITING] > 0)
    return PLAZA_EXIT_OFFLINE;
  return upload->files[PLAZA_UPLOAD_REFUSED] > 0 || plaza_stick_get_left_out (self->stick)
             ? PLAZA_EXIT_PARTLY
             : PLAZA_EXIT_OK;
}
