/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "base/file.h"
#include "fault-files.h"
#include "laptop.h"
#include "store/database.h"

/* Days of work on a disk that fails: answering, finishing, packing, receipts, a backup. The diary
 * has what the person was told; whatever the disk did, that must be there, and what could not be
 * kept must have been said. PLAZA_TEST_CUTS: how many power cuts, and how densely faults lie. */

#define CUTS 128
#define CUTS_OF_ONE_LAPTOP 8

typedef struct
{
  Laptop *laptop;
  char *id; /* of the profile */
  /* "response\nref" → value. */
  GHashTable *told;
  GHashTable *tried;     /* the last value given, told or not */
  GHashTable *finished;  /* response → words in it */
  GHashTable *ends;      /* responses whose end was tried */
  GHashTable *delivered; /* responses */
  GHashTable *read;      /* response → submission, as first read */
  /* What a central got: entry id → hash, sequence → entry id. */
  GHashTable *received;
  GHashTable *sequences;
  char *open; /* response that is being answered */
  guint number;
  guint n_told;
  guint n_failed;
} Diary;

static guint
n_cuts (void)
{
  const char *wanted = g_getenv ("PLAZA_TEST_CUTS");

  return wanted ? (guint) g_ascii_strtoull (wanted, NULL, 10) : CUTS;
}

static GHashTable *
texts (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static Diary *
diary_new (void)
{
  Diary *self = g_new0 (Diary, 1);
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  self->laptop = laptop_new ();
  self->told = texts ();
  self->tried = texts ();
  self->finished = texts ();
  self->ends = texts ();
  self->delivered = texts ();
  self->read = texts ();
  self->received = texts ();
  self->sequences = texts ();
  profile = laptop_profile (self->laptop, "Ana");
  self->id = g_strdup (plaza_profile_get_id (profile));
  g_object_unref (laptop_session (profile));
  g_assert_true (plaza_profile_lock (profile, &error));
  return self;
}

static void
diary_free (Diary *self)
{
  laptop_free (self->laptop);
  g_hash_table_unref (self->told);
  g_hash_table_unref (self->tried);
  g_hash_table_unref (self->finished);
  g_hash_table_unref (self->ends);
  g_hash_table_unref (self->delivered);
  g_hash_table_unref (self->read);
  g_hash_table_unref (self->received);
  g_hash_table_unref (self->sequences);
  g_free (self->id);
  g_free (self->open);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Diary, diary_free)

static void
set (GHashTable *table, const char *key, const char *value)
{
  g_hash_table_replace (table, g_strdup (key), g_strdup (value));
}

/* Every failure says that the disk is the trouble. */
static gboolean
heard (Diary *self, gboolean ok, GError **error)
{
  g_autoptr (GError) owned = g_steal_pointer (error);

  g_assert_true (ok == (owned == NULL));
  if (ok)
    return TRUE;
  if (!g_error_matches (owned, PLAZA_ERROR, PLAZA_ERROR_DISK))
    g_error ("a failing disk was told as: %s (%s %d)", owned->message,
             g_quark_to_string (owned->domain), owned->code);
  self->n_failed++;
  return FALSE;
}

/* What was given to this response is on disk now. */
static void
note_saved (Diary *self, const char *response)
{
  GHashTableIter iter;
  gpointer key, value;
  g_autofree char *prefix = g_strconcat (response, "\n", NULL);

  g_hash_table_iter_init (&iter, self->tried);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_str_has_prefix (key, prefix))
      set (self->told, key, value);
  self->n_told++;
}

static void
answer (Diary *self, PlazaCapture *capture, const char *ref, const char *value)
{
  PlazaField *field = plaza_interview_find (plaza_capture_get_interview (capture), ref);
  const char *response = plaza_capture_get_response (capture);
  g_autofree char *key = g_strconcat (response, "\n", ref, NULL);
  GError *error = NULL;
  gboolean ok;

  g_assert_nonnull (field);
  set (self->tried, key, value);
  ok = plaza_capture_set_answer (capture, field, value, &error);
  g_assert_cmpint (plaza_capture_get_unsaved (capture) == 0, ==, ok);
  if (heard (self, ok, &error))
    note_saved (self, response);
}

