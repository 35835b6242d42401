/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/outbox.h"

G_BEGIN_DECLS

/** How long a receipt is kept to be given back. */
#define PLAZA_CARRIED_DAYS 90

/**
 * What this laptop carries for others, below <data root>/carried/<fingerprint>/:
 * envelopes/<envelope id>.plz, receipts/<envelope id>.rcp and registrations/<device>.plzreg and
 * invitations.plzinv. None of it can be opened here, and nothing needs to be unlocked to take it
 * along. Envelopes wait in plaza_outbox_list() next to those of the profiles.
 */

/** PlazaCarriedFate: what became of something that was brought. */
typedef enum
{
  PLAZA_CARRIED_NEW,       /* kept now */
  PLAZA_CARRIED_HERE,      /* it was here already */
  PLAZA_CARRIED_DELIVERED, /* the central has it: this laptop knows the receipt */
  PLAZA_CARRIED_OURS,      /* a receipt for a profile of this laptop, kept for it */
} PlazaCarriedFate;

/**
 * PlazaCarried: takes in what is brought. It remembers profiles and campaigns of the data root from
 * when it was made: make a new one for each piece of work. One thread at a time.
 */
typedef struct _PlazaCarried PlazaCarried;

PlazaCarried *plaza_carried_new (const char *data_root, GError **error);
void plaza_carried_free (PlazaCarried *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCarried, plaza_carried_free)

/** plaza_carried_campaign: (transfer none) (nullable): of a profile of this laptop. */
PlazaCampaign *plaza_carried_campaign (PlazaCarried *self, const char *fingerprint);

/** plaza_carried_know: also takes what is of the campaign with @fingerprint, whose package this
 * laptop keeps though nobody here has joined it: for a rescue. */
void plaza_carried_know (PlazaCarried *self, const char *fingerprint);

/**
 * plaza_carried_take_envelope: keeps an envelope durably until its receipt. All that a carrier can
 * check is checked: form, size, and that its campaign is known here. It is known by the hash of its
 * content; one that was called by the id of another was damaged under way. Only the central knows
 * the author's key, so one that it refused gives way to another copy with the same id and another
 * signature.
 * @named: (nullable): the id that the bearer calls it by, if by any
 * @out_id: (out) (nullable): 64 hexadecimal digits
 * Errors: PLAZA_ERROR_INVALID (damaged, or no envelope), PLAZA_ERROR_NOT_FOUND (of a campaign that
 * this laptop does not have), PLAZA_ERROR_LIMIT, PLAZA_ERROR_NEWER, PLAZA_ERROR_DISK.
 */
gboolean plaza_carried_take_envelope (PlazaCarried *self,
                                      const char *named,
                                      GBytes *bytes,
                                      PlazaCarriedFate *out,
                                      char **out_id,
                                      GError **error);

/**
 * plaza_carried_take_receipt: keeps a receipt that verifies with the central keys of a campaign of
 * this laptop: in its receipts/ for a profile whose envelope waits, else to be given back. A
 * carried envelope gives way to it. Errors: PLAZA_ERROR_SIGNATURE (forged, or of a campaign that
 * this laptop does not have), PLAZA_ERROR_INVALID, PLAZA_ERROR_NEWER, PLAZA_ERROR_DISK.
 */
gboolean plaza_carried_take_receipt (
    PlazaCarried *self, GBytes *bytes, PlazaCarriedFate *out, char **out_id, GError **error);

/**
 * plaza_carried_take_registration: keeps the registration of a device that joined without a
 * connection, until the central has it. The first of a device stays.
 * Errors: plaza_registration_check()'s, PLAZA_ERROR_NOT_FOUND (another campaign's),
 * PLAZA_ERROR_DISK.
 */
gboolean plaza_carried_take_registration (
    PlazaCarried *self, GBytes *bytes, PlazaCarriedFate *out, char **out_device, GError **error);

/**
 * plaza_carried_take_invitations: keeps the list of invitations of a campaign, for who joins on
 * another laptop: the longest, since lists only grow.
 * Errors: plaza_invitations_parse()'s, PLAZA_ERROR_DISK.
 */
gboolean plaza_carried_take_invitations (PlazaCarried *self,
                                         GBytes *bytes,
                                         PlazaCarriedFate *out,
                                         GError **error);

/** PlazaCarriedFile: a file that is kept for others. */
typedef struct
{
  char *fingerprint; /* campaign */
  char *id;          /* of the envelope or the device */
  char *path;
} PlazaCarriedFile;

void plaza_carried_file_free (PlazaCarriedFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCarriedFile, plaza_carried_file_free)

/** plaza_carried_list_receipts, plaza_carried_list_registrations: @fingerprint: NULL for all
 * campaigns. Any thread. (transfer full) (element-type PlazaCarriedFile) */
GPtrArray *plaza_carried_list_receipts (const char *data_root, const char *fingerprint);
GPtrArray *plaza_carried_list_registrations (const char *data_root, const char *fingerprint);

/** plaza_carried_end_registration: the central answered about it: it waits no more, and is known
 * when it comes again. @reason: (nullable): a stable code when it was refused. */
gboolean
plaza_carried_end_registration (const PlazaCarriedFile *file, const char *reason, GError **error);

/** plaza_carried_invitations: (transfer full): where a campaign's list of invitations is kept,
 * whether it is there or not. */
char *plaza_carried_invitations (const char *data_root, const char *fingerprint);

/** plaza_carried_find_receipt: the receipt of an envelope that this laptop knows, not verified
 * again, of a profile's or carried. (transfer full) (nullable): NULL without @error when there is
 * none. */
GBytes *plaza_carried_find_receipt (PlazaCarried *self, const char *envelope, GError **error);

/** plaza_carried_open_receipt: the same, verified again. (transfer full) (nullable) */
PlazaReceipt *plaza_carried_open_receipt (PlazaCarried *self, const char *envelope, GError **error);

/** plaza_carried_expire: removes receipts kept longer ago than PLAZA_CARRIED_DAYS. @now_ms:
 * plaza_clock_now_ms() */
gboolean plaza_carried_expire (const char *data_root, gint64 now_ms, GError **error);

G_END_DECLS
