/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "wire/envelope.h"
#include "wire/receipt.h"

G_BEGIN_DECLS

/** Packing limits: what the central takes. */
#define PLAZA_OUTBOX_MAX_ENTRIES PLAZA_ENVELOPE_MAX_ENTRIES
#define PLAZA_OUTBOX_MAX_BYTES PLAZA_ENVELOPE_MAX_BYTES

typedef enum
{
  PLAZA_PACK_NONE = 0,
  PLAZA_PACK_HAND_IN = 1 << 0,     /* contacts too when they are fewer than five, and their total */
  PLAZA_PACK_NO_CONTACTS = 1 << 1, /* leave contacts for another call */
} PlazaPackFlags;

/**
 * plaza_outbox_pack: puts what waits into sealed, signed envelopes: rows and bytes in one
 * transaction, then the files outbox/<envelope id>.plz. After a crash the same bytes are written
 * again. Contacts go in envelopes of their own, shuffled: at least five, with no response on its
 * way and half an hour or more after the last was packed or delivered; or at hand-in.
 * @out_packed: (out) (nullable): new envelopes
 */
gboolean
plaza_outbox_pack (PlazaStore *store, PlazaPackFlags flags, guint *out_packed, GError **error);

/** PlazaPackLimits: how much one call packs, so that envelopes fit the link. */
typedef struct
{
  guint entries;   /* of one envelope at most; 0 for what the format takes */
  guint envelopes; /* of responses, sessions and decisions; 0 for all that waits */
} PlazaPackLimits;

/** PlazaPacked: what a call packed (contacts not counted) and left. */
typedef struct
{
  guint envelopes;
  guint contacts; /* envelopes of contacts */
  guint entries;
  guint64 bytes;
  guint left; /* entries that wait for another call */
} PlazaPacked;

/**
 * plaza_outbox_pack_async: as plaza_outbox_pack() within @limits. Contacts are packed by the call
 * that leaves nothing else.
 */
void plaza_outbox_pack_async (PlazaStore *store,
                              PlazaPackFlags flags,
                              const PlazaPackLimits *limits,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean plaza_outbox_pack_finish (PlazaStore *store,
                                   GAsyncResult *result,
                                   PlazaPacked *out,
                                   GError **error);

/** PlazaOutboxItem: a packed envelope that waits: of any profile on this laptop, or carried for
 * somebody else (store/carried.h). */
typedef struct
{
  char *profile;     /* id; "" when it is carried */
  char *fingerprint; /* campaign */
  char *envelope;    /* id, 64 hexadecimal digits */
  char *path;        /* of the file */
  gsize size;
  char *refused; /* why it was set aside, or NULL */
} PlazaOutboxItem;

void plaza_outbox_item_free (PlazaOutboxItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaOutboxItem, plaza_outbox_item_free)

/** plaza_outbox_item_is_carried: it is of nobody on this laptop. */
gboolean plaza_outbox_item_is_carried (const PlazaOutboxItem *self);

/**
 * plaza_outbox_list: what waits below @data_root without a receipt, oldest first: of every profile
 * of the campaign and what is carried for others; nothing needs to be unlocked. Any thread.
 * @fingerprint: NULL for all campaigns
 * (transfer full) (element-type PlazaOutboxItem)
 */
GPtrArray *plaza_outbox_list (const char *data_root, const char *fingerprint, GError **error);

/**
 * plaza_outbox_read: the envelope's bytes. PLAZA_ERROR_CORRUPT when they are not the id's: the file
 * is taken away then; its profile writes it again when it is unlocked or packs, and what was
 * carried comes again with its stick.
 */
GBytes *plaza_outbox_read (const PlazaOutboxItem *item, GError **error);

/**
 * plaza_outbox_keep_receipt: verifies @receipt for @item with @campaign's central keys and keeps it
 * as receipts/<envelope id>.rcp of the owner's profile, who absorbs it when unlocked. Of a carried
 * envelope it takes the place, to be given back. Any thread.
 * PLAZA_ERROR_SIGNATURE, PLAZA_ERROR_INVALID: nothing was kept.
 */
gboolean plaza_outbox_keep_receipt (const PlazaOutboxItem *item,
                                    PlazaCampaign *campaign,
                                    GBytes *receipt,
                                    GError **error);

/** plaza_outbox_set_aside: the central refuses this envelope for what it is: it is kept and no
 * longer listed as waiting. @reason: a stable code, e.g. "envelope". NULL takes it back. */
gboolean plaza_outbox_set_aside (const PlazaOutboxItem *item, const char *reason, GError **error);

/**
 * plaza_outbox_absorb: takes in every kept receipt of this profile: verified again, matched with
 * its envelope and number of entries, each entry marked by its status. A forged or foreign one is
 * moved away and logged, nothing is marked; a true one is carried on (store/carried.h), so that the
 * laptop knows that envelope when a stick brings it again. Then purges what the retention time
 * allows.
 * @out_delivered: (out) (nullable): entries newly delivered
 */
gboolean plaza_outbox_absorb (PlazaStore *store, guint *out_delivered, GError **error);
void plaza_outbox_absorb_async (PlazaStore *store,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean plaza_outbox_absorb_finish (PlazaStore *store,
                                     GAsyncResult *result,
                                     guint *out_delivered,
                                     GError **error);

/**
 * plaza_outbox_purge: destroys keys and content of what was delivered longer ago than the
 * campaign's retention; a stub (ids, hash, envelope, time) stays. Backups are renewed.
 * @now_ms: plaza_clock_now_ms()
 */
gboolean plaza_outbox_purge (PlazaStore *store, gint64 now_ms, guint *out_purged, GError **error);

G_END_DECLS
