/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/envelope.h"

#include <sodium.h>
#include <string.h>
#include <zdict.h>

#include "base/error.h"
#include "base/uuid.h"
#include "wire/bytes.h"
#include "wire/compress.h"

#define MAGIC "PLZENV01"
#define MAGIC_STEM 6
#define MAGIC_SIZE 8
#define UUID_SIZE 16
#define CLEAR_SIZE \
  (MAGIC_SIZE + PLAZA_HASH_SIZE + UUID_SIZE + PLAZA_KEY_ID_SIZE + PLAZA_KEY_ID_SIZE)
#define STREAM_KEY_SIZE crypto_secretstream_xchacha20poly1305_KEYBYTES
#define SEALED_KEY_SIZE (STREAM_KEY_SIZE + PLAZA_SEALBOX_OVERHEAD)
#define STREAM_HEADER_SIZE crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define STREAM_OVERHEAD crypto_secretstream_xchacha20poly1305_ABYTES
#define CHUNK_SIZE 65536
/* All that every chunk is bound to, and where the chunks begin. */
#define HEAD_SIZE (CLEAR_SIZE + SEALED_KEY_SIZE + STREAM_HEADER_SIZE)
#define MIN_SIZE (HEAD_SIZE + STREAM_OVERHEAD + PLAZA_SIGNATURE_SIZE)
#define ENTRY_HEAD_SIZE (1 + UUID_SIZE + 8 + PLAZA_HASH_SIZE + 4)

#define DICTIONARY_SIZE 16384

void
plaza_dictionary_id (GBytes *dictionary, guint8 out[PLAZA_KEY_ID_SIZE])
{
  gsize length;
  const guint8 *data = g_bytes_get_data (dictionary, &length);

  plaza_seal_init ();
  crypto_generichash (out, PLAZA_KEY_ID_SIZE, data, length, NULL, 0);
}

/* Writing */

static gboolean
check_entries (GPtrArray *entries, GError **error)
{
  gboolean contacts;

  if (entries->len < 1 || entries->len > PLAZA_ENVELOPE_MAX_ENTRIES)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "An envelope holds 1 to %u entries",
                        PLAZA_ENVELOPE_MAX_ENTRIES);
  contacts = plaza_entry_kind_is_contact (((PlazaEntry *) entries->pdata[0])->kind);
  for (guint i = 1; i < entries->len; i++)
    if (plaza_entry_kind_is_contact (((PlazaEntry *) entries->pdata[i])->kind) != contacts)
      return plaza_throw (error, PLAZA_ERROR_INVALID,
                          "Contacts and responses never share an envelope");
  return TRUE;
}

/* The order of contacts would tell the order of the interviews. */
static GPtrArray *
in_sending_order (GPtrArray *entries)
{
  GPtrArray *ordered = g_ptr_array_sized_new (entries->len);
  PlazaEntry *first = entries->pdata[0];

  /* Without g_ptr_array_copy(), which would take the entries' free function along. */
  g_ptr_array_extend (ordered, entries, NULL, NULL);
  if (plaza_entry_kind_is_contact (first->kind))
    for (guint i = ordered->len - 1; i > 0; i--)
      {
        guint j = randombytes_uniform (i + 1);
        gpointer other = ordered->pdata[j];

        ordered->pdata[j] = ordered->pdata[i];
        ordered->pdata[i] = other;
      }
  return ordered;
}

static GByteArray *
write_plain (GPtrArray *entries, GError **error)
{
  g_autoptr (GPtrArray) ordered = in_sending_order (entries);
  g_autoptr (GByteArray) plain = g_byte_array_new ();

  plaza_append_u32 (plain, ordered->len);
  for (guint i = 0; i < ordered->len; i++)
    {
      PlazaEntry *entry = ordered->pdata[i];
      guint8 kind = (guint8) entry->kind;
      guint8 id[UUID_SIZE];

      if (g_bytes_get_size (entry->payload) + ENTRY_HEAD_SIZE >
          PLAZA_ENVELOPE_MAX_PLAIN - plain->len)
        {
          plaza_throw (error, PLAZA_ERROR_LIMIT, "The entries are too large for one envelope");
          return NULL;
        }
      if (!plaza_uuid_parse (entry->id, id, error))
        return NULL;
      g_byte_array_append (plain, &kind, 1);
      g_byte_array_append (plain, id, sizeof id);
      plaza_append_u64 (plain, entry->sequence);
      g_byte_array_append (plain, entry->hash.bytes, PLAZA_HASH_SIZE);
      plaza_append_u32 (plain, (guint32) g_bytes_get_size (entry->payload));
      plaza_append_bytes (plain, entry->payload);
    }
  return g_steal_pointer (&plain);
}

