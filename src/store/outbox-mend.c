/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "base/error.h"
#include "base/file.h"
#include "store/outbox-private.h"
#include "wire/envelope.h"

/* An envelope is in the store and as a file; damage to one is mended from the other. */

static gboolean
has_id (GBytes *bytes, const char *id)
{
  g_autofree char *found = NULL;
  PlazaEnvelopeInfo info;

  if (!plaza_envelope_peek (bytes, &info, NULL))
    return FALSE;
  found = plaza_hash_to_string (&info.id);
  return strcmp (found, id) == 0;
}

static GBytes *
sign_again (PlazaStore *store, GBytes *bytes, const char *id)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint8 *whole = g_memdup2 (data, length);
  PlazaHash hash;

  /* has_id() has parsed as much */
  if (plaza_hash_parse (id, &hash, NULL))
    plaza_sign (plaza_store_get_device_secret (store), hash.bytes, PLAZA_HASH_SIZE,
                whole + length - PLAZA_SIGNATURE_SIZE);
  return g_bytes_new_take (whole, length);
}

GBytes *
plaza_outbox_whole (PlazaStore *store, const char *id, GBytes *bytes)
{
  g_autofree char *path = plaza_outbox_path (plaza_store_get_folder (store), id, ".plz");
  g_autoptr (GBytes) file = NULL;
  PlazaPublicKey key;
  PlazaEnvelopeInfo info;

  if (!plaza_sign_public (plaza_store_get_device_secret (store), &key, NULL))
    return NULL;
  if (has_id (bytes, id) && plaza_envelope_verify (bytes, &key, &info, NULL))
    return g_bytes_ref (bytes);
  file = plaza_file_read (path, PLAZA_ENVELOPE_MAX_BYTES, NULL);
  if (file != NULL && has_id (file, id) && plaza_envelope_verify (file, &key, &info, NULL))
    return g_steal_pointer (&file);
  return has_id (bytes, id) ? sign_again (store, bytes, id) : NULL;
}

gboolean
plaza_outbox_give_up (PlazaStore *store, PlazaDatabase *db, gint64 envelope, GError **error)
{
  g_warning ("an envelope cannot be read any more; what it had of answers is packed again");
  plaza_store_touch (store, NULL);
  return plaza_database_run (db, error,
                             "UPDATE envelope SET state = 4, problem = '" PLAZA_OUTBOX_UNREADABLE
                             "' WHERE number = ?",
                             "i", envelope) &&
         /* What was withdrawn meanwhile will not leave any more. */
         plaza_database_run (db, error,
                             "DELETE FROM entry WHERE envelope = ? AND state = 2 AND number NOT IN "
                             "(SELECT number FROM content)",
                             "i", envelope) &&
         plaza_database_run (db, error,
                             "UPDATE entry SET state = 1, sequence = NULL, envelope = NULL, "
                             "position = NULL WHERE envelope = ? AND state = 2",
                             "i", envelope);
}