static void
finish (Diary *self, PlazaCapture *capture, const char *words)
{
  const char *response = plaza_capture_get_response (capture);
  g_auto (PlazaEnding) ending = { 0 };
  GError *error = NULL;

  set (self->ends, response, words);
  if (heard (self, plaza_capture_finish (capture, &ending, &error), &error))
    set (self->finished, response, words);
}

static void
interview (Diary *self, PlazaProfile *profile, const char *words, gboolean contact)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  GError *error = NULL;

  session = plaza_session_current (store, &error);
  if (!heard (self, error == NULL, &error))
    return;
  g_assert_nonnull (session);
  capture = self->open ? plaza_capture_resume (store, self->open, &error)
                       : plaza_capture_start (store, session, NULL, NULL, NULL, &error);
  if (!heard (self, capture != NULL, &error))
    return;
  g_clear_pointer (&self->open, g_free);
  answer (self, capture, "/data/aviso/edad", "mayor");
  answer (self, capture, "/data/aviso/acepta", "si");
  answer (self, capture, "/data/temas", "agua luz");
  answer (self, capture, "/data/problemas[1]/problema", words);
  answer (self, capture, "/data/problemas[2]/problema", "otro problema");
  answer (self, capture, "/data/quiere", contact ? "si" : "no");
  if (contact)
    {
      answer (self, capture, "/data/contacto/permiso", "si");
      answer (self, capture, "/data/contacto/nombre", "Epifania");
    }
  finish (self, capture, words);
}

/* An interview that stays open: the next day goes on with it. */
static void
begin (Diary *self, PlazaProfile *profile)
{
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autofree char *value = g_strdup_printf ("día %u", self->number);
  GError *error = NULL;

  session = plaza_session_current (plaza_profile_get_store (profile), &error);
  if (!heard (self, error == NULL, &error))
    return;
  capture =
      plaza_capture_start (plaza_profile_get_store (profile), session, NULL, NULL, NULL, &error);
  if (!heard (self, capture != NULL, &error))
    return;
  answer (self, capture, "/data/obs", value);
  answer (self, capture, "/data/lugar/vive", value);
  self->open = g_strdup (plaza_capture_get_response (capture));
}

/* The central takes an envelope in, once by id and hash, and its device numbers without doubles. */
static guint
receive (Diary *self, PlazaProfile *profile, const PlazaOutboxItem *item)
{
  g_autoptr (GPtrArray) entries = laptop_open (self->laptop, profile, item);

  for (guint i = 0; i < entries->len; i++)
    {
      const PlazaEntry *entry = entries->pdata[i];
      g_autofree char *hash = plaza_hash_to_string (&entry->hash);
      g_autofree char *sequence = g_strdup_printf ("%" G_GUINT64_FORMAT, entry->sequence);
      const char *known = g_hash_table_lookup (self->received, entry->id);
      const char *other = g_hash_table_lookup (self->sequences, sequence);

      g_assert_true (known == NULL || strcmp (known, hash) == 0);
      set (self->received, entry->id, hash);
      if (entry->sequence == 0)
        continue;
      g_assert_true (other == NULL || strcmp (other, entry->id) == 0);
      set (self->sequences, sequence, entry->id);
    }
  return entries->len;
}

static void
deliver (Diary *self, PlazaProfile *profile, PlazaPackFlags flags)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GPtrArray) items = NULL;
  GHashTableIter iter;
  gpointer response;
  GError *error = NULL;

  if (!heard (self, plaza_outbox_pack (store, flags, NULL, &error), &error))
    return;
  items = plaza_outbox_list (self->laptop->root, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    {
      const PlazaOutboxItem *item = items->pdata[i];
      guint n = receive (self, profile, item);
      g_autoptr (GBytes) receipt = laptop_receipt (self->laptop, item, n, PLAZA_RECEIPT_STORED);

      if (!heard (self, plaza_outbox_keep_receipt (item, self->laptop->campaign, receipt, &error),
                  &error))
        return;
    }
  if (!heard (self, plaza_outbox_absorb (store, NULL, &error), &error))
    return;
  /* Everything that had ended was packed, sent and taken in. */
  g_hash_table_iter_init (&iter, self->finished);
  while (g_hash_table_iter_next (&iter, &response, NULL))
    set (self->delivered, response, "");
}

