/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "central/command.h"
#include "central/contact-open.h"

/* The log says that one went and on which day, not which. */
#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

static gboolean
delete_one (PlazaStorage *storage, const char *number, GError **error)
{
  g_autofree char *id = plaza_contact_id (number, error);
  gint64 now = plaza_clock_now_ms ();
  gboolean found = FALSE;

  if (id == NULL)
    plaza_error_name_subject (error, number);
  if (id == NULL || !storage->table->begin (storage, error))
    return FALSE;
  if (storage->table->delete_contact (storage, id, &found, error) &&
      (found ||
       plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("no contact here has this number"))) &&
      plaza_storage_audit (storage, now - now % DAY_MS, "operator", "contact-deleted", "", "", NULL,
                           error))
    return storage->table->commit (storage, error) && storage->table->checkpoint (storage, error);
  storage->table->rollback (storage);
  return FALSE;
}

static gboolean
accept_all (PlazaStorage *storage, guint64 *n, GError **error)
{
  gint64 now = plaza_clock_now_ms ();
  g_autofree char *details = NULL;

  if (!storage->table->begin (storage, error))
    return FALSE;
  if (storage->table->accept_contacts (storage, n, error))
    {
      details = g_strdup_printf ("contacts=%" G_GUINT64_FORMAT, *n);
      if (plaza_storage_audit (storage, now - now % DAY_MS, "operator", "contacts-accepted", "",
                               details, NULL, error))
        return storage->table->commit (storage, error) &&
               storage->table->checkpoint (storage, error);
    }
  storage->table->rollback (storage);
  return FALSE;
}

static void
tell (PlazaCentralCli *cli, gboolean deleted, guint64 n)
{
  JsonObject *object;

  if (cli->json)
    {
      object = json_object_new ();
      if (deleted)
        json_object_set_boolean_member (object, "deleted", TRUE);
      else
        json_object_set_int_member (object, "contacts", (gint64) n);
      plaza_central_cli_emit (object);
    }
  else if (deleted)
    g_print ("%s\n", _ ("The contact details are destroyed here. Copies that custodians opened are "
                        "theirs to destroy."));
  else
    g_print (_ ("%u contacts were taken in.\n"), (guint) n);
}

/* For custodians, who have an export and their key, and no central. */
static int
open_contacts (PlazaCentralCli *cli, const char *folder, const char *key, const char *out)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  guint n;

  if (!plaza_contacts_open (folder, key, out, &n, &error))
    return plaza_central_cli_fail (cli, error);
  if (!cli->json)
    {
      g_print (_ ("%u contacts are in %s, in clear: it is yours to protect and to destroy.\n"), n,
               out);
      return PLAZA_CENTRAL_EXIT_OK;
    }
  object = json_object_new ();
  json_object_set_int_member (object, "contacts", n);
  plaza_central_cli_emit (object);
  return PLAZA_CENTRAL_EXIT_OK;
}

int
plaza_central_command_contact (int argc, char **argv)
{
  g_autofree char *key = NULL;
  g_autofree char *out = NULL;
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autoptr (PlazaStorage) storage = NULL;
  gboolean delete;
  guint64 n = 0;
  const GOptionEntry entries[] = {
    { "key", 0, 0, G_OPTION_ARG_FILENAME, &key, N_ ("open: the custody key"), N_ ("FILE") },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("open: the table to write, a new CSV file"),
      N_ ("FILE") },
    G_OPTION_ENTRY_NULL,
  };

  if (!plaza_central_cli_parse (&cli, N_ ("delete NUMBER | accept | open EXPORT"), entries, &argc,
                                &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc == 3 && strcmp (argv[1], "open") == 0 && key != NULL && out != NULL)
    return open_contacts (&cli, argv[2], key, out);
  delete = argc == 3 && strcmp (argv[1], "delete") == 0;
  if (!delete &&!(argc == 2 && strcmp (argv[1], "accept") == 0))
    return plaza_central_cli_usage (_ ("contact needs delete and the number the person kept, "
                                       "accept, or open with --key and --out"));
  central = plaza_central_cli_open (&cli, &error);
  if (central != NULL)
    storage = plaza_central_storage (central, TRUE, &error);
  if (storage == NULL ||
      !(delete ? delete_one (storage, argv[2], &error) : accept_all (storage, &n, &error)))
    return plaza_central_cli_fail (&cli, error);
  tell (&cli, delete, n);
  return PLAZA_CENTRAL_EXIT_OK;
}
