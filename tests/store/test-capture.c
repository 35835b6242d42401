/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "laptop.h"

#include "base/folio.h"

static void
test_finish (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaRevision) revision = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };
  g_auto (PlazaEnding) again = { 0 };
  g_autofree char *xml = NULL;
  PlazaFolio folio;

  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/modalidad"), ==, "entrevista");
  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/fecha"), ==, "2019-06-04");
  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/jornada_municipio"), ==, "20168");
  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/facilitador"), ==, "persona-1");
  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/organizacion"), ==, "org-1");
  g_assert_cmpstr (laptop_value (capture, "/data/levantamiento/folio"), ==,
                   plaza_capture_get_folio (capture));
  g_assert_cmpint (plaza_folio_check (plaza_capture_get_folio (capture), &folio), ==,
                   PLAZA_FOLIO_VALID);
  g_assert_cmpstr (folio.state, ==, "20");
  g_assert_cmpstr (folio.batch, ==, "K7");

  g_assert_false (plaza_capture_finish (capture, &ending, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);
  laptop_fill (capture, "No hay agua");
  g_assert_cmpuint (plaza_capture_get_unsaved (capture), ==, 0);
  g_assert_true (plaza_capture_finish (capture, &ending, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ending.outcome, ==, PLAZA_OUTCOME_COMPLETED);
  g_assert_null (ending.contact_number);
  g_assert_true (plaza_capture_finish (capture, &again, &error));
  g_assert_cmpstr (again.folio, ==, ending.folio);
  g_assert_false (plaza_capture_set_answer (
      capture, plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs"), "tarde",
      &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);

  revision = plaza_response_read (plaza_profile_get_store (profile),
                                  plaza_capture_get_response (capture), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (revision->header.folio, ==, ending.folio);
  g_assert_cmpstr (revision->header.session_municipality, ==, "20168");
  g_assert_null (revision->header.parent);
  xml = laptop_xml (profile, plaza_capture_get_response (capture));
  g_assert_nonnull (strstr (xml, "<problema>No hay agua</problema>"));
  g_assert_nonnull (strstr (xml, "<residencia>20168</residencia>"));
  g_assert_nonnull (strstr (xml, revision->header.revision));
  g_assert_null (strstr (xml, "contacto"));
  g_assert_cmpint (laptop_state (profile, plaza_capture_get_response (capture)), ==,
                   PLAZA_RESPONSE_WAITING);
}

static PlazaField *
find_repeat (PlazaInterview *interview, const char *name)
{
  PlazaField *root = plaza_interview_get_root (interview);

  for (guint i = 0; i < plaza_field_get_n_children (root); i++)
    {
      PlazaField *child = plaza_field_get_child (root, i);

      if (plaza_field_can_add (child) && strcmp (plaza_field_get_name (child), name) == 0)
        return child;
    }
  g_assert_not_reached ();
}

/* Resuming gives the same interview, page, text in progress and refs. */
static void
test_resume (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autofree char *id = g_strdup (plaza_profile_get_id (profile));
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  PlazaInterview *interview = plaza_capture_get_interview (capture);
  PlazaField *notes, *first, *second, *field;
  PlazaPage *page;
  g_autofree char *key = NULL;

  laptop_fill (capture, "No hay agua");
  notes = find_repeat (interview, "notas");
  first = plaza_capture_add_instance (capture, notes, &error);
  g_assert_no_error (error);
  second = plaza_capture_add_instance (capture, notes, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_capture_set_answer (
      capture, plaza_interview_find_name (interview, second, "nota"), "segunda", &error));
  g_assert_true (plaza_capture_remove_instance (capture, first, &error));
  g_assert_true (plaza_capture_set_language (capture, "en", &error));
  laptop_answer (capture, "/data/temas", "luz");
  laptop_answer (capture, "/data/temas", "agua luz");
  page = plaza_interview_get_page_of (
      interview, plaza_interview_find (interview, "/data/problemas[1]/problema"));
  g_assert_nonnull (page);
  key = g_strdup (plaza_page_get_key (page));
  field = plaza_interview_find (interview, "/data/problemas[1]/problema");
  plaza_capture_set_page (capture, page, field);
  plaza_capture_save_text (capture, field, "No hay agua desde");
  g_assert_true (plaza_capture_save (capture, &error));
  before = plaza_interview_serialize (interview);
  g_clear_object (&capture);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  g_clear_object (&profile);

  profile = laptop_unlock (laptop, id);
  resumed = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_capture_get_lost (resumed), ==, 0);
  interview = plaza_capture_get_interview (resumed);
  after = plaza_interview_serialize (interview);
  g_assert_cmpmem (g_bytes_get_data (after, NULL), g_bytes_get_size (after),
                   g_bytes_get_data (before, NULL), g_bytes_get_size (before));
  g_assert_cmpstr (plaza_page_get_key (plaza_capture_get_page (resumed)), ==, key);
  g_assert_cmpstr (plaza_capture_get_text (resumed, &field), ==, "No hay agua desde");
  g_assert_true (field == plaza_capture_get_focus (resumed));
  g_assert_cmpstr (plaza_interview_get_language (interview), ==, "English (en)");

  /* An answer makes the text in progress void, also after another resume. */
  laptop_answer (resumed, "/data/problemas[1]/problema", "No hay agua desde mayo");
  g_assert_null (plaza_capture_get_text (resumed, NULL));
  g_clear_object (&resumed);
  resumed = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  g_assert_null (plaza_capture_get_text (resumed, NULL));
  g_assert_cmpstr (laptop_value (resumed, "/data/problemas[1]/problema"), ==,
                   "No hay agua desde mayo");
}

typedef struct
{
  guint calls;
  int outcome;
} Due;

static void
on_outcome_due (PlazaCapture *capture, int outcome, Due *due)
{
  due->calls++;
  due->outcome = outcome;
}

static void
test_outcomes (void)
{
  const struct
  {
    const char *ref;
    const char *value;
    PlazaOutcome outcome;
  } cases[] = {
    { "/data/aviso/edad", "nina", PLAZA_OUTCOME_UNDER_AGE },
    { "/data/aviso/tutor", "no", PLAZA_OUTCOME_MINOR_WITHOUT_GUARDIAN },
    { "/data/aviso/acepta", "no", PLAZA_OUTCOME_REFUSED },
  };
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (PlazaSession) session = laptop_session (profile);
  g_autoptr (GError) error = NULL;
  PlazaTally tally;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlazaCapture) capture = laptop_start (profile);
      g_autoptr (PlazaCapture) resumed = NULL;
      g_auto (PlazaEnding) ending = { 0 };
      Due due = { 0 };

      g_signal_connect (capture, "outcome-due", G_CALLBACK (on_outcome_due), &due);
      laptop_answer (capture, "/data/aviso/edad", "menor");
      g_assert_cmpuint (due.calls, ==, 0);
      laptop_answer (capture, cases[i].ref, cases[i].value);
      g_assert_cmpuint (due.calls, ==, 1);
      g_assert_cmpint (due.outcome, ==, cases[i].outcome);
      g_assert_false (plaza_capture_finish (capture, NULL, &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
      g_clear_error (&error);
      g_assert_true (plaza_capture_end (capture, cases[i].outcome, &ending, &error));
      g_assert_no_error (error);
      resumed = plaza_capture_resume (store, plaza_capture_get_response (capture), &error);
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
      g_clear_error (&error);
      g_assert_null (resumed);
      g_assert_null (plaza_response_read (store, plaza_capture_get_response (capture), &error));
      g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND);
      g_clear_error (&error);
    }
  {
    g_autoptr (PlazaCapture) capture = laptop_start (profile);

    laptop_answer (capture, "/data/aviso/edad", "mayor");
    laptop_answer (capture, "/data/temas", "agua");
    laptop_answer (capture, "/data/problemas[1]/problema", "a medias");
    g_assert_true (plaza_capture_end (capture, PLAZA_OUTCOME_PARTIAL, NULL, &error));
    g_assert_no_error (error);
    g_autoptr (PlazaRevision) revision =
        plaza_response_read (store, plaza_capture_get_response (capture), &error);
    g_assert_no_error (error);
    g_assert_cmpint (revision->header.outcome, ==, PLAZA_OUTCOME_PARTIAL);
    g_assert_cmpstr (revision->header.last_question, ==, "/data/problemas[1]/problema");
  }
  {
    g_autoptr (PlazaCapture) capture = laptop_start (profile);

    laptop_fill (capture, "me arrepentí");
    g_assert_true (plaza_capture_end (capture, PLAZA_OUTCOME_WITHDRAWN, NULL, &error));
    g_assert_no_error (error);
  }
  {
    g_autoptr (PlazaCapture) suspended = laptop_start (profile);
    g_autofree char *done = laptop_respond (profile, "completa");
  }
  g_assert_true (plaza_session_get_tally (session, &tally, &error));
  for (guint i = 0; i < PLAZA_N_OUTCOMES; i++)
    g_assert_cmpuint (tally.outcomes[i], ==, 1);
  g_assert_cmpuint (tally.drafts, ==, 1);
}

/* The contact is sealed to the custodians and nothing of it is in the revision. */
static void
test_contact (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaCapture) declined = laptop_start (profile);
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };
  g_auto (PlazaEnding) without = { 0 };
  PlazaCounts counts;

  laptop_fill (capture, "No hay agua");
  laptop_answer (capture, "/data/quiere", "si");
  laptop_answer (capture, "/data/contacto/permiso", "si");
  laptop_answer (capture, "/data/contacto/nombre", "Epifania");
  g_assert_true (plaza_capture_finish (capture, &ending, &error));
  g_assert_no_error (error);
  g_assert_nonnull (ending.contact_number);
  xml = laptop_xml (profile, plaza_capture_get_response (capture));
  g_assert_null (strstr (xml, "Epifania"));

  laptop_fill (declined, "Tampoco luz");
  laptop_answer (declined, "/data/quiere", "si");
  laptop_answer (declined, "/data/contacto/permiso", "si");
  laptop_answer (declined, "/data/contacto/nombre", "Hermenegilda");
  laptop_answer (declined, "/data/contacto/permiso", "no");
  g_assert_true (plaza_capture_finish (declined, &without, &error));
  g_assert_no_error (error);
  g_assert_null (without.contact_number);
  g_assert_true (plaza_store_get_counts (plaza_profile_get_store (profile), &counts, &error));
  g_assert_cmpuint (counts.contacts_waiting, ==, 1);
  g_assert_cmpuint (counts.waiting, ==, 2);
}

