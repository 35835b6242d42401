/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/padding.h"

#include <sodium.h>
#include <string.h>

guint8 *
plaza_pad (GBytes *plain, gsize size)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (plain, &length);
  guint8 *padded = g_malloc0 (size);

  g_assert (length < size);
  if (length > 0)
    memcpy (padded, data, length);
  padded[length] = 0x80;
  return padded;
}

gssize
plaza_unpad (const guint8 *padded, gsize size)
{
  while (size > 0 && padded[size - 1] == 0)
    size--;
  return size > 0 && padded[size - 1] == 0x80 ? (gssize) size - 1 : -1;
}

void
plaza_wipe_free (void *bytes, gsize size)
{
  if (bytes != NULL)
    sodium_memzero (bytes, size);
  g_free (bytes);
}

typedef struct
{
  guint8 *data;
  gsize size;
} Wiping;

static void
wiping_free (gpointer data)
{
  Wiping *wiping = data;

  plaza_wipe_free (wiping->data, wiping->size);
  g_free (wiping);
}

GBytes *
plaza_wiping_bytes (guint8 *data, gsize size)
{
  Wiping *wiping = g_new (Wiping, 1);

  *wiping = (Wiping){ data, size };
  return g_bytes_new_with_free_func (data, size, wiping_free, wiping);
}
