/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/profile.h"

G_BEGIN_DECLS

/** What is written below the folder that the person chose:
 * Plaza/<fingerprint>/{campaign.plzcmp, envelopes/<envelope id>.plz, receipts/<envelope id>.rcp,
 * registrations/<device>.plzreg}. */
#define PLAZA_STICK_FOLDER "Plaza"
/** Reading looks at most so deep below the chosen folder, and at most at so many files of ours. */
#define PLAZA_STICK_MAX_DEPTH 4
#define PLAZA_STICK_MAX_FILES 20000u

typedef enum
{
  PLAZA_STICK_ENVELOPE,
  PLAZA_STICK_RECEIPT,
  PLAZA_STICK_REGISTRATION,
  PLAZA_STICK_CAMPAIGN,
  PLAZA_STICK_INVITATIONS,
} PlazaStickKind;
#define PLAZA_STICK_N_KINDS 5

typedef enum
{
  PLAZA_STICK_NEW,       /* read: kept now; save: written, read back and compared */
  PLAZA_STICK_HERE,      /* it was there already, the same */
  PLAZA_STICK_DELIVERED, /* the central has it already: its receipt is known */
  PLAZA_STICK_OURS,      /* read: a receipt for a profile of this laptop */
  PLAZA_STICK_REFUSED,   /* not taken: see reason */
} PlazaStickFate;
#define PLAZA_STICK_N_FATES 5

/** Why a file was not taken. */
typedef enum
{
  PLAZA_STICK_NO_REASON,
  PLAZA_STICK_DAMAGED,    /* cut, changed, or not what its name promises */
  PLAZA_STICK_FOREIGN,    /* of a consultation that this laptop does not have */
  PLAZA_STICK_FORGED,     /* its signature is not the central's or the campaign's */
  PLAZA_STICK_NOT_A_FILE, /* a link, a folder, a pipe, a device */
  PLAZA_STICK_TOO_LARGE,
  PLAZA_STICK_NEWER,      /* written by a newer Plaza */
  PLAZA_STICK_UNREADABLE, /* the stick cannot read it */
} PlazaStickReason;
#define PLAZA_STICK_N_REASONS 8

/** PlazaStickItem: one file and what became of it. */
typedef struct
{
  PlazaStickKind kind;
  PlazaStickFate fate;
  PlazaStickReason reason;
  char *path; /* for people, UTF-8, from the chosen folder on */
  char *id;   /* of an envelope, a receipt's envelope or a device; NULL when it is not known */
  gsize size;
} PlazaStickItem;

void plaza_stick_item_free (PlazaStickItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaStickItem, plaza_stick_item_free)

/** What ended the work before its end; what was done until then stays done. */
typedef enum
{
  PLAZA_STICK_NO_PROBLEM,
  PLAZA_STICK_FULL,      /* no room on it: see "missing" */
  PLAZA_STICK_GONE,      /* pulled out, or it answers no more */
  PLAZA_STICK_READ_ONLY, /* it, or the folder, takes no files */
  PLAZA_STICK_FAULTY,    /* it gives back other bytes than were written */
  PLAZA_STICK_NO_FOLDER, /* the folder is not there, or may not be opened */
  PLAZA_STICK_CANCELLED, /* by the person */
  PLAZA_STICK_LAPTOP,    /* our own disk or data refused */
} PlazaStickProblem;

/**
 * PlazaStick: the long work of taking envelopes, receipts and packages to a folder of a USB stick,
 * and from there. It works in a thread; it is made, called and notified in the main one. One piece
 * of work at a time; each begins with an empty list of items.
 *
 * Properties (read-only): "title", "message": words for people, translated; "progress": 0 to 1;
 * "working": gboolean.
 */
#define PLAZA_TYPE_STICK (plaza_stick_get_type ())
G_DECLARE_FINAL_TYPE (PlazaStick, plaza_stick, PLAZA, STICK, GObject)

