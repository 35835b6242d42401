/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/hand-in.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "laptop.h"
#include "store/carried.h"
#include "store/safe-copy.h"
#include "store/steps.h"

#define WORDS "el agua no llega desde marzo"

typedef struct
{
  Laptop *laptop;
  PlazaProfile *profile;
  char *finished;
  char *draft;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaCapture) capture = NULL;

  f->laptop = laptop_new ();
  f->profile = laptop_profile (f->laptop, "Ana");
  f->finished = laptop_respond_with_contact (f->profile, WORDS, "Doña Remedios");
  capture = laptop_start (f->profile);
  laptop_answer (capture, "/data/obs", "a medias");
  f->draft = g_strdup (plaza_capture_get_response (capture));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_object (&f->profile);
  laptop_free (f->laptop);
  g_free (f->finished);
  g_free (f->draft);
}

static PlazaStore *
store_of (Fixture *f)
{
  return plaza_profile_get_store (f->profile);
}

static void
look (Fixture *f, PlazaHandInState *state)
{
  g_autoptr (GError) error = NULL;

  plaza_hand_in_state_clear (state);
  g_assert_true (plaza_hand_in_look (store_of (f), state, &error));
  g_assert_no_error (error);
}

static char *
path_in (Fixture *f, const char *name)
{
  return g_build_filename (f->laptop->root, name, NULL);
}

static void
assert_gone (Fixture *f)
{
  g_autoptr (GPtrArray) profiles = plaza_profile_list (f->laptop->root, NULL);
  g_autofree char *folder = path_in (f, "profiles");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_cmpuint (profiles->len, ==, 0);
  g_assert_null (g_dir_read_name (dir));
  g_assert_cmpuint (laptop_find (f->laptop->root, "PLZKEY01"), ==, 0);
  g_assert_cmpuint (laptop_find (f->laptop->root, "SQLite format 3"), ==, 0);
  g_assert_cmpuint (laptop_find (f->laptop->root, "PLZENV01"), ==, 0);
  g_assert_cmpuint (laptop_find (f->laptop->root, "PLZCMP01"), ==, 0);
}

