/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/upload.h"

#include <glib/gi18n-lib.h>

#include "base/clock.h"
#include "base/csv.h"
#include "store/carried.h"
#include "wire/result.h"

/* The laptop's clock and the central's agree so well, or the difference does not matter. */
#define CLOCK_DOUBT_MS (5 * 60 * 1000)

static void
row_free (gpointer data)
{
  PlazaUploadRow *row = data;

  g_free (row->path);
  g_free (row->id);
  g_free (row->reason);
  g_free (row);
}

void
plaza_upload_free (PlazaUpload *self)
{
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/* Finding out */

typedef struct
{
  PlazaCarried *carried;
  GHashTable *waiting; /* envelope → PlazaOutboxItem */
  GHashTable *seen;    /* envelope ids */
  gint64 started_ms;
} Inquiry;

static void
note_receipt (PlazaUploadRow *row, const PlazaReceipt *receipt, const Inquiry *inquiry)
{
  row->received_ms = receipt->time_ms;
  row->fate = receipt->time_ms < inquiry->started_ms - CLOCK_DOUBT_MS ? PLAZA_UPLOAD_THERE
                                                                      : PLAZA_UPLOAD_TAKEN_IN;
  for (guint i = 0; i < receipt->n_statuses; i++)
    row->entries[receipt->statuses[i]]++;
}

static gboolean
judge (Inquiry *inquiry, const PlazaStickItem *item, PlazaUploadRow *row, GError **error)
{
  const PlazaOutboxItem *waiting;
  g_autoptr (PlazaReceipt) receipt = NULL;
  g_autoptr (GError) local = NULL;

  if (item->fate == PLAZA_STICK_REFUSED)
    {
      row->fate = PLAZA_UPLOAD_REFUSED;
      row->reason = g_strdup (plaza_stick_reason_name (item->reason));
      return TRUE;
    }
  waiting = g_hash_table_lookup (inquiry->waiting, row->id);
  if (!g_hash_table_add (inquiry->seen, row->id) && (waiting == NULL || waiting->refused == NULL))
    {
      row->fate = PLAZA_UPLOAD_THERE;
      return TRUE;
    }
  receipt = plaza_carried_open_receipt (inquiry->carried, row->id, &local);
  if (receipt != NULL)
    {
      note_receipt (row, receipt, inquiry);
      if (item->fate == PLAZA_STICK_DELIVERED)
        row->fate = PLAZA_UPLOAD_THERE;
    }
  else if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  else
    row->fate = PLAZA_UPLOAD_WAITING;
  if (receipt == NULL && waiting != NULL && waiting->refused != NULL)
    {
      row->fate = PLAZA_UPLOAD_REFUSED;
      row->reason = g_strdup (waiting->refused);
    }
  return TRUE;
}

static gboolean
add_row (PlazaUpload *self, Inquiry *inquiry, const PlazaStickItem *item, GError **error)
{
  PlazaUploadRow *row = g_new0 (PlazaUploadRow, 1);

  row->path = g_strdup (item->path);
  row->id = g_strdup (item->id);
  row->size = item->size;
  g_ptr_array_add (self->rows, row);
  if (!judge (inquiry, item, row, error))
    return FALSE;
  self->files[row->fate]++;
  for (guint i = 0; i < PLAZA_UPLOAD_N_STATUSES; i++)
    self->entries[i] += row->entries[i];
  return TRUE;
}

PlazaUpload *
plaza_upload_new (const char *data_root, GPtrArray *items, gint64 started_ms, GError **error)
{
  g_autoptr (PlazaCarried) carried = plaza_carried_new (data_root, error);
  g_autoptr (GPtrArray) outbox = plaza_outbox_list (data_root, NULL, carried ? error : NULL);
  g_autoptr (GHashTable) waiting = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  Inquiry inquiry = {
    .carried = carried, .waiting = waiting, .seen = seen, .started_ms = started_ms
  };
  g_autoptr (PlazaUpload) self = NULL;

  if (carried == NULL || outbox == NULL)
    return NULL;
  for (guint i = 0; i < outbox->len; i++)
    {
      PlazaOutboxItem *item = g_ptr_array_index (outbox, i);

      g_hash_table_insert (waiting, item->envelope, item);
    }
  self = g_new0 (PlazaUpload, 1);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = g_ptr_array_index (items, i);

      if (item->kind == PLAZA_STICK_ENVELOPE && !add_row (self, &inquiry, item, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

/* For programs */

const char *
plaza_upload_fate_name (PlazaUploadFate fate)
{
  static const char *const names[PLAZA_UPLOAD_N_FATES] = {
    [PLAZA_UPLOAD_TAKEN_IN] = "taken-in",
    [PLAZA_UPLOAD_THERE] = "there",
    [PLAZA_UPLOAD_REFUSED] = "refused",
    [PLAZA_UPLOAD_WAITING] = "waiting",
  };

  return names[fate];
}

static void
append_csv_row (GString *out, const PlazaUploadRow *row)
{
  g_autofree char *size = g_strdup_printf ("%" G_GSIZE_FORMAT, row->size);
  g_autofree char *received =
      row->received_ms != 0 ? plaza_clock_format_utc (row->received_ms) : NULL;
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  char counts[PLAZA_UPLOAD_N_STATUSES][16];

  g_ptr_array_add (cells, row->path);
  g_ptr_array_add (cells, row->id);
  g_ptr_array_add (cells, size);
  g_ptr_array_add (cells, (char *) plaza_upload_fate_name (row->fate));
  g_ptr_array_add (cells, row->reason);
  g_ptr_array_add (cells, received);
  for (guint i = PLAZA_RECEIPT_STORED; i < PLAZA_UPLOAD_N_STATUSES; i++)
    {
      g_snprintf (counts[i], sizeof counts[i], "%u", row->entries[i]);
      g_ptr_array_add (cells, counts[i]);
    }
  plaza_csv_append_row (out, (const char *const *) cells->pdata, cells->len, TRUE);
}

GBytes *
plaza_upload_to_csv (const PlazaUpload *self)
{
  static const char *const head[] = {
    "file",   "envelope",  "bytes",    "result",      "reason",   "received",
    "stored", "duplicate", "conflict", "quarantined", "rejected",
  };
  GString *out = g_string_new (NULL);

  plaza_csv_append_row (out, head, G_N_ELEMENTS (head), FALSE);
  for (guint i = 0; i < self->rows->len; i++)
    append_csv_row (out, g_ptr_array_index (self->rows, i));
  return g_string_free_to_bytes (out);
}

/* For people */

const char *
plaza_upload_fate_words (PlazaUploadFate fate)
{
  switch (fate)
    {
    case PLAZA_UPLOAD_TAKEN_IN:
      return _ ("taken in");
    case PLAZA_UPLOAD_THERE:
      return _ ("was there already");
    case PLAZA_UPLOAD_REFUSED:
      return _ ("not taken");
    case PLAZA_UPLOAD_WAITING:
    default:
      return _ ("waits here");
    }
}

const char *
plaza_upload_reason_words (const char *reason)
{
  PlazaResult result;

  for (int i = PLAZA_STICK_DAMAGED; i < PLAZA_STICK_N_REASONS; i++)
    if (g_strcmp0 (reason, plaza_stick_reason_name (i)) == 0)
      return plaza_stick_reason_words (i);
  if (reason == NULL || !plaza_result_find (reason, &result))
    return "";
  switch (result)
    {
    case PLAZA_RESULT_ENVELOPE:
      return _ ("the central cannot open it, or does not know who signed it");
    case PLAZA_RESULT_CAMPAIGN:
      return _ ("of another consultation");
    case PLAZA_RESULT_TOO_LARGE:
      return _ ("too large for the central");
    default:
      return _ ("the central does not take it");
    }
}

static void
add_part (GString *words, const char *format, guint count)
{
  g_auto (GStrv) around = g_strsplit (format, "%u", 2);

  if (count > 0)
    g_string_append_printf (words, "%s%s%u%s", words->len > 0 ? ", " : "", around[0], count,
                            around[1] != NULL ? around[1] : "");
}

char *
plaza_upload_describe (const PlazaUpload *self)
{
  const guint *files = self->files;
  g_autoptr (GString) words = g_string_new (NULL);

  if (self->rows->len == 0)
    return g_strdup (_ ("There are no envelopes there"));
  add_part (
      words,
      ngettext ("%u envelope taken in", "%u envelopes taken in", files[PLAZA_UPLOAD_TAKEN_IN]),
      files[PLAZA_UPLOAD_TAKEN_IN]);
  add_part (words,
            ngettext ("%u was there already", "%u were there already", files[PLAZA_UPLOAD_THERE]),
            files[PLAZA_UPLOAD_THERE]);
  add_part (words, ngettext ("%u not taken", "%u not taken", files[PLAZA_UPLOAD_REFUSED]),
            files[PLAZA_UPLOAD_REFUSED]);
  add_part (words, ngettext ("%u waits here", "%u wait here", files[PLAZA_UPLOAD_WAITING]),
            files[PLAZA_UPLOAD_WAITING]);
  return g_string_free (g_steal_pointer (&words), FALSE);
}

char *
plaza_upload_headline (const PlazaUpload *self)
{
  const guint *files = self->files;
  guint delivered = files[PLAZA_UPLOAD_TAKEN_IN] + files[PLAZA_UPLOAD_THERE];
  guint rejected = self->entries[PLAZA_RECEIPT_REJECTED];
  guint apart = self->entries[PLAZA_RECEIPT_QUARANTINED];

  if (self->rows->len == 0)
    return g_strdup (_ ("There are no envelopes there"));
  if (files[PLAZA_UPLOAD_WAITING] > 0)
    return g_strdup (_ ("Not everything is delivered yet"));
  if (files[PLAZA_UPLOAD_REFUSED] > 0)
    {
      g_autofree char *there = g_strdup_printf (
          ngettext ("%u envelope delivered", "%u envelopes delivered", delivered), delivered);
      g_autofree char *not_there =
          g_strdup_printf (ngettext ("%u not taken", "%u not taken", files[PLAZA_UPLOAD_REFUSED]),
                           files[PLAZA_UPLOAD_REFUSED]);

      /* Translators: "3 envelopes delivered", then "1 not taken" */
      return g_strdup_printf (_ ("%s, %s"), there, not_there);
    }
  if (rejected > 0)
    return g_strdup_printf (ngettext ("Delivered, but the central rejected %u entry",
                                      "Delivered, but the central rejected %u entries", rejected),
                            rejected);
  if (apart > 0)
    return g_strdup_printf (ngettext ("Delivered; %u entry is kept apart",
                                      "Delivered; %u entries are kept apart", apart),
                            apart);
  return g_strdup (_ ("The folders are delivered"));
}

const char *
plaza_upload_advice (const PlazaUpload *self)
{
  if (self->files[PLAZA_UPLOAD_WAITING] > 0)
    return _ ("What waits is kept on this laptop and goes by itself.");
  if (self->files[PLAZA_UPLOAD_REFUSED] > 0)
    return _ (
        "What was not taken is not at the central: the list says why. Do not erase it; ask "
        "for it to be saved again on the laptop that it comes from, and tell whoever runs the "
        "central.");
  if (self->entries[PLAZA_RECEIPT_REJECTED] > 0)
    return _ ("What it rejected stays on the laptop that it comes from. Tell whoever runs the "
              "central.");
  if (self->entries[PLAZA_RECEIPT_QUARANTINED] > 0)
    return _ ("It comes from a revoked laptop. It counts when an administrator accepts it.");
  return "";
}

char *
plaza_upload_describe_entries (const guint entries[PLAZA_UPLOAD_N_STATUSES])
{
  g_autoptr (GString) words = g_string_new (NULL);

  add_part (words, _ ("%u stored"), entries[PLAZA_RECEIPT_STORED]);
  add_part (words, _ ("%u the central had"), entries[PLAZA_RECEIPT_DUPLICATE]);
  add_part (words, _ ("%u kept beside another version"), entries[PLAZA_RECEIPT_CONFLICT]);
  add_part (words, _ ("%u in quarantine"), entries[PLAZA_RECEIPT_QUARANTINED]);
  add_part (words, _ ("%u rejected"), entries[PLAZA_RECEIPT_REJECTED]);
  return g_string_free (g_steal_pointer (&words), FALSE);
}
