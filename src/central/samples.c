/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/error.h"
#include "base/uuid.h"
#include "central/samples.h"
#include "form/interview.h"
#include "wire/entry.h"

#define PASSES 3

static const char *const texts[] = {
  "En la colonia no llega el agua desde hace dos años.",
  "El camino está destruido y cuando llueve no se puede pasar.",
  "No hay medicinas en la clínica de la comunidad.",
  "Que el ayuntamiento publique en qué gasta el dinero.",
  "A todas las familias del pueblo, sobre todo a las personas mayores.",
  "Porque nadie responde cuando se hace la solicitud.",
  "The road is broken and nobody answers.",
};

/* Small and repeatable: a dictionary made twice of the same form is the same. */
static guint
draw (guint64 *state, guint below)
{
  *state = *state * G_GUINT64_CONSTANT (6364136223846793005) + 1442695040888963407u;
  return (guint) (*state >> 33) % below;
}

static void
answer (PlazaInterview *interview, PlazaField *field, guint64 *state)
{
  GPtrArray *choices;
  g_autofree char *value = NULL;
  guint pick;

  switch (plaza_field_get_control (field))
    {
    case PLAZA_CONTROL_SELECT1:
    case PLAZA_CONTROL_SELECT:
      choices = plaza_field_get_choices (field);
      if (choices->len == 0)
        return;
      /* of a few choices the first is mostly the yes that opens the rest */
      pick = choices->len <= 4 && draw (state, 10) < 8 ? 0 : draw (state, choices->len);
      value = g_strdup (((PlazaChoice *) g_ptr_array_index (choices, pick))->value);
      break;
    case PLAZA_CONTROL_INPUT:
      switch (plaza_field_get_value_type (field))
        {
        case PLAZA_VALUE_STRING:
          /* what the program fills in is short: codes, a folio, a name */
          value = g_strdup (plaza_field_get_fill (field) != NULL
                                ? "26043"
                                : texts[draw (state, G_N_ELEMENTS (texts))]);
          break;
        case PLAZA_VALUE_INT:
        case PLAZA_VALUE_DECIMAL:
          value = g_strdup_printf ("%u", draw (state, 100));
          break;
        case PLAZA_VALUE_DATE:
          value = g_strdup_printf ("2019-0%u-1%u", 1 + draw (state, 9), draw (state, 10));
          break;
        default:
          return;
        }
      break;
    case PLAZA_CONTROL_TRIGGER:
      value = g_strdup ("OK");
      break;
    default:
      return;
    }
  /* a refusal leaves the question empty, which is a sample as well */
  plaza_interview_set_answer (interview, field, value, NULL);
}

static void
answer_below (PlazaInterview *interview, PlazaField *field, guint64 *state)
{
  if (!plaza_field_is_relevant (field) || plaza_field_is_contact (field))
    return;
  if (plaza_field_get_n_children (field) == 0 && !plaza_field_is_readonly (field) &&
      !plaza_field_is_answered (field))
    answer (interview, field, state);
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    answer_below (interview, plaza_field_get_child (field, i), state);
}

static GBytes *
make_one (PlazaForm *form, const char *fingerprint, guint64 seed, GError **error)
{
  g_autoptr (PlazaInterview) interview = plaza_interview_new (form, NULL, error);
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (PlazaEntry) entry = NULL;
  g_auto (PlazaHeader) header = { 0 };
  guint64 state = seed + 1;

  if (interview == NULL)
    return NULL;
  for (guint i = 0; i < PASSES; i++) /* answers open further questions */
    answer_below (interview, plaza_interview_get_root (interview), &state);
  xml = plaza_interview_finish (interview, error);
  if (xml == NULL)
    return NULL;
  header.campaign = g_strdup (fingerprint);
  header.form_id = g_strdup (plaza_form_get_id (form));
  header.form_version = g_strdup (plaza_form_get_version (form));
  header.response = plaza_uuid_v7 ();
  header.revision = plaza_uuid_random ();
  header.device = plaza_uuid_random ();
  header.author = g_strdup ("F1");
  header.mode = g_strdup ("interview");
  header.session = plaza_uuid_v7 ();
  header.session_state = g_strdup ("01");
  header.session_municipality = g_strdup ("01001");
  header.session_date = g_strdup ("2019-06-04");
  header.organisation = g_strdup ("");
  header.batch = g_strdup ("00");
  header.outcome = PLAZA_OUTCOME_COMPLETED;
  header.ended = g_strdup ("2019-06-04T12:00:00.000-05:00");
  entry = plaza_entry_new_revision (&header, 1, xml, NULL, NULL, error);
  return entry != NULL ? g_bytes_ref (entry->payload) : NULL;
}

GPtrArray *
plaza_samples_make (PlazaForm *form, const char *campaign_fingerprint, guint n, GError **error)
{
  g_autoptr (GPtrArray) samples = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < n; i++)
    {
      GBytes *sample = make_one (form, campaign_fingerprint, i, error);

      if (sample == NULL)
        return NULL;
      g_ptr_array_add (samples, sample);
    }
  return g_steal_pointer (&samples);
}
