/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "config.h"

#include "app/interview-private.h"

#include <glib/gi18n.h>

#include "app/page-filled.h"
#include "app/window.h"

static PlazaInterview *
interview_of (PlazaInterviewScreen *self)
{
  return plaza_capture_get_interview (self->capture);
}

static PlazaPage *
current_page (PlazaInterviewScreen *self)
{
  return plaza_page_view_get_page (self->view);
}

/* Which pages there are */

/* A page that one comes upon going forwards: it asks something, or it is words to read. */
static gboolean
stops_at (PlazaInterviewScreen *self, PlazaPage *page)
{
  return plaza_page_filled_asks_more (self->capture, page) &&
         !plaza_outline_leaves_out (self->capture, page);
}

/* A page that may be shown at all. */
gboolean
plaza_interview_screen_shows (PlazaInterviewScreen *self, PlazaPage *page)
{
  return !plaza_outline_leaves_out (self->capture, page) &&
         (!plaza_interview_screen_is_handed_over (self) ||
          plaza_page_filled_asks_more (self->capture, page));
}

static PlazaPage *
find_page (PlazaInterviewScreen *self, int start, int step, gboolean forwards)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));

  for (int i = start; i >= 0 && i < (int) pages->len; i += step)
    {
      PlazaPage *page = g_ptr_array_index (pages, (guint) i);

      if (forwards ? stops_at (self, page) : plaza_interview_screen_shows (self, page))
        return page;
    }
  return NULL;
}

static int
current_index (PlazaInterviewScreen *self)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
  guint index;

  return g_ptr_array_find (pages, current_page (self), &index) ? (int) index : -1;
}

PlazaPage *
plaza_interview_screen_page_after (PlazaInterviewScreen *self)
{
  return find_page (self, current_index (self) + 1, 1, TRUE);
}

PlazaPage *
plaza_interview_screen_page_before (PlazaInterviewScreen *self)
{
  int index = current_index (self);

  return index > 0 ? find_page (self, index - 1, -1, FALSE) : NULL;
}

/* "Section 3 of 7": the sections that ask something, so that what the session filled in does not
 * count. */
char *
plaza_interview_screen_dup_section_words (PlazaInterviewScreen *self)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
  PlazaPage *page = current_page (self);
  guint n = 0, here = 0, last = 0;

  for (guint i = 0; i < pages->len; i++)
    {
      PlazaPage *other = g_ptr_array_index (pages, i);

      if (stops_at (self, other) && plaza_page_get_section (other) != last)
        {
          last = plaza_page_get_section (other);
          n++;
        }
      if (other == page && last == plaza_page_get_section (other))
        here = n;
    }
  if (here == 0)
    return g_strdup (_ ("Fieldwork data"));
  return g_strdup_printf (_ ("Section %u of %u"), here, n);
}

/* Going from page to page */

void
plaza_interview_screen_show_page (PlazaInterviewScreen *self, PlazaPage *page, PlazaField *focus)
{
  gboolean is_new = page != current_page (self);

  if (is_new)
    {
      g_autoptr (PlazaPage) kept = g_object_ref (page);

      plaza_page_view_set_page (self->view, kept);
      plaza_interview_screen_scroll_to_top (self);
      self->fresh = focus == NULL;
    }
  gtk_stack_set_visible_child_name (self->stack, "questions");
  plaza_interview_screen_update_frame (self);
  if (!plaza_page_view_focus_field (self->view, focus))
    gtk_widget_grab_focus (self->next_button);
  if (!plaza_capture_is_ended (self->capture))
    plaza_capture_set_page (self->capture, page, focus);
}

/* Where to begin: where it was left, else the first page that asks for something. */
void
plaza_interview_screen_show_first_page (PlazaInterviewScreen *self)
{
  PlazaPage *page = plaza_capture_get_page (self->capture);
  PlazaField *focus = plaza_capture_get_focus (self->capture);
  PlazaField *typed = NULL;
  const char *text = plaza_capture_get_text (self->capture, &typed);
  g_autofree char *kept = g_strdup (text);

  if (page == NULL)
    page = find_page (self, 0, 1, TRUE);
  if (page == NULL)
    page = find_page (self, 0, 1, FALSE);
  if (page == NULL)
    return;
  self->started = TRUE;
  plaza_interview_screen_show_page (self, page, focus != NULL ? focus : typed);
  if (kept != NULL && typed != NULL && plaza_page_view_find_question (self->view, typed) != NULL)
    plaza_question_restore_typed (plaza_page_view_find_question (self->view, typed), kept);
}

