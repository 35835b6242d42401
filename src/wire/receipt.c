/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/receipt.h"

#include <string.h>

#include "base/error.h"
#include "wire/bytes.h"
#include "wire/envelope.h"

#define MAGIC "PLZRCP01"
#define MAGIC_STEM 6
#define MAGIC_SIZE 8
#define HEAD_SIZE (MAGIC_SIZE + PLAZA_KEY_ID_SIZE + PLAZA_HASH_SIZE + PLAZA_HASH_SIZE + 8 + 8 + 4)

static const char *const names[] = {
  [PLAZA_RECEIPT_STORED] = "stored",     [PLAZA_RECEIPT_DUPLICATE] = "duplicate",
  [PLAZA_RECEIPT_CONFLICT] = "conflict", [PLAZA_RECEIPT_QUARANTINED] = "quarantined",
  [PLAZA_RECEIPT_REJECTED] = "rejected",
};

static gboolean
is_status (guint8 status)
{
  return status >= PLAZA_RECEIPT_STORED && status <= PLAZA_RECEIPT_REJECTED;
}

const char *
plaza_receipt_status_name (PlazaReceiptStatus status)
{
  g_return_val_if_fail (is_status ((guint8) status), NULL);
  return names[status];
}

gboolean
plaza_receipt_status_is_delivered (PlazaReceiptStatus status)
{
  return status == PLAZA_RECEIPT_STORED || status == PLAZA_RECEIPT_DUPLICATE ||
         status == PLAZA_RECEIPT_CONFLICT;
}

void
plaza_receipt_free (PlazaReceipt *receipt)
{
  g_free (receipt->statuses);
  g_free (receipt);
}

static gboolean
check_statuses (const guint8 *statuses, guint n, GError **error)
{
  if (n < 1 || n > PLAZA_ENVELOPE_MAX_ENTRIES)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Receipt: a count that no envelope has");
  for (guint i = 0; i < n; i++)
    if (!is_status (statuses[i]))
      return plaza_throw (error, PLAZA_ERROR_INVALID, "Receipt: a status that nobody knows");
  return TRUE;
}

GBytes *
plaza_receipt_sign (const PlazaReceipt *receipt, const PlazaSecret *central_secret, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PlazaPublicKey key;
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaHash hash;

  if (!check_statuses (receipt->statuses, receipt->n_statuses, error) ||
      !plaza_sign_public (central_secret, &key, error))
    return NULL;
  plaza_public_key_id (&key, key_id);
  g_byte_array_append (out, (const guint8 *) MAGIC, MAGIC_SIZE);
  g_byte_array_append (out, key_id, sizeof key_id);
  g_byte_array_append (out, receipt->envelope.bytes, PLAZA_HASH_SIZE);
  g_byte_array_append (out, receipt->audit_head.bytes, PLAZA_HASH_SIZE);
  plaza_append_u64 (out, receipt->audit_sequence);
  plaza_append_u64 (out, (guint64) receipt->time_ms);
  plaza_append_u32 (out, receipt->n_statuses);
  g_byte_array_append (out, receipt->statuses, receipt->n_statuses);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (central_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* The key among the campaign's two that the receipt says it is signed with. */
static const PlazaPublicKey *
choose_key (const guint8 *wanted, const PlazaPublicKey *current, const PlazaPublicKey *spare)
{
  guint8 id[PLAZA_KEY_ID_SIZE];

  plaza_public_key_id (current, id);
  if (memcmp (id, wanted, sizeof id) == 0)
    return current;
  if (spare == NULL)
    return NULL;
  plaza_public_key_id (spare, id);
  return memcmp (id, wanted, sizeof id) == 0 ? spare : NULL;
}

static gboolean
check_form (GBytes *bytes, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (length < HEAD_SIZE + 1 + PLAZA_SIGNATURE_SIZE || length > PLAZA_RECEIPT_MAX_BYTES ||
      memcmp (data, MAGIC, MAGIC_STEM) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole receipt");
  if (memcmp (data, MAGIC, MAGIC_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "The receipt is of a newer version");
  return TRUE;
}

gboolean
plaza_receipt_peek (GBytes *bytes, PlazaHash *out_envelope, GError **error)
{
  const guint8 *data = g_bytes_get_data (bytes, NULL);

  if (!check_form (bytes, error))
    return FALSE;
  memcpy (out_envelope->bytes, data + MAGIC_SIZE + PLAZA_KEY_ID_SIZE, PLAZA_HASH_SIZE);
  return TRUE;
}

PlazaReceipt *
plaza_receipt_verify (GBytes *bytes,
                      const PlazaHash *envelope,
                      guint n_entries,
                      const PlazaPublicKey *current,
                      const PlazaPublicKey *spare,
                      GError **error)
{
  g_autoptr (PlazaReceipt) receipt = g_new0 (PlazaReceipt, 1);
  PlazaReader reader = { 0 };
  const PlazaPublicKey *key;
  guint64 time_ms;
  guint32 count;
  gsize signed_length;
  PlazaHash hash;

  if (!check_form (bytes, error))
    return NULL;
  reader.data = g_bytes_get_data (bytes, &reader.length);
  reader.at = MAGIC_SIZE;
  key = choose_key (plaza_reader_take (&reader, PLAZA_KEY_ID_SIZE), current, spare);
  if (key == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "The receipt is signed with another key");
      return NULL;
    }
  signed_length = reader.length - PLAZA_SIGNATURE_SIZE;
  plaza_hash_data (reader.data, signed_length, &hash);
  if (!plaza_sign_verify (key, hash.bytes, PLAZA_HASH_SIZE, reader.data + signed_length, error))
    {
      g_prefix_error (error, "Receipt: ");
      return NULL;
    }

  memcpy (receipt->envelope.bytes, plaza_reader_take (&reader, PLAZA_HASH_SIZE), PLAZA_HASH_SIZE);
  memcpy (receipt->audit_head.bytes, plaza_reader_take (&reader, PLAZA_HASH_SIZE), PLAZA_HASH_SIZE);
  if (!plaza_reader_u64 (&reader, &receipt->audit_sequence) ||
      !plaza_reader_u64 (&reader, &time_ms) || !plaza_reader_u32 (&reader, &count) ||
      count != signed_length - HEAD_SIZE || !check_statuses (reader.data + reader.at, count, error))
    {
      if (error != NULL && *error == NULL)
        plaza_throw (error, PLAZA_ERROR_INVALID, "Receipt: its parts do not add up");
      return NULL;
    }
  if (!plaza_hash_equal (&receipt->envelope, envelope))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The receipt is about another envelope");
      return NULL;
    }
  if (n_entries != 0 && count != n_entries)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The receipt counts other entries");
      return NULL;
    }
  receipt->time_ms = (gint64) time_ms;
  receipt->n_statuses = count;
  receipt->statuses = g_memdup2 (reader.data + reader.at, count);
  return g_steal_pointer (&receipt);
}
