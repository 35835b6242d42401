/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/node-private.h"

#include <string.h>

typedef struct
{
  PlazaName name; /* first: a PlazaName pointer is a pointer to this */
  guint references;
} NameEntry;

static GMutex names_lock;
static GHashTable *names; /* NameEntry → itself */

guint
_plaza_name_hash (gconstpointer key)
{
  const PlazaName *name = key;
  return g_str_hash (name->uri) * 31 + g_str_hash (name->local);
}

gboolean
_plaza_name_equal (gconstpointer a, gconstpointer b)
{
  const PlazaName *x = a, *y = b;
  return strcmp (x->local, y->local) == 0 && strcmp (x->uri, y->uri) == 0;
}

static const PlazaName *
name_ref_locked (const char *uri, const char *local)
{
  PlazaName probe = { uri, local, NULL };
  if (names == NULL)
    names = g_hash_table_new (_plaza_name_hash, _plaza_name_equal);
  NameEntry *entry = g_hash_table_lookup (names, &probe);
  if (entry == NULL)
    {
      entry = g_new0 (NameEntry, 1);
      entry->name.uri = g_strdup (uri);
      entry->name.local = g_strdup (local);
      entry->name.bare = *uri == '\0' ? &entry->name : name_ref_locked ("", local);
      g_hash_table_add (names, entry);
    }
  entry->references++;
  return &entry->name;
}

static void
name_unref_locked (const PlazaName *name)
{
  NameEntry *entry = (NameEntry *) name;
  if (--entry->references > 0)
    return;
  g_hash_table_remove (names, entry);
  if (name->bare != name)
    name_unref_locked (name->bare);
  g_free ((char *) name->uri);
  g_free ((char *) name->local);
  g_free (entry);
}

const PlazaName *
plaza_name_ref_new (const char *uri, const char *local)
{
  g_mutex_lock (&names_lock);
  const PlazaName *name = name_ref_locked (uri != NULL ? uri : "", local);
  g_mutex_unlock (&names_lock);
  return name;
}

void
plaza_name_unref (const PlazaName *name)
{
  if (name == NULL)
    return;
  g_mutex_lock (&names_lock);
  name_unref_locked (name);
  if (g_hash_table_size (names) == 0)
    g_clear_pointer (&names, g_hash_table_unref);
  g_mutex_unlock (&names_lock);
}
