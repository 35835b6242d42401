/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/database.h"
#include "store/store.h"
#include "wire/entry.h"

G_BEGIN_DECLS

/** A piece of work on the worker thread. @db is NULL for nobody: the store is open. */
typedef gboolean (*PlazaStoreJob) (PlazaStore *self,
                                   PlazaDatabase *db,
                                   gpointer data,
                                   GError **error);

typedef enum
{
  PLAZA_STORE_READ,  /* changes nothing */
  PLAZA_STORE_WRITE, /* one transaction around the job, rolled back when it fails */
  PLAZA_STORE_PLAIN, /* the job manages transactions itself */
} PlazaStoreMode;

/** plaza_store_call: runs @job on the worker and waits. Any thread but the worker. */
gboolean plaza_store_call (
    PlazaStore *self, PlazaStoreMode mode, PlazaStoreJob job, gpointer data, GError **error);

/** plaza_store_queue: runs @job on the worker, then returns a boolean or the error through @task
 * (transfer full). @data must live as long as the task: give it as its task data. */
void plaza_store_queue (
    PlazaStore *self, PlazaStoreMode mode, PlazaStoreJob job, gpointer data, GTask *task);

/** plaza_store_touch: worker only: @response differs once the job is committed. NULL: many do. */
void plaza_store_touch (PlazaStore *self, const char *response);
/** plaza_store_shred: worker only, in the job's transaction: keys were destroyed. Once it is
 * committed the WAL is truncated, and when a backup has @response a new one takes the place of all;
 * after a power cut or a full disk, as soon as it can be done.
 * @response: NULL when the backups may stay, PLAZA_SHRED_ALL when they may not */
void plaza_store_shred (PlazaStore *self, const char *response);
#define PLAZA_SHRED_ALL "*"

/** What the profile key is derived for. */
#define PLAZA_STORE_VALUES "store values"
#define PLAZA_STORE_WRAPPING "interview keys"

/** plaza_store_open: opens the database of @profile (not referenced: it owns the store), checks it
 * and starts the worker. Signals come in @context. @fresh: makes a new one with a device key. */
PlazaStore *plaza_store_open (PlazaProfile *profile,
                              PlazaCampaign *campaign,
                              GMainContext *context,
                              const PlazaSecret *key,
                              gboolean fresh,
                              GError **error);

/** plaza_store_close: ends the worker after what is queued; every later call is
 * PLAZA_ERROR_LOCKED. Zeroes the keys. */
gboolean plaza_store_close (PlazaStore *self, GError **error);

/** plaza_store_set_campaign: a newer package of the same campaign; main thread only. */
void plaza_store_set_campaign (PlazaStore *self, PlazaCampaign *campaign);

/** plaza_store_find_form: as plaza_store_get_form(). @out_campaign: (out) (nullable) (transfer
 * full): the package that has the form: its rules are the form's. */
PlazaForm *plaza_store_find_form (PlazaStore *self,
                                  const char *form_id,
                                  const char *version,
                                  PlazaCampaign **out_campaign,
                                  GError **error);

/** plaza_store_is_closed: the profile is locked. */
gboolean plaza_store_is_closed (PlazaStore *self);

/** plaza_store_set_enrolment: durable; see plaza_profile_set_enrolment(). */
gboolean
plaza_store_set_enrolment (PlazaStore *self, const PlazaEnrolment *enrolment, GError **error);
const PlazaEnrolment *plaza_store_get_enrolment (PlazaStore *self);
/** plaza_store_set_invited: the enrolment and its registration, both or none; durable. */
gboolean plaza_store_set_invited (PlazaStore *self,
                                  const PlazaEnrolment *enrolment,
                                  GBytes *registration,
                                  GError **error);
/** plaza_store_read_registration: (transfer full) (nullable): what plaza_store_set_invited() kept.
 */
GBytes *plaza_store_read_registration (PlazaStore *self, GError **error);
/** plaza_store_require_enrolment: NULL with PLAZA_ERROR_REFUSED while not enrolled. */
const PlazaEnrolment *plaza_store_require_enrolment (PlazaStore *self, GError **error);
const PlazaSecret *plaza_store_get_device_secret (PlazaStore *self);
/** plaza_store_get_values_key: seals what belongs to no interview. */
const PlazaSecret *plaza_store_get_values_key (PlazaStore *self);
/** plaza_store_get_wrapping_key: wraps interview keys. */
const PlazaSecret *plaza_store_get_wrapping_key (PlazaStore *self);
/** plaza_store_get_folder: of the profile. */
const char *plaza_store_get_folder (PlazaStore *self);

/** plaza_store_count: worker only, in a transaction: adds @step to a counter. */
gboolean plaza_store_count (
    PlazaDatabase *db, const char *name, gint64 step, gint64 *out_value, GError **error);

#define PLAZA_COUNTER_FOLIO "folio"
#define PLAZA_COUNTER_SEQUENCE "sequence"
/* Not 0 from the transaction that destroyed something until no backup has it. */
#define PLAZA_COUNTER_SHREDDING "shredding"

/** plaza_store_read_value, _write_value: worker only: a sealed value of the profile. Reading what
 * is not there gives NULL without @error. */
GBytes *
plaza_store_read_value (PlazaStore *self, PlazaDatabase *db, const char *name, GError **error);
gboolean plaza_store_write_value (
    PlazaStore *self, PlazaDatabase *db, const char *name, GBytes *plain, GError **error);

/** plaza_store_find_value: the value's bytes as they are stored, in @db, which may be a copy. NULL
 * without @error when there are none. */
GBytes *plaza_store_find_value (PlazaDatabase *db, const char *name, GError **error);
/** plaza_store_open_value: what plaza_store_find_value() gave. PLAZA_ERROR_SIGNATURE. */
GBytes *plaza_store_open_value (PlazaStore *self, const char *name, GBytes *sealed, GError **error);

/** plaza_store_add_entry: worker only, in a transaction: a fact that waits for delivery.
 * @response: its number, 0 for none
 * @key: the interview's, for a revision; NULL seals under the profile's */
gboolean plaza_store_add_entry (PlazaStore *self,
                                PlazaDatabase *db,
                                PlazaEntry *entry,
                                gint64 response,
                                const PlazaSecret *key,
                                GError **error);

/** plaza_store_open_entry: the payload of an entry (entry.kind, entry.id, content.key and
 * content.sealed, in this order from @column on; the last two NULL when it has no content) as an
 * entry with @sequence. */
PlazaEntry *plaza_store_open_entry (
    PlazaStore *self, PlazaRows *rows, int column, guint64 sequence, GError **error);

/** plaza_store_settle_state: worker only: a response's state from its entries'. */
gboolean plaza_store_settle_state (PlazaDatabase *db, gint64 response, GError **error);
/** plaza_store_settle_envelope: worker only: the same for every response in an envelope. */
gboolean plaza_store_settle_envelope (PlazaDatabase *db, gint64 envelope, GError **error);

/** States of entry and envelope; the numbers are those of PlazaResponseState. */
#define PLAZA_ENTRY_WAITING 1
#define PLAZA_ENTRY_PACKED 2
#define PLAZA_ENTRY_DELIVERED 3
#define PLAZA_ENTRY_REFUSED 4

G_END_DECLS
