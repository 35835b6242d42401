/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/response-words.h"

#include <glib/gi18n.h>

#include "app/words.h"

char *
plaza_response_words_state (PlazaResponse *response)
{
  g_autofree char *when = NULL;

  if (plaza_response_get_voided (response))
    return g_strdup (_ ("Not counted, as you asked"));
  if (plaza_response_get_correcting (response))
    return g_strdup (_ ("Being corrected"));
  switch (plaza_response_get_state (response))
    {
    case PLAZA_RESPONSE_DRAFT:
      return g_strdup (_ ("Draft, not finished"));
    case PLAZA_RESPONSE_WAITING:
    case PLAZA_RESPONSE_PACKED:
      return g_strdup (_ ("Waiting to be delivered"));
    case PLAZA_RESPONSE_DELIVERED:
      when = plaza_words_when (plaza_response_get_delivered_ms (response));
      /* Translators: a time such as "12:40" or "4 June, 12:40" */
      return g_strdup_printf (_ ("Delivered %s"), when);
    case PLAZA_RESPONSE_REFUSED:
      if (g_strcmp0 (plaza_response_get_problem (response), "quarantined") == 0)
        return g_strdup (_ ("Kept apart at the central database"));
      return g_strdup (_ ("Refused by the central database, kept here"));
    }
  return g_strdup ("");
}

const char *
plaza_response_words_icon (PlazaResponse *response)
{
  if (plaza_response_get_voided (response))
    return "action-unavailable-symbolic";
  if (plaza_response_get_correcting (response))
    return "document-edit-symbolic";
  switch (plaza_response_get_state (response))
    {
    case PLAZA_RESPONSE_DRAFT:
      return "document-edit-symbolic";
    case PLAZA_RESPONSE_WAITING:
    case PLAZA_RESPONSE_PACKED:
      return "document-open-recent-symbolic";
    case PLAZA_RESPONSE_DELIVERED:
      return "object-select-symbolic";
    case PLAZA_RESPONSE_REFUSED:
      return "dialog-warning-symbolic";
    }
  return "dialog-question-symbolic";
}

const char *
plaza_response_words_mode (const char *mode)
{
  if (g_strcmp0 (mode, "self") == 0)
    return _ ("By the person");
  if (g_strcmp0 (mode, "keyed") == 0)
    return _ ("From paper");
  return _ ("Interview");
}

const char *
plaza_response_words_outcome (PlazaOutcome outcome)
{
  switch (outcome)
    {
    case PLAZA_OUTCOME_COMPLETED:
      return _ ("completed");
    case PLAZA_OUTCOME_PARTIAL:
      return _ ("ended before the last question");
    case PLAZA_OUTCOME_REFUSED:
      return _ ("did not want to take part");
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
      return _ ("minor without a guardian");
    case PLAZA_OUTCOME_UNDER_AGE:
      return _ ("under age");
    case PLAZA_OUTCOME_WITHDRAWN:
      return _ ("withdrawn");
    }
  return "";
}

char *
plaza_response_words_count (PlazaOutcome outcome, guint n)
{
  switch (outcome)
    {
    case PLAZA_OUTCOME_COMPLETED:
      return g_strdup_printf (ngettext ("%u completed", "%u completed", n), n);
    case PLAZA_OUTCOME_PARTIAL:
      return g_strdup_printf (ngettext ("%u partial", "%u partial", n), n);
    case PLAZA_OUTCOME_REFUSED:
      return g_strdup_printf (
          ngettext ("%u did not want to take part", "%u did not want to take part", n), n);
    case PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN:
      return g_strdup_printf (
          ngettext ("%u minor without a guardian", "%u minors without a guardian", n), n);
    case PLAZA_OUTCOME_UNDER_AGE:
      return g_strdup_printf (ngettext ("%u under age", "%u under age", n), n);
    case PLAZA_OUTCOME_WITHDRAWN:
      return g_strdup_printf (ngettext ("%u withdrawn", "%u withdrawn", n), n);
    }
  return g_strdup ("");
}

char *
plaza_response_words_line (PlazaResponse *response)
{
  gint64 ended = plaza_response_get_ended_ms (response);
  int outcome = plaza_response_get_outcome (response);
  g_autofree char *when =
      plaza_words_when (ended > 0 ? ended : plaza_response_get_started_ms (response));
  g_autofree char *state = plaza_response_words_state (response);
  const char *mode = plaza_response_words_mode (plaza_response_get_mode (response));

  if (outcome >= 0 && outcome != PLAZA_OUTCOME_COMPLETED)
    return g_strdup_printf ("%s · %s, %s · %s", when, mode, plaza_response_words_outcome (outcome),
                            state);
  return g_strdup_printf ("%s · %s · %s", when, mode, state);
}
