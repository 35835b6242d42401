/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-wire"

#include "wire/feed.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/uuid.h"
#include "wire/bytes.h"
#include "wire/compress.h"

#define MAGIC "PLZFED01"
#define MAGIC_STEM 6
#define MAGIC_SIZE 8
#define UUID_SIZE 16
#define HEAD_SIZE \
  (MAGIC_SIZE + PLAZA_KEY_ID_SIZE + PLAZA_HASH_SIZE + UUID_SIZE + 2 * PLAZA_FEED_CURSOR_SIZE + 1)
#define ITEM_HEAD_SIZE (2 + 3 * UUID_SIZE + 8 + 4 + 4)
#define FLAG_MORE 1
#define FLAG_AFRESH 2
#define ALL_FLAGS (PLAZA_FEED_CONFLICT | PLAZA_FEED_VOID | PLAZA_FEED_WITHDRAWAL_ASKED)
#define MAX_MARKS 4096u

char *
plaza_feed_cursor_to_string (const PlazaFeedCursor *cursor)
{
  char *text = g_malloc (PLAZA_FEED_CURSOR_TEXT + 1);

  return sodium_bin2base64 (text, PLAZA_FEED_CURSOR_TEXT + 1, cursor->bytes, sizeof cursor->bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

gboolean
plaza_feed_cursor_parse (const char *text, PlazaFeedCursor *out, GError **error)
{
  gsize length;

  if (strlen (text) != PLAZA_FEED_CURSOR_TEXT ||
      sodium_base642bin (out->bytes, sizeof out->bytes, text, PLAZA_FEED_CURSOR_TEXT, NULL, &length,
                         NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      length != sizeof out->bytes)
    return plaza_throw (error, PLAZA_ERROR_INVALID, "Not a cursor of the feed");
  return TRUE;
}

void
plaza_feed_item_free (PlazaFeedItem *item)
{
  if (item == NULL)
    return;
  g_free (item->marks);
  g_clear_pointer (&item->payload, g_bytes_unref);
  g_free (item);
}

PlazaFeedPage *
plaza_feed_page_new (void)
{
  PlazaFeedPage *page = g_new0 (PlazaFeedPage, 1);

  page->items = g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_feed_item_free);
  return page;
}

void
plaza_feed_page_free (PlazaFeedPage *page)
{
  if (page == NULL)
    return;
  g_ptr_array_unref (page->items);
  g_free (page);
}

/* Writing */

static gboolean
append_uuid (GByteArray *out, const char *text, GError **error)
{
  guint8 bytes[UUID_SIZE] = { 0 };

  if (*text != '\0' && !plaza_uuid_parse (text, bytes, error))
    return FALSE;
  g_byte_array_append (out, bytes, sizeof bytes);
  return TRUE;
}

static gboolean
append_item (GByteArray *out, const PlazaFeedItem *item, GError **error)
{
  const guint8 head[2] = { (guint8) item->kind, (guint8) item->flags };
  const char *marks = item->marks != NULL ? item->marks : "";
  gsize marks_length = MIN (strlen (marks), MAX_MARKS);
  gsize length = item->payload != NULL ? g_bytes_get_size (item->payload) : 0;

  if (length + marks_length + ITEM_HEAD_SIZE > PLAZA_FEED_MAX_PLAIN - out->len)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "The items are too large for one page");
  g_byte_array_append (out, head, sizeof head);
  if (!append_uuid (out, item->response, error) || !append_uuid (out, item->revision, error) ||
      !append_uuid (out, item->effective, error))
    return FALSE;
  plaza_append_u64 (out, (guint64) item->received_ms);
  plaza_append_u32 (out, (guint32) marks_length);
  g_byte_array_append (out, (const guint8 *) marks, (guint) marks_length);
  plaza_append_u32 (out, (guint32) length);
  if (length > 0)
    plaza_append_bytes (out, item->payload);
  return TRUE;
}

GBytes *
plaza_feed_page_sign (const PlazaFeedPage *page, const PlazaSecret *central_secret, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  g_autoptr (GByteArray) packed = NULL;
  guint8 flags = (page->more ? FLAG_MORE : 0) | (page->afresh ? FLAG_AFRESH : 0);
  guint8 key_id[PLAZA_KEY_ID_SIZE];
  guint8 signature[PLAZA_SIGNATURE_SIZE];
  PlazaPublicKey key;
  PlazaHash hash;

  if (page->items->len > PLAZA_FEED_MAX_ITEMS)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "Too many items for one page");
      return NULL;
    }
  plaza_append_u32 (plain, page->items->len);
  for (guint i = 0; i < page->items->len; i++)
    if (!append_item (plain, page->items->pdata[i], error))
      return NULL;
  packed = plaza_compress (plain->data, plain->len, NULL, error);
  if (packed == NULL || !plaza_sign_public (central_secret, &key, error))
    return NULL;
  if (packed->len + HEAD_SIZE + PLAZA_SIGNATURE_SIZE > PLAZA_FEED_MAX_BYTES)
    {
      plaza_throw (error, PLAZA_ERROR_LIMIT, "The page is too large");
      return NULL;
    }
  plaza_public_key_id (&key, key_id);
  g_byte_array_append (out, (const guint8 *) MAGIC, MAGIC_SIZE);
  g_byte_array_append (out, key_id, sizeof key_id);
  g_byte_array_append (out, page->campaign.bytes, PLAZA_HASH_SIZE);
  if (!append_uuid (out, page->reader, error))
    return NULL;
  g_byte_array_append (out, page->asked.bytes, PLAZA_FEED_CURSOR_SIZE);
  g_byte_array_append (out, page->next.bytes, PLAZA_FEED_CURSOR_SIZE);
  g_byte_array_append (out, &flags, 1);
  g_byte_array_append (out, packed->data, packed->len);
  plaza_hash_data (out->data, out->len, &hash);
  plaza_sign (central_secret, hash.bytes, PLAZA_HASH_SIZE, signature);
  g_byte_array_append (out, signature, sizeof signature);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* Reading */

