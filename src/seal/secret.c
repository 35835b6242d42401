/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-seal"

#include "seal/secret.h"

#include <sodium.h>
#include <string.h>

/*
 * A guarded and locked page for each key would be slow (30 µs) and soon exceed what a process may
 * lock, since there is a key per interview. So keys share slabs, which stay for good; larger
 * secrets get their own.
 */
#define SLOT_SIZE 64
#define SLAB_SLOTS 255

typedef struct _Slab Slab;
struct _Slab
{
  guint8 *memory;
  guint8 free[SLAB_SLOTS]; /* stack of slots to give out */
  guint n_free;
  Slab *next; /* in the list of slabs with a free slot */
};

struct _PlazaSecret
{
  gatomicrefcount refs;
  gsize length;
  guint8 *bytes;
  Slab *slab; /* NULL when the bytes are its own */
};

static GMutex slabs_lock;
static Slab *slabs;

static guint8 *
guarded_alloc (gsize length)
{
  guint8 *bytes = sodium_malloc (length);

  if (bytes == NULL)
    g_error ("No memory for a secret");
  memset (bytes, 0, length);
  return bytes;
}

static Slab *
slab_new (void)
{
  Slab *slab = g_new0 (Slab, 1);

  slab->memory = guarded_alloc (SLOT_SIZE * SLAB_SLOTS);
  for (guint i = 0; i < SLAB_SLOTS; i++)
    slab->free[slab->n_free++] = (guint8) i;
  return slab;
}

static void
slot_take (PlazaSecret *secret)
{
  g_mutex_lock (&slabs_lock);
  if (slabs == NULL)
    slabs = slab_new ();
  secret->slab = slabs;
  secret->bytes = slabs->memory + SLOT_SIZE * slabs->free[--slabs->n_free];
  if (slabs->n_free == 0)
    slabs = slabs->next;
  g_mutex_unlock (&slabs_lock);
}

static void
slot_give_back (PlazaSecret *secret)
{
  Slab *slab = secret->slab;

  sodium_memzero (secret->bytes, SLOT_SIZE);
  g_mutex_lock (&slabs_lock);
  if (slab->n_free == 0)
    {
      slab->next = slabs;
      slabs = slab;
    }
  slab->free[slab->n_free++] = (guint8) ((secret->bytes - slab->memory) / SLOT_SIZE);
  g_mutex_unlock (&slabs_lock);
}

void
plaza_seal_init (void)
{
  /* sodium_init() is made for being called again, from any thread. */
  if (sodium_init () < 0)
    g_error ("libsodium cannot start");
}

PlazaSecret *
plaza_secret_new (gsize length)
{
  PlazaSecret *secret;

  plaza_seal_init ();
  secret = g_new0 (PlazaSecret, 1);
  g_atomic_ref_count_init (&secret->refs);
  secret->length = length;
  if (length <= SLOT_SIZE)
    slot_take (secret);
  else
    secret->bytes = guarded_alloc (length);
  return secret;
}

PlazaSecret *
plaza_secret_new_random (gsize length)
{
  PlazaSecret *secret = plaza_secret_new (length);

  randombytes_buf (secret->bytes, length);
  return secret;
}

PlazaSecret *
plaza_secret_new_copy (const void *data, gsize length)
{
  PlazaSecret *secret = plaza_secret_new (length);

  if (length > 0)
    memcpy (secret->bytes, data, length);
  return secret;
}

PlazaSecret *
plaza_secret_new_key (void)
{
  return plaza_secret_new_random (crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

PlazaSecret *
plaza_secret_ref (PlazaSecret *secret)
{
  g_atomic_ref_count_inc (&secret->refs);
  return secret;
}

void
plaza_secret_unref (PlazaSecret *secret)
{
  if (!g_atomic_ref_count_dec (&secret->refs))
    return;
  if (secret->slab != NULL)
    slot_give_back (secret);
  else
    sodium_free (secret->bytes);
  g_free (secret);
}

guint8 *
plaza_secret_bytes (const PlazaSecret *secret)
{
  return secret->bytes;
}

gsize
plaza_secret_length (const PlazaSecret *secret)
{
  return secret->length;
}

gboolean
plaza_secret_equal (const PlazaSecret *a, const PlazaSecret *b)
{
  return a->length == b->length && sodium_memcmp (a->bytes, b->bytes, a->length) == 0;
}

void
plaza_secret_wipe_string (char *text)
{
  if (text != NULL)
    sodium_memzero (text, strlen (text));
  g_free (text);
}