static void
test_correction (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *response = laptop_respond_with_contact (profile, "No ay agua", "Epifania");
  g_autoptr (PlazaCapture) correction = NULL;
  g_autoptr (PlazaRevision) parent = NULL;
  g_autoptr (PlazaRevision) revision = NULL;
  g_autofree char *xml = NULL;
  g_autofree char *parent_hash = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };
  PlazaCounts counts;

  parent = plaza_response_read (store, response, &error);
  correction = plaza_capture_correct (store, response, &error);
  g_assert_no_error (error);
  g_assert_true (plaza_capture_is_correction (correction));
  g_assert_cmpstr (laptop_value (correction, "/data/problemas[1]/problema"), ==, "No ay agua");
  g_assert_cmpstr (laptop_value (correction, "/data/contacto/nombre"), ==, "");
  laptop_answer (correction, "/data/problemas[1]/problema", "No hay agua");
  g_clear_object (&correction);

  /* Begun again, it is the same correction. */
  correction = plaza_capture_correct (store, response, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (correction, "/data/problemas[1]/problema"), ==, "No hay agua");
  g_assert_true (plaza_capture_finish (correction, &ending, &error));
  g_assert_no_error (error);
  g_assert_null (ending.contact_number);

  revision = plaza_response_read (store, response, &error);
  g_assert_no_error (error);
  parent_hash = plaza_hash_to_string (&parent->hash);
  g_assert_cmpstr (revision->header.parent, ==, parent->header.revision);
  g_assert_cmpstr (revision->header.parent_hash, ==, parent_hash);
  g_assert_cmpstr (revision->header.folio, ==, parent->header.folio);
  xml = laptop_xml (profile, response);
  g_assert_nonnull (strstr (xml, "<problema>No hay agua</problema>"));
  g_assert_nonnull (strstr (xml, parent->header.revision));
  g_assert_true (plaza_store_get_counts (store, &counts, &error));
  g_assert_cmpuint (counts.waiting, ==, 1);
  g_assert_cmpuint (counts.contacts_waiting, ==, 1);

  g_clear_object (&correction);
  correction = plaza_capture_correct (store, response, &error);
  g_assert_no_error (error);
  laptop_answer (correction, "/data/problemas[1]/problema", "nada");
  g_assert_true (plaza_capture_discard (correction, &error));
  g_free (xml);
  xml = laptop_xml (profile, response);
  g_assert_nonnull (strstr (xml, "<problema>No hay agua</problema>"));
}

