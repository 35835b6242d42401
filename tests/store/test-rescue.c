/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/rescue.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "laptop.h"
#include "store/carried.h"
#include "store/safe-copy.h"

#define FRESH "otra frase que tampoco adivina nadie"
#define WORDS "el agua no llega desde marzo"

/* A broken laptop with an envelope that waits, a response and a contact not sealed yet, and a
 * draft; and the data root of the laptop that rescues. */
typedef struct
{
  Laptop *laptop;
  char *broken; /* data root of the broken one, which is the fixture's */
  char *folder; /* of its profile */
  char *id;
  char *draft;
  char *here;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  f->laptop = laptop_new ();
  profile = laptop_profile (f->laptop, "Ana");
  f->broken = f->laptop->root;
  f->folder = g_strdup (plaza_profile_get_folder (profile));
  f->id = g_strdup (plaza_profile_get_id (profile));
  first = laptop_respond (profile, WORDS);
  g_assert_true (
      plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, NULL, NULL));
  second = laptop_respond_with_contact (profile, WORDS, "Doña Remedios");
  capture = laptop_start (profile);
  laptop_answer (capture, "/data/obs", "a medias");
  f->draft = g_strdup (plaza_capture_get_response (capture));
  g_clear_object (&capture);
  g_assert_true (plaza_store_backup (plaza_profile_get_store (profile), &error));
  g_assert_no_error (error);
  /* It breaks while it is open: what was not sealed yet stays so. */
  g_clear_object (&profile);
  f->here = g_dir_make_tmp ("plaza-rescue-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_tree (f->here);
  laptop_free (f->laptop);
  g_free (f->folder);
  g_free (f->id);
  g_free (f->draft);
  g_free (f->here);
}

static char *
in_folder (Fixture *f, const char *name)
{
  return g_build_filename (f->folder, name, NULL);
}

static const PlazaRescueProfile *
rescue (Fixture *f, const char *from, const PlazaRescueOptions *options, PlazaRescueReport *report)
{
  g_autoptr (GError) error = NULL;

  plaza_rescue_report_clear (report);
  g_assert_true (plaza_rescue_run (f->here, from, options, report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report->found, ==,
                    report->taken + report->here + report->delivered + report->refused);
  g_assert_cmpuint (laptop_find (f->here, "rescue."), ==, 0);
  return report->profiles->len > 0 ? g_ptr_array_index (report->profiles, 0) : NULL;
}

static guint
count_carried (Fixture *f)
{
  g_autoptr (GPtrArray) items = plaza_outbox_list (f->here, NULL, NULL);

  return items->len;
}

/* Every entry in what is carried, opened by the central. */
static guint
count_entries (Fixture *f, PlazaEntryKind kind)
{
  g_autoptr (GPtrArray) items = plaza_outbox_list (f->here, NULL, NULL);
  g_autoptr (PlazaProfile) profile = laptop_unlock (f->laptop, f->id);
  guint count = 0;

  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries =
          laptop_open (f->laptop, profile, g_ptr_array_index (items, i));

      for (guint j = 0; j < entries->len; j++)
        count += ((PlazaEntry *) g_ptr_array_index (entries, j))->kind == kind;
    }
  return count;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
fingerprint_of_tree (const char *root)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (root, g_ptr_array_index (names, i), NULL);
      g_autofree char *content = NULL;
      gsize size = 0;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        content = fingerprint_of_tree (path);
      else
        g_file_get_contents (path, &content, &size, NULL);
      g_checksum_update (sum, (const guchar *) path, (gssize) strlen (path));
      g_checksum_update (sum, (const guchar *) content,
                         (gssize) (size > 0          ? size
                                   : content != NULL ? strlen (content)
                                                     : 0));
    }
  return g_strdup (g_checksum_get_string (sum));
}