static void
work_a_day (Diary *self, PlazaProfile *profile)
{
  g_autofree char *words = g_strdup_printf ("falta agua %u", ++self->number);
  g_autofree char *more = g_strdup_printf ("falta luz %u", self->number);
  GError *error = NULL;

  interview (self, profile, words, self->number % 2 == 0);
  interview (self, profile, more, FALSE);
  deliver (self, profile, self->number % 3 == 0 ? PLAZA_PACK_HAND_IN : PLAZA_PACK_NONE);
  begin (self, profile);
  if (self->number % 2 == 0)
    heard (self, plaza_store_backup (plaza_profile_get_store (profile), &error), &error);
}

/* Looking at what is there */

static void
check_draft (Diary *self, PlazaProfile *profile, const char *response)
{
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = g_strconcat (response, "\n", NULL);
  GHashTableIter iter;
  gpointer key, value;

  capture = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  /* An end that failed before the person may be there all the same. */
  if (g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND) &&
      g_hash_table_contains (self->ends, response))
    {
      set (self->finished, response, g_hash_table_lookup (self->ends, response));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_capture_get_lost (capture), ==, 0);
  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_str_has_prefix (key, prefix))
      {
        const char *there = laptop_value (capture, (const char *) key + strlen (prefix));

        if (g_strcmp0 (there, value) != 0)
          g_assert_cmpstr (there, ==, g_hash_table_lookup (self->tried, key));
      }
}

static void
check_drafts (Diary *self, PlazaProfile *profile)
{
  g_autoptr (GHashTable) drafts = texts ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_autofree char *response = g_strndup (key, strcspn (key, "\n"));

      if (!g_hash_table_contains (self->finished, response))
        set (drafts, response, "");
    }
  g_hash_table_iter_init (&iter, drafts);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    check_draft (self, profile, key);
}

static void
check_finished (Diary *self, PlazaProfile *profile)
{
  GHashTableIter iter;
  gpointer response, words;

  g_hash_table_iter_init (&iter, self->finished);
  while (g_hash_table_iter_next (&iter, &response, &words))
    {
      g_autofree char *xml = laptop_xml (profile, response);
      const char *before = g_hash_table_lookup (self->read, response);

      g_assert_nonnull (strstr (xml, words));
      if (before != NULL)
        g_assert_cmpstr (xml, ==, before);
      set (self->read, response, xml);
      if (g_hash_table_contains (self->delivered, response))
        g_assert_cmpint (laptop_state (profile, response), ==, PLAZA_RESPONSE_DELIVERED);
    }
}

static void
forget_what_was_not_told (Diary *self)
{
  GHashTableIter iter;
  gpointer key, value;

  /* What a later day gives to the same answer is a new try. */
  g_hash_table_remove_all (self->tried);
  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, &value))
    set (self->tried, key, value);
}

/* The disk works again. Unlocking checks the whole database. (transfer full) */
static PlazaProfile *
check (Diary *self)
{
  PlazaProfile *profile = laptop_unlock (self->laptop, self->id);

  check_drafts (self, profile);
  check_finished (self, profile);
  forget_what_was_not_told (self);
  return profile;
}

/* In the end all of it is delivered. */
static void
check_all_arrives (Diary *self)
{
  g_autoptr (PlazaProfile) profile = check (self);
  g_autoptr (GError) error = NULL;
  guint failed = self->n_failed;

  deliver (self, profile, PLAZA_PACK_HAND_IN);
  g_assert_cmpuint (self->n_failed, ==, failed);
  check_finished (self, profile);
  g_assert_cmpuint (g_hash_table_size (self->delivered), ==, g_hash_table_size (self->finished));
  g_assert_true (plaza_profile_lock (profile, &error));
}

