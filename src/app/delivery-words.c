/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/delivery-words.h"

#include <glib/gi18n.h>

#include "app/words.h"

/* What people count is responses; sessions, voids and withdrawals are told when nothing else waits.
 */
char *
plaza_delivery_words_waiting (const PlazaCounts *counts)
{
  if (counts->waiting > 0)
    return g_strdup_printf (
        ngettext ("%u response waiting", "%u responses waiting", counts->waiting), counts->waiting);
  if (counts->other_waiting > 0)
    return g_strdup_printf (
        ngettext ("%u change waiting", "%u changes waiting", counts->other_waiting),
        counts->other_waiting);
  return NULL;
}

/* What somebody has to do something about comes before what went well. */
static char *
words_for_refused (const PlazaCounts *counts)
{
  guint refused = counts->refused - counts->quarantined;

  if (refused > 0)
    return g_strdup_printf (ngettext ("%u refused, kept here", "%u refused, kept here", refused),
                            refused);
  return g_strdup_printf (ngettext ("%u kept apart at the central database",
                                    "%u kept apart at the central database", counts->quarantined),
                          counts->quarantined);
}

char *
plaza_delivery_words_counts (const PlazaCounts *counts, PlazaDeliveryProblem problem)
{
  g_autofree char *waiting = plaza_delivery_words_waiting (counts);
  g_autofree char *when = NULL;

  if (waiting != NULL && problem == PLAZA_DELIVERY_OFFLINE)
    {
      guint kept = counts->waiting > 0 ? counts->waiting : counts->other_waiting;

      return g_strdup_printf (
          ngettext ("Offline · %u kept safely", "Offline · %u kept safely", kept), kept);
    }
  if (waiting == NULL && counts->refused > 0)
    return words_for_refused (counts);
  if (counts->last_delivered_ms > 0)
    when = plaza_words_when (counts->last_delivered_ms);
  if (waiting == NULL && when == NULL)
    return g_strdup (_ ("Nothing waits to be delivered"));
  if (waiting == NULL)
    /* Translators: a time such as "12:40" or "4 June, 12:40" */
    return g_strdup_printf (_ ("All delivered · last %s"), when);
  if (when == NULL)
    return g_steal_pointer (&waiting);
  /* Translators: "14 responses waiting", then a time such as "12:40" */
  return g_strdup_printf (_ ("%s · last delivered %s"), waiting, when);
}

char *
plaza_delivery_words_line (PlazaStore *store, PlazaDelivery *delivery)
{
  PlazaCounts counts = { 0 };

  if (!plaza_store_get_counts (store, &counts, NULL))
    return g_strdup ("");
  return plaza_delivery_words_counts (&counts, plaza_delivery_get_problem (delivery));
}

const char *
plaza_delivery_words_problem (PlazaDeliveryProblem problem)
{
  switch (problem)
    {
    case PLAZA_DELIVERY_NO_PROBLEM:
      return "";
    case PLAZA_DELIVERY_OFFLINE:
      return _ ("There is no connection to the central database now. Everything is kept safely on "
                "this laptop and goes by itself when there is one.");
    case PLAZA_DELIVERY_PORTAL:
      return _ ("This network asks to log in, or another machine answers in the central database's "
                "place. Nothing was sent. Log in with a web browser or use another network.");
    case PLAZA_DELIVERY_CLOCK:
      return _ ("The date of this computer looks wrong, so the central database cannot be trusted. "
                "Correct the date; everything is kept safely until then.");
    case PLAZA_DELIVERY_BUSY:
      return _ ("The central database asks to wait. Plaza tries again by itself.");
    case PLAZA_DELIVERY_TOKEN:
    case PLAZA_DELIVERY_REVOKED:
      return _ ("The central database no longer takes this laptop. Everything is kept safely here: "
                "ask your coordination.");
    case PLAZA_DELIVERY_RECEIPT:
      return _ ("What came back is not a receipt of the central database, so nothing was marked as "
                "delivered. Plaza tries again by itself.");
    case PLAZA_DELIVERY_LAPTOP:
      return _ (
          "The disk of this laptop refused. What said “saved” is safe. Free some space and try "
          "again.");
    case PLAZA_DELIVERY_METERED:
      return _ ("This network charges for what is sent, so Plaza waits for another one. “Deliver "
                "now” sends all the same.");
    case PLAZA_DELIVERY_BATTERY:
      return _ ("The battery is low, so Plaza waits until the laptop is plugged in. “Deliver now” "
                "sends all the same.");
    }
  return "";
}

static char *
words_for_time_left (guint seconds)
{
  guint minutes = (seconds + 59) / 60;

  if (seconds < 60)
    return g_strdup (_ ("less than a minute left"));
  if (minutes < 90)
    return g_strdup_printf (ngettext ("about %u minute left", "about %u minutes left", minutes),
                            minutes);
  minutes = (minutes + 30) / 60;
  return g_strdup_printf (ngettext ("about %u hour left", "about %u hours left", minutes), minutes);
}

char *
plaza_delivery_words_to_go (guint64 bytes, guint seconds, double rate)
{
  g_autoptr (GString) words = NULL;
  g_autofree char *size = NULL;

  if (bytes == 0)
    return g_strdup ("");
  size = g_format_size (bytes);
  words = g_string_new (NULL);
  /* Translators: a size such as "82 kB" */
  g_string_append_printf (words, _ ("%s to go"), size);
  if (seconds > 0)
    {
      g_autofree char *left = words_for_time_left (seconds);

      g_string_append_printf (words, " · %s", left);
    }
  if (rate >= 1)
    {
      g_autofree char *pace = g_format_size ((guint64) rate);

      g_string_append (words, " · ");
      /* Translators: a size such as "12.0 kB" */
      g_string_append_printf (words, _ ("%s a second"), pace);
    }
  return g_string_free (g_steal_pointer (&words), FALSE);
}

const char *
plaza_delivery_words_refusal (const char *code)
{
  if (g_strcmp0 (code, "quarantined") == 0)
    return _ ("The central database keeps it apart until an administrator decides about this "
              "laptop.");
  if (g_strcmp0 (code, "rejected") == 0)
    return _ ("The central database could not read it. It is kept here: tell your coordination.");
  if (g_strcmp0 (code, "conflict") == 0)
    return _ ("The central database has another answer with the same number; both are kept and a "
              "coordinator settles it.");
  return _ ("The central database did not take it. It is kept here: tell your coordination.");
}
