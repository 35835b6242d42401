/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/compress.h"

#include <zstd.h>

#include "base/error.h"

#define COMPRESSION_LEVEL 3
#define PIECE_SIZE 65536

GByteArray *
plaza_compress (const guint8 *data, gsize length, GBytes *dictionary, GError **error)
{
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  gsize bound = ZSTD_compressBound (length);
  g_autoptr (GByteArray) packed = g_byte_array_new ();
  gsize dictionary_length = 0;
  const void *dictionary_data =
      dictionary != NULL ? g_bytes_get_data (dictionary, &dictionary_length) : NULL;
  gsize n;

  g_byte_array_set_size (packed, (guint) bound);
  n = ZSTD_compress_usingDict (context, packed->data, bound, data, length, dictionary_data,
                               dictionary_length, COMPRESSION_LEVEL);
  ZSTD_freeCCtx (context);
  if (ZSTD_isError (n))
    {
      plaza_throw (error, PLAZA_ERROR_FAILED, "Compressing: %s", ZSTD_getErrorName (n));
      return NULL;
    }
  g_byte_array_set_size (packed, (guint) n);
  return g_steal_pointer (&packed);
}

GBytes *
plaza_decompress (const guint8 *data, gsize length, GBytes *dictionary, gsize max, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  ZSTD_DCtx *context = ZSTD_createDCtx ();
  ZSTD_inBuffer in = { data, length, 0 };
  gboolean full = FALSE;
  gsize left = 1;

  /* Windows larger than the whole allowance are of no honest sender. */
  ZSTD_DCtx_setParameter (context, ZSTD_d_windowLogMax, 26);
  if (dictionary != NULL)
    {
      gsize dictionary_length;
      const void *dictionary_data = g_bytes_get_data (dictionary, &dictionary_length);

      ZSTD_DCtx_loadDictionary (context, dictionary_data, dictionary_length);
    }
  while (left != 0 && !full)
    {
      ZSTD_outBuffer out = { piece, PIECE_SIZE, 0 };

      left = ZSTD_decompressStream (context, &out, &in);
      if (ZSTD_isError (left) || (out.pos == 0 && in.pos == in.size && left != 0))
        break;
      full = out.pos > max - plain->len;
      if (!full)
        g_byte_array_append (plain, piece, (guint) out.pos);
    }
  ZSTD_freeDCtx (context);
  if (left == 0 && in.pos == in.size && !full)
    return g_byte_array_free_to_bytes (g_steal_pointer (&plain));
  if (full)
    plaza_throw (error, PLAZA_ERROR_LIMIT, "too much inside");
  else
    plaza_throw (error, PLAZA_ERROR_INVALID, "the content does not decompress");
  return NULL;
}