/* What a day costs the disk: operations of databases and of other files. */
static void
count_a_day (FaultOperations operations, guint64 *databases, guint64 *files)
{
  g_autoptr (Diary) diary = diary_new ();
  const FaultPlan plan = { .operations = operations };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PlazaProfile) profile = check (diary);

      fault_vfs_arm (&plan);
      fault_files_arm (diary->laptop->root, &plan);
      work_a_day (diary, profile);
      g_assert_true (plaza_profile_lock (profile, NULL));
    }
  *databases = fault_vfs_count ();
  *files = fault_files_count ();
  fault_vfs_arm (NULL);
  fault_files_arm (NULL, NULL);
  g_assert_cmpuint (diary->n_failed, ==, 0);
  check_all_arrives (diary);
}

/* Power cuts */

static char *armed_root;

static void
cut_files_too (void)
{
  const FaultPlan plan = { FAULT_POWER, FAULT_ALL, 1, TRUE, 7, 0, NULL };

  fault_files_arm (armed_root, &plan);
}

static void
cut_databases_too (void)
{
  const FaultPlan plan = { FAULT_POWER, FAULT_ALL, 1, TRUE, 7, 0, NULL };

  fault_vfs_arm (&plan);
}

static void
test_power (void)
{
  guint64 databases, files;
  guint cuts = n_cuts (), told = 0, failed = 0;
  Diary *diary = NULL;

  count_a_day (FAULT_CHANGES, &databases, &files);
  for (guint i = 0; i < cuts; i++)
    {
      FaultPlan plan = { .kind = FAULT_POWER, .operations = FAULT_CHANGES };
      PlazaProfile *profile;

      if (i % CUTS_OF_ONE_LAPTOP == 0)
        {
          g_clear_pointer (&diary, diary_free);
          diary = diary_new ();
        }
      profile = check (diary);
      armed_root = diary->laptop->root;
      plan.seed = (guint32) g_test_rand_int ();
      /* Both follow from now on; one of them cuts, and takes the other with it. */
      plan.nth = 1 + (guint64) g_test_rand_int_range (0, (gint32) databases);
      plan.fired = cut_files_too;
      if (i % 3 == 2)
        plan.nth = G_MAXUINT64;
      fault_vfs_arm (&plan);
      plan.fired = cut_databases_too;
      plan.nth = i % 3 == 2 ? 1 + (guint64) g_test_rand_int_range (0, (gint32) files) : G_MAXUINT64;
      fault_files_arm (diary->laptop->root, &plan);
      work_a_day (diary, profile);
      plaza_profile_lock (profile, NULL);
      g_object_unref (profile);
      fault_files_restore ();
      fault_vfs_restore ();
      told += diary->n_told;
      failed += diary->n_failed;
      diary->n_told = diary->n_failed = 0;
      if ((i + 1) % CUTS_OF_ONE_LAPTOP == 0)
        check_all_arrives (diary);
    }
  g_clear_pointer (&diary, diary_free);
  g_test_message ("%u power cuts, %u answers told, %u failures said: none lost, none damaged", cuts,
                  told, failed);
  g_assert_cmpuint (failed, >, 0);
}

/* Errors and full disks: the person goes on working, and everything is kept in the end. */

static void
work_through (FaultKind kind, gboolean persistent, gboolean files, guint64 nth)
{
  g_autoptr (Diary) diary = diary_new ();
  g_autoptr (PlazaProfile) profile = check (diary);
  const FaultPlan plan = {
    kind, kind == FAULT_FULL ? FAULT_CHANGES : FAULT_ALL, nth, persistent, (guint32) nth, 0, NULL
  };
  const FaultPlan none = { 0 };
  guint64 fired;

  fault_vfs_arm (files ? &none : &plan);
  fault_files_arm (diary->laptop->root, files ? &plan : &none);
  work_a_day (diary, profile);
  work_a_day (diary, profile);
  fired = files ? fault_files_fired () : fault_vfs_fired ();
  fault_vfs_arm (NULL);
  fault_files_arm (NULL, NULL);
  /* Only what takes room fails on a full disk. */
  g_assert_true (fired > 0 || kind == FAULT_FULL);
  /* The disk is well again: the next day is a day like any other. */
  diary->n_failed = 0;
  work_a_day (diary, profile);
  g_assert_cmpuint (diary->n_failed, ==, 0);
  g_assert_true (plaza_profile_lock (profile, NULL));
  check_all_arrives (diary);
}

