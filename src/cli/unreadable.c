/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "config.h"

#include "cli/unreadable.h"

#include <glib/gi18n.h>

static const struct
{
  const char *name;
  const char *words; /* of a number */
  gsize offset;
} kinds[] = {
  { "pools", N_ ("lists of contacts (how many were in them is not known)"),
    G_STRUCT_OFFSET (PlazaUnreadable, pools) },
  { "drafts", N_ ("unfinished interviews, in part or whole"),
    G_STRUCT_OFFSET (PlazaUnreadable, drafts) },
  { "entries", N_ ("finished entries that were not delivered"),
    G_STRUCT_OFFSET (PlazaUnreadable, entries) },
  { "envelopes", N_ ("sealed envelopes that were not delivered"),
    G_STRUCT_OFFSET (PlazaUnreadable, envelopes) },
  { "responses", N_ ("folios of responses"), G_STRUCT_OFFSET (PlazaUnreadable, responses) },
  { "sessions", N_ ("field sessions"), G_STRUCT_OFFSET (PlazaUnreadable, sessions) },
  { "values", N_ ("notes and settings of the profile"), G_STRUCT_OFFSET (PlazaUnreadable, values) },
  { "replicas", N_ ("responses of others; “plazactl pull” reads them again"),
    G_STRUCT_OFFSET (PlazaUnreadable, replicas) },
};

static guint
count_of (const PlazaUnreadable *unreadable, guint kind)
{
  return G_STRUCT_MEMBER (guint, unreadable, kinds[kind].offset);
}

void
plaza_cli_unreadable_print (const PlazaUnreadable *unreadable)
{
  if (plaza_unreadable_total (unreadable) + unreadable->replicas == 0)
    return;
  g_print ("%s\n", _ ("Damage made this unreadable; it is kept as it is, and every copy has it:"));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (count_of (unreadable, i) > 0)
      g_print ("  %u: %s\n", count_of (unreadable, i), _ (kinds[i].words));
}

void
plaza_cli_unreadable_add (JsonBuilder *builder, const PlazaUnreadable *unreadable)
{
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    json_builder_add_int_value (plaza_cli_member (builder, kinds[i].name),
                                count_of (unreadable, i));
  json_builder_end_object (builder);
}