/* What is left to do shrinks with each step, and only then it is erased. */
static void
test_whole (Fixture *f, gconstpointer data)
{
  g_auto (PlazaHandInState) state = { 0 };
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  const PlazaHandInDraft *draft;
  const PlazaHandInEnvelope *envelope;

  look (f, &state);
  g_assert_cmpuint (state.drafts->len, ==, 1);
  draft = g_ptr_array_index (state.drafts, 0);
  g_assert_cmpstr (draft->response, ==, f->draft);
  g_assert_cmpuint (strlen (draft->folio), >, 8);
  g_assert_false (draft->correction);
  g_assert_cmpuint (state.unsealed, ==, 2);
  g_assert_cmpuint (state.contacts, ==, 1);
  g_assert_false (state.contacts_told);
  g_assert_true (plaza_hand_in_state_needs_decision (&state));
  g_assert_false (plaza_hand_in_erase (f->profile, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);

  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, &error));
  g_assert_no_error (error);
  look (f, &state);
  g_assert_false (plaza_hand_in_state_needs_decision (&state));
  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_HAND_IN, NULL, &error));
  look (f, &state);
  g_assert_cmpuint (state.unsealed + state.contacts, ==, 0);
  g_assert_cmpuint (state.waiting, ==, 2);
  g_assert_false (plaza_hand_in_state_is_complete (&state));
  g_assert_false (plaza_hand_in_erase (f->profile, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);

  laptop_deliver (f->laptop, f->profile, PLAZA_PACK_HAND_IN);
  look (f, &state);
  g_assert_true (plaza_hand_in_state_is_complete (&state));
  g_assert_true (plaza_hand_in_get_facts (store_of (f), &facts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (facts.outcomes[PLAZA_OUTCOME_COMPLETED], ==, 1);
  g_assert_cmpuint (facts.outcomes[PLAZA_OUTCOME_PARTIAL], ==, 1);
  g_assert_cmpuint (facts.contacts, ==, 1);
  g_assert_cmpuint (facts.envelopes->len, ==, 2);
  g_assert_cmpuint (facts.discarded->len, ==, 0);
  envelope = g_ptr_array_index (facts.envelopes, 0);
  g_assert_true (envelope->has_receipt);
  g_assert_cmpint (envelope->receipt_ms, ==, 1);
  g_assert_cmpuint (strlen (envelope->audit_head), ==, 64);

  g_assert_true (plaza_hand_in_erase (f->profile, &error));
  g_assert_no_error (error);
  assert_gone (f);
  g_assert_cmpuint (laptop_find (f->laptop->root, "handed-in"), ==, 1);
}

/* A discarded draft leaves no content, and the central is told why its folio has none. */
static void
test_discard (Fixture *f, gconstpointer data)
{
  g_auto (PlazaHandInState) state = { 0 };
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (PlazaResponse) response = NULL;
  const PlazaHandInDiscarded *discarded;
  guint voids = 0;

  g_assert_false (plaza_hand_in_discard (store_of (f), f->draft, "  ", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (plaza_hand_in_discard (store_of (f), f->draft, "era una prueba", &error));
  g_assert_no_error (error);
  look (f, &state);
  g_assert_cmpuint (state.drafts->len, ==, 0);
  response = plaza_response_load (store_of (f), f->draft, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_response_get_voided (response));
  g_assert_null (plaza_response_read (store_of (f), f->draft, NULL));

  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_HAND_IN, NULL, &error));
  items = plaza_outbox_list (f->laptop->root, NULL, &error);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries =
          laptop_open (f->laptop, f->profile, g_ptr_array_index (items, i));

      for (guint j = 0; j < entries->len; j++)
        {
          PlazaEntry *entry = g_ptr_array_index (entries, j);
          PlazaRemoval removal = { 0 };

          if (entry->kind != PLAZA_ENTRY_VOID)
            continue;
          g_assert_true (plaza_entry_get_removal (entry, &removal, &error));
          g_assert_cmpstr (removal.response, ==, f->draft);
          g_assert_cmpstr (removal.reason, ==, "era una prueba");
          plaza_removal_clear (&removal);
          voids++;
        }
    }
  g_assert_cmpuint (voids, ==, 1);
  laptop_deliver (f->laptop, f->profile, PLAZA_PACK_HAND_IN);
  g_assert_true (plaza_hand_in_get_facts (store_of (f), &facts, &error));
  g_assert_cmpuint (facts.discarded->len, ==, 1);
  discarded = g_ptr_array_index (facts.discarded, 0);
  g_assert_cmpstr (discarded->what, ==, "draft");
  g_assert_cmpstr (discarded->reason, ==, "era una prueba");
  g_assert_cmpuint (facts.outcomes[PLAZA_OUTCOME_PARTIAL], ==, 0);
}

/* What was being typed when the laptop went off is part of the partial response. */
static void
test_partial_text (Fixture *f, gconstpointer data)
{
  g_autoptr (PlazaCapture) capture = NULL;
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  PlazaField *field;

  capture = plaza_capture_resume (store_of (f), f->draft, &error);
  g_assert_no_error (error);
  field = plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs");
  plaza_capture_save_text (capture, field, "lo que iba a dec");
  g_assert_true (plaza_capture_save (capture, &error));
  g_assert_no_error (error);
  g_clear_object (&capture);
  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, &error));
  g_assert_no_error (error);
  xml = laptop_xml (f->profile, f->draft);
  g_assert_nonnull (strstr (xml, "lo que iba a dec"));
}

