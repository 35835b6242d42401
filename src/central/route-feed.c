/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "base/clock.h"
#include "base/error.h"
#include "central/feed.h"
#include "central/request.h"

typedef struct
{
  PlazaFeedCursor asked;
  PlazaFeedPage *page;
} State;

static void
state_free (gpointer data)
{
  State *state = data;

  g_clear_pointer (&state->page, plaza_feed_page_free);
  g_free (state);
}

static void
check_cursor (PlazaRequest *self)
{
  State *state = g_new0 (State, 1);

  self->state = state;
  self->state_free = state_free;
  if (!plaza_feed_cursor_parse (self->parameter, &state->asked, NULL))
    plaza_request_refuse (self, PLAZA_RESULT_BAD_REQUEST);
}

static void
answer_page (PlazaRequest *self)
{
  State *state = self->state;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_feed_page_sign (state->page, self->serving->central->sign, &error);

  if (bytes == NULL)
    plaza_request_refuse_for (self, error);
  else
    plaza_request_answer (self, bytes, PLAZA_FEED_MEDIA_TYPE);
}

static void
read_page (PlazaRequest *self, PlazaStorage *reader)
{
  State *state = self->state;
  g_autoptr (PlazaCampaign) campaign =
      plaza_central_find_campaign (self->serving->central, self->device.campaign);
  g_autoptr (GError) error = NULL;

  if (campaign == NULL)
    {
      plaza_request_refuse (self, PLAZA_RESULT_CAMPAIGN);
      return;
    }
  state->page = plaza_feed_read (reader, campaign, &self->device, &state->asked, &error);
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED))
    plaza_request_refuse (self, PLAZA_RESULT_FORBIDDEN);
  else if (state->page == NULL)
    plaza_request_refuse_for (self, error);
  else if (state->page->items->len == 0)
    answer_page (self);
}

/* Who read how much is in the audit log before they have it. */
static gboolean
note_reading (PlazaRequest *self, PlazaStorage *storage, GError **error)
{
  State *state = self->state;
  g_autofree char *cursor = plaza_feed_cursor_to_string (&state->asked);
  g_autofree char *details = g_strdup_printf ("items=%u", state->page->items->len);

  return plaza_storage_audit (storage, plaza_clock_now_ms (), self->device.id, "read", cursor,
                              details, NULL, error);
}

/* GET /v1/feed/{cursor}: what is new for this reader, signed. */
const PlazaRouteWork plaza_route_feed = {
  .begin = check_cursor, .read = read_page, .write = note_reading, .written = answer_page
};
