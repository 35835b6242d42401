/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/question-date.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "app/date-text.h"
#include "base/clock.h"
#include "base/text.h"

struct _PlazaQuestionDate
{
  PlazaQuestionEntry parent_instance;

  GtkWidget *calendar_button;
  GtkCalendar *calendar;
};

G_DEFINE_FINAL_TYPE (PlazaQuestionDate, plaza_question_date, PLAZA_TYPE_QUESTION_ENTRY)

static PlazaField *
field_of (gpointer self)
{
  return plaza_question_get_field (PLAZA_QUESTION (self));
}

static PlazaDateGrain
grain_of (gpointer self)
{
  if (plaza_field_has_appearance (field_of (self), "year"))
    return PLAZA_DATE_YEAR;
  return plaza_field_has_appearance (field_of (self), "month-year") ? PLAZA_DATE_MONTH
                                                                    : PLAZA_DATE_DAY;
}

/* 2019-06-04 and 16:20 as one moment here: 2019-06-04T16:20:00.000-05:00 */
static char *
join (const char *date, const char *time)
{
  int year, month, day, hour, minute;
  g_autoptr (GDateTime) when = NULL;

  if (sscanf (date, "%4d-%2d-%2d", &year, &month, &day) != 3 ||
      sscanf (time, "%2d:%2d", &hour, &minute) != 2)
    return NULL;
  when = g_date_time_new_local (year, month, day, hour, minute, 0);
  return when != NULL ? g_date_time_format (when, "%Y-%m-%dT%H:%M:%S.000%:z") : NULL;
}

/* "4 June 2019 16:20", "4/6/2019, 4:20 pm": the time is the last part that can be one. */
static char *
parse_moment (PlazaQuestionEntry *self, const char *text, const char *today)
{
  g_autofree char *folded = plaza_text_fold (text);

  for (const char *c = folded; (c = strpbrk (c, " ,t")) != NULL; c++)
    {
      g_autofree char *first = g_strndup (folded, (gsize) (c - folded));
      g_autofree char *date = NULL;
      g_autofree char *time = NULL;
      const char *rest = c + strspn (c, " ,t");

      if (strpbrk (rest, ":.hap") == NULL)
        continue;
      time = plaza_time_text_parse (rest);
      date = time != NULL ? plaza_date_text_parse (first, PLAZA_DATE_DAY, today) : NULL;
      if (date != NULL)
        return join (date, time);
    }
  return NULL;
}

static char *
plaza_question_date_parse (PlazaQuestionEntry *self, const char *text, char **out_problem)
{
  g_autofree char *today = plaza_clock_today ();
  char *value;

  switch (plaza_field_get_value_type (field_of (self)))
    {
    case PLAZA_VALUE_TIME:
      value = plaza_time_text_parse (text);
      if (value == NULL)
        *out_problem = g_strdup (_ ("Please write the time as hours and minutes, such as 16:20."));
      break;
    case PLAZA_VALUE_DATETIME:
      value = parse_moment (self, text, today);
      if (value == NULL)
        {
          g_autofree char *example = plaza_date_text_format (today, PLAZA_DATE_DAY);

          /* Translators: %s is a date such as "4 June 2019" */
          *out_problem = g_strdup_printf (
              _ ("Please write the date and the time, such as %s 16:20."), example);
        }
      break;
    case PLAZA_VALUE_DATE:
    default:
      value = plaza_date_text_parse (text, grain_of (self), today);
      if (value == NULL)
        {
          g_autofree char *example = plaza_date_text_format (today, grain_of (self));

          *out_problem = g_strdup_printf (_ ("Please write the date like this: %s."), example);
        }
      break;
    }
  return value;
}

static char *
plaza_question_date_format (PlazaQuestionEntry *self, const char *value)
{
  g_autofree char *date = NULL;
  g_autoptr (GDateTime) when = NULL;
  g_autoptr (GTimeZone) zone = NULL;
  g_autofree char *time = NULL;

  if (plaza_field_get_value_type (field_of (self)) == PLAZA_VALUE_TIME)
    return g_strndup (value, 5);
  date = plaza_date_text_format (value, grain_of (self));
  if (plaza_field_get_value_type (field_of (self)) != PLAZA_VALUE_DATETIME)
    return date != NULL ? g_steal_pointer (&date) : g_strdup (value);
  zone = g_time_zone_new_local ();
  when = g_date_time_new_from_iso8601 (value, zone);
  if (when == NULL || date == NULL)
    return g_strdup (value);
  time = g_date_time_format (when, "%H:%M");
  return g_strdup_printf ("%s %s", date, time);
}

