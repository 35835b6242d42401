/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-form"

#include "form/xpath-private.h"

#include <string.h>

static gpointer
make_table (gpointer data G_GNUC_UNUSED)
{
  const XpFunction *const lists[] = { xp_string_functions,  xp_number_functions,
                                      xp_date_functions,    xp_nodeset_functions,
                                      xp_boolean_functions, xp_select_functions,
                                      xp_geo_functions };
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const XpFunction *f = lists[i]; f->name != NULL; f++)
      g_hash_table_insert (table, (gpointer) f->name, (gpointer) f);
  return table;
}

const XpFunction *
xp_function_lookup (const char *uri, const char *local)
{
  static GOnce once = G_ONCE_INIT;
  GHashTable *table = g_once (&once, make_table, NULL);
  if (uri == NULL || strcmp (uri, "http://www.w3.org/2002/xforms") == 0 ||
      strcmp (uri, "http://www.w3.org/2005/xpath-functions") == 0)
    return strchr (local, ':') == NULL ? g_hash_table_lookup (table, local) : NULL;
  if (strcmp (uri, "http://openrosa.org/javarosa") != 0)
    return NULL;
  g_autofree char *name = g_strconcat ("jr:", local, NULL);
  return g_hash_table_lookup (table, name);
}
