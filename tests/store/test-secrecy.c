/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "laptop.h"

#include "base/clock.h"

/* Words that exist nowhere but in what a person typed. The same program is built once more with
 * sealing switched off: then the same scan must find them, or it proves nothing. */
#ifdef PLAZA_TEST_UNSEALED
#define EXPECT_FOUND TRUE
#else
#define EXPECT_FOUND FALSE
#endif

static void
look_for (Laptop *laptop, const char *words, gboolean expected)
{
  guint found = laptop_find (laptop->root, words);

  g_test_message ("%s: in %u files", words, found);
  g_assert_cmpint (found > 0, ==, expected);
}

static const char *const kept[] = {
  "xilotlcanario", /* a finished answer */
  "cuauhcanario",  /* an answer of a suspended interview */
  "tepetlcanario", /* text in progress */
  "contlicanario", /* a contact of the suspended interview */
  "brigadacanario", "lugarcanario", "anfitrioncanario",
};

static const char *const destroyed[] = {
  "retiradocanario", /* withdrawn while being asked */
  "rechazocanario",  /* ended as refused */
  "contacanario",    /* a contact, after finishing */
  "arrepentcanario", /* withdrawn after finishing */
};

static void
type_everything (PlazaProfile *profile)
{
  const PlazaSessionFields fields = {
    .team = "brigadacanario",
    .state = "20",
    .municipality = "20168",
    .place = "lugarcanario",
    .date = "2019-06-04",
    .attendance = 12,
    .host_contact = "anfitrioncanario",
  };
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaSession) session = plaza_session_create (store, &fields, &error);
  g_autoptr (PlazaCapture) suspended = NULL;
  g_autoptr (PlazaCapture) withdrawn = NULL;
  g_autoptr (PlazaCapture) refused = NULL;
  g_autofree char *finished = NULL;
  g_autofree char *later = NULL;
  PlazaField *obs;

  g_assert_no_error (error);
  finished = laptop_respond_with_contact (profile, "xilotlcanario", "contacanario");
  suspended = laptop_start (profile);
  laptop_fill (suspended, "cuauhcanario");
  laptop_answer (suspended, "/data/quiere", "si");
  laptop_answer (suspended, "/data/contacto/permiso", "si");
  laptop_answer (suspended, "/data/contacto/nombre", "contlicanario");
  obs = plaza_interview_find (plaza_capture_get_interview (suspended), "/data/obs");
  plaza_capture_save_text (suspended, obs, "tepetlcanario");
  g_assert_true (plaza_capture_save (suspended, &error));
  g_assert_true (plaza_store_backup (store, &error));

  withdrawn = laptop_start (profile);
  laptop_fill (withdrawn, "retiradocanario");
  g_assert_true (plaza_store_backup (store, &error));
  g_assert_true (plaza_capture_end (withdrawn, PLAZA_OUTCOME_WITHDRAWN, NULL, &error));
  refused = laptop_start (profile);
  laptop_fill (refused, "rechazocanario");
  g_assert_true (plaza_capture_end (refused, PLAZA_OUTCOME_REFUSED, NULL, &error));
  later = laptop_respond (profile, "arrepentcanario");
  g_assert_true (plaza_store_backup (store, &error));
  g_assert_true (plaza_response_withdraw (store, later, &error));
  g_assert_no_error (error);
}

static void
test_words (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autoptr (GError) error = NULL;

  type_everything (profile);
  /* Also while unlocked: files are read by others then. */
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    look_for (laptop, kept[i], EXPECT_FOUND);
  g_assert_true (plaza_profile_lock (profile, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    look_for (laptop, kept[i], EXPECT_FOUND);
  look_for (laptop, "ccd_secreto", EXPECT_FOUND);
  /* What was destroyed is gone even where nothing is sealed: rows, log and backups. */
  for (guint i = 0; i < G_N_ELEMENTS (destroyed); i++)
    look_for (laptop, destroyed[i], FALSE);
}

static void
test_purged_words (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *response = laptop_respond (profile, "xilotlcanario");
  g_autoptr (GError) error = NULL;

  g_assert_true (plaza_store_backup (plaza_profile_get_store (profile), &error));
  look_for (laptop, "xilotlcanario", EXPECT_FOUND);
  laptop_deliver (laptop, profile, PLAZA_PACK_NONE);
  g_assert_true (plaza_outbox_purge (plaza_profile_get_store (profile),
                                     plaza_clock_now_ms () + G_GINT64_CONSTANT (8) * 86400000, NULL,
                                     &error));
  g_assert_no_error (error);
  look_for (laptop, "xilotlcanario", FALSE);
}

#ifndef PLAZA_TEST_UNSEALED
/* The database's file looks the same whether or not a response left a contact. */
static void
test_contact_trace (void)
{
  g_autoptr (Laptop) laptop = laptop_new ();
  g_autoptr (PlazaProfile) profile = laptop_profile (laptop, "Ana");
  g_autofree char *with = laptop_respond_with_contact (profile, "agua", "Epifania");
  g_autofree char *without = laptop_respond (profile, "agua");
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      plaza_outbox_pack (plaza_profile_get_store (profile), PLAZA_PACK_HAND_IN, NULL, &error));
  items = plaza_outbox_list (laptop->root, NULL, &error);
  g_assert_cmpuint (items->len, ==, 2);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr (GPtrArray) entries = laptop_open (laptop, profile, items->pdata[i]);

      for (guint j = 0; j < entries->len; j++)
        {
          const PlazaEntry *entry = entries->pdata[j];
          g_autoptr (GBytes) payload = g_bytes_ref (entry->payload);
          gsize size;
          const char *data = g_bytes_get_data (payload, &size);

          if (entry->kind != PLAZA_ENTRY_CONTACT)
            continue;
          g_assert_cmpuint (entry->sequence, ==, 0);
          g_assert_null (memmem (data, size, with, strlen (with)));
          g_assert_cmpint (strncmp (data, "2019-06-30", 10), ==, 0);
          /* Its id is in no file: neither in the database nor in a name. */
          look_for (laptop, entry->id, FALSE);
        }
    }
}
#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrecy/words", test_words);
  g_test_add_func ("/secrecy/purged-words", test_purged_words);
#ifndef PLAZA_TEST_UNSEALED
  g_test_add_func ("/secrecy/contact-trace", test_contact_trace);
#endif
  return g_test_run ();
}
