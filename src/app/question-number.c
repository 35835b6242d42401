/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-number.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

struct _PlazaQuestionNumber
{
  PlazaQuestionEntry parent_instance;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionNumber, plaza_question_number, PLAZA_TYPE_QUESTION_ENTRY)

static PlazaValueType
value_type (PlazaQuestionEntry *self)
{
  return plaza_field_get_value_type (plaza_question_get_field (PLAZA_QUESTION (self)));
}

/* A telephone or an account: the digits, without what people write between them. */
static char *
parse_digits (const char *text)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar ch = g_utf8_get_char (c);

      if (g_unichar_isdigit (ch))
        g_string_append_c (digits, (char) ('0' + g_unichar_digit_value (ch)));
      else if (!g_unichar_isspace (ch) && strchr ("-().", (int) MIN (ch, 127)) == NULL)
        g_string_append_unichar (digits, ch);
    }
  return g_strdup (digits->str);
}

/* @text as XForms writes numbers: an optional sign, digits and one dot. Blanks and the locale's
 * thousands separator go; a comma that can only be a decimal sign is one. */
static char *
normalise (const char *text)
{
  const struct lconv *conventions = localeconv ();
  const char *decimal = conventions->decimal_point;
  g_autoptr (GString) plain = g_string_new (NULL);
  g_auto (GStrv) parts = NULL;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar ch = g_utf8_get_char (c);

      if (g_unichar_isspace (ch) || ch == 0x202F || ch == '\'')
        continue;
      if (g_unichar_isdigit (ch))
        g_string_append_c (plain, (char) ('0' + g_unichar_digit_value (ch)));
      else if (ch == 0x2212)
        g_string_append_c (plain, '-');
      else
        g_string_append_unichar (plain, ch);
    }
  if (g_str_equal (decimal, ","))
    {
      g_string_replace (plain, ".", "", 0);
      g_string_replace (plain, ",", ".", 0);
      return g_strdup (plain->str);
    }
  parts = g_strsplit (plain->str, ",", -1);
  if (g_strv_length (parts) == 2 && strlen (parts[1]) != 3 && strchr (parts[1], '.') == NULL)
    return g_strjoinv (".", parts);
  return g_strjoinv ("", parts);
}

static char *
plaza_question_number_parse (PlazaQuestionEntry *self, const char *text, char **out_problem)
{
  g_autofree char *number = NULL;

  if (value_type (self) == PLAZA_VALUE_STRING)
    return parse_digits (text);
  number = normalise (text);
  if (value_type (self) == PLAZA_VALUE_INT &&
      !g_regex_match_simple ("^[+-]?[0-9]{1,9}$", number, 0, 0))
    {
      *out_problem = g_strdup (_ ("Please write a whole number in digits, such as 12."));
      return NULL;
    }
  if (!g_regex_match_simple ("^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$", number, 0, 0))
    {
      *out_problem = g_strdup (_ ("Please write a number in digits, such as 12.5."));
      return NULL;
    }
  return g_steal_pointer (&number);
}

static char *
plaza_question_number_format (PlazaQuestionEntry *self, const char *value)
{
  g_autoptr (GString) text = g_string_new (value);

  if (value_type (self) == PLAZA_VALUE_DECIMAL && g_str_equal (localeconv ()->decimal_point, ","))
    g_string_replace (text, ".", ",", 0);
  return g_strdup (text->str);
}

static void
plaza_question_number_bind (PlazaQuestion *question)
{
  GtkEntry *entry;
  gboolean whole;

  PLAZA_QUESTION_CLASS (plaza_question_number_parent_class)->bind (question);
  entry = plaza_question_entry_get_entry (PLAZA_QUESTION_ENTRY (question));
  whole = value_type (PLAZA_QUESTION_ENTRY (question)) != PLAZA_VALUE_DECIMAL;
  gtk_entry_set_input_purpose (entry, whole ? GTK_INPUT_PURPOSE_DIGITS : GTK_INPUT_PURPOSE_NUMBER);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 16);
  gtk_widget_set_hexpand (GTK_WIDGET (entry), FALSE);
}

static void
plaza_question_number_class_init (PlazaQuestionNumberClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_number_bind;
  PLAZA_QUESTION_ENTRY_CLASS (class)->parse = plaza_question_number_parse;
  PLAZA_QUESTION_ENTRY_CLASS (class)->format = plaza_question_number_format;
}

static void
plaza_question_number_init (PlazaQuestionNumber *self)
{
}