static void
test_session_correction (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (PlazaSession) session = laptop_session (profile);
  g_autofree char *done = laptop_respond (profile, "No hay agua");
  g_autoptr (PlazaCapture) live = laptop_start (profile);
  g_autoptr (PlazaCapture) suspended = laptop_start (profile);
  g_autofree char *suspended_id = g_strdup (plaza_capture_get_response (suspended));
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (PlazaRevision) before = plaza_response_read (store, done, NULL);
  g_autoptr (PlazaRevision) after = NULL;
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;
  PlazaSessionFields fields = *plaza_session_get_fields (session);

  g_clear_object (&suspended);
  fields.municipality = "20067";
  fields.date = "2019-06-05";
  g_assert_true (plaza_session_correct (session, &fields, &changes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (changes->len, ==, 3);
  g_assert_cmpint (((PlazaSessionChange *) changes->pdata[0])->kind, ==,
                   PLAZA_SESSION_CHANGE_REVISION);
  g_assert_cmpint (((PlazaSessionChange *) changes->pdata[1])->kind, ==,
                   PLAZA_SESSION_CHANGE_DRAFT);

  after = plaza_response_read (store, done, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (after->header.parent, ==, before->header.revision);
  g_assert_cmpstr (after->header.session_municipality, ==, "20067");
  g_assert_cmpstr (after->header.session_date, ==, "2019-06-05");
  g_assert_cmpstr (after->header.folio, ==, before->header.folio);
  xml = laptop_xml (profile, done);
  g_assert_nonnull (strstr (xml, "<jornada_municipio>20067</jornada_municipio>"));
  g_assert_nonnull (strstr (xml, "<residencia>20067</residencia>"));
  g_assert_nonnull (strstr (xml, "<fecha>2019-06-05</fecha>"));

  g_assert_cmpstr (laptop_value (live, "/data/levantamiento/jornada_municipio"), ==, "20067");
  suspended = plaza_capture_resume (store, suspended_id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (suspended, "/data/levantamiento/jornada_municipio"), ==, "20067");
  g_assert_cmpuint (plaza_capture_get_lost (suspended), ==, 0);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  plaza_capture_set_answer_finish (PLAZA_CAPTURE (source), result, &error);
  g_assert_no_error (error);
  ++*(guint *) data;
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_auto (PlazaEnding) ending = { 0 };

  plaza_capture_finish_finish (PLAZA_CAPTURE (source), result, &ending, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ending.folio);
  ++*(guint *) data;
}

static void
on_counted (PlazaCapture *capture, gpointer data)
{
  ++*(guint *) data;
}

static void
test_async (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaResponseList) list = NULL;
  g_autoptr (PlazaCapture) capture = NULL;
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autoptr (PlazaResponse) row = NULL;
  g_autoptr (GError) error = NULL;
  PlazaField *field;
  guint answered = 0, saved = 0, finished = 0;

  list = plaza_response_list_new (plaza_profile_get_store (profile), 0, &error);
  g_assert_no_error (error);
  capture = laptop_start (profile);
  g_signal_connect (capture, "saved", G_CALLBACK (on_counted), &saved);
  field = plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs");
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *text = g_strdup_printf ("obs %u", i);

      plaza_capture_set_answer_async (capture, field, text, NULL, on_answered, &answered);
    }
  g_assert_cmpuint (plaza_capture_get_unsaved (capture), ==, 50);
  while (answered < 50)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (plaza_capture_get_unsaved (capture), ==, 0);
  g_assert_cmpuint (saved, >=, 1);
  resumed = plaza_capture_resume (plaza_profile_get_store (profile),
                                  plaza_capture_get_response (capture), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (resumed, "/data/obs"), ==, "obs 49");
  g_clear_object (&resumed);

  laptop_fill (capture, "async");
  plaza_capture_finish_async (capture, NULL, on_finished, &finished);
  while (finished == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
  row = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpint (plaza_response_get_state (row), ==, PLAZA_RESPONSE_WAITING);
  g_assert_cmpint (plaza_response_get_outcome (row), ==, PLAZA_OUTCOME_COMPLETED);
}

static void
test_removal (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autofree char *voided = laptop_respond (profile, "una");
  g_autofree char *withdrawn = laptop_respond (profile, "dos");
  g_autoptr (PlazaResponse) row = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  guint kinds[32] = { 0 };
  gboolean here;

  g_assert_true (plaza_response_void (store, voided, "test", &error));
  g_assert_no_error (error);
  row = plaza_response_load (store, withdrawn, &error);
  g_assert_no_error (error);
  g_assert_true (
      plaza_response_withdraw_folio (store, plaza_response_get_folio (row), &here, &error));
  g_assert_no_error (error);
  g_assert_true (here);
  g_assert_null (plaza_response_read (store, withdrawn, &error));
  g_clear_error (&error);
  g_assert_true (plaza_response_withdraw_folio (store, "20-ZZ-00001-0", &here, &error) ||
                 error != NULL);
  g_clear_error (&error);
  g_assert_false (plaza_response_withdraw (store, withdrawn, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_REFUSED);
  g_clear_error (&error);

  g_assert_true (plaza_outbox_pack (store, PLAZA_PACK_NONE, NULL, &error));
  g_assert_no_error (error);
  items = plaza_outbox_list (laptop->root, NULL, &error);
  g_assert_cmpuint (items->len, ==, 1);
  entries = laptop_open (laptop, profile, items->pdata[0]);
  for (guint i = 0; i < entries->len; i++)
    kinds[((PlazaEntry *) entries->pdata[i])->kind]++;
  g_assert_cmpuint (kinds[PLAZA_ENTRY_SESSION], ==, 1);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_REVISION], ==, 1);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_VOID], ==, 1);
  g_assert_cmpuint (kinds[PLAZA_ENTRY_OUTCOME], ==, 1);

  /* Once it is on its way, a withdrawal is told to the central. */
  g_assert_true (plaza_response_withdraw (store, voided, &error));
  g_assert_no_error (error);
  g_assert_true (plaza_outbox_pack (store, PLAZA_PACK_NONE, NULL, &error));
  g_ptr_array_unref (g_steal_pointer (&items));
  items = plaza_outbox_list (laptop->root, NULL, &error);
  g_assert_cmpuint (items->len, ==, 2);
}

