/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery-case.h"

#include "store/response-list.h"

void
delivery_case_set_up (DeliveryCase *fixture, gconstpointer data)
{
  fixture->central = fake_central_new ();
  fixture->root = fake_laptop_root ();
  fixture->profile = fake_laptop_profile (fixture->central, fixture->root, "Ana");
}

void
delivery_case_tear_down (DeliveryCase *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (plaza_profile_is_unlocked (fixture->profile))
    plaza_profile_lock (fixture->profile, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->profile);
  fake_central_free (fixture->central);
  fake_laptop_remove (fixture->root);
  g_free (fixture->root);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

gboolean
delivery_case_round (PlazaDelivery *delivery, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_delivery_round_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  return plaza_delivery_round_finish (delivery, result, error);
}

void
delivery_case_stop (PlazaDelivery *delivery)
{
  g_autoptr (GAsyncResult) result = NULL;

  plaza_delivery_stop_async (delivery, NULL, on_done, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (plaza_delivery_stop_finish (delivery, result, NULL));
  g_assert_cmpint (plaza_delivery_get_state (delivery), ==, PLAZA_DELIVERY_STOPPED);
}

PlazaCounts
delivery_case_counts (PlazaProfile *profile)
{
  g_autoptr (GError) error = NULL;
  PlazaCounts counts;

  plaza_store_get_counts (plaza_profile_get_store (profile), &counts, &error);
  g_assert_no_error (error);
  return counts;
}

void
delivery_case_assert_arrived (FakeCentral *central, PlazaProfile *profile, guint n)
{
  PlazaStore *store = plaza_profile_get_store (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlazaResponseList) list = plaza_response_list_new (store, 0, &error);
  PlazaCounts counts = delivery_case_counts (profile);

  g_assert_no_error (error);
  g_assert_cmpuint (counts.delivered, ==, n);
  g_assert_cmpuint (counts.waiting, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlazaResponse) response = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_assert_cmpint (plaza_response_get_state (response), ==, PLAZA_RESPONSE_DELIVERED);
      g_autoptr (PlazaRevision) revision =
          plaza_response_read (store, plaza_response_get_id (response), &error);
      g_assert_no_error (error);
      g_autoptr (GBytes) there = fake_central_xml (central, revision->header.revision);
      g_assert_nonnull (there);
      g_assert_true (g_bytes_equal (there, revision->xml));
    }
}
