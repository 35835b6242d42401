/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-cli"

#include "cli/session-facts.h"

#include "base/clock.h"
#include "cli/record.h"
#include "store/capture.h"

static char *
fact (JsonObject *record, const char *name, const char *other)
{
  char *value = plaza_record_get (record, name);

  return value ? value : plaza_record_get (record, other);
}

static void
read_mode (PlazaSessionFacts *self, JsonObject *record, PlazaForm *form)
{
  static const struct
  {
    const char *choice;
    const char *mode;
  } modes[] = {
    { "entrevista", PLAZA_MODE_INTERVIEW }, { "interview", PLAZA_MODE_INTERVIEW },
    { "autollenado", PLAZA_MODE_SELF },     { "self", PLAZA_MODE_SELF },
    { "papel", PLAZA_MODE_KEYED },          { "keyed", PLAZA_MODE_KEYED },
  };
  g_autofree char *choice = plaza_record_fill_text (record, form, "mode");

  for (gsize i = 0; choice && i < G_N_ELEMENTS (modes); i++)
    if (g_str_equal (modes[i].choice, choice))
      self->mode = modes[i].mode;
  self->strange_mode = choice && *choice && !self->mode;
}

void
plaza_session_facts_read (PlazaSessionFacts *self, JsonObject *record, PlazaForm *form)
{
  self->organisation = fact (record, "organizacion", "organisation");
  self->team = fact (record, "equipo", "team");
  self->facilitator = fact (record, "facilitador", "facilitator");
  self->state = fact (record, "jornada_estado", "session_state");
  self->municipality = fact (record, "jornada_municipio", "session_municipality");
  self->language = fact (record, "idioma", "language");
  self->date = plaza_record_fill_text (record, form, "date");
  read_mode (self, record, form);
  self->stated = self->state || self->municipality || self->facilitator;
  if (!self->date || !*self->date)
    {
      g_free (self->date);
      self->date = plaza_clock_today ();
    }
  if (!self->language)
    self->language = g_strdup ("es");
  self->fields = (PlazaSessionFields){ .organisation = self->organisation,
                                       .team = self->team,
                                       .facilitator = self->facilitator,
                                       .state = self->state,
                                       .municipality = self->municipality,
                                       .date = self->date,
                                       .language = self->language,
                                       .mode = PLAZA_MODE_INTERVIEW,
                                       .attendance = -1 };
}

void
plaza_session_facts_clear (PlazaSessionFacts *self)
{
  g_free (self->organisation);
  g_free (self->team);
  g_free (self->facilitator);
  g_free (self->state);
  g_free (self->municipality);
  g_free (self->language);
  g_free (self->date);
}

/* What is not said is "". */
static gboolean
same (const char *a, const char *b)
{
  return g_str_equal (a ? a : "", b ? b : "");
}

gboolean
plaza_session_facts_fit (const PlazaSessionFacts *self, const PlazaSessionFields *fields)
{
  return same (self->organisation, fields->organisation) && same (self->team, fields->team) &&
         (!self->facilitator || same (self->facilitator, fields->facilitator)) &&
         same (self->state, fields->state) && same (self->municipality, fields->municipality) &&
         same (self->date, fields->date) && same (self->language, fields->language);
}
