/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-app"

#include "app/page-filled.h"

#include "app/question-filled.h"

static gboolean
is_keyed (PlazaCapture *capture)
{
  return g_strcmp0 (plaza_capture_get_mode (capture), PLAZA_MODE_KEYED) == 0;
}

gboolean
plaza_page_filled_shows (PlazaCapture *capture, PlazaField *field)
{
  return !is_keyed (capture) && plaza_question_filled_suits (field);
}

gboolean
plaza_page_filled_asks_more (PlazaCapture *capture, PlazaPage *page)
{
  GPtrArray *fields = plaza_page_get_fields (page);
  gboolean has_filled = FALSE;

  for (guint i = 0; i < fields->len; i++)
    {
      PlazaField *field = g_ptr_array_index (fields, i);

      if (plaza_page_filled_shows (capture, field))
        has_filled = TRUE;
      else if (plaza_field_get_fill (field) == NULL || plaza_field_is_required (field) ||
               is_keyed (capture))
        return TRUE;
    }
  /* What the session could have filled in but did not is no reason to stop there. */
  return !has_filled;
}
