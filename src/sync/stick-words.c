/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/stick.h"

#include <glib/gi18n-lib.h>

/* Names for programs */

const char *
plaza_stick_kind_name (PlazaStickKind kind)
{
  static const char *const names[PLAZA_STICK_N_KINDS] = {
    [PLAZA_STICK_ENVELOPE] = "envelope",         [PLAZA_STICK_RECEIPT] = "receipt",
    [PLAZA_STICK_REGISTRATION] = "registration", [PLAZA_STICK_CAMPAIGN] = "campaign",
    [PLAZA_STICK_INVITATIONS] = "invitations",
  };

  return names[kind];
}

const char *
plaza_stick_fate_name (PlazaStickFate fate)
{
  static const char *const names[PLAZA_STICK_N_FATES] = {
    [PLAZA_STICK_NEW] = "new",
    [PLAZA_STICK_HERE] = "here",
    [PLAZA_STICK_DELIVERED] = "delivered",
    [PLAZA_STICK_OURS] = "ours",
    [PLAZA_STICK_REFUSED] = "refused",
  };

  return names[fate];
}

const char *
plaza_stick_reason_name (PlazaStickReason reason)
{
  static const char *const names[PLAZA_STICK_N_REASONS] = {
    [PLAZA_STICK_NO_REASON] = "",
    [PLAZA_STICK_DAMAGED] = "damaged",
    [PLAZA_STICK_FOREIGN] = "foreign",
    [PLAZA_STICK_FORGED] = "forged",
    [PLAZA_STICK_NOT_A_FILE] = "not-a-file",
    [PLAZA_STICK_TOO_LARGE] = "too-large",
    [PLAZA_STICK_NEWER] = "newer",
    [PLAZA_STICK_UNREADABLE] = "unreadable",
  };

  return names[reason];
}

const char *
plaza_stick_problem_name (PlazaStickProblem problem)
{
  switch (problem)
    {
    case PLAZA_STICK_FULL:
      return "full";
    case PLAZA_STICK_GONE:
      return "gone";
    case PLAZA_STICK_READ_ONLY:
      return "read-only";
    case PLAZA_STICK_FAULTY:
      return "faulty";
    case PLAZA_STICK_NO_FOLDER:
      return "no-folder";
    case PLAZA_STICK_CANCELLED:
      return "cancelled";
    case PLAZA_STICK_LAPTOP:
      return "laptop";
    case PLAZA_STICK_NO_PROBLEM:
    default:
      return "none";
    }
}

/* Words for people */

const char *
plaza_stick_kind_words (PlazaStickKind kind)
{
  switch (kind)
    {
    case PLAZA_STICK_ENVELOPE:
      return _ ("Envelope");
    case PLAZA_STICK_RECEIPT:
      return _ ("Receipt");
    case PLAZA_STICK_REGISTRATION:
      return _ ("Registration of a laptop");
    case PLAZA_STICK_CAMPAIGN:
      return _ ("Consultation package");
    case PLAZA_STICK_INVITATIONS:
    default:
      return _ ("Invitations");
    }
}

const char *
plaza_stick_fate_words (PlazaStickFate fate, gboolean saving)
{
  switch (fate)
    {
    case PLAZA_STICK_NEW:
      return saving ? _ ("saved and read back") : _ ("new");
    case PLAZA_STICK_HERE:
      return saving ? _ ("already on the stick") : _ ("already here");
    case PLAZA_STICK_DELIVERED:
      return _ ("already delivered");
    case PLAZA_STICK_OURS:
      return _ ("for this laptop");
    case PLAZA_STICK_REFUSED:
    default:
      return _ ("not taken");
    }
}

const char *
plaza_stick_reason_words (PlazaStickReason reason)
{
  switch (reason)
    {
    case PLAZA_STICK_DAMAGED:
      return _ ("damaged: it was cut or changed");
    case PLAZA_STICK_FOREIGN:
      return _ ("of another consultation");
    case PLAZA_STICK_FORGED:
      return _ ("not signed by the central");
    case PLAZA_STICK_NOT_A_FILE:
      return _ ("not an ordinary file");
    case PLAZA_STICK_TOO_LARGE:
      return _ ("too large to be one of ours");
    case PLAZA_STICK_NEWER:
      return _ ("written by a newer Plaza: update this one");
    case PLAZA_STICK_UNREADABLE:
      return _ ("the stick could not read it");
    case PLAZA_STICK_NO_REASON:
    default:
      return "";
    }
}

