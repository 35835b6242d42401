/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/joining.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folio.h"
#include "laptop.h"
#include "store/campaign-news.h"
#include "store/late.h"
#include "wire/joinlink.h"
#include "wire/registration.h"

static const PlazaInvitation invitation = { .person = (char *) "Rufina",
                                            .organisation = (char *) "org-1",
                                            .role = (char *) "facilitator",
                                            .batch = (char *) "Q4",
                                            .expires_ms = G_MAXINT64 };

/* A profile that joined by its invitation, unlocked. */
static PlazaProfile *
invited (Laptop *laptop, const char *code)
{
  g_autoptr (GError) error = NULL;
  PlazaProfile *profile =
      plaza_profile_create (laptop->root, laptop->campaign, "Rufina", LAPTOP_PASSPHRASE, &error);

  g_assert_no_error (error);
  g_assert_true (plaza_profile_accept_invitation (profile, &invitation, code, &error));
  g_assert_no_error (error);
  return profile;
}

static char *
path_in (PlazaProfile *profile, const char *name)
{
  return g_build_filename (plaza_profile_get_folder (profile), name, NULL);
}

/* Works at once, without a token; what the registration says is what the central needs. */
static void
test_works_at_once (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autofree char *typed = g_ascii_strdown (code, -1);
  g_autoptr (PlazaProfile) profile = invited (laptop, typed);
  g_autofree char *device = g_strdup (plaza_profile_get_enrolment (profile)->device);
  g_autofree char *response = laptop_respond (profile, "No hay agua");
  g_autoptr (GBytes) bytes = NULL;
  g_auto (PlazaRegistration) registration = { 0 };
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *xml = laptop_xml (profile, response);
  g_autoptr (GError) error = NULL;
  PlazaPublicKey key;
  guint packed;

  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->token, ==, "");
  g_assert_nonnull (strstr (xml, "<folio>20-Q4-00001-"));
  g_assert_cmpint (plaza_profile_get_registration_state (profile, NULL), ==,
                   PLAZA_REGISTRATION_WAITING);
  bytes = plaza_profile_read_registration (profile, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_registration_open (bytes, laptop->central_seal, &registration, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (registration.device, ==, device);
  g_assert_cmpstr (registration.code, ==, code);
  g_assert_cmpstr (registration.person, ==, "Rufina");
  g_assert_cmpstr (registration.campaign, ==, laptop->campaign->fingerprint);
  g_assert_true (plaza_profile_get_device_key (profile, &key));
  g_assert_true (plaza_public_key_equal (&key, &registration.device_key));

  /* What it did is sealed into envelopes of that device. */
  g_assert_true (
      plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_NONE, &packed, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (packed, ==, 1);
  items = plaza_outbox_list (laptop->root, NULL, &error);
  g_assert_cmpuint (items->len, ==, 1);
  entries = laptop_open (laptop, profile, items->pdata[0]);
  g_assert_cmpuint (entries->len, >=, 1);
}

/* The folder may lose the file; a crash may come before it is written. */
static void
test_lost_file (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autoptr (GBytes) before = plaza_profile_read_registration (profile, NULL);
  g_autofree char *path = path_in (profile, PLAZA_PROFILE_REGISTRATION);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  after = plaza_profile_read_registration (profile, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (before, after));
}

/* Whoever brings the registration, the laptop learns it; a token ends the matter. */
static void
test_registered (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autoptr (PlazaProfile) locked = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_settle_registration (profile, PLAZA_RESULT_BUSY, &error));
  g_assert_cmpint (plaza_profile_get_registration_state (profile, NULL), ==,
                   PLAZA_REGISTRATION_WAITING);
  g_assert_true (plaza_profile_lock (profile, &error));
  /* Another profile of this laptop posted it. */
  locked = plaza_profile_load (laptop->root, plaza_profile_get_id (profile), &error);
  g_assert_true (plaza_profile_settle_registration (locked, PLAZA_RESULT_OK, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_cmpint (plaza_profile_get_registration_state (profile, NULL), ==, PLAZA_REGISTERED);
  g_assert_null (plaza_profile_read_registration (profile, &error));
  g_assert_no_error (error);
  g_assert_false (plaza_profile_accept_invitation (profile, &invitation, code, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (plaza_profile_set_token (profile, "ccd_nuevo", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->token, ==, "ccd_nuevo");
}

static void
test_token_alone (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_profile_set_token (profile, "ccd_nuevo", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plaza_profile_get_registration_state (profile, NULL), ==, PLAZA_REGISTERED);
}

/* Two people with one code: the second is told, keeps what it did, and goes on with a new code. */
static void
test_refused (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autofree char *another = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autofree char *device = g_strdup (plaza_profile_get_enrolment (profile)->device);
  g_autofree char *first = laptop_respond (profile, "Antes");
  g_autofree char *second = NULL;
  g_autofree char *xml = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (PlazaRegistration) registration = { 0 };
  g_autoptr (GError) error = NULL;
  PlazaResult reason;
  PlazaInvitation other = invitation;

  g_assert_true (plaza_profile_settle_registration (profile, PLAZA_RESULT_CODE_USED, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plaza_profile_get_registration_state (profile, &reason), ==,
                   PLAZA_REGISTRATION_REFUSED);
  g_assert_cmpint (reason, ==, PLAZA_RESULT_CODE_USED);
  g_assert_null (plaza_profile_read_registration (profile, &error));
  g_assert_cmpint (laptop_state (profile, first), ==, PLAZA_RESPONSE_WAITING);

  other.batch = (char *) "Q5";
  g_assert_true (plaza_profile_accept_invitation (profile, &other, another, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->device, ==, device);
  bytes = plaza_profile_read_registration (profile, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_registration_open (bytes, laptop->central_seal, &registration, &error));
  g_assert_cmpstr (registration.code, ==, another);
  g_assert_cmpstr (registration.device, ==, device);
  second = laptop_respond (profile, "Después");
  xml = laptop_xml (profile, second);
  g_assert_nonnull (strstr (xml, "<folio>20-Q5-"));
}

/* Folios: no number twice, whatever becomes of codes and databases. */

static void
assert_folio (PlazaProfile *profile, const char *begins)
{
  g_autofree char *response = laptop_respond (profile, "Otra");
  g_autofree char *xml = laptop_xml (profile, response);
  g_autofree char *wanted = g_strconcat ("<folio>20-", begins, "-", NULL);

  g_test_message ("%s", strstr (xml, "<folio>"));
  g_assert_nonnull (strstr (xml, wanted));
}

/* Another code without an invitation for it: the old batch may be somebody else's, so the numbers
 * come from its upper half until the central says which batch is the device's own. */
static void
test_batch_unknown (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autofree char *another = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autoptr (GError) error = NULL;

  assert_folio (profile, "Q4-00001");
  g_assert_true (plaza_profile_settle_registration (profile, PLAZA_RESULT_CODE_USED, &error));
  g_assert_true (plaza_profile_accept_invitation (profile, NULL, another, &error));
  g_assert_no_error (error);
  assert_folio (profile, "Q4-50001");
  g_assert_true (plaza_profile_set_token (profile, "ccd_nuevo", "Q7", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (plaza_profile_get_enrolment (profile)->batch, ==, "Q7");
  assert_folio (profile, "Q7-50002");
}

/* One code under two profiles of one laptop. */
static void
test_code_here (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autofree char *typed = g_ascii_strdown (code, -1);
  g_autofree char *another = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  const char *fingerprint = laptop->campaign->fingerprint;
  g_autoptr (GError) error = NULL;
  gboolean here;

  g_assert_true (
      plaza_joining_code_is_here (laptop->root, fingerprint, typed, "Otra", &here, &error));
  g_assert_true (here);
  g_assert_true (
      plaza_joining_code_is_here (laptop->root, fingerprint, typed, "Rufina", &here, &error));
  g_assert_false (here);
  g_assert_true (
      plaza_joining_code_is_here (laptop->root, fingerprint, another, "Otra", &here, &error));
  g_assert_false (here);
  g_assert_cmpuint (laptop_find (laptop->root, code), ==, 0);
  g_assert_false (
      plaza_joining_code_is_here (laptop->root, fingerprint, "nada", "Otra", &here, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
}

static char *
copy_of (PlazaProfile *profile)
{
  g_autofree char *path = path_in (profile, "plaza.db");
  char *copy = g_strconcat (path, ".older", NULL);
  g_autofree char *content = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_true (g_file_set_contents (copy, content, (gssize) size, NULL));
  return copy;
}

/* A database put back from an older copy, and a repair out of one. */
static void
test_older_database (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autofree char *code = plaza_join_code_new ();
  g_autoptr (PlazaProfile) profile = invited (laptop, code);
  g_autofree char *id = g_strdup (plaza_profile_get_id (profile));
  g_autofree char *path = path_in (profile, "plaza.db");
  g_autofree char *mark = path_in (profile, "folios");
  g_autofree char *older = NULL;
  g_autofree char *asked = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  PlazaRepair repair;

  assert_folio (profile, "Q4-00001");
  g_clear_object (&profile);
  profile = laptop_unlock (laptop, id);
  older = copy_of (profile);
  assert_folio (profile, "Q4-00002");
  assert_folio (profile, "Q4-00003");
  g_clear_object (&profile);
  g_assert_cmpint (g_rename (older, path), ==, 0);
  profile = laptop_unlock (laptop, id);
  assert_folio (profile, "Q4-00004");

  /* What the file of numbers says cannot be read: far ahead. */
  g_assert_true (g_file_set_contents (mark, "?", 1, NULL));
  assert_folio (profile, "Q4-01005");
  g_clear_object (&profile);

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  g_assert_cmpint (truncate (path, 5000), ==, 0);
  profile = plaza_profile_load (laptop->root, id, &error);
  g_assert_true (plaza_profile_repair (profile, &repair, &error));
  g_assert_no_error (error);
  g_clear_object (&profile);
  profile = laptop_unlock (laptop, id);
  asked = laptop_respond (profile, "Otra");
  g_assert_true (g_file_get_contents (mark, &after, NULL, NULL));
  g_assert_cmpint (atoi (after), >, 1005);
}

/* Packages */

static PlazaCampaignTaken
take (Laptop *laptop, PlazaCampaign *campaign)
{
  g_autoptr (GError) error = NULL;
  PlazaCampaignTaken taken;

  g_assert_true (
      plaza_campaign_take (laptop->root, NULL, plaza_campaign_package (campaign), &taken, &error));
  g_assert_no_error (error);
  return taken;
}

static const char *
form_version (PlazaCapture *capture)
{
  return plaza_form_get_version (plaza_interview_get_form (plaza_capture_get_interview (capture)));
}

static void
on_changed (PlazaStore *store, guint *count)
{
  (*count)++;
}

/* A newer package with a changed form, in the middle of an interview. */
static void
test_newer_while_unlocked (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *sent = laptop_respond (profile, "Con la versión 7");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autoptr (PlazaCampaign) newer = laptop_make_campaign (laptop, "8", 2);
  g_autoptr (PlazaCampaign) newest = laptop_make_campaign (laptop, "9", 3);
  g_autoptr (PlazaCapture) fresh = NULL;
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autoptr (PlazaCapture) correction = NULL;
  g_autoptr (GError) error = NULL;
  guint changes = 0;

  g_signal_connect (store, "campaign-changed", G_CALLBACK (on_changed), &changes);
  laptop_answer (capture, "/data/obs", "a la mitad");
  g_assert_cmpint (take (laptop, newer), ==, PLAZA_CAMPAIGN_TAKEN);
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpint (plaza_profile_get_campaign (profile)->serial, ==, 2);

  /* What is on goes on: on its questions, and by the rules of its own package. */
  laptop_answer (capture, "/data/obs", "y sigue");
  g_assert_cmpstr (form_version (capture), ==, "7");
  fresh = laptop_start (profile);
  g_assert_cmpstr (form_version (fresh), ==, "8");
  laptop_answer (fresh, "/data/comentario", "con la 8");
  laptop_answer (fresh, "/data/aviso/edad", "mayor");
  laptop_answer (fresh, "/data/aviso/consiente", "no");
  g_assert_cmpint (plaza_capture_get_outcome_due (fresh), ==, PLAZA_OUTCOME_REFUSED);
  laptop_answer (capture, "/data/aviso/edad", "mayor");
  laptop_answer (capture, "/data/aviso/acepta", "no");
  g_assert_cmpint (plaza_capture_get_outcome_due (capture), ==, PLAZA_OUTCOME_REFUSED);
  laptop_answer (capture, "/data/aviso/acepta", "si");

  /* Two packages later it is still there, and so is what was delivered and is corrected. */
  g_assert_cmpint (take (laptop, newest), ==, PLAZA_CAMPAIGN_TAKEN);
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_clear_object (&capture);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  store = plaza_profile_get_store (profile);
  resumed = plaza_capture_resume (store, response, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (form_version (resumed), ==, "7");
  g_assert_cmpstr (laptop_value (resumed, "/data/obs"), ==, "y sigue");
  laptop_answer (resumed, "/data/aviso/acepta", "no");
  g_assert_cmpint (plaza_capture_get_outcome_due (resumed), ==, PLAZA_OUTCOME_REFUSED);
  correction = plaza_capture_correct (store, sent, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (form_version (correction), ==, "7");
}

/* Only forward, only with the campaign's signature, only what somebody here has joined. */
static void
test_order (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (Laptop) stranger = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCampaign) third = laptop_make_campaign (laptop, "9", 3);
  g_autoptr (PlazaCampaign) second = laptop_make_campaign (laptop, "8", 2);
  g_autoptr (PlazaCampaign) twin = laptop_make_campaign (laptop, "8", 3);
  g_autoptr (GBytes) cut = NULL;
  g_autoptr (GError) error = NULL;
  PlazaCampaignTaken taken;

  g_assert_cmpint (take (laptop, third), ==, PLAZA_CAMPAIGN_TAKEN);
  g_assert_cmpint (take (laptop, third), ==, PLAZA_CAMPAIGN_SAME);
  g_assert_cmpint (take (laptop, second), ==, PLAZA_CAMPAIGN_OLDER);
  g_assert_cmpint (take (laptop, twin), ==, PLAZA_CAMPAIGN_OLDER);
  g_assert_cmpint (take (laptop, stranger->campaign), ==, PLAZA_CAMPAIGN_FOREIGN);
  g_assert_false (plaza_campaign_take (laptop->root, laptop->campaign->fingerprint,
                                       plaza_campaign_package (stranger->campaign), &taken,
                                       &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_SIGNATURE);
  g_clear_error (&error);
  cut = g_bytes_new_from_bytes (plaza_campaign_package (third), 0, 500);
  g_assert_false (plaza_campaign_take (laptop->root, NULL, cut, &taken, &error));
  g_clear_error (&error);
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_assert_cmpint (plaza_profile_get_campaign (profile)->serial, ==, 3);

  /* An old stick by which somebody else joins does not take it back. */
  g_assert_true (plaza_data_save_campaign (laptop->root, second, &error));
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_assert_cmpint (plaza_profile_get_campaign (profile)->serial, ==, 3);
}

/* What differs from what people were told, once told no more. */
static void
test_news (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCampaign) same = laptop_make_campaign (laptop, "7", 2);
  g_autoptr (PlazaCampaign) other = laptop_make_campaign (laptop, "8", 3);
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  PlazaNews news;

  g_assert_true (plaza_store_get_news (store, &news, &error));
  g_assert_cmpint (news, ==, PLAZA_NEWS_NONE);
  take (laptop, same);
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_assert_true (plaza_store_get_news (store, &news, &error));
  g_assert_cmpint (news, ==, PLAZA_NEWS_NONE);
  take (laptop, other);
  g_assert_true (plaza_profile_refresh_campaign (profile, &error));
  g_assert_true (plaza_store_get_news (store, &news, &error));
  g_assert_cmpint (news, ==, PLAZA_NEWS_QUESTIONNAIRES);
  g_assert_true (plaza_store_settle_news (store, &error));
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_true (plaza_store_get_news (plaza_profile_get_store (profile), &news, &error));
  g_assert_no_error (error);
  g_assert_cmpint (news, ==, PLAZA_NEWS_NONE);
}

/* Asking ends on 30 June; a draft is not late yet, and late work waits like any other. */
static void
test_late (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *early = laptop_respond (profile, "A tiempo");
  const PlazaSessionFields fields = {
    .team = "",
    .state = "20",
    .municipality = "20168",
    .place = "",
    .date = "2019-07-01",
    .attendance = -1,
  };
  g_autoptr (PlazaSession) session = NULL;
  g_autoptr (PlazaCapture) draft = NULL;
  g_autofree char *late = NULL;
  g_autoptr (GError) error = NULL;
  guint count;

  g_assert_true (plaza_store_count_late (store, &count, &error));
  g_assert_cmpuint (count, ==, 0);
  session = plaza_session_create (store, &fields, &error);
  g_assert_no_error (error);
  late = laptop_respond (profile, "Tarde");
  draft = laptop_start (profile);
  g_assert_true (plaza_store_count_late (store, &count, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpint (laptop_state (profile, late), ==, laptop_state (profile, early));
}

static void
damage (const char *path, gboolean cut)
{
  g_autoptr (GBytes) bytes = plaza_file_read (path, PLAZA_CAMPAIGN_MAX_BYTES, NULL);
  gsize length = g_bytes_get_size (bytes);
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);

  copy[length / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, copy, (gssize) (cut ? length / 2 : length), NULL));
}

/* A damaged package keeps nobody out, and is made good by the next that comes. */
static void
test_damaged_package (void)
{
  for (guint way = 0; way < 3; way++)
    {
      g_autoptr (Laptop) laptop = laptop_new ();
      g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
      g_autofree char *name = g_strconcat (laptop->campaign->fingerprint, ".plzcmp", NULL);
      g_autofree char *path = g_build_filename (laptop->root, "campaigns", name, NULL);
      g_autoptr (PlazaCampaign) newer = laptop_make_campaign (laptop, "8", 2);
      g_autoptr (PlazaCapture) capture = NULL;
      g_autoptr (GError) error = NULL;

      if (way > 0)
        g_assert_cmpint (take (laptop, newer), ==, PLAZA_CAMPAIGN_TAKEN);
      g_assert_true (plaza_profile_lock (profile, &error));
      if (way == 2)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        damage (path, way == 0);
      g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*read from its copy*");
      g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
      g_assert_no_error (error);
      g_test_assert_expected_messages ();
      g_assert_true (plaza_profile_is_campaign_damaged (profile));
      g_assert_cmpint (plaza_profile_get_campaign (profile)->serial, ==, 1);
      capture = laptop_start (profile);

      g_test_expect_message ("plaza-store", G_LOG_LEVEL_WARNING, "*read from its copy*");
      g_assert_cmpint (take (laptop, way == 0 ? laptop->campaign : newer), ==,
                       way == 0 ? PLAZA_CAMPAIGN_SAME : PLAZA_CAMPAIGN_TAKEN);
      g_test_assert_expected_messages ();
      g_assert_true (plaza_profile_refresh_campaign (profile, &error));
      g_assert_false (plaza_profile_is_campaign_damaged (profile));
      g_assert_cmpint (plaza_profile_get_campaign (profile)->serial, ==, way == 0 ? 1 : 2);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/joining/works-at-once", test_works_at_once);
  g_test_add_func ("/joining/lost-file", test_lost_file);
  g_test_add_func ("/joining/registered", test_registered);
  g_test_add_func ("/joining/token-alone", test_token_alone);
  g_test_add_func ("/joining/refused", test_refused);
  g_test_add_func ("/joining/batch-unknown", test_batch_unknown);
  g_test_add_func ("/joining/code-here", test_code_here);
  g_test_add_func ("/joining/older-database", test_older_database);
  g_test_add_func ("/joining/newer-while-unlocked", test_newer_while_unlocked);
  g_test_add_func ("/joining/order", test_order);
  g_test_add_func ("/joining/news", test_news);
  g_test_add_func ("/joining/late", test_late);
  g_test_add_func ("/joining/damaged-package", test_damaged_package);
  return g_test_run ();
}
