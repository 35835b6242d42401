/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/error.h"
#include "base/file.h"
#include "central/command.h"
#include "central/verify.h"

/* A receipt names its envelope right behind the signing key's id. */
#define ENVELOPE_OFFSET (8 + PLAZA_KEY_ID_SIZE)

static gboolean
verify_receipt (PlazaCentral *central, PlazaStorage *storage, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_RECEIPT_MAX_BYTES, error);
  g_autoptr (PlazaReceipt) receipt = NULL;
  PlazaHash envelope;

  if (bytes == NULL)
    return FALSE;
  if (g_bytes_get_size (bytes) < ENVELOPE_OFFSET + PLAZA_HASH_SIZE)
    return plaza_throw_words (error, PLAZA_ERROR_INVALID, _ ("%s is no receipt"), path);
  memcpy (envelope.bytes, (const guint8 *) g_bytes_get_data (bytes, NULL) + ENVELOPE_OFFSET,
          PLAZA_HASH_SIZE);
  receipt = plaza_receipt_verify (bytes, &envelope, 0, &central->sign_public,
                                  &central->sign_spare_public, error);
  if (receipt == NULL || !plaza_verify_receipt (storage, receipt, error))
    {
      plaza_error_name_subject (error, path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
verify (PlazaCentralCli *cli, char **receipts, PlazaVerified *out, GError **error)
{
  g_autoptr (PlazaCentral) central = plaza_central_cli_open (cli, error);
  g_autoptr (PlazaStorage) storage =
      central != NULL ? plaza_central_storage (central, FALSE, error) : NULL;

  if (storage == NULL || !plaza_verify (storage, out, error))
    return FALSE;
  for (guint i = 0; receipts != NULL && receipts[i] != NULL; i++)
    if (!verify_receipt (central, storage, receipts[i], error))
      return FALSE;
  return TRUE;
}

int
plaza_central_command_verify (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) receipts = NULL;
  g_autofree char *head = NULL;
  PlazaVerified verified;
  const GOptionEntry entries[] = {
    { "receipt", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &receipts,
      N_ ("A laptop's receipt that the log must still agree with; may be given several times"),
      N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, NULL, entries, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 1)
    return plaza_central_cli_usage (_ ("verify takes no arguments"));
  if (!verify (&cli, receipts, &verified, &error))
    return plaza_central_cli_fail (&cli, error);
  head = plaza_hash_to_string (&verified.head);
  if (cli.json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "audit", (gint64) verified.audit_rows);
      json_object_set_int_member (object, "envelopes", (gint64) verified.envelopes);
      json_object_set_int_member (object, "entries", (gint64) verified.entries);
      json_object_set_int_member (object, "revisions", (gint64) verified.revisions);
      json_object_set_int_member (object, "contacts", (gint64) verified.contacts);
      json_object_set_string_member (object, "head", head);
      plaza_central_cli_emit (object);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  g_print (
      _ ("Everything agrees: %lu rows in the log, %lu entries, %lu revisions, %lu contacts.\n"),
      (gulong) verified.audit_rows, (gulong) verified.entries, (gulong) verified.revisions,
      (gulong) verified.contacts);
  g_print (_ ("Head of the log, worth publishing: %s\n"), head);
  return PLAZA_CENTRAL_EXIT_OK;
}