/* A correction that was begun goes without a trace; the response stays as it was. */
static void
test_correction (Fixture *f, gconstpointer data)
{
  g_auto (PlazaHandInState) state = { 0 };
  g_autoptr (PlazaCapture) correction = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, NULL));
  laptop_deliver (f->laptop, f->profile, PLAZA_PACK_HAND_IN);
  correction = plaza_capture_correct (store_of (f), f->finished, &error);
  g_assert_no_error (error);
  laptop_answer (correction, "/data/obs", "otra cosa");
  g_clear_object (&correction);
  look (f, &state);
  g_assert_cmpuint (state.drafts->len, ==, 1);
  g_assert_true (((PlazaHandInDraft *) g_ptr_array_index (state.drafts, 0))->correction);
  g_assert_false (plaza_hand_in_end_partial (store_of (f), f->finished, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_true (plaza_hand_in_discard (store_of (f), f->finished, "ya no hace falta", &error));
  g_assert_no_error (error);
  look (f, &state);
  g_assert_true (plaza_hand_in_state_is_complete (&state));
  g_assert_cmpint (laptop_state (f->profile, f->finished), ==, PLAZA_RESPONSE_DELIVERED);
}

static void
answer_all (Fixture *f, PlazaReceiptStatus status)
{
  g_autoptr (GPtrArray) items = plaza_outbox_list (f->laptop->root, NULL, NULL);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaOutboxItem *item = g_ptr_array_index (items, i);
      g_autoptr (GPtrArray) entries = laptop_open (f->laptop, f->profile, item);
      g_autoptr (GBytes) receipt = laptop_receipt (f->laptop, item, entries->len, (guint8) status);

      g_assert_true (plaza_outbox_keep_receipt (item, f->laptop->campaign, receipt, NULL));
    }
}

/* What the central rejects needs a decision; what it keeps apart it has. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  g_auto (PlazaHandInState) state = { 0 };
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, NULL));
  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_HAND_IN, NULL, NULL));
  answer_all (f, PLAZA_RECEIPT_REJECTED);
  look (f, &state);
  g_assert_cmpuint (state.refused, ==, 3);          /* two responses and their session */
  g_assert_cmpuint (state.refused_contacts, ==, 2); /* a contact and the total */
  g_assert_true (plaza_hand_in_state_needs_decision (&state));

  g_assert_true (plaza_hand_in_discard_refused (store_of (f), "de otra consulta", &error));
  g_assert_no_error (error);
  look (f, &state);
  g_assert_false (plaza_hand_in_state_needs_decision (&state));
  g_assert_cmpuint (state.unsealed, ==, 2); /* the voids */
  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_HAND_IN, NULL, NULL));
  answer_all (f, PLAZA_RECEIPT_QUARANTINED);
  look (f, &state);
  g_assert_cmpuint (state.quarantined, ==, 2);
  g_assert_true (plaza_hand_in_state_is_complete (&state));
  g_assert_true (plaza_hand_in_get_facts (store_of (f), &facts, &error));
  g_assert_cmpuint (facts.discarded->len, ==, 4);
  g_assert_cmpuint (facts.quarantined, ==, 2);
  g_assert_true (plaza_hand_in_erase (f->profile, &error));
  g_assert_no_error (error);
  assert_gone (f);
}

/* Another profile stays as it was, and so do the campaign and what is carried. */
static void
test_others (Fixture *f, gconstpointer data)
{
  g_auto (PlazaHandInState) state = { 0 };
  g_autoptr (PlazaProfile) other = laptop_profile (f->laptop, "Berta");
  g_autoptr (PlazaCapture) capture = laptop_start (other);
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autofree char *id = g_strdup (plaza_profile_get_id (other));
  g_autoptr (GError) error = NULL;
  const PlazaHandInProfile *seen;

  laptop_answer (capture, "/data/obs", "de Berta");
  look (f, &state);
  seen = g_ptr_array_index (state.others, 0);
  g_assert_cmpstr (seen->name, ==, "Berta");
  g_assert_true (seen->unknown);
  g_clear_object (&capture);
  g_assert_true (plaza_profile_lock (other, NULL));
  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, NULL));
  look (f, &state);
  g_assert_cmpuint (state.others->len, ==, 1);
  seen = g_ptr_array_index (state.others, 0);
  g_assert_false (seen->unknown);
  g_assert_cmpuint (seen->drafts, ==, 1);
  g_assert_cmpuint (seen->envelopes, ==, 1);

  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_HAND_IN, NULL, NULL));
  {
    g_autoptr (GPtrArray) items = plaza_outbox_list (f->laptop->root, NULL, NULL);

    for (guint i = 0; i < items->len; i++)
      {
        const PlazaOutboxItem *item = g_ptr_array_index (items, i);
        g_autoptr (GPtrArray) entries = NULL;
        g_autoptr (GBytes) receipt = NULL;

        if (strcmp (item->profile, plaza_profile_get_id (f->profile)) != 0)
          continue;
        entries = laptop_open (f->laptop, f->profile, item);
        receipt = laptop_receipt (f->laptop, item, entries->len, PLAZA_RECEIPT_STORED);
        g_assert_true (plaza_outbox_keep_receipt (item, f->laptop->campaign, receipt, NULL));
      }
  }
  g_assert_true (plaza_hand_in_erase (f->profile, &error));
  g_assert_no_error (error);
  g_clear_object (&other);
  other = laptop_unlock (f->laptop, id);
  capture = plaza_capture_resume (plaza_profile_get_store (other), response, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (capture, "/data/obs"), ==, "de Berta");
}

