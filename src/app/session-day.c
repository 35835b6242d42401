/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/session-day.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/words.h"

/* No field session is older than the program: a clock before this is wrong. */
#define PROGRAM_DATE "2026-01-01"

char *
plaza_session_day_question (const char *date, const char *today, gboolean correcting)
{
  g_autofree char *day = date != NULL ? plaza_words_day (date) : NULL;

  if (date == NULL)
    return g_strdup (_ ("What day is it?"));
  if (correcting)
    /* Translators: a day such as "Tuesday 4 June" */
    return g_strdup_printf (_ ("The day of this session: %s"), day);
  if (g_str_equal (date, today))
    /* Translators: a day such as "Tuesday 4 June" */
    return g_strdup_printf (_ ("Today is %s, right?"), day);
  return g_strdup_printf (_ ("So it is %s"), day);
}

char *
plaza_session_day_message (const char *date,
                           const char *today,
                           const char *asking_ends,
                           gboolean correcting)
{
  g_autofree char *computer_day = plaza_words_long_day (today);

  if (date == NULL)
    return g_strdup (_ ("Write day, month and year, as in 4/6/2026."));
  if (strcmp (today, PROGRAM_DATE) < 0)
    return g_strdup_printf (_ ("The clock of this computer looks wrong: it says %s. Write the true "
                               "date here: it is what counts."),
                            computer_day);
  if (!g_str_equal (date, today) && !correcting)
    return g_strdup_printf (_ ("This computer says that today is %s. The date you write here is "
                               "what counts."),
                            computer_day);
  if (asking_ends != NULL && strcmp (date, asking_ends) > 0)
    return g_strdup (_ ("The asking of this campaign has ended. What you ask now is received all "
                        "the same, and marked."));
  return g_strdup ("");
}