/* Appends the stream header and the chunks of @packed under @key; what @out holds is bound to each.
 */
static void
append_stream (GByteArray *out, GByteArray *packed, const PlazaSecret *key)
{
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 header[STREAM_HEADER_SIZE];
  guint8 chunk[CHUNK_SIZE + STREAM_OVERHEAD];
  gsize at = 0;

  crypto_secretstream_xchacha20poly1305_init_push (&state, header, plaza_secret_bytes (key));
  g_byte_array_append (out, header, sizeof header);
  do
    {
      gsize n = MIN (packed->len - at, CHUNK_SIZE);
      gboolean last = at + n == packed->len;

      crypto_secretstream_xchacha20poly1305_push (
          &state, chunk, NULL, packed->data + at, n, out->data, HEAD_SIZE,
          last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
      g_byte_array_append (out, chunk, (guint) (n + STREAM_OVERHEAD));
      at += n;
    }
  while (at < packed->len);
  sodium_memzero (&state, sizeof state);
}

static gboolean
append_clear (GByteArray *out,
              const PlazaPublicKey *campaign_key,
              const char *device,
              const PlazaPublicKey *recipient,
              GBytes *dictionary,
              GError **error)
{
  PlazaHash campaign;
  guint8 device_bytes[UUID_SIZE];
  guint8 recipient_id[PLAZA_KEY_ID_SIZE];
  guint8 dictionary_id[PLAZA_KEY_ID_SIZE] = { 0 };

  if (!plaza_uuid_parse (device, device_bytes, error))
    {
      g_prefix_error (error, "Device: ");
      return FALSE;
    }
  plaza_hash_data (campaign_key->bytes, sizeof campaign_key->bytes, &campaign);
  plaza_public_key_id (recipient, recipient_id);
  if (dictionary != NULL)
    plaza_dictionary_id (dictionary, dictionary_id);
  g_byte_array_append (out, (const guint8 *) MAGIC, MAGIC_SIZE);
  g_byte_array_append (out, campaign.bytes, PLAZA_HASH_SIZE);
  g_byte_array_append (out, device_bytes, sizeof device_bytes);
  g_byte_array_append (out, recipient_id, sizeof recipient_id);
  g_byte_array_append (out, dictionary_id, sizeof dictionary_id);
  return TRUE;
}

GBytes *
plaza_envelope_pack (const PlazaPublicKey *campaign_key,
                     const char *device,
                     const PlazaSecret *device_secret,
                     const PlazaPublicKey *recipient,
                     GBytes *dictionary,
                     GPtrArray *entries,
                     PlazaHash *out_id,
                     GError **error)
{
  g_autoptr (PlazaSecret) key = plaza_secret_new_random (STREAM_KEY_SIZE);
  g_autoptr (GBytes) key_bytes = g_bytes_new_static (plaza_secret_bytes (key), STREAM_KEY_SIZE);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) plain = NULL;
  g_autoptr (GByteArray) packed = NULL;
  g_autoptr (GBytes) sealed_key = NULL;
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaHash id;

  if (!check_entries (entries, error) ||
      !append_clear (out, campaign_key, device, recipient, dictionary, error) ||
      (plain = write_plain (entries, error)) == NULL)
    return NULL;
  packed = plaza_compress (plain->data, plain->len, dictionary, error);
  sodium_memzero (plain->data, plain->len);
  if (packed == NULL)
    return NULL;
  sealed_key = plaza_sealbox_seal (recipient, key_bytes, error);
  if (sealed_key == NULL)
    return NULL;
  plaza_append_bytes (out, sealed_key);
  append_stream (out, packed, key);
  sodium_memzero (packed->data, packed->len);

  if (out->len + PLAZA_SIGNATURE_SIZE > PLAZA_ENVELOPE_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "The envelope is larger than the server takes");
      return NULL;
    }
  plaza_hash_data (out->data, out->len, &id);
  plaza_sign (device_secret, id.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  if (out_id != NULL)
    *out_id = id;
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* Reading */

gboolean
plaza_envelope_peek (GBytes *envelope, PlazaEnvelopeInfo *out, GError **error)
{
  static const guint8 none[PLAZA_KEY_ID_SIZE];
  gsize length;
  const guint8 *data = g_bytes_get_data (envelope, &length);
  PlazaReader reader = { data, length, MAGIC_SIZE };
  g_autofree char *device = NULL;

  if (length > PLAZA_ENVELOPE_MAX_BYTES)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "The envelope is too large");
  if (length < MIN_SIZE || memcmp (data, MAGIC, MAGIC_STEM) != 0)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole envelope");
  if (memcmp (data, MAGIC, MAGIC_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_NEWER, "The envelope is of a newer version");

  memcpy (out->campaign.bytes, plaza_reader_take (&reader, PLAZA_HASH_SIZE), PLAZA_HASH_SIZE);
  device = plaza_uuid_format (plaza_reader_take (&reader, UUID_SIZE));
  memcpy (out->device, device, PLAZA_UUID_TEXT_SIZE);
  memcpy (out->recipient, plaza_reader_take (&reader, PLAZA_KEY_ID_SIZE), PLAZA_KEY_ID_SIZE);
  memcpy (out->dictionary, plaza_reader_take (&reader, PLAZA_KEY_ID_SIZE), PLAZA_KEY_ID_SIZE);
  out->has_dictionary = memcmp (out->dictionary, none, sizeof none) != 0;
  plaza_hash_data (data, length - PLAZA_SIGNATURE_SIZE, &out->id);
  return TRUE;
}

gboolean
plaza_envelope_verify (GBytes *envelope,
                       const PlazaPublicKey *device_key,
                       PlazaEnvelopeInfo *out,
                       GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (envelope, &length);

  if (!plaza_envelope_peek (envelope, out, error))
    return FALSE;
  if (!plaza_sign_verify (device_key, out->id.bytes, PLAZA_HASH_SIZE,
                          data + length - PLAZA_SIGNATURE_SIZE, error))
    {
      g_prefix_error (error, "Envelope: ");
      return FALSE;
    }
  return TRUE;
}

/* Opens the session key and every chunk; the last one must say that it is. */
static GByteArray *
open_stream (GBytes *envelope, const PlazaSecret *recipient_secret, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (envelope, &length);
  g_autoptr (GBytes) sealed_key = g_bytes_new_from_bytes (envelope, CLEAR_SIZE, SEALED_KEY_SIZE);
  g_autoptr (GBytes) key = plaza_sealbox_open (recipient_secret, sealed_key, error);
  g_autoptr (GByteArray) packed = NULL;
  crypto_secretstream_xchacha20poly1305_state state;
  gsize end = length - PLAZA_SIGNATURE_SIZE;
  guint8 chunk[CHUNK_SIZE];
  guint8 tag = 0;

  if (key == NULL)
    return NULL;
  if (crypto_secretstream_xchacha20poly1305_init_pull (&state, data + CLEAR_SIZE + SEALED_KEY_SIZE,
                                                       g_bytes_get_data (key, NULL)) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "Envelope: the stream does not begin");
      return NULL;
    }

  packed = g_byte_array_sized_new ((guint) (end - HEAD_SIZE));
  for (gsize at = HEAD_SIZE; at < end;)
    {
      gsize n = MIN (end - at, CHUNK_SIZE + STREAM_OVERHEAD);
      unsigned long long plain;

      if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL || n < STREAM_OVERHEAD ||
          crypto_secretstream_xchacha20poly1305_pull (&state, chunk, &plain, &tag, data + at, n,
                                                      data, HEAD_SIZE) != 0)
        {
          plaza_throw (error, PLAZA_ERROR_SIGNATURE, "Envelope: a chunk does not open");
          tag = 0;
          break;
        }
      g_byte_array_append (packed, chunk, (guint) plain);
      at += n;
    }
  sodium_memzero (&state, sizeof state);
  sodium_memzero (chunk, sizeof chunk);
  if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL)
    return g_steal_pointer (&packed);
  if (error != NULL && *error == NULL)
    plaza_throw (error, PLAZA_ERROR_SIGNATURE, "Envelope: the stream is cut");
  return NULL;
}