static gboolean
take_uuid (PlazaReader *reader, char out[37])
{
  static const guint8 none[UUID_SIZE];
  const guint8 *bytes = plaza_reader_take (reader, UUID_SIZE);
  g_autofree char *text = NULL;

  if (bytes == NULL)
    return FALSE;
  if (memcmp (bytes, none, UUID_SIZE) == 0)
    {
      out[0] = '\0';
      return TRUE;
    }
  text = plaza_uuid_format (bytes);
  g_strlcpy (out, text, 37);
  return TRUE;
}

static gboolean
is_sound (const PlazaFeedItem *item)
{
  gboolean content = g_bytes_get_size (item->payload) > 0;

  if (item->response[0] == '\0' || (item->flags & ~(guint) ALL_FLAGS) != 0)
    return FALSE;
  switch (item->kind)
    {
    case PLAZA_FEED_REVISION:
      return content && item->revision[0] != '\0' && item->effective[0] != '\0';
    case PLAZA_FEED_STATE:
    case PLAZA_FEED_WITHDRAWN:
      return !content;
    default:
      return FALSE;
    }
}

static PlazaFeedItem *
read_item (PlazaReader *reader, GBytes *plain, GError **error)
{
  g_autoptr (PlazaFeedItem) item = g_new0 (PlazaFeedItem, 1);
  const guint8 *head = plaza_reader_take (reader, 2);
  const guint8 *marks;
  guint64 received;
  guint32 marks_length, length;
  gsize begin;

  if (head != NULL && take_uuid (reader, item->response) && take_uuid (reader, item->revision) &&
      take_uuid (reader, item->effective) && plaza_reader_u64 (reader, &received) &&
      plaza_reader_u32 (reader, &marks_length) && marks_length <= MAX_MARKS &&
      (marks = plaza_reader_take (reader, marks_length)) != NULL &&
      g_utf8_validate ((const char *) marks, marks_length, NULL) &&
      plaza_reader_u32 (reader, &length))
    {
      begin = reader->at;
      if (plaza_reader_take (reader, length) != NULL)
        {
          item->kind = (PlazaFeedKind) head[0];
          item->flags = (PlazaFeedFlags) head[1];
          item->received_ms = (gint64) received;
          item->marks = g_strndup ((const char *) marks, marks_length);
          item->payload = g_bytes_new_from_bytes (plain, begin, length);
          if (is_sound (item))
            return g_steal_pointer (&item);
        }
    }
  plaza_throw (error, PLAZA_ERROR_INVALID, "Feed: an item is cut or malformed");
  return NULL;
}

