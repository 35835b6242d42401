/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/copy-words.h"

#include <glib/gi18n.h>

#include "app/words.h"

static char *
age_words (const PlazaSafeCopyInfo *info)
{
  g_autofree char *when = info->made_ms > 0 ? plaza_words_when (info->made_ms) : NULL;

  if (when == NULL)
    return g_strdup (_ ("There is no sealed copy yet"));
  /* Translators: when a copy was made */
  return g_strdup_printf (_ ("Last sealed copy: %s"), when);
}

static const char *
state_words (PlazaSafeCopyState state)
{
  switch (state)
    {
    case PLAZA_SAFE_COPY_NONE:
    case PLAZA_SAFE_COPY_MADE:
      return "";
    case PLAZA_SAFE_COPY_ABSENT:
      return _ ("The next one is made when the stick is plugged in.");
    case PLAZA_SAFE_COPY_FULL:
      return _ ("There is no room on the stick for a newer one: free some space.");
    case PLAZA_SAFE_COPY_FAILED:
      return _ ("The stick refused the next one: use another stick.");
    }
  return "";
}

static char *
join (const PlazaSafeCopyInfo *info)
{
  g_autofree char *age = age_words (info);
  const char *state = state_words (info->state);

  return *state != '\0' ? g_strdup_printf ("%s. %s", age, state) : g_strdup (age);
}

char *
plaza_copy_words_line (PlazaStore *store)
{
  g_autofree char *folder = plaza_safe_copy_get_folder (store, NULL);
  PlazaSafeCopyInfo info;

  if (folder == NULL)
    return NULL;
  plaza_safe_copy_get_info (plaza_store_get_profile (store), &info);
  return join (&info);
}

char *
plaza_copy_words_folder (PlazaProfile *profile, const char *folder)
{
  g_autofree char *shown = folder != NULL ? g_filename_display_name (folder) : NULL;
  g_autofree char *words = NULL;
  PlazaSafeCopyInfo info;

  if (folder == NULL)
    return g_strdup (_ ("What is not delivered yet can also be kept on a stick or in a folder, "
                        "sealed as on this laptop, in case the laptop breaks."));
  plaza_safe_copy_get_info (profile, &info);
  words = join (&info);
  return g_strdup_printf ("%s\n%s", shown, words);
}
