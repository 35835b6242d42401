/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine FORM chain|blocks: milliseconds of the form engine, one `name value` line each, the same
 * steps as engine_peer.mjs: load, create, fill every question in order, flip the first one twenty
 * times, change a number a hundred times, serialise. */
#include "form/interview.h"

#include <stdio.h>
#include <string.h>

static void
line (const char *name, gint64 since, guint n)
{
  printf ("%s %.4f\n", name, (g_get_monotonic_time () - since) / 1000.0 / n);
}

static void
collect (PlazaField *field, GPtrArray *into)
{
  if (plaza_field_get_control (field) == PLAZA_CONTROL_INPUT)
    g_ptr_array_add (into, field);
  for (guint i = 0; i < plaza_field_get_n_children (field); i++)
    collect (plaza_field_get_child (field, i), into);
}

static void
answer (PlazaInterview *interview, PlazaField *field, const char *value)
{
  g_autoptr (GError) error = NULL;

  if (!plaza_interview_set_answer (interview, field, value, &error))
    g_error ("%s", error->message);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  g_autofree char *contents = NULL;
  gsize length = 0;
  gint64 start;

  if (argc != 3 || !g_file_get_contents (argv[1], &contents, &length, &error))
    g_error ("usage: engine FORM chain|blocks %s", error != NULL ? error->message : "");
  g_autoptr (GBytes) xml = g_bytes_new (contents, length);

  start = g_get_monotonic_time ();
  g_autoptr (PlazaForm) form = plaza_form_new (xml, NULL, NULL, &error);
  if (form == NULL)
    g_error ("%s", error->message);
  line ("load", start, 1);

  start = g_get_monotonic_time ();
  g_autoptr (PlazaInterview) interview = plaza_interview_new (form, NULL, &error);
  if (interview == NULL)
    g_error ("%s", error->message);
  line ("create", start, 1);

  collect (plaza_interview_get_root (interview), fields);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < fields->len; i++)
    {
      PlazaField *field = fields->pdata[i];
      gboolean number = plaza_field_get_value_type (field) == PLAZA_VALUE_INT;
      answer (interview, field, number ? "7" : "si");
    }
  line ("fill", start, fields->len);

  start = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++)
    answer (interview, fields->pdata[0], i % 2 ? "si" : "no");
  line ("flip", start, 20);

  if (strcmp (argv[2], "blocks") == 0)
    {
      start = g_get_monotonic_time ();
      for (guint i = 0; i < 100; i++)
        {
          char number[8];

          g_snprintf (number, sizeof number, "%u", i);
          answer (interview, fields->pdata[1 + i % 8], number);
        }
      line ("change", start, 100);
    }

  start = g_get_monotonic_time ();
  g_autoptr (GBytes) submission = plaza_interview_serialize (interview);
  line ("serialize", start, 1);
  return submission == NULL;
}