/* Without any key: the sealed envelope comes along once, and nothing is written where it lay. */
static void
test_sealed (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { 0 };
  g_auto (PlazaRescueReport) report = { 0 };
  const PlazaRescueProfile *profile;
  g_autofree char *before = fingerprint_of_tree (f->broken);
  g_autofree char *after = NULL;

  profile = rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (report.found, ==, 1);
  g_assert_cmpuint (report.taken, ==, 1);
  g_assert_cmpuint (report.profiles->len, ==, 1);
  g_assert_cmpstr (profile->id, ==, f->id);
  g_assert_cmpstr (profile->name, ==, "Ana");
  g_assert_true (profile->has_keyfile && profile->has_database);
  g_assert_false (profile->opened || profile->repaired);
  g_assert_cmpuint (profile->drafts, ==, 1);
  g_assert_cmpuint (profile->unsealed, ==, 1);
  g_assert_cmpuint (count_carried (f), ==, 1);
  after = fingerprint_of_tree (f->broken);
  g_assert_cmpstr (before, ==, after);

  rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (report.taken, ==, 0);
  g_assert_cmpuint (report.here, ==, 1);
}

/* Only the database is left: its rows have the envelope's bytes. */
static void
test_rows (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { 0 };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *database = in_folder (f, "plaza.db");
  g_autofree char *lone = g_build_filename (f->here, "copia rescatada", NULL);
  g_autofree char *packages = g_build_filename (f->broken, "campaigns", NULL);
  g_autofree char *content = NULL;
  const PlazaRescueProfile *profile;
  gsize size;

  g_assert_true (g_file_get_contents (database, &content, &size, NULL));
  g_assert_true (g_file_set_contents (lone, content, (gssize) size, NULL));
  /* The campaign is not known here yet. */
  profile = rescue (f, lone, &options, &report);
  g_assert_cmpuint (report.found, ==, 1);
  g_assert_cmpuint (report.refused, ==, 1);
  g_assert_true (profile->has_database);
  g_assert_false (profile->has_keyfile);
  rescue (f, packages, &options, &report);
  rescue (f, lone, &options, &report);
  g_assert_cmpuint (report.taken, ==, 1);
}

static void
damage (const char *path, gsize from, gsize to)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (gsize i = from; i < MIN (to, size); i++)
    content[i] = (char) ~content[i];
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
}

/* A damaged database, files of the outbox gone: backup and rows together give it all. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *database = in_folder (f, "plaza.db");
  g_autofree char *outbox = in_folder (f, "outbox");
  const PlazaRescueProfile *profile;

  damage (database, 4096, 20480);
  remove_tree (outbox);
  profile = rescue (f, f->broken, &options, &report);
  g_assert_true (profile->repaired);
  g_assert_true (profile->opened);
  g_assert_cmpuint (profile->drafts, ==, 1);
  g_assert_cmpuint (report.refused, ==, 0);
  g_assert_cmpuint (report.taken, >=, 2);
}

static void
test_no_database (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *database = in_folder (f, "plaza.db");
  g_autofree char *key = in_folder (f, "profile.key");
  const PlazaRescueProfile *profile;

  /* The keyfile has its copy among the backups. */
  g_assert_cmpint (g_remove (database), ==, 0);
  g_assert_cmpint (g_remove (key), ==, 0);
  profile = rescue (f, f->folder, &options, &report);
  g_assert_true (profile->repaired && profile->opened);
  g_assert_cmpuint (profile->drafts, ==, 1);
  g_assert_cmpuint (profile->sealed, ==, 2);
}

/* With the key: what waited goes into envelopes; the draft ends as partial when asked. */
static void
test_opened (Fixture *f, gconstpointer data)
{
  PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  const PlazaRescueProfile *profile;

  profile = rescue (f, f->broken, &options, &report);
  g_assert_true (profile->opened);
  g_assert_null (profile->problem);
  g_assert_cmpuint (profile->sealed, ==, 2);
  g_assert_cmpuint (profile->unsealed, ==, 0);
  g_assert_cmpuint (profile->folios->len, ==, 1);
  g_assert_cmpuint (profile->ended, ==, 0);
  g_assert_cmpuint (report.taken, ==, 3);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_REVISION), ==, 2);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_CONTACT), ==, 1);

  options.drafts = PLAZA_RESCUE_END_DRAFTS;
  profile = rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (profile->ended, ==, 1);
}

