/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include "central/feed.h"

#include <string.h>

#include "base/base32.h"
#include "base/error.h"

/* A cursor: scope (8) ‖ u64le number of the last revision ‖ u64le number of the last change. Both
 * numbers are given by the one writer, inside its transaction, so none appears later below one that
 * was read. */
#define SCOPE_SIZE 8
#define PAGE_ITEMS 1000
/* Content of one page; the last item may go beyond. */
#define PAGE_BYTES (8u << 20)

typedef struct
{
  PlazaFeedPage *page;
  guint64 revision;
  guint64 change;
  gsize size;
  gboolean full;
} Reading;

static guint64
cursor_number (const PlazaFeedCursor *cursor, guint which)
{
  guint64 number;

  memcpy (&number, cursor->bytes + SCOPE_SIZE + which * sizeof number, sizeof number);
  return GUINT64_FROM_LE (number);
}

static void
cursor_write (PlazaFeedCursor *out, const guint8 *scope, guint64 revision, guint64 change)
{
  const guint64 numbers[2] = { GUINT64_TO_LE (revision), GUINT64_TO_LE (change) };

  memcpy (out->bytes, scope, SCOPE_SIZE);
  memcpy (out->bytes + SCOPE_SIZE, numbers, sizeof numbers);
}

static PlazaFeedItem *
add_item (Reading *reading, PlazaFeedKind kind, const PlazaStoredResponse *response)
{
  PlazaFeedItem *item = g_new0 (PlazaFeedItem, 1);

  item->kind = response->withdrawal == PLAZA_WITHDRAWAL_DONE ? PLAZA_FEED_WITHDRAWN : kind;
  item->flags = (response->conflict ? PLAZA_FEED_CONFLICT : 0) |
                (response->voided ? PLAZA_FEED_VOID : 0) |
                (response->withdrawal == PLAZA_WITHDRAWAL_ASKED ? PLAZA_FEED_WITHDRAWAL_ASKED : 0);
  g_strlcpy (item->response, response->id, sizeof item->response);
  g_strlcpy (item->effective, response->effective, sizeof item->effective);
  g_ptr_array_add (reading->page->items, item);
  return item;
}

static gboolean
add_revision (gpointer record, gpointer data, GError **error)
{
  const PlazaExportRevision *found = record;
  Reading *reading = data;
  PlazaFeedItem *item;

  if (reading->full)
    return TRUE;
  item = add_item (reading, PLAZA_FEED_REVISION, &found->response);
  g_strlcpy (item->revision, found->revision.id, sizeof item->revision);
  item->received_ms = found->revision.received;
  item->marks = g_strdup (found->marks);
  if (found->revision.xml == NULL)
    item->kind = PLAZA_FEED_WITHDRAWN;
  if (item->kind == PLAZA_FEED_REVISION)
    {
      item->payload =
          plaza_revision_payload (found->revision.header, found->revision.xml,
                                  found->revision.annotations, found->revision.attachments);
      reading->size += g_bytes_get_size (item->payload);
    }
  reading->revision = found->revision.sequence;
  reading->full = reading->page->items->len >= PAGE_ITEMS || reading->size >= PAGE_BYTES;
  return TRUE;
}

static gboolean
add_change (gpointer record, gpointer data, GError **error)
{
  const PlazaStoredChange *found = record;
  Reading *reading = data;
  PlazaFeedItem *item = add_item (reading, PLAZA_FEED_STATE, &found->response);

  item->received_ms = found->received;
  item->marks = g_strdup (found->marks);
  reading->change = found->sequence;
  reading->full = reading->page->items->len >= PAGE_ITEMS;
  return TRUE;
}

static gboolean
find_scope (const PlazaDevice *reader,
            const char **organisation,
            guint8 scope[SCOPE_SIZE],
            GError **error)
{
  g_autofree char *text = NULL;
  PlazaHash hash;

  if (strcmp (reader->role, "administrator") == 0)
    *organisation = NULL;
  else if (strcmp (reader->role, "coordinator") == 0 && *reader->organisation != '\0')
    *organisation = reader->organisation;
  else
    return plaza_throw (error, PLAZA_ERROR_REFUSED, "nothing is theirs to read");
  text = g_strdup_printf ("%s\n%s\n%s", reader->campaign, reader->role,
                          *organisation != NULL ? *organisation : "");
  plaza_hash_data (text, strlen (text), &hash);
  memcpy (scope, hash.bytes, SCOPE_SIZE);
  return TRUE;
}

PlazaFeedPage *
plaza_feed_read (PlazaStorage *reader_storage,
                 PlazaCampaign *campaign,
                 const PlazaDevice *reader,
                 const PlazaFeedCursor *asked,
                 GError **error)
{
  const PlazaStorageTable *table = reader_storage->table;
  g_autoptr (PlazaFeedPage) page = plaza_feed_page_new ();
  Reading reading = { .page = page };
  guint8 scope[SCOPE_SIZE];
  const char *organisation = NULL;
  guint room;

  if (!find_scope (reader, &organisation, scope, error))
    return NULL;
  plaza_hash_data (campaign->key_campaign.bytes, sizeof campaign->key_campaign.bytes,
                   &page->campaign);
  g_strlcpy (page->reader, reader->id, sizeof page->reader);
  page->asked = *asked;
  page->afresh = memcmp (asked->bytes, scope, SCOPE_SIZE) != 0;
  if (!page->afresh)
    {
      reading.revision = cursor_number (asked, 0);
      reading.change = cursor_number (asked, 1);
    }
  if (!table->each_feed_revision (reader_storage, reading.revision, reader->campaign, organisation,
                                  PAGE_ITEMS, add_revision, &reading, error))
    return NULL;
  /* changes only once every revision they may speak of was read */
  room = PAGE_ITEMS - page->items->len;
  if (!reading.full && !table->each_change (reader_storage, reading.change, reader->campaign,
                                            organisation, room, add_change, &reading, error))
    return NULL;
  page->more = reading.full;
  cursor_write (&page->next, scope, reading.revision, reading.change);
  return g_steal_pointer (&page);
}