/* Whoever still holds a capture when the profile is locked can neither read its log nor write. */
static void
test_lock (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autoptr (GError) error = NULL;
  PlazaInterview *interview = plaza_capture_get_interview (capture);
  PlazaField *obs = plaza_interview_find (interview, "/data/obs");
  guint answered = 0;

  laptop_fill (capture, "antes");
  plaza_capture_set_answer_async (capture, obs, "al cerrar", NULL, on_answered, &answered);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  while (answered == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (plaza_capture_set_answer (capture, obs, "tarde", &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (plaza_capture_finish (capture, NULL, &error));
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_LOCKED);
  g_clear_error (&error);
  plaza_capture_save_text (capture, obs, "tarde");
  plaza_capture_set_page (capture, plaza_interview_get_page_of (interview, obs), obs);

  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  resumed = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (resumed, "/data/obs"), ==, "al cerrar");
}

/* A full disk: the interview has the answer, says that it is not saved, and saves it with the next
 * once there is room. */
static void
test_full_disk (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autofree char *long_text = g_strnfill (400000, 'a');
  g_autoptr (GError) error = NULL;
  PlazaField *obs, *lives;
  struct rlimit before, tight;
  gboolean saved;

  obs = plaza_interview_find (plaza_capture_get_interview (capture), "/data/obs");
  lives = plaza_interview_find (plaza_capture_get_interview (capture), "/data/lugar/vive");
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  tight = before;
  tight.rlim_cur = 300000;
  setrlimit (RLIMIT_FSIZE, &tight);
  saved = plaza_capture_set_answer (capture, obs, long_text, &error);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_false (saved);
  g_assert_error (error, PLAZA_ERROR, PLAZA_ERROR_DISK);
  g_clear_error (&error);
  g_assert_cmpuint (plaza_capture_get_unsaved (capture), ==, 1);
  g_assert_cmpstr (plaza_field_get_value (obs), ==, long_text);

  g_assert_true (plaza_capture_set_answer (capture, lives, "aqui", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (plaza_capture_get_unsaved (capture), ==, 0);
  resumed = plaza_capture_resume (plaza_profile_get_store (profile),
                                  plaza_capture_get_response (capture), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (laptop_value (resumed, "/data/obs"), ==, long_text);
  g_assert_cmpstr (laptop_value (resumed, "/data/lugar/vive"), ==, "aqui");
}

/* A response goes on with the questionnaire it was begun on. */
static void
test_earlier_package (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (PlazaCapture) capture = laptop_start (profile);
  g_autoptr (PlazaCapture) resumed = NULL;
  g_autoptr (PlazaCapture) fresh = NULL;
  g_autofree char *response = g_strdup (plaza_capture_get_response (capture));
  g_autoptr (GError) error = NULL;

  laptop_answer (capture, "/data/obs", "con la versión 7");
  g_assert_true (plaza_profile_lock (profile, &error));
  laptop_renew_campaign (laptop, "8");
  g_assert_true (plaza_profile_unlock (profile, LAPTOP_PASSPHRASE, &error));
  g_assert_no_error (error);
  resumed = plaza_capture_resume (plaza_profile_get_store (profile), response, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      plaza_form_get_version (plaza_interview_get_form (plaza_capture_get_interview (resumed))), ==,
      "7");
  g_assert_cmpstr (laptop_value (resumed, "/data/obs"), ==, "con la versión 7");
  fresh = laptop_start (profile);
  g_assert_cmpstr (
      plaza_form_get_version (plaza_interview_get_form (plaza_capture_get_interview (fresh))), ==,
      "8");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/finish", test_finish);
  g_test_add_func ("/capture/resume", test_resume);
  g_test_add_func ("/capture/outcomes", test_outcomes);
  g_test_add_func ("/capture/contact", test_contact);
  g_test_add_func ("/capture/correction", test_correction);
  g_test_add_func ("/capture/session-correction", test_session_correction);
  g_test_add_func ("/capture/async", test_async);
  g_test_add_func ("/capture/removal", test_removal);
  g_test_add_func ("/capture/lock", test_lock);
  g_test_add_func ("/capture/full-disk", test_full_disk);
  g_test_add_func ("/capture/earlier-package", test_earlier_package);
  return g_test_run ();
}