static void
test_errors (gconstpointer data)
{
  FaultKind kind = GPOINTER_TO_UINT (data) & 0xff;
  gboolean persistent = (GPOINTER_TO_UINT (data) & 0x100) != 0;
  guint64 databases, files, step;

  count_a_day (kind == FAULT_FULL ? FAULT_CHANGES : FAULT_ALL, &databases, &files);
  step = MAX (1, (databases + files) * 8 / MAX (n_cuts (), 8));
  for (guint64 nth = 1 + (guint64) g_test_rand_int_range (0, (gint32) step); nth <= databases;
       nth += step)
    work_through (kind, persistent, FALSE, nth);
  for (guint64 nth = 1; nth <= files; nth += MAX (1, step / 4))
    work_through (kind, persistent, TRUE, nth);
  g_test_message ("faults at every %u. of %u operations of databases and %u of other files",
                  (guint) step, (guint) databases, (guint) files);
}

/* A profile is made whole or not at all. */
static void
test_creation (void)
{
  guint made = 0, refused = 0;

  for (guint64 nth = 1; made == 0; nth += 1 + (guint64) (400 / MAX (n_cuts (), 1)))
    for (guint files = 0; files < 2; files++)
      {
        g_autoptr (Laptop) laptop = laptop_new ();
        g_autoptr (PlazaProfile) profile = NULL;
        g_autoptr (GPtrArray) profiles = NULL;
        g_autoptr (GError) error = NULL;
        const FaultPlan plan = { FAULT_ERROR, FAULT_ALL, nth, FALSE, 0, 0, NULL };
        guint64 fired;

        fault_vfs_arm (files ? NULL : &plan);
        fault_files_arm (laptop->root, files ? &plan : NULL);
        profile =
            plaza_profile_create (laptop->root, laptop->campaign, "Ana", LAPTOP_PASSPHRASE, &error);
        fired = fault_vfs_fired () + fault_files_fired ();
        fault_vfs_arm (NULL);
        fault_files_arm (NULL, NULL);
        g_assert_true (profile != NULL || fired > 0);
        if (profile == NULL)
          g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
        profiles = plaza_profile_list (laptop->root, NULL);
        g_assert_true (profile == NULL || profiles->len == 1);
        refused += profile == NULL;
        made += files == 0 && fired == 0;
        /* What is listed opens. */
        g_clear_object (&profile);
        if (profiles->len == 1)
          {
            profile = laptop_unlock (laptop, plaza_profile_get_id (profiles->pdata[0]));
            g_assert_true (plaza_profile_lock (profile, NULL));
          }
      }
  g_assert_cmpuint (refused, >, 0);
}

/* A disk that fails while unlocking or locking: said so, and nothing is taken for damaged. */
static void
test_opening (void)
{
  g_autoptr (Diary) diary = diary_new ();
  g_autoptr (PlazaProfile) first = check (diary);
  guint64 step = CLAMP (240 / n_cuts (), 1, 3);
  gboolean fired = TRUE;

  work_a_day (diary, first);
  g_assert_true (plaza_profile_lock (first, NULL));
  for (guint64 nth = 1 + (guint64) g_test_rand_int_range (0, (gint32) step); fired; nth += step)
    for (guint files = 0; files < 2; files++)
      {
        const FaultPlan plan = { FAULT_ERROR, FAULT_ALL, nth, FALSE, 0, 0, NULL };
        GError *error = NULL;
        g_autoptr (PlazaProfile) profile = NULL;
        gboolean opened;

        fault_vfs_arm (files ? NULL : &plan);
        fault_files_arm (diary->laptop->root, files ? &plan : NULL);
        profile = plaza_profile_load (diary->laptop->root, diary->id, &error);
        g_assert_no_error (error);
        opened = plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error);
        g_assert_true (opened || fault_vfs_fired () + fault_files_fired () > 0);
        heard (diary, opened, &error);
        plaza_profile_lock (profile, NULL);
        if (!files)
          fired = fault_vfs_fired () > 0;
        fault_vfs_arm (NULL);
        fault_files_arm (NULL, NULL);
      }
  g_assert_cmpuint (diary->n_failed, >, 0);
  check_all_arrives (diary);
}