static PlazaEntry *
read_entry (PlazaReader *reader, GBytes *plain, GError **error)
{
  const guint8 *kind = plaza_reader_take (reader, 1);
  const guint8 *id = plaza_reader_take (reader, UUID_SIZE);
  guint64 sequence;
  const guint8 *hash;
  guint32 length;
  gsize begin;
  g_autofree char *id_text = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (PlazaEntry) entry = NULL;

  if (kind == NULL || id == NULL || !plaza_reader_u64 (reader, &sequence) ||
      (hash = plaza_reader_take (reader, PLAZA_HASH_SIZE)) == NULL ||
      !plaza_reader_u32 (reader, &length))
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Envelope: an entry is cut");
      return NULL;
    }
  begin = reader->at;
  if (plaza_reader_take (reader, length) == NULL)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Envelope: an entry is cut");
      return NULL;
    }
  id_text = plaza_uuid_format (id);
  payload = g_bytes_new_from_bytes (plain, begin, length);
  entry = plaza_entry_new ((PlazaEntryKind) *kind, id_text, sequence, payload, error);
  if (entry == NULL)
    return NULL;
  if (memcmp (entry->hash.bytes, hash, PLAZA_HASH_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Envelope: an entry's hash is not its own");
      return NULL;
    }
  return g_steal_pointer (&entry);
}