char *
plaza_stick_problem_words (PlazaStickProblem problem, guint64 missing)
{
  switch (problem)
    {
    case PLAZA_STICK_FULL:
      if (missing > 0)
        {
          g_autofree char *size = g_format_size (missing);

          return g_strdup_printf (_ ("There is no room on it: free %s or take another"), size);
        }
      return g_strdup (_ ("There is no room left on it: free some or take another"));
    case PLAZA_STICK_GONE:
      return g_strdup (_ ("It was pulled out, or answers no more. What was done until then counts; "
                          "put it in again and repeat"));
    case PLAZA_STICK_READ_ONLY:
      return g_strdup (_ ("Nothing can be written there: it is write-protected, or not yours"));
    case PLAZA_STICK_FAULTY:
      return g_strdup (_ ("It does not keep what is written to it: take another stick"));
    case PLAZA_STICK_NO_FOLDER:
      return g_strdup (_ ("That folder cannot be opened"));
    case PLAZA_STICK_CANCELLED:
      return g_strdup (_ ("Stopped. What was done until then counts"));
    case PLAZA_STICK_LAPTOP:
      return g_strdup (_ ("This computer could not read or write its own data; perhaps its disk is "
                          "full"));
    case PLAZA_STICK_NO_PROBLEM:
    default:
      return g_strdup ("");
    }
}

static guint
count_all (PlazaStick *self, PlazaStickKind kind)
{
  guint count = 0;

  for (int fate = 0; fate < PLAZA_STICK_N_FATES; fate++)
    count += plaza_stick_count (self, kind, fate);
  return count;
}

static void
add_part (GString *words, char *part)
{
  if (words->len > 0)
    g_string_append (words, ", ");
  g_string_append (words, part);
  g_free (part);
}

static void
describe_envelopes (PlazaStick *self, GString *words)
{
  guint new = plaza_stick_count (self, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW);
  guint here = plaza_stick_count (self, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE);
  guint delivered = plaza_stick_count (self, PLAZA_STICK_ENVELOPE, PLAZA_STICK_DELIVERED);
  gboolean saving = plaza_stick_is_saving (self);

  if (count_all (self, PLAZA_STICK_ENVELOPE) == 0)
    {
      add_part (words, g_strdup (saving ? _ ("no envelope waits") : _ ("no envelopes there")));
      return;
    }
  if (saving)
    add_part (words, g_strdup_printf (ngettext ("%u envelope saved and read back",
                                                "%u envelopes saved and read back", new),
                                      new));
  else
    add_part (words, g_strdup_printf (ngettext ("%u envelope new", "%u envelopes new", new), new));
  if (here > 0)
    add_part (words, g_strdup_printf (
                         saving ? _ ("%u already on the stick") : _ ("%u already here"), here));
  if (delivered > 0)
    add_part (words, g_strdup_printf (_ ("%u already delivered"), delivered));
}

static void
describe_receipts (PlazaStick *self, GString *words)
{
  guint ours = plaza_stick_count (self, PLAZA_STICK_RECEIPT, PLAZA_STICK_OURS);
  guint new = plaza_stick_count (self, PLAZA_STICK_RECEIPT, PLAZA_STICK_NEW);

  if (ours > 0)
    add_part (words, g_strdup_printf (ngettext ("%u receipt for this laptop",
                                                "%u receipts for this laptop", ours),
                                      ours));
  if (new > 0 && plaza_stick_is_saving (self))
    add_part (words, g_strdup_printf (
                         ngettext ("%u receipt given back", "%u receipts given back", new), new));
  else if (new > 0)
    add_part (words, g_strdup_printf (
                         ngettext ("%u receipt for others", "%u receipts for others", new), new));
}

static void
describe_rest (PlazaStick *self, GString *words)
{
  guint registrations = plaza_stick_count (self, PLAZA_STICK_REGISTRATION, PLAZA_STICK_NEW);
  guint refused = 0;

  if (registrations > 0)
    add_part (words, g_strdup_printf (ngettext ("%u laptop to register", "%u laptops to register",
                                                registrations),
                                      registrations));
  if (plaza_stick_count (self, PLAZA_STICK_CAMPAIGN, PLAZA_STICK_NEW) > 0 &&
      !plaza_stick_is_saving (self))
    add_part (words, g_strdup (_ ("a newer consultation package")));
  for (int kind = 0; kind < PLAZA_STICK_N_KINDS; kind++)
    refused += plaza_stick_count (self, kind, PLAZA_STICK_REFUSED);
  if (refused > 0)
    add_part (words,
              g_strdup_printf (ngettext ("%u file refused", "%u files refused", refused), refused));
}

char *
plaza_stick_describe (PlazaStick *self)
{
  g_autoptr (GString) words = g_string_new (NULL);

  describe_envelopes (self, words);
  describe_receipts (self, words);
  describe_rest (self, words);
  return g_string_free (g_steal_pointer (&words), FALSE);
}