/* The same disk again: what is in an envelope is in no second one, as long as that one is known. */
static void
test_repeated (Fixture *f, gconstpointer data)
{
  PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *carried = g_build_filename (f->here, "carried", NULL);
  const PlazaRescueProfile *profile;

  profile = rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (profile->sealed, ==, 2);
  profile = rescue (f, f->broken, &options, &report);
  g_assert_true (profile->opened);
  g_assert_null (profile->problem);
  g_assert_cmpuint (profile->sealed, ==, 0);
  g_assert_cmpuint (profile->unsealed + profile->contacts, ==, 0);
  g_assert_cmpuint (report.taken, ==, 0);
  g_assert_cmpuint (count_carried (f), ==, 3);

  /* Now its draft ends too, which is one more envelope, and only once. */
  options.drafts = PLAZA_RESCUE_END_DRAFTS;
  for (int i = 0; i < 2; i++)
    {
      profile = rescue (f, f->broken, &options, &report);
      g_assert_cmpuint (profile->sealed, ==, i == 0);
      g_assert_cmpuint (profile->ended, ==, 1);
      g_assert_cmpuint (count_carried (f), ==, 4);
    }
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_REVISION), ==, 3);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_CONTACT), ==, 1);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_CONTACT_TOTAL), ==, 1);

  /* Lost here, it is sealed again. */
  remove_tree (carried);
  profile = rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (profile->sealed, ==, 2);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_REVISION), ==, 3);
}

/* A draft in which somebody typed on is another one. */
static void
test_repeated_typed (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery,
                                       .drafts = PLAZA_RESCUE_END_DRAFTS };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autoptr (PlazaProfile) profile = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (GError) error = NULL;
  PlazaField *field;
  guint before;

  rescue (f, f->broken, &options, &report);
  before = count_entries (f, PLAZA_ENTRY_REVISION);
  profile = laptop_unlock (f->laptop, f->id);
  capture = plaza_capture_resume (plaza_profile_get_store (profile), f->draft, &error);
  g_assert_no_error (error);
  field = plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs");
  plaza_capture_save_text (capture, field, "a medias y algo más");
  g_assert_true (plaza_capture_save (capture, &error));
  g_assert_no_error (error);
  g_clear_object (&capture);
  g_clear_object (&profile);
  rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_REVISION), ==, before + 1);
}

/* Without the envelopes the ledger alone counts for nothing. */
static void
test_repeated_lost (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autoptr (GPtrArray) items = NULL;
  const PlazaRescueProfile *profile;

  rescue (f, f->broken, &options, &report);
  items = plaza_outbox_list (f->here, NULL, NULL);
  for (guint i = 0; i < items->len; i++)
    g_assert_cmpint (g_remove (((PlazaOutboxItem *) g_ptr_array_index (items, i))->path), ==, 0);
  profile = rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (profile->sealed, ==, 2);
  g_assert_cmpuint (count_entries (f, PLAZA_ENTRY_REVISION), ==, 2);
}

static void
test_wrong_key (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaSecret) stranger = plaza_secret_new_random (32);
  const PlazaRescueOptions options = { .recovery = stranger };
  g_auto (PlazaRescueReport) report = { 0 };
  const PlazaRescueProfile *profile = rescue (f, f->broken, &options, &report);

  g_assert_false (profile->opened);
  g_assert_nonnull (profile->problem);
  g_assert_cmpuint (report.taken, ==, 1);
}