/** plaza_stick_new: @profile: (nullable): unlocked; its finished responses are packed before
 * saving, and the receipts that reading finds for it are absorbed at once. */
PlazaStick *plaza_stick_new (const char *data_root, PlazaProfile *profile);

/** plaza_stick_set_hand_in: saving packs contacts too when they are fewer than five, and their
 * total: for the end of the fieldwork. */
void plaza_stick_set_hand_in (PlazaStick *self, gboolean hand_in);

/**
 * plaza_stick_save_async: packs, then writes below @folder what waits, the receipts that are kept
 * to be given back and the campaigns' packages. Each file is written under another name, synced,
 * renamed, read back past the cache and compared. What is there already is left; a damaged file is
 * replaced; a newer package is left. Nothing is removed from this laptop: only a receipt ends an
 * envelope. Fails with the first trouble that concerns the whole stick; see
 * plaza_stick_get_problem().
 */
void plaza_stick_save_async (PlazaStick *self,
                             const char *folder,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean plaza_stick_save_finish (PlazaStick *self, GAsyncResult *result, GError **error);

/**
 * plaza_stick_read_async: takes in what is below @folders: packages, then receipts, registrations
 * and envelopes. No link is followed and nothing but regular files is opened. A file is what it
 * begins with, whatever it is called: mail, browsers and file managers rename. One that has a name
 * of ours and begins with nothing of ours is refused; strangers are not mentioned. A file that is
 * refused does not stop the others.
 */
void plaza_stick_read_async (PlazaStick *self,
                             const char *const *folders,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean plaza_stick_read_finish (PlazaStick *self, GAsyncResult *result, GError **error);

/* Words for people, translated. */

/** plaza_stick_describe: what became of the files of the work that ended last: "27 envelopes new, 3
 * already here, 1 refused". (transfer full) */
char *plaza_stick_describe (PlazaStick *self);
/** plaza_stick_problem_words: @missing: bytes, for PLAZA_STICK_FULL. (transfer full): "" for none
 */
char *plaza_stick_problem_words (PlazaStickProblem problem, guint64 missing);
/** plaza_stick_reason_words, plaza_stick_fate_words, plaza_stick_kind_words: static */
const char *plaza_stick_reason_words (PlazaStickReason reason);
const char *plaza_stick_fate_words (PlazaStickFate fate, gboolean saving);
const char *plaza_stick_kind_words (PlazaStickKind kind);

/* Stable names, for JSON and CSV: "envelope", "new", "damaged", "full"… */
const char *plaza_stick_kind_name (PlazaStickKind kind);
const char *plaza_stick_fate_name (PlazaStickFate fate);
const char *plaza_stick_reason_name (PlazaStickReason reason);
const char *plaza_stick_problem_name (PlazaStickProblem problem);

const char *plaza_stick_get_message (PlazaStick *self);
double plaza_stick_get_progress (PlazaStick *self);
gboolean plaza_stick_is_working (PlazaStick *self);

/** plaza_stick_is_saving: the work that is on, or that ended last, saves. */
gboolean plaza_stick_is_saving (PlazaStick *self);

/* Of the work that ended last. */

/** plaza_stick_get_items: (transfer none) (element-type PlazaStickItem) */
GPtrArray *plaza_stick_get_items (PlazaStick *self);
guint plaza_stick_count (PlazaStick *self, PlazaStickKind kind, PlazaStickFate fate);
PlazaStickProblem plaza_stick_get_problem (PlazaStick *self);
/** plaza_stick_get_missing: bytes to free on the stick before all has room; 0 when there is. */
guint64 plaza_stick_get_missing (PlazaStick *self);
/** plaza_stick_get_left_out: TRUE when there were more than PLAZA_STICK_MAX_FILES. */
gboolean plaza_stick_get_left_out (PlazaStick *self);
/** plaza_stick_get_delivered: entries of the profile that receipts found by reading delivered. */
guint plaza_stick_get_delivered (PlazaStick *self);

G_END_DECLS