/* The calendar */

static void
on_day_selected_cb (PlazaQuestionDate *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
  const char *value = plaza_field_get_value (field_of (self));

  if (!gtk_widget_get_visible (
          GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->calendar_button)))))
    return;
  if (plaza_field_get_value_type (field_of (self)) == PLAZA_VALUE_DATETIME)
    {
      g_autofree char *time = strlen (value) >= 16 ? g_strndup (value + 11, 5) : g_strdup ("12:00");
      g_autofree char *moment = join (date, time);

      plaza_question_entry_take (PLAZA_QUESTION_ENTRY (self), moment);
    }
  else
    plaza_question_entry_take (PLAZA_QUESTION_ENTRY (self), date);
}

static void
on_calendar_shown_cb (PlazaQuestionDate *self)
{
  const char *value = plaza_field_get_value (field_of (self));
  int year, month, day;

  if (sscanf (value, "%4d-%2d-%2d", &year, &month, &day) == 3)
    {
      g_autoptr (GDateTime) shown = g_date_time_new_local (year, month, day, 12, 0, 0);

      if (shown != NULL)
        {
          g_signal_handlers_block_by_func (self->calendar, on_day_selected_cb, self);
          gtk_calendar_select_day (self->calendar, shown);
          g_signal_handlers_unblock_by_func (self->calendar, on_day_selected_cb, self);
        }
    }
}

static GtkWidget *
plaza_question_date_make_companion (PlazaQuestionEntry *entry)
{
  PlazaQuestionDate *self = PLAZA_QUESTION_DATE (entry);
  GtkWidget *popover;

  if (plaza_field_get_value_type (field_of (self)) == PLAZA_VALUE_TIME ||
      grain_of (self) != PLAZA_DATE_DAY ||
      plaza_field_has_appearance (field_of (self), "no-calendar"))
    return NULL;
  self->calendar = GTK_CALENDAR (gtk_calendar_new ());
  g_signal_connect_object (self->calendar, "day-selected", G_CALLBACK (on_day_selected_cb), self,
                           G_CONNECT_SWAPPED);
  popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), GTK_WIDGET (self->calendar));
  g_signal_connect_object (popover, "show", G_CALLBACK (on_calendar_shown_cb), self,
                           G_CONNECT_SWAPPED);
  self->calendar_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->calendar_button),
                                 "x-office-calendar-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->calendar_button), popover);
  gtk_widget_set_tooltip_text (self->calendar_button, _ ("Pick from a calendar"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->calendar_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Pick from a calendar"), -1);
  return self->calendar_button;
}

static void
plaza_question_date_refresh (PlazaQuestion *question, PlazaChanges changes)
{
  PlazaQuestionDate *self = PLAZA_QUESTION_DATE (question);

  PLAZA_QUESTION_CLASS (plaza_question_date_parent_class)->refresh (question, changes);
  if (self->calendar_button != NULL)
    gtk_widget_set_visible (self->calendar_button, !plaza_field_is_readonly (field_of (self)));
}

static void
plaza_question_date_bind (PlazaQuestion *question)
{
  GtkEntry *entry;

  PLAZA_QUESTION_CLASS (plaza_question_date_parent_class)->bind (question);
  entry = plaza_question_entry_get_entry (PLAZA_QUESTION_ENTRY (question));
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 22);
  gtk_widget_set_hexpand (GTK_WIDGET (entry), FALSE);
}

static void
plaza_question_date_class_init (PlazaQuestionDateClass *class)
{
  PLAZA_QUESTION_CLASS (class)->bind = plaza_question_date_bind;
  PLAZA_QUESTION_CLASS (class)->refresh = plaza_question_date_refresh;
  PLAZA_QUESTION_ENTRY_CLASS (class)->parse = plaza_question_date_parse;
  PLAZA_QUESTION_ENTRY_CLASS (class)->format = plaza_question_date_format;
  PLAZA_QUESTION_ENTRY_CLASS (class)->make_companion = plaza_question_date_make_companion;
}

static void
plaza_question_date_init (PlazaQuestionDate *self)
{
}