void
plaza_interview_screen_go_next (PlazaInterviewScreen *self)
{
  PlazaQuestion *problem;
  PlazaPage *page;

  if (self->ending)
    return;
  plaza_page_view_commit (self->view);
  if (plaza_capture_get_outcome_due (self->capture) >= 0)
    {
      plaza_interview_screen_end_due (self);
      return;
    }
  if (plaza_interview_screen_is_showing_missing (self))
    {
      plaza_interview_screen_finish (self);
      return;
    }
  problem = plaza_page_view_find_problem (self->view);
  if (problem != NULL)
    {
      gtk_widget_grab_focus (GTK_WIDGET (problem));
      plaza_interview_screen_queue_scroll (self);
      return;
    }
  page = plaza_interview_screen_page_after (self);
  if (page != NULL)
    plaza_interview_screen_show_page (self, page, NULL);
  else
    plaza_interview_screen_finish (self);
}

void
plaza_interview_screen_go_back (PlazaInterviewScreen *self)
{
  PlazaPage *page;

  if (self->ending)
    return;
  plaza_page_view_commit (self->view);
  if (plaza_interview_screen_is_showing_missing (self))
    {
      plaza_interview_screen_show_page (self, current_page (self), NULL);
      return;
    }
  page = plaza_interview_screen_page_before (self);
  if (page != NULL)
    plaza_interview_screen_show_page (self, page, NULL);
  else if (!plaza_interview_screen_is_handed_over (self))
    plaza_interview_screen_suspend (self);
}

void
plaza_interview_screen_jump (PlazaInterviewScreen *self, PlazaPage *page)
{
  plaza_page_view_commit (self->view);
  plaza_interview_screen_show_page (self, page, NULL);
}

void
plaza_interview_screen_jump_to_missing (PlazaInterviewScreen *self, PlazaField *field)
{
  PlazaPage *page = plaza_interview_get_page_of (interview_of (self), field);

  if (page == NULL)
    return;
  plaza_interview_screen_show_page (self, page, field);
  plaza_page_view_find_problem (self->view);
}

void
plaza_interview_screen_jump_to_instance (PlazaInterviewScreen *self, PlazaField *instance)
{
  GPtrArray *pages = plaza_interview_get_pages (interview_of (self));

  for (guint i = 0; i < pages->len; i++)
    if (plaza_page_get_field (g_ptr_array_index (pages, i)) == instance)
      {
        plaza_interview_screen_jump (self, g_ptr_array_index (pages, i));
        return;
      }
}

void
plaza_interview_screen_add_instance (PlazaInterviewScreen *self, PlazaField *repeat)
{
  g_autoptr (GError) error = NULL;
  PlazaField *instance = plaza_capture_add_instance (self->capture, repeat, &error);

  if (instance == NULL)
    {
      plaza_window_show_error (plaza_screen_get_window (PLAZA_SCREEN (self)),
                               _ ("Nothing could be added"), error);
      return;
    }
  plaza_interview_screen_jump_to_instance (self, instance);
}

/* Pages came or went. The page on screen may be gone: then the nearest one before it is shown. */
void
plaza_interview_screen_pages_changed (PlazaInterviewScreen *self)
{
  PlazaPage *page = current_page (self);

  if (page == NULL || !self->started)
    return;
  if (current_index (self) >= 0)
    {
      plaza_page_view_sync (self->view);
      plaza_interview_screen_update_frame (self);
    }
  else
    {
      GPtrArray *pages = plaza_interview_get_pages (interview_of (self));
      PlazaPage *nearest = NULL;

      for (guint i = 0; i < pages->len; i++)
        if (plaza_page_get_section (g_ptr_array_index (pages, i)) <=
                plaza_page_get_section (page) &&
            plaza_field_get_kind (plaza_page_get_field (g_ptr_array_index (pages, i))) !=
                PLAZA_FIELD_REPEAT &&
            stops_at (self, g_ptr_array_index (pages, i)))
          nearest = g_ptr_array_index (pages, i);
      if (nearest == NULL)
        nearest = find_page (self, 0, 1, FALSE);
      if (nearest != NULL)
        plaza_interview_screen_show_page (self, nearest, NULL);
    }
}