/* Ended without a word after each step: before the mark all is there, after it nothing is. */

static guint stop_at;
static guint steps_seen;

static void
stop_hook (const char *step)
{
  if (++steps_seen == stop_at)
    _exit (77);
}

static int
in_child (Fixture *f, guint stop, gboolean clean)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      stop_at = stop;
      plaza_steps_hook = stop_hook;
      if (clean)
        plaza_hand_in_clean (f->laptop->root);
      else
        {
          g_autoptr (GPtrArray) profiles = plaza_profile_list (f->laptop->root, NULL);
          PlazaProfile *profile = g_ptr_array_index (profiles, 0);

          if (!plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, NULL) ||
              !plaza_hand_in_erase (profile, NULL))
            _exit (1);
        }
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_interrupted (void)
{
  for (guint stop = 1; stop <= 7; stop++)
    {
      Fixture fixture = { 0 };
      g_autoptr (GPtrArray) profiles = NULL;

      set_up (&fixture, NULL);
      g_assert_true (plaza_hand_in_end_partial (store_of (&fixture), fixture.draft, NULL));
      laptop_deliver (fixture.laptop, fixture.profile, PLAZA_PACK_HAND_IN);
      g_assert_true (plaza_profile_lock (fixture.profile, NULL));
      g_assert_cmpint (in_child (&fixture, stop, FALSE), ==, 77);
      /* It is nobody's profile any more, whatever is still there. */
      profiles = plaza_profile_list (fixture.laptop->root, NULL);
      g_assert_cmpuint (profiles->len, ==, 0);
      /* Cut once more while it is cleaned. */
      g_assert_cmpint (in_child (&fixture, 1, TRUE), ==, stop < 7 ? 77 : 0);
      plaza_hand_in_clean (fixture.laptop->root);
      assert_gone (&fixture);
      tear_down (&fixture, NULL);
    }
}

/* The copy */

static guint
count_files (const char *folder)
{
  return laptop_find (folder, "");
}

