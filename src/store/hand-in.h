/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"
#include "store/unreadable.h"
#include "wire/header.h"

G_BEGIN_DECLS

/**
 * Handing in the laptop: what keeps a profile from leaving it, the decisions that end that, the
 * facts for the proof, and the erasing, which nothing begins before the central has a receipt for
 * everything. Each profile is handed in by its own person.
 */

/** PlazaHandInDraft: an interview that somebody must decide about. */
typedef struct
{
  char *response;
  char *folio;
  gint64 started_ms;
  gboolean correction; /* of a response that is finished: it cannot end as partial */
} PlazaHandInDraft;

/** PlazaHandInProfile: somebody else's, locked, on this laptop. */
typedef struct
{
  char *name;
  guint drafts;
  guint unsealed;   /* facts that only its owner can put into an envelope */
  guint envelopes;  /* sealed, without a receipt: these go along */
  gboolean unknown; /* in use by another process, or damaged */
} PlazaHandInProfile;

/** PlazaHandInState: where it stands. */
typedef struct
{
  GPtrArray *drafts;      /* PlazaHandInDraft, oldest first */
  guint unsealed;         /* facts not in an envelope yet */
  guint contacts;         /* not in an envelope yet */
  gboolean contacts_told; /* the central is told how many contacts there ever were */
  guint waiting;          /* envelopes without a receipt */
  guint refused;          /* facts that the central does not take, kept here */
  guint refused_contacts; /* contacts in envelopes that it does not take */
  guint quarantined;      /* facts that the central keeps apart: it has them */
  gboolean registered;    /* the central knows the device */
  guint carried;          /* envelopes of others, brought by stick, without a receipt */
  GPtrArray *others;      /* PlazaHandInProfile */
  PlazaUnreadable unreadable;
  guint unreadable_open; /* of these, what somebody has not decided about; drafts, entries and
                            envelopes left out, which are among the drafts and the refused */
} PlazaHandInState;

void plaza_hand_in_state_clear (PlazaHandInState *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaHandInState, plaza_hand_in_state_clear)

/** plaza_hand_in_look: as of now; receipts that came are absorbed first. */
gboolean plaza_hand_in_look (PlazaStore *store, PlazaHandInState *out, GError **error);

/** plaza_hand_in_state_needs_decision: drafts, refused or unreadable facts, which no delivery ends.
 */
gboolean plaza_hand_in_state_needs_decision (const PlazaHandInState *self);

/** plaza_hand_in_state_is_complete: everything of this profile has a receipt; when it is the last
 * profile of the laptop, also what it carries for others. */
gboolean plaza_hand_in_state_is_complete (const PlazaHandInState *self);

/* Decisions. "Resume now" is plaza_capture_resume() as ever. */

/** plaza_hand_in_end_partial: ends a draft with the answers so far. */
gboolean plaza_hand_in_end_partial (PlazaStore *store, const char *response, GError **error);

/**
 * plaza_hand_in_discard: destroys a draft, key and content. The central is told by a void with
 * @reason, so that no folio is missing without a word; a correction just goes, its response stays.
 * @reason: at most 200 characters
 */
gboolean
plaza_hand_in_discard (PlazaStore *store, const char *response, const char *reason, GError **error);

/** plaza_hand_in_discard_refused: destroys what the central does not take, with a void for each of
 * its responses. */
gboolean plaza_hand_in_discard_refused (PlazaStore *store, const char *reason, GError **error);

/**
 * plaza_hand_in_accept_unreadable: what cannot be read now may go with the laptop. It is neither
 * destroyed nor forgotten before; what turns out to be unreadable later asks again.
 */
gboolean plaza_hand_in_accept_unreadable (PlazaStore *store, const char *reason, GError **error);

/* Facts for the proof */

typedef struct
{
  char *id;
  guint entries;
  gboolean contacts;
  gint64 delivered_ms;  /* when this laptop believed the receipt */
  gboolean has_receipt; /* it is still here: the next three are the central's */
  gint64 receipt_ms;
  char *audit_head; /* 64 hexadecimal digits */
  guint64 audit_sequence;
} PlazaHandInEnvelope;

typedef struct
{
  char *folio; /* "" when it was no response */
  char *what;  /* "draft", "correction" or "refused" */
  char *reason;
} PlazaHandInDiscarded;

typedef struct
{
  char *name;   /* of the profile */
  char *person; /* as the central knows it */
  char *organisation;
  char *device;
  char *device_key; /* public half, base64url */
  char *campaign;   /* title */
  char *fingerprint;
  guint outcomes[PLAZA_N_OUTCOMES]; /* responses here, by PlazaOutcome; discarded ones left out */
  guint quarantined;
  guint64 contacts; /* ever taken, as far as it is known: see unreadable.pools */
  PlazaUnreadable unreadable;
  char *unreadable_reason; /* why it was accepted; NULL when there is nothing */
  GPtrArray *envelopes;    /* PlazaHandInEnvelope, oldest first */
  GPtrArray *discarded;    /* PlazaHandInDiscarded */
  guint other_profiles;    /* that stay on the laptop */
  char *copy_left;         /* folder with a copy that could not be taken away, or NULL */
} PlazaHandInFacts;

void plaza_hand_in_facts_clear (PlazaHandInFacts *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaHandInFacts, plaza_hand_in_facts_clear)

/** plaza_hand_in_get_facts: takes the safe copy away first, when its folder is there. */
gboolean plaza_hand_in_get_facts (PlazaStore *store, PlazaHandInFacts *out, GError **error);

/** What a signature of a proof covers before the text, so that it is no signature of anything else.
 */
#define PLAZA_HAND_IN_MAGIC "PLZPRF01"

/** plaza_hand_in_sign: PLAZA_HAND_IN_MAGIC ‖ @text, by the device key. @signature: 64 bytes */
void plaza_hand_in_sign (PlazaStore *store, GBytes *text, guint8 *signature);

/**
 * plaza_hand_in_erase: destroys keys and content of the unlocked profile and removes it; the last
 * profile takes the campaigns and what was carried along. What is cut goes on by
 * plaza_hand_in_clean(), without a passphrase. Errors: PLAZA_ERROR_REFUSED when something has no
 * receipt (nothing happened), PLAZA_ERROR_DISK.
 */
gboolean plaza_hand_in_erase (PlazaProfile *profile, GError **error);

/** plaza_hand_in_clean: ends erasings that were cut. Programs call it when they begin. */
void plaza_hand_in_clean (const char *data_root);

/** plaza_hand_in_is_erasing: the profile in @folder is none any more. */
gboolean plaza_hand_in_is_erasing (const char *folder);

G_END_DECLS
