/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/stick.h"
#include "wire/receipt.h"

G_BEGIN_DECLS

/**
 * Bulk upload: folders of envelopes are read as a stick is (PlazaStick), everything that waits is
 * delivered (PlazaDelivery), and this says what became of each file: by what is on disk, so that it
 * is true whenever it is asked.
 */

typedef enum
{
  PLAZA_UPLOAD_TAKEN_IN, /* the central has it, with a verified receipt */
  PLAZA_UPLOAD_THERE,    /* the central had it before, or it is in the folders twice */
  PLAZA_UPLOAD_REFUSED,  /* not taken here, or by the central: see reason */
  PLAZA_UPLOAD_WAITING,  /* kept here until the central answers */
} PlazaUploadFate;
#define PLAZA_UPLOAD_N_FATES 4
#define PLAZA_UPLOAD_N_STATUSES (PLAZA_RECEIPT_REJECTED + 1)

/** PlazaUploadRow: one file. */
typedef struct
{
  PlazaUploadFate fate;
  char *path;   /* for people */
  char *id;     /* of the envelope; NULL when it is not known */
  char *reason; /* stable code of a refusal: PlazaStickReason's or PlazaResult's; or NULL */
  gsize size;
  gint64 received_ms;                     /* when the central took it in, 0 when it did not */
  guint entries[PLAZA_UPLOAD_N_STATUSES]; /* by PlazaReceiptStatus; all 0 for a second copy */
} PlazaUploadRow;

/** PlazaUpload: the rows, in the order of the folders, and their sums: each file counts once in
 * @files. */
typedef struct
{
  GPtrArray *rows; /* PlazaUploadRow */
  guint files[PLAZA_UPLOAD_N_FATES];
  guint entries[PLAZA_UPLOAD_N_STATUSES];
} PlazaUpload;

void plaza_upload_free (PlazaUpload *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaUpload, plaza_upload_free)

/**
 * plaza_upload_new: what became of the envelopes that @items name. Reads and verifies their
 * receipts: a few thousand a second. Any thread.
 * @items: (element-type PlazaStickItem): of a PlazaStick that has read
 * @started_ms: when this upload began; a receipt from clearly before means "there already"
 */
PlazaUpload *
plaza_upload_new (const char *data_root, GPtrArray *items, gint64 started_ms, GError **error);

/** plaza_upload_to_csv: one row a file, cells neutralised. (transfer full) */
GBytes *plaza_upload_to_csv (const PlazaUpload *self);

/** plaza_upload_fate_name: "taken-in", "there", "refused", "waiting" */
const char *plaza_upload_fate_name (PlazaUploadFate fate);
/** plaza_upload_fate_words, plaza_upload_reason_words: for people, translated, static. */
const char *plaza_upload_fate_words (PlazaUploadFate fate);
const char *plaza_upload_reason_words (const char *reason);
/** plaza_upload_describe: the sums in words. (transfer full) */
char *plaza_upload_describe (const PlazaUpload *self);
/** plaza_upload_headline: how it ended, truly: files and what is in them. (transfer full) */
char *plaza_upload_headline (const PlazaUpload *self);
/** plaza_upload_advice: what to do about what was not taken; static, "" when nothing is to do. */
const char *plaza_upload_advice (const PlazaUpload *self);
/** plaza_upload_describe_entries: by receipt status. (transfer full) "" when there are none */
char *plaza_upload_describe_entries (const guint entries[PLAZA_UPLOAD_N_STATUSES]);

G_END_DECLS