static void
test_copy (Fixture *f, gconstpointer data)
{
  g_autofree char *stick = path_in (f, "stick");
  g_autofree char *copied = NULL;
  g_autoptr (PlazaSafeCopy) copy = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaHandInFacts) facts = { 0 };
  g_autofree char *chosen = NULL;
  PlazaSafeCopyInfo info;

  copied = g_build_filename (stick, PLAZA_SAFE_COPY_FOLDER, "profiles",
                             plaza_profile_get_id (f->profile), NULL);
  g_assert_false (plaza_safe_copy_set_folder (store_of (f), stick, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (plaza_safe_copy_prepare (store_of (f), &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (stick, 0700), ==, 0);
  g_assert_true (plaza_safe_copy_set_folder (store_of (f), stick, &error));
  g_assert_no_error (error);
  chosen = plaza_safe_copy_get_folder (store_of (f), &error);
  g_assert_cmpstr (chosen, ==, stick);

  g_assert_true (plaza_outbox_pack (store_of (f), PLAZA_PACK_NONE, NULL, NULL));
  copy = plaza_safe_copy_prepare (store_of (f), &error);
  g_assert_no_error (error);
  g_assert_true (plaza_safe_copy_write (copy, &error));
  g_assert_no_error (error);
  g_clear_pointer (&copy, plaza_safe_copy_free);
  plaza_safe_copy_get_info (f->profile, &info);
  g_assert_cmpint (info.state, ==, PLAZA_SAFE_COPY_MADE);
  g_assert_cmpint (info.made_ms, >, 0);
  /* Keyfile, device, folios, database, one envelope; nothing readable. */
  g_assert_cmpuint (count_files (copied), ==, 5);
  g_assert_cmpuint (laptop_find (stick, WORDS), ==, 0);
  g_assert_cmpuint (laptop_find (stick, "Remedios"), ==, 0);

  /* Delivered: the envelope leaves the copy. Absent: nothing is wrong. */
  g_assert_true (plaza_hand_in_end_partial (store_of (f), f->draft, NULL));
  laptop_deliver (f->laptop, f->profile, PLAZA_PACK_HAND_IN);
  copy = plaza_safe_copy_prepare (store_of (f), &error);
  g_assert_true (plaza_safe_copy_write (copy, &error));
  g_clear_pointer (&copy, plaza_safe_copy_free);
  g_assert_cmpuint (count_files (copied), ==, 4);
  {
    g_autofree char *away = path_in (f, "away");

    g_assert_cmpint (g_rename (stick, away), ==, 0);
    g_assert_null (plaza_safe_copy_prepare (store_of (f), &error));
    g_assert_no_error (error);
    plaza_safe_copy_get_info (f->profile, &info);
    g_assert_cmpint (info.state, ==, PLAZA_SAFE_COPY_ABSENT);
    g_assert_cmpint (info.made_ms, >, 0);
    g_assert_true (plaza_hand_in_get_facts (store_of (f), &facts, &error));
    g_assert_cmpstr (facts.copy_left, ==, stick);
    plaza_hand_in_facts_clear (&facts);
    g_assert_cmpint (g_rename (away, stick), ==, 0);
  }
  /* Handing in takes the copy along. */
  g_assert_true (plaza_hand_in_get_facts (store_of (f), &facts, &error));
  g_assert_no_error (error);
  g_assert_null (facts.copy_left);
  g_assert_false (g_file_test (copied, G_FILE_TEST_EXISTS));
}

/* A stick that is pulled out between taking aside and writing. */
static void
test_pulled (Fixture *f, gconstpointer data)
{
  g_autofree char *stick = path_in (f, "stick");
  g_autofree char *away = path_in (f, "away");
  g_autofree char *aside =
      g_build_filename (plaza_profile_get_folder (f->profile), "plaza.db.copy", NULL);
  g_autoptr (PlazaSafeCopy) copy = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSafeCopyInfo info;

  g_assert_cmpint (g_mkdir (stick, 0700), ==, 0);
  g_assert_true (plaza_safe_copy_set_folder (store_of (f), stick, &error));
  copy = plaza_safe_copy_prepare (store_of (f), &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_rename (stick, away), ==, 0);
  /* A file where the stick was: nothing can be made there. */
  g_assert_true (g_file_set_contents (stick, "", 0, NULL));
  g_assert_false (plaza_safe_copy_write (copy, &error));
  g_assert_nonnull (error);
  plaza_safe_copy_get_info (f->profile, &info);
  g_assert_cmpint (info.state, ==, PLAZA_SAFE_COPY_ABSENT);
  g_assert_cmpint (info.made_ms, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) \
  g_test_add ("/store/hand-in/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (whole);
  ADD (partial_text);
  ADD (discard);
  ADD (correction);
  ADD (refused);
  ADD (others);
  g_test_add_func ("/store/hand-in/interrupted", test_interrupted);
  ADD (copy);
  ADD (pulled);
  return g_test_run ();
}
