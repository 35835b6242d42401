/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-store"

#include "store/fill.h"

#include "store/capture.h"

typedef struct
{
  const char *session_id;
  const PlazaSessionFields *session;
  const char *folio;
  const char *mode;
  GPtrArray *fills;
} Walk;

void
plaza_fill_free (PlazaFill *fill)
{
  g_free (fill->value);
  g_free (fill);
}

/* A form may name the modes in its own language. */
static const struct
{
  const char *mode;
  const char *choice;
} modes[] = {
  { PLAZA_MODE_INTERVIEW, "interview" }, { PLAZA_MODE_SELF, "self" },
  { PLAZA_MODE_KEYED, "keyed" },         { PLAZA_MODE_INTERVIEW, "entrevista" },
  { PLAZA_MODE_SELF, "autollenado" },    { PLAZA_MODE_KEYED, "papel" },
};

static const char *
mode_value (PlazaField *field, const char *mode)
{
  GPtrArray *choices = plaza_field_get_choices (field);

  if (mode == NULL || choices->len == 0)
    return mode;
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      if (strcmp (modes[i].mode, mode) != 0)
        continue;
      for (guint j = 0; j < choices->len; j++)
        if (g_strcmp0 (((PlazaChoice *) g_ptr_array_index (choices, j))->value, modes[i].choice) ==
            0)
          return modes[i].choice;
    }
  return mode;
}

static const char *
session_value (const Walk *walk, const char *name)
{
  const PlazaSessionFields *session = walk->session;
  const struct
  {
    const char *name;
    const char *other;
    const char *value;
  } values[] = {
    { "jornada", "session", walk->session_id },
    { "organizacion", "organisation", session->organisation },
    { "equipo", "team", session->team },
    { "facilitador", "facilitator", session->facilitator },
    { "jornada_estado", "session_state", session->state },
    { "jornada_municipio", "session_municipality", session->municipality },
    { "jornada_lugar", "session_place", session->place },
    { "idioma", "language", session->language },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (strcmp (name, values[i].name) == 0 || strcmp (name, values[i].other) == 0)
      return values[i].value;
  return NULL;
}

static const char *
wanted_value (const Walk *walk, PlazaField *field)
{
  const char *fill = plaza_field_get_fill (field);

  if (g_strcmp0 (fill, "mode") == 0)
    return mode_value (field, walk->mode);
  if (g_strcmp0 (fill, "folio") == 0)
    return walk->folio;
  if (g_strcmp0 (fill, "date") == 0)
    return walk->session->date;
  if (g_strcmp0 (fill, "session") == 0)
    return session_value (walk, plaza_field_get_name (field));
  return NULL;
}

static void
walk_field (Walk *walk, PlazaField *field)
{
  const char *value = wanted_value (walk, field);

  if (value != NULL && strcmp (value, plaza_field_get_value (field)) != 0)
    {
      PlazaFill *fill = g_new0 (PlazaFill, 1);

      fill->field = field;
      fill->value = g_strdup (value);
      g_ptr_array_add (walk->fills, fill);
    }
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    walk_field (walk, plaza_field_get_child (field, i));
}

GPtrArray *
plaza_fill_list (PlazaInterview *interview,
                 const char *session_id,
                 const PlazaSessionFields *session,
                 const char *folio,
                 const char *mode)
{
  Walk walk = { .session_id = session_id, .session = session, .folio = folio, .mode = mode };

  walk.fills = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_fill_free);
  walk_field (&walk, plaza_interview_get_root (interview));
  return walk.fills;
}