static GPtrArray *
read_plain (GBytes *plain, GError **error)
{
  g_autoptr (GPtrArray) entries =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_entry_unref);
  PlazaReader reader = { 0 };
  guint32 count;

  reader.data = g_bytes_get_data (plain, &reader.length);
  if (!plaza_reader_u32 (&reader, &count) || count > PLAZA_ENVELOPE_MAX_ENTRIES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "Envelope: no count, or too many entries");
      return NULL;
    }
  for (guint32 i = 0; i < count; i++)
    {
      PlazaEntry *entry = read_entry (&reader, plain, error);

      if (entry == NULL)
        {
          g_prefix_error (error, "Entry %u: ", i);
          return NULL;
        }
      g_ptr_array_add (entries, entry);
    }
  if (reader.at != reader.length)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Envelope: something after the last entry");
      return NULL;
    }
  return check_entries (entries, error) ? g_steal_pointer (&entries) : NULL;
}

static gboolean
check_recipient (const PlazaEnvelopeInfo *info,
                 const PlazaSecret *recipient_secret,
                 GBytes *dictionary,
                 GError **error)
{
  PlazaPublicKey recipient;
  guint8 id[PLAZA_KEY_ID_SIZE];

  if (!plaza_sealbox_public (recipient_secret, &recipient, error))
    return FALSE;
  plaza_public_key_id (&recipient, id);
  if (memcmp (id, info->recipient, sizeof id) != 0)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "The envelope is sealed to another key");
  if (!info->has_dictionary)
    return TRUE;
  if (dictionary != NULL)
    plaza_dictionary_id (dictionary, id);
  if (dictionary == NULL || memcmp (id, info->dictionary, sizeof id) != 0)
    return plaza_throw (error, PLAZA_ERROR_NOT_FOUND, "The envelope needs another dictionary");
  return TRUE;
}

GPtrArray *
plaza_envelope_open (GBytes *envelope,
                     const PlazaPublicKey *device_key,
                     const PlazaSecret *recipient_secret,
                     GBytes *dictionary,
                     PlazaEnvelopeInfo *out,
                     GError **error)
{
  g_autoptr (GByteArray) packed = NULL;
  g_autoptr (GBytes) plain = NULL;

  if (!plaza_envelope_verify (envelope, device_key, out, error) ||
      !check_recipient (out, recipient_secret, dictionary, error) ||
      (packed = open_stream (envelope, recipient_secret, error)) == NULL)
    return NULL;
  plain = plaza_decompress (packed->data, packed->len, out->has_dictionary ? dictionary : NULL,
                            PLAZA_ENVELOPE_MAX_PLAIN, error);
  if (plain == NULL)
    {
      g_prefix_error (error, "Envelope: ");
      return NULL;
    }
  return read_plain (plain, error);
}

GBytes *
plaza_envelope_train_dictionary (GPtrArray *samples, GError **error)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  g_autofree gsize *sizes = g_new (gsize, samples->len + 1);
  g_autofree guint8 *dictionary = g_malloc (DICTIONARY_SIZE);
  gsize n;

  for (guint i = 0; i < samples->len; i++)
    {
      sizes[i] = g_bytes_get_size (samples->pdata[i]);
      plaza_append_bytes (joined, samples->pdata[i]);
    }
  n = ZDICT_trainFromBuffer (dictionary, DICTIONARY_SIZE, joined->data, sizes, samples->len);
  if (ZDICT_isError (n))
    {
      plaza_throw (error, PLAZA_ERROR_FAILED, "Training the dictionary: %s",
                   ZDICT_getErrorName (n));
      return NULL;
    }
  return g_bytes_new (dictionary, n);
}