/* What a person withdrew is gone from every copy too, whenever the power failed. */

static guint
copies_with_draft (Diary *self, const char *response)
{
  g_autofree char *folder =
      g_build_filename (self->laptop->root, "profiles", self->id, "backups", NULL);
  g_auto (GStrv) names = plaza_dir_list (folder, "", NULL);
  guint n = 0;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autoptr (PlazaDatabase) copy = plaza_database_open_copy (path, NULL);
      gint64 found;

      if (strstr (names[i], ".db") == NULL)
        continue;
      /* What cannot be read may hold it. */
      if (copy == NULL || !plaza_database_get_int (copy, 0, &found, NULL,
                                                   "SELECT count (*) FROM draft JOIN response ON "
                                                   "response.number = draft.response WHERE id = ?",
                                                   "t", response))
        found = 1;
      n += found != 0;
    }
  return n;
}

static void
test_withdrawal (void)
{
  guint64 step = MAX (1, 300 / n_cuts ());
  gboolean fired = TRUE;
  guint undone = 0, done = 0;

  for (guint64 nth = 1 + (guint64) g_test_rand_int_range (0, (gint32) step); fired; nth += step)
    {
      g_autoptr (Diary) diary = diary_new ();
      g_autoptr (PlazaProfile) profile = check (diary);
      g_autoptr (PlazaCapture) capture = NULL;
      g_autofree char *response = NULL;
      const FaultPlan plan = { nth % 2 ? FAULT_POWER : FAULT_FULL,
                               FAULT_CHANGES,
                               nth,
                               TRUE,
                               (guint32) nth,
                               0,
                               cut_files_too };
      gboolean told;

      begin (diary, profile);
      response = g_strdup (diary->open);
      g_assert_true (plaza_store_backup (plaza_profile_get_store (profile), NULL));
      g_assert_cmpuint (copies_with_draft (diary, response), ==, 1);
      capture = plaza_capture_resume (plaza_profile_get_store (profile), response, NULL);
      armed_root = diary->laptop->root;
      fault_vfs_arm (&plan);
      fault_files_arm (armed_root, NULL);
      told = plaza_capture_end (capture, PLAZA_OUTCOME_WITHDRAWN, NULL, NULL);
      fired = fault_vfs_fired () > 0;
      plaza_profile_lock (profile, NULL);
      g_clear_object (&profile);
      g_clear_object (&capture);
      if (plan.kind == FAULT_POWER)
        {
          fault_files_restore ();
          fault_vfs_restore ();
        }
      fault_vfs_arm (NULL);
      fault_files_arm (NULL, NULL);
      profile = laptop_unlock (diary->laptop, diary->id);
      capture = plaza_capture_resume (plaza_profile_get_store (profile), response, NULL);
      g_assert_true (capture == NULL || !told);
      if (capture == NULL)
        g_assert_cmpuint (copies_with_draft (diary, response), ==, 0);
      done += capture == NULL;
      undone += capture != NULL;
      g_assert_true (plaza_profile_lock (profile, NULL));
    }
  g_test_message ("%u withdrawals done, %u not done and not told so", done, undone);
  g_assert_cmpuint (done, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* That the disk failed is warned of, as it should be. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  fault_vfs_register ();
  g_test_add_func ("/faults/power", test_power);
  g_test_add_data_func ("/faults/error", GUINT_TO_POINTER (FAULT_ERROR), test_errors);
  g_test_add_data_func ("/faults/full", GUINT_TO_POINTER (FAULT_FULL), test_errors);
  g_test_add_data_func ("/faults/full-to-the-end", GUINT_TO_POINTER (FAULT_FULL | 0x100),
                        test_errors);
  g_test_add_func ("/faults/creation", test_creation);
  g_test_add_func ("/faults/opening", test_opening);
  g_test_add_func ("/faults/withdrawal", test_withdrawal);
  return g_test_run ();
}
