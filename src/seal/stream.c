/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "seal/stream.h"

#define MAGIC "PLZSTR01"
#define MAGIC_SIZE 8
#define SESSION_SIZE crypto_secretstream_xchacha20poly1305_KEYBYTES
#define BOX_SIZE (SESSION_SIZE + PLAZA_SEALBOX_OVERHEAD)
#define CLEAR_SIZE (MAGIC_SIZE + PLAZA_KEY_ID_SIZE + BOX_SIZE)
#define HEADER_SIZE crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define CHUNK_SIZE (64u * 1024)
#define OVERHEAD crypto_secretstream_xchacha20poly1305_ABYTES

struct _PlazaStreamSealer
{
  GOutputStream *out;
  PlazaSecret *session;
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 clear[CLEAR_SIZE];
  gboolean begun; /* the first chunk was written */
  gsize used;
  guint8 chunk[CHUNK_SIZE];
};

struct _PlazaStreamOpener
{
  GInputStream *in;
  crypto_secretstream_xchacha20poly1305_state state;
  guint8 clear[CLEAR_SIZE];
  gboolean begun;
  gboolean last; /* the chunk at hand is marked */
  gsize used;
  gsize length;
  guint8 chunk[CHUNK_SIZE];
};

/* Sealing */

PlazaStreamSealer *
plaza_stream_sealer_new (GOutputStream *out, const PlazaPublicKey *recipient, GError **error)
{
  g_autoptr (PlazaStreamSealer) self = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) box = NULL;
  guint8 header[HEADER_SIZE];

  plaza_seal_init ();
  self = g_new0 (PlazaStreamSealer, 1);
  self->out = g_object_ref (out);
  self->session = plaza_secret_new_key ();
  plain = g_bytes_new_static (plaza_secret_bytes (self->session), SESSION_SIZE);
  box = plaza_sealbox_seal (recipient, plain, error);
  if (box == NULL)
    return NULL;
  memcpy (self->clear, MAGIC, MAGIC_SIZE);
  plaza_public_key_id (recipient, self->clear + MAGIC_SIZE);
  memcpy (self->clear + MAGIC_SIZE + PLAZA_KEY_ID_SIZE, g_bytes_get_data (box, NULL), BOX_SIZE);
  crypto_secretstream_xchacha20poly1305_init_push (&self->state, header,
                                                   plaza_secret_bytes (self->session));
  if (!g_output_stream_write_all (out, self->clear, CLEAR_SIZE, NULL, NULL, error) ||
      !g_output_stream_write_all (out, header, HEADER_SIZE, NULL, NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
plaza_stream_sealer_free (PlazaStreamSealer *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->out);
  plaza_secret_unref (self->session);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

static gboolean
flush (PlazaStreamSealer *self, gboolean last, GError **error)
{
  guint8 sealed[CHUNK_SIZE + OVERHEAD];
  unsigned long long length;

  crypto_secretstream_xchacha20poly1305_push (
      &self->state, sealed, &length, self->chunk, self->used, self->begun ? NULL : self->clear,
      self->begun ? 0 : CLEAR_SIZE, last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
  self->begun = TRUE;
  self->used = 0;
  return g_output_stream_write_all (self->out, sealed, (gsize) length, NULL, NULL, error);
}

gboolean
plaza_stream_sealer_write (PlazaStreamSealer *self, const void *data, gsize length, GError **error)
{
  const guint8 *from = data;

  while (length > 0)
    {
      gsize n = MIN (length, CHUNK_SIZE - self->used);

      /* a full chunk waits for what follows, because the last one is marked */
      if (n == 0)
        {
          if (!flush (self, FALSE, error))
            return FALSE;
          continue;
        }
      memcpy (self->chunk + self->used, from, n);
      self->used += n;
      from += n;
      length -= n;
    }
  return TRUE;
}

gboolean
plaza_stream_sealer_finish (PlazaStreamSealer *self, GError **error)
{
  return flush (self, TRUE, error);
}

const PlazaSecret *
plaza_stream_sealer_session (PlazaStreamSealer *self)
{
  return self->session;
}

/* Opening */

static gboolean
read_exactly (GInputStream *in, void *data, gsize length, GError **error)
{
  gsize got;

  if (!g_input_stream_read_all (in, data, length, &got, NULL, error))
    return FALSE;
  return got == length || plaza_throw (error, PLAZA_ERROR_INVALID, "the sealed file is cut");
}

static PlazaSecret *
open_session (PlazaStreamOpener *self, const PlazaSecret *secret, GError **error)
{
  g_autoptr (GBytes) box =
      g_bytes_new_static (self->clear + MAGIC_SIZE + PLAZA_KEY_ID_SIZE, BOX_SIZE);
  g_autoptr (GBytes) plain = NULL;
  PlazaPublicKey recipient;
  guint8 id[PLAZA_KEY_ID_SIZE];

  if (!plaza_sealbox_public (secret, &recipient, error))
    return NULL;
  plaza_public_key_id (&recipient, id);
  if (memcmp (id, self->clear + MAGIC_SIZE, sizeof id) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the file is sealed to another key");
      return NULL;
    }
  plain = plaza_sealbox_open (secret, box, error);
  return plain != NULL
             ? plaza_secret_new_copy (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain))
             : NULL;
}

PlazaStreamOpener *
plaza_stream_opener_new (GInputStream *in,
                         const PlazaSecret *secret,
                         const PlazaSecret *session,
                         GError **error)
{
  g_autoptr (PlazaStreamOpener) self = NULL;
  g_autoptr (PlazaSecret) opened = NULL;
  guint8 header[HEADER_SIZE];

  plaza_seal_init ();
  self = g_new0 (PlazaStreamOpener, 1);
  self->in = g_object_ref (in);
  if (!read_exactly (in, self->clear, CLEAR_SIZE, error) ||
      !read_exactly (in, header, HEADER_SIZE, error))
    return NULL;
  if (memcmp (self->clear, MAGIC, MAGIC_SIZE) != 0)
    {
      plaza_throw (error,
                   memcmp (self->clear, MAGIC, MAGIC_SIZE - 2) == 0 ? PLAZA_ERROR_NEWER
                                                                    : PLAZA_ERROR_INVALID,
                   "no sealed file of this version");
      return NULL;
    }
  if (session == NULL)
    session = opened = open_session (self, secret, error);
  if (session == NULL)
    return NULL;
  if (plaza_secret_length (session) != SESSION_SIZE ||
      crypto_secretstream_xchacha20poly1305_init_pull (&self->state, header,
                                                       plaza_secret_bytes (session)) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the beginning of the sealed file was changed");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
plaza_stream_opener_free (PlazaStreamOpener *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->in);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

static gboolean
next_chunk (PlazaStreamOpener *self, GError **error)
{
  guint8 sealed[CHUNK_SIZE + OVERHEAD];
  unsigned long long length = 0;
  unsigned char tag = 0;
  gsize got;

  if (self->last)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the sealed file holds less than it should");
  if (!g_input_stream_read_all (self->in, sealed, sizeof sealed, &got, NULL, error))
    return FALSE;
  if (got < OVERHEAD)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the sealed file is cut");
  if (crypto_secretstream_xchacha20poly1305_pull (&self->state, self->chunk, &length, &tag, sealed,
                                                  got, self->begun ? NULL : self->clear,
                                                  self->begun ? 0 : CLEAR_SIZE) != 0)
    return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "the sealed file was changed or cut");
  self->begun = TRUE;
  self->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  self->used = 0;
  self->length = (gsize) length;
  return TRUE;
}

gboolean
plaza_stream_opener_read (PlazaStreamOpener *self, void *data, gsize length, GError **error)
{
  guint8 *to = data;

  while (length > 0)
    {
      gsize n = MIN (length, self->length - self->used);

      if (n == 0)
        {
          if (!next_chunk (self, error))
            return FALSE;
          continue;
        }
      memcpy (to, self->chunk + self->used, n);
      self->used += n;
      to += n;
      length -= n;
    }
  return TRUE;
}

gboolean
plaza_stream_opener_finish (PlazaStreamOpener *self, GError **error)
{
  guint8 more;
  gsize got;

  if (self->used == self->length && !self->last && !next_chunk (self, error))
    return FALSE;
  if (!self->last || self->used != self->length)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "the sealed file holds more than it should");
  if (!g_input_stream_read_all (self->in, &more, 1, &got, NULL, error))
    return FALSE;
  return got == 0 || plaza_throw (error, PLAZA_ERROR_INVALID, "something follows the sealed file");
}
