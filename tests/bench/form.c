/* SPDX-License-Identifier: GPL-3.0-or-later */
/* form FORM MEDIA-DIR: milliseconds to load a questionnaire with its lists, and to begin an
 * interview with it; medians of eleven. */
#include "form/interview.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 11

static int
compare (const void *a, const void *b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static double
median (double values[ROUNDS])
{
  qsort (values, ROUNDS, sizeof *values, compare);
  return values[ROUNDS / 2];
}

int
main (int argc, char **argv)
{
  double load[ROUNDS], begin[ROUNDS];
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (argc != 3 || !g_file_get_contents (argv[1], &contents, &length, &error))
    g_error ("usage: bench-form FORM MEDIA-DIR %s", error != NULL ? error->message : "");
  xml = g_bytes_new (contents, length);
  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 start = g_get_monotonic_time (), loaded;
      g_autoptr (PlazaMedia) media = plaza_media_new_for_directory (argv[2]);
      g_autoptr (PlazaForm) form = plaza_form_new (xml, media, NULL, &error);
      g_autoptr (PlazaInterview) interview = NULL;

      if (form == NULL)
        g_error ("%s", error->message);
      loaded = g_get_monotonic_time ();
      interview = plaza_interview_new (form, NULL, &error);
      if (interview == NULL)
        g_error ("%s", error->message);
      load[i] = (loaded - start) / 1000.0;
      begin[i] = (g_get_monotonic_time () - loaded) / 1000.0;
    }
  printf ("load %.2f ms   begin an interview %.2f ms\n", median (load), median (begin));
  return 0;
}
