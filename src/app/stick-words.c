/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/stick-words.h"

#include <glib/gi18n.h>

const char *
plaza_stick_words_title (PlazaStickDialogMode mode)
{
  return mode == PLAZA_STICK_DIALOG_SAVE   ? _ ("Save to USB")
         : mode == PLAZA_STICK_DIALOG_READ ? _ ("Read from USB")
                                           : _ ("Deliver folders");
}

const char *
plaza_stick_words_explain (PlazaStickDialogMode mode)
{
  switch (mode)
    {
    case PLAZA_STICK_DIALOG_SAVE:
      return _ ("What waits is sealed and saved; nobody can read it on the way. It stays on this "
                "laptop until its receipt comes back. Which stick?");
    case PLAZA_STICK_DIALOG_READ:
      return _ ("Takes along what others saved, to be delivered from here, and the receipts that "
                "are for this laptop. Which stick?");
    case PLAZA_STICK_DIALOG_UPLOAD:
    default:
      return _ ("Takes the envelopes of sticks or folders to the central database and says what "
                "became of each. Which one?");
    }
}

const char *
plaza_stick_words_stop (PlazaStickDialogMode mode, gboolean delivering)
{
  return delivering ? _ ("The delivery goes on by itself; only this list closes.")
         : mode == PLAZA_STICK_DIALOG_SAVE
             ? _ ("What is saved until now counts. The rest stays safe on this laptop: save again "
                  "to "
                  "the same stick to complete it.")
             : _ ("What is read until now counts. Read the same stick again for the rest.");
}

const char *
plaza_stick_words_heading (PlazaStickDialogMode mode, gboolean whole)
{
  if (mode == PLAZA_STICK_DIALOG_SAVE)
    return whole ? _ ("Saved: you can take it out") : _ ("Not everything was saved");
  return whole ? _ ("Read: you can take it out") : _ ("Not everything was read");
}

char *
plaza_stick_words_detail (PlazaStickDialogMode mode, PlazaStick *stick)
{
  guint delivered = plaza_stick_get_delivered (stick);
  g_autoptr (GString) detail = g_string_new (NULL);

  if (plaza_stick_get_problem (stick) != PLAZA_STICK_NO_PROBLEM &&
      plaza_stick_get_items (stick)->len > 0)
    {
      g_autofree char *words = plaza_stick_describe (stick);

      g_string_append_printf (detail, "%s. ", words);
    }
  if (delivered > 0)
    g_string_append_printf (detail,
                            ngettext ("%u entry of yours is delivered. ",
                                      "%u entries of yours are delivered. ", delivered),
                            delivered);
  if (mode != PLAZA_STICK_DIALOG_SAVE &&
      plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW) > 0)
    g_string_append (detail, _ ("What is new goes along with the next delivery; nobody can open it "
                                "on the way. "));
  if (plaza_stick_get_left_out (stick))
    g_string_append (detail, _ ("There are too many files for once: choose folders inside it one "
                                "at a time."));
  return g_strdup (g_strchomp (detail->str));
}
