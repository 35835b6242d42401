/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stick-case.h"

#include "bad-stick.h"
#include "base/file.h"
#include "store/outbox.h"
#include "sync/delivery.h"

void
stick_case_person_init (StickPerson *self, FakeCentral *central, const char *name)
{
  self->root = fake_laptop_root ();
  self->profile = fake_laptop_profile (central, self->root, name);
}

void
stick_case_person_clear (StickPerson *self)
{
  g_autoptr (GError) error = NULL;

  if (plaza_profile_is_unlocked (self->profile))
    plaza_profile_lock (self->profile, &error);
  g_assert_no_error (error);
  g_clear_object (&self->profile);
  fake_laptop_remove (self->root);
  g_free (self->root);
}

void
stick_case_set_up (StickCase *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->stick = fake_laptop_root ();
  stick_case_person_init (&fixture->ana, fixture->central, "Ana");
  stick_case_person_init (&fixture->beto, fixture->central, "Beto");
  stick_case_person_init (&fixture->carla, fixture->central, "Carla");
}

void
stick_case_tear_down (StickCase *fixture, gconstpointer data)
{
  bad_stick_set (NULL, BAD_STICK_SOUND, 0);
  stick_case_person_clear (&fixture->ana);
  stick_case_person_clear (&fixture->beto);
  stick_case_person_clear (&fixture->carla);
  fake_laptop_remove (fixture->stick);
  g_free (fixture->stick);
  fake_central_free (fixture->central);
}

void
stick_case_on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

gboolean
stick_case_save_on (PlazaStick *stick, const char *folder, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_stick_save_async (stick, folder, NULL, stick_case_on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_stick_save_finish (stick, result, error);
}

gboolean
stick_case_read_from (PlazaStick *stick, const char *folder, GError **error)
{
  const char *folders[] = { folder, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  plaza_stick_read_async (stick, folders, NULL, stick_case_on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_stick_read_finish (stick, result, error);
}

PlazaStick *
stick_case_saved (const StickPerson *person, const char *folder)
{
  PlazaStick *stick = plaza_stick_new (person->root, person->profile);
  g_autoptr (GError) error = NULL;

  g_assert_true (stick_case_save_on (stick, folder, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plaza_stick_get_problem (stick), ==, PLAZA_STICK_NO_PROBLEM);
  return stick;
}

PlazaStick *
stick_case_taken (const StickPerson *person, const char *folder)
{
  PlazaStick *stick = plaza_stick_new (person->root, person->profile);
  g_autoptr (GError) error = NULL;

  g_assert_true (stick_case_read_from (stick, folder, &error));
  g_assert_no_error (error);
  return stick;
}

void
stick_case_save (const StickPerson *person, const char *folder)
{
  g_object_unref (stick_case_saved (person, folder));
}

/* How many envelopes had each fate when @person read the stick. */
void
stick_case_assert_read (
    const StickPerson *person, const char *folder, guint fresh, guint here, guint delivered)
{
  g_autoptr (PlazaStick) stick = stick_case_taken (person, folder);

  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_NEW), ==, fresh);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_HERE), ==, here);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_DELIVERED), ==,
                    delivered);
  g_assert_cmpuint (plaza_stick_count (stick, PLAZA_STICK_ENVELOPE, PLAZA_STICK_REFUSED), ==, 0);
}

guint
stick_case_deliver (const StickPerson *person)
{
  g_autoptr (PlazaDelivery) delivery = plaza_delivery_new (person->profile);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plaza_delivery_round_async (delivery, NULL, stick_case_on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_delivery_round_finish (delivery, result, &error));
  g_assert_no_error (error);
  return plaza_delivery_get_carried (delivery);
}

PlazaCounts
stick_case_counts (const StickPerson *person)
{
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  plaza_store_get_counts (plaza_profile_get_store (person->profile), &counts, &error);
  g_assert_no_error (error);
  return counts;
}

char *
stick_case_folder (const StickCase *fixture, const char *what)
{
  return g_build_filename (fixture->stick, PLAZA_STICK_FOLDER,
                           fake_central_campaign (fixture->central)->fingerprint, what, NULL);
}

/* The path of the first file of @what on the stick. */
char *
stick_case_first (const StickCase *fixture, const char *what, const char *suffix)
{
  g_autofree char *folder = stick_case_folder (fixture, what);
  g_auto (GStrv) names = plaza_dir_list (folder, suffix, NULL);

  g_assert_nonnull (names);
  g_assert_nonnull (names[0]);
  return g_build_filename (folder, names[0], NULL);
}

GBytes *
stick_case_content (const char *path)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = plaza_file_read (path, 64u << 20, &error);

  g_assert_no_error (error);
  return bytes;
}

void
stick_case_put (const char *path, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       &error);
  g_assert_no_error (error);
}

void
stick_case_put_changed (const char *path, GBytes *bytes, gsize at)
{
  gsize size;
  g_autofree guint8 *changed =
      g_memdup2 (g_bytes_get_data (bytes, &size), g_bytes_get_size (bytes));
  g_autoptr (GBytes) other = NULL;

  changed[at] ^= 4;
  other = g_bytes_new (changed, size);
  stick_case_put (path, other);
}

guint
stick_case_count_carried (const StickPerson *person)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) items = plaza_outbox_list (person->root, NULL, &error);
  guint count = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    if (plaza_outbox_item_is_carried (items->pdata[i]))
      count++;
  return count;
}

static const PlazaStickItem *
find_refused (PlazaStick *stick, const char *words)
{
  GPtrArray *items = plaza_stick_get_items (stick);

  for (guint i = 0; i < items->len; i++)
    {
      const PlazaStickItem *item = items->pdata[i];

      if (item->fate == PLAZA_STICK_REFUSED && strstr (item->path, words) != NULL)
        return item;
    }
  return NULL;
}

void
stick_case_assert_reason (PlazaStick *stick, const char *words, PlazaStickReason reason)
{
  const PlazaStickItem *item = find_refused (stick, words);

  g_assert_nonnull (item);
  g_assert_true (g_utf8_validate (item->path, -1, NULL));
  g_assert_null (strchr (item->path, '\n'));
  g_assert_cmpint (item->fate, ==, PLAZA_STICK_REFUSED);
  g_assert_cmpint (item->reason, ==, reason);
}

int
stick_case_run (int argc, char **argv, const StickCaseTest *tests)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; tests[i].path != NULL; i++)
    g_test_add (tests[i].path, StickCase, NULL, stick_case_set_up, tests[i].run,
                stick_case_tear_down);
  return g_test_run ();
}