static gboolean
read_items (PlazaFeedPage *page, GBytes *plain, GError **error)
{
  PlazaReader reader = { 0 };
  guint32 count;

  reader.data = g_bytes_get_data (plain, &reader.length);
  if (!plaza_reader_u32 (&reader, &count) || count > PLAZA_FEED_MAX_ITEMS)
    return plaza_throw (error, PLAZA_ERROR_LIMIT, "Feed: no count, or too many items");
  for (guint32 i = 0; i < count; i++)
    {
      PlazaFeedItem *item = read_item (&reader, plain, error);

      if (item == NULL)
        return FALSE;
      g_ptr_array_add (page->items, item);
    }
  return reader.at == reader.length ||
         plaza_throw (error, PLAZA_ERROR_INVALID, "Feed: something after the last item");
}

static gboolean
check_signature (const guint8 *data,
                 gsize length,
                 const PlazaPublicKey *current,
                 const PlazaPublicKey *spare,
                 GError **error)
{
  const PlazaPublicKey *const keys[] = { current, spare };
  guint8 id[PLAZA_KEY_ID_SIZE];
  PlazaHash hash;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (keys[i] == NULL)
        continue;
      plaza_public_key_id (keys[i], id);
      if (memcmp (id, data + MAGIC_SIZE, sizeof id) != 0)
        continue;
      plaza_hash_data (data, length - PLAZA_SIGNATURE_SIZE, &hash);
      return plaza_sign_verify (keys[i], hash.bytes, PLAZA_HASH_SIZE,
                                data + length - PLAZA_SIGNATURE_SIZE, error);
    }
  return plaza_throw (error, PLAZA_ERROR_SIGNATURE, "The page is signed with another key");
}

PlazaFeedPage *
plaza_feed_page_verify (GBytes *bytes,
                        const PlazaHash *campaign,
                        const char *reader,
                        const PlazaFeedCursor *asked,
                        const PlazaPublicKey *current,
                        const PlazaPublicKey *spare,
                        GError **error)
{
  g_autoptr (PlazaFeedPage) page = plaza_feed_page_new ();
  g_autoptr (GBytes) plain = NULL;
  PlazaReader walk = { 0 };
  guint8 flags;

  walk.data = g_bytes_get_data (bytes, &walk.length);
  if (walk.length < HEAD_SIZE + 1 + PLAZA_SIGNATURE_SIZE || walk.length > PLAZA_FEED_MAX_BYTES ||
      memcmp (walk.data, MAGIC, MAGIC_STEM) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "Not a whole page of the feed");
      return NULL;
    }
  if (memcmp (walk.data, MAGIC, MAGIC_SIZE) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_NEWER, "The page is of a newer version");
      return NULL;
    }
  if (!check_signature (walk.data, walk.length, current, spare, error))
    {
      g_prefix_error (error, "Feed: ");
      return NULL;
    }
  walk.at = MAGIC_SIZE + PLAZA_KEY_ID_SIZE;
  memcpy (page->campaign.bytes, plaza_reader_take (&walk, PLAZA_HASH_SIZE), PLAZA_HASH_SIZE);
  take_uuid (&walk, page->reader);
  memcpy (page->asked.bytes, plaza_reader_take (&walk, PLAZA_FEED_CURSOR_SIZE),
          PLAZA_FEED_CURSOR_SIZE);
  memcpy (page->next.bytes, plaza_reader_take (&walk, PLAZA_FEED_CURSOR_SIZE),
          PLAZA_FEED_CURSOR_SIZE);
  flags = *plaza_reader_take (&walk, 1);
  page->more = (flags & FLAG_MORE) != 0;
  page->afresh = (flags & FLAG_AFRESH) != 0;
  if (!plaza_hash_equal (&page->campaign, campaign) || strcmp (page->reader, reader) != 0 ||
      memcmp (page->asked.bytes, asked->bytes, PLAZA_FEED_CURSOR_SIZE) != 0 ||
      (flags & ~(FLAG_MORE | FLAG_AFRESH)) != 0)
    {
      plaza_throw (error, PLAZA_ERROR_INVALID, "The page answers another question");
      return NULL;
    }
  plain = plaza_decompress (walk.data + HEAD_SIZE, walk.length - HEAD_SIZE - PLAZA_SIGNATURE_SIZE,
                            NULL, PLAZA_FEED_MAX_PLAIN, error);
  if (plain == NULL)
    {
      g_prefix_error (error, "Feed: ");
      return NULL;
    }
  return read_items (page, plain, error) ? g_steal_pointer (&page) : NULL;
}