/* The profile lives on here: the draft has its own response id and every answer. */
static void
test_brought (Fixture *f, gconstpointer data)
{
  PlazaRescueOptions options = { .recovery = f->laptop->recovery,
                                 .drafts = PLAZA_RESCUE_BRING_PROFILE,
                                 .passphrase = "corta" };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autoptr (PlazaProfile) here = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autofree char *asked = NULL;
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaRescueProfile *profile;

  g_assert_false (plaza_rescue_run (f->here, f->broken, &options, &report, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_PASSPHRASE);
  g_clear_error (&error);
  options.passphrase = FRESH;
  profile = rescue (f, f->broken, &options, &report);
  g_assert_true (profile->brought);
  here = plaza_profile_load (f->here, f->id, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_profile_unlock (here, FRESH, &error));
  g_assert_no_error (error);
  capture = plaza_capture_resume (plaza_profile_get_store (here), f->draft, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (capture, "/data/obs"), ==, "a medias");
  g_assert_cmpuint (plaza_capture_get_lost (capture), ==, 0);
  g_clear_object (&capture);
  /* what was asked there since is not known here, so its folios go on far ahead */
  asked = laptop_respond (here, WORDS);
  xml = laptop_xml (here, asked);
  g_assert_nonnull (strstr (xml, "-01004-"));
  g_assert_true (plaza_profile_lock (here, NULL));

  profile = rescue (f, f->broken, &options, &report);
  g_assert_false (profile->brought);
  g_assert_nonnull (profile->problem);
}

/* From the sealed copy on a stick, where there is no contact key. */
static void
test_copy (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { .recovery = f->laptop->recovery };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *stick = g_build_filename (f->here, "stick", NULL);
  g_autoptr (PlazaProfile) profile = laptop_unlock (f->laptop, f->id);
  g_autoptr (PlazaSafeCopy) copy = NULL;
  g_autoptr (GError) error = NULL;
  const PlazaRescueProfile *found;

  g_assert_cmpint (g_mkdir (stick, 0700), ==, 0);
  g_assert_true (plaza_safe_copy_set_folder (plaza_profile_get_store (profile), stick, &error));
  copy = plaza_safe_copy_prepare (plaza_profile_get_store (profile), &error);
  g_assert_no_error (error);
  g_assert_true (plaza_safe_copy_write (copy, &error));
  g_assert_no_error (error);
  found = rescue (f, stick, &options, &report);
  g_assert_cmpuint (report.profiles->len, ==, 1);
  g_assert_true (found->opened);
  g_assert_false (found->repaired);
  g_assert_cmpuint (found->drafts, ==, 1);
  g_assert_cmpuint (report.taken, ==, 3);
}

/* Rubbish, links and pipes beside the real thing. */
static void
test_hostile (Fixture *f, gconstpointer data)
{
  const PlazaRescueOptions options = { 0 };
  g_auto (PlazaRescueReport) report = { 0 };
  g_autofree char *rubbish = in_folder (f, "outbox/rubbish.plz");
  g_autofree char *link = in_folder (f, "outbox/link.plz");
  g_autofree char *loop = in_folder (f, "outbox/loop");
  g_autofree char *pipe = in_folder (f, "outbox/pipe.plz");
  g_autofree char *missing = g_build_filename (f->here, "nada", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (rubbish, "PLZENV01 no es un sobre", -1, NULL));
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_cmpint (symlink (f->broken, loop), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  rescue (f, f->broken, &options, &report);
  g_assert_cmpuint (report.found, ==, 2);
  g_assert_cmpuint (report.taken, ==, 1);
  g_assert_cmpuint (report.refused, ==, 1);
  plaza_rescue_report_clear (&report);
  g_assert_false (plaza_rescue_run (f->here, missing, &options, &report, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* What is left behind is told by a warning, and these tests leave much. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
#define ADD(name) g_test_add ("/store/rescue/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (sealed);
  ADD (rows);
  ADD (damaged);
  ADD (no_database);
  ADD (opened);
  ADD (repeated);
  ADD (repeated_lost);
  ADD (repeated_typed);
  ADD (wrong_key);
  ADD (brought);
  ADD (copy);
  ADD (hostile);
  return g_test_run ();
}
