/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/folio.h"
#include "base/uuid.h"
#include "central/command.h"

/* By id, or by a folio that exactly one response carries. */
static gboolean
find (PlazaStorage *storage, const char *name, PlazaStoredResponse *out, GError **error)
{
  g_auto (PlazaStoredResponse) other = { 0 };
  g_autofree char *folio = NULL;
  gboolean found = FALSE, several = FALSE;

  if (plaza_uuid_is_valid (name))
    {
      if (!storage->table->find_response (storage, name, out, &found, error))
        return FALSE;
    }
  else
    {
      folio = plaza_folio_normalise (name);
      if (!storage->table->find_response_by_folio (storage, folio != NULL ? folio : name, NULL, out,
                                                   &found, error) ||
          (found && !storage->table->find_response_by_folio (storage, folio != NULL ? folio : name,
                                                             out->id, &other, &several, error)))
        return FALSE;
    }
  if (!found)
    return plaza_throw_words (error, PLAZA_ERROR_NOT_FOUND, _ ("no response has this folio or id"));
  if (several)
    return plaza_throw_words (
        error, PLAZA_ERROR_REFUSED,
        _ ("several responses carry this folio: say which by its id (%s, %s…)"), out->id, other.id);
  return TRUE;
}

static gboolean
withdraw (PlazaStorage *storage, const char *name, char **response_id, GError **error)
{
  g_auto (PlazaStoredResponse) response = { 0 };

  if (!storage->table->begin (storage, error))
    return FALSE;
  if (!find (storage, name, &response, error))
    goto failed;
  *response_id = g_strdup (response.id);
  if (response.withdrawal != PLAZA_WITHDRAWAL_DONE)
    {
      response.withdrawal = PLAZA_WITHDRAWAL_DONE;
      if (!storage->table->destroy_content (storage, response.id, error) ||
          !storage->table->put_response (storage, &response, error) ||
          !storage->table->put_change (storage, response.id, error) ||
          !plaza_storage_audit (storage, plaza_clock_now_ms (), "operator", "withdraw", response.id,
                                "", NULL, error))
        goto failed;
    }
  return storage->table->commit (storage, error) && storage->table->checkpoint (storage, error);

failed:
  storage->table->rollback (storage);
  return FALSE;
}

int
plaza_central_command_withdraw (int argc, char **argv)
{
  g_auto (PlazaCentralCli) cli = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaCentral) central = NULL;
  g_autoptr (PlazaStorage) storage = NULL;
  g_autofree char *response = NULL;

  if (!plaza_central_cli_parse (&cli, N_ ("FOLIO|RESPONSE"), NULL, &argc, &argv))
    return PLAZA_CENTRAL_EXIT_USAGE;
  if (argc != 2)
    return plaza_central_cli_usage (_ ("withdraw needs a folio, or the id of a response"));
  central = plaza_central_cli_open (&cli, &error);
  if (central != NULL)
    storage = plaza_central_storage (central, TRUE, &error);
  if (storage == NULL || !withdraw (storage, argv[1], &response, &error))
    return plaza_central_cli_fail (&cli, error);
  if (cli.json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "response", response);
      plaza_central_cli_emit (object);
    }
  else
    g_print (_ ("The content of response %s is destroyed; a counted tombstone stays.\n"), response);
  return PLAZA_CENTRAL_EXIT_OK;
}
