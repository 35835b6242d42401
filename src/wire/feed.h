/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/hash.h"
#include "seal/sign.h"

G_BEGIN_DECLS

#define PLAZA_FEED_MEDIA_TYPE "application/vnd.plaza.feed"
/** Largest page as it travels, once opened, and most items of one. */
#define PLAZA_FEED_MAX_BYTES (16u << 20)
#define PLAZA_FEED_MAX_PLAIN (64u << 20)
#define PLAZA_FEED_MAX_ITEMS 2000u

#define PLAZA_FEED_CURSOR_SIZE 24
/** Its text: base64url without padding. */
#define PLAZA_FEED_CURSOR_TEXT 32

/**
 * PlazaFeedCursor: how far a reader is. Only the central knows what it means; all zero is the
 * beginning.
 */
typedef struct
{
  guint8 bytes[PLAZA_FEED_CURSOR_SIZE];
} PlazaFeedCursor;

/** plaza_feed_cursor_to_string: (transfer full) */
char *plaza_feed_cursor_to_string (const PlazaFeedCursor *cursor);
gboolean plaza_feed_cursor_parse (const char *text, PlazaFeedCursor *out, GError **error);

typedef enum
{
  PLAZA_FEED_REVISION = 1,  /* with its content */
  PLAZA_FEED_STATE = 2,     /* the response's state changed; no content */
  PLAZA_FEED_WITHDRAWN = 3, /* the content was destroyed: destroy it too */
} PlazaFeedKind;

typedef enum
{
  PLAZA_FEED_CONFLICT = 1 << 0,         /* several revisions of one parent */
  PLAZA_FEED_VOID = 1 << 1,             /* kept and not counted */
  PLAZA_FEED_WITHDRAWAL_ASKED = 1 << 2, /* waits for an administrator; not counted */
} PlazaFeedFlags;

/** PlazaFeedItem: something that a reader does not know yet. The state is the response's as of the
 *  page, so the last item of a response tells it. */
typedef struct
{
  PlazaFeedKind kind;
  PlazaFeedFlags flags;
  char response[37];
  char revision[37];  /* of a revision, else "" */
  char effective[37]; /* the revision that holds */
  gint64 received_ms;
  char *marks;     /* codes against the revision, space separated, "" for none */
  GBytes *payload; /* of a revision: its entry's payload; else empty */
} PlazaFeedItem;

void plaza_feed_item_free (PlazaFeedItem *item);

/**
 * PlazaFeedPage: what the central answers to "what is new after this cursor".
 *
 * "PLZFED01" (8) ‖ signing key id (16) ‖ campaign key hash (32) ‖ reader's device (16) ‖ asked
 * cursor (24) ‖ next cursor (24) ‖ u8 flags (1 more follows, 2 afresh) ‖ zstd frame ‖ Ed25519 (64)
 * of the BLAKE2b-256 of all before. In the frame: u32le count, then per item u8 kind ‖ u8 flags ‖
 * response (16) ‖ revision (16) ‖ effective (16) ‖ i64le ms ‖ u32le length ‖ marks ‖ u32le length ‖
 * payload.
 */
typedef struct
{
  PlazaHash campaign;
  char reader[37];
  PlazaFeedCursor asked;
  PlazaFeedCursor next;
  gboolean more;
  gboolean afresh;  /* what the reader may see changed: this is the beginning of everything */
  GPtrArray *items; /* (element-type PlazaFeedItem) */
} PlazaFeedPage;

PlazaFeedPage *plaza_feed_page_new (void);
void plaza_feed_page_free (PlazaFeedPage *page);

/** plaza_feed_page_sign: PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT (fewer items). */
GBytes *
plaza_feed_page_sign (const PlazaFeedPage *page, const PlazaSecret *central_secret, GError **error);

/**
 * plaza_feed_page_verify: reads a page that must answer @asked for @reader in @campaign, signed by
 * @current or @spare.
 * @spare: (nullable)
 * Errors: PLAZA_ERROR_SIGNATURE, PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT, PLAZA_ERROR_NEWER.
 */
PlazaFeedPage *plaza_feed_page_verify (GBytes *bytes,
                                       const PlazaHash *campaign,
                                       const char *reader,
                                       const PlazaFeedCursor *asked,
                                       const PlazaPublicKey *current,
                                       const PlazaPublicKey *spare,
                                       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaFeedItem, plaza_feed_item_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaFeedPage, plaza_feed_page_free)

G_END_DECLS
